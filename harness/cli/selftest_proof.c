// SPDX-License-Identifier: Apache-2.0
#include "cli/selftest.h"

#include "run/judge.h"

#include <stdio.h>
#include <string.h>

/* The units of one trial. */
typedef struct cast {
    mt_unit **rows;
    size_t len;
} cast;

static bool may_play(const mt_unit *u, mt_peer_kind kind, mt_policy policy)
{
    return mt_may_play(u, kind) && (u->plan->of->policies & (1U << policy)) != 0;
}

static void name_add(mt_names *n, const char *name)
{
    if (mt_names_has(n, name))
        return;
    MT_GROW(n->rows, n->len, n->cap);
    n->rows[n->len++] = name;
}

/* ---- honest peers ---- */

typedef struct honest {
    mt_stage *stage;
    const mt_trial *trial;
    size_t counts[MT_VERDICTS];
} honest;

static const char *const refusals[] = {"", " over HTTP", " by closing", " by reset", " silently"};

static bool is_off(const mt_result *r)
{
    return r->verdict == MT_FAIL || r->verdict == MT_INCONCLUSIVE || r->verdict == MT_ERROR;
}

static void take_honest(void *self, mt_unit *u, const mt_result *r)
{
    honest *h = self;
    mt_stage *s = h->stage;
    const mt_trial *t = h->trial;
    if (mt_loop_signal(s->loop) != 0)
        return;
    h->counts[r->verdict]++;
    if (r->steps_len != 0 && t->refuse == MT_SERVE_BY_ALERT)
        u->honest[t->kind][t->policy] = mt_was_served(&r->steps[r->steps_len - 1].observed) ? MT_SEEN_SERVED : MT_SEEN_OTHER;
    u->deviates[t->kind][t->policy] = u->deviates[t->kind][t->policy] || mt_is_breach(r);
    if (r->verdict == MT_PASS || r->verdict == MT_KNOWN)
        s->passed[u->of] = true;
    if (r->verdict == MT_KNOWN)
        name_add(&s->known_met, mt_arena_strdup(s->arena, r->id));
    if (is_off(r))
        mt_finding(s, "honest %s (%s%s): %s: %s: %s", mt_peer_names[t->kind], mt_policy_name(t->policy), refusals[t->refuse], r->id,
            mt_verdict_name(r->verdict), r->message ? r->message : "");
}

/* The settle time, which comes last, is never twice the same. */
static const char *without_times(mt_stage *s, const char *survey)
{
    const char *settle = survey ? strstr(survey, "settle ") : NULL;
    return settle ? mt_arena_printf(s->arena, "%.*s", (int)(settle - survey), survey) : mt_arena_strdup(s->arena, survey);
}

static void keep_survey(void *self, const mt_summary *summary)
{
    const honest *h = self;
    if (h->trial->refuse == MT_SERVE_BY_ALERT)
        h->stage->survey[h->trial->kind][h->trial->policy] = without_times(h->stage, summary->survey);
}

static bool run_honest(mt_stage *s, mt_peer_kind kind, mt_policy policy, mt_serve_refuse refuse)
{
    cast c = {mt_alloc(s->units_len * sizeof(mt_unit *)), 0};
    for (size_t i = 0; i < s->units_len; i++)
        if (may_play(&s->units[i], kind, policy))
            c.rows[c.len++] = &s->units[i];
    honest h = {.stage = s};
    mt_trial t = {.kind = kind, .policy = policy, .refuse = refuse, .units = c.rows, .len = c.len, .take = take_honest,
        .surveyed = keep_survey, .self = &h};
    h.trial = &t;
    bool ok = mt_trial_run(s, &t);
    mt_free(c.rows);
    if (s->progress)
        fputs("\r\033[K", stderr);
    if (ok && c.len != 0)
        printf("honest %-9s %-8s%s: %zu passed, %zu known, %zu unsupported, %zu skipped, %zu off\n", mt_peer_names[kind],
            mt_policy_name(policy), refusals[refuse], h.counts[MT_PASS], h.counts[MT_KNOWN], h.counts[MT_UNSUPPORTED],
            h.counts[MT_SKIPPED], h.counts[MT_FAIL] + h.counts[MT_INCONCLUSIVE] + h.counts[MT_ERROR]);
    return ok;
}

static void take_strict(void *self, mt_unit *u, const mt_result *r)
{
    const honest *h = self;
    u->deviates[h->trial->kind][h->trial->policy] = mt_is_breach(r);
}

