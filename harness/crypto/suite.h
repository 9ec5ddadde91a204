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
    MT_NONCE_XOR_TLS12, /* RFC 7905 2: iv xor sequence; the content type is outside */
    MT_NONCE_CBC_HMAC   /* RFC 5246 6.2.3.2: explicit IV of a block, HMAC over the data, then padding, then CBC over it all */
} mt_nonce_form;

typedef enum mt_kex {
    MT_KEX_ECDHE,          /* in a group; the rows of TLS 1.3 too */
    MT_KEX_SM2_ENCRYPTION, /* TLCP "ECC": the pre-master secret is encrypted to the server's encryption certificate */
    MT_KEX_SM2_AGREEMENT   /* TLCP "ECDHE": the SM2 key exchange of both encryption keys and both points (GB/T 32918.3) */
} mt_kex;

typedef struct mt_suite {
    uint16_t code;
    uint16_t version; /* MT_TLS12, MT_TLS13, MT_TLCP */
    mt_auth auth;
    mt_hash_id hash;    /* of the PRF or HKDF and the transcript */
    const char *cipher; /* name that EVP_CIPHER_fetch knows */
    uint8_t key_len, iv_len; /* iv_len: fixed part */
    mt_nonce_form form;
    mt_kex kex;
    uint8_t mac_len; /* of MT_NONCE_CBC_HMAC: its MAC is an HMAC of `hash`; else 0 */
} mt_suite;

extern const mt_suite mt_suite_rows[];
extern const size_t mt_suite_count;
const mt_suite *mt_suite_find(uint16_t code); /* NULL: not ours */

/* Protection of one direction. */
typedef struct mt_protection mt_protection;
/* mt_protection_new copies key and iv (iv_len). The key is that of the MAC (mac_len), if there is one, and then the cipher's
 * (key_len). */
mt_protection *mt_protection_new(const mt_suite *s, mt_span key, mt_span iv);
void mt_protection_free(mt_protection *p);
/* mt_protect appends one whole record (header included) to `out`: for MT_NONCE_XOR the outer type is application_data and
 * `padding` zero bytes follow the type inside; else padding is ignored and the header says `type` and the suite's version (0303,
 * TLCP 0101); CBC is padded in the shortest way, under a random IV. Plaintext and padding together may be as long as the length
 * field can say (some 65400 bytes): whether that is legal is not asked here. */
void mt_protect(mt_protection *p, mt_writer *out, uint8_t type, mt_span plain, size_t padding);
/* mt_unprotect opens `r` and appends the plaintext to `out`; `*type` is the real content type. False: it does not open (bad
 * tag or MAC, wrong padding, too short, only zeros inside); then `out` is as it was and the sequence number has not moved. */
MT_MUST_CHECK bool mt_unprotect(mt_protection *p, mt_writer *out, const mt_record *r, uint8_t *type);
#endif
