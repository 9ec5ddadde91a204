// SPDX-License-Identifier: Apache-2.0
#ifndef MT_BENCH_SM2_FLOOR_H
#define MT_BENCH_SM2_FLOOR_H
/* What SM2 and SM4 cost by libcrypto alone, through EVP as its manual has it: the floor under everything that is done here. */
#include "base/mem.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { FLOOR_RECORD = 16384, FLOOR_SECRET = 48, FLOOR_HASHED = 32 };

typedef struct sm2_floor {
    EVP_PKEY *key;          /* of type SM2 */
    EVP_PKEY *ec, *ec_peer; /* of type EC, on the SM2 curve: libcrypto derives with these alone */
    EVP_CIPHER_CTX *ctr;
    uint8_t signature[80], cipher[256], record[FLOOR_RECORD];
    size_t signature_len, cipher_len;
} sm2_floor;

static inline void must(bool ok, const char *what)
{
    if (ok)
        return;
    ERR_print_errors_fp(stderr);
    mt_die("bench: %s", what);
}

static inline EVP_MD_CTX *floor_digesting(EVP_PKEY *key, bool signing)
{
    static const char id[] = "1234567812345678";
    EVP_PKEY_CTX *inner = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int started = signing ? EVP_DigestSignInit(ctx, &inner, EVP_sm3(), NULL, key) : EVP_DigestVerifyInit(ctx, &inner, EVP_sm3(), NULL, key);
    must(started == 1, "digest");
    must(EVP_PKEY_CTX_set1_id(inner, id, (int)strlen(id)) == 1, "id");
    return ctx;
}

static inline void floor_sign(sm2_floor *f)
{
    static const uint8_t data[FLOOR_HASHED];
    EVP_MD_CTX *ctx = floor_digesting(f->key, true);
    f->signature_len = sizeof f->signature;
    must(EVP_DigestSign(ctx, f->signature, &f->signature_len, data, sizeof data) == 1, "sign");
    EVP_MD_CTX_free(ctx);
}

static inline void floor_verify(sm2_floor *f)
{
    static const uint8_t data[FLOOR_HASHED];
    EVP_MD_CTX *ctx = floor_digesting(f->key, false);
    must(EVP_DigestVerify(ctx, f->signature, f->signature_len, data, sizeof data) == 1, "verify");
    EVP_MD_CTX_free(ctx);
}

static inline void floor_encrypt(sm2_floor *f)
{
    static const uint8_t secret[FLOOR_SECRET] = {1, 1};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, f->key, NULL);
    f->cipher_len = sizeof f->cipher;
    must(EVP_PKEY_encrypt_init(ctx) == 1 && EVP_PKEY_encrypt(ctx, f->cipher, &f->cipher_len, secret, sizeof secret) == 1, "encrypt");
    EVP_PKEY_CTX_free(ctx);
}

static inline void floor_decrypt(sm2_floor *f)
{
    uint8_t out[256];
    size_t len = sizeof out;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, f->key, NULL);
    must(EVP_PKEY_decrypt_init(ctx) == 1 && EVP_PKEY_decrypt(ctx, out, &len, f->cipher, f->cipher_len) == 1, "decrypt");
    EVP_PKEY_CTX_free(ctx);
}

static inline void floor_generate(sm2_floor *f)
{
    (void)f;
    EVP_PKEY_free(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "SM2"));
}

static inline void floor_ecdh(sm2_floor *f)
{
    uint8_t out[FLOOR_HASHED];
    size_t len = sizeof out;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, f->ec, NULL);
    must(EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer_ex(ctx, f->ec_peer, 0) == 1, "peer");
    must(EVP_PKEY_derive(ctx, out, &len) == 1, "derive");
    EVP_PKEY_CTX_free(ctx);
}

static inline void floor_ctr(sm2_floor *f)
{
    int n = 0;
    must(EVP_EncryptUpdate(f->ctr, f->record, &n, f->record, FLOOR_RECORD) == 1, "ctr");
}

/* The signature and the ciphertext are there from the first. */
static inline void sm2_floor_make(sm2_floor *f)
{
    static const uint8_t key[16] = "sixteen bytes..";
    *f = (sm2_floor){.key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2"), .ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "SM2"),
                     .ec_peer = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "SM2"), .ctr = EVP_CIPHER_CTX_new()};
    must(f->key != NULL && f->ec != NULL && f->ec_peer != NULL, "keys");
    must(EVP_EncryptInit_ex2(f->ctr, EVP_sm4_ctr(), key, key, NULL) == 1, "ctr");
    floor_sign(f);
    floor_encrypt(f);
}

static inline int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
#endif
