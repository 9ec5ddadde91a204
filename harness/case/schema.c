// SPDX-License-Identifier: Apache-2.0
/* The keys of case files, one row each. The reference page and the JSON Schema are printed from these tables. */
#include "case/file.h"

#define WORD(table, n) .words = (table), .words_len = (n)

static const mt_yaml_word under_test_words[] = {{"server", 0}, {"client", 1}};
static const mt_yaml_word where_words[] = {
    {"handshake", MT_IN_HANDSHAKE}, {"after-handshake", MT_AFTER_HANDSHAKE}, {"http", MT_IN_HTTP}};
static const mt_yaml_word observe_words[] = {
    {"requested", MT_OBSERVE_REQUESTED}, {"not-requested", MT_OBSERVE_NOT_REQUESTED}, {"request-form", MT_OBSERVE_REQUEST_FORM},
    {"schemes", MT_OBSERVE_SCHEMES},     {"ca-names", MT_OBSERVE_CA_NAMES},
};

/* ---- axes ---- */

#define AT(field) .offset = offsetof(mt_axes_row, field)
static const mt_yaml_key axes_keys[] = {
    {.key = "protocol", .type = MT_YAML_WORDS, AT(protocols), WORD(mt_protocol_words, MT_PROTOCOLS),
        .doc = "versions that the case runs over"},
    {.key = "algorithm", .type = MT_YAML_WORDS, AT(algorithms), WORD(mt_algorithm_words, MT_ALGORITHMS),
        .doc = "algorithms of the client's leaf key and of the chain that issued it"},
};
#undef AT
static const mt_yaml_schema axes_schema = {
    .what = "'over'", .keys = axes_keys, .len = MT_COUNT(axes_keys), .size = sizeof(mt_axes_row), .doc = "The axes: a run for each cell."};

/* ---- expectations ---- */

#define AT(field) .offset = offsetof(mt_narrow_row, field)
static const mt_yaml_key narrow_keys[] = {
    {.key = "where", .type = MT_YAML_WORD, AT(where), WORD(where_words, MT_COUNT(where_words)), .doc = "where the refusal has to show"},
    {.key = "status", .type = MT_YAML_TEXTS, AT(statuses), .doc = "HTTP statuses, one of which it has to be"},
    {.key = "alert", .type = MT_YAML_TEXTS, AT(alerts), .doc = "alerts, one of which it has to be"},
};
#undef AT
static const mt_yaml_schema narrow_schema = {
    .what = "a narrowed expectation", .keys = narrow_keys, .len = MT_COUNT(narrow_keys), .size = sizeof(mt_narrow_row)};

/* `served`, `refused`, ..., or {refused: {...}}. */
static bool read_expect(mt_yaml_walk *w, const mt_yaml *node, void *field)
{
    mt_expect_row *out = field;
    bool narrowed = node->kind == MT_YAML_IS_MAP && node->len == 1;
    const mt_yaml *word = narrowed ? node->entries[0].key : node;
    const char *names[8];
    out->node = node;
    for (size_t i = 0; i < mt_expected_count; i++) {
        names[i] = mt_expected_words[i].name;
        if (word->text == NULL || strcmp(word->text, names[i]) != 0)
            continue;
        out->kind = mt_expected_words[i].value;
        if (!narrowed)
            return true;
        mt_narrow_row *narrow = MT_ARENA_NEW(w->arena, mt_narrow_row);
        out->narrow = narrow;
        return mt_yaml_read_map(w, node->entries[0].value, &narrow_schema, narrow);
    }
    mt_diag_add(w->d, mt_yaml_place(w->file, word), "'expect' wants a word, or one word with what narrows it");
    mt_yaml_nearest(w->file, word, w->d, (mt_yaml_names){names, mt_expected_count});
    return false;
}

#define AT(field) .offset = offsetof(mt_prefer_row, field)
static const mt_yaml_key prefer_keys[] = {
    {.key = "alert", .type = MT_YAML_NODE, AT(alert), .doc = "the alert (or alerts) that the clause names; may differ by cell"},
    {.key = "where", .type = MT_YAML_WORD, AT(where), WORD(where_words, MT_COUNT(where_words)), .doc = "where the refusal should show"},
};
#undef AT
static const mt_yaml_schema prefer_schema = {
    .what = "'prefer'", .keys = prefer_keys, .len = MT_COUNT(prefer_keys), .size = sizeof(mt_prefer_row),
    .doc = "The manner: not met, it is a note, and a failure under --strict."};

/* ---- steps ---- */

/* The keys of a step; a case with one step has them itself. */
#define STEP_KEYS(AT) \
    {.key = "present", .type = MT_YAML_NODE, AT(present), \
        .doc = "a recipe with its natural chain, a list of recipes in wire order, or none; may differ by cell"}, \
    {.key = "change", .type = MT_YAML_NODE, AT(change), .doc = "edits: what is changed on the wire; may differ by cell"}, \
    {.key = "expect", .type = MT_YAML_READ, AT(expect), .read = read_expect, .doc = "served, served-anonymous, refused or info"}, \
    {.key = "prefer", .type = MT_YAML_MAP, AT(prefer), .sub = &prefer_schema, .doc = "the manner of a refusal that the clause names"}, \
    {.key = "observe", .type = MT_YAML_WORD, AT(observe), WORD(observe_words, MT_COUNT(observe_words)), \
        .doc = "what is asserted of the server's CertificateRequest"}, \
    {.key = "sni", .type = MT_YAML_TEXT, AT(sni), .doc = "server name to ask for in place of the target's"}, \
    {.key = "path", .type = MT_YAML_TEXT, AT(path), .doc = "path to ask for in place of the target's"}, \
    {.key = "resume", .type = MT_YAML_TEXT, AT(resume), \
        .doc = "an earlier step: the session that it left, refused or not, is offered (TLCP)"}, \
    {.key = "ticket", .type = MT_YAML_YESNO, AT(ticket), \
        .doc = "with 'resume': by its ticket, not its id; else: a ticket is asked for (TLCP)"}, \
    {.key = "suite", .type = MT_YAML_TEXT, AT(suite), \
        .doc = "the only cipher suite that is offered; a target that does not speak it: unsupported"}, \
    {.key = "padding", .type = MT_YAML_NUMBER, AT(padding), .min = 0, .max = 16000, \
        .doc = "zero bytes that each of our protected records of TLS 1.3 carries"}

