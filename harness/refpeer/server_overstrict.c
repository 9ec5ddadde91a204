// SPDX-License-Identifier: Apache-2.0
#include <openssl/x509v3.h>

#include "refpeer/server.h"

/* What the peer sent (in its order) and the path that was found in it (leaf first, anchor last). */
typedef struct judged {
    STACK_OF(X509) *sent, *path;
    X509 *leaf;
} judged;

/* An extra check: true refuses the path. */
typedef struct extra_check {
    mt_refserver_fault fault;
    bool (*refuses)(const judged *j);
} extra_check;

static int find_from(STACK_OF(X509) *list, X509 *x, int from)
{
    for (int i = from; i < sk_X509_num(list); i++) {
        if (X509_cmp(sk_X509_value(list, i), x) == 0)
            return i;
    }
    return -1;
}

static bool has_root(const judged *j)
{
    for (int i = 1; i < sk_X509_num(j->sent); i++) {
        if (X509_self_signed(sk_X509_value(j->sent, i), 0) == 1)
            return true;
    }
    return false;
}

static bool has_duplicate(const judged *j)
{
    for (int i = 0; i < sk_X509_num(j->sent); i++) {
        if (find_from(j->sent, sk_X509_value(j->sent, i), i + 1) >= 0)
            return true;
    }
    return false;
}

static bool has_stray(const judged *j)
{
    for (int i = 0; i < sk_X509_num(j->sent); i++) {
        if (find_from(j->path, sk_X509_value(j->sent, i), 0) < 0)
            return true;
    }
    return false;
}

static bool is_out_of_order(const judged *j)
{
    int last = -1;
    for (int i = 0; i < sk_X509_num(j->path); i++) {
        int at = find_from(j->sent, sk_X509_value(j->path, i), 0);
        if (at >= 0 && at < last)
            return true;
        last = at >= 0 ? at : last;
    }
    return false;
}

static bool has_two_intermediates(const judged *j)
{
    return sk_X509_num(j->path) > 3;
}

static bool lacks_extended_key_usage(const judged *j)
{
    return (X509_get_extension_flags(j->leaf) & EXFLAG_XKUSAGE) == 0;
}

static bool lacks_key_usage(const judged *j)
{
    return (X509_get_extension_flags(j->leaf) & EXFLAG_KUSAGE) == 0;
}

/* libcrypto has a name for every extension that it understands, and some more. */
static bool has_unknown_extension(const judged *j)
{
    for (int i = 0; i < sk_X509_num(j->path); i++) {
        X509 *x = sk_X509_value(j->path, i);
        for (int e = 0; e < X509_get_ext_count(x); e++) {
            if (OBJ_obj2nid(X509_EXTENSION_get_object(X509_get_ext(x, e))) == NID_undef)
                return true;
        }
    }
    return false;
}

static bool has_mixed_keys(const judged *j)
{
    int wanted = EVP_PKEY_get_base_id(X509_get0_pubkey(j->leaf));
    for (int i = 1; i < sk_X509_num(j->path); i++) {
        if (EVP_PKEY_get_base_id(X509_get0_pubkey(sk_X509_value(j->path, i))) != wanted)
            return true;
    }
    return false;
}

static const extra_check checks[] = {
    {MT_FAULT_REFUSE_ROOT_IN_LIST, has_root},
    {MT_FAULT_REFUSE_DUPLICATE_CERTIFICATE, has_duplicate},
    {MT_FAULT_REFUSE_STRAY_CERTIFICATE, has_stray},
    {MT_FAULT_REFUSE_REVERSED_ORDER, is_out_of_order},
    {MT_FAULT_REQUIRE_ONE_INTERMEDIATE_AT_MOST, has_two_intermediates},
    {MT_FAULT_REFUSE_WITHOUT_EXTENDED_KEY_USAGE, lacks_extended_key_usage},
    {MT_FAULT_REFUSE_WITHOUT_KEY_USAGE, lacks_key_usage},
    {MT_FAULT_REFUSE_UNKNOWN_EXTENSION, has_unknown_extension},
    {MT_FAULT_REFUSE_MIXED_ALGORITHMS, has_mixed_keys},
};

bool mt_refserver_is_overstrict(X509_STORE_CTX *ctx, uint64_t faults)
{
    judged j = {X509_STORE_CTX_get0_untrusted(ctx), X509_STORE_CTX_get0_chain(ctx), X509_STORE_CTX_get0_cert(ctx)};
    for (size_t i = 0; i < MT_REF_COUNT(checks); i++) {
        if ((faults & mt_refserver_bit(checks[i].fault)) != 0 && checks[i].refuses(&j))
            return true;
    }
    return false;
}
