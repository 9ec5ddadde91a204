// SPDX-License-Identifier: Apache-2.0
#include "run/inside.h"

#include "crypto/version.h"

#include <stdio.h>

enum { BATCH = 32, ALIKE = 5, SILENT = 16 };
static const uint64_t second_us = 1000000, twin_age_us = 60 * second_us;

/* ---- the baseline ---- */

static bool names_a_run(const mt_plans *plans, const char *id)
{
    bool found = false;
    for (size_t i = 0; i < plans->len; i++)
        found = found || strcmp(plans->rows[i]->id, id) == 0;
    return found;
}

static const char *nearest_run(const mt_plans *plans, const char *id)
{
    const char **ids = mt_alloc(plans->len * sizeof *ids);
    for (size_t i = 0; i < plans->len; i++)
        ids[i] = plans->rows[i]->id;
    const char *near = mt_nearest(id, ids, plans->len);
    mt_free(ids);
    return near;
}

static bool load_baseline(mt_run *r, mt_diag *d)
{
    const mt_plans *known = r->config.known ? r->config.known : &r->plans;
    if (r->config.baseline == NULL)
        return true;
    bool ok = mt_baseline_load(r->config.baseline, r->arena, &r->baseline, d);
    for (size_t i = 0; ok && i < r->baseline.len; i++) {
        const mt_deviation *v = &r->baseline.rows[i];
        if (names_a_run(known, v->run))
            continue;
        const char *near = nearest_run(known, v->run);
        mt_diag_add(d, (mt_place){r->baseline.file, v->line, 0}, "no run is called '%s'%s%s%s", v->run, near ? "; did you mean '" : "",
            near ? near : "", near ? "'?" : "");
    }
    return ok && mt_diag_count(d) == 0;
}

mt_run *mt_run_new(mt_loop *l, const mt_run_config *c, mt_pki *pki, const mt_plans *plans, mt_diag *d)
{
    mt_run *r = mt_alloc(sizeof *r);
    r->loop = l;
    r->config = *c;
    r->pki = pki;
    r->plans = *plans;
    r->diag = d;
    r->policy = c->policy;
    r->arena = mt_arena_new();
    r->summary = (mt_summary){.tool = MT_VERSION, .openssl = mt_crypto_running_with(), .target = c->target,
        .policy = mt_policy_name(c->policy), .command = c->command};
    if (!load_baseline(r, d) || !mt_target_describe(r, d)) {
        mt_run_free(r);
        return NULL;
    }
    return r;
}

void mt_run_free(mt_run *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->execs_len; i++)
        mt_exec_free(r->execs[i]);
    for (size_t a = 0; a < MT_ALGORITHMS; a++)
        mt_writer_free(&r->anchors[a]);
    mt_free(r->execs);
    mt_trust_free(r->target.trust);
    mt_arena_free(r->arena);
    mt_free(r);
}

/* ---- batches ---- */

typedef struct batch {
    const mt_plan *const *plans;
    size_t len;
} batch;

static bool upsets(const mt_case *c)
{
    return c->group != NULL && (strcmp(c->group, "resource") == 0 || strcmp(c->group, "malformed") == 0);
}

/* A batch ends behind a case that may upset the target, and around one that wants to be alone. */
static batch next_batch(const mt_run *r, size_t from)
{
    batch b = {r->plans.rows + from, 0};
    while (b.len < BATCH && from + b.len < r->plans.len) {
        const mt_case *c = b.plans[b.len]->of;
        if (c->alone && b.len != 0)
            break;
        b.len++;
        if (c->alone || upsets(c))
            break;
    }
    return b;
}

static bool is_fresh(const mt_run *r, const mt_exec *e)
{
    uint64_t now = mt_loop_now_us(r->loop);
    return e->finished_us != 0 && now - e->finished_us < twin_age_us && e->finished_us > r->last_failed_control_us;
}

typedef struct exec_list {
    mt_exec **rows;
    size_t len, cap;
} exec_list;

static void add(exec_list *l, mt_exec *e)
{
    for (size_t i = 0; i < l->len; i++) {
        if (l->rows[i] == e)
            return;
    }
    MT_GROW(l->rows, l->len, l->cap);
    l->rows[l->len++] = e;
}

static bool carry_out(mt_run *r, exec_list *l)
{
    bool ok = mt_exec_list(r, l->rows, l->len);
    mt_free(l->rows);
    *l = (exec_list){0};
    return ok;
}

static void add_anew(mt_run *r, exec_list *l, mt_exec *e)
{
    if (e->barred != MT_PASS || is_fresh(r, e))
        return;
    e->tries_len = 0;
    add(l, e);
}

