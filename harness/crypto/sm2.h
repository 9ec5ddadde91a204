// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_SM2_H
#define MT_CRYPTO_SM2_H
/* What SM2 has beside signatures (key.h): the value Z, public-key encryption and the key exchange (GB/T 32918.2 to .4). */
#include "crypto/group.h"
#include "crypto/key.h"

#define MT_SM2_ID "1234567812345678"               /* of certificates and of all of TLCP (GB/T 35276) */
#define MT_SM2_ID_TLS13 "TLSv1.3+GM+Cipher+Suite"  /* of CertificateVerify in TLS 1.3 (RFC 8998 3.2.1) */

/* mt_sm2_z returns Z = SM3(bits of id, id, curve, public key). The key must be an SM2 key. */
mt_digest mt_sm2_z(const char *id, const mt_key *k);

/* mt_sm2_encrypt appends the DER SEQUENCE { x, y, OCTET STRING C3, OCTET STRING C2 } (GB/T 35276) of `plain`, 1 to 65535 bytes
 * for a key of any party. False: `k` is no SM2 key, or nothing to encrypt; nothing is appended. */
MT_MUST_CHECK bool mt_sm2_encrypt(const mt_key *k, mt_span plain, mt_writer *out);
/* mt_sm2_decrypt appends the plaintext. False: `k` is no private SM2 key, the ciphertext is not that SEQUENCE to the letter (DER,
 * order, C3 of 32 bytes, nothing left over), its point is not on the curve, or C3 does not match; nothing is appended. */
MT_MUST_CHECK bool mt_sm2_decrypt(const mt_key *k, mt_span cipher, mt_writer *out);

/* One side of the key exchange, without confirmation (GB/T 32918.3). In TLCP the server is the initiator, both keys are those of
 * the encryption certificates, both ids MT_SM2_ID. */
typedef struct mt_sm2_agreement {
    bool is_initiator;
    const mt_key *own;               /* private */
    const mt_exchange *own_exchange; /* in the group MT_CURVE_SM2 */
    const mt_key *peer;
    mt_span peer_share; /* the peer's point, 04 X Y */
    const char *own_id, *peer_id;
} mt_sm2_agreement;
/* mt_sm2_agree appends the secret of `len` bytes (TLCP: 48). False: a key is no SM2 key (or `own` not private), the share is not
 * a point of the curve in uncompressed form, or the common point is infinity; nothing is appended. */
MT_MUST_CHECK bool mt_sm2_agree(const mt_sm2_agreement *a, size_t len, mt_writer *secret);
#endif
