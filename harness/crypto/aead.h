// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_AEAD_H
#define MT_CRYPTO_AEAD_H
/* Authenticated encryption as records use it: a nonce of 12 bytes, a tag of 16, the text where it stands. Inside crypto only.
 * An algorithm is libcrypto's own where the running one has it (mt_aead_own), else composed here out of the block cipher
 * (mt_aead_composed): OpenSSL 3.0 has SM4 but neither SM4-GCM nor SM4-CCM. Which it is is found when the program runs. */
#include "crypto/inner.h"

enum { MT_AEAD_NONCE = 12, MT_AEAD_TAG = 16, MT_AEAD_AAD_MAX = 62 };

typedef enum mt_direction { MT_OPENING = 0, MT_SEALING = 1, MT_UNUSED = -1 } mt_direction;

typedef struct mt_aead_job {
    const uint8_t *nonce;
    mt_span aad; /* at most MT_AEAD_AAD_MAX */
    mt_room text;
    uint8_t *tag; /* written by sealing, compared by opening */
} mt_aead_job;

typedef struct mt_aead mt_aead;
/* mt_aead_new takes the first maker that has `cipher` ("SM4-GCM"), libcrypto first; a cipher that nobody has ends the process. */
mt_aead *mt_aead_new(const char *cipher, const uint8_t *key);
/* mt_aead_own and mt_aead_composed are the two makers alone; NULL: this one has it not. Composed are GCM and CCM of any block
 * cipher that mt_cipher knows in ECB and CBC. */
mt_aead *mt_aead_own(const char *cipher, const uint8_t *key);
mt_aead *mt_aead_composed(const char *cipher, const uint8_t *key);
void mt_aead_free(mt_aead *a); /* NULL is legal */
/* mt_aead_crypt seals or opens in place. False: it does not open; the text is then of no use. */
MT_MUST_CHECK bool mt_aead_crypt(mt_aead *a, mt_direction direction, const mt_aead_job *job);

/* mt_cipher returns libcrypto's cipher of that name, fetched once, or NULL. */
EVP_CIPHER *mt_cipher(const char *name);

/* How one maker does one mode. */
typedef struct mt_aead_maker {
    const char *mode; /* how the cipher's name ends: "GCM" */
    void *(*make)(const char *cipher, const uint8_t *key);
    bool (*crypt)(void *state, mt_direction direction, const mt_aead_job *job);
    void (*free)(void *state);
} mt_aead_maker;
extern const mt_aead_maker mt_composed_gcm, mt_composed_ccm;
#endif
