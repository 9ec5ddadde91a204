// SPDX-License-Identifier: Apache-2.0
#include "run/judge.h"

#include "wire/codes.h"

#include <stdio.h>

typedef struct unjudged_row {
    mt_outcome_kind kind;
    mt_verdict verdict;
    const char *type;
} unjudged_row;

/* Outcomes that neither grant nor refuse. `error` is ours or the network's. */
static const unjudged_row unjudged[] = {
    {MT_OUTCOME_NONE, MT_ERROR, "infrastructure.interrupted"},
    {MT_UNREACHABLE, MT_ERROR, "infrastructure.unreachable"},
    {MT_DISTRUSTED, MT_ERROR, "infrastructure.distrusted"},
    {MT_UNANSWERED, MT_INCONCLUSIVE, "inconclusive.unanswered"},
    {MT_UNDECIDED, MT_INCONCLUSIVE, "inconclusive.answer"},
    {MT_GARBLED, MT_INCONCLUSIVE, "inconclusive.garbled"},
};

enum { RSA_SIGN = 1, ECDSA_SIGN = 64 }; /* ClientCertificateType, RFC 5246 7.4.4, RFC 8422 5.5 */

static const mt_ruling clean_pass = {.verdict = MT_PASS};

static const unjudged_row *unjudged_of(mt_outcome_kind kind)
{
    for (size_t i = 0; i < MT_COUNT(unjudged); i++) {
        if (unjudged[i].kind == kind)
            return &unjudged[i];
    }
    return NULL;
}

bool mt_was_served(const mt_outcome *o)
{
    return o->kind == MT_SERVED || o->kind == MT_SERVED_ANONYMOUS;
}

/* ---- words ---- */

static void write_alerts(const uint8_t *alerts, size_t n, mt_writer *out)
{
    for (size_t i = 0; i < n; i++) {
        mt_writef(out, "%s", i == 0 ? "" : i + 1 == n ? " or " : ", ");
        mt_code_write(&mt_alerts, alerts[i], out);
    }
}

static void write_where(mt_where where, mt_writer *out)
{
    static const char *const phrases[] = {[MT_NOWHERE] = "", [MT_IN_HANDSHAKE] = " in the handshake",
        [MT_AFTER_HANDSHAKE] = " after the handshake", [MT_IN_HTTP] = " over HTTP"};
    mt_writef(out, "%s", phrases[where]);
}

void mt_expect_words(const mt_expect *e, const mt_prefer *p, mt_writer *out)
{
    static const char *const kinds[] = {[MT_EXPECT_SERVED] = "served", [MT_EXPECT_SERVED_ANONYMOUS] = "served without an identity",
        [MT_EXPECT_REFUSED] = "refused", [MT_EXPECT_INFO] = "recorded, whatever it is"};
    mt_writef(out, "%s", kinds[e->kind]);
    write_where(e->where, out);
    for (size_t i = 0; i < e->statuses_len; i++)
        mt_writef(out, "%s%d", i == 0 ? " with " : " or ", e->statuses[i]);
    if (e->alerts_len != 0)
        mt_writef(out, " by alert ");
    write_alerts(e->alerts, e->alerts_len, out);
    if (p->alerts_len == 0 && p->where == MT_NOWHERE)
        return;
    mt_writef(out, ", preferably");
    write_where(p->where, out);
    if (p->alerts_len != 0)
        mt_writef(out, " by alert ");
    write_alerts(p->alerts, p->alerts_len, out);
}

/* "expected ...; observed ..." or what `said` says instead. */
static mt_ruling ruling(const mt_facts *f, mt_verdict verdict, const char *type, const char *said)
{
    mt_ruling r = {.verdict = verdict, .type = verdict == MT_PASS ? NULL : type, .note = verdict == MT_PASS};
    mt_writer w = {0};
    if (said != NULL) {
        mt_writef(&w, "%s", said);
    } else {
        mt_writef(&w, "expected ");
        mt_expect_words(&f->step->expect, &(mt_prefer){0}, &w);
        mt_writef(&w, "; observed ");
        mt_outcome_write(f->observed, &w);
    }
    snprintf(r.message, sizeof r.message, "%s", mt_writer_text(&w));
    mt_writer_free(&w);
    return r;
}

