// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_KEY_INNER_H
#define MT_CRYPTO_KEY_INNER_H
/* What a key is made of; for the files key*.c and sign.c only. */
#include "crypto/curve.h"
#include "crypto/key.h"

typedef enum mt_family { MT_FAMILY_NONE, MT_FAMILY_RSA, MT_FAMILY_ECDSA, MT_FAMILY_EDDSA, MT_FAMILY_SM2 } mt_family;

typedef struct mt_kind {
    const char *name;
    const char *type; /* libcrypto's name */
    mt_family family;
    mt_curve_id curve; /* MT_CURVES: none */
} mt_kind;

const mt_kind *mt_kind_of(mt_key_kind kind);

/* A context that signs or verifies under one scheme, kept for the next time: setting one up costs some microseconds. */
typedef struct mt_key_operation {
    mt_hash_id hash;
    mt_padding padding;
    EVP_PKEY_CTX *ctx; /* NULL: none yet */
} mt_key_operation;

typedef enum mt_key_use { MT_USE_VERIFY, MT_USE_SIGN, MT_USES } mt_key_use;

struct mt_key {
    mt_key_kind kind;
    unsigned bits;
    bool is_private, is_pss;
    EVP_PKEY *pkey;
    mt_writer spki;
    mt_key_operation *operations; /* MT_USES of them; behind a pointer because a const key keeps them too */
};

/* mt_key_wrap makes the key of `pkey` and takes it over. The caller fills the rest. */
mt_key *mt_key_wrap(mt_key_kind kind, EVP_PKEY *pkey);
/* mt_key_describe fills bits, is_pss and spki of a private key. */
void mt_key_describe(mt_key *k);
/* mt_pbes2_open decrypts an EncryptedPrivateKeyInfo whose key is derived with HMAC-SM3, which libcrypto 3.0 does not read. NULL: it
 * is none, or the password is wrong. */
EVP_PKEY *mt_pbes2_open(mt_span der, const char *password);
/* mt_key_kind_from finds the kind of libcrypto's key, or MT_KEY_NONE. */
mt_key_kind mt_key_kind_from(const EVP_PKEY *pkey);

/* mt_sm2_point writes X and Y, 32 bytes each, of an SM2 key. */
void mt_sm2_point(const mt_key *k, uint8_t *out);
/* mt_sm2_kdf fills `out` with KDF(data): SM3(data, counter). `data` is two coordinates and at most two hashes. */
void mt_sm2_kdf(mt_span data, mt_room out);
/* mt_sm2_times writes X Y of d (X Y), computed on the curve that the point is on, whichever that is. False: infinity, and zeros. */
bool mt_sm2_times(const mt_key *d, const uint8_t *point, uint8_t *out);
/* ECDSA with an SM2 key. libcrypto makes no such key of a given number, so the few sums are here. */
bool mt_sm2_ecdsa_sign(const mt_key *k, mt_span digest, mt_room *room);
bool mt_sm2_ecdsa_verify(const mt_key *k, mt_span digest, mt_span signature);
#endif
