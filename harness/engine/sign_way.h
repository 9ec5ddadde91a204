// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_SIGN_WAY_H
#define MT_ENGINE_SIGN_WAY_H
/* Ways to make a signature of CertificateVerify with an SM2 key that are not the protocol's (`certificate_verify sign-as WAY`).
 * One row says how the liar signs and which fault of a server takes it: both sides read the same row. */
#include "crypto/sm2_lie.h"
#include "engine/state.h"
#include "engine/way.h"

typedef enum mt_hashing {
    MT_HASHED_RIGHT,
    MT_HASHED_ONCE, /* TLCP: the handshake itself stands behind Z, not its hash */
    MT_HASHED_AGAIN /* what is to be signed is hashed once more */
} mt_hashing;

typedef struct mt_sign_way {
    mt_way way;
    mt_fault_id fault;  /* of the server that takes it */
    const char *id;     /* within Z, in place of the protocol's; NULL: that one */
    bool without_z;
    mt_hash_id ecdsa;   /* ECDSA with this hash; MT_HASH_NONE: SM2 */
    mt_hashing hashing;
    mt_sm2_form form;   /* of the signature, once it is made */
} mt_sign_way;

/* What a signature is made of, and by. */
typedef struct mt_signing {
    const mt_key *key;
    const mt_scheme *scheme; /* the honest one */
    mt_role signer;          /* whose context string, in TLS 1.3 */
    mt_span transcript;
} mt_signing;

/* mt_sign_way_at returns the i-th row's words, or NULL behind the last. */
const mt_way *mt_sign_way_at(size_t i);
/* mt_sign_by_edit appends the signature, in the way of the edit `sign-as` if there is one that applies. False: the key cannot. */
MT_MUST_CHECK bool mt_sign_by_edit(mt_engine *e, const mt_signing *s, mt_writer *out);
/* mt_signature_taken_by_fault: would one of our faults take this signature, which does not verify? */
bool mt_signature_taken_by_fault(const mt_engine *e, const mt_signing *s, mt_span signature);
#endif
