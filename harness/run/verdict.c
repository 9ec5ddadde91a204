// SPDX-License-Identifier: Apache-2.0
#include "run/inside.h"

#include <stdio.h>

static void add_note(mt_result *out, const char *text)
{
    ((const char **)(uintptr_t)out->notes)[out->notes_len++] = text;
}

/* ---- facts and ruling of a whole run ---- */

/* What became of the sessions that the first `n` steps offered. Of one that ended in a refusal nothing is known. */
static void count_sessions(const mt_exec *e, size_t n, mt_facts *f)
{
    const mt_try *counted = mt_exec_counted(e);
    for (size_t i = 0; counted != NULL && i < n; i++) {
        const mt_attempt_result *a = counted->steps[i];
        if (e->plan->steps[i].resume == NULL || a == NULL || !mt_was_served(&a->outcome))
            continue;
        f->taken += a->facts.resumed;
        f->declined += !a->facts.resumed;
    }
}

static mt_facts facts_of(mt_run *r, const mt_exec *e, size_t step)
{
    static const mt_attempt_facts nothing_seen;
    static const mt_outcome nothing;
    const mt_plan *p = e->plan;
    const mt_try *counted = mt_exec_counted(e);
    const mt_attempt_result *a = counted ? counted->steps[step] : NULL;
    bool last = step + 1 == p->steps_len;
    mt_facts f = {.level = p->of->level, .strict = r->config.strict, .policy = r->policy, .step = &p->steps[step],
        .observed = a ? &a->outcome : &nothing, .seen = a ? &a->facts : &nothing_seen, .identity_visible = r->survey.identity_visible,
        .anchor_name = mt_written(&r->anchors[p->algorithm])};
    count_sessions(e, step, &f);
    if (last && p->twin != NULL) {
        const mt_exec *twin = mt_exec_of(r, p->twin);
        f.twin = mt_exec_outcome(twin);
        f.twin_id = p->twin->id;
        count_sessions(twin, p->twin->steps_len, &f);
    }
    return f;
}

/* The first step that is not as it must be decides; else the last. `*which` is that step's facts. */
static mt_ruling rule(mt_run *r, const mt_exec *e, mt_facts *which)
{
    mt_ruling got = {.verdict = e->barred, .type = e->reason_type};
    if (e->barred != MT_PASS) {
        snprintf(got.message, sizeof got.message, "%s", e->reason);
        return got;
    }
    for (size_t i = 0; i < e->plan->steps_len; i++) {
        *which = facts_of(r, e, i);
        got = mt_judge_step(which);
        if (got.verdict != MT_PASS)
            break;
    }
    return got;
}

/* ---- what the baseline and the tries add ---- */

static void apply_baseline(mt_run *r, mt_result *out, const mt_facts *f)
{
    const mt_deviation *v = mt_baseline_find(&r->baseline, out->id);
    char today[20];
    mt_clock_text(today);
    today[10] = 0;
    if (v == NULL)
        return;
    if (out->verdict == MT_PASS) {
        add_note(out, mt_arena_printf(r->arena, "unexpected pass: %s:%d lists this as known (%s)", r->baseline.file, v->line, v->because));
        return;
    }
    mt_writer w = {0};
    mt_outcome_write(f->observed, &w);
    bool fits = out->verdict == MT_FAIL && mt_deviation_fits(v, mt_writer_text(&w));
    mt_writer_free(&w);
    if (fits && mt_deviation_expired(v, today)) {
        add_note(out, mt_arena_printf(r->arena, "%s:%d lists this as known until %s, which is over", r->baseline.file, v->line, v->until));
    } else if (fits) {
        out->verdict = MT_KNOWN;
        out->type = "known-deviation";
        out->message = mt_arena_printf(r->arena, "known: %.180s", v->because);
    } else if (out->verdict == MT_FAIL) {
        add_note(out, mt_arena_printf(r->arena, "%s:%d lists another deviation: %s", r->baseline.file, v->line, v->observed));
    }
}

/* Same outcome for people: how exactly a connection was closed may differ from try to try. */
static bool alike(const mt_outcome *a, const mt_outcome *b)
{
    mt_outcome x = *a, y = *b;
    x.close = y.close = MT_NOT_CLOSED;
    return mt_outcome_same(&x, &y);
}

static void note_tries(mt_result *out)
{
    for (size_t i = 0; i < out->steps_len; i++) {
        const mt_step_result *s = &out->steps[i];
        for (size_t t = 1; t < s->tries_len; t++)
            out->flaky = out->flaky || !alike(&s->tries[0], &s->tries[t]);
    }
    if (out->flaky)
        add_note(out, "flaky: the tries differ");
}

/* ---- counting ---- */

static void count(mt_run *r, const mt_exec *e, const mt_result *out, const mt_facts *f)
{
    bool judged = out->verdict == MT_PASS || out->verdict == MT_FAIL || out->verdict == MT_KNOWN;
    mt_expected kind = e->plan->steps[e->plan->steps_len - 1].expect.kind;
    r->summary.counts[out->verdict]++;
    r->summary.internal += out->type != NULL && strncmp(out->type, "internal.", 9) == 0;
    r->done++;
    if (!judged || e->barred != MT_PASS || kind == MT_EXPECT_INFO)
        return;
    bool good = kind != MT_EXPECT_REFUSED, served = mt_was_served(f->observed);
    r->wrong_way[good][out->verdict] += good != served;
    if (good) {
        r->good++;
        r->good_served += served;
        return;
    }
    r->bad++;
    if (served)
        return;
    r->bad_refused++;
    mt_count_manner(r, f->observed);
}

static void tell(mt_run *r, mt_result *out)
{
    r->sink->result(r->sink->self, out);
}

void mt_emit(mt_run *r, mt_exec *e)
{
    mt_facts f = {0};
    mt_result out;
    mt_ruling got = rule(r, e, &f);
    bool shown = got.verdict == MT_FAIL || got.verdict == MT_INCONCLUSIVE || got.verdict == MT_ERROR;
    mt_fill_result(r, e, shown && e->barred == MT_PASS ? &f : NULL, &out);
    out.verdict = got.verdict;
    out.type = got.type;
    if (got.note)
        add_note(&out, mt_arena_strdup(r->arena, got.message));
    else if (got.message[0] != 0)
        out.message = mt_arena_strdup(r->arena, got.message);
    if (got.verdict == MT_FAIL)
        out.likely = mt_likely(e->plan->of, &f);
    note_tries(&out);
    if (e->barred == MT_PASS)
        apply_baseline(r, &out, &f);
    count(r, e, &out, &f);
    tell(r, &out);
}

void mt_emit_instead(mt_run *r, mt_exec *e, const mt_ruling *fate)
{
    mt_result out;
    mt_fill_result(r, e, NULL, &out);
    out.verdict = fate->verdict;
    out.type = fate->type;
    out.message = mt_arena_strdup(r->arena, fate->message);
    r->summary.counts[out.verdict]++;
    r->done++;
    tell(r, &out);
}
