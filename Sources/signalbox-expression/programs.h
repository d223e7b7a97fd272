#ifndef SIGNALBOX_EXPRESSION_PROGRAMS_H
#define SIGNALBOX_EXPRESSION_PROGRAMS_H

#include <jq.h>
#include <stddef.h>

/*
 * The compiled program of `text` (NUL-terminated, `length` bytes), from the cache of the most recently
 * used or compiled now. NULL where it does not compile; `message` then holds why, and the caller
 * frees it with jv_free. Compiling takes a thousand times longer than running.
 */
jq_state *program_named(const char *text, size_t length, jv *message);

#endif
