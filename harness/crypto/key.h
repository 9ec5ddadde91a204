// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_KEY_H
#define MT_CRYPTO_KEY_H
/* Asymmetric keys: make, load, sign, verify. A signature is made under a scheme (RFC 8446 4.2.3): one row of the table says
 * which key, which hash, which padding. Signing never asks whether the scheme is allowed: that is for the verifier under test. */
#include "base/diag.h"
#include "crypto/hash.h"

typedef enum mt_key_kind { MT_KEY_NONE, MT_KEY_RSA, MT_KEY_P256, MT_KEY_P384, MT_KEY_P521, MT_KEY_ED25519, MT_KEY_SM2 } mt_key_kind;

typedef struct mt_key mt_key; /* private or only public */

/* mt_key_make makes a private key; `bits` only for RSA (0: 2048). */
mt_key *mt_key_make(mt_key_kind kind, unsigned bits);
void mt_key_free(mt_key *k); /* NULL is legal */
mt_key_kind mt_key_kind_of(const mt_key *k);
unsigned mt_key_bits(const mt_key *k);
bool mt_key_is_private(const mt_key *k);
const char *mt_key_kind_name(mt_key_kind kind); /* "rsa" "p256" "p384" "p521" "ed25519" "sm2" */

/* mt_key_load reads a PEM private key (PKCS#8, SEC1, PKCS#1; encrypted with `password`, which may be NULL). On NULL `d` says
 * why: not PEM (DER given), encrypted without password, wrong password, a certificate instead, unknown kind. */
mt_key *mt_key_load(mt_span pem, const char *name, const char *password, mt_diag *d);
/* mt_key_pem appends the private key as PKCS#8 PEM. */
void mt_key_pem(const mt_key *k, mt_writer *out);
/* mt_key_spki appends the DER SubjectPublicKeyInfo. */
void mt_key_spki(const mt_key *k, mt_writer *out);
/* mt_key_from_spki reads the DER SubjectPublicKeyInfo of a peer, without d2i_PUBKEY (slow in 3.0). NULL: not a key that we know. */
mt_key *mt_key_from_spki(mt_span spki);
bool mt_key_same(const mt_key *a, const mt_key *b); /* same public key */

typedef enum mt_padding { MT_PAD_NONE, MT_PAD_PKCS1, MT_PAD_PSS } mt_padding;

typedef struct mt_scheme {
    uint16_t code;
    mt_key_kind kind;    /* for ecdsa_*: the curve that TLS 1.3 binds; TLS 1.2 takes any (RFC 8446 4.2.3) */
    mt_hash_id hash;     /* MT_HASH_NONE: the algorithm hashes by itself (Ed25519) */
    mt_padding padding;
    bool tls13;          /* may sign a TLS 1.3 handshake */
    bool tls12;
} mt_scheme;

extern const mt_scheme mt_scheme_rows[];
extern const size_t mt_scheme_count;
const mt_scheme *mt_scheme_find(uint16_t code);
/* mt_scheme_fits: the key can make a signature of this scheme in this version of TLS (0x0303: any curve with any hash). */
bool mt_scheme_fits(const mt_scheme *s, const mt_key *k, uint16_t version);
/* mt_scheme_choose returns the first of `offered` (n codes, the peer's order) that fits, or 0. */
uint16_t mt_scheme_choose(const uint16_t *offered, size_t n, const mt_key *k, uint16_t version);

/* mt_sign appends the signature over `data` under `s`. False: the key cannot do it (kind, too small for the padding). */
MT_MUST_CHECK bool mt_sign(const mt_key *k, const mt_scheme *s, mt_span data, mt_writer *out);
/* mt_verify checks kind and signature strictly (PSS: salt as long as the hash, MGF1 of the same hash). */
MT_MUST_CHECK bool mt_verify(const mt_key *k, const mt_scheme *s, mt_span data, mt_span signature);
#endif
