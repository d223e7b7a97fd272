#include "programs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fence.h"

#define PROGRAMS_MAX 32

struct program {
    jq_state *state;
    char *text;
    size_t length;
    uint64_t used_at;
};

static struct program programs[PROGRAMS_MAX];
static uint64_t now;

static void keep_first_message(void *context, jv message) {
    jv *first = context;
    if (jv_get_kind(*first) == JV_KIND_NULL)
        *first = message;
    else
        jv_free(message);
}

static void ignore_message(void *context, jv message) {
    (void)context;
    jv_free(message);
}

static void out_of_memory(void *context) {
    (void)context;
    _exit(EXIT_MEMORY);
}

static jq_state *compile(const char *text, jv *message) {
    jq_state *state = jq_init();
    if (state == NULL) _exit(EXIT_MEMORY);
    /* libjq 1.6 leaves these callbacks as malloc gave them. */
    jq_set_input_cb(state, NULL, NULL);
    jq_set_debug_cb(state, NULL, NULL);
    jq_set_nomem_handler(state, out_of_memory, NULL);
    *message = jv_null();
    jq_set_error_cb(state, keep_first_message, message);
    int is_compiled = jq_compile(state, text);
    /* `message` is the caller's; it must not be written to once this call is over. */
    jq_set_error_cb(state, ignore_message, NULL);
    if (is_compiled) {
        jv_free(*message);
        return state;
    }
    jq_teardown(&state);
    return NULL;
}

jq_state *program_named(const char *text, size_t length, jv *message) {
    struct program *oldest = &programs[0];
    now++;
    for (int i = 0; i < PROGRAMS_MAX; i++) {
        struct program *program = &programs[i];
        if (program->state != NULL && program->length == length &&
            memcmp(program->text, text, length) == 0) {
            program->used_at = now;
            return program->state;
        }
        if (program->used_at < oldest->used_at) oldest = program;
    }
    jq_state *state = compile(text, message);
    if (state == NULL) return NULL;
    char *copy = malloc(length + 1);
    if (copy == NULL) _exit(EXIT_MEMORY);
    memcpy(copy, text, length + 1);
    if (oldest->state != NULL) jq_teardown(&oldest->state);
    free(oldest->text);
    *oldest = (struct program){.state = state, .text = copy, .length = length, .used_at = now};
    return state;
}
