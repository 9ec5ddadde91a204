// SPDX-License-Identifier: Apache-2.0
#include "pki/describe.h"

#include "base/writer.h"
#include "crypto/hash.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>

static const char *take_text(mt_writer *w, mt_arena *arena)
{
    const char *text = mt_arena_strdup(arena, mt_writer_text(w));
    mt_writer_free(w);
    return text;
}

static const char *name_text(const X509_NAME *name, mt_arena *arena)
{
    char *at = NULL;
    mt_writer text = {0};
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL)
        mt_die("out of memory");
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
    long n = BIO_get_mem_data(bio, &at);
    if (n > 0)
        mt_write_bytes(&text, mt_span_of(at, (size_t)n));
    BIO_free(bio);
    return take_text(&text, arena);
}

static const char *serial_text(const ASN1_INTEGER *serial, mt_arena *arena)
{
    mt_writer text = {0};
    mt_writef(&text, "%s", ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? "-" : "");
    mt_write_hex(&text, mt_span_of(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)));
    return take_text(&text, arena);
}

static const char *fingerprint_text(mt_span der, mt_arena *arena)
{
    mt_writer text = {0};
    mt_digest digest = mt_hash(MT_SHA256, der);
    mt_write_hex(&text, mt_digest_span(&digest));
    return take_text(&text, arena);
}

static mt_span name_der(const X509_NAME *name, mt_arena *arena)
{
    const unsigned char *der = NULL;
    size_t len = 0;
    if (X509_NAME_get0_der(name, &der, &len) != 1)
        return (mt_span){0};
    return mt_span_of(mt_arena_copy(arena, der, len), len);
}

bool mt_certificate_describe(mt_span der, mt_arena *arena, mt_described *out)
{
    const unsigned char *at = der.at;
    X509 *x = d2i_X509(NULL, &at, (long)der.len);
    if (x == NULL) {
        ERR_clear_error();
        return false;
    }
    *out = (mt_described){
        .subject = name_text(X509_get_subject_name(x), arena), .issuer = name_text(X509_get_issuer_name(x), arena),
        .serial = serial_text(X509_get0_serialNumber(x), arena), .fingerprint = fingerprint_text(der, arena),
        .subject_name = name_der(X509_get_subject_name(x), arena),
    };
    X509_free(x);
    return true;
}
