// SPDX-License-Identifier: Apache-2.0
/* What the runs are carried out on: found, looked at, and the plans cut to what it speaks. */
#include "run/inside.h"

#include <ctype.h>
#include <stdio.h>

static const uint64_t default_timeout_us = 3000000;

static bool is_address(const char *host)
{
    bool figures = host[0] != 0;
    for (const char *p = host; *p != 0; p++)
        figures = figures && (isdigit((unsigned char)*p) || *p == '.');
    return figures || strchr(host, ':') != NULL;
}

bool mt_target_describe(mt_run *r, mt_diag *d)
{
    const mt_run_config *c = &r->config;
    const char *name = c->sni ? c->sni : c->url.host;
    r->target = (mt_target){.loop = r->loop, .host = c->url.host, .port = c->url.port, .path = c->url.path,
        .sni = c->sni || !is_address(c->url.host) ? name : NULL, .timeout_us = c->timeout_us ? c->timeout_us : default_timeout_us,
        .keylog = c->keylog, .keylog_self = c->keylog_self};
    if (c->granted != NULL && !mt_granted_parse(c->granted, r->arena, &r->target.granted, d))
        return false;
    mt_trust_config trust = {.anchors = c->anchors, .anchors_len = c->anchors_len, .host = name, .insecure = c->insecure};
    r->target.trust = mt_trust_new(&trust);
    r->sm2_target = r->target;
    if (c->sm2_port != 0)
        r->sm2_target.port = c->sm2_port;
    return true;
}

const mt_target *mt_target_of(const mt_run *r, const mt_plan *p)
{
    return p->algorithm == MT_SM2 ? &r->sm2_target : &r->target;
}

/* ---- looking ---- */

static void set_pace(mt_run *r)
{
    const mt_run_config *c = &r->config;
    bool near = r->target.address != NULL && r->target.address->loopback;
    double rate = c->rate != 0 ? c->rate : near ? -1 : 5;
    r->jobs = c->jobs ? c->jobs : near ? 4 : 1;
    r->period_us = rate > 0 ? (uint64_t)(1e6 / rate) : 0;
}

static unsigned realms_of(const mt_plans *plans)
{
    unsigned realms = 0;
    for (size_t i = 0; i < plans->len; i++)
        realms |= 1U << mt_realm_of(plans->rows[i]->version, plans->rows[i]->algorithm);
    return realms;
}

static void add_suite(mt_survey_config *c, uint16_t *suites, uint16_t suite)
{
    for (size_t i = 0; i < c->suites_len; i++)
        if (suites[i] == suite)
            return;
    if (suite != 0 && c->suites_len < MT_SURVEY_SUITES)
        suites[c->suites_len++] = suite;
}

/* The suites that cases name. */
static void ask_suites(const mt_run *r, mt_survey_config *c)
{
    uint16_t *suites = MT_ARENA_ARRAY(r->arena, uint16_t, MT_SURVEY_SUITES);
    c->suites = suites;
    for (size_t i = 0; i < r->plans.len; i++)
        for (size_t k = 0; k < r->plans.rows[i]->steps_len; k++)
            add_suite(c, suites, r->plans.rows[i]->steps[k].suite);
}

/* One address after the other until one of them can be connected to. False: a signal came. */
static bool survey_target(mt_run *r)
{
    for (size_t i = 0; i < r->addresses.len; i++) {
        r->target.address = &r->addresses.rows[i];
        r->sm2_target.address = r->config.sm2_port != 0 ? &r->sm2_addresses.rows[0] : r->target.address;
        r->summary.address = r->target.address->text;
        mt_survey_config c = {.target = &r->target, .sm2_target = &r->sm2_target, .realms = realms_of(&r->plans), .pki = r->pki,
            .arena = r->arena, .settle_us = r->config.settle_us};
        ask_suites(r, &c);
        if (!mt_survey_run(&c, &r->survey, r->diag))
            return false;
        if (r->survey.versions[0].anonymous->outcome.kind != MT_UNREACHABLE)
            break;
    }
    return true;
}

static void detect_policy(mt_run *r)
{
    static const mt_policy found[] = {[MT_ASKS_NEVER] = MT_POLICY_NONE, [MT_ASKS_OPTIONAL] = MT_POLICY_OPTIONAL,
        [MT_ASKS_REQUIRED] = MT_POLICY_REQUIRED, [MT_ASKS_UNKNOWN] = MT_POLICY_REQUIRED};
    if (r->config.policy != MT_POLICY_DETECT)
        return;
    r->policy = found[r->survey.asks];
    r->summary.warning =
        mt_arena_printf(r->arena, "the policy was not checked: detected as '%s' and judged by that", mt_policy_name(r->policy));
}