static bool run_twins(mt_run *r, const batch *b)
{
    exec_list l = {0};
    for (size_t i = 0; i < b->len; i++) {
        mt_exec *e = mt_exec_of(r, b->plans[i]);
        if (e->barred == MT_PASS && e->plan->twin != NULL)
            add_anew(r, &l, mt_exec_of(r, e->plan->twin));
    }
    return carry_out(r, &l);
}

static bool run_plans(mt_run *r, const batch *b)
{
    exec_list l = {0};
    for (size_t i = 0; i < b->len; i++)
        add_anew(r, &l, mt_exec_of(r, b->plans[i]));
    return carry_out(r, &l);
}

/* The first bare reset of each manner is worth a second look: there may be an alert to see. */
static bool is_new_reset(mt_run *r, const mt_outcome *o)
{
    if (o->kind != MT_REFUSED || o->manner != MT_BY_CLOSE || o->close != MT_CLOSE_RESET)
        return false;
    for (size_t i = 0; i < r->resets_len; i++) {
        if (r->resets[i].where == o->where)
            return false;
    }
    if (r->resets_len == MT_COUNT(r->resets))
        return false;
    r->resets[r->resets_len++] = (mt_manner_seen){o->where, o->close};
    return true;
}

static void add_retry(mt_run *r, exec_list *l, mt_exec *e)
{
    const mt_outcome *o = mt_exec_outcome(e);
    if (e->barred != MT_PASS || e->tries_len == 0 || e->tries_len == MT_TRIES_MAX)
        return;
    if (mt_worth_retry(o) || is_new_reset(r, o))
        add(l, e);
}

static bool run_retries(mt_run *r, const batch *b)
{
    exec_list l = {0};
    for (size_t i = 0; i < b->len; i++) {
        mt_exec *e = mt_exec_of(r, b->plans[i]);
        if (e->plan->twin != NULL)
            add_retry(r, &l, mt_exec_of(r, e->plan->twin));
        add_retry(r, &l, e);
    }
    return carry_out(r, &l);
}

/* ---- controls ---- */

/* The end of the longest row of refusals that look alike, if it is long enough to look like a block; `*first` its start. */
static const mt_plan *end_of_row(mt_run *r, const batch *b, size_t *first)
{
    const mt_plan *found = NULL;
    size_t start = 0, longest = ALIKE - 1;
    for (size_t i = 0; i < b->len; i++) {
        const mt_outcome *o = mt_exec_outcome(mt_exec_of(r, b->plans[i]));
        const mt_outcome *before = i == 0 ? o : mt_exec_outcome(mt_exec_of(r, b->plans[i - 1]));
        if (o->kind != MT_REFUSED || !mt_outcome_same(o, before))
            start = o->kind == MT_REFUSED ? i : i + 1;
        if (o->kind == MT_REFUSED && i + 1 - start > longest) {
            longest = i + 1 - start;
            *first = start;
            found = b->plans[i];
        }
    }
    return found;
}

/* Which control tells whether the target still serves, and from which run on its failure spoils the batch. */
static const mt_plan *control_for(mt_run *r, const batch *b, size_t *spoiled_from)
{
    const mt_plan *last = b->plans[b->len - 1];
    *spoiled_from = b->len;
    if (upsets(last->of))
        return last->twin;
    const mt_plan *end = end_of_row(r, b, spoiled_from);
    return end ? end->twin : NULL;
}

/* False: a signal came. After a control that is not served all twins are old, so what follows is judged beside new ones. */
static bool run_control(mt_run *r, const batch *b, size_t *spoiled_from)
{
    const mt_plan *control = control_for(r, b, spoiled_from);
    mt_exec *e = control ? mt_exec_of(r, control) : NULL;
    if (e == NULL || e->barred != MT_PASS) {
        *spoiled_from = b->len;
        return true;
    }
    exec_list l = {0};
    e->tries_len = 0;
    add(&l, e);
    if (!carry_out(r, &l))
        return false;
    if (mt_was_served(mt_exec_outcome(e)))
        *spoiled_from = b->len;
    else
        r->last_failed_control_us = mt_loop_now_us(r->loop);
    return true;
}

static bool is_silent(const mt_outcome *o)
{
    return o->kind == MT_UNANSWERED || o->kind == MT_UNREACHABLE;
}

/* A run that must be served, to ask whether anybody is still there. NULL: the batch itself is made of those. */
static const mt_plan *some_control(const batch *b)
{
    for (size_t i = 0; i < b->len; i++) {
        if (b->plans[i]->twin != NULL)
            return b->plans[i]->twin;
    }
    return NULL;
}

