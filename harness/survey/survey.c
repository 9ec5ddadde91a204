// SPDX-License-Identifier: Apache-2.0
#include "survey/survey.h"

#include "wire/codes.h"

#include <stdio.h>

enum { SETTLE_MAX_US = 200000, SETTLE_MIN_US = 5000 };

typedef struct asked_row {
    uint16_t version;
    mt_realm realm;
    mt_algorithm algorithms[2]; /* of the good credential, one after the other until one is served */
} asked_row;

static const asked_row asked[MT_SURVEYED] = {
    {MT_TLS13, MT_REALM_USUAL, {MT_ECC, MT_RSA}},
    {MT_TLS12, MT_REALM_USUAL, {MT_ECC, MT_RSA}},
    {MT_TLS13, MT_REALM_TLS13_SM2, {MT_SM2, MT_SM2}},
    {MT_TLCP, MT_REALM_TLCP, {MT_SM2, MT_SM2}},
};

static const char *const realm_names[MT_REALMS] = {"TLS with RSA or ECC", "TLS 1.3 with SM2", "TLCP"};

static const char *const asks_words[] = {
    [MT_ASKS_NEVER] = "not asked for", [MT_ASKS_OPTIONAL] = "asked for, not required", [MT_ASKS_REQUIRED] = "required",
    [MT_ASKS_UNKNOWN] = "asked for; whether it is required did not show",
};

/* What the survey works with: one connection after the other. */
typedef struct surveyor {
    const mt_survey_config *c;
    mt_survey *out;
    mt_diag *d;
    uint64_t slowest_gap_us, rtt_us;
} surveyor;

uint64_t mt_survey_settle(uint64_t slowest_gap_us, uint64_t rtt_us)
{
    uint64_t settle = 2 * slowest_gap_us;
    if (settle < 2 * rtt_us)
        settle = 2 * rtt_us;
    if (settle < SETTLE_MIN_US)
        settle = SETTLE_MIN_US;
    return settle < SETTLE_MAX_US ? settle : SETTLE_MAX_US;
}

mt_realm mt_realm_of(uint16_t version, mt_algorithm a)
{
    if (a != MT_SM2)
        return MT_REALM_USUAL;
    return version == MT_TLCP ? MT_REALM_TLCP : MT_REALM_TLS13_SM2;
}

const char *mt_realm_name(mt_realm k)
{
    return realm_names[k];
}

const mt_surveyed *mt_survey_of(const mt_survey *s, uint16_t version, mt_algorithm a)
{
    for (size_t i = 0; i < MT_SURVEYED; i++) {
        if (s->versions[i].version == version && s->versions[i].realm == mt_realm_of(version, a))
            return &s->versions[i];
    }
    return NULL;
}

bool mt_survey_speaks(const mt_survey *s, mt_realm k)
{
    bool spoken = false;
    for (size_t i = 0; i < MT_SURVEYED; i++)
        spoken = spoken || (s->versions[i].realm == k && s->versions[i].spoken);
    return spoken;
}

bool mt_survey_distrusts(const mt_surveyed *v)
{
    return v->anonymous != NULL && v->anonymous->outcome.kind == MT_DISTRUSTED;
}

bool mt_survey_speaks_suite(const mt_survey *s, uint16_t suite)
{
    bool spoken = false;
    for (size_t i = 0; i < s->suites_len; i++)
        spoken = spoken || s->suites[i] == suite;
    return spoken;
}

static bool served(const mt_attempt_result *r)
{
    return r != NULL && (r->outcome.kind == MT_SERVED || r->outcome.kind == MT_SERVED_ANONYMOUS);
}

static const mt_attempt_result *attempt_one(surveyor *s, const mt_step *step)
{
    return mt_attempt_wait(step->sm2 ? s->c->sm2_target : s->c->target, step, s->c->arena);
}

