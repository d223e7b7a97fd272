/*
 * Preloaded under the thread sanitizer: tells it what the slow path of Swift's Mutex does.
 *
 * The fast path is compiled into our code, where the sanitizer sees its atomics. A contended lock or
 * unlock is done in libswiftSynchronization, which is not instrumented; without this every mutex that
 * was ever contended would look like a race.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

/* Absent in processes without the sanitizer, such as a shell that a test starts. */
void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

typedef SWIFT void lock_function(uint32_t thread, SELF);
typedef SWIFT void unlock_function(SELF);

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK_SLOW);
SWIFT void unlock_slow(SELF) __asm__(UNLOCK_SLOW);

SWIFT void lock_slow(uint32_t thread, SELF) {
    static lock_function *next;
    if (!next) next = (lock_function *)dlsym(RTLD_NEXT, LOCK_SLOW);
    next(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void unlock_slow(SELF) {
    static unlock_function *next;
    if (!next) next = (unlock_function *)dlsym(RTLD_NEXT, UNLOCK_SLOW);
    if (__tsan_release) __tsan_release(self);
    next(self);
}
