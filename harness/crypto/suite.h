// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_SUITE_H
#define MT_CRYPTO_SUITE_H
/* Cipher suites: one row each says everything the engine needs; and record protection for the rows. */
#include "crypto/hash.h"
#include "wire/record.h"

typedef enum mt_auth { MT_AUTH_ANY, MT_AUTH_RSA, MT_AUTH_ECDSA, MT_AUTH_SM2 } mt_auth; /* key of the server's certificate */

typedef enum mt_nonce_form {
    MT_NONCE_XOR,      /* RFC 8446 5.3: iv xor sequence; the content type is inside */
    MT_NONCE_EXPLICIT, /* RFC 5288 3: salt of 4, explicit 8 on the wire */
    MT_NONCE_XOR_TLS12 /* RFC 7905 2: iv xor sequence; the content type is outside */
} mt_nonce_form;

typedef struct mt_suite {
    uint16_t code;
    uint16_t version; /* MT_TLS12, MT_TLS13, MT_TLCP */
    mt_auth auth;
    mt_hash_id hash;    /* of the PRF or HKDF and the transcript */
    const char *cipher; /* name that EVP_CIPHER_fetch knows */
    uint8_t key_len, iv_len; /* iv_len: fixed part */
    mt_nonce_form form;
} mt_suite;

extern const mt_suite mt_suite_rows[];
extern const size_t mt_suite_count;
const mt_suite *mt_suite_find(uint16_t code); /* NULL: not ours */

/* Protection of one direction. */
typedef struct mt_protection mt_protection;
/* mt_protection_new copies key (key_len) and iv (iv_len). */
mt_protection *mt_protection_new(const mt_suite *s, mt_span key, mt_span iv);
void mt_protection_free(mt_protection *p);
/* mt_protect appends one whole record (header included) to `out`: for MT_NONCE_XOR the outer type is application_data and
 * `padding` zero bytes follow the type inside; else padding is ignored and the header says `type`, 0303. Plaintext and padding
 * together may be as long as the length field can say (some 65500 bytes): whether that is legal is not asked here. */
void mt_protect(mt_protection *p, mt_writer *out, uint8_t type, mt_span plain, size_t padding);
/* mt_unprotect opens `r` and appends the plaintext to `out`; `*type` is the real content type. False: it does not open (bad
 * tag, too short, only zeros inside); then `out` is as it was and the sequence number has not moved. */
MT_MUST_CHECK bool mt_unprotect(mt_protection *p, mt_writer *out, const mt_record *r, uint8_t *type);
#endif
