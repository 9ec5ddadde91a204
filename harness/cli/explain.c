// SPDX-License-Identifier: Apache-2.0
#include "advice/advice.h"
#include "cli/cli.h"
#include "cli/library.h"
#include "cli/options.h"
#include "wire/codes.h"

#include <ctype.h>
#include <string.h>

enum { WIDTH = 100, INDENT = 12 };

static const mt_options options = {"mtlspec explain CASE | alert N | ALERT | \"what another program said\"", NULL, 0};

/* ---- text ---- */

/* print_wrapped prints a paragraph, `label` in front of its first line. */
static void print_wrapped(const char *label, const char *text)
{
    size_t column = INDENT;
    printf("%-*s", INDENT, label);
    for (const char *at = text; *at != 0;) {
        at += strspn(at, " \n");
        size_t len = strcspn(at, " \n");
        if (len == 0)
            break;
        if (column > INDENT && column + 1 + len > WIDTH) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        }
        printf("%s%.*s", column > INDENT ? " " : "", (int)len, at);
        column += len + (column > INDENT);
        at += len;
    }
    putchar('\n');
}

static void print_list(const char *label, const char *const *at, size_t n, const char *between)
{
    mt_writer line = {0};
    for (size_t i = 0; i < n; i++)
        mt_writef(&line, "%s%s", i ? between : "", at[i]);
    if (n > 0)
        print_wrapped(label, mt_writer_text(&line));
    mt_writer_free(&line);
}

/* ---- cases ---- */

static void write_alerts(mt_writer *w, const char *before, const uint8_t *alerts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mt_writef(w, "%s", i ? " or " : before);
        mt_code_write(&mt_alerts, alerts[i], w);
    }
}

static void print_expected(const mt_step_plan *step)
{
    mt_writer line = {0};
    mt_writef(&line, "%s", mt_expected_name(step->expect.kind));
    if (step->expect.where != MT_NOWHERE)
        mt_writef(&line, " in %s", mt_where_name(step->expect.where));
    for (size_t i = 0; i < step->expect.statuses_len; i++)
        mt_writef(&line, " %d", step->expect.statuses[i]);
    write_alerts(&line, ", by alert ", step->expect.alerts, step->expect.alerts_len);
    write_alerts(&line, "; preferably by alert ", step->prefer.alerts, step->prefer.alerts_len);
    print_wrapped("expected", mt_writer_text(&line));
    mt_writer_free(&line);
}

static void print_step(const mt_step_plan *step)
{
    print_list("presents", step->present.names, step->present.len, "  <-  ");
    if (step->present.len == 0)
        print_wrapped("presents", "no certificate");
    for (size_t i = 0; i < step->edits_len; i++)
        print_wrapped(i ? "" : "changes", step->edits[i].text);
    print_expected(step);
}

static void print_policies(const mt_case *c)
{
    const char *names[MT_POLICY_DETECT];
    size_t n = 0;
    for (unsigned i = 0; i < MT_POLICY_DETECT; i++)
        if (c->policies >> i & 1)
            names[n++] = mt_policy_name((mt_policy)i);
    print_list("policy", names, n, ", ");
}

static void print_runs(const mt_plans *plans, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        print_wrapped(i == first ? "runs" : "", plans->rows[i]->id);
        if (plans->rows[i]->twin != NULL)
            printf("%*s  beside %s\n", INDENT, "", plans->rows[i]->twin->id);
    }
}

static void print_case(const mt_plans *plans, size_t first, size_t end)
{
    const mt_plan *plan = plans->rows[first];
    const mt_case *c = plan->of;
    printf("%s/%s\n\n", c->suite, c->id);
    print_wrapped("asserts", c->title);
    print_wrapped("level", mt_level_name(c->level));
    print_list("clauses", c->clauses, c->clauses_len, ", ");
    print_list("catalogue", c->catalogue, c->catalogue_len, ", ");
    print_policies(c);
    if (c->unsupported != NULL)
        print_wrapped("needs", c->unsupported);
    for (size_t i = 0; i < plan->steps_len; i++)
        print_step(&plan->steps[i]);
    print_list("caught by", c->caught_by, c->caught_by_len, ", ");
    print_runs(plans, first, end);
    printf("%-*s%s:%d\n\n", INDENT, "file", c->file, c->line);
    print_wrapped("why", c->explain);
    printf("%-*smtlspec run -t URL %s/%s\n", INDENT, "again", c->suite, c->id);
    if (plan->steps[plan->steps_len - 1].prefer.alerts_len > 0)
        printf("%-*smtlspec explain alert %u\n", INDENT, "see also", plan->steps[plan->steps_len - 1].prefer.alerts[0]);
}

static void print_cases(const mt_plans *plans)
{
    size_t end;
    for (size_t i = 0; i < plans->len; i = end) {
        end = i;
        while (end < plans->len && plans->rows[end]->of == plans->rows[i]->of)
            end++;
        printf("%s", i ? "\n\n" : "");
        print_case(plans, i, end);
    }
}