static mt_ruling with_observed(const mt_facts *f, mt_ruling r, const char *before)
{
    mt_writer w = {0};
    mt_writef(&w, "%s", before);
    mt_outcome_write(f->observed, &w);
    snprintf(r.message, sizeof r.message, "%s", mt_writer_text(&w));
    mt_writer_free(&w);
    return r;
}

/* ---- the server's request ---- */

static bool is_of(mt_key_kind kind, mt_algorithm a)
{
    mt_algorithm own = kind == MT_KEY_RSA ? MT_RSA : kind == MT_KEY_SM2 ? MT_SM2 : MT_ECC;
    return own == a;
}

static bool has_type(const mt_attempt_facts *seen, uint8_t type)
{
    return seen->types_len != 0 && memchr(seen->types, type, seen->types_len) != NULL;
}

/* A client with a key of `algorithm` finds a scheme to answer with, and in TLS 1.2 and TLCP a certificate type; TLCP lists no
 * schemes. */
static bool schemes_serve(const mt_attempt_facts *seen, mt_algorithm algorithm)
{
    bool tls12 = seen->version == MT_TLS12, tlcp = seen->version == MT_TLCP;
    if ((tls12 || tlcp) && !has_type(seen, algorithm == MT_RSA ? RSA_SIGN : ECDSA_SIGN))
        return false;
    if (tlcp)
        return true;
    for (size_t i = 0; i < seen->schemes_len; i++) {
        const mt_scheme *s = mt_scheme_find(seen->schemes[i]);
        if (s != NULL && is_of(s->kind, algorithm) && (tls12 ? s->tls12 : s->tls13))
            return true;
    }
    return false;
}

static bool names_serve(const mt_attempt_facts *seen, mt_span anchor)
{
    bool found = seen->names_len == 0 || anchor.len == 0;
    for (size_t i = 0; i < seen->names_len; i++)
        found = found || mt_span_equal(seen->names[i], anchor);
    return found;
}

/* What is wrong with the request, or NULL. */
static const char *request_fault(const mt_facts *f)
{
    const mt_attempt_facts *seen = f->seen;
    switch (f->step->observe) {
    case MT_OBSERVE_REQUESTED:
        return seen->requested ? NULL : "the server does not ask for a certificate";
    case MT_OBSERVE_NOT_REQUESTED:
        return seen->requested ? "the server asks for a certificate" : NULL;
    case MT_OBSERVE_REQUEST_FORM:
        return seen->oddity;
    case MT_OBSERVE_SCHEMES:
        return schemes_serve(seen, f->step->present.algorithm) ? NULL : "a client with this kind of key finds no scheme to sign with";
    case MT_OBSERVE_CA_NAMES:
        return names_serve(seen, f->anchor_name) ? NULL : "CA names are listed, and the CA that is trusted is not among them";
    case MT_OBSERVE_NOTHING:
        break;
    }
    return NULL;
}

/* Whether the handshake went so far that a request would have been seen. */
static bool request_was_due(const mt_facts *f)
{
    return f->seen->opened || f->seen->requested;
}

/* ---- outcomes ---- */

static bool has_int(const int *rows, size_t n, int wanted)
{
    bool found = false;
    for (size_t i = 0; i < n; i++)
        found = found || rows[i] == wanted;
    return found;
}

static bool has_alert(const uint8_t *rows, size_t n, int wanted)
{
    return n != 0 && memchr(rows, wanted, n) != NULL;
}

/* A refusal; also a status that the case expects although it judges nothing by itself (421). */
static bool is_refusal(const mt_facts *f)
{
    const mt_expect *e = &f->step->expect;
    if (f->observed->kind == MT_UNDECIDED && e->kind == MT_EXPECT_REFUSED)
        return has_int(e->statuses, e->statuses_len, f->observed->status);
    return f->observed->kind == MT_REFUSED;
}

