// SPDX-License-Identifier: Apache-2.0
#include <openssl/bio.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "refpeer/server.h"

/* A name as RFC 2253 writes it, with everything but printable ASCII escaped. */
static void add_name(mt_ref_text *t, const X509_NAME *name)
{
    char *text;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL)
        return;
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
    long n = BIO_get_mem_data(bio, &text);
    if (n > 0)
        mt_ref_add_bytes(t, text, (size_t)n);
    BIO_free(bio);
}

static void add_json_name(mt_ref_text *t, const X509_NAME *name)
{
    mt_ref_text plain = {0};
    mt_ref_add_bytes(&plain, "", 0);
    add_name(&plain, name);
    mt_ref_add_json(t, plain.at, plain.len);
    mt_ref_text_free(&plain);
}

static void add_hex(mt_ref_text *t, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        mt_ref_add(t, "%02x", bytes[i]);
}

static void add_certificate(mt_ref_text *t, X509 *x)
{
    if (x == NULL) {
        mt_ref_add(t, "null");
        return;
    }
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_len = 0;
    X509_digest(x, EVP_sha256(), digest, &digest_len);
    mt_ref_add(t, "{\"subject\": ");
    add_json_name(t, X509_get_subject_name(x));
    mt_ref_add(t, ", \"issuer\": ");
    add_json_name(t, X509_get_issuer_name(x));
    mt_ref_add(t, ", \"serial\": \"%s", ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? "-" : "");
    add_hex(t, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
    mt_ref_add(t, "\", \"fingerprint_sha256\": \"");
    add_hex(t, digest, digest_len);
    mt_ref_add(t, "\"}");
}

static void add_headers(mt_ref_text *t, X509 *x, long error)
{
    if (x == NULL) {
        mt_ref_add(t, "X-Client-Verify: NONE\r\n");
        return;
    }
    if (error == X509_V_OK)
        mt_ref_add(t, "X-Client-Verify: SUCCESS\r\n");
    else
        mt_ref_add(t, "X-Client-Verify: FAILED:%s\r\n", X509_verify_cert_error_string(error));
    mt_ref_add(t, "X-Client-Subject: ");
    add_name(t, X509_get_subject_name(x));
    mt_ref_add(t, "\r\n");
}

void mt_refserver_add_identity(mt_ref_text *headers, mt_ref_text *body, SSL *ssl)
{
    X509 *x = SSL_get0_peer_certificate(ssl);
    long error = x != NULL ? SSL_get_verify_result(ssl) : X509_V_OK;
    add_headers(headers, x, error);
    mt_ref_add(body, "{\"verified\": %s, \"certificate\": ", x != NULL && error == X509_V_OK ? "true" : "false");
    add_certificate(body, x);
    mt_ref_add(body, ", \"protocol\": \"%s\", \"cipher\": \"%s\"", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
    mt_ref_add(body, ", \"verify_error\": %ld, \"sni\": ", error);
    mt_ref_add_json_text(body, SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    mt_ref_add(body, "}\n");
}
