// SPDX-License-Identifier: Apache-2.0
/* Rules of our own: those of RFC 5280 and RFC 8446 that libcrypto does not have or has otherwise, and the over-strict ones,
 * which count only with their fault. A rule says whether it is broken. */
#include "pki/judge.h"
#include "wire/codes.h"

#include <openssl/err.h>
#include <openssl/evp.h>

enum { DAYS_LONG = 825, OCTETS_LEGAL = 20, OCTETS_SHORT = 16, BITS_COMMON_RSA = 2048, BITS_COMMON_EC = 256 };

/* ---- of one certificate ---- */

/* RFC 5280 4.2: "A certificate MUST NOT include more than one instance of a particular extension." */
static bool has_extension_twice(const mt_judge *j, X509 *x)
{
    (void)j;
    for (int i = 0; i < X509_get_ext_count(x); i++) {
        const ASN1_OBJECT *oid = X509_EXTENSION_get_object(X509_get_ext(x, i));
        if (X509_get_ext_by_OBJ(x, oid, i) >= 0)
            return true;
    }
    return false;
}

static bool is_before_version_3(const mt_judge *j, X509 *x)
{
    (void)j;
    return X509_get_version(x) < X509_VERSION_3;
}

static bool is_after_version_3(const mt_judge *j, X509 *x)
{
    (void)j;
    return X509_get_version(x) > X509_VERSION_3;
}

static bool has_extension(const X509 *x, int nid)
{
    return X509_get_ext_by_NID(x, nid, -1) >= 0;
}

static bool is_critical(const X509 *x, int nid)
{
    int at = X509_get_ext_by_NID(x, nid, -1);
    return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(x, at));
}

/* RFC 5280 4.2.1.12; anyExtendedKeyUsage stands for every purpose, in a leaf and in an issuer. */
static bool is_for_other_purpose(const mt_judge *j, X509 *x)
{
    if (!has_extension(x, NID_ext_key_usage))
        return false;
    uint32_t wanted = j->path->purpose == MT_PURPOSE_CLIENT ? XKU_SSL_CLIENT : XKU_SSL_SERVER;
    return (X509_get_extended_key_usage(x) & (wanted | XKU_ANYEKU)) == 0;
}

/* RFC 5280 4.2.1.3, RFC 8446 4.4.2.2: the key signs the handshake. */
static bool may_not(const mt_judge *j, X509 *x, mt_leaf_use use, unsigned usage)
{
    return j->path->use == use && has_extension(x, NID_key_usage) && (X509_get_key_usage(x) & usage) == 0;
}

static bool may_not_sign_handshake(const mt_judge *j, X509 *x)
{
    return may_not(j, x, MT_LEAF_SIGNS, KU_DIGITAL_SIGNATURE);
}

static bool is_asked_to_encrypt(const mt_judge *j)
{
    return !mt_judge_has(j, MT_PF_IGNORE_ENCRYPTION_KEY_USAGE);
}

static bool may_not_encipher_keys(const mt_judge *j, X509 *x)
{
    return is_asked_to_encrypt(j) && may_not(j, x, MT_LEAF_ENCIPHERS, KU_KEY_ENCIPHERMENT);
}

static bool may_not_agree_on_keys(const mt_judge *j, X509 *x)
{
    return is_asked_to_encrypt(j) && may_not(j, x, MT_LEAF_AGREES, KU_KEY_AGREEMENT);
}

/* RFC 5280 4.2.1.9: no path length and no keyCertSign without cA. */
static bool has_rights_of_a_ca(const mt_judge *j, X509 *x)
{
    (void)j;
    bool is_ca = X509_get_extension_flags(x) & EXFLAG_CA;
    bool signs = has_extension(x, NID_key_usage) && (X509_get_key_usage(x) & KU_KEY_CERT_SIGN);
    BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(x, NID_basic_constraints, NULL, NULL);
    bool limits = constraints != NULL && constraints->pathlen != NULL;
    BASIC_CONSTRAINTS_free(constraints);
    return !is_ca && (signs || limits);
}

static bool has_critical_key_id(const mt_judge *j, X509 *x)
{
    (void)j;
    return is_critical(x, NID_subject_key_identifier) || is_critical(x, NID_authority_key_identifier);
}

