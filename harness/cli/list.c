// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"
#include "cli/library.h"
#include "cli/options.h"
#include "wire/codes.h"

#include <jansson.h>
#include <string.h>

typedef struct list_options {
    bool ids, json;
    const char *tags;
    mt_texts exclude;
    int level; /* of level_words */
} list_options;

/* The order of mt_level, behind the default. */
static const char *const level_words[] = {"all", "must", "should", "info", NULL};

#define AT(field) .offset = offsetof(list_options, field)
static const mt_option rows[] = {
    {.name = "ids", .kind = MT_OPTION_FLAG, AT(ids), .what = "one run id a line and nothing else"},
    {.name = "json", .kind = MT_OPTION_FLAG, AT(json), .what = "everything, as JSON"},
    {.name = "tag", .letter = 'T', .kind = MT_OPTION_TEXT, AT(tags), .argument = "EXPR", .what = "'quick and not tls1.2'"},
    {.name = "exclude", .letter = 'x', .kind = MT_OPTION_LIST, AT(exclude), .argument = "CASE", .what = "leaves out what begins so"},
    {.name = "level", .kind = MT_OPTION_WORD, AT(level), .argument = "LEVEL", .what = "must, should (and must), or info (and all)",
        .words = level_words},
};
#undef AT
static const mt_options options = {"mtlspec list [CASE...]", rows, MT_COUNT(rows)};

/* ---- text ---- */

static size_t runs_of(const mt_plans *plans, const mt_case *c)
{
    size_t n = 0;
    for (size_t i = 0; i < plans->len; i++)
        n += plans->rows[i]->of == c;
    return n;
}

static size_t count_cases(const mt_plans *plans)
{
    size_t n = 0;
    for (size_t i = 0; i < plans->len; i++)
        n += i == 0 || plans->rows[i]->of != plans->rows[i - 1]->of;
    return n;
}

static void print_text(const mt_plans *plans)
{
    const char *suite = "";
    const mt_case *last = NULL;
    for (size_t i = 0; i < plans->len; i++) {
        const mt_case *c = plans->rows[i]->of;
        if (strcmp(c->suite, suite) != 0)
            printf("%s%s\n", *suite ? "\n" : "", c->suite);
        size_t runs = runs_of(plans, c);
        if (c != last)
            printf("  %-40s %-7s %zu run%s  %s\n", c->id, mt_level_name(c->level), runs, runs == 1 ? " " : "s", c->title);
        suite = c->suite;
        last = c;
    }
    printf("\n%zu cases, %zu runs\n", count_cases(plans), plans->len);
}

static void print_ids(const mt_plans *plans)
{
    for (size_t i = 0; i < plans->len; i++)
        puts(plans->rows[i]->id);
}

/* ---- JSON ---- */

static json_t *texts(const char *const *at, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(at[i]));
    return list;
}

static json_t *policies(unsigned set)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < MT_POLICY_DETECT; i++)
        if (set >> i & 1)
            json_array_append_new(list, json_string(mt_policy_name((mt_policy)i)));
    return list;
}

static json_t *case_object(const mt_case *c)
{
    json_t *o = json_object();
    json_object_set_new(o, "suite", json_string(c->suite));
    json_object_set_new(o, "id", json_string(c->id));
    json_object_set_new(o, "title", json_string(c->title));
    json_object_set_new(o, "level", json_string(mt_level_name(c->level)));
    json_object_set_new(o, "expect", json_string(mt_expected_name(c->expect.kind)));
    json_object_set_new(o, "clauses", texts(c->clauses, c->clauses_len));
    json_object_set_new(o, "catalogue", texts(c->catalogue, c->catalogue_len));
    json_object_set_new(o, "caught-by", texts(c->caught_by, c->caught_by_len));
    json_object_set_new(o, "tags", texts(c->tags, c->tags_len));
    json_object_set_new(o, "policies", policies(c->policies));
    json_object_set_new(o, "control", json_boolean(c->control));
    json_object_set_new(o, "file", json_string(c->file));
    json_object_set_new(o, "line", json_integer(c->line));
    json_object_set_new(o, "runs", json_array());
    return o;
}

static json_t *run_object(const mt_plan *p)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_string(p->id));
    json_object_set_new(o, "protocol", json_string(mt_code_name(&mt_versions, p->version)));
    json_object_set_new(o, "algorithm", json_string(mt_algorithm_name(p->algorithm)));
    json_object_set_new(o, "twin", p->twin ? json_string(p->twin->id) : json_null());
    return o;
}

static void print_json(const mt_plans *plans)
{
    json_t *cases = json_array(), *current = NULL;
    for (size_t i = 0; i < plans->len; i++) {
        if (i == 0 || plans->rows[i]->of != plans->rows[i - 1]->of) {
            current = case_object(plans->rows[i]->of);
            json_array_append_new(cases, current);
        }
        json_array_append_new(json_object_get(current, "runs"), run_object(plans->rows[i]));
    }
    json_t *root = json_object();
    json_object_set_new(root, "format", json_integer(1));
    json_object_set_new(root, "cases", cases);
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(root);
}

static int print(const mt_plans *plans, const list_options *o)
{
    if (o->json)
        print_json(plans);
    else if (o->ids)
        print_ids(plans);
    else
        print_text(plans);
    return plans->len > 0 ? MT_EXIT_OK : MT_EXIT_NOTHING_RAN;
}

static int list(const list_options *o, const mt_texts *words, mt_diag *d)
{
    mt_library library;
    mt_plans plans;
    if (!mt_library_open(NULL, &library, d))
        return mt_cli_usage(d);
    mt_selection s = {.cases = words->rows, .cases_len = words->len, .tags = o->tags, .exclude = o->exclude.rows,
        .exclude_len = o->exclude.len, .level = o->level ? o->level - 1 : MT_LEVEL_INFO};
    bool ok = mt_cases_plan(library.cases, &s, &plans, d);
    int code = ok ? print(&plans, o) : MT_EXIT_USAGE;
    mt_library_close(&library);
    mt_diag_print(d, stderr);
    mt_diag_free(d);
    return code;
}

int mt_cli_list(int argc, char **argv)
{
    mt_diag *d = mt_diag_new();
    list_options o = {0};
    mt_texts words = {0};
    mt_parsed parsed = mt_options_parse(&options, (mt_words){argc, argv}, &o, &words, d);
    int code = MT_EXIT_OK;
    if (parsed == MT_PARSED)
        code = list(&o, &words, d);
    else if (parsed == MT_PARSED_WRONG)
        code = mt_cli_usage(d);
    else
        mt_diag_free(d);
    mt_free(words.rows);
    mt_free(o.exclude.rows);
    return code;
}
