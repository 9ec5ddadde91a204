// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_GIVEN_H
#define MT_PKI_GIVEN_H
/* Certificates and keys in the files of other people, PEM or PKCS#12: read, and held to one another. Inside pki only. */
#include "pki/inner.h"

typedef struct mt_given {
    const char *file;
    const char *which; /* the certificate of the file that the key belongs to, in words */
    mt_der_list chain;
    mt_certificate_facts *facts;  /* of each certificate */
    mt_key *key;                  /* NULL: none was given; the caller's to free */
    const struct mt_given *other; /* the other half of the pair, or NULL */
} mt_given;

typedef struct mt_source {
    const char *file, *password;
} mt_source;

/* mt_given_load reads the certificates, mt_given_key the key of the first. False: `d` says why. */
MT_MUST_CHECK bool mt_given_load(const mt_source *from, mt_arena *arena, mt_given *g, mt_diag *d);
MT_MUST_CHECK bool mt_given_key(const mt_source *from, mt_arena *arena, mt_given *g, mt_diag *d);
/* mt_given_credential reads a whole credential; enc->file is NULL if it is no pair. False: `d` says why; keys may have been read. */
typedef struct mt_given_pair {
    mt_given sign, enc; /* of a pair in one file, all issuers are with sign, roots last; else each half has its own */
} mt_given_pair;
MT_MUST_CHECK bool mt_given_credential(const mt_own_files *files, mt_arena *arena, mt_given_pair *out, mt_diag *d);
void mt_given_forget(mt_given *g); /* the public keys within facts */
#endif
