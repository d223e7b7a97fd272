// glibc's allocator, for Serve/FreeMemory.
#ifndef CALLOCATOR_SHIM_H
#define CALLOCATOR_SHIM_H

#include <malloc.h>

#endif