/* What an honest peer does not do although it should is no sign of a fault later on. */
static bool run_should(mt_stage *s, mt_peer_kind kind, mt_policy policy)
{
    cast c = {mt_alloc(s->units_len * sizeof(mt_unit *)), 0};
    for (size_t i = 0; i < s->units_len; i++)
        if (may_play(&s->units[i], kind, policy) && s->units[i].plan->of->level == MT_LEVEL_SHOULD)
            c.rows[c.len++] = &s->units[i];
    honest h = {.stage = s};
    mt_trial t = {.kind = kind, .policy = policy, .units = c.rows, .len = c.len, .strict = true, .take = take_strict, .self = &h};
    h.trial = &t;
    bool ok = mt_trial_run(s, &t);
    mt_free(c.rows);
    return ok;
}

static bool run_policies(mt_stage *s, mt_peer_kind kind)
{
    bool ok = true;
    for (int policy = 0; policy < MT_POLICIES && ok; policy++)
        ok = run_honest(s, kind, (mt_policy)policy, MT_SERVE_BY_ALERT) && run_should(s, kind, (mt_policy)policy);
    return ok;
}

static bool has_run(const mt_stage *s, size_t of, mt_peer_kind kind)
{
    bool found = false;
    for (size_t i = 0; i < s->units_len; i++)
        found = found || (s->units[i].of == of && mt_may_play(&s->units[i], kind));
    return found;
}

static bool was_played(const mt_stage *s, size_t of)
{
    bool played = false;
    for (int kind = 0; kind < MT_PEERS; kind++)
        played = played || (s->chosen[kind] && has_run(s, of, (mt_peer_kind)kind));
    return played;
}

static void check_passed(mt_stage *s)
{
    for (size_t i = 0; i < s->cases_len; i++)
        if (!s->passed[i] && was_played(s, i))
            mt_finding(s, "%s/%s: no honest peer has passed it", s->cases_of[i]->suite, s->cases_of[i]->id);
}

/* Every entry cites a row of the catalogue, and is about something that still happens. */
static bool check_baseline(mt_stage *s)
{
    mt_baseline b = {0};
    if (s->baseline == NULL || !s->chosen[MT_PEER_REFSERVER])
        return true;
    if (!mt_baseline_load(s->baseline, s->arena, &b, s->d))
        return false;
    for (size_t i = 0; i < b.len; i++) {
        bool selected = false;
        for (size_t k = 0; k < s->units_len && !selected; k++)
            selected = strcmp(s->units[k].plan->id, b.rows[i].run) == 0;
        if (b.rows[i].catalogue == NULL)
            mt_finding(s, "%s:%d: the entry cites no catalogue row", s->baseline, b.rows[i].line);
        if (selected && !mt_names_has(&s->known_met, b.rows[i].run))
            mt_finding(s, "%s:%d: %s passes now", s->baseline, b.rows[i].line, b.rows[i].run);
    }
    return true;
}

bool mt_prove_honest(mt_stage *s)
{
    for (int kind = 0; kind < MT_PEERS; kind++)
        if (s->chosen[kind] && !run_policies(s, (mt_peer_kind)kind))
            return false;
    for (int kind = MT_PEER_SERVE; kind < MT_PEERS; kind++)
        for (int refuse = MT_SERVE_BY_HTTP; refuse <= MT_SERVE_SILENTLY && s->chosen[kind]; refuse++)
            if (!run_honest(s, (mt_peer_kind)kind, MT_POLICY_REQUIRED, (mt_serve_refuse)refuse))
                return false;
    check_passed(s);
    return check_baseline(s);
}

/* ---- pairs ---- */

typedef struct proof {
    mt_stage *stage;
    const mt_trial *trial;
    bool *caught; /* of each case; NULL: the pairs are marked */
} proof;

static void mark_pair(mt_stage *s, const mt_trial *t, size_t of, const mt_result *r, bool caught)
{
    for (size_t i = 0; i < s->pairs_len; i++) {
        mt_pair *p = &s->pairs[i];
        if (p->of != of || strcmp(p->fault, t->fault) != 0)
            continue;
        p->proven[t->kind] = p->proven[t->kind] || caught;
        if (p->hint == NULL && (r->verdict == MT_INCONCLUSIVE || r->verdict == MT_ERROR || r->verdict == MT_UNSUPPORTED))
            p->hint = mt_arena_strdup(s->arena, r->message);
    }
}

static void take_faulty(void *self, mt_unit *u, const mt_result *r)
{
    const proof *p = self;
    bool caught = mt_was_caught(p->trial, u, r);
    if (p->caught == NULL)
        mark_pair(p->stage, p->trial, u->of, r, caught);
    else
        p->caught[u->of] = p->caught[u->of] || caught;
}