static bool has_no_purpose(const mt_judge *j, X509 *x)
{
    (void)j;
    return !has_extension(x, NID_ext_key_usage);
}

static bool has_purpose(const mt_judge *j, X509 *x)
{
    return !has_no_purpose(j, x);
}

static bool has_second_purpose(const mt_judge *j, X509 *x)
{
    (void)j;
    EXTENDED_KEY_USAGE *purposes = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
    bool more = purposes != NULL && sk_ASN1_OBJECT_num(purposes) > 1;
    EXTENDED_KEY_USAGE_free(purposes);
    return more;
}

static bool has_critical_purpose(const mt_judge *j, X509 *x)
{
    (void)j;
    return is_critical(x, NID_ext_key_usage);
}

static bool has_no_usage(const mt_judge *j, X509 *x)
{
    (void)j;
    return !has_extension(x, NID_key_usage);
}

static bool has_second_usage(const mt_judge *j, X509 *x)
{
    return j->path->use == MT_LEAF_SIGNS && !has_no_usage(j, x) && X509_get_key_usage(x) != KU_DIGITAL_SIGNATURE;
}

static bool is_ca(const mt_judge *j, X509 *x)
{
    (void)j;
    return X509_get_extension_flags(x) & EXFLAG_CA;
}

static bool has_uncritical_constraints(const mt_judge *j, X509 *x)
{
    (void)j;
    return has_extension(x, NID_basic_constraints) && !is_critical(x, NID_basic_constraints);
}

static bool is_self_issued(const mt_judge *j, X509 *x)
{
    (void)j;
    return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
}

static bool has_no_issuer_key_id(const mt_judge *j, X509 *x)
{
    (void)j;
    return !has_extension(x, NID_authority_key_identifier);
}

static bool has_no_key_id(const mt_judge *j, X509 *x)
{
    (void)j;
    return !has_extension(x, NID_subject_key_identifier);
}

static bool has_unknown_extension(const mt_judge *j, X509 *x)
{
    (void)j;
    for (int i = 0; i < X509_get_ext_count(x); i++)
        if (OBJ_obj2nid(X509_EXTENSION_get_object(X509_get_ext(x, i))) == NID_undef)
            return true;
    return false;
}

static bool has_odd_serial(const mt_judge *j, X509 *x)
{
    (void)j;
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    bool zero = ASN1_STRING_length(serial) == 0 || (ASN1_STRING_length(serial) == 1 && ASN1_STRING_get0_data(serial)[0] == 0);
    return zero || ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER || ASN1_STRING_length(serial) > OCTETS_LEGAL;
}

static bool has_long_serial(const mt_judge *j, X509 *x)
{
    (void)j;
    return ASN1_STRING_length(X509_get0_serialNumber(x)) > OCTETS_SHORT;
}

static bool is_valid_for_long(const mt_judge *j, X509 *x)
{
    (void)j;
    int days = 0, seconds = 0;
    return ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(x), X509_get0_notAfter(x)) != 1 || days > DAYS_LONG;
}

static bool is_early_generalized(const ASN1_TIME *t)
{
    return ASN1_STRING_type(t) == V_ASN1_GENERALIZEDTIME && ASN1_STRING_length(t) > 4 &&
           memcmp(ASN1_STRING_get0_data(t), "2050", 4) < 0;
}

static bool has_generalized_time(const mt_judge *j, X509 *x)
{
    (void)j;
    return is_early_generalized(X509_get0_notBefore(x)) || is_early_generalized(X509_get0_notAfter(x));
}

static bool is_a(const EVP_PKEY *key, const char *type)
{
    return key != NULL && EVP_PKEY_is_a(key, type) == 1;
}

static bool has_uncommon_key(const mt_judge *j, X509 *x)
{
    (void)j;
    EVP_PKEY *key = X509_get0_pubkey(x);
    int bits = key ? EVP_PKEY_get_bits(key) : 0;
    return !(is_a(key, "RSA") && bits == BITS_COMMON_RSA) && !(is_a(key, "EC") && bits == BITS_COMMON_EC) && !is_a(key, "SM2");
}

static bool has_uncommon_signature(const mt_judge *j, X509 *x)
{
    (void)j;
    int nid = X509_get_signature_nid(x);
    return nid != NID_sha256WithRSAEncryption && nid != NID_ecdsa_with_SHA256 && nid != NID_SM2_with_SM3;
}

