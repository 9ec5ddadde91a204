// SPDX-License-Identifier: Apache-2.0
#include "run/inside.h"

#include "wire/codes.h"

#include <stdio.h>

enum { NOTES_MAX = 6 };

static const char *keep(mt_run *r, mt_writer *w)
{
    const char *text = mt_arena_strdup(r->arena, mt_writer_text(w));
    mt_writer_free(w);
    return text;
}

static const char *expected_words(mt_run *r, const mt_step_plan *s)
{
    mt_writer w = {0};
    mt_expect_words(&s->expect, &s->prefer, &w);
    return keep(r, &w);
}

/* ---- a step ---- */

static mt_outcome *outcomes_of(mt_run *r, const mt_exec *e, size_t step, const mt_try *counted)
{
    mt_outcome *rows = MT_ARENA_ARRAY(r->arena, mt_outcome, e->tries_len);
    size_t n = 0;
    for (size_t i = 0; i < e->tries_len; i++) {
        const mt_attempt_result *a = e->tries[i].steps[step];
        if (&e->tries[i] != counted && a != NULL)
            rows[n++] = a->outcome;
    }
    if (counted->steps[step] != NULL)
        rows[n] = counted->steps[step]->outcome;
    return rows;
}

static size_t tries_of(const mt_exec *e, size_t step)
{
    size_t n = 0;
    for (size_t i = 0; i < e->tries_len; i++)
        n += e->tries[i].steps[step] != NULL;
    return n;
}

static void fill_observed(mt_step_result *out, const mt_attempt_result *a)
{
    const mt_attempt_facts *f = &a->facts;
    out->observed = a->outcome;
    out->events = a->events;
    out->protocol = f->version ? mt_code_name(&mt_versions, f->version) : NULL;
    out->suite = f->suite ? mt_code_name(&mt_suites, f->suite) : NULL;
    out->group = f->group ? mt_code_name(&mt_groups, f->group) : NULL;
    out->resumed = f->resumed;
    out->connect_us = a->connect_us;
    out->handshake_us = a->handshake_us;
    out->total_us = a->total_us;
}

static const mt_step_result *steps_of(mt_run *r, const mt_exec *e, mt_result *out)
{
    const mt_try *counted = mt_exec_counted(e);
    mt_step_result *rows = MT_ARENA_ARRAY(r->arena, mt_step_result, e->plan->steps_len);
    for (size_t i = 0; i < e->plan->steps_len; i++) {
        rows[i].expected = expected_words(r, &e->plan->steps[i]);
        rows[i].sent = e->sent[i];
        if (counted == NULL || counted->steps[i] == NULL)
            continue;
        rows[i].tries = outcomes_of(r, e, i, counted);
        rows[i].tries_len = tries_of(e, i);
        fill_observed(&rows[i], counted->steps[i]);
        out->total_us += rows[i].total_us;
    }
    return rows;
}

/* ---- how to see it again ---- */

static void write_quoted(mt_writer *w, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,[]=";
    if (text[0] != 0 && text[strspn(text, plain)] == 0) {
        mt_writef(w, "%s", text);
        return;
    }
    mt_writef(w, "'");
    for (; *text != 0; text++)
        mt_writef(w, *text == '\'' ? "'\\''" : "%c", *text);
    mt_writef(w, "'");
}

static void write_credential(mt_run *r, mt_writer *w, const char *file)
{
    const char *dot = strrchr(file, '.');
    mt_writef(w, " -cert ");
    write_quoted(w, file);
    mt_writef(w, " -key ");
    write_quoted(w, r->config.own_key ? r->config.own_key : mt_arena_printf(r->arena, "%.*s.key", (int)(dot - file), file));
    mt_writef(w, " -chainCAfile ");
    write_quoted(w, file);
}

/* A line for a shell that shows the same with openssl: only for what openssl can do, which is neither to lie nor SM2. */
static const char *by_hand(mt_run *r, const mt_exec *e)
{
    const mt_step_plan *s = &e->plan->steps[0];
    const char *file = NULL;
    if (e->plan->algorithm == MT_SM2 || e->plan->steps_len != 1 || s->edits_len != 0 || r->target.address == NULL)
        return NULL;
    if (s->present.len != 0) {
        mt_diag *d = mt_diag_new();
        file = mt_pki_file(r->pki, &s->present, d);
        mt_diag_free(d);
        if (file == NULL)
            return NULL;
    }
    const char *sni = s->sni ? s->sni : r->target.sni;
    mt_writer w = {0};
    mt_writef(&w, "printf 'GET %%s HTTP/1.1\\r\\nHost: %%s\\r\\nConnection: close\\r\\n\\r\\n' ");
    write_quoted(&w, s->path ? s->path : r->target.path);
    mt_writef(&w, " ");
    write_quoted(&w, r->target.host);
    const char *version = e->plan->version == MT_TLS13 ? "tls1_3" : "tls1_2";
    mt_writef(&w, " | openssl s_client -connect %s -%s -quiet", r->target.address->text, version);
    if (sni != NULL) {
        mt_writef(&w, " -servername ");
        write_quoted(&w, sni);
    } else {
        mt_writef(&w, " -noservername");
    }
    if (file != NULL)
        write_credential(r, &w, file);
    return keep(r, &w);
}

static const char *again(mt_run *r, const mt_exec *e)
{
    mt_writer w = {0};
    if (r->config.again != NULL)
        return mt_arena_printf(r->arena, "%s %s -v", r->config.again, e->plan->id);
    mt_writef(&w, "mtlspec run -t ");
    write_quoted(&w, r->config.target);
    if (r->config.policy != MT_POLICY_REQUIRED)
        mt_writef(&w, " --policy %s", mt_policy_name(r->config.policy));
    mt_writef(&w, " %s -v", e->plan->id);
    return keep(r, &w);
}

