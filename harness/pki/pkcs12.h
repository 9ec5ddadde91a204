// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_PKCS12_H
#define MT_PKI_PKCS12_H
/* PKCS#12 (RFC 7292) as owners of a credential have it: one key with its certificates, or the two keys of a TLCP pair. */
#include "pki/inner.h"

enum { MT_PKCS12_KEYS = 8 };

typedef struct mt_pkcs12_file {
    const char *name, *password; /* NULL: none, which also opens a file under the empty one */
    mt_span bytes;
} mt_pkcs12_file;

typedef struct mt_pkcs12_certificate {
    mt_span der;
    mt_certificate_facts facts;
    mt_span id;       /* localKeyID, may be empty */
    const char *name; /* friendlyName, or "" */
} mt_pkcs12_certificate;

typedef struct mt_pkcs12 {
    const char *file;
    mt_pkcs12_certificate *certificates; /* in the file's order */
    size_t certificates_len;
    mt_key *keys[MT_PKCS12_KEYS];
    mt_span ids[MT_PKCS12_KEYS]; /* the keys' localKeyID */
    size_t keys_len;
    bool locked; /* it could not be read, because the password is missing or wrong */
} mt_pkcs12;

/* mt_pkcs12_is: the bytes begin as PKCS#12 does, whole or not. */
bool mt_pkcs12_is(mt_span bytes);
/* mt_pkcs12_read opens the file: everything in it, or `d` says what keeps it shut (cut off, password missing or wrong, MAC of other
 * bytes, an encryption or a kind of key that nobody here knows) and nothing is left to free; `locked` says whether another password
 * may help. */
MT_MUST_CHECK bool mt_pkcs12_read(const mt_pkcs12_file *from, mt_arena *arena, mt_pkcs12 *out, mt_diag *d);
void mt_pkcs12_free(mt_pkcs12 *p);
/* mt_pkcs12_chain puts the certificates in the order of a handshake: the one that a key is for (of a pair the signing one, and then
 * the one for encryption), and each issuer that is there, of both. What belongs to neither stays out. False: there is no certificate, or
 * more than one credential. */
MT_MUST_CHECK bool mt_pkcs12_chain(const mt_pkcs12 *p, mt_arena *arena, mt_der_list *out, mt_diag *d);
#endif
