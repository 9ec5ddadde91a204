// SPDX-License-Identifier: Apache-2.0
/* A list of TLCP: each half of the pair has its path, and there is what neither certificate shows by itself. */
#include "pki/judge.h"
#include "wire/codes.h"

#include <openssl/err.h>
#include <stdio.h>

static bool has(const mt_path *path, mt_path_fault_id fault)
{
    return path->faults >> fault & 1;
}

static mt_path_verdict refusal(uint8_t alert, const char *text)
{
    mt_path_verdict v = {.alert = alert};
    snprintf(v.text, sizeof v.text, "%s", text);
    return v;
}

/* ---- one certificate where two are due ---- */

static bool is_ca(mt_span der)
{
    X509 *x = mt_judge_parse(der);
    bool ca = x != NULL && (X509_get_extension_flags(x) & EXFLAG_CA) != 0;
    X509_free(x);
    return ca;
}

static bool may_sign(mt_span der)
{
    X509 *x = mt_judge_parse(der);
    bool may = x == NULL || (X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE) != 0; /* without keyUsage all bits are set */
    X509_free(x);
    return may;
}

/* Under the fault a list as in TLS: a leaf, then its CAs. */
static mt_path_verdict judge_single(const mt_path *path)
{
    if (!has(path, MT_PF_ACCEPT_SINGLE_CERTIFICATE))
        return refusal(MT_ALERT_BAD_CERTIFICATE, path->chain_len == 1
            ? "the encryption certificate is missing (GB/T 38636, Certificate)"
            : "the second certificate is a CA's: the encryption certificate is missing (GB/T 38636, Certificate)");
    mt_path one = *path;
    one.use = may_sign(path->chain[0]) ? MT_LEAF_SIGNS : path->use;
    return mt_path_verify(&one);
}

/* ---- the pair ---- */

static mt_path_verdict judge_both(const mt_path *path)
{
    X509 *sign = mt_judge_parse(path->chain[0]), *enc = mt_judge_parse(path->chain[1]);
    mt_path_verdict v = {.ok = true};
    if (sign == NULL || enc == NULL)
        v = refusal(MT_ALERT_BAD_CERTIFICATE, "an entry is no certificate (GB/T 38636, Certificate)");
    else if (!has(path, MT_PF_ACCEPT_PAIR_OF_TWO_SUBJECTS) &&
             X509_NAME_cmp(X509_get_subject_name(sign), X509_get_subject_name(enc)) != 0)
        v = refusal(MT_ALERT_BAD_CERTIFICATE, "the encryption certificate is of another subject than the signing certificate");
    X509_free(sign);
    X509_free(enc);
    ERR_clear_error();
    return v;
}

/* The path of one half: its leaf, and all behind the pair. */
static mt_path_verdict judge_half(const mt_path *path, size_t leaf, mt_leaf_use use)
{
    mt_path one = *path;
    mt_span *list = mt_alloc(path->chain_len * sizeof *list);
    list[0] = path->chain[leaf];
    for (size_t i = 2; i < path->chain_len; i++)
        list[i - 1] = path->chain[i];
    one.chain = list;
    one.chain_len--;
    one.use = use;
    mt_path_verdict v = mt_path_verify(&one);
    mt_free(list);
    return v;
}

static mt_path_verdict judge_encryption(const mt_path *path)
{
    mt_path_verdict enc = judge_half(path, 1, path->use);
    if (enc.ok)
        return judge_both(path);
    mt_path_verdict v = enc;
    snprintf(v.text, sizeof v.text, "encryption %.180s", enc.text);
    return v;
}

mt_path_verdict mt_path_verify_pair(const mt_path *path)
{
    if (path->chain_len == 0)
        return refusal(MT_ALERT_BAD_CERTIFICATE, "no certificate at all");
    if (path->chain_len == 1 || is_ca(path->chain[1]))
        return judge_single(path);
    bool same = mt_span_equal(path->chain[0], path->chain[1]), may_be_same = has(path, MT_PF_ACCEPT_SAME_CERTIFICATE_TWICE);
    if (same && !may_be_same)
        return refusal(MT_ALERT_BAD_CERTIFICATE, "the signing and the encryption certificate are the same (GB/T 38636, Certificate)");
    mt_path_verdict v = judge_half(path, 0, MT_LEAF_SIGNS);
    bool skips = same || has(path, MT_PF_SKIP_ENCRYPTION_CERTIFICATE);
    return v.ok && !skips ? judge_encryption(path) : v;
}