static bool runs_over(const mt_plans *plans, mt_algorithm a)
{
    bool found = false;
    for (size_t i = 0; i < plans->len; i++)
        found = found || plans->rows[i]->algorithm == a;
    return found;
}

static void learn_anchor_names(mt_run *r)
{
    mt_diag *d = mt_diag_new();
    for (mt_algorithm a = MT_RSA; a < MT_ALGORITHMS; a++) {
        if (runs_over(&r->plans, a) && !mt_pki_anchor_name(r->pki, a, &r->anchors[a], d))
            mt_writer_clear(&r->anchors[a]);
    }
    mt_diag_free(d);
}

/* ---- what is not spoken ---- */

static size_t count_cases(const mt_plans *plans)
{
    size_t n = 0;
    for (size_t i = 0; i < plans->len; i++)
        n += i == 0 || plans->rows[i]->of != plans->rows[i - 1]->of;
    return n;
}

static void plan_for(mt_run *r, mt_plans plans)
{
    r->plans = plans;
    r->summary.planned = plans.len;
    r->summary.cases = count_cases(&plans);
}

static void tell_left_out(mt_run *r, const size_t left_out[MT_REALMS])
{
    for (mt_realm k = MT_REALM_USUAL; k < MT_REALMS; k++)
        if (left_out[k] != 0)
            r->survey.lines = mt_arena_printf(r->arena, "%s%zu run%s over %s left out: the target does not speak it\n",
                r->survey.lines, left_out[k], left_out[k] == 1 ? "" : "s", mt_realm_name(k));
}

static bool is_spoken(const mt_run *r, const mt_plan *p)
{
    return mt_survey_speaks(&r->survey, mt_realm_of(p->version, p->algorithm));
}

static bool has_spoken_run(const mt_run *r, const mt_case *c)
{
    bool found = false;
    for (size_t i = 0; i < r->plans.len; i++)
        found = found || (r->plans.rows[i]->of == c && is_spoken(r, r->plans.rows[i]));
    return found;
}

/* By its name, by a selector that has nothing else of this case, or by an entry of the baseline. */
static bool is_asked_for(const mt_run *r, const mt_plan *p)
{
    const mt_run_config *c = &r->config;
    for (size_t i = 0; i < c->chosen_len; i++)
        if (strcmp(c->chosen[i], p->id) == 0)
            return true;
    return mt_baseline_find(&r->baseline, p->id) != NULL || (c->chosen_len != 0 && !has_spoken_run(r, p->of));
}

/* Hundreds of runs over protocols that the target knows nothing of would say one thing hundreds of times. What was asked for
 * stays, and everything where nothing else would be left. */
static void leave_out_unspoken(mt_run *r)
{
    size_t left_out[MT_REALMS] = {0};
    const mt_plan **kept = MT_ARENA_ARRAY(r->arena, const mt_plan *, r->plans.len);
    mt_plans plans = {kept, 0};
    for (size_t i = 0; i < r->plans.len; i++) {
        const mt_plan *p = r->plans.rows[i];
        mt_realm realm = mt_realm_of(p->version, p->algorithm);
        if (is_spoken(r, p) || is_asked_for(r, p))
            kept[plans.len++] = p;
        else
            left_out[realm]++;
    }
    if (plans.len == 0)
        return;
    plan_for(r, plans);
    tell_left_out(r, left_out);
}

/* ---- the whole look ---- */

static bool resolve(mt_run *r, unsigned port, mt_addresses *out)
{
    mt_place_asked asked = {r->config.url.host, port, r->config.overrides, r->config.overrides_len};
    bool ok = mt_resolve(r->loop, &asked, r->target.timeout_us, out);
    if (!ok)
        r->survey.stop = mt_arena_printf(r->arena, "%s does not resolve: %s", asked.host, out->error);
    return ok;
}

bool mt_target_look(mt_run *r)
{
    plan_for(r, r->plans);
    bool found = resolve(r, r->config.url.port, &r->addresses);
    if (!found || (r->config.sm2_port != 0 && !resolve(r, r->config.sm2_port, &r->sm2_addresses)))
        return mt_loop_signal(r->loop) == 0;
    if (!survey_target(r)) {
        r->survey.stop = NULL;
        return false;
    }
    set_pace(r);
    detect_policy(r);
    learn_anchor_names(r);
    leave_out_unspoken(r);
    r->summary.survey = r->survey.lines;
    return true;
}