/* Many runs without an answer, and then a control without one: nobody waits for the rest. False: a signal came. */
static bool look_if_gone(mt_run *r, const batch *b)
{
    for (size_t i = 0; i < b->len; i++) {
        const mt_exec *e = mt_exec_of(r, b->plans[i]);
        if (e->barred == MT_PASS)
            r->silent = is_silent(mt_exec_outcome(e)) ? r->silent + 1 : 0;
    }
    if (r->silent < SILENT)
        return true;
    const mt_plan *control = some_control(b);
    r->gone = control == NULL;
    if (control == NULL)
        return true;
    exec_list l = {0};
    mt_exec *e = mt_exec_of(r, control);
    e->tries_len = 0;
    add(&l, e);
    bool ok = carry_out(r, &l);
    r->gone = ok && is_silent(mt_exec_outcome(e));
    r->silent = 0;
    return ok;
}

static void emit_batch(mt_run *r, const batch *b, size_t spoiled_from)
{
    static const mt_ruling spoiled = {.verdict = MT_INCONCLUSIVE, .type = "inconclusive.control",
        .message = "the positive control was not served any more after this: the target may have blocked us"};
    for (size_t i = 0; i < b->len; i++) {
        mt_exec *e = mt_exec_of(r, b->plans[i]);
        if (i >= spoiled_from && mt_exec_outcome(e)->kind == MT_REFUSED)
            mt_emit_instead(r, e, &spoiled);
        else
            mt_emit(r, e);
    }
}

static bool run_batch(mt_run *r, const batch *b)
{
    size_t spoiled_from = b->len;
    if (!run_twins(r, b) || !run_plans(r, b) || !look_if_gone(r, b))
        return false;
    if (!r->gone && (!run_retries(r, b) || !run_control(r, b, &spoiled_from)))
        return false;
    emit_batch(r, b, spoiled_from);
    return true;
}

/* ---- the whole ---- */

static void emit_rest(mt_run *r, const mt_ruling *fate)
{
    for (size_t i = r->done; i < r->plans.len; i++)
        mt_emit_instead(r, mt_exec_of(r, r->plans.rows[i]), fate);
}

/* Why nothing was judged, as a type. A target that never got as far as a ServerHello is as good as down. */
static const char *type_of_stop(const mt_run *r)
{
    const mt_attempt_result *seen = r->survey.versions[0].anonymous;
    if (seen == NULL || seen->outcome.kind == MT_UNREACHABLE)
        return "infrastructure.unreachable";
    if (seen->outcome.kind == MT_DISTRUSTED)
        return "infrastructure.distrusted";
    for (size_t i = 0; i < MT_SURVEYED; i++) {
        if (r->survey.versions[i].spoken)
            return NULL;
    }
    return "infrastructure.no-handshake";
}

static mt_ruling fate_of_stop(const mt_run *r)
{
    const char *type = type_of_stop(r);
    mt_ruling fate = {.verdict = type ? MT_ERROR : MT_INCONCLUSIVE, .type = type ? type : "inconclusive.control"};
    snprintf(fate.message, sizeof fate.message, "%s", r->survey.stop);
    return fate;
}

static void interrupt(mt_run *r)
{
    static const mt_ruling fate = {
        .verdict = MT_ERROR, .type = "infrastructure.interrupted", .message = "interrupted before this was judged"};
    r->summary.interrupted = true;
    emit_rest(r, &fate);
}

static void run_cases(mt_run *r)
{
    static const mt_ruling nobody = {
        .verdict = MT_ERROR, .type = "infrastructure.gone", .message = "the target stopped answering before this"};
    if (r->survey.stop != NULL) {
        mt_ruling fate = fate_of_stop(r);
        emit_rest(r, &fate);
        return;
    }
    for (size_t at = 0; at < r->plans.len;) {
        batch b = next_batch(r, at);
        if (!run_batch(r, &b)) {
            interrupt(r);
            return;
        }
        at += b.len;
        if (r->gone) {
            emit_rest(r, &nobody);
            return;
        }
    }
}

int mt_run_all(mt_run *r, const mt_run_sink *sink)
{
    mt_summary *s = &r->summary;
    r->sink = sink;
    r->begun_us = mt_loop_now_us(r->loop);
    mt_clock_text(s->started);
    bool looked = mt_target_look(r);
    sink->begin(sink->self, s);
    if (looked)
        run_cases(r);
    else
        interrupt(r);
    s->total_us = mt_loop_now_us(r->loop) - r->begun_us;
    s->sentence = mt_sentence(r);
    s->exit_code = r->survey.stop != NULL && !s->interrupted ? 6 : mt_exit_code(s);
    sink->end(sink->self, s);
    return s->exit_code;
}
