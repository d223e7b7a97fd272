#ifndef SIGNALBOX_EXPRESSION_FENCE_H
#define SIGNALBOX_EXPRESSION_FENCE_H

/* Exit statuses that the server reads. */
enum {
    EXIT_MEMORY = 3,   /* the expression exhausted its memory */
    EXIT_PROTOCOL = 4, /* a request that no server sends */
    EXIT_FENCE = 5,    /* the fence could not be raised */
};

/*
 * Gives up everything but reading standard input, writing standard output and 64 MiB of memory:
 * descriptors, environment, core dumps, privileges and all other system calls. Ends the process with
 * EXIT_FENCE where that fails.
 */
void fence_raise(void);

#endif
