// SPDX-License-Identifier: Apache-2.0
#include "case/case.h"
#include "engine/engine.h"
#include "suite.h"
#include "wire/codes.h"

#include <stdio.h>

static mt_pki *pki;
static mt_cases *cases;

static void load(const char *path)
{
    mt_diag *d = mt_diag_new();
    mt_pki_config config = {.recipes = MT_DATA_DIR "/certs"};
    pki = mt_pki_open(&config, d);
    ck_assert_msg(pki != NULL, "%s", mt_diag_text(d));
    cases = mt_cases_load_file(path, pki, d);
    ck_assert_msg(cases != NULL, "%s", mt_diag_text(d));
    mt_diag_free(d);
}

static void unload(void)
{
    mt_cases_free(cases);
    mt_pki_free(pki);
}

static mt_plans plans_of(const mt_selection *s)
{
    mt_plans plans;
    mt_diag *d = mt_diag_new();
    ck_assert_msg(mt_cases_plan(cases, s, &plans, d), "%s", mt_diag_text(d));
    mt_diag_free(d);
    return plans;
}

static const mt_plan *plan_of(const char *id)
{
    mt_plans plans = plans_of(&(mt_selection){.cases = &id, .cases_len = 1, .level = MT_LEVEL_INFO});
    ck_assert_uint_eq(plans.len, 1);
    ck_assert_str_eq(plans.rows[0]->id, id);
    return plans.rows[0];
}

#define GOOD MT_TEST_DATA "/vectors/cases/good.yaml"

/* ---- what a file says ---- */

START_TEST(only_cells_that_exist_are_runs)
{
    static const char *const ids[] = {
        "server/good/control/tls1.2/rsa", "server/good/control/tls1.2/ecc",
        "server/good/control/tls1.3/rsa", "server/good/control/tls1.3/ecc", "server/good/control/tls1.3/sm2",
        "server/good/control/tlcp/sm2",
        "server/good/recipe/tls1.2/rsa", "server/good/recipe/tls1.2/ecc", "server/good/recipe/tls1.3/rsa", "server/good/recipe/tls1.3/ecc",
        "server/good/recipe/tls1.3/sm2", "server/good/recipe/tlcp/sm2",
        "server/good/edit/tls1.3/rsa", "server/good/edit/tls1.3/ecc", "server/good/own-twin/tls1.2/rsa", "server/good/same-twin/tls1.2/rsa",
        "server/good/nobody/tls1.3/ecc", "server/good/steps/tls1.3/ecc", "server/good/resumed/tlcp/sm2",
        "server/good/recorded/tls1.2/ecc",
    };
    load(GOOD);
    mt_plans plans = plans_of(&(mt_selection){.level = MT_LEVEL_INFO});
    ck_assert_uint_eq(plans.len, MT_COUNT(ids));
    for (size_t i = 0; i < plans.len; i++)
        ck_assert_str_eq(plans.rows[i]->id, ids[i]);
    unload();
}
END_TEST

START_TEST(a_case_keeps_what_it_says)
{
    load(GOOD);
    const mt_plan *p = plan_of("server/good/recipe/tls1.3/ecc");
    ck_assert_str_eq(p->name, "recipe/tls1.3/ecc");
    ck_assert_uint_eq(p->version, MT_TLS13);
    ck_assert_int_eq(p->algorithm, MT_ECC);
    ck_assert_str_eq(p->of->file, "good.yaml");
    ck_assert_int_eq(p->of->line, 21);
    ck_assert_str_eq(p->of->clauses[0], "rfc5280#6.1.3 MUST");
    ck_assert_uint_eq(p->of->tags_len, 2);
    ck_assert_uint_eq(p->of->policies, 1u << MT_POLICY_REQUIRED | 1u << MT_POLICY_OPTIONAL | 1u << MT_POLICY_REQUEST);
    const mt_step_plan *s = p->steps;
    ck_assert(s->present.natural && s->present.len == 1 && s->present.algorithm == MT_ECC);
    ck_assert_int_eq(s->expect.kind, MT_EXPECT_REFUSED);
    ck_assert_int_eq(s->expect.where, MT_IN_HTTP);
    ck_assert(s->expect.statuses_len == 2 && s->expect.statuses[0] == 421 && s->expect.statuses[1] == 400);
    ck_assert(s->expect.alerts_len == 1 && s->expect.alerts[0] == 48);
    ck_assert(s->prefer.alerts_len == 1 && s->prefer.alerts[0] == 45);
    ck_assert_int_eq(s->prefer.where, MT_AFTER_HANDSHAKE);
    ck_assert_int_eq(plan_of("server/good/recorded/tls1.2/ecc")->steps->observe, MT_OBSERVE_REQUEST_FORM);
    ck_assert(plan_of("server/good/control/tls1.2/rsa")->of->control);
    unload();
}
END_TEST

