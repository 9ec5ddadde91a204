// SPDX-License-Identifier: Apache-2.0
#include <limits.h>
#include <openssl/x509v3.h>

#include "refpeer/server.h"

/* A fault leaves out a check by passing over the error that libcrypto's verifier reports for it at such a depth. */
typedef struct rule {
    mt_refserver_fault fault;
    int error;
    int first_depth, last_depth;
    bool (*fits)(X509_STORE_CTX *ctx); /* NULL: always */
} rule;

static bool algorithms_agree(X509_STORE_CTX *ctx)
{
    const X509_ALGOR *outer;
    X509 *x = X509_STORE_CTX_get_current_cert(ctx);
    X509_get0_signature(NULL, &outer, x);
    return X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(x)) == 0;
}

/* Finds the signed part of the certificate in its DER: the first element inside the outer SEQUENCE. */
static bool find_tbs(const unsigned char *der, long len, const unsigned char **tbs, size_t *tbs_len)
{
    const unsigned char *p = der;
    long inner_len;
    int tag, class;
    if ((ASN1_get_object(&p, &inner_len, &tag, &class, len) & 0x80) != 0)
        return false;
    *tbs = p;
    long left = len - (p - der);
    if ((ASN1_get_object(&p, &inner_len, &tag, &class, left) & 0x80) != 0)
        return false;
    *tbs_len = (size_t)(p - *tbs) + (size_t)inner_len;
    return true;
}

static bool verifies_with(X509_STORE_CTX *ctx, int algorithm, const unsigned char *tbs, size_t tbs_len)
{
    const ASN1_BIT_STRING *signature;
    int digest;
    X509 *issuer = sk_X509_value(X509_STORE_CTX_get0_chain(ctx), X509_STORE_CTX_get_error_depth(ctx) + 1);
    X509_get0_signature(&signature, NULL, X509_STORE_CTX_get_current_cert(ctx));
    if (issuer == NULL || OBJ_find_sigid_algs(algorithm, &digest, NULL) != 1)
        return false;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool good = md != NULL && EVP_DigestVerifyInit(md, NULL, EVP_get_digestbynid(digest), NULL, X509_get0_pubkey(issuer)) == 1 &&
        EVP_DigestVerify(md, ASN1_STRING_get0_data(signature), (size_t)ASN1_STRING_length(signature), tbs, tbs_len) == 1;
    EVP_MD_CTX_free(md);
    return good;
}

/* The algorithms differ, and the signature is good if one of the two is believed. */
static bool either_algorithm_verifies(X509_STORE_CTX *ctx)
{
    if (algorithms_agree(ctx))
        return false;
    X509 *x = X509_STORE_CTX_get_current_cert(ctx);
    unsigned char *der = NULL;
    const unsigned char *tbs;
    size_t tbs_len;
    int len = i2d_X509(x, &der);
    bool good = len > 0 && find_tbs(der, len, &tbs, &tbs_len) &&
        (verifies_with(ctx, X509_get_signature_nid(x), tbs, tbs_len) ||
         verifies_with(ctx, OBJ_obj2nid(X509_get0_tbs_sigalg(x)->algorithm), tbs, tbs_len));
    OPENSSL_free(der);
    return good;
}

/* No certificate that was sent, and none that we hold, has the name of the leaf's issuer: a look-alike is not a gap. */
static bool issuer_is_missing(X509_STORE_CTX *ctx)
{
    const X509_NAME *wanted = X509_get_issuer_name(X509_STORE_CTX_get0_cert(ctx));
    STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(ctx), *held = X509_STORE_CTX_get1_certs(ctx, wanted);
    bool found = sk_X509_num(held) > 0;
    for (int i = 0; i < sk_X509_num(sent); i++)
        found = found || X509_NAME_cmp(X509_get_subject_name(sk_X509_value(sent, i)), wanted) == 0;
    sk_X509_pop_free(held, X509_free);
    return !found;
}

enum { ANY = INT_MAX };

static const rule rules[] = {
    {MT_FAULT_ACCEPT_EXPIRED, X509_V_ERR_CERT_HAS_EXPIRED, 0, 0, NULL},
    {MT_FAULT_ACCEPT_EXPIRED_INTERMEDIATE, X509_V_ERR_CERT_HAS_EXPIRED, 1, ANY, NULL},
    {MT_FAULT_ACCEPT_NOT_YET_VALID, X509_V_ERR_CERT_NOT_YET_VALID, 0, ANY, NULL},
    {MT_FAULT_ACCEPT_UNKNOWN_CA, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, 0, ANY, NULL},
    {MT_FAULT_ACCEPT_UNKNOWN_CA, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 0, ANY, NULL},
    {MT_FAULT_ACCEPT_UNKNOWN_CA, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, 0, ANY, NULL},
    {MT_FAULT_ACCEPT_UNKNOWN_CA, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, 0, ANY, NULL},
    {MT_FAULT_ACCEPT_INCOMPLETE_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 0, 0, issuer_is_missing},
    {MT_FAULT_ACCEPT_INCOMPLETE_CHAIN, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, 0, 0, issuer_is_missing},
    {MT_FAULT_ACCEPT_SELF_SIGNED, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0, 0, NULL},
    {MT_FAULT_ACCEPT_BAD_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE, 0, ANY, algorithms_agree},
    {MT_FAULT_ACCEPT_ALGORITHM_MISMATCH, X509_V_ERR_CERT_SIGNATURE_FAILURE, 0, ANY, either_algorithm_verifies},
    {MT_FAULT_IGNORE_KEY_USAGE, X509_V_ERR_KEYUSAGE_NO_CERTSIGN, 0, ANY, NULL},
    {MT_FAULT_IGNORE_PATH_LENGTH, X509_V_ERR_PATH_LENGTH_EXCEEDED, 0, ANY, NULL},
    {MT_FAULT_IGNORE_UNKNOWN_CRITICAL_EXTENSION, X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, 0, ANY, NULL},
};

