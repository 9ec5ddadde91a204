// SPDX-License-Identifier: Apache-2.0
#include "run/inside.h"

#include "wire/codes.h"

static void bar(mt_exec *e, mt_verdict verdict, const char *type, const char *reason)
{
    if (e->barred != MT_PASS)
        return;
    e->barred = verdict;
    e->reason_type = type;
    e->reason = reason;
}

/* ---- can it be carried out? ---- */

static void check_policy(mt_exec *e)
{
    const mt_run *r = e->run;
    if ((e->plan->of->policies & (1U << r->policy)) == 0)
        bar(e, MT_SKIPPED, "skipped", mt_arena_printf(r->arena, "makes no sense under policy %s", mt_policy_name(r->policy)));
}

static void check_suites(mt_exec *e)
{
    const mt_run *r = e->run;
    for (size_t i = 0; i < e->plan->steps_len; i++) {
        uint16_t suite = e->plan->steps[i].suite;
        if (suite != 0 && !mt_survey_speaks_suite(&r->survey, suite))
            bar(e, MT_UNSUPPORTED, "unsupported",
                mt_arena_printf(r->arena, "the target does not speak %s", mt_code_name(&mt_suites, suite)));
    }
}

static void check_survey(mt_exec *e)
{
    const mt_run *r = e->run;
    const mt_surveyed *v = mt_survey_of(&r->survey, e->plan->version, e->plan->algorithm);
    if (v == NULL || !v->spoken) {
        bar(e, MT_UNSUPPORTED, "unsupported",
            mt_arena_printf(r->arena, "the target does not speak %s%s", mt_code_name(&mt_versions, e->plan->version),
                e->plan->algorithm == MT_SM2 && e->plan->version != MT_TLCP ? " with SM2" : ""));
        return;
    }
    if (mt_survey_distrusts(v)) {
        const char *why = v->anonymous->outcome.text;
        bar(e, MT_ERROR, "infrastructure.distrusted",
            mt_arena_printf(r->arena, "the server's own certificate did not verify over %s: %s", mt_realm_name(v->realm),
                why ? why : "no reason given"));
        return;
    }
    check_suites(e);
    const mt_attempt_facts *f = &v->anonymous->facts;
    if (!mt_case_needs_met(e->plan->of, f->schemes, f->schemes_len))
        bar(e, MT_UNSUPPORTED, "unsupported", mt_arena_printf(r->arena, "needs a target with: %s", e->plan->of->unsupported));
}

static void check_reach(mt_exec *e, const mt_step_plan *s)
{
    const char *why = mt_pki_presentable(e->run->pki, &s->present);
    if (why != NULL)
        bar(e, MT_UNSUPPORTED, "unsupported", why);
}

/* ---- credentials and keys ---- */

static const char *words_of(mt_run *r, const mt_credential *c, const mt_step_plan *s)
{
    mt_writer w = {0};
    mt_writef(&w, "%s", s->present.len == 0 ? "no certificate" : c->description);
    for (size_t i = 0; i < s->edits_len; i++)
        mt_writef(&w, "%s%s", i == 0 ? "; changed: " : ", ", s->edits[i].text);
    const char *text = mt_arena_strdup(r->arena, mt_writer_text(&w));
    mt_writer_free(&w);
    return text;
}

static void failed_to_make(mt_exec *e, mt_diag *d)
{
    const char *why = mt_diag_count(d) ? mt_diag_text(d) : "a credential of this run could not be made";
    bar(e, MT_ERROR, "infrastructure.credential", mt_arena_printf(e->run->arena, "%.*s", (int)strcspn(why, "\n"), why));
}

static void resolve_keys(mt_exec *e, size_t i, mt_diag *d)
{
    const mt_step_plan *s = &e->plan->steps[i];
    mt_edit *copy = mt_arena_copy(e->run->arena, s->edits, s->edits_len * sizeof *s->edits);
    for (size_t k = 0; k < s->edits_len; k++) {
        if (copy[k].verb != MT_EDIT_SIGN_WITH)
            continue;
        copy[k].key = mt_pki_key(e->run->pki, copy[k].other, e->plan->algorithm, d);
        if (copy[k].key == NULL)
            failed_to_make(e, d);
    }
    e->edits[i] = copy;
}