START_TEST(a_value_may_differ_by_cell)
{
    load(GOOD);
    const mt_step_plan *rsa = plan_of("server/good/edit/tls1.3/rsa")->steps, *ecc = plan_of("server/good/edit/tls1.3/ecc")->steps;
    ck_assert_uint_eq(rsa->edits_len, 1);
    ck_assert_int_eq(rsa->edits[0].verb, MT_EDIT_SIGN_WITH);
    ck_assert_str_eq(rsa->edits[0].other, "other-key");
    ck_assert_int_eq(ecc->edits[0].verb, MT_EDIT_SET);
    ck_assert_uint_eq(ecc->prefer.alerts_len, 2);
    ck_assert_uint_eq(ecc->prefer.alerts[1], 47);
    unload();
}
END_TEST

START_TEST(needs_are_about_the_list_of_schemes)
{
    static const uint16_t with[] = {0x0403, 0x0201}, without[] = {0x0403};
    load(GOOD);
    const mt_case *c = plan_of("server/good/edit/tls1.3/rsa")->of;
    ck_assert_str_eq(c->unsupported, "no scheme rsa_pkcs1_sha1");
    ck_assert(!mt_case_needs_met(c, with, 2));
    ck_assert(mt_case_needs_met(c, without, 1));
    ck_assert(mt_case_needs_met(plan_of("server/good/control/tls1.2/rsa")->of, NULL, 0));
    unload();
}
END_TEST

/* ---- twins ---- */

START_TEST(the_default_twin_is_the_control)
{
    load(GOOD);
    const mt_plan *control = plan_of("server/good/control/tls1.3/rsa");
    ck_assert_ptr_null(control->twin);
    ck_assert_ptr_eq(plan_of("server/good/recipe/tls1.3/rsa")->twin, control);
    ck_assert_ptr_eq(plan_of("server/good/edit/tls1.3/rsa")->twin, control);
    ck_assert_ptr_ne(plan_of("server/good/recipe/tls1.3/ecc")->twin, control);
    ck_assert_ptr_eq(plan_of("server/good/recorded/tls1.2/ecc")->twin, plan_of("server/good/control/tls1.2/ecc"));
    unload();
}
END_TEST

START_TEST(equal_twins_are_one_plan)
{
    load(GOOD);
    const mt_plan *twin = plan_of("server/good/own-twin/tls1.2/rsa")->twin;
    ck_assert_str_eq(twin->id, "server/good/own-twin/twin/tls1.2/rsa");
    ck_assert_ptr_eq(plan_of("server/good/same-twin/tls1.2/rsa")->twin, twin);
    ck_assert_uint_eq(twin->steps->present.len, 3);
    ck_assert_str_eq(twin->steps->present.names[2], "root");
    ck_assert_int_eq(twin->steps->expect.kind, MT_EXPECT_SERVED);
    unload();
}
END_TEST

START_TEST(the_twin_of_nobody_is_anonymous)
{
    load(GOOD);
    const mt_plan *twin = plan_of("server/good/nobody/tls1.3/ecc")->twin;
    ck_assert_uint_eq(twin->steps->present.len, 0);
    ck_assert_uint_eq(twin->steps->edits_len, 0);
    ck_assert_int_eq(twin->steps->expect.kind, MT_EXPECT_SERVED_ANONYMOUS);
    unload();
}
END_TEST

START_TEST(a_twin_has_the_same_steps)
{
    load(GOOD);
    const mt_plan *p = plan_of("server/good/steps/tls1.3/ecc");
    ck_assert_uint_eq(p->steps_len, 2);
    ck_assert_str_eq(p->steps[0].name, "first");
    ck_assert_str_eq(p->steps[1].sni, "other.example");
    ck_assert_str_eq(p->steps[1].path, "/other");
    ck_assert_uint_eq(p->steps[1].padding, 16);
    ck_assert_int_eq(p->steps[1].edits[0].verb, MT_EDIT_REPLACE_WITH);
    ck_assert_uint_eq(p->twin->steps_len, 2);
    ck_assert_uint_eq(p->twin->steps[1].edits_len, 0);
    ck_assert_str_eq(p->twin->steps[1].sni, "other.example");
    unload();
}
END_TEST

START_TEST(the_twin_of_a_session_has_the_steps_that_made_it)
{
    load(GOOD);
    const mt_plan *p = plan_of("server/good/resumed/tlcp/sm2");
    ck_assert(p->steps[0].ticket && p->steps[0].resume == NULL && p->steps[1].ticket);
    ck_assert_str_eq(p->steps[1].resume, "first");
    ck_assert_uint_eq(p->twin->steps_len, 2);
    for (size_t i = 0; i < 2; i++) {
        const mt_step_plan *s = &p->twin->steps[i];
        ck_assert(s->ticket && s->edits_len == 0 && s->present.len == 1 && s->expect.kind == MT_EXPECT_SERVED);
    }
    ck_assert_str_eq(p->twin->steps[0].name, "first");
    ck_assert_str_eq(p->twin->steps[1].resume, "first");
    unload();
}
END_TEST

