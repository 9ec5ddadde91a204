// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_SIGALG_H
#define MT_PKI_SIGALG_H
/* Signature algorithms of certificates: one row each (RFC 3279, 4055, 5758, 8410). */
#include "base/writer.h"
#include "crypto/key.h"

typedef struct mt_sigalg {
    const char *name;
    mt_key_kind kind; /* MT_KEY_P256 stands for every curve of ECDSA */
    mt_hash_id hash;  /* MT_HASH_NONE: the algorithm hashes by itself */
    mt_padding padding;
    const char *oid;
} mt_sigalg;

/* mt_sigalg_find returns the row for a signer's key, or NULL. Hash and padding count only where the key leaves a choice. */
const mt_sigalg *mt_sigalg_find(mt_key_kind kind, mt_hash_id hash, mt_padding padding);
/* mt_sigalg_of returns the row that a DER AlgorithmIdentifier names, or NULL. */
const mt_sigalg *mt_sigalg_of(mt_span identifier);
void mt_sigalg_write(mt_writer *w, const mt_sigalg *a); /* the AlgorithmIdentifier */
/* mt_sigalg_scheme says how a key of `kind` signs under this row. */
mt_scheme mt_sigalg_scheme(const mt_sigalg *a, mt_key_kind kind);
#endif
