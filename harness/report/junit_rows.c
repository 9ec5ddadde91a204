// SPDX-License-Identifier: Apache-2.0
#include "report/detail.h"
#include "report/junit.h"

/* Consumers: Jenkins keeps 100 000 characters of a failing case and 1000 of a passing one, GitLab takes 30 MB a file. */
enum { MAX_MESSAGE = 200, MAX_TEXT = 16 << 10, MAX_OUT = 32 << 10, MAX_PASS_OUT = 900, BUDGET = 16 << 20 };

static const char cut[] = "\n[cut; the JSON report has all]\n";

static const struct shape {
    const char *element, *rerun, *type; /* type: when the result has none that fits */
} shapes[MT_VERDICTS] = {
    [MT_PASS] = {NULL, "flakyFailure", "flaky.try"},
    [MT_FAIL] = {"failure", "rerunFailure", "expectation.verdict"},
    [MT_INCONCLUSIVE] = {"error", "rerunError", "inconclusive.other"},
    [MT_UNSUPPORTED] = {"skipped", NULL, "unsupported"},
    [MT_SKIPPED] = {"skipped", NULL, "skipped"},
    [MT_ERROR] = {"error", "rerunError", "infrastructure.other"},
    [MT_KNOWN] = {"skipped", NULL, "known-deviation"},
};

static const mt_detail xml = {MT_TEXT_XML_LINE, "", true};

/* GitLab casts the text by `type` ("float", "yaml"): ours have a dot or are one of three words. */
static const char *type_of(const mt_result *r)
{
    static const char *const plain[] = {"known-deviation", "unsupported", "skipped"};
    const char *type = r->type ? r->type : "";
    for (size_t i = 0; i < MT_COUNT(plain); i++) {
        if (strcmp(type, plain[i]) == 0)
            return plain[i];
    }
    bool dotted = strchr(type, '.') && type[0] >= 'a' && type[0] <= 'z';
    bool fits = dotted && strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(type);
    return fits ? type : shapes[r->verdict].type;
}

static const char *keep(mt_junit *j, mt_writer *text, size_t max)
{
    size_t room = j->bytes < BUDGET || max < MAX_PASS_OUT ? max : MAX_PASS_OUT;
    mt_text_clip(text, 0, room, room > 2 * sizeof cut ? cut : "...");
    const char *kept = mt_arena_strdup(j->arena, mt_writer_text(text));
    j->bytes += text->len;
    mt_writer_free(text);
    return kept;
}

static const char *line(mt_junit *j, const char *text)
{
    return mt_text_copy(j->arena, text, MT_TEXT_XML_LINE, MAX_MESSAGE);
}

static mt_junit_mark *new_mark(mt_junit_case *c, const char *element)
{
    MT_GROW(c->marks, c->marks_len, c->marks_cap);
    mt_junit_mark *mark = &c->marks[c->marks_len++];
    *mark = (mt_junit_mark){.element = element};
    return mark;
}

/* GitLab shows the text alone where there is one, so the text repeats the message. */
static void add_result(mt_junit *j, mt_junit_case *c, const mt_result *r)
{
    mt_writer text = {0};
    mt_junit_mark *mark = new_mark(c, shapes[r->verdict].element);
    mark->type = mt_arena_strdup(j->arena, type_of(r));
    mark->message = line(j, mt_detail_message(r));
    mt_writef(&text, "%s\n", mark->message);
    mt_detail_write(&text, r, &xml);
    mark->text = keep(j, &text, MAX_TEXT);
}

static void add_try(mt_junit *j, mt_junit_case *c, const mt_outcome *try, const char *element)
{
    mt_writer text = {0};
    mt_junit_mark *mark = new_mark(c, element);
    mt_detail_outcome(&text, try, MT_TEXT_XML_LINE);
    mark->type = shapes[MT_PASS].type;
    mark->message = line(j, mt_writer_text(&text));
    mark->text = keep(j, &text, MAX_TEXT);
}

/* The tries before the one that counted; for a pass only those that came out otherwise. */
static void add_tries(mt_junit *j, mt_junit_case *c, const mt_result *r)
{
    const char *element = shapes[r->verdict].rerun;
    for (size_t s = 0; s < r->steps_len && element; s++) {
        const mt_step_result *step = &r->steps[s];
        for (size_t i = 0; i + 1 < step->tries_len; i++) {
            if (r->verdict != MT_PASS || !mt_outcome_same(&step->tries[i], &step->observed))
                add_try(j, c, &step->tries[i], element);
        }
    }
}