/* ---- selection ---- */

static const struct {
    const char *prefix, *exclude, *tags;
    int level;
    size_t runs;
} selections[] = {
    {NULL, NULL, NULL, MT_LEVEL_INFO, 20},
    {NULL, NULL, NULL, MT_LEVEL_SHOULD, 19},
    {NULL, NULL, NULL, MT_LEVEL_MUST, 17},
    {"server", NULL, NULL, MT_LEVEL_INFO, 20},
    {"server/good/", NULL, NULL, MT_LEVEL_INFO, 20},
    {"server/good/recipe", NULL, NULL, MT_LEVEL_INFO, 6},
    {"server/good/recipe/tls1.3", NULL, NULL, MT_LEVEL_INFO, 3},
    {"server/good", "server/good/recipe", NULL, MT_LEVEL_INFO, 14},
    {NULL, NULL, "quick", MT_LEVEL_INFO, 12},
    {NULL, NULL, "quick and not dates", MT_LEVEL_INFO, 6},
    {NULL, NULL, "not not dates", MT_LEVEL_INFO, 6},
    {NULL, NULL, "dates or info", MT_LEVEL_INFO, 7},
    {NULL, NULL, "quick and (tls1.3 or rsa) and not (dates and ecc)", MT_LEVEL_INFO, 7},
    {NULL, NULL, "should", MT_LEVEL_MUST, 0},
};

START_TEST(selects)
{
    load(GOOD);
    mt_selection s = {.tags = selections[_i].tags, .level = selections[_i].level, .under_test = "server"};
    s.cases = &selections[_i].prefix;
    s.cases_len = selections[_i].prefix != NULL;
    s.exclude = &selections[_i].exclude;
    s.exclude_len = selections[_i].exclude != NULL;
    ck_assert_uint_eq(plans_of(&s).len, selections[_i].runs);
    s.under_test = "client";
    ck_assert_uint_eq(plans_of(&s).len, 0);
    unload();
}
END_TEST

static const struct {
    const char *prefix, *tags, *error;
} misses[] = {
    {"server/goood", NULL, "error: no case is called 'server/goood'; did you mean 'server/good'?\n"},
    {"server/good/recip", NULL, "error: no case is called 'server/good/recip'; did you mean 'server/good/recipe'?\n"},
    {"own-twin", NULL, "error: no case is called 'own-twin'; did you mean 'server/good/own-twin'?\n"},
    {"xyz", NULL, "error: no case is called 'xyz' (see: mtlspec list)\n"},
    {"", NULL, "error: no case is called '' (see: mtlspec list)\n"},
    {NULL, "quik", "error: --tag: no run has the tag 'quik'; did you mean 'quick'?\n"},
    {NULL, "quick and", "error: --tag: a tag is wanted at the end\n"},
    {NULL, "quick dates", "error: --tag: 'and' or 'or' is wanted before: dates\n"},
    {NULL, "(quick", "error: --tag: a closing bracket is wanted at the end\n"},
    {NULL, "quick)", "error: --tag: not a word before: )\n"},
    {NULL, "", "error: --tag: a tag is wanted at the end\n"},
    {NULL, "((((((((((((((((((quick))))))))))))))))))", "error: --tag: too many brackets before: (quick))))))))))))))))))\n"},
};

START_TEST(a_selector_that_matches_nothing_is_an_error)
{
    load(GOOD);
    mt_diag *d = mt_diag_new();
    mt_plans plans;
    mt_selection s = {.tags = misses[_i].tags, .level = MT_LEVEL_INFO};
    s.cases = &misses[_i].prefix;
    s.cases_len = misses[_i].prefix != NULL;
    ck_assert(!mt_cases_plan(cases, &s, &plans, d));
    ck_assert_str_eq(mt_diag_text(d), misses[_i].error);
    mt_diag_free(d);
    unload();
}
END_TEST

/* ---- files that break the rules ---- */

static const char *const broken[] = {
    "3:8: error: a suite is parts of a-z 0-9 . - with / between", "an id is made of a-z",
    "10:50: error: a clause is written as rfc8446#4.4.3 MUST",
    "11:51: error: a clause is written", "a case names at least one row", "is written as G11 or SIG-12", "'caught-by' is missing",
    "unknown recipe 'expird'", "did you mean 'expired'?", "unknown recipe 'othr-key'", "unknown verb 'dorp'; did you mean 'drop'?",
    "unknown alert 'unknwon_ca'", "'tls13' is no word of an axis", "did you mean 'tls1.3'?", "an HTTP status is a number",
    "'expect' wants a word", "'present' is missing", "its twin would differ in 2 things", "its twin would differ in 0 things",
    "no earlier step has the name", "no earlier step has this name", "sessions of tls1.3 are not taken up again",
    "'needs' is written as", "'twin' wants the word control",
    "server/Broken/twin is there already: broken.yaml:29",
};