static const mt_attempt_result *connect_once(surveyor *s, const mt_surveyed *v, mt_identity identity)
{
    mt_step step = {.label = "survey", .version = v->version, .sm2 = v->realm != MT_REALM_USUAL, .identity = identity};
    const mt_attempt_result *r = attempt_one(s, &step);
    if (r == NULL)
        return NULL;
    if (r->facts.gap_us > s->slowest_gap_us)
        s->slowest_gap_us = r->facts.gap_us;
    if (r->connect_us > s->rtt_us)
        s->rtt_us = r->connect_us;
    return r;
}

static bool client_identity(surveyor *s, const mt_surveyed *v, mt_algorithm a, mt_identity *out)
{
    static const char *const client[] = {"client"};
    mt_presentation what = {.names = client, .len = 1, .natural = true, .algorithm = a, .pair = v->realm == MT_REALM_TLCP};
    mt_credential c;
    if (mt_pki_presentable(s->c->pki, &what) != NULL || !mt_pki_present(s->c->pki, &what, &c, s->d))
        return false;
    *out = (mt_identity){.chain = c.chain, .chain_len = c.chain_len, .key = c.key, .enc_key = c.enc_key};
    return true;
}

/* The good credential of the first algorithm that is served. False: a signal came. */
static bool try_control(surveyor *s, mt_surveyed *v, const mt_algorithm algorithms[2])
{
    for (size_t i = 0; i < 2 && !served(v->control); i++) {
        mt_identity identity;
        if (!client_identity(s, v, algorithms[i], &identity))
            continue;
        const mt_attempt_result *r = connect_once(s, v, identity);
        if (r == NULL)
            return false;
        if (v->control == NULL || served(r)) {
            v->control = r;
            v->control_algorithm = algorithms[i];
        }
    }
    return true;
}

static bool is_wanted(const surveyor *s, mt_realm k)
{
    return k == MT_REALM_USUAL || (s->c->realms >> k & 1) != 0;
}

/* Spoken: a ServerHello of this version was read. A close without a word may have been an accident: once more. */
static const mt_attempt_result *look_twice(surveyor *s, const mt_surveyed *v)
{
    const mt_attempt_result *r = connect_once(s, v, (mt_identity){0});
    bool closed = r != NULL && r->facts.version == 0 && r->outcome.kind == MT_REFUSED && r->outcome.manner == MT_BY_CLOSE;
    return closed ? connect_once(s, v, (mt_identity){0}) : r;
}

static bool look_at(surveyor *s, mt_surveyed *v, const asked_row *row)
{
    v->version = row->version;
    v->realm = row->realm;
    if (!is_wanted(s, v->realm))
        return true;
    v->anonymous = look_twice(s, v);
    if (v->anonymous == NULL)
        return false;
    v->spoken = v->anonymous->facts.version == v->version;
    return !v->spoken || mt_survey_distrusts(v) || try_control(s, v, row->algorithms);
}

/* A ServerHello with the only suite that was offered. */
static bool look_at_suite(surveyor *s, uint16_t code)
{
    const mt_suite *suite = mt_suite_find(code);
    bool sm2 = suite->auth == MT_AUTH_SM2;
    if (!mt_survey_of(s->out, suite->version, sm2 ? MT_SM2 : MT_ECC)->spoken)
        return true;
    const mt_attempt_result *r = attempt_one(s, &(mt_step){.label = "survey", .version = suite->version, .sm2 = sm2, .suite = code});
    if (r != NULL && r->facts.suite == code)
        s->out->suites[s->out->suites_len++] = code;
    return r != NULL;
}

/* ---- what it comes to ---- */

static mt_asks asks_of(const mt_surveyed *v)
{
    if (!v->anonymous->facts.requested)
        return v->anonymous->facts.opened ? MT_ASKS_NEVER : MT_ASKS_UNKNOWN;
    if (served(v->anonymous))
        return MT_ASKS_OPTIONAL;
    return v->anonymous->outcome.kind == MT_REFUSED ? MT_ASKS_REQUIRED : MT_ASKS_UNKNOWN;
}

static bool asks_about_sm2(const surveyor *s)
{
    return is_wanted(s, MT_REALM_TLS13_SM2) || is_wanted(s, MT_REALM_TLCP);
}