static bool narrowing_fits(const mt_expect *e, const mt_outcome *o)
{
    mt_where where = o->kind == MT_UNDECIDED ? MT_IN_HTTP : o->where;
    if (e->where != MT_NOWHERE && e->where != where)
        return false;
    if (e->statuses_len != 0 && where == MT_IN_HTTP && !has_int(e->statuses, e->statuses_len, o->status))
        return false;
    return e->alerts_len == 0 || o->manner != MT_BY_ALERT || has_alert(e->alerts, e->alerts_len, o->alert);
}

static bool preference_fits(const mt_prefer *p, const mt_outcome *o)
{
    if (p->where != MT_NOWHERE && p->where != o->where)
        return false;
    return p->alerts_len == 0 || (o->manner == MT_BY_ALERT && has_alert(p->alerts, p->alerts_len, o->alert));
}

static mt_ruling judge_manner(const mt_facts *f)
{
    const mt_step_plan *s = f->step;
    if (!narrowing_fits(&s->expect, f->observed))
        return ruling(f, MT_FAIL, "expectation.manner", NULL);
    if (preference_fits(&s->prefer, f->observed))
        return clean_pass;
    mt_writer w = {0};
    mt_expect_words(&s->expect, &s->prefer, &w);
    mt_writef(&w, "; observed ");
    mt_outcome_write(f->observed, &w);
    mt_ruling r = ruling(f, f->strict ? MT_FAIL : MT_PASS, "expectation.manner", mt_writer_text(&w));
    mt_writer_free(&w);
    return r;
}

/* A bad credential reached the application. Where the policy lets strangers in, only the echo tells whether it was believed. A
 * lie on the wire breaks the protocol, which no policy allows. */
static mt_ruling judge_bad_served(const mt_facts *f)
{
    bool lie = f->step->edits_len != 0;
    bool strangers_pass = !lie && (f->policy == MT_POLICY_OPTIONAL || f->policy == MT_POLICY_REQUEST);
    if (!strangers_pass || f->seen->echo == MT_ECHO_VERIFIED)
        return ruling(f, MT_FAIL, "expectation.verdict", NULL);
    if (f->observed->kind == MT_SERVED_ANONYMOUS)
        return clean_pass;
    return ruling(f, MT_UNSUPPORTED, "unsupported",
        "identity not visible: the policy lets strangers in and the answer does not say whom it saw");
}

static mt_ruling judge_served(const mt_facts *f)
{
    bool presented = f->step->present.len != 0;
    bool must_see = presented && (f->policy == MT_POLICY_REQUIRED || f->policy == MT_POLICY_OPTIONAL);
    if (f->observed->kind == MT_SERVED_ANONYMOUS && must_see)
        return ruling(f, MT_FAIL, "expectation.verdict", "served, but the origin says that it saw no verified identity");
    if (f->step->resume != NULL && !f->seen->resumed)
        return ruling(f, MT_PASS, NULL, "the session was not taken up: it was a full handshake");
    return clean_pass;
}

static mt_ruling judge_anonymous(const mt_facts *f)
{
    if (f->seen->echo == MT_ECHO_VERIFIED)
        return ruling(f, MT_FAIL, "expectation.verdict", "the origin says that it saw a verified identity");
    if (f->step->present.len != 0 && f->observed->kind == MT_SERVED)
        return ruling(f, MT_UNSUPPORTED, "unsupported", "identity not visible: the answer does not say whom it saw");
    return clean_pass;
}

static mt_ruling judge_outcome(const mt_facts *f)
{
    mt_expected kind = f->step->expect.kind;
    if (kind == MT_EXPECT_REFUSED)
        return is_refusal(f) ? judge_manner(f) : judge_bad_served(f);
    if (!mt_was_served(f->observed))
        return ruling(f, MT_FAIL, "expectation.verdict", NULL);
    return kind == MT_EXPECT_SERVED ? judge_served(f) : judge_anonymous(f);
}

static mt_ruling judge_beside_twin(const mt_facts *f)
{
    mt_ruling r = judge_outcome(f);
    bool lonely = f->twin != NULL && !mt_was_served(f->twin) && !mt_was_served(f->observed);
    if (!lonely)
        return r;
    mt_writer w = {0};
    mt_writef(&w, "%s must be served for this to count, and was ", f->twin_id ? f->twin_id : "the twin");
    mt_outcome_write(f->twin, &w);
    r = ruling(f, MT_INCONCLUSIVE, "inconclusive.twin", mt_writer_text(&w));
    mt_writer_free(&w);
    return r;
}