static void prepare_step(mt_exec *e, size_t i, mt_diag *d)
{
    const mt_step_plan *s = &e->plan->steps[i];
    mt_credential c = {0};
    check_reach(e, s);
    if (e->barred != MT_PASS)
        return;
    if (s->present.len != 0 && !mt_pki_present(e->run->pki, &s->present, &c, d)) {
        failed_to_make(e, d);
        return;
    }
    e->identities[i] = (mt_identity){.chain = c.chain, .chain_len = c.chain_len, .key = c.key, .enc_key = c.enc_key};
    e->sent[i] = words_of(e->run, &c, s);
    resolve_keys(e, i, d);
}

static mt_exec *make(mt_run *r, const mt_plan *p)
{
    mt_exec *e = MT_ARENA_NEW(r->arena, mt_exec);
    e->run = r;
    e->plan = p;
    e->identities = MT_ARENA_ARRAY(r->arena, mt_identity, p->steps_len);
    e->sent = MT_ARENA_ARRAY(r->arena, const char *, p->steps_len);
    e->edits = MT_ARENA_ARRAY(r->arena, const mt_edit *, p->steps_len);
    return e;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_chain(const mt_identity *a, const mt_identity *b)
{
    bool same = a->chain_len == b->chain_len;
    for (size_t i = 0; same && i < a->chain_len; i++)
        same = mt_span_equal(a->chain[i], b->chain[i]);
    return same;
}

/* An owner's credential without intermediates cannot come without them: the refuse-case would be the control itself. */
static bool is_same(const mt_exec *e, const mt_exec *twin)
{
    bool same = e->plan->steps_len == twin->plan->steps_len;
    for (size_t i = 0; same && i < e->plan->steps_len; i++) {
        const mt_step_plan *s = &e->plan->steps[i], *t = &twin->plan->steps[i];
        same = s->edits_len == 0 && t->edits_len == 0 && s->padding == t->padding && same_text(s->sni, t->sni) &&
               same_text(s->path, t->path) && same_chain(&e->identities[i], &twin->identities[i]);
    }
    return same && e->plan->steps[e->plan->steps_len - 1].expect.kind == MT_EXPECT_REFUSED;
}

/* Without its twin a run shows nothing. */
static void check_twin(mt_exec *e)
{
    mt_run *r = e->run;
    const mt_exec *twin = e->plan->twin ? mt_exec_of(r, e->plan->twin) : NULL;
    if (twin != NULL && twin->barred != MT_PASS)
        bar(e, twin->barred, twin->reason_type, twin->reason);
    if (twin != NULL && e->barred == MT_PASS && is_same(e, twin))
        bar(e, MT_UNSUPPORTED, "unsupported", "with this credential there is nothing to leave out or to change: it is that of the twin");
}

static void prepare(mt_exec *e)
{
    mt_diag *d = mt_diag_new();
    check_policy(e);
    check_survey(e);
    for (size_t i = 0; i < e->plan->steps_len && e->barred == MT_PASS; i++)
        prepare_step(e, i, d);
    check_twin(e);
    mt_diag_free(d);
}

mt_exec *mt_exec_of(mt_run *r, const mt_plan *p)
{
    for (size_t i = 0; i < r->execs_len; i++) {
        if (r->execs[i]->plan == p)
            return r->execs[i];
    }
    mt_exec *e = make(r, p);
    if (r->survey.stop == NULL && !r->summary.interrupted)
        prepare(e);
    MT_GROW(r->execs, r->execs_len, r->execs_cap);
    r->execs[r->execs_len++] = e;
    return e;
}

void mt_exec_free(mt_exec *e)
{
    mt_jar_free(e->jar);
    e->jar = NULL;
}

/* ---- tries ---- */

static const mt_attempt_result *last_step(const mt_exec *e, const mt_try *t)
{
    return t->steps[e->plan->steps_len - 1];
}

const mt_try *mt_exec_counted(const mt_exec *e)
{
    const mt_step_plan *last = &e->plan->steps[e->plan->steps_len - 1];
    if (e->tries_len == 0)
        return NULL;
    for (size_t i = 0; last->expect.kind == MT_EXPECT_REFUSED && i < e->tries_len; i++) {
        const mt_attempt_result *r = last_step(e, &e->tries[i]);
        if (r != NULL && mt_was_served(&r->outcome))
            return &e->tries[i];
    }
    return &e->tries[e->tries_len - 1];
}

const mt_outcome *mt_exec_outcome(const mt_exec *e)
{
    static const mt_outcome none;
    const mt_try *t = mt_exec_counted(e);
    const mt_attempt_result *r = t ? last_step(e, t) : NULL;
    return r ? &r->outcome : &none;
}

/* ---- the list under way ---- */

static void pump(mt_run *r);
static void on_step_done(void *self, const mt_attempt_result *result);

static mt_answer control_answer(const mt_run *r, const mt_plan *p)
{
    const mt_surveyed *v = mt_survey_of(&r->survey, p->version, p->algorithm);
    return v != NULL && v->control != NULL ? v->control->facts.answer : (mt_answer){0};
}

static void start_step(mt_exec *e)
{
    const mt_step_plan *s = &e->plan->steps[e->step];
    mt_step step = {
        .label = e->plan->id, .version = e->plan->version, .sm2 = e->plan->algorithm == MT_SM2, .suite = s->suite,
        .identity = e->identities[e->step], .edits = e->edits[e->step], .edits_len = s->edits_len, .sni = s->sni, .path = s->path,
        .control = control_answer(e->run, e->plan),
        .jar = e->jar, .jar_name = s->name, .resume = s->resume, .ticket = s->ticket, .padding = s->padding,
    };
    mt_attempt_asker asker = {on_step_done, e, e->run->arena};
    e->attempt = mt_attempt_start(mt_target_of(e->run, e->plan), &step, &asker);
}

static void start(mt_exec *e)
{
    mt_run *r = e->run;
    e->finished_us = 0;
    e->tries[e->tries_len++].steps = MT_ARENA_ARRAY(r->arena, const mt_attempt_result *, e->plan->steps_len);
    e->step = 0;
    mt_jar_free(e->jar);
    e->jar = mt_jar_new();
    r->running++;
    if (r->sink->progress != NULL) {
        uint64_t now = mt_loop_now_us(r->loop), left = r->plans.len - r->done;
        uint64_t estimate = r->done ? (now - r->begun_us) / r->done * left : 0;
        r->sink->progress(r->sink->self, &(mt_run_progress){r->done, r->plans.len, e->plan->id, now, estimate});
    }
    start_step(e);
}

static void on_step_done(void *self, const mt_attempt_result *result)
{
    mt_exec *e = self;
    mt_run *r = e->run;
    e->attempt = NULL;
    e->tries[e->tries_len - 1].steps[e->step++] = result;
    r->summary.waiting_us += result->facts.settled_us;
    if (e->step < e->plan->steps_len && result->outcome.kind != MT_UNREACHABLE) {
        start_step(e);
        return;
    }
    e->finished_us = mt_loop_now_us(r->loop);
    r->running--;
    pump(r);
}

/* Starts what may start now; comes back by the timer or by an exec that is done. */
static void pump(mt_run *r)
{
    while (r->next < r->list_len && r->running < r->jobs) {
        uint64_t now = mt_loop_now_us(r->loop);
        if (r->period_us != 0 && now < r->next_start_us) {
            mt_timer_set(r->pace, r->next_start_us - now);
            return;
        }
        mt_exec *e = r->list[r->next++];
        r->next_start_us = now + r->period_us * e->plan->steps_len;
        start(e);
    }
    r->list_done = r->next == r->list_len && r->running == 0;
}

static void on_pace(void *self)
{
    pump(self);
}

static void cancel_list(mt_run *r)
{
    for (size_t i = 0; i < r->list_len; i++) {
        if (r->list[i]->attempt != NULL) {
            mt_attempt_cancel(r->list[i]->attempt);
            r->list[i]->attempt = NULL;
        }
    }
    r->running = 0;
}

bool mt_exec_list(mt_run *r, mt_exec **list, size_t n)
{
    r->list = list;
    r->list_len = n;
    r->next = r->running = 0;
    r->list_done = false;
    r->pace = mt_timer_new(r->loop, on_pace, r);
    pump(r);
    bool ok = mt_loop_until(r->loop, &r->list_done) || (r->list_done && mt_loop_signal(r->loop) == 0);
    if (!ok)
        cancel_list(r);
    mt_timer_free(r->pace);
    return ok;
}