static void add_out(mt_junit *j, mt_junit_case *c, const mt_result *r)
{
    mt_writer out = {0};
    mt_detail_facts(&out, r, &xml);
    bool red = r->verdict == MT_FAIL || r->verdict == MT_ERROR || r->verdict == MT_INCONCLUSIVE;
    if (red)
        mt_detail_trace(&out, r, &xml);
    c->out = keep(j, &out, red ? MAX_OUT : MAX_PASS_OUT);
}

static void property(mt_junit *j, mt_junit_case *c, const char *name, const char *value)
{
    if (value && *value != 0)
        c->properties[c->properties_len++] = (mt_junit_property){name, line(j, value)};
}

static void add_properties(mt_junit *j, mt_junit_case *c, const mt_result *r)
{
    static const mt_step_result none;
    const mt_step_result *last = r->steps_len ? &r->steps[r->steps_len - 1] : &none;
    bool refused = last->observed.kind == MT_REFUSED;
    char alert[16];
    snprintf(alert, sizeof alert, "%d", last->observed.alert);
    mt_writer clauses = {0};
    mt_detail_clauses(&clauses, r, MT_TEXT_XML_LINE);
    property(j, c, "id", r->id);
    property(j, c, "title", r->title);
    property(j, c, "level", r->level);
    property(j, c, "refs", mt_writer_text(&clauses));
    property(j, c, "catalogue", r->catalogue);
    property(j, c, "verdict", mt_verdict_name(r->verdict));
    property(j, c, "outcome", mt_outcome_kind_name(last->observed.kind));
    property(j, c, "where", refused ? mt_where_name(last->observed.where) : NULL);
    property(j, c, "alert", refused && last->observed.manner == MT_BY_ALERT ? alert : NULL);
    property(j, c, "protocol", last->protocol);
    mt_writer_free(&clauses);
    c->file = r->file ? line(j, r->file) : NULL;
    c->line = r->line;
    c->assertions = r->steps_len;
}

/* Jenkins splits package and class at the last dot. */
static const char *with_dots(mt_arena *arena, const char *suite)
{
    char *name = mt_arena_strdup(arena, suite);
    for (char *slash = strchr(name, '/'); slash; slash = strchr(slash, '/'))
        *slash = '.';
    return name;
}

/* The order of results follows the files, so the suite is nearly always the last one. */
static mt_junit_suite *suite_of(mt_junit *j, const char *name)
{
    for (size_t i = j->len; i > 0; i--) {
        if (strcmp(j->suites[i - 1].name, name) == 0)
            return &j->suites[i - 1];
    }
    MT_GROW(j->suites, j->len, j->cap);
    mt_junit_suite *suite = &j->suites[j->len++];
    *suite = (mt_junit_suite){.name = mt_arena_strdup(j->arena, name), .classname = with_dots(j->arena, name)};
    return suite;
}

static void count(mt_junit_suite *suite, const mt_result *r)
{
    const char *element = shapes[r->verdict].element;
    suite->us += r->total_us;
    suite->warnings += r->verdict == MT_PASS && r->notes_len > 0;
    suite->failures += element && strcmp(element, "failure") == 0;
    suite->errors += element && strcmp(element, "error") == 0;
    suite->skipped += element && strcmp(element, "skipped") == 0;
}

void mt_junit_add(mt_junit *j, const mt_result *r)
{
    mt_junit_suite *suite = suite_of(j, r->suite);
    MT_GROW(suite->cases, suite->len, suite->cap);
    mt_junit_case *c = &suite->cases[suite->len++];
    *c = (mt_junit_case){.name = mt_arena_strdup(j->arena, r->name), .us = r->total_us};
    count(suite, r);
    if (shapes[r->verdict].element)
        add_result(j, c, r);
    add_tries(j, c, r);
    add_out(j, c, r);
    if (j->style == MT_JUNIT_EXTENDED)
        add_properties(j, c, r);
}

void mt_junit_no_results(mt_junit *j)
{
    suite_of(j, "mtlspec");
}