/* The policy says that it asks, and it did not: only the case that is about the request has something to judge. */
static bool never_asked(const mt_facts *f)
{
    bool own_matter = f->step->observe == MT_OBSERVE_REQUESTED || f->step->observe == MT_OBSERVE_NOT_REQUESTED;
    bool was_due = f->seen->opened && !f->seen->resumed; /* a session that is taken up comes with what was asked then */
    return f->policy != MT_POLICY_NONE && !own_matter && was_due && !f->seen->requested;
}

/* A target that takes no session up also refuses to take up the ones that it must refuse, and leaves no ticket to change. */
static bool takes_none(const mt_facts *f)
{
    return f->step->resume != NULL && f->step->expect.kind == MT_EXPECT_REFUSED && f->declined != 0 && f->taken == 0;
}

/* What keeps a run from showing anything, whatever came of it; MT_PASS: nothing. */
static mt_ruling judge_premises(const mt_facts *f)
{
    if (takes_none(f) && !mt_was_served(f->observed))
        return ruling(f, MT_UNSUPPORTED, "unsupported", "the target takes no session up, so this shows nothing");
    if (f->seen->edit_missed != NULL && !takes_none(f))
        return ruling(f, MT_ERROR, "internal.edit", "an edit of the case found no such field, or byte: the lie was not told");
    if (never_asked(f))
        return ruling(f, MT_UNSUPPORTED, "unsupported", "the server never asks for a certificate, so this shows nothing");
    if (f->seen->requested && f->seen->scheme_unoffered && !mt_was_served(f->observed))
        return ruling(f, MT_UNSUPPORTED, "unsupported", "the server lists no signature scheme for this kind of key");
    return clean_pass;
}

static mt_ruling judge(const mt_facts *f)
{
    const unjudged_row *none = unjudged_of(f->observed->kind);
    const char *fault = request_was_due(f) ? request_fault(f) : NULL;
    if (none != NULL && none->verdict == MT_ERROR)
        return with_observed(f, ruling(f, none->verdict, none->type, ""), "");
    mt_ruling premises = judge_premises(f);
    if (premises.verdict != MT_PASS)
        return premises;
    if (fault != NULL)
        return ruling(f, MT_FAIL, "expectation.request", fault);
    if (f->step->expect.kind == MT_EXPECT_INFO)
        return with_observed(f, ruling(f, MT_PASS, NULL, ""), "observed: ");
    if (none != NULL && !is_refusal(f))
        return with_observed(f, ruling(f, none->verdict, none->type, ""), "");
    return judge_beside_twin(f);
}

/* What a breach means at the level of the case. */
static mt_ruling at_level(const mt_facts *f, mt_ruling r)
{
    bool lenient = f->level == MT_LEVEL_INFO || (f->level == MT_LEVEL_SHOULD && !f->strict);
    if (r.verdict != MT_FAIL || !lenient)
        return r;
    mt_ruling out = {.verdict = MT_PASS, .note = true};
    snprintf(out.message, sizeof out.message, "%s: %.180s", mt_level_name(f->level), r.message);
    return out;
}

mt_ruling mt_judge_step(const mt_facts *f)
{
    return at_level(f, judge(f));
}

bool mt_worth_retry(const mt_outcome *o)
{
    return o->kind == MT_UNREACHABLE || o->kind == MT_UNDECIDED || o->kind == MT_UNANSWERED;
}

int mt_exit_code(const mt_summary *s)
{
    size_t judged = s->counts[MT_PASS] + s->counts[MT_FAIL] + s->counts[MT_KNOWN];
    if (s->internal != 0)
        return 3;
    if (s->interrupted)
        return 2;
    if (s->counts[MT_FAIL] != 0)
        return 1;
    if (s->counts[MT_ERROR] + s->counts[MT_INCONCLUSIVE] != 0)
        return 6;
    return judged == 0 ? 5 : 0;
}
