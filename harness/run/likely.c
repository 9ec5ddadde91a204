// SPDX-License-Identifier: Apache-2.0
#include "run/judge.h"

#include <string.h>

/* Which failures a sentence is about. Zero fields fit all; the first row that fits counts. */
typedef struct cause {
    mt_outcome_kind kind;   /* observed; MT_OUTCOME_NONE: any */
    bool when_refused_expected;
    const char *about;      /* a tag of the case, or a part of its id */
    mt_manner manner;
    int number;             /* alert or status */
    mt_where where;
    const char *sentence;
} cause;

static const cause causes[] = {
    {MT_SERVED, true, "encryption-", 0, 0, 0,
        "only the signing certificate is judged: path, dates and usage of the encryption certificate are not looked at"},
    {MT_SERVED, true, "tlcp-pair", 0, 0, 0, "the two certificates of the pair are not told apart, or only one of them is judged"},
    {MT_SERVED, true, "sm2-mismatch", 0, 0, 0,
        "the algorithms of the client's key and of its CAs are not held to the suite of the connection"},
    {MT_SERVED, true, "sm2-signature", 0, 0, 0,
        "SM2 signatures are checked loosely: the identifier, Z, the range of r and s, or their encoding"},
    {MT_SERVED, true, "tlcp-key-exchange", 0, 0, 0, "what ClientKeyExchange brings is used without being checked"},
    {MT_SERVED, true, "resumption", 0, 0, 0, "a session is taken up again without the certificate, or the name, that it stood for"},
    {MT_SERVED, true, "intermediate-missing", 0, 0, 0,
        "the target holds the intermediate itself (pki/bundle.pem or it was installed as a trusted CA), or does not verify at all"},
    {MT_SERVED, true, "missing", 0, 0, 0,
        "a certificate is asked for but not required (nginx: ssl_verify_client optional; haproxy: verify optional)"},
    {MT_SERVED, true, "wrong-ca", 0, 0, 0,
        "certificates are asked for but not verified (nginx: optional_no_ca; haproxy: crt-ignore-err all; Go: RequireAnyClientCert)"},
    {MT_SERVED, true, "possession", 0, 0, 0,
        "the proof of possession is not checked: whoever has a copy of the certificate can enter without its key"},
    {MT_SERVED, true, "expired", 0, 0, 0, "the validity dates of the client's chain are not checked, or the server's clock is wrong"},
    {MT_SERVED, true, "validity", 0, 0, 0, "the validity dates of the client's chain are not checked, or the server's clock is wrong"},
    {MT_SERVED, true, "purpose", 0, 0, 0, "the purpose of the certificate (extended key usage, key usage) is not checked"},
    {MT_SERVED, true, "chain", 0, 0, 0, "the path to the trusted CA is not checked link by link"},
    {MT_SERVED, true, "algorithm", 0, 0, 0, "the signature scheme is not held to the key and to what the server offered"},
    {MT_SERVED, true, NULL, 0, 0, 0, "the server does not check what this case breaks"},
    {MT_SERVED_ANONYMOUS, true, NULL, 0, 0, 0,
        "the server lets the request through without a verified identity and leaves the decision to the application"},
    {MT_SERVED_ANONYMOUS, false, NULL, 0, 0, 0,
        "the certificate was sent and not verified, or not handed on to the application"},
    {MT_REFUSED, false, NULL, MT_BY_ALERT, 48, 0,
        "the target does not trust the CA of this credential: install ca.pem of the pki folder there"},
    {MT_REFUSED, false, "intermediates", 0, 0, 0, "the target allows fewer intermediates than the chain has (nginx: ssl_verify_depth)"},
    {MT_REFUSED, false, "depth", 0, 0, 0, "the target allows fewer intermediates than the chain has (nginx: ssl_verify_depth)"},
    {MT_REFUSED, false, NULL, MT_BY_STATUS, 400, 0,
        "the certificate did not verify at the target (nginx answers 400 and writes the reason to its error log at level info)"},
    {MT_REFUSED, false, NULL, MT_BY_STATUS, 403, 0, "the certificate verified and the application does not know its subject"},
    {MT_REFUSED, false, NULL, MT_BY_CLOSE, 0, MT_AFTER_HANDSHAKE,
        "the target ended the connection without a word after the handshake; curl calls this \"Empty reply from server\""},
    {MT_REFUSED, false, NULL, 0, 0, 0, "the target checks something that this credential does not have, or does not trust its CA"},
};

static bool has_tag(const mt_case *c, const char *tag)
{
    bool found = false;
    for (size_t i = 0; i < c->tags_len; i++)
        found = found || strcmp(c->tags[i], tag) == 0;
    return found;
}

static bool is_about(const mt_case *c, const char *about)
{
    return about == NULL || has_tag(c, about) || strstr(c->suite, about) != NULL || strstr(c->id, about) != NULL;
}

static bool outcome_fits(const cause *row, const mt_outcome *o)
{
    if (row->kind != o->kind || (row->manner != MT_NO_MANNER && row->manner != o->manner))
        return false;
    if (row->where != MT_NOWHERE && row->where != o->where)
        return false;
    return row->number == 0 || row->number == (o->manner == MT_BY_ALERT ? o->alert : o->status);
}

const char *mt_likely(const mt_case *c, const mt_facts *f)
{
    bool refused_expected = f->step->expect.kind == MT_EXPECT_REFUSED;
    if (f->seen->opened && !f->seen->requested && !f->seen->resumed && f->policy != MT_POLICY_NONE)
        return "the server does not ask for client certificates (nginx: ssl_verify_client off; haproxy: no verify on the bind line)";
    for (size_t i = 0; i < MT_COUNT(causes); i++) {
        const cause *row = &causes[i];
        if (row->when_refused_expected == refused_expected && outcome_fits(row, f->observed) && is_about(c, row->about))
            return row->sentence;
    }
    return NULL;
}