static void compare_survey(void *self, const mt_summary *summary)
{
    const proof *p = self;
    mt_stage *s = p->stage;
    const char *before = s->survey[p->trial->kind][p->trial->policy], *now = without_times(s, summary->survey);
    if (before != NULL && now != NULL && strcmp(before, now) != 0)
        name_add(&s->survey_faults, p->trial->fault);
}

static bool is_open(const mt_stage *s, mt_peer_kind kind, const char *fault, size_t of)
{
    for (size_t i = 0; i < s->pairs_len; i++) {
        const mt_pair *p = &s->pairs[i];
        if (p->of == of && strcmp(p->fault, fault) == 0)
            return p->wanted[kind] && !p->proven[kind];
    }
    return false;
}

/* Under one policy after the other, as long as there are pairs to prove. */
static bool prove_fault(mt_stage *s, mt_peer_kind kind, const char *fault)
{
    cast c = {mt_alloc(s->units_len * sizeof(mt_unit *)), 0};
    bool ok = true;
    for (int policy = 0; policy < MT_POLICIES && ok; policy++) {
        c.len = 0;
        for (size_t i = 0; i < s->units_len; i++)
            if (may_play(&s->units[i], kind, (mt_policy)policy) && is_open(s, kind, fault, s->units[i].of))
                c.rows[c.len++] = &s->units[i];
        proof p = {.stage = s};
        mt_trial t = {.kind = kind, .policy = (mt_policy)policy, .fault = fault, .units = c.rows, .len = c.len, .strict = true,
            .take = take_faulty, .self = &p};
        p.trial = &t;
        ok = mt_trial_run(s, &t);
    }
    mt_free(c.rows);
    return ok;
}

static void add_pair(mt_stage *s, size_t of, const char *fault)
{
    mt_pair p = {.of = of, .fault = fault};
    bool known = false;
    for (int kind = 0; kind < MT_PEERS; kind++) {
        bool has = mt_names_has(&s->faults[kind], fault);
        known = known || has;
        p.wanted[kind] = has && s->chosen[kind] && has_run(s, of, (mt_peer_kind)kind);
    }
    if (!known)
        mt_finding(s, "%s/%s is caught by '%s', which no peer knows", s->cases_of[of]->suite, s->cases_of[of]->id, fault);
    MT_GROW(s->pairs, s->pairs_len, s->pairs_cap);
    s->pairs[s->pairs_len++] = p;
}

static bool deviates_always(const mt_stage *s, size_t of, mt_peer_kind kind)
{
    for (size_t i = 0; i < s->units_len; i++)
        for (int policy = 0; policy < MT_POLICIES && s->units[i].of == of; policy++)
            if (may_play(&s->units[i], kind, (mt_policy)policy) && !s->units[i].deviates[kind][policy])
                return false;
    return true;
}

/* A peer that deviates anyway, as its baseline says, proves nothing: then another has to. */
static bool is_excused(const mt_stage *s, const mt_pair *p, mt_peer_kind kind)
{
    bool proven = false, asked = false;
    for (int other = 0; other < MT_PEERS; other++) {
        proven = proven || p->proven[other];
        asked = asked || (other != (int)kind && p->wanted[other]);
    }
    return deviates_always(s, p->of, kind) && (proven || !asked);
}

static void report_pairs(mt_stage *s)
{
    size_t proven = 0;
    for (size_t i = 0; i < s->pairs_len; i++)
        for (int kind = 0; kind < MT_PEERS; kind++) {
            const mt_pair *p = &s->pairs[i];
            const mt_case *c = s->cases_of[p->of];
            proven += p->proven[kind];
            if (p->wanted[kind] && !p->proven[kind] && !is_excused(s, p, (mt_peer_kind)kind))
                mt_finding(s, "%s/%s does not catch %s with '%s'%s%s", c->suite, c->id, mt_peer_names[kind], p->fault, p->hint ? ": " : "",
                    p->hint ? p->hint : "");
        }
    printf("proof: %zu pairs of a case and a fault (%zu named in the cases)\n", proven, s->pairs_len);
}

bool mt_prove_pairs(mt_stage *s)
{
    for (size_t i = 0; i < s->cases_len; i++)
        for (size_t k = 0; k < s->cases_of[i]->caught_by_len; k++)
            add_pair(s, i, s->cases_of[i]->caught_by[k]);
    for (int kind = 0; kind < MT_PEERS; kind++)
        for (size_t f = 0; f < s->faults[kind].len && s->chosen[kind]; f++)
            if (!prove_fault(s, (mt_peer_kind)kind, s->faults[kind].rows[f]))
                return false;
    if (s->progress)
        fputs("\r\033[K", stderr);
    report_pairs(s);
    return true;
}