static bool names_ours(surveyor *s, const mt_attempt_facts *f)
{
    bool found = false;
    for (mt_algorithm a = MT_RSA; a < MT_ALGORITHMS; a++) {
        mt_writer name = {0};
        bool known = (a != MT_SM2 || asks_about_sm2(s)) && mt_pki_anchor_name(s->c->pki, a, &name, s->d);
        for (size_t i = 0; known && i < f->names_len; i++)
            found = found || mt_span_equal(f->names[i], mt_written(&name));
        mt_writer_free(&name);
    }
    return found;
}

static void write_outcome(mt_writer *w, const char *who, const mt_attempt_result *r)
{
    mt_writef(w, "%s", who);
    mt_outcome_write(&r->outcome, w);
    mt_writef(w, "\n");
}

static void write_request(surveyor *s, mt_writer *w, const mt_attempt_facts *f)
{
    mt_writef(w, "         client certificate: %s", asks_words[s->out->asks]);
    if (!f->requested) {
        mt_writef(w, "\n");
        return;
    }
    if (f->names_len == 0)
        mt_writef(w, "; no CA names are listed\n");
    else
        mt_writef(w, "; CA names listed: %zu, %s\n", f->names_len, s->out->ca_names_ours ? "ours among them" : "ours is NOT among them");
}

static void write_version(surveyor *s, mt_writer *w, const mt_surveyed *v)
{
    const char *name = mt_code_name(&mt_versions, v->version);
    if (v->anonymous == NULL)
        return;
    if (!v->spoken) {
        mt_writef(w, "%-8s not spoken%s: ", name, v->realm == MT_REALM_TLS13_SM2 ? " with SM2" : "");
        write_outcome(w, "", v->anonymous);
        return;
    }
    const mt_attempt_facts *f = &v->anonymous->facts;
    mt_writef(w, "%-8s server key %s", name, mt_key_kind_name(f->server_key));
    if (f->suite != 0)
        mt_writef(w, ", %s", mt_code_name(&mt_suites, f->suite));
    mt_writef(w, "\n");
    if (v->control != NULL)
        write_outcome(w, "         good certificate: ", v->control);
    write_outcome(w, "         no certificate: ", v->anonymous);
    write_request(s, w, f);
}

static const mt_surveyed *first_spoken(const mt_survey *out)
{
    for (size_t i = 0; i < MT_SURVEYED; i++) {
        if (out->versions[i].spoken)
            return &out->versions[i];
    }
    return NULL;
}

static void conclude_asks(surveyor *s)
{
    const mt_surveyed *v = first_spoken(s->out);
    s->out->asks = v ? asks_of(v) : MT_ASKS_UNKNOWN;
    for (size_t i = 0; i < MT_SURVEYED; i++) {
        const mt_surveyed *row = &s->out->versions[i];
        if (!row->spoken)
            continue;
        const mt_attempt_facts *f = &row->anonymous->facts;
        s->out->ca_names_listed = s->out->ca_names_listed || f->names_len != 0;
        s->out->ca_names_ours = s->out->ca_names_ours || names_ours(s, f);
        s->out->identity_visible = s->out->identity_visible || f->echo || (row->control && row->control->facts.echo);
    }
}

/* ---- why nothing can be judged ---- */

/* Only an owner's credential leaves the other client certificates out of reach. */
static bool is_owners(const surveyor *s, const mt_surveyed *v)
{
    return mt_pki_reach(s->c->pki, "other-key", v->control_algorithm) != NULL;
}

static const char *diagnose_refusal(const surveyor *s, const mt_surveyed *v, const mt_outcome *o)
{
    if (o->kind == MT_REFUSED && !v->anonymous->facts.requested)
        return "the target does not even ask for a client certificate; the refusal has another reason";
    if (o->kind == MT_REFUSED && o->manner == MT_BY_STATUS && o->status / 100 == 2)
        return "this is not what --granted describes";
    if (o->kind == MT_REFUSED && is_owners(s, v))
        return "does it trust the CA of --cert, and does that file hold the intermediates behind the certificate?";
    if (o->kind == MT_REFUSED)
        return "does it trust our CA? Install ca.pem of the pki folder as its client CA, or name one that it trusts (--ca and "
               "--ca-key), or a credential that works (--cert and --key)";
    if (o->kind == MT_UNDECIDED)
        return "name a path that answers 2xx to a good certificate, or say with --granted what counts";
    return "without a credential that works no refusal means anything";
}

