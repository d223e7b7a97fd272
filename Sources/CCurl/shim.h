// libcurl for HTTPClient, and typed functions for those of its functions that take any arguments,
// which Swift cannot call.
#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

// Handles of types of their own instead of void.
#define CURL_STRICTER
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stddef.h>
#include <sys/socket.h>

static inline CURLcode CCurl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

static inline CURLcode CCurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

// The text is copied; NULL takes the option's value away.
static inline CURLcode CCurl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

// The list is not copied.
static inline CURLcode CCurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

// The bytes are copied.
static inline CURLcode CCurl_set_body(CURL *easy, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

// A buffer of CURL_ERROR_SIZE bytes that lives as long as the handle.
static inline CURLcode CCurl_set_error_buffer(CURL *easy, char *buffer) {
    return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, buffer);
}

// What the functions below are given as their context, and what CCurl_get_context gives back.
static inline CURLcode CCurl_set_context(CURL *easy, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PRIVATE, context);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    }
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
}

static inline void *CCurl_get_context(CURL *easy) {
    char *context = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &context);
    return context;
}

static inline CURLcode CCurl_set_functions(CURL *easy, curl_write_callback on_head_line,
                                           curl_write_callback on_body,
                                           curl_prereq_callback before_request) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head_line);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    }
    return code != CURLE_OK ? code
                            : curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
}

// A socket that programs started by this process do not inherit.
static inline curl_socket_t CCurl_open_socket(void *context, curlsocktype purpose,
                                              struct curl_sockaddr *address) {
    (void)context;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static inline CURLcode CCurl_use_private_sockets(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, CCurl_open_socket);
}

// How the next transfer of those that ended did, or NULL.
static inline CURL *CCurl_multi_next_ended(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

#endif
