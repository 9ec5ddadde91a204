// SPDX-License-Identifier: Apache-2.0
#include "pki/name.h"
#include "pki/pkcs12.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { BYTES_OF_LINE = 48, LINE = 64, FILE_MAX = 1 << 20 };

void mt_pem_write(mt_writer *w, mt_span der)
{
    unsigned char line[LINE + 1];
    mt_writef(w, "-----BEGIN CERTIFICATE-----\n");
    while (der.len > 0) {
        mt_span part = mt_span_first(der, BYTES_OF_LINE);
        int n = EVP_EncodeBlock(line, part.at, (int)part.len);
        mt_writef(w, "%.*s\n", n, (const char *)line);
        der = mt_span_skip(der, BYTES_OF_LINE);
    }
    mt_writef(w, "-----END CERTIFICATE-----\n");
}

typedef struct pem_walk {
    const char *file;
    mt_arena *arena;
    mt_der_list *out;
    size_t cap, others; /* blocks that are no certificates */
    mt_diag *d;
} pem_walk;

static bool fail(const pem_walk *x, const char *why)
{
    mt_diag_add(x->d, (mt_place){x->file, 0, 0}, "%s", why);
    return false;
}

static bool is_certificate(mt_span der)
{
    const unsigned char *at = der.at;
    X509 *x = d2i_X509(NULL, &at, (long)der.len);
    bool ok = x != NULL && at == der.at + der.len;
    X509_free(x);
    ERR_clear_error();
    return ok;
}

/* The answer to a request is a certificate, and that is what is wanted. */
static bool fail_with_request(const pem_walk *x, X509_REQ *request)
{
    unsigned char *der = NULL;
    const unsigned char *name = NULL;
    size_t name_len = 0;
    mt_writer shown = {0};
    int len = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request), &der);
    mt_key *key = len > 0 ? mt_key_from_spki(mt_span_of(der, (size_t)len)) : NULL;
    X509_NAME_get0_der(X509_REQ_get_subject_name(request), &name, &name_len);
    mt_name_show(&shown, mt_span_of(name, name_len));
    mt_diag_add(x->d, (mt_place){x->file, 0, 0}, "is a certificate request (%s, %s), not yet a certificate: send it to the CA, and name the "
                "file that comes back", key != NULL ? mt_key_kind_name(mt_key_kind_of(key)) : "unknown kind of key", mt_writer_text(&shown));
    mt_writer_free(&shown);
    mt_key_free(key);
    OPENSSL_free(der);
    X509_REQ_free(request);
    return false;
}

static X509_REQ *request_of(mt_span der)
{
    const unsigned char *at = der.at;
    X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)der.len);
    ERR_clear_error();
    return request;
}

static bool take_other(pem_walk *x, const char *label, mt_span der)
{
    bool asks = strcmp(label, PEM_STRING_X509_REQ) == 0 || strcmp(label, PEM_STRING_X509_REQ_OLD) == 0;
    X509_REQ *request = asks && x->out->len == 0 ? request_of(der) : NULL;
    x->others++;
    return request == NULL || fail_with_request(x, request);
}

static bool take_block(pem_walk *x, const char *label, mt_span der)
{
    if (strcmp(label, PEM_STRING_X509) != 0 && strcmp(label, PEM_STRING_X509_OLD) != 0)
        return take_other(x, label, der);
    if (!is_certificate(der)) {
        mt_diag_add(x->d, (mt_place){x->file, 0, 0}, "its certificate number %zu cannot be read: damaged or cut off", x->out->len + 1);
        return false;
    }
    if (x->out->len == x->cap) {
        mt_span *grown = MT_ARENA_ARRAY(x->arena, mt_span, x->cap ? 2 * x->cap : 4);
        if (x->out->len != 0)
            memcpy(grown, x->out->rows, x->out->len * sizeof *grown);
        x->cap = x->cap ? 2 * x->cap : 4;
        x->out->rows = grown;
    }
    x->out->rows[x->out->len++] = mt_span_of(mt_arena_copy(x->arena, der.at, der.len), der.len);
    return true;
}

static bool walk_blocks(pem_walk *x, BIO *bio)
{
    char *label = NULL, *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    bool ok = true;
    while (ok && PEM_read_bio(bio, &label, &header, &data, &len) == 1) {
        ok = take_block(x, label, mt_span_of(data, (size_t)len));
        OPENSSL_free(label);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    if (ok && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        ok = fail(x, "a PEM block in it is damaged or cut off (no END line, or no base64)");
    ERR_clear_error();
    return ok;
}

static bool walk_der(pem_walk *x, mt_span der)
{
    if (mt_pkcs12_is(der))
        return fail(x, "is PKCS#12; wanted: PEM (openssl pkcs12 -in FILE -nodes -out FILE.pem; the keys are then in the same file)");
    if (is_certificate(der))
        return fail(x, "is DER; wanted: PEM (openssl x509 -inform der -in FILE -out FILE.pem)");
    X509_REQ *request = request_of(der);
    return request != NULL ? fail_with_request(x, request) : fail(x, "has no PEM in it; wanted: certificates as PEM");
}

static bool walk_text(pem_walk *x, mt_span text)
{
    if (text.len == 0)
        return fail(x, "is empty; wanted: certificates as PEM");
    if (text.at[0] == MT_ASN1_SEQUENCE)
        return walk_der(x, text);
    BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
    if (bio == NULL)
        mt_die("out of memory");
    bool ok = walk_blocks(x, bio);
    BIO_free(bio);
    if (!ok || x->out->len > 0)
        return ok;
    return fail(x, x->others ? "has no certificate in it, only other PEM blocks (a key?)" : "has no PEM in it; wanted: certificates as PEM");
}

bool mt_pem_certificates(const char *file, mt_arena *arena, mt_der_list *out, mt_diag *d)
{
    mt_writer text = {0};
    pem_walk x = {.file = file, .arena = arena, .out = out, .d = d};
    *out = (mt_der_list){0};
    bool ok = mt_file_read(file, &text, d);
    if (ok && text.len > FILE_MAX)
        ok = fail(&x, "is larger than a mebibyte");
    ok = ok && walk_text(&x, mt_written(&text));
    mt_writer_free(&text);
    return ok;
}