enum { ON_LEAF = 1, ON_ISSUERS = 2, ON_BOTH = 3 }; /* issuers: those below the anchor */

static const struct {
    mt_path_fault_id fault;
    unsigned on;
    bool (*is_broken)(const mt_judge *j, X509 *x);
    uint8_t alert;
    const char *text;
} rules[] = {
    {MT_PF_ACCEPT_DUPLICATE_EXTENSION, ON_BOTH, has_extension_twice, MT_ALERT_BAD_CERTIFICATE, "has an extension twice (rfc5280#4.2)"},
    {MT_PF_ACCEPT_VERSION_1, ON_BOTH, is_before_version_3, MT_ALERT_UNSUPPORTED_CERTIFICATE,
     "is not of version 3 (rfc8446#4.4.2.2, rfc5280#4.1.2.1)"},
    {MT_PF_ACCEPT_VERSION_4, ON_BOTH, is_after_version_3, MT_ALERT_BAD_CERTIFICATE, "is of a version that there is not (rfc5280#4.1.2.1)"},
    {MT_PF_ACCEPT_CRITICAL_KEY_IDENTIFIER, ON_BOTH, has_critical_key_id, MT_ALERT_BAD_CERTIFICATE,
     "has a key identifier that is marked critical (rfc5280#4.2.1.1, rfc5280#4.2.1.2)"},
    {MT_PF_IGNORE_KEY_USAGE, ON_LEAF, may_not_sign_handshake, MT_ALERT_UNSUPPORTED_CERTIFICATE,
     "its key may not sign a handshake (rfc5280#4.2.1.3)"},
    {MT_PF_IGNORE_KEY_USAGE, ON_LEAF, may_not_encipher_keys, MT_ALERT_UNSUPPORTED_CERTIFICATE,
     "its key may not encipher keys (rfc5280#4.2.1.3)"},
    {MT_PF_IGNORE_KEY_USAGE, ON_LEAF, may_not_agree_on_keys, MT_ALERT_UNSUPPORTED_CERTIFICATE,
     "its key may not agree on keys (rfc5280#4.2.1.3)"},
    {MT_PF_IGNORE_EXTENDED_KEY_USAGE, ON_BOTH, is_for_other_purpose, MT_ALERT_UNSUPPORTED_CERTIFICATE,
     "is for other purposes (rfc5280#4.2.1.12)"},
    {MT_PF_IGNORE_LEAF_CONSTRAINTS, ON_LEAF, has_rights_of_a_ca, MT_ALERT_BAD_CERTIFICATE,
     "is no CA and has the rights of one (rfc5280#4.2.1.9)"},
    {MT_PF_REFUSE_WITHOUT_EXTENDED_KEY_USAGE, ON_LEAF, has_no_purpose, MT_ALERT_UNSUPPORTED_CERTIFICATE, "has no extendedKeyUsage"},
    {MT_PF_REFUSE_SECOND_PURPOSE, ON_LEAF, has_second_purpose, MT_ALERT_UNSUPPORTED_CERTIFICATE, "is for other purposes too"},
    {MT_PF_REFUSE_CRITICAL_EXTENDED_KEY_USAGE, ON_LEAF, has_critical_purpose, MT_ALERT_CERTIFICATE_UNKNOWN,
     "has a critical extendedKeyUsage"},
    {MT_PF_REFUSE_ISSUER_PURPOSE, ON_ISSUERS, has_purpose, MT_ALERT_CERTIFICATE_UNKNOWN, "is an issuer with extendedKeyUsage"},
    {MT_PF_REFUSE_WITHOUT_KEY_USAGE, ON_LEAF, has_no_usage, MT_ALERT_UNSUPPORTED_CERTIFICATE, "has no keyUsage"},
    {MT_PF_REFUSE_ISSUER_WITHOUT_KEY_USAGE, ON_ISSUERS, has_no_usage, MT_ALERT_UNKNOWN_CA, "is an issuer without keyUsage"},
    {MT_PF_REFUSE_SECOND_USAGE, ON_LEAF, has_second_usage, MT_ALERT_UNSUPPORTED_CERTIFICATE, "its key has other uses too"},
    {MT_PF_REFUSE_CA_AS_LEAF, ON_LEAF, is_ca, MT_ALERT_BAD_CERTIFICATE, "is a CA"},
    {MT_PF_REFUSE_UNCRITICAL_BASIC_CONSTRAINTS, ON_ISSUERS, has_uncritical_constraints, MT_ALERT_UNKNOWN_CA,
     "its basicConstraints are not critical"},
    {MT_PF_REFUSE_SELF_ISSUED, ON_BOTH, is_self_issued, MT_ALERT_BAD_CERTIFICATE, "is self-issued"},
    {MT_PF_REFUSE_WITHOUT_KEY_IDENTIFIER, ON_LEAF, has_no_issuer_key_id, MT_ALERT_UNKNOWN_CA, "does not identify its issuer's key"},
    {MT_PF_REFUSE_WITHOUT_KEY_IDENTIFIER, ON_ISSUERS, has_no_key_id, MT_ALERT_UNKNOWN_CA, "does not identify its key"},
    {MT_PF_REFUSE_UNKNOWN_EXTENSION, ON_BOTH, has_unknown_extension, MT_ALERT_CERTIFICATE_UNKNOWN, "has an extension that is not known"},
    {MT_PF_REFUSE_ODD_SERIAL, ON_LEAF, has_odd_serial, MT_ALERT_BAD_CERTIFICATE, "has an odd serial number"},
    {MT_PF_REFUSE_LONG_SERIAL, ON_LEAF, has_long_serial, MT_ALERT_BAD_CERTIFICATE, "has a long serial number"},
    {MT_PF_REFUSE_LONG_VALIDITY, ON_LEAF, is_valid_for_long, MT_ALERT_BAD_CERTIFICATE, "is valid for too long"},
    {MT_PF_REFUSE_GENERALIZED_TIME, ON_BOTH, has_generalized_time, MT_ALERT_BAD_CERTIFICATE, "has GeneralizedTime before 2050"},
    {MT_PF_REFUSE_UNCOMMON_KEY, ON_BOTH, has_uncommon_key, MT_ALERT_UNSUPPORTED_CERTIFICATE, "its key is not of a common kind"},
    {MT_PF_REFUSE_UNCOMMON_SIGNATURE, ON_BOTH, has_uncommon_signature, MT_ALERT_BAD_CERTIFICATE, "its signature is not of a common kind"},
};