START_TEST(every_broken_rule_is_reported_in_one_go)
{
    mt_diag *d = mt_diag_new();
    mt_pki_config config = {.recipes = MT_DATA_DIR "/certs"};
    pki = mt_pki_open(&config, d);
    ck_assert_ptr_nonnull(pki);
    ck_assert_ptr_null(mt_cases_load_file(MT_TEST_DATA "/vectors/cases/broken.yaml", pki, d));
    for (size_t i = 0; i < MT_COUNT(broken); i++)
        ck_assert_msg(strstr(mt_diag_text(d), broken[i]) != NULL, "not said: %s", broken[i]);
    mt_diag_free(d);
    mt_pki_free(pki);
}
END_TEST

/* ---- the cases of the program ---- */

static bool has_word(const char *const *at, size_t n, const char *word)
{
    bool found = false;
    for (size_t i = 0; i < n; i++)
        found = found || strcmp(at[i], word) == 0;
    return found;
}

START_TEST(our_own_cases_are_sound)
{
    load(MT_DATA_DIR "/cases");
    mt_diag *d = mt_diag_new();
    ck_assert_msg(mt_cases_check_faults(cases, NULL, 0, d), "%s", mt_diag_text(d));
    size_t n;
    mt_cases_all(cases, &n);
    ck_assert_uint_ge(n, 90);
    mt_plans plans = plans_of(&(mt_selection){.level = MT_LEVEL_INFO});
    for (size_t i = 0; i < plans.len; i++) {
        const mt_plan *p = plans.rows[i];
        ck_assert_msg(p->twin != NULL || p->of->control, "%s has no twin", p->id);
        ck_assert_msg(strncmp(p->of->file, "cases/server/", 13) == 0, "%s", p->of->file);
    }
    mt_diag_free(d);
    unload();
}
END_TEST

/* Each wire fault that leaves a check out is caught by some case. */
START_TEST(no_wire_fault_is_a_hole)
{
    static const char *const no_breach[] = {"omit-ca-names"};
    load(MT_DATA_DIR "/cases");
    size_t n;
    const mt_case *const *all = mt_cases_all(cases, &n);
    for (size_t i = 0; i < mt_engine_fault_count; i++) {
        const char *fault = mt_engine_faults[i].name;
        bool caught = has_word(no_breach, MT_COUNT(no_breach), fault);
        for (size_t j = 0; j < n; j++)
            caught = caught || has_word(all[j]->caught_by, all[j]->caught_by_len, fault);
        ck_assert_msg(caught, "no case is caught by %s", fault);
    }
    unload();
}
END_TEST

START_TEST(an_unknown_fault_is_named)
{
    load(GOOD);
    mt_diag *d = mt_diag_new();
    ck_assert(mt_cases_check_faults(cases, NULL, 0, d));
    unload();
    load(MT_TEST_DATA "/vectors/cases/fault.yaml");
    static const char *const more[] = {"a-fault-of-another-peer"};
    ck_assert(!mt_cases_check_faults(cases, more, 1, d));
    ck_assert_uint_eq(mt_diag_count(d), 1);
    ck_assert_ptr_nonnull(strstr(mt_diag_text(d), "unknown fault 'accept-expird'"));
    ck_assert_ptr_nonnull(strstr(mt_diag_text(d), "did you mean 'accept-expired'?"));
    mt_diag_free(d);
    unload();
}
END_TEST

static const suite_row tests[] = {
    {&only_cells_that_exist_are_runs, 0, 0},
    {&a_case_keeps_what_it_says, 0, 0},
    {&a_value_may_differ_by_cell, 0, 0},
    {&needs_are_about_the_list_of_schemes, 0, 0},
    {&the_default_twin_is_the_control, 0, 0},
    {&equal_twins_are_one_plan, 0, 0},
    {&the_twin_of_nobody_is_anonymous, 0, 0},
    {&a_twin_has_the_same_steps, 0, 0},
    {&the_twin_of_a_session_has_the_steps_that_made_it, 0, 0},
    {&selects, MT_COUNT(selections), 0},
    {&a_selector_that_matches_nothing_is_an_error, MT_COUNT(misses), 0},
    {&every_broken_rule_is_reported_in_one_go, 0, 0},
    {&our_own_cases_are_sound, 0, 0},
    {&no_wire_fault_is_a_hole, 0, 0},
    {&an_unknown_fault_is_named, 0, 0},
};

int main(void)
{
    return suite_run("case", tests, MT_COUNT(tests));
}
