/*
 * signalbox-expression: runs jq programs for the server, behind a fence.
 *
 * The server writes requests to standard input and reads answers from standard output, one at a time:
 *
 *     request  = operation (1 byte: 1 run, 2 compile only), program length, input length,
 *                program (UTF-8, no NUL), input (JSON text)
 *     answer   = status (1 byte), body length, body
 *
 * Lengths are 4 bytes, most significant first. The body is the output's JSON text or a message. The
 * process ends when standard input does. Time is bounded by the server, which kills the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <jq.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fence.h"
#include "programs.h"

enum operation { OPERATION_RUN = 1, OPERATION_COMPILE = 2 };

enum status {
    STATUS_OUTPUT = 0,
    STATUS_SYNTAX = 1,
    STATUS_FAILED = 2,
    STATUS_OUTPUT_COUNT = 3,
    STATUS_NUMBER_RANGE = 4,
    STATUS_TOO_LARGE = 5,
};

#define PROGRAM_BYTES_MAX (64u << 10)
#define INPUT_BYTES_MAX (16u << 20)
#define OUTPUT_BYTES_MAX (1 << 20)
#define OUTPUT_DEPTH_MAX 128
#define OUTPUTS_COUNTED_MAX 1000
#define MESSAGE_BYTES_MAX 1024
#define INTEGER_MAX 9007199254740991.0 /* 2^53 - 1: 2^53 itself may be 2^53 + 1, rounded */

/* Reads exactly `length` bytes; 0 at a clean end before the first. */
static int read_all(void *buffer, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t count = read(STDIN_FILENO, (char *)buffer + done, length - done);
        if (count < 0 && errno == EINTR) continue;
        if (count == 0 && done == 0) return 0;
        if (count <= 0) _exit(EXIT_PROTOCOL);
        done += (size_t)count;
    }
    return 1;
}

static void write_all(const void *buffer, size_t length) {
    while (length > 0) {
        ssize_t count = write(STDOUT_FILENO, buffer, length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) _exit(EXIT_PROTOCOL);
        buffer = (const char *)buffer + count;
        length -= (size_t)count;
    }
}

/* What is answered once everything else of a request has been let go of: freeing a deeply nested
 * value can exhaust the stack, and that must end the request that made it, not the next. */
struct reply {
    enum status status;
    jv body; /* a string */
};

static struct reply reply_text(enum status status, const char *text) {
    return (struct reply){status, jv_string(text)};
}

/* A reply with a message, which is a string or any other value; takes it. */
static struct reply reply_message(enum status status, jv message) {
    if (jv_get_kind(message) != JV_KIND_STRING) message = jv_dump_string(message, 0);
    if (jv_string_length_bytes(jv_copy(message)) > MESSAGE_BYTES_MAX) {
        jv cut = jv_string_sized(jv_string_value(message), MESSAGE_BYTES_MAX);
        jv_free(message);
        message = cut;
    }
    return (struct reply){status, message};
}

static void answer(struct reply reply) {
    uint32_t length = (uint32_t)jv_string_length_bytes(jv_copy(reply.body));
    unsigned char header[5] = {
        (unsigned char)reply.status,   (unsigned char)(length >> 24), (unsigned char)(length >> 16),
        (unsigned char)(length >> 8), (unsigned char)length,
    };
    write_all(header, sizeof header);
    write_all(jv_string_value(reply.body), length);
    jv_free(reply.body);
}

static char *read_text(uint32_t length) {
    char *text = malloc((size_t)length + 1);
    if (text == NULL) _exit(EXIT_MEMORY);
    if (length > 0 && !read_all(text, length)) _exit(EXIT_PROTOCOL);
    text[length] = '\0';
    return text;
}

