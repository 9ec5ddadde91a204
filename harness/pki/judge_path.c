// SPDX-License-Identifier: Apache-2.0
/* The path as libcrypto builds and checks it. Each of its findings is weighed here: masked by a fault, or recorded. Purposes
 * are not libcrypto's to check: its rules for keyUsage and for anyExtendedKeyUsage in a CA are not RFC 5280's. */
#include "pki/judge.h"
#include "pki/sigalg.h"
#include "wire/codes.h"

#include <openssl/err.h>

enum { SECURITY_LEVEL = 2 }; /* 112 bits: no SHA-1, no RSA below 2048 bits (RFC 8446 4.4.2.4, RFC 9325 4.2, 4.5) */

static uint64_t bit(mt_path_fault_id fault)
{
    return (uint64_t)1 << fault;
}

/* A finding: the faults that must all be there to mask it, or any one of `either`. */
typedef struct finding {
    uint64_t all, either;
} finding;

typedef struct finding_at {
    const mt_judge *judge;
    X509_STORE_CTX *ctx;
    X509 *x;
    int depth;
} finding_at;

/* ---- what masks what ---- */

static finding expired(const finding_at *at)
{
    time_t now = (time_t)at->judge->path->now;
    if (now != 0 && ASN1_TIME_cmp_time_t(X509_get0_notAfter(at->x), now) == 0)
        return (finding){0}; /* RFC 5280 4.1.2.5: the last second belongs to the period; libcrypto 3.0 leaves it out */
    return (finding){bit(at->depth == 0 ? MT_PF_ACCEPT_EXPIRED : MT_PF_ACCEPT_EXPIRED_INTERMEDIATE), 0};
}

static finding not_yet_valid(const finding_at *at)
{
    return (finding){bit(at->depth == 0 ? MT_PF_ACCEPT_NOT_YET_VALID : MT_PF_ACCEPT_NOT_YET_VALID_INTERMEDIATE), 0};
}

static finding no_issuer(const finding_at *at)
{
    uint64_t at_leaf = at->depth == 0 ? bit(MT_PF_ACCEPT_INCOMPLETE_CHAIN) : 0;
    return (finding){0, bit(MT_PF_ACCEPT_UNKNOWN_CA) | at_leaf};
}

static finding self_signed_leaf(const finding_at *at)
{
    (void)at;
    return (finding){bit(MT_PF_ACCEPT_SELF_SIGNED), 0};
}

static finding untrusted_root(const finding_at *at)
{
    (void)at;
    return (finding){bit(MT_PF_ACCEPT_UNKNOWN_CA), 0};
}

static finding path_length(const finding_at *at)
{
    (void)at;
    return (finding){bit(MT_PF_IGNORE_PATH_LENGTH), 0};
}

static finding small_key(const finding_at *at)
{
    (void)at;
    return (finding){bit(MT_PF_ACCEPT_SMALL_KEY), 0};
}

static finding weak_signature(const finding_at *at)
{
    (void)at;
    return (finding){bit(MT_PF_ACCEPT_WEAK_SIGNATURE), 0};
}

static finding no_cert_sign(const finding_at *at)
{
    (void)at;
    return (finding){bit(MT_PF_IGNORE_KEY_CERT_SIGN), 0};
}

/* libcrypto has one finding for two rules: RFC 5280 6.1.4(k) and (n). */
static finding not_a_ca(const finding_at *at)
{
    uint32_t flags = X509_get_extension_flags(at->x);
    bool may_not_sign = (flags & EXFLAG_KUSAGE) && !(X509_get_key_usage(at->x) & KU_KEY_CERT_SIGN);
    uint64_t constraints = flags & EXFLAG_CA ? 0 : bit(MT_PF_IGNORE_BASIC_CONSTRAINTS);
    return (finding){constraints | (may_not_sign ? bit(MT_PF_IGNORE_KEY_CERT_SIGN) : 0), 0};
}

static finding critical_extension(const finding_at *at)
{
    finding f = {0};
    for (int i = 0; i < X509_get_ext_count(at->x); i++) {
        X509_EXTENSION *ext = X509_get_ext(at->x, i);
        int nid = OBJ_obj2nid(X509_EXTENSION_get_object(ext));
        bool is_key_id = nid == NID_subject_key_identifier || nid == NID_authority_key_identifier;
        if (X509_EXTENSION_get_critical(ext) && !X509_supported_extension(ext))
            f.all |= bit(is_key_id ? MT_PF_ACCEPT_CRITICAL_KEY_IDENTIFIER : MT_PF_IGNORE_UNKNOWN_CRITICAL_EXTENSION);
    }
    return f;
}