/* A right rule counts unless its fault leaves it out, an over-strict one only if its fault adds it. */
static bool counts(const mt_judge *j, mt_path_fault_id fault)
{
    return mt_judge_has(j, fault) == mt_path_faults[fault].over_strict;
}

static void judge_one(mt_judge *j, X509 *x, unsigned on)
{
    for (size_t i = 0; j->verdict.ok && i < MT_COUNT(rules); i++)
        if ((rules[i].on & on) && counts(j, rules[i].fault) && rules[i].is_broken(j, x))
            mt_judge_find(j, x, rules[i].alert, rules[i].text);
    ERR_clear_error();
}

void mt_judge_leaf(mt_judge *j)
{
    if (X509_get0_pubkey(j->sent[0]) == NULL) /* libcrypto would call it too small */
        mt_judge_find(j, j->sent[0], MT_ALERT_BAD_CERTIFICATE, "its key cannot be read (rfc5280#4.1.2.7)");
    judge_one(j, j->sent[0], ON_LEAF);
}

/* ---- of the whole path: each returns the certificate that breaks it, or NULL ---- */

static X509 *root_in_list(const mt_judge *j)
{
    for (size_t i = 0; i < j->path->chain_len; i++)
        if (j->sent[i] != NULL && is_self_issued(j, j->sent[i]) && X509_self_signed(j->sent[i], 0) == 1 && is_ca(j, j->sent[i]))
            return j->sent[i];
    return NULL;
}

static X509 *duplicate(const mt_judge *j)
{
    for (size_t i = 1; i < j->path->chain_len; i++)
        for (size_t k = 0; k < i; k++)
            if (j->sent[i] != NULL && mt_span_equal(j->path->chain[i], j->path->chain[k]))
                return j->sent[i];
    return NULL;
}