#define AT(field) .offset = offsetof(mt_step_row, field)
static const mt_yaml_key step_keys[] = {
    {.key = "name", .type = MT_YAML_TEXT, AT(name), .doc = "under which later steps find what this one sent"},
    STEP_KEYS(AT),
};
#undef AT
static const mt_yaml_schema step_schema = {
    .what = "a step", .keys = step_keys, .len = MT_COUNT(step_keys), .size = sizeof(mt_step_row), .doc = "One connection."};

#define AT(field) .offset = offsetof(mt_twin_row, field)
static const mt_yaml_key twin_keys[] = {
    {.key = "present", .type = MT_YAML_NODE, AT(present), .required = true, .doc = "as in a step"},
    {.key = "change", .type = MT_YAML_NODE, AT(change), .doc = "as in a step"},
};
#undef AT
const mt_yaml_schema mt_twin_schema = {.what = "a twin", .keys = twin_keys, .len = MT_COUNT(twin_keys), .size = sizeof(mt_twin_row)};

/* ---- cases and files ---- */

#define AT(field) .offset = offsetof(mt_case_row, field)
#define AT_STEP(field) .offset = offsetof(mt_case_row, step.field)
static const mt_yaml_key case_keys[] = {
    {.key = "id", .type = MT_YAML_TEXT, AT(id), .required = true, .doc = "path part that never changes: a-z 0-9 . -"},
    {.key = "title", .type = MT_YAML_TEXT, AT(title), .required = true, .doc = "what is asserted, as a sentence"},
    {.key = "level", .type = MT_YAML_WORD, AT(level), .required = true, WORD(mt_level_words, 3), .doc = "must, should or info"},
    {.key = "clause", .type = MT_YAML_TEXTS, AT(clauses), .required = true, .doc = "citations: rfc8446#4.4.3 MUST"},
    {.key = "catalogue", .type = MT_YAML_TEXTS, AT(catalogue), .required = true, .doc = "rows of the catalogue of scenarios"},
    {.key = "caught-by", .type = MT_YAML_TEXTS, AT(caught_by), .doc = "faults of a reference peer that the case must catch"},
    {.key = "tags", .type = MT_YAML_TEXTS, AT(tags), .doc = "words for --tag"},
    {.key = "over", .type = MT_YAML_MAP, AT(over), .sub = &axes_schema, .doc = "axes in place of the file's"},
    {.key = "policy", .type = MT_YAML_WORDS, AT(policies), WORD(mt_policy_words, 4),
        .doc = "policies under which the case makes sense; else required, optional and request"},
    {.key = "group", .type = MT_YAML_TEXT, AT(group), .doc = "resource or malformed: the control runs again behind it"},
    {.key = "needs", .type = MT_YAML_TEXT, AT(needs), .doc = "what the target must have, else unsupported: [no] scheme NAME"},
    {.key = "alone", .type = MT_YAML_YESNO, AT(alone), .doc = "runs while nothing else does"},
    {.key = "control", .type = MT_YAML_YESNO, AT(control), .doc = "is the positive control of its cells"},
    {.key = "twin", .type = MT_YAML_NODE, AT(twin), .doc = "control, or {present, change}: the run that must be served"},
    {.key = "steps", .type = MT_YAML_MAPS, AT(steps), .sub = &step_schema, .doc = "connections, one after the other"},
    STEP_KEYS(AT_STEP),
    {.key = "explain", .type = MT_YAML_TEXT, AT(explain), .required = true, .doc = "what we send, why it matters, what servers do"},
};
#undef AT
static const mt_yaml_schema case_schema = {
    .what = "a case", .keys = case_keys, .len = MT_COUNT(case_keys), .size = sizeof(mt_case_row), .doc = "One scenario."};

#define AT(field) .offset = offsetof(mt_file_row, field)
static const mt_yaml_key file_keys[] = {
    {.key = "suite", .type = MT_YAML_TEXT, AT(suite), .required = true, .doc = "first parts of the ids: server/possession"},
    {.key = "title", .type = MT_YAML_TEXT, AT(title), .required = true, .doc = "what the suite is about"},
    {.key = "under-test", .type = MT_YAML_WORD, AT(under_test), .required = true, WORD(under_test_words, 2), .doc = "server or client"},
    {.key = "over", .type = MT_YAML_MAP, AT(over), .sub = &axes_schema, .required = true, .doc = "axes of all cases of the file"},
    {.key = "cases", .type = MT_YAML_MAPS, AT(cases), .sub = &case_schema, .required = true, .doc = "the cases"},
};
#undef AT
const mt_yaml_schema mt_case_file_schema = {
    .what = "a case file", .keys = file_keys, .len = MT_COUNT(file_keys), .size = sizeof(mt_file_row), .format = true,
    .doc = "Cases about one topic."};
