// SPDX-License-Identifier: Apache-2.0
#include "pki/inner.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

static mt_span kept(mt_arena *arena, const void *bytes, int len)
{
    return len > 0 ? mt_span_of(mt_arena_copy(arena, bytes, (size_t)len), (size_t)len) : (mt_span){0};
}

static mt_span name_of(const X509_NAME *name, mt_arena *arena)
{
    const unsigned char *der = NULL;
    size_t len = 0;
    return X509_NAME_get0_der(name, &der, &len) == 1 ? kept(arena, der, (int)len) : (mt_span){0};
}

static mt_span octets_of(const ASN1_OCTET_STRING *s, mt_arena *arena)
{
    return s ? kept(arena, ASN1_STRING_get0_data(s), ASN1_STRING_length(s)) : (mt_span){0};
}

/* The content octets as they stand in the certificate: libcrypto keeps sign and magnitude. */
static mt_span serial_of(const X509 *x, mt_arena *arena)
{
    unsigned char *der = NULL;
    int len = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &der);
    mt_span content = len > 0 ? mt_asn1_first(mt_span_of(der, (size_t)len)).content : (mt_span){0};
    mt_span copy = kept(arena, content.at, (int)content.len);
    OPENSSL_free(der);
    return copy;
}

static mt_key *key_of(const X509 *x)
{
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    mt_key *key = len > 0 ? mt_key_from_spki(mt_span_of(der, (size_t)len)) : NULL;
    OPENSSL_free(der);
    return key;
}

bool mt_certificate_read(mt_span der, mt_arena *arena, mt_certificate_facts *out)
{
    const unsigned char *at = der.at;
    X509 *x = d2i_X509(NULL, &at, (long)der.len);
    *out = (mt_certificate_facts){.path_length = -1};
    if (x == NULL) {
        ERR_clear_error();
        return false;
    }
    out->is_ca = X509_check_ca(x) > 0;
    out->path_length = X509_get_pathlen(x);
    out->key_usage = X509_get_key_usage(x);
    out->subject = name_of(X509_get_subject_name(x), arena);
    out->issuer = name_of(X509_get_issuer_name(x), arena);
    out->serial = serial_of(x, arena);
    out->key_id = octets_of(X509_get0_subject_key_id(x), arena);
    out->issuer_key_id = octets_of(X509_get0_authority_key_id(x), arena);
    out->key = key_of(x);
    X509_free(x);
    ERR_clear_error();
    return true;
}

bool mt_usage_signs(const mt_certificate_facts *f)
{
    return (f->key_usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

bool mt_usage_enciphers(const mt_certificate_facts *f)
{
    return (f->key_usage & (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0;
}