static size_t place_of(const mt_judge *j, const X509 *x)
{
    size_t i = 0;
    while (i < j->built_len && X509_cmp(j->built[i], x) != 0)
        i++;
    return i;
}

static X509 *stray(const mt_judge *j)
{
    for (size_t i = 0; i < j->path->chain_len; i++)
        if (j->sent[i] != NULL && place_of(j, j->sent[i]) == j->built_len)
            return j->sent[i];
    return NULL;
}

static X509 *out_of_order(const mt_judge *j)
{
    size_t highest = 0;
    for (size_t i = 0; i < j->path->chain_len; i++) {
        size_t place = j->sent[i] ? place_of(j, j->sent[i]) : j->built_len;
        if (place < highest)
            return j->sent[i];
        highest = place < j->built_len ? place : highest;
    }
    return NULL;
}

static size_t intermediates(const mt_judge *j)
{
    size_t n = 0;
    for (size_t i = 1; i < j->built_len; i++)
        n += !mt_judge_is_anchor(j, j->built[i]);
    return n;
}

static X509 *second_intermediate(const mt_judge *j)
{
    return intermediates(j) > 1 ? j->built[0] : NULL;
}

static X509 *no_intermediate(const mt_judge *j)
{
    return intermediates(j) == 0 ? j->built[0] : NULL;
}

/* By libcrypto's name: a key of SM2 has no number there. */
static const char *family_of(X509 *x)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    const char *name = key ? EVP_PKEY_get0_type_name(key) : NULL;
    return name ? name : "";
}

static X509 *other_algorithm(const mt_judge *j)
{
    for (size_t i = 1; i < j->built_len; i++)
        if (strcmp(family_of(j->built[i]), family_of(j->built[0])) != 0)
            return j->built[0];
    return NULL;
}

/* RFC 8998 3.3.3: "The signature algorithm used by the CA to sign the current certificate MUST be sm2sig_sm3"; and up to the root. */
static X509 *sm2_under_other(const mt_judge *j)
{
    return strcmp(family_of(j->built[0]), "SM2") == 0 ? other_algorithm(j) : NULL;
}

static X509 *outliving(const mt_judge *j)
{
    for (size_t i = 1; i < j->built_len; i++)
        if (ASN1_TIME_compare(X509_get0_notAfter(j->built[0]), X509_get0_notAfter(j->built[i])) > 0)
            return j->built[0];
    return NULL;
}

static const struct {
    mt_path_fault_id fault;
    X509 *(*broken_by)(const mt_judge *j);
    const char *text;
} path_rules[] = {
    {MT_PF_REFUSE_ROOT_IN_LIST, root_in_list, "is a root in the list"},
    {MT_PF_REFUSE_DUPLICATE_CERTIFICATE, duplicate, "is in the list twice"},
    {MT_PF_REFUSE_STRAY_CERTIFICATE, stray, "is not on the path"},
    {MT_PF_REFUSE_REVERSED_ORDER, out_of_order, "comes after its issuer"},
    {MT_PF_REQUIRE_ONE_INTERMEDIATE_AT_MOST, second_intermediate, "its path is too long"},
    {MT_PF_REFUSE_WITHOUT_INTERMEDIATE, no_intermediate, "the root itself issued it"},
    {MT_PF_REFUSE_MIXED_ALGORITHMS, other_algorithm, "its path has keys of another algorithm"},
    {MT_PF_REFUSE_OUTLIVING_ISSUER, outliving, "ends after its issuer"},
    {MT_PF_ACCEPT_SM2_UNDER_OTHER_CA, sm2_under_other, "its key is of SM2 and a CA above it is not (rfc8998#3.3.3)"},
};

void mt_judge_path(mt_judge *j)
{
    for (size_t i = 1; j->verdict.ok && i < j->built_len; i++)
        if (!mt_judge_is_anchor(j, j->built[i]))
            judge_one(j, j->built[i], ON_ISSUERS);
    for (size_t i = 0; j->verdict.ok && i < MT_COUNT(path_rules); i++) {
        X509 *x = counts(j, path_rules[i].fault) ? path_rules[i].broken_by(j) : NULL;
        if (x != NULL)
            mt_judge_find(j, x, MT_ALERT_BAD_CERTIFICATE, path_rules[i].text);
    }
}
