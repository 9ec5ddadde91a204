// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_KEY_H
#define MT_CRYPTO_KEY_H
/* Asymmetric keys: make, load, sign, verify. A signature is made under a scheme (RFC 8446 4.2.3): one row of the table says
 * which key, which hash, which padding. Signing never asks whether the scheme is allowed: that is for the verifier under test. */
#include "base/diag.h"
#include "crypto/hash.h"

typedef enum mt_key_kind { MT_KEY_NONE, MT_KEY_RSA, MT_KEY_P256, MT_KEY_P384, MT_KEY_P521, MT_KEY_ED25519, MT_KEY_SM2 } mt_key_kind;

typedef struct mt_key mt_key; /* private or only public */

/* mt_key_make makes a private key; `bits` only for RSA (0: 2048). It alone may run in several threads at once. */
mt_key *mt_key_make(mt_key_kind kind, unsigned bits);
void mt_key_free(mt_key *k); /* NULL is legal */
mt_key_kind mt_key_kind_of(const mt_key *k);
unsigned mt_key_bits(const mt_key *k);
bool mt_key_is_private(const mt_key *k);
/* mt_key_is_pss: an RSA key whose SubjectPublicKeyInfo says id-RSASSA-PSS (RFC 4055 1.2), not rsaEncryption. */
bool mt_key_is_pss(const mt_key *k);
const char *mt_key_kind_name(mt_key_kind kind); /* "rsa" "p256" "p384" "p521" "ed25519" "sm2" */

/* mt_key_load reads the first private key of a PEM text (PKCS#8, SEC1, PKCS#1; encrypted with `password`, which may be NULL);
 * other blocks around it are skipped. On NULL `d` says why: empty, not PEM (DER given), a certificate instead, cut off,
 * encrypted without password, wrong password, damaged, a kind that we do not know. `name` is the file for the diagnostics. */
mt_key *mt_key_load(mt_span pem, const char *name, const char *password, mt_diag *d);
/* mt_keys_load reads all private keys of a PEM text, in its order and at most `max`; returns how many, 0: `d` says why. One that
 * cannot be read is said and passed over. */
typedef struct mt_key_source {
    mt_span pem;
    const char *name, *password; /* as of mt_key_load */
} mt_key_source;
size_t mt_keys_load(const mt_key_source *from, mt_key **out, size_t max, mt_diag *d);
/* mt_key_from_pkcs8 reads one DER PrivateKeyInfo (RFC 5208), or with a password one EncryptedPrivateKeyInfo, in from->pem. NULL: `d`
 * says why, in the words of mt_key_load. */
mt_key *mt_key_from_pkcs8(const mt_key_source *from, mt_diag *d);
/* mt_key_pem appends the private key as PKCS#8 PEM. */
void mt_key_pem(const mt_key *k, mt_writer *out);
/* mt_key_spki appends the DER SubjectPublicKeyInfo. */
void mt_key_spki(const mt_key *k, mt_writer *out);
/* mt_key_from_spki reads the DER SubjectPublicKeyInfo of a peer, without d2i_PUBKEY (slow in 3.0). NULL: not a key that we
 * know (another algorithm or curve, explicit curve parameters), a point that is not on its curve, or bytes left over. */
mt_key *mt_key_from_spki(mt_span spki);
bool mt_key_same(const mt_key *a, const mt_key *b); /* same public key */

/* MT_PAD_ECDSA: ECDSA with an SM2 key. No protocol has that; a liar does. */
typedef enum mt_padding { MT_PAD_NONE, MT_PAD_PKCS1, MT_PAD_PSS, MT_PAD_ECDSA } mt_padding;

typedef struct mt_scheme {
    uint16_t code;
    mt_key_kind kind;    /* for ecdsa_*: the curve that TLS 1.3 binds; TLS 1.2 takes any (RFC 8446 4.2.3) */
    mt_hash_id hash;     /* MT_HASH_NONE: the algorithm hashes by itself (Ed25519) */
    mt_padding padding;
    bool tls13;          /* may sign a TLS 1.3 handshake */
    bool tls12;
    const char *id;      /* SM2 only: the identifier within Z; "": an empty one; NULL: Z is left out, e = hash(data) (a lie) */
} mt_scheme;

extern const mt_scheme mt_scheme_rows[];
extern const size_t mt_scheme_count;
/* SM2 where no code is negotiated (code 0): in TLCP, and over certificates. A caller who lies copies a row and changes its id. */
extern const mt_scheme mt_scheme_tlcp;
/* ECDSA with an SM2 key, which only a liar makes; its hash, SM3 here, may be changed in a copy. */
extern const mt_scheme mt_scheme_ecdsa_of_sm2;
const mt_scheme *mt_scheme_find(uint16_t code);
/* mt_scheme_name returns the word of the row's code, "ecdsa_secp256r1_sha256". */
const char *mt_scheme_name(const mt_scheme *s);
/* mt_scheme_fits: the key can make a signature of this scheme, and the scheme may stand in this version of TLS: in 1.3 ECDSA
 * binds the curve, in 1.2 and before any curve goes with any hash; in TLCP mt_scheme_tlcp alone may stand; rsa_pss_pss wants an
 * id-RSASSA-PSS key, all other RSA schemes an rsaEncryption key, and either a modulus that has room for the padding. */
bool mt_scheme_fits(const mt_scheme *s, const mt_key *k, uint16_t version);
/* mt_scheme_choose returns the first of `offered` (n codes, the peer's order) that fits, or 0. */
uint16_t mt_scheme_choose(const uint16_t *offered, size_t n, const mt_key *k, uint16_t version);

/* mt_sign appends the signature over `data` under `s`; family as in mt_verify. False: the key cannot do it (public only, another
 * family, too small for the padding); then nothing was appended. Key and thread: one key is used in one thread at a time. */
MT_MUST_CHECK bool mt_sign(const mt_key *k, const mt_scheme *s, mt_span data, mt_writer *out);
/* mt_verify checks the signature strictly (DER of ECDSA and SM2; PSS: salt as long as the hash, MGF1 of the same hash) and that key and
 * scheme are of one family (RSA, ECDSA, Ed25519, SM2). It verifies with any curve: whether TLS 1.3 binds the scheme to another
 * curve, whether a PSS label fits the key's algorithm and whether the scheme was offered are questions to mt_scheme_fits. */
MT_MUST_CHECK bool mt_verify(const mt_key *k, const mt_scheme *s, mt_span data, mt_span signature);
#endif