static const char *twin_words(mt_run *r, const mt_exec *e, const mt_facts *f)
{
    if (f == NULL || f->twin == NULL || e->plan->twin == NULL)
        return NULL;
    mt_writer w = {0};
    mt_writef(&w, "%s: ", e->plan->twin->id);
    mt_outcome_write(f->twin, &w);
    return keep(r, &w);
}

static const char *catalogue_words(mt_run *r, const mt_case *c)
{
    mt_writer w = {0};
    for (size_t i = 0; i < c->catalogue_len; i++)
        mt_writef(&w, "%s%s", i == 0 ? "" : ", ", c->catalogue[i]);
    return keep(r, &w);
}

void mt_fill_result(mt_run *r, mt_exec *e, const mt_facts *f, mt_result *out)
{
    const mt_plan *p = e->plan;
    const mt_case *c = p->of;
    *out = (mt_result){.id = p->id, .suite = c->suite, .name = p->name, .title = c->title, .level = mt_level_name(c->level),
        .clauses = c->clauses, .clauses_len = c->clauses_len, .catalogue = catalogue_words(r, c), .file = c->file, .line = c->line,
        .steps_len = p->steps_len, .again = again(r, e)};
    out->notes = MT_ARENA_ARRAY(r->arena, const char *, NOTES_MAX);
    out->steps = steps_of(r, e, out);
    out->twin = twin_words(r, e, f);
    out->by_hand = f != NULL ? by_hand(r, e) : NULL;
}

/* ---- the run in one sentence ---- */

void mt_count_manner(mt_run *r, const mt_outcome *o)
{
    static const char *const where[] = {[MT_NOWHERE] = "", [MT_IN_HANDSHAKE] = "in the handshake",
        [MT_AFTER_HANDSHAKE] = "after the handshake", [MT_IN_HTTP] = "over HTTP"};
    mt_writer w = {0};
    if (o->manner == MT_BY_STATUS)
        mt_writef(&w, "%s %d", where[o->where], o->status);
    else
        mt_writef(&w, "by %s %s", o->manner == MT_BY_ALERT ? "an alert" : "closing", where[o->where]);
    for (size_t i = 0; i < r->manners_len; i++) {
        if (strcmp(r->manners[i].phrase, mt_writer_text(&w)) == 0) {
            r->manners[i].count++;
            mt_writer_free(&w);
            return;
        }
    }
    if (r->manners_len < MT_TALLIES)
        r->manners[r->manners_len++] = (mt_tally){mt_arena_strdup(r->arena, mt_writer_text(&w)), 1};
    mt_writer_free(&w);
}

static void write_manners(const mt_run *r, mt_writer *w)
{
    bool taken[MT_TALLIES] = {false};
    for (size_t n = 0; n < r->manners_len; n++) {
        size_t best = MT_TALLIES;
        for (size_t i = 0; i < r->manners_len; i++) {
            if (!taken[i] && (best == MT_TALLIES || r->manners[i].count > r->manners[best].count))
                best = i;
        }
        taken[best] = true;
        mt_writef(w, "%s%s", n == 0 ? ", " : n + 1 == r->manners_len ? " and " : ", ", r->manners[best].phrase);
        if (r->manners_len > 1)
            mt_writef(w, " (%zu)", r->manners[best].count);
    }
}

/* " (4 failed, 10 known deviations, 12 against a 'should')" */
static void write_wrong_way(const mt_run *r, bool good, mt_writer *w)
{
    static const struct {
        mt_verdict verdict;
        const char *words;
    } rows[] = {{MT_FAIL, "failed"}, {MT_KNOWN, "known"}, {MT_PASS, "against a 'should'"}};
    const char *before = " (";
    for (size_t i = 0; i < MT_COUNT(rows); i++) {
        size_t n = r->wrong_way[good][rows[i].verdict];
        if (n == 0)
            continue;
        mt_writef(w, "%s%zu %s", before, n, rows[i].words);
        before = ", ";
    }
    mt_writef(w, ")");
}

const char *mt_sentence(const mt_run *r)
{
    static const char *const asks[] = {[MT_ASKS_NEVER] = "does not ask for a client certificate",
        [MT_ASKS_OPTIONAL] = "asks for a client certificate and does not require one", [MT_ASKS_REQUIRED] = "requires a client certificate",
        [MT_ASKS_UNKNOWN] = "asks for a client certificate"};
    mt_writer w = {0};
    if (r->survey.stop != NULL)
        mt_writef(&w, "could not be judged: %s", r->survey.stop);
    else if (r->survey.lines != NULL)
        mt_writef(&w, "%s", asks[r->survey.asks]);
    if (r->bad != 0) {
        mt_writef(&w, "; refused %zu of %zu bad ones", r->bad_refused, r->bad);
        write_manners(r, &w);
    }
    if (r->bad != r->bad_refused) {
        mt_writef(&w, "; served %zu bad ones", r->bad - r->bad_refused);
        write_wrong_way(r, false, &w);
    }
    if (r->good != r->good_served) {
        mt_writef(&w, "; did not serve %zu of %zu good ones", r->good - r->good_served, r->good);
        write_wrong_way(r, true, &w);
    }
    if (r->gone)
        mt_writef(&w, "; then it stopped answering");
    if (r->summary.interrupted)
        mt_writef(&w, "%sinterrupted", w.len ? "; " : "");
    return keep((mt_run *)(uintptr_t)r, &w);
}