static const char *stop_at_control(surveyor *s)
{
    const mt_surveyed *shown = NULL;
    for (size_t i = 0; i < MT_SURVEYED; i++) {
        const mt_surveyed *v = &s->out->versions[i];
        if (served(v->control))
            return NULL;
        if (v->control != NULL && shown == NULL)
            shown = v;
    }
    if (shown == NULL)
        return "no credential can be presented to this target (no CA key, no --cert)";
    mt_writer w = {0};
    mt_writef(&w, "the good certificate was not served over %s: ", mt_code_name(&mt_versions, shown->version));
    mt_outcome_write(&shown->control->outcome, &w);
    mt_writef(&w, "; %s", diagnose_refusal(s, shown, &shown->control->outcome));
    const char *stop = mt_arena_strdup(s->c->arena, mt_writer_text(&w));
    mt_writer_free(&w);
    return stop;
}

static const char *stop_unspoken(surveyor *s)
{
    mt_writer w = {0};
    mt_outcome_write(&s->out->versions[0].anonymous->outcome, &w);
    const char *stop = mt_arena_strdup(s->c->arena, mt_writer_text(&w));
    mt_writer_free(&w);
    return stop;
}

/* The first row whose server certificate did not verify, if there is no other to go on with. */
static const mt_surveyed *only_distrusted(const mt_survey *out)
{
    const mt_surveyed *found = NULL;
    for (size_t i = 0; i < MT_SURVEYED; i++) {
        const mt_surveyed *v = &out->versions[i];
        bool distrusted = mt_survey_distrusts(v);
        if (v->spoken && !distrusted)
            return NULL;
        if (distrusted && found == NULL)
            found = v;
    }
    return found;
}

static const char *stop_of(surveyor *s)
{
    const mt_surveyed *v = only_distrusted(s->out);
    if (v == NULL)
        return first_spoken(s->out) == NULL ? stop_unspoken(s) : stop_at_control(s);
    const char *why = v->anonymous->outcome.text;
    return mt_arena_printf(s->c->arena, "the server's own certificate did not verify: %s (--cacert names its CA; --insecure "
                                        "goes on all the same)", why ? why : "no reason given");
}

static void set_settle(const surveyor *s, uint64_t us)
{
    s->c->target->settle_us = s->c->sm2_target->settle_us = us;
}

static void conclude(surveyor *s)
{
    mt_writer w = {0};
    conclude_asks(s);
    uint64_t learned = mt_survey_settle(s->slowest_gap_us, s->rtt_us);
    s->out->settle_us = s->c->settle_us ? s->c->settle_us : learned;
    set_settle(s, s->out->settle_us);
    for (size_t i = 0; i < MT_SURVEYED; i++)
        write_version(s, &w, &s->out->versions[i]);
    mt_writef(&w, "settle   %u ms\n", (unsigned)(s->out->settle_us / 1000));
    s->out->lines = mt_arena_strdup(s->c->arena, mt_writer_text(&w));
    s->out->stop = stop_of(s);
    mt_writer_free(&w);
}

bool mt_survey_run(const mt_survey_config *c, mt_survey *out, mt_diag *d)
{
    surveyor s = {.c = c, .out = out, .d = d};
    *out = (mt_survey){0};
    set_settle(&s, c->settle_us ? c->settle_us : SETTLE_MAX_US);
    for (size_t i = 0; i < MT_SURVEYED; i++) {
        if (!look_at(&s, &out->versions[i], &asked[i]))
            return false;
    }
    for (size_t i = 0; i < c->suites_len; i++)
        if (!look_at_suite(&s, c->suites[i]))
            return false;
    conclude(&s);
    return true;
}