/* ---- holes ---- */

static bool is_named(const mt_stage *s, const char *fault)
{
    for (size_t i = 0; i < s->pairs_len; i++)
        if (strcmp(s->pairs[i].fault, fault) == 0)
            return true;
    return false;
}

static void take_nothing(void *self, mt_unit *u, const mt_result *r)
{
    (void)self, (void)u, (void)r;
}

static mt_unit *first_of(mt_stage *s, mt_peer_kind kind)
{
    for (size_t i = 0; i < s->units_len; i++)
        if (mt_may_play(&s->units[i], kind))
            return &s->units[i];
    return NULL;
}

static bool look_for(mt_stage *s, mt_peer_kind kind, const char *fault)
{
    proof p = {.stage = s};
    mt_unit *one = first_of(s, kind);
    if (one == NULL)
        return true;
    mt_trial t = {.kind = kind, .fault = fault, .units = &one, .len = 1, .take = take_nothing, .surveyed = compare_survey, .self = &p};
    p.trial = &t;
    if (!mt_trial_run(s, &t))
        return false;
    if (!mt_names_has(&s->survey_faults, fault))
        mt_finding(s, "a hole: no case says that it catches '%s' of %s", fault, mt_peer_names[kind]);
    else
        printf("seen by the survey alone: %s of %s\n", fault, mt_peer_names[kind]);
    return true;
}

bool mt_prove_no_holes(mt_stage *s)
{
    for (int kind = 0; kind < MT_PEERS; kind++)
        for (size_t f = 0; f < s->faults[kind].len && s->chosen[kind]; f++)
            if (!is_named(s, s->faults[kind].rows[f]) && !look_for(s, (mt_peer_kind)kind, s->faults[kind].rows[f]))
                return false;
    return true;
}

/* ---- the matrix ---- */

/* The policy under which a case plays its part in the matrix. */
static mt_policy main_policy(const mt_case *c)
{
    int policy = MT_POLICY_REQUIRED;
    while (policy + 1 < MT_POLICIES && (c->policies & (1U << policy)) == 0)
        policy++;
    return (mt_policy)policy;
}

static bool run_fault(mt_stage *s, mt_peer_kind kind, const char *fault, bool *caught)
{
    cast c = {mt_alloc(s->units_len * sizeof(mt_unit *)), 0};
    bool ok = true;
    for (int policy = 0; policy < MT_POLICIES && ok; policy++) {
        c.len = 0;
        for (size_t i = 0; i < s->units_len; i++)
            if (mt_may_play(&s->units[i], kind) && main_policy(s->units[i].plan->of) == (mt_policy)policy)
                c.rows[c.len++] = &s->units[i];
        proof p = {.stage = s, .caught = caught};
        mt_trial t = {.kind = kind, .policy = (mt_policy)policy, .fault = fault, .units = c.rows, .len = c.len, .strict = true,
            .take = take_faulty, .surveyed = compare_survey, .self = &p};
        p.trial = &t;
        ok = mt_trial_run(s, &t);
    }
    mt_free(c.rows);
    return ok;
}

static bool is_wanted(const mt_stage *s, mt_peer_kind kind, const char *fault)
{
    bool found = false;
    for (size_t i = 0; i < s->pairs_len; i++)
        found = found || (s->pairs[i].wanted[kind] && strcmp(s->pairs[i].fault, fault) == 0);
    return found;
}

static bool matrix_row(mt_stage *s, mt_peer_kind kind, const char *fault, mt_writer *out)
{
    bool *caught = mt_alloc(s->cases_len * sizeof *caught), any = false;
    bool ok = run_fault(s, kind, fault, caught);
    mt_writef(out, "%s %s:\n", mt_peer_names[kind], fault);
    for (size_t i = 0; i < s->cases_len && ok; i++) {
        any = any || caught[i];
        if (caught[i])
            mt_writef(out, "  %s/%s\n", s->cases_of[i]->suite, s->cases_of[i]->id);
    }
    if (ok && !any && is_wanted(s, kind, fault) && !mt_names_has(&s->survey_faults, fault))
        mt_finding(s, "no case catches %s with '%s'", mt_peer_names[kind], fault);
    mt_free(caught);
    return ok;
}

bool mt_prove_matrix(mt_stage *s, mt_writer *out)
{
    for (int kind = 0; kind < MT_PEERS; kind++)
        for (size_t f = 0; f < s->faults[kind].len && s->chosen[kind]; f++)
            if (!matrix_row(s, (mt_peer_kind)kind, s->faults[kind].rows[f], out))
                return false;
    if (s->progress)
        fputs("\r\033[K", stderr);
    return true;
}
