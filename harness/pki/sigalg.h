// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_SIGALG_H
#define MT_PKI_SIGALG_H
/* Signature algorithms of certificates: one row each (RFC 3279, 4055, 5758, 8410; GM/T 0006 and 0009 for SM2). */
#include "base/writer.h"
#include "crypto/key.h"

typedef struct mt_sigalg {
    const char *name;
    mt_key_kind kind; /* MT_KEY_P256 stands for every curve of ECDSA */
    mt_hash_id hash;  /* MT_HASH_NONE: the algorithm hashes by itself */
    mt_padding padding;
    const char *oid;
} mt_sigalg;

/* A lie: SM2 with SM3 under the identifier of SM2 with SHA-256 (GM/T 0006). Neither mt_sigalg_find nor mt_sigalg_of gives it. */
extern const mt_sigalg mt_sigalg_labelled_sha256;
/* mt_sigalg_find returns the row for a signer's key, or NULL. Padding and hash count only where the key leaves a choice; without a
 * hash the usual one is meant: SHA-256, for SM2 SM3. */
const mt_sigalg *mt_sigalg_find(mt_key_kind kind, mt_hash_id hash, mt_padding padding);
/* mt_sigalg_of returns the row that a DER AlgorithmIdentifier names, or NULL. */
const mt_sigalg *mt_sigalg_of(mt_span identifier);
void mt_sigalg_write(mt_writer *w, const mt_sigalg *a); /* the AlgorithmIdentifier */
typedef struct mt_signed {
    mt_span tbs;
    const char *id; /* SM2: another distinguishing id than that of certificates (GM/T 0009 10: 1234567812345678); NULL: that one */
} mt_signed;

/* mt_sigalg_sign appends the signature over `what`, mt_sigalg_verify checks one. An SM2 key signs under a row of ECDSA too, which
 * no good certificate has. False: the key cannot do it, or the signature does not hold. */
MT_MUST_CHECK bool mt_sigalg_sign(const mt_sigalg *a, const mt_key *key, const mt_signed *what, mt_writer *out);
MT_MUST_CHECK bool mt_sigalg_verify(const mt_sigalg *a, const mt_key *key, const mt_signed *what, mt_span signature);
#endif
