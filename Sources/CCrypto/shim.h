// OpenSSL's libcrypto for Cryptography, and functions for what takes many steps in C and shows nothing
// of itself in between.
#ifndef CCRYPTO_SHIM_H
#define CCRYPTO_SHIM_H

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

// A key pair of the tests' issuers.
static inline EVP_PKEY *CCrypto_new_p256_key(void) {
    return EVP_EC_gen("P-256");
}

// The public key of a kind ("RSA", "EC") from what was built, which it frees; NULL if that is none:
// a point that is not on its curve, an even modulus.
static inline EVP_PKEY *CCrypto_public_key(const char *kind, OSSL_PARAM_BLD *builder) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    int made = parameters != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
               EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    if (!made) {
        return NULL;
    }
    EVP_PKEY_CTX *check = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    int sound = check != NULL && EVP_PKEY_public_check(check) == 1;
    EVP_PKEY_CTX_free(check);
    if (!sound) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

// Numbers are big-endian.
static inline EVP_PKEY *CCrypto_rsa_key(const unsigned char *modulus, int modulus_count,
                                        const unsigned char *exponent, int exponent_count) {
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn(modulus, modulus_count, NULL);
    BIGNUM *e = BN_bin2bn(exponent, exponent_count, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (n != NULL && e != NULL && builder != NULL &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1) {
        key = CCrypto_public_key("RSA", builder);
    } else {
        OSSL_PARAM_BLD_free(builder);
    }
    BN_free(n);
    BN_free(e);
    return key;
}

// `point`: 0x04, x and y, each as long as the curve's field.
static inline EVP_PKEY *CCrypto_ec_key(const char *curve, const unsigned char *point, size_t count) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, count) == 1) {
        return CCrypto_public_key("EC", builder);
    }
    OSSL_PARAM_BLD_free(builder);
    return NULL;
}

// Whether `signature` is of `bytes`; `digest` is NULL for what hashes by itself (Ed25519). PSS: the salt is
// as long as the digest, which the mask is made with too (RFC 7518, section 3.5).
static inline int CCrypto_verifies(EVP_PKEY *key, const char *digest, int is_pss,
                                   const unsigned char *signature, size_t signature_count,
                                   const unsigned char *bytes, size_t count) {
    EVP_PKEY_CTX *options = NULL; // The context's own.
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int right =
        context != NULL &&
        EVP_DigestVerifyInit_ex(context, &options, digest, NULL, NULL, key, NULL) == 1 &&
        (!is_pss || (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
        EVP_DigestVerify(context, signature, signature_count, bytes, count) == 1;
    EVP_MD_CTX_free(context);
    return right;
}

// Writes r and s, each half of `signature`, as ASN.1 to `*der`, which OPENSSL_free must free; its length, or
// 0 and NULL.
static inline int CCrypto_ecdsa_der(const unsigned char *signature, int count, unsigned char **der) {
    *der = NULL;
    int length = 0;
    ECDSA_SIG *parts = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, count / 2, NULL);
    BIGNUM *s = BN_bin2bn(signature + count / 2, count / 2, NULL);
    if (parts != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(parts, r, s) == 1) {
        r = s = NULL; // They are the parts' now.
        length = i2d_ECDSA_SIG(parts, der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(parts);
    return length > 0 ? length : 0;
}

static inline void CCrypto_free(unsigned char *bytes) {
    OPENSSL_free(bytes);
}

// AES-256-GCM with a tag of 16 bytes behind the text. 1, or 0 where it failed or, when opening, something
// was changed; what was written to `output` is then nothing to use.
static inline int CCrypto_seal(const unsigned char *key /* 32 bytes */,
                               const unsigned char *nonce /* 12 bytes */,
                               const unsigned char *context_bytes, int context_count,
                               const unsigned char *text, int count,
                               unsigned char *output /* count + 16 bytes */) {
    int written = 0, rest = 0;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int done = cipher != NULL &&
               EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
               EVP_EncryptUpdate(cipher, NULL, &written, context_bytes, context_count) == 1 &&
               EVP_EncryptUpdate(cipher, output, &written, text, count) == 1 && written == count &&
               EVP_EncryptFinal_ex(cipher, output + count, &rest) == 1 && rest == 0 &&
               EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, 16, output + count) == 1;
    EVP_CIPHER_CTX_free(cipher);
    return done;
}

static inline int CCrypto_open(const unsigned char *key /* 32 bytes */,
                               const unsigned char *nonce /* 12 bytes */,
                               const unsigned char *context_bytes, int context_count,
                               const unsigned char *sealed /* count + 16 bytes */, int count,
                               unsigned char *output /* count bytes, and one at least */) {
    int written = 0, rest = 0;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int done = cipher != NULL &&
               EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
               EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, 16, (void *)(sealed + count)) == 1 &&
               EVP_DecryptUpdate(cipher, NULL, &written, context_bytes, context_count) == 1 &&
               EVP_DecryptUpdate(cipher, output, &written, sealed, count) == 1 && written == count &&
               EVP_DecryptFinal_ex(cipher, output + count, &rest) == 1 && rest == 0;
    EVP_CIPHER_CTX_free(cipher);
    return done;
}

#endif
