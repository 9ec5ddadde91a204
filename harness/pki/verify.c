// SPDX-License-Identifier: Apache-2.0
#include "pki/judge.h"
#include "wire/codes.h"

#include <openssl/err.h>
#include <stdio.h>

bool mt_judge_has(const mt_judge *j, mt_path_fault_id fault)
{
    return j->path->faults >> fault & 1;
}

static int number_of(const mt_judge *j, const X509 *x)
{
    for (size_t i = 0; i < j->path->chain_len && i < MT_CHAIN_MAX; i++)
        if (j->sent[i] == x)
            return (int)i;
    return -1;
}

void mt_judge_find(mt_judge *j, const X509 *x, uint8_t alert, const char *what)
{
    if (!j->verdict.ok)
        return;
    char name[80] = "";
    if (x != NULL)
        X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, name, sizeof name);
    for (char *c = name; *c != 0; c++)
        *c = *c < ' ' || *c > '~' ? '?' : *c;
    int number = x ? number_of(j, x) : -1;
    j->verdict.ok = false;
    j->verdict.alert = alert;
    if (x == NULL)
        snprintf(j->verdict.text, sizeof j->verdict.text, "%s", what);
    else if (number >= 0)
        snprintf(j->verdict.text, sizeof j->verdict.text, "certificate %d (%s): %s", number, name, what);
    else
        snprintf(j->verdict.text, sizeof j->verdict.text, "trusted certificate (%s): %s", name, what);
}

bool mt_judge_is_anchor(const mt_judge *j, const X509 *x)
{
    for (size_t i = 0; i < j->path->anchors_len; i++)
        if (j->anchors[i] != NULL && X509_cmp(j->anchors[i], x) == 0)
            return true;
    return false;
}

/* GM/T 0009 10. libcrypto 3.0 takes the empty id where none is set, and asks each certificate whose signature it checks; one that
 * another algorithm signed must not have it, or its check fails. */
static void set_id(X509 *x)
{
    static const char id[] = "1234567812345678";
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    if (octets == NULL || ASN1_OCTET_STRING_set(octets, (const unsigned char *)id, sizeof id - 1) != 1)
        mt_die("out of memory");
    X509_set0_distinguishing_id(x, octets);
}

X509 *mt_judge_parse(mt_span der)
{
    const unsigned char *at = der.at;
    X509 *x = der.len > 0 && der.len < INT32_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;
    if (x != NULL && at != der.at + der.len) {
        X509_free(x);
        x = NULL;
    }
    if (x != NULL && X509_get_signature_nid(x) == NID_SM2_with_SM3)
        set_id(x);
    return x;
}

static void parse_sent(mt_judge *j)
{
    const mt_path *path = j->path;
    if (path->chain_len == 0)
        mt_judge_find(j, NULL, MT_ALERT_BAD_CERTIFICATE, "no certificate at all");
    if (path->chain_len > MT_CHAIN_MAX)
        mt_judge_find(j, NULL, MT_ALERT_BAD_CERTIFICATE, "more certificates than are looked at");
    for (size_t i = 0; j->verdict.ok && i < path->chain_len; i++) {
        j->sent[i] = mt_judge_parse(path->chain[i]);
        if (j->sent[i] != NULL || (i > 0 && mt_judge_has(j, MT_PF_ACCEPT_JUNK_CERTIFICATE)))
            continue;
        mt_judge_find(j, NULL, MT_ALERT_BAD_CERTIFICATE, "an entry is no certificate (rfc8446#4.4.2)");
    }
}

/* RFC 9525 6.3, 6.4: names and addresses of the subjectAltName only, no partial wildcards. */
static void judge_host(mt_judge *j)
{
    const char *host = j->path->host;
    if (j->path->purpose != MT_PURPOSE_SERVER || host == NULL || mt_judge_has(j, MT_PF_ACCEPT_OTHER_HOST))
        return;
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
    bool is_address = address != NULL;
    ASN1_OCTET_STRING_free(address);
    unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    int match = is_address ? X509_check_ip_asc(j->sent[0], host, 0) : X509_check_host(j->sent[0], host, strlen(host), flags, NULL);
    if (match != 1)
        mt_judge_find(j, j->sent[0], MT_ALERT_BAD_CERTIFICATE, "is not for the name that was asked for (rfc9525#6)");
}

mt_path_verdict mt_path_verify(const mt_path *path)
{
    mt_judge *j = mt_alloc(sizeof *j);
    j->path = path;
    j->verdict.ok = true;
    j->anchors = mt_alloc(path->anchors_len * sizeof *j->anchors);
    for (size_t i = 0; i < path->anchors_len; i++)
        j->anchors[i] = mt_judge_parse(path->anchors[i]);
    parse_sent(j);
    if (j->verdict.ok)
        mt_judge_leaf(j);
    if (j->verdict.ok)
        mt_judge_build(j);
    if (j->verdict.ok)
        mt_judge_path(j);
    if (j->verdict.ok)
        judge_host(j);
    mt_path_verdict verdict = j->verdict;
    for (size_t i = 0; i < MT_CHAIN_MAX; i++)
        X509_free(j->sent[i]);
    for (size_t i = 0; i < j->built_len; i++)
        X509_free(j->built[i]);
    for (size_t i = 0; i < path->anchors_len; i++)
        X509_free(j->anchors[i]);
    mt_free(j->anchors);
    mt_free(j);
    ERR_clear_error();
    return verdict;
}