/* A case may be called by its id, or by its last part alone where only one has it. */
static bool find_cases(const mt_library *l, const char *id, mt_plans *out, mt_diag *d)
{
    mt_selection s = {.cases = &id, .cases_len = 1, .level = MT_LEVEL_INFO};
    mt_diag *first = mt_diag_new();
    bool ok = mt_cases_plan(l->cases, &s, out, first);
    size_t n;
    const mt_case *const *all = mt_cases_all(l->cases, &n);
    char full[256];
    for (size_t i = 0; !ok && i < n; i++) {
        snprintf(full, sizeof full, "%s/%s", all[i]->suite, all[i]->id);
        s.cases = (const char *const[]){full};
        ok = strcmp(all[i]->id, id) == 0 && mt_cases_plan(l->cases, &s, out, first);
    }
    mt_diag_free(first);
    s.cases = &id;
    return ok || mt_cases_plan(l->cases, &s, out, d);
}

/* explain_case is false if there is no such case: `d` says so. */
static bool explain_case(const char *id, mt_diag *d)
{
    mt_library library;
    mt_plans plans;
    if (!mt_library_open(NULL, &library, d))
        return false;
    bool ok = find_cases(&library, id, &plans, d);
    if (ok)
        print_cases(&plans);
    mt_library_close(&library);
    return ok;
}

/* ---- alerts and terms ---- */

static int explain_alert(unsigned code)
{
    const mt_alert_advice *advice = mt_advice_of_alert(code);
    const char *name = mt_code_name(&mt_alerts, code);
    printf("alert %s(%u)\n\n", name ? name : "without a name", code);
    if (advice == NULL) {
        print_wrapped("", "There is nothing particular to say about this alert and client certificates.");
        return MT_EXIT_OK;
    }
    print_wrapped("means", advice->meaning);
    print_wrapped("stacks", advice->stacks);
    print_wrapped("what to do", advice->remedy);
    return MT_EXIT_OK;
}

static int explain_term(const mt_term_advice *advice)
{
    printf("%s\n\n", advice->term);
    print_wrapped("means", advice->meaning);
    print_wrapped("what to do", advice->remedy);
    return MT_EXIT_OK;
}

static const char *nearest_alert(const char *word)
{
    const char **names = mt_alloc(mt_alerts.len * sizeof *names);
    for (size_t i = 0; i < mt_alerts.len; i++)
        names[i] = mt_alerts.rows[i].name;
    const char *near = mt_nearest(word, names, mt_alerts.len);
    mt_free(names);
    return near;
}

static int unknown_alert(const char *word, mt_diag *d)
{
    const char *near = nearest_alert(word);
    mt_diag_add(d, (mt_place){0}, "no alert '%s'%s%s%s", word, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return MT_EXIT_USAGE;
}

/* ---- the command ---- */

/* What is no case may be said by another program, or be an alert with a slip of the pen. */
static int explain_other(const char *word, mt_diag *no_case, mt_diag *d)
{
    const mt_term_advice *advice = mt_advice_of_term(word);
    bool slip = strchr(word, '/') == NULL && nearest_alert(word) != NULL;
    if (advice != NULL)
        return explain_term(advice);
    if (slip)
        return unknown_alert(word, d);
    mt_diag_print(no_case, stderr);
    if (strchr(word, '/') == NULL)
        fputs("       it is no alert either, and not what another program is known to say\n", stderr);
    return MT_EXIT_USAGE;
}

static int explain_word(const char *word, mt_diag *d)
{
    unsigned code;
    if (mt_code_find(&mt_alerts, word, &code) && code <= UINT8_MAX)
        return explain_alert(code);
    mt_diag *no_case = mt_diag_new();
    int exit_code = explain_case(word, no_case) ? MT_EXIT_OK : explain_other(word, no_case, d);
    mt_diag_free(no_case);
    return exit_code;
}

static int explain(const mt_texts *words, mt_diag *d)
{
    unsigned code;
    if (words->len == 0) {
        mt_diag_add(d, (mt_place){0}, "explain wants a case, an alert, or what another program said (see --help)");
        return MT_EXIT_USAGE;
    }
    if (strcmp(words->rows[0], "alert") == 0 && words->len == 2) {
        bool known = mt_code_find(&mt_alerts, words->rows[1], &code) && code <= UINT8_MAX;
        return known ? explain_alert(code) : unknown_alert(words->rows[1], d);
    }
    mt_writer text = {0};
    for (size_t i = 0; i < words->len; i++)
        mt_writef(&text, "%s%s", i ? " " : "", words->rows[i]);
    int exit_code = explain_word(mt_writer_text(&text), d);
    mt_writer_free(&text);
    return exit_code;
}

int mt_cli_explain(int argc, char **argv)
{
    mt_diag *d = mt_diag_new();
    mt_texts words = {0};
    int code = MT_EXIT_OK, nothing;
    mt_parsed parsed = mt_options_parse(&options, (mt_words){argc, argv}, &nothing, &words, d);
    if (parsed == MT_PARSED_WRONG)
        code = MT_EXIT_USAGE;
    else if (parsed == MT_PARSED)
        code = explain(&words, d);
    mt_diag_print(d, stderr);
    mt_diag_free(d);
    mt_free(words.rows);
    return code;
}
