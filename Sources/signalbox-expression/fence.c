#define _GNU_SOURCE
#include "fence.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY_BYTES_MAX (64ul << 20)

/* A sanitizer's run time maps shadow memory and makes its own system calls, so it cannot live behind
 * the memory limit and the filter. In those builds it bounds memory itself, and ends like the rest. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

#ifdef IS_SANITIZED

#include <sanitizer/common_interface_defs.h>
#include <string.h>

#define SANITIZER_OPTIONS                                                                          \
    "hard_rss_limit_mb=512:max_allocation_size_mb=256:allocator_may_return_null=1:exitcode=3:"     \
    "detect_leaks=0"

const char *__asan_default_options(void);
const char *__tsan_default_options(void);
const char *__asan_default_options(void) { return SANITIZER_OPTIONS; }
const char *__tsan_default_options(void) { return SANITIZER_OPTIONS; }

/* The server gives this process neither an environment nor a standard error to report to. Reports go
 * beside those of the others: the executable lies in BUILD/TRIPLE/debug, they in BUILD/reports. */
static void report_beside_others(void) {
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 64);
    if (length <= 0) return;
    path[length] = '\0';
    for (int level = 0; level < 3; level++) {
        char *slash = strrchr(path, '/');
        if (slash == NULL) return;
        *slash = '\0';
    }
    strcat(path, "/reports");
    if (access(path, W_OK) == 0) __sanitizer_set_report_path(strcat(path, "/expression"));
}

#else

#if defined(__x86_64__)
#define FENCE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FENCE_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the system call filter knows x86_64 and aarch64"
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define ALLOW(call)                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), RETURN(SECCOMP_RET_ALLOW)
#define DENY(call)                                                                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1),                                        \
        RETURN(SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA))
/* Allows memory that is not executable. The protection is the third argument; its low word is the
 * first on these little-endian machines. */
#define ALLOW_DATA_MEMORY(call)                                                                    \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 4), LOAD(args[2]),                         \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), RETURN(SECCOMP_RET_KILL_PROCESS),   \
        RETURN(SECCOMP_RET_ALLOW)

static void raise_filter(void) {
    struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FENCE_ARCHITECTURE, 1, 0),
        RETURN(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        ALLOW(read),
        ALLOW(write),
        ALLOW(exit),
        ALLOW(exit_group),
        ALLOW(brk),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(madvise),
        ALLOW(futex),
        ALLOW(rt_sigreturn),
        ALLOW(rt_sigprocmask),
        ALLOW(clock_gettime),
        ALLOW(gettimeofday),
        ALLOW(getrandom),
        ALLOW(close),
        ALLOW_DATA_MEMORY(mmap),
        ALLOW_DATA_MEMORY(mprotect),
        /* What libjq and libc try and can do without: library paths, time zones, memory sizes. */
        DENY(openat),
        DENY(newfstatat),
        DENY(statx),
        DENY(fstat),
        DENY(faccessat),
        DENY(readlinkat),
        DENY(getcwd),
        DENY(ioctl),
        DENY(lseek),
        DENY(getuid),
        DENY(geteuid),
        DENY(socket),
        DENY(sysinfo),
        DENY(sched_getaffinity),
        DENY(prlimit64),
#ifdef __x86_64__
        ALLOW(time),
        DENY(open),
        DENY(stat),
        DENY(lstat),
        DENY(access),
        DENY(readlink),
#endif
        RETURN(SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {
        .len = (unsigned short)(sizeof filter / sizeof filter[0]),
        .filter = filter,
    };
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(EXIT_FENCE);
}

#endif

static void limit(int resource, rlim_t value) {
    struct rlimit bound = {.rlim_cur = value, .rlim_max = value};
    if (setrlimit(resource, &bound) != 0) _exit(EXIT_FENCE);
}

void fence_raise(void) {
    /* The server's death must end even an expression that loops. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) _exit(EXIT_FENCE);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(EXIT_FENCE);
    if (prctl(PR_SET_DUMPABLE, 0) != 0) _exit(EXIT_FENCE);
    syscall(SYS_close_range, 3u, ~0u, 0u);

    /* libjq looks a home directory up in the user database unless it is given one. */
    if (clearenv() != 0 || setenv("HOME", "/nonexistent", 1) != 0) _exit(EXIT_FENCE);

    /* The Swift runtime, which the package manager links to every executable, prints backtraces of
     * crashes. Here a crash must simply end the process, with the signal that the server reads. */
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);

    limit(RLIMIT_CORE, 0);
#ifdef IS_SANITIZED
    report_beside_others();
#endif
#ifndef IS_SANITIZED
    limit(RLIMIT_DATA, MEMORY_BYTES_MAX);
    limit(RLIMIT_NOFILE, 3);
    raise_filter();
#endif
}
