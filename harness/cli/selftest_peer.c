// SPDX-License-Identifier: Apache-2.0
#include "cli/selftest.h"

#include "pki/verify.h"
#include "run/judge.h"

#include <stdio.h>
#include <string.h>

enum {
    LIST_US = 10 * 1000 * 1000,
    SETTLE_US = 5 * 1000, /* our peers let an alert be read however late we ask */
    PATH_TEXT = 4096
};

const char *const mt_peer_names[MT_PEERS] = {"refserver", "serve", "serve-sm2"};

bool mt_names_has(const mt_names *n, const char *name)
{
    for (size_t i = 0; i < n->len; i++)
        if (strcmp(n->rows[i], name) == 0)
            return true;
    return false;
}

/* ---- which faults there are ---- */

bool mt_may_play(const mt_unit *u, mt_peer_kind kind)
{
    return (u->plan->algorithm == MT_SM2) == (kind == MT_PEER_SERVE_SM2);
}

static void add_fault(mt_stage *s, mt_peer_kind kind, const char *name)
{
    mt_names *n = &s->faults[kind];
    MT_GROW(n->rows, n->len, n->cap);
    n->rows[n->len++] = name;
}

typedef struct fault_reader {
    mt_stage *stage;
} fault_reader;

static void take_line(void *self, const char *line)
{
    const fault_reader *r = self;
    int n = (int)strcspn(line, "\t");
    add_fault(r->stage, MT_PEER_REFSERVER, mt_arena_printf(r->stage->arena, "%.*s", n, line));
}

static bool ask_refserver(mt_stage *s)
{
    char folder[PATH_TEXT], error[200];
    mt_program_folder(folder, sizeof folder);
    const char *const argv[] = {mt_arena_printf(s->arena, "%s/mtlspec-refserver", folder), "--list-faults", NULL};
    fault_reader reader = {s};
    const mt_line_taker taker = {take_line, &reader};
    mt_child *c = mt_child_start(s->loop, argv, error);
    if (c == NULL) {
        mt_diag_add(s->d, (mt_place){0}, "the reference server: %s", error);
        return false;
    }
    bool ok = mt_child_each_line(c, &taker, LIST_US) && s->faults[MT_PEER_REFSERVER].len != 0;
    mt_child_stop(c);
    if (!ok && mt_loop_signal(s->loop) == 0)
        mt_diag_add(s->d, (mt_place){0}, "the reference server does not say which faults it has");
    return ok;
}

static void take_own(mt_stage *s, const char *name)
{
    add_fault(s, MT_PEER_SERVE, name);
    add_fault(s, MT_PEER_SERVE_SM2, name);
}

bool mt_peer_faults_learn(mt_stage *s)
{
    for (size_t i = 0; i < mt_engine_fault_count; i++)
        take_own(s, mt_engine_faults[i].name);
    for (size_t i = 0; i < mt_path_fault_count; i++)
        if (mt_serve_fault(&(mt_serve_config){0}, mt_path_faults[i].name))
            take_own(s, mt_path_faults[i].name);
    return ask_refserver(s);
}

/* ---- peers ---- */

typedef struct peer {
    mt_server *server;
    mt_embedded child;
    char url[128];
} peer;

static bool start_serve(mt_stage *s, const mt_trial *t, peer *p)
{
    char error[200];
    const mt_side *side = t->kind == MT_PEER_SERVE_SM2 ? &s->sm2 : &s->usual;
    mt_serve_config c = {
        .identities = side->identities, .identities_len = MT_COUNT(side->identities), .anchors = s->anchors,
        .anchors_len = s->anchors_len, .policy = (mt_serve_policy)t->policy, .refuse = t->refuse,
    };
    if (t->fault != NULL && !mt_serve_fault(&c, t->fault))
        mt_die("no fault '%s'", t->fault);
    p->server = mt_server_start(s->loop, &c, error);
    if (p->server == NULL) {
        mt_diag_add(s->d, (mt_place){0}, "our own server: %s", error);
        return false;
    }
    snprintf(p->url, sizeof p->url, "https://127.0.0.1:%u", mt_server_port(p->server));
    return true;
}