static mt_key *key_of(X509 *x)
{
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    mt_key *key = len > 0 ? mt_key_from_spki(mt_span_of(der, (size_t)len)) : NULL;
    OPENSSL_free(der);
    return key;
}

/* Whether the signature holds under the outer algorithm, whatever the inner one says. `id`: as of mt_signed. */
static bool outer_signature_holds(X509 *x, X509 *issuer, const char *id)
{
    const ASN1_BIT_STRING *signature = NULL;
    const X509_ALGOR *algorithm = NULL;
    unsigned char *tbs = NULL, *identifier = NULL;
    X509_get0_signature(&signature, &algorithm, x);
    int tbs_len = i2d_re_X509_tbs(x, &tbs), identifier_len = i2d_X509_ALGOR(algorithm, &identifier);
    mt_key *key = key_of(issuer);
    bool holds = false;
    if (key != NULL && tbs_len > 0 && identifier_len > 0) {
        const mt_sigalg *a = mt_sigalg_of(mt_span_of(identifier, (size_t)identifier_len));
        mt_span bits = mt_span_of(ASN1_STRING_get0_data(signature), (size_t)ASN1_STRING_length(signature));
        holds = a != NULL && mt_sigalg_verify(a, key, &(mt_signed){mt_span_of(tbs, (size_t)tbs_len), id}, bits);
    }
    mt_key_free(key);
    OPENSSL_free(tbs);
    OPENSSL_free(identifier);
    return holds;
}

static bool holds_under_other_id(X509 *x, X509 *issuer)
{
    static const char *const ids[] = {"", "TLSv1.3+GM+Cipher+Suite"};
    bool holds = false;
    for (size_t i = 0; X509_get_signature_nid(x) == NID_SM2_with_SM3 && i < MT_COUNT(ids) && !holds; i++)
        holds = outer_signature_holds(x, issuer, ids[i]);
    return holds;
}

static finding bad_signature(const finding_at *at)
{
    STACK_OF(X509) *built = X509_STORE_CTX_get0_chain(at->ctx);
    X509 *issuer = sk_X509_value(built, at->depth + 1); /* NULL past the end */
    const X509_ALGOR *outer = NULL;
    X509_get0_signature(NULL, &outer, at->x);
    bool differ = X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(at->x)) != 0;
    bool holds = differ && issuer != NULL && outer_signature_holds(at->x, issuer, NULL);
    if (issuer != NULL && holds_under_other_id(at->x, issuer))
        return (finding){0, bit(MT_PF_ACCEPT_CERTIFICATE_UNDER_OTHER_ID) | bit(MT_PF_ACCEPT_BAD_SIGNATURE)};
    return (finding){(differ ? bit(MT_PF_ACCEPT_ALGORITHM_MISMATCH) : 0) | (holds ? 0 : bit(MT_PF_ACCEPT_BAD_SIGNATURE)), 0};
}

static const struct {
    int error;
    finding (*weigh)(const finding_at *at);
    uint8_t alert;
    const char *text;
} findings[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, expired, MT_ALERT_CERTIFICATE_EXPIRED, "has expired (rfc5280#6.1.3(a)(2))"},
    {X509_V_ERR_CERT_NOT_YET_VALID, not_yet_valid, MT_ALERT_CERTIFICATE_EXPIRED, "is not valid yet (rfc5280#6.1.3(a)(2))"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, no_issuer, MT_ALERT_UNKNOWN_CA, "its issuer is not known (rfc5280#6.1)"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, no_issuer, MT_ALERT_UNKNOWN_CA, "its issuer is not known (rfc5280#6.1)"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, no_issuer, MT_ALERT_UNKNOWN_CA, "its issuer is not known (rfc5280#6.1)"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, self_signed_leaf, MT_ALERT_UNKNOWN_CA, "is self-signed and not trusted (rfc5280#6.1)"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, untrusted_root, MT_ALERT_UNKNOWN_CA, "is a root that is not trusted (rfc5280#6.1)"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, bad_signature, MT_ALERT_BAD_CERTIFICATE,
     "its signature does not hold (rfc5280#6.1.3(a)(1), rfc5280#4.1.1.2)"},
    {X509_V_ERR_INVALID_CA, not_a_ca, MT_ALERT_UNKNOWN_CA, "is an issuer and no CA that may sign (rfc5280#6.1.4(k)(n))"},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, no_cert_sign, MT_ALERT_UNKNOWN_CA, "its key may not sign certificates (rfc5280#6.1.4(n))"},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, path_length, MT_ALERT_UNKNOWN_CA, "has more CAs below it than it allows (rfc5280#6.1.4(l))"},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, critical_extension, MT_ALERT_CERTIFICATE_UNKNOWN,
     "has a critical extension that must be refused (rfc5280#4.2)"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, small_key, MT_ALERT_BAD_CERTIFICATE, "its key is too small (rfc9325#4.5)"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, small_key, MT_ALERT_BAD_CERTIFICATE, "its key is too small (rfc9325#4.5)"},
    {X509_V_ERR_CA_MD_TOO_WEAK, weak_signature, MT_ALERT_BAD_CERTIFICATE, "is signed with a weak hash (rfc8446#4.4.2.4)"},
};

