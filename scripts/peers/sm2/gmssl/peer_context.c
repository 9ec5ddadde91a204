// SPDX-License-Identifier: Apache-2.0
// A context of GmSSL from the options. Its own calls want encrypted keys and one file for the whole list; the fields are public.
#include "peer.h"

#include <gmssl/asn1.h>
#include <gmssl/pem.h>
#include <gmssl/x509_cer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *what, const char *path)
{
    fprintf(stderr, "gmssl-peer: %s: %s\n", what, path ? path : "not given");
    return 0;
}

// The number of a PKCS#8 key. The library's own reader wants the curve named a second time, which OpenSSL does not do.
static int read_key(SM2_KEY *key, const uint8_t *der, size_t len)
{
    const uint8_t *body, *skipped, *wrapped, *inner, *number;
    size_t body_len, skipped_len, wrapped_len, inner_len, number_len;
    int version;
    return asn1_sequence_from_der(&body, &body_len, &der, &len) == 1 && asn1_int_from_der(&version, &body, &body_len) == 1 &&
           asn1_sequence_from_der(&skipped, &skipped_len, &body, &body_len) == 1 &&
           asn1_octet_string_from_der(&wrapped, &wrapped_len, &body, &body_len) == 1 &&
           asn1_sequence_from_der(&inner, &inner_len, &wrapped, &wrapped_len) == 1 &&
           asn1_int_from_der(&version, &inner, &inner_len) == 1 &&
           asn1_octet_string_from_der(&number, &number_len, &inner, &inner_len) == 1 && number_len == 32 &&
           sm2_key_set_private_key(key, number) == 1;
}

static int load_key(SM2_KEY *key, const char *path)
{
    uint8_t der[512];
    size_t len = 0;
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) {
        return complain("no such key", path);
    }
    int good = pem_read(file, "PRIVATE KEY", der, &len, sizeof(der)) == 1 && read_key(key, der, len);
    fclose(file);
    return good ? 1 : complain("no SM2 key", path);
}

static int load_list(uint8_t **list, size_t *len, const char *path)
{
    return (path && x509_certs_new_from_file(list, len, path) == 1) ? 1 : complain("no certificates", path);
}

// The list as it is sent: the signing leaf, the encryption leaf (TLCP), the issuers.
static int join(TLS_CTX *ctx, const uint8_t *sign, size_t sign_len, const uint8_t *enc, size_t enc_len)
{
    static uint8_t joined[TLS_MAX_CERTIFICATES_SIZE];
    const uint8_t *leaf = NULL;
    size_t leaf_len = 0;
    if (x509_certs_get_cert_by_index(sign, sign_len, 0, &leaf, &leaf_len) != 1) {
        return complain("no leaf", "sign-cert");
    }
    if (sign_len + enc_len > sizeof(joined)) {
        return complain("too many bytes", "certificates");
    }
    ctx->certslen = sign_len + enc_len;
    ctx->certs = joined;
    memcpy(ctx->certs, leaf, leaf_len);
    if (enc_len > 0) {
        memcpy(ctx->certs + leaf_len, enc, enc_len);
    }
    memcpy(ctx->certs + leaf_len + enc_len, leaf + leaf_len, sign_len - leaf_len);
    return 1;
}

static int load_own(TLS_CTX *ctx, const options_t *o)
{
    uint8_t *sign = NULL;
    uint8_t *list = NULL;
    const uint8_t *enc = NULL;
    size_t sign_len = 0;
    size_t list_len = 0;
    size_t enc_len = 0;
    int good = load_list(&sign, &sign_len, o->sign_cert) && load_key(&ctx->signkey, o->sign_key);
    if (good && ctx->protocol == TLS_protocol_tlcp) {
        good = load_list(&list, &list_len, o->enc_cert) && load_key(&ctx->kenckey, o->enc_key) &&
               x509_certs_get_cert_by_index(list, list_len, 0, &enc, &enc_len) == 1;
    }
    good = good && join(ctx, sign, sign_len, enc, enc_len);
    free(sign);
    free(list);
    return good;
}

static int set_suite(TLS_CTX *ctx, const char *suite)
{
    int tlcp = ctx->protocol == TLS_protocol_tlcp;
    const char *only = tlcp ? "ECC_SM4_CBC_SM3" : "TLS_SM4_GCM_SM3";
    const int id = tlcp ? TLS_cipher_ecc_sm4_cbc_sm3 : TLS_cipher_sm4_gcm_sm3;
    if (suite && strcmp(suite, only) != 0) {
        return complain("no such suite", suite);
    }
    return tls_ctx_set_cipher_suites(ctx, &id, 1) == 1;
}

int peer_context(TLS_CTX *ctx, const options_t *o, int is_client)
{
    int protocol = (o->protocol && strcmp(o->protocol, "tls1.3") == 0) ? TLS_protocol_tls13 : TLS_protocol_tlcp;
    memset(ctx, 0, sizeof(*ctx));
    if (tls_ctx_init(ctx, protocol, is_client) != 1 || !set_suite(ctx, o->suite)) {
        return complain("not possible", o->protocol);
    }
    if (o->sign_cert && !load_own(ctx, o)) {
        return 0;
    }
    int judges = is_client || o->mutual;
    return (!judges || tls_ctx_set_ca_certificates(ctx, o->ca, TLS_DEFAULT_VERIFY_DEPTH) == 1) ? 1 : complain("no anchors", o->ca);
}