static bool start_refserver(mt_stage *s, const mt_trial *t, peer *p)
{
    mt_embedded_asked asked = {.policy = mt_policy_name(t->policy), .faults = &t->fault, .faults_len = t->fault ? 1 : 0,
        .pki_dir = s->pki_dir};
    if (!mt_embedded_start(s->loop, s->pki, &asked, &p->child, s->d))
        return false;
    snprintf(p->url, sizeof p->url, "%s", p->child.url);
    return true;
}

static void stop(peer *p)
{
    mt_server_stop(p->server);
    mt_embedded_stop(&p->child);
}

/* ---- a trial ---- */

typedef struct tally {
    mt_stage *stage;
    const mt_trial *trial;
    size_t done;
    bool interrupted;
} tally;

static void on_begin(void *self, const mt_summary *summary)
{
    const tally *y = self;
    if (y->trial->surveyed != NULL)
        y->trial->surveyed(y->trial->self, summary);
}

static void on_result(void *self, const mt_result *r)
{
    tally *y = self;
    y->stage->runs++;
    y->trial->take(y->trial->self, y->trial->units[y->done++], r);
}

static void on_end(void *self, const mt_summary *summary)
{
    ((tally *)self)->interrupted = summary->interrupted;
}

static bool run_against(mt_stage *s, const mt_trial *t, const peer *p)
{
    const mt_plan **rows = mt_alloc(t->len * sizeof *rows);
    for (size_t i = 0; i < t->len; i++)
        rows[i] = t->units[i]->plan;
    mt_plans plans = {rows, t->len};
    tally y = {.stage = s, .trial = t};
    mt_run_sink sink = {.begin = on_begin, .result = on_result, .end = on_end, .self = &y};
    mt_run_config c = {
        .target = p->url, .policy = t->policy, .anchors = s->server_anchors, .anchors_len = s->server_anchors_len, .strict = t->strict,
        .baseline = t->kind == MT_PEER_REFSERVER && t->fault == NULL ? s->baseline : NULL, .known = &s->known,
        .command = "mtlspec selftest", .settle_us = SETTLE_US,
    };
    mt_run *run = mt_url_parse(p->url, &c.url, s->d) ? mt_run_new(s->loop, &c, s->pki, &plans, s->d) : NULL;
    if (run != NULL)
        mt_run_all(run, &sink);
    mt_run_free(run);
    mt_free(rows);
    return run != NULL && !y.interrupted;
}

static void tell(const mt_stage *s, const mt_trial *t)
{
    if (s->progress)
        fprintf(stderr, "\r\033[K%s, %s%s%s: %zu runs", mt_peer_names[t->kind], mt_policy_name(t->policy), t->fault ? ", " : "",
            t->fault ? t->fault : "", t->len);
}

bool mt_trial_run(mt_stage *s, const mt_trial *t)
{
    peer p = {0};
    if (t->len == 0)
        return true;
    tell(s, t);
    bool ok = (t->kind == MT_PEER_REFSERVER ? start_refserver(s, t, &p) : start_serve(s, t, &p)) && run_against(s, t, &p);
    stop(&p);
    return ok;
}

/* ---- what a run shows ---- */

bool mt_is_breach(const mt_result *r)
{
    return r->verdict == MT_KNOWN || (r->verdict == MT_FAIL && strcmp(r->type, "expectation.manner") != 0);
}

bool mt_was_caught(const mt_trial *t, const mt_unit *u, const mt_result *r)
{
    if (u->plan->of->level != MT_LEVEL_INFO)
        return mt_is_breach(r) && !u->deviates[t->kind][t->policy];
    mt_seen honest = u->honest[t->kind][t->policy];
    if (r->verdict != MT_PASS || honest == MT_SEEN_NOTHING || r->steps_len == 0)
        return false;
    bool served = mt_was_served(&r->steps[r->steps_len - 1].observed);
    return served != (honest == MT_SEEN_SERVED);
}