/* ---- libcrypto's callbacks ---- */

static mt_judge *judge_of(X509_STORE_CTX *ctx)
{
    return X509_STORE_CTX_get_app_data(ctx);
}

static bool is_masked(const mt_judge *j, finding f)
{
    uint64_t have = j->path->faults;
    bool by_all = (f.all & ~have) == 0, by_one = f.either == 0 || (f.either & have) != 0;
    return by_all && by_one;
}

static int on_finding(int ok, X509_STORE_CTX *ctx)
{
    mt_judge *j = judge_of(ctx);
    int error = X509_STORE_CTX_get_error(ctx);
    finding_at at = {j, ctx, X509_STORE_CTX_get_current_cert(ctx), X509_STORE_CTX_get_error_depth(ctx)};
    if (ok)
        return 1;
    for (size_t i = 0; i < MT_COUNT(findings); i++) {
        if (findings[i].error != error || at.x == NULL)
            continue;
        if (is_masked(j, findings[i].weigh(&at)))
            return 1;
        mt_judge_find(j, at.x, findings[i].alert, findings[i].text);
        return 0;
    }
    mt_judge_find(j, at.x, MT_ALERT_CERTIFICATE_UNKNOWN, X509_verify_cert_error_string(error));
    return 0;
}

/* Which certificate may have issued which: by name, and by key identifier unless signatures do not count. */
static int is_issued(X509_STORE_CTX *ctx, X509 *x, X509 *issuer)
{
    const mt_judge *j = judge_of(ctx);
    int answer = X509_check_issued(issuer, x);
    if (answer == X509_V_OK || answer == X509_V_ERR_KEYUSAGE_NO_CERTSIGN)
        return 1;
    bool same_name = X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(issuer)) == 0;
    if (same_name)
        return mt_judge_has(j, MT_PF_ACCEPT_BAD_SIGNATURE);
    return mt_judge_has(j, MT_PF_IGNORE_NAME_CHAINING) && outer_signature_holds(x, issuer, NULL);
}

static void take_path(mt_judge *j, X509_STORE_CTX *ctx)
{
    STACK_OF(X509) *built = X509_STORE_CTX_get0_chain(ctx);
    for (int i = 0; i < sk_X509_num(built) && j->built_len < MT_COUNT(j->built); i++) {
        j->built[j->built_len] = sk_X509_value(built, i);
        X509_up_ref(j->built[j->built_len++]);
    }
}

static void run(mt_judge *j, X509_STORE *store, STACK_OF(X509) *others, X509_STORE_CTX *ctx)
{
    if (X509_STORE_CTX_init(ctx, store, j->sent[0], others) != 1)
        mt_die("cannot set up path validation");
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_STORE_CTX_set_app_data(ctx, j);
    X509_STORE_CTX_set_verify_cb(ctx, on_finding);
    X509_VERIFY_PARAM_set_depth(param, MT_CHAIN_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    if (j->path->now != 0)
        X509_VERIFY_PARAM_set_time(param, (time_t)j->path->now);
    if (X509_verify_cert(ctx) == 1)
        take_path(j, ctx);
    else
        mt_judge_find(j, j->sent[0], MT_ALERT_BAD_CERTIFICATE, X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
}

void mt_judge_build(mt_judge *j)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    if (store == NULL || ctx == NULL || others == NULL)
        mt_die("out of memory");
    /* RFC 5280 6.1.1(d): any name and key may be an anchor, self-signed or not */
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    X509_STORE_set_check_issued(store, is_issued);
    for (size_t i = 0; i < j->path->anchors_len; i++)
        if (j->anchors[i] != NULL)
            X509_STORE_add_cert(store, j->anchors[i]);
    for (size_t i = 1; i < j->path->chain_len; i++)
        if (j->sent[i] != NULL)
            sk_X509_push(others, j->sent[i]);
    run(j, store, others, ctx);
    X509_STORE_CTX_free(ctx);
    sk_X509_free(others);
    X509_STORE_free(store);
}