/* libcrypto lumps several checks into "invalid purpose" and "invalid CA". This is the set of faults that have to be there
 * together for such an error to be passed over; empty if the reason is none of theirs. */
static uint64_t lumped_causes(X509_STORE_CTX *ctx, bool purpose)
{
    X509 *x = X509_STORE_CTX_get_current_cert(ctx);
    bool issuer = X509_STORE_CTX_get_error_depth(ctx) > 0;
    uint32_t flags = X509_get_extension_flags(x);
    uint32_t wanted_usage = issuer ? KU_KEY_CERT_SIGN : KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT;
    uint64_t causes = 0;
    if ((flags & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(x) & wanted_usage) == 0)
        causes |= mt_refserver_bit(MT_FAULT_IGNORE_KEY_USAGE);
    if (issuer && (flags & EXFLAG_CA) == 0)
        causes |= mt_refserver_bit(MT_FAULT_IGNORE_BASIC_CONSTRAINTS);
    if (purpose && (flags & EXFLAG_XKUSAGE) != 0 && (X509_get_extended_key_usage(x) & XKU_SSL_CLIENT) == 0)
        causes |= mt_refserver_bit(MT_FAULT_IGNORE_EXTENDED_KEY_USAGE);
    return causes;
}

static bool matches(const rule *r, X509_STORE_CTX *ctx)
{
    int depth = X509_STORE_CTX_get_error_depth(ctx);
    return r->error == X509_STORE_CTX_get_error(ctx) && r->first_depth <= depth && depth <= r->last_depth &&
        (r->fits == NULL || r->fits(ctx));
}

static bool passes_over(X509_STORE_CTX *ctx, uint64_t faults)
{
    int error = X509_STORE_CTX_get_error(ctx);
    if (error == X509_V_ERR_INVALID_PURPOSE || error == X509_V_ERR_INVALID_CA) {
        uint64_t causes = lumped_causes(ctx, error == X509_V_ERR_INVALID_PURPOSE);
        return causes != 0 && (causes & ~faults) == 0;
    }
    for (size_t i = 0; i < MT_REF_COUNT(rules); i++) {
        if ((faults & mt_refserver_bit(rules[i].fault)) != 0 && matches(&rules[i], ctx))
            return true;
    }
    return false;
}

static const mt_refserver *server_of(X509_STORE_CTX *ctx)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

/* Called by libcrypto for every error, and for every certificate that has none. */
static int weigh_error(int ok, X509_STORE_CTX *ctx)
{
    if (ok == 0 && !passes_over(ctx, server_of(ctx)->faults))
        return 0;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

/* Called by libssl once per chain. The error that is left in `ctx` becomes the alert, and the verify_error that we report. */
static int judge_chain(X509_STORE_CTX *ctx, void *arg)
{
    const mt_refserver *s = arg;
    bool good = X509_verify_cert(ctx) == 1;
    if (good && mt_refserver_is_overstrict(ctx, s->faults)) {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_APPLICATION_VERIFICATION);
        good = false;
    }
    return good || s->refuses_over_http || s->policy == MT_POLICY_REQUEST;
}

static int issued_by_name(X509_STORE_CTX *ctx, X509 *x, X509 *issuer)
{
    (void)ctx;
    return X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(issuer)) == 0;
}

void mt_refserver_judge(SSL_CTX *tls, mt_refserver *s)
{
    int mode = s->policy == MT_POLICY_NONE ? SSL_VERIFY_NONE : SSL_VERIFY_PEER;
    if (s->wants_certificate && !s->refuses_over_http)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_app_data(tls, s);
    SSL_CTX_set_verify(tls, mode, weigh_error);
    SSL_CTX_set_cert_verify_callback(tls, judge_chain, s);
    // A look-alike issuer has another key identifier; with names alone it is found, and only the signature tells it apart.
    if (mt_refserver_has(s, MT_FAULT_ACCEPT_BAD_SIGNATURE))
        X509_STORE_set_check_issued(SSL_CTX_get_cert_store(tls), issued_by_name);
}
