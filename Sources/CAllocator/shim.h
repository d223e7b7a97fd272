// glibc's allocator, for Serve/FreeMemory.
#ifndef CALLOCATOR_SHIM_H
#define CALLOCATOR_SHIM_H

#include <malloc.h>

// Bytes that were freed and are kept. In Swift `mallinfo2()` would make an empty struct of that name.
static inline size_t CAllocator_free_bytes(void) {
    return mallinfo2().fordblks;
}

#endif