static uint32_t big_endian(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Looks at every number and the depth of `value`, which it takes; STATUS_OUTPUT where all is well. */
static enum status checked(jv value, int depth) {
    enum status status = STATUS_OUTPUT;
    switch (jv_get_kind(value)) {
    case JV_KIND_NUMBER: {
        double number = jv_number_value(value);
        if (number > INTEGER_MAX || number < -INTEGER_MAX) status = STATUS_NUMBER_RANGE;
        break;
    }
    case JV_KIND_ARRAY:
        if (depth == OUTPUT_DEPTH_MAX) {
            status = STATUS_TOO_LARGE;
            break;
        }
        for (int i = 0, count = jv_array_length(jv_copy(value)); i < count && !status; i++)
            status = checked(jv_array_get(jv_copy(value), i), depth + 1);
        break;
    case JV_KIND_OBJECT:
        if (depth == OUTPUT_DEPTH_MAX) {
            status = STATUS_TOO_LARGE;
            break;
        }
        for (int i = jv_object_iter(value); jv_object_iter_valid(value, i) && !status;
             i = jv_object_iter_next(value, i))
            status = checked(jv_object_iter_value(value, i), depth + 1);
        break;
    default:
        break;
    }
    jv_free(value);
    return status;
}

/* The reply for a program's one output, which it takes. */
static struct reply reply_output(jv output) {
    enum status status = checked(jv_copy(output), 0);
    if (status != STATUS_OUTPUT) {
        jv_free(output);
        return reply_text(status, status == STATUS_NUMBER_RANGE
                                      ? "a number of the output is beyond 2^53 - 1, where digits are lost"
                                      : "output nests deeper than the limit of 128 levels");
    }
    jv text = jv_dump_string(output, 0);
    int length = jv_string_length_bytes(jv_copy(text));
    if (length <= OUTPUT_BYTES_MAX) return (struct reply){STATUS_OUTPUT, text};
    jv_free(text);
    char message[96];
    snprintf(message, sizeof message, "output of %d bytes exceeds the limit of %d", length,
             OUTPUT_BYTES_MAX);
    return reply_text(STATUS_TOO_LARGE, message);
}

static struct reply reply_count(int count) {
    char message[64];
    snprintf(message, sizeof message, "expected exactly one output, found %s%d",
             count > OUTPUTS_COUNTED_MAX ? "more than " : "",
             count > OUTPUTS_COUNTED_MAX ? OUTPUTS_COUNTED_MAX : count);
    return reply_text(STATUS_OUTPUT_COUNT, message);
}

/* Runs `program` on `input`, which it takes. */
static struct reply run(jq_state *program, jv input) {
    jq_start(program, input, 0);
    jv only = jv_invalid();
    int count = 0;
    jv next = jq_next(program);
    while (jv_is_valid(next) && count <= OUTPUTS_COUNTED_MAX) {
        count++;
        jv_free(only);
        only = next;
        next = jq_next(program);
    }
    struct reply reply;
    if (!jv_is_valid(next) && jv_invalid_has_msg(jv_copy(next))) {
        reply = reply_message(STATUS_FAILED, jv_invalid_get_msg(next));
        jv_free(only);
    } else if (count == 1) {
        jv_free(next);
        reply = reply_output(only);
    } else {
        jv_free(next);
        jv_free(only);
        reply = reply_count(count);
    }
    /* Let go of what the run still holds, so that the next begins with all the memory. */
    jq_start(program, jv_null(), 0);
    return reply;
}

static int serve(void) {
    unsigned char header[9];
    if (!read_all(header, sizeof header)) return 0;
    uint32_t program_length = big_endian(header + 1);
    uint32_t input_length = big_endian(header + 5);
    if (program_length > PROGRAM_BYTES_MAX || input_length > INPUT_BYTES_MAX) _exit(EXIT_PROTOCOL);
    char *text = read_text(program_length);
    char *input = read_text(input_length);

    struct reply reply;
    jv message;
    jq_state *program = program_named(text, program_length, &message);
    if (program == NULL) {
        reply = reply_message(STATUS_SYNTAX, message);
    } else if (header[0] == OPERATION_COMPILE) {
        reply = reply_text(STATUS_OUTPUT, "null");
    } else {
        jv value = jv_parse_sized(input, (int)input_length);
        /* The text is not needed beside its value. */
        free(input);
        input = NULL;
        reply = jv_is_valid(value) ? run(program, value)
                                   : reply_message(STATUS_FAILED, jv_invalid_get_msg(value));
    }
    free(text);
    free(input);
    if (input_length > 256u << 10) malloc_trim(0);
    answer(reply);
    return 1;
}

int main(void) {
    fence_raise();
    while (serve()) {
    }
    return 0;
}
