// OpenSSL 3 for Transport/TLS, and functions for those of its macros that Swift cannot import.
#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline void COpenSSL_set_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_mode(context, mode);
}

static inline void COpenSSL_set_session_cache_mode(SSL_CTX *context, long mode) {
    SSL_CTX_set_session_cache_mode(context, mode);
}

// No renegotiation (TLS 1.2), no compression.
static inline void COpenSSL_set_safe_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

static inline int COpenSSL_set_min_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int COpenSSL_set_max_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_max_proto_version(context, version);
}

// Readies both contexts for one session ticket, which is sealed or opened; 0 where that fails.
static inline int COpenSSL_use_ticket_key(EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                                          const unsigned char *mac_key /* 32 bytes */,
                                          const unsigned char *cipher_key /* 32 bytes */,
                                          const unsigned char *iv, int is_sealing) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)mac_key, 32),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters) == 1 &&
           EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, cipher_key, iv, is_sealing) == 1;
}

static inline EVP_PKEY *COpenSSL_new_p256_key(void) {
    return EVP_EC_gen("P-256");
}

static inline int COpenSSL_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

// A memory BIO that says "try again" when it is empty, not "end of file".
static inline BIO *COpenSSL_new_memory_bio(void) {
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL) {
        BIO_set_mem_eof_return(bio, -1);
    }
    return bio;
}

static inline long COpenSSL_pending(BIO *bio) {
    return BIO_pending(bio);
}

static inline long COpenSSL_memory_contents(BIO *bio, const char **start) {
    return BIO_get_mem_data(bio, (char **)start);
}

static inline unsigned long COpenSSL_rfc2253_flags(void) {
    return XN_FLAG_RFC2253;
}

#endif
