// SPDX-License-Identifier: Apache-2.0
/* The rules of case files that no table can say. Each reports at the value that breaks it. */
#include "case/file.h"

#include "crypto/suite.h"
#include "engine/engine.h"
#include "pki/verify.h"
#include "wire/codes.h"

#include <ctype.h>
#include <stdlib.h>

typedef struct checking {
    const mt_cases *all;
    const mt_case_full *c;
    mt_diag *d;
} checking;

static const mt_yaml *at_key(const checking *k, const char *key)
{
    const mt_yaml *node = mt_yaml_get(k->c->row->head.node, key);
    return node ? node : k->c->row->head.node;
}

/* ---- words ---- */

static bool is_slug(const char *text)
{
    if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text))
        return false;
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-")] == 0;
}

/* "server/possession": slugs with / between. */
static bool is_path(const char *text)
{
    char part[128];
    for (const char *at = text; at != NULL; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
        size_t n = strcspn(at, "/");
        if (n >= sizeof part)
            return false;
        memcpy(part, at, n);
        part[n] = 0;
        if (!is_slug(part))
            return false;
    }
    return true;
}

bool mt_suite_check(const mt_yaml_file *file, const char *suite, mt_diag *d)
{
    bool ok = is_path(suite);
    if (!ok)
        mt_yaml_error(file, mt_yaml_get(file->root, "suite"), d, "a suite is parts of a-z 0-9 . - with / between");
    return ok;
}

static bool check_id(const checking *k)
{
    bool ok = is_slug(k->c->public.id);
    if (!ok)
        mt_yaml_error(k->c->file, at_key(k, "id"), k->d, "an id is made of a-z 0-9 . - and begins with a letter or digit");
    return ok;
}

/* "rfc8446#4.4.3 MUST", "policy#required" */
static bool is_clause(const char *text)
{
    static const char *const words[] = {"MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY", "SHALL", "SHALL NOT", "RECOMMENDED"};
    size_t document = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    if (document == 0 || text[document] != '#')
        return false;
    const char *section = text + document + 1;
    size_t len = strcspn(section, " ");
    if (len == 0 || strncmp(text, "policy#", 7) == 0)
        return len > 0 && section[len] == 0;
    for (size_t i = 0; i < MT_COUNT(words); i++)
        if (section[len] == ' ' && strcmp(section + len + 1, words[i]) == 0)
            return true;
    return false;
}

static bool check_clauses(const checking *k)
{
    mt_yaml_texts clauses = k->c->row->clauses;
    bool ok = clauses.len > 0;
    if (!ok)
        mt_yaml_error(k->c->file, at_key(k, "clause"), k->d, "a case cites at least one clause");
    for (size_t i = 0; i < clauses.len; i++)
        if (!is_clause(clauses.rows[i])) {
            mt_yaml_error(k->c->file, clauses.nodes[i], k->d, "a clause is written as rfc8446#4.4.3 MUST");
            ok = false;
        }
    return ok;
}

/* "G11", "SIG-12" */
static bool is_row(const char *text)
{
    size_t letters = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    const char *digits = text + letters + (text[letters] == '-');
    return letters > 0 && *digits != 0 && digits[strspn(digits, "0123456789")] == 0;
}

static bool check_catalogue(const checking *k)
{
    mt_yaml_texts rows = k->c->row->catalogue;
    bool ok = rows.len > 0;
    if (!ok)
        mt_yaml_error(k->c->file, at_key(k, "catalogue"), k->d, "a case names at least one row of the catalogue");
    for (size_t i = 0; i < rows.len; i++)
        if (!is_row(rows.rows[i])) {
            mt_yaml_error(k->c->file, rows.nodes[i], k->d, "a row of the catalogue is written as G11 or SIG-12");
            ok = false;
        }
    return ok;
}

/* No case is trusted until it has failed; only what is merely recorded cannot fail. */
static bool check_caught_by(const checking *k)
{
    bool may_fail = k->c->public.level != MT_LEVEL_INFO && !k->c->public.control;
    if (!may_fail || k->c->public.caught_by_len > 0)
        return true;
    mt_yaml_error(k->c->file, at_key(k, "id"), k->d, "'caught-by' is missing: name a fault that this case must catch");
    return false;
}

static bool check_needs(const checking *k)
{
    const char *needs = k->c->public.unsupported;
    unsigned code;
    if (needs == NULL)
        return true;
    needs += strncmp(needs, "no ", 3) == 0 ? 3 : 0;
    if (strncmp(needs, "scheme ", 7) == 0 && mt_code_find(&mt_schemes, needs + 7, &code))
        return true;
    mt_yaml_error(k->c->file, at_key(k, "needs"), k->d, "'needs' is written as: scheme NAME, or: no scheme NAME");
    return false;
}

/* ---- values that may differ by cell ---- */

typedef bool value_check(const checking *k, const mt_yaml *node);

static bool check_cell_word(const checking *k, const mt_yaml *key)
{
    const char *known[MT_PROTOCOLS + MT_ALGORITHMS];
    size_t n = 0;
    for (int i = 0; i < MT_PROTOCOLS; i++)
        known[n++] = mt_protocol_words[i].name;
    for (int i = 0; i < MT_ALGORITHMS; i++)
        known[n++] = mt_algorithm_words[i].name;
    for (size_t i = 0; i < n; i++)
        if (strcmp(known[i], key->text) == 0)
            return true;
    mt_diag_add(k->d, mt_yaml_place(k->c->file, key), "'%s' is no word of an axis", key->text);
    mt_yaml_nearest(k->c->file, key, k->d, (mt_yaml_names){known, n});
    return false;
}

static bool check_scalars(const checking *k, const mt_yaml *node, value_check *check)
{
    mt_yaml_texts values = mt_yaml_values(k->all->arena, node);
    bool ok = true;
    for (size_t i = 0; i < values.len; i++) {
        bool scalar = values.nodes[i]->kind == MT_YAML_IS_SCALAR;
        if (!scalar)
            mt_yaml_error(k->c->file, values.nodes[i], k->d, "a single value is wanted here");
        ok = scalar && check(k, values.nodes[i]) && ok;
    }
    return ok;
}

/* each_value runs `check` over every scalar of a value, of a list, or of a map by cell. */
static bool each_value(const checking *k, const mt_yaml *node, value_check *check)
{
    if (node == NULL || node->kind != MT_YAML_IS_MAP)
        return node == NULL || check_scalars(k, node, check);
    bool ok = true;
    for (size_t i = 0; i < node->len; i++) {
        ok = check_cell_word(k, node->entries[i].key) && ok;
        ok = check_scalars(k, node->entries[i].value, check) && ok;
    }
    return ok;
}

static bool check_recipe_name(const checking *k, const mt_yaml *node, const char *name)
{
    const mt_pki *pki = k->all->pki;
    if (pki == NULL || mt_pki_has(pki, name))
        return true;
    mt_yaml_names known = {0};
    known.at = mt_pki_names(pki, &known.len);
    const char *near = mt_nearest(name, known.at, known.len);
    mt_diag_add(k->d, mt_yaml_place(k->c->file, node), "unknown recipe '%s'", name);
    char *note = near ? mt_arena_printf(k->all->arena, "did you mean '%s'?", near) : NULL;
    mt_yaml_point(k->c->file, node, k->d, note);
    return false;
}

static bool check_recipe(const checking *k, const mt_yaml *node)
{
    return strcmp(node->text, "none") == 0 || check_recipe_name(k, node, node->text);
}

static bool check_alert(const checking *k, const mt_yaml *node)
{
    unsigned code;
    if (mt_code_find(&mt_alerts, node->text, &code) && code <= UINT8_MAX)
        return true;
    const char **known = MT_ARENA_ARRAY(k->all->arena, const char *, mt_alerts.len);
    for (size_t i = 0; i < mt_alerts.len; i++)
        known[i] = mt_alerts.rows[i].name;
    mt_diag_add(k->d, mt_yaml_place(k->c->file, node), "unknown alert '%s'", node->text);
    mt_yaml_nearest(k->c->file, node, k->d, (mt_yaml_names){known, mt_alerts.len});
    return false;
}

static bool check_status(const checking *k, const mt_yaml *node)
{
    char *end = NULL;
    long status = strtol(node->text, &end, 10);
    bool ok = *end == 0 && status >= 100 && status <= 599;
    if (!ok)
        mt_yaml_error(k->c->file, node, k->d, "an HTTP status is a number from 100 to 599");
    return ok;
}

/* The step that `replace-with NAME.message` takes its bytes from must have been run before. */
static bool has_earlier_step(const checking *k, const char *other)
{
    const mt_step_row *steps = k->c->steps.rows;
    size_t len = strcspn(other, ".");
    for (size_t i = 0; i + 1 < k->c->steps.len; i++)
        if (steps[i].name != NULL && strlen(steps[i].name) == len && strncmp(steps[i].name, other, len) == 0)
            return true;
    return false;
}

static bool check_edit(const checking *k, const mt_yaml *node)
{
    mt_edit edit;
    mt_place place = mt_yaml_place(k->c->file, node);
    place.column += node->quoted;
    if (!mt_edit_parse(node->text, place, k->all->arena, &edit, k->d)) {
        mt_yaml_point(k->c->file, node, k->d, NULL);
        return false;
    }
    if (edit.verb == MT_EDIT_SIGN_WITH)
        return check_recipe_name(k, node, edit.other);
    if (edit.verb != MT_EDIT_REPLACE_WITH || has_earlier_step(k, edit.other))
        return true;
    mt_yaml_error(k->c->file, node, k->d, "no earlier step has the name in front of the dot");
    return false;
}

/* ---- steps ---- */

static bool check_narrow(const checking *k, const mt_narrow_row *narrow)
{
    if (narrow == NULL)
        return true;
    bool ok = each_value(k, mt_yaml_get(narrow->head.node, "status"), check_status);
    return each_value(k, mt_yaml_get(narrow->head.node, "alert"), check_alert) && ok;
}

static bool check_session(const checking *k, const mt_step_row *row)
{
    const mt_yaml *resume = mt_yaml_get(row->head.node, "resume"), *ticket = mt_yaml_get(row->head.node, "ticket");
    const mt_yaml *node = resume ? resume : ticket;
    if (resume != NULL && !has_earlier_step(k, row->resume)) {
        mt_yaml_error(k->c->file, resume, k->d, "no earlier step has this name");
        return false;
    }
    for (int i = 0; node != NULL && i < MT_PROTOCOLS; i++) {
        if ((k->c->protocols >> i & 1) == 0 || mt_protocol_resumes(i))
            continue;
        mt_diag_add(k->d, mt_yaml_place(k->c->file, node), "sessions of %s are not taken up again", mt_protocol_words[i].name);
        mt_yaml_point(k->c->file, node, k->d, NULL);
        return false;
    }
    return true;
}

/* The suite is one of ours, and of all protocols that the case runs over. */
static bool check_suite(const checking *k, const mt_step_row *row)
{
    unsigned code = 0;
    bool known = row->suite != NULL && mt_code_find(&mt_suites, row->suite, &code);
    const mt_suite *suite = known ? mt_suite_find((uint16_t)code) : NULL;
    bool fits = row->suite == NULL || suite != NULL;
    for (int i = 0; suite != NULL && i < MT_PROTOCOLS; i++)
        fits = fits && ((k->c->protocols >> i & 1) == 0 || suite->version == mt_protocol_versions[i]);
    if (!fits)
        mt_yaml_error(k->c->file, mt_yaml_get(row->head.node, "suite"), k->d,
            "'suite' wants a suite of ours that belongs to every protocol of the case");
    return fits;
}

static bool check_step(const checking *k, const mt_step_row *row)
{
    bool complete = row->present != NULL && row->expect.node != NULL;
    if (row->present == NULL)
        mt_yaml_error(k->c->file, row->head.node, k->d, "'present' is missing (nothing to present: none)");
    if (row->expect.node == NULL)
        mt_yaml_error(k->c->file, row->head.node, k->d, "'expect' is missing");
    bool ok = each_value(k, row->present, check_recipe);
    ok = each_value(k, row->change, check_edit) && ok;
    ok = each_value(k, row->prefer ? row->prefer->alert : NULL, check_alert) && ok;
    ok = check_session(k, row) && ok;
    ok = check_suite(k, row) && ok;
    return check_narrow(k, row->expect.narrow) && ok && complete;
}

static bool check_steps(const checking *k)
{
    const mt_step_row *rows = k->c->steps.rows;
    bool ok = true;
    for (size_t i = 0; i < k->c->steps.len; i++)
        ok = check_step(k, &rows[i]) && ok;
    if (k->c->row->steps.len > 0 && k->c->row->step.present != NULL) {
        mt_yaml_error(k->c->file, k->c->row->step.present, k->d, "a case with steps presents in its steps");
        ok = false;
    }
    return ok;
}

static bool check_twin(const checking *k)
{
    const mt_twin_row *twin = k->c->twin;
    if (twin == NULL)
        return true;
    bool ok = each_value(k, twin->present, check_recipe);
    return each_value(k, twin->change, check_edit) && ok;
}

/* A refusal proves something only beside a run that differs in exactly one thing. */
static bool check_difference(const checking *k)
{
    bool named = k->c->twin != NULL || k->c->twin_is_control || k->all->pki == NULL;
    if (named || k->c->public.expect.kind != MT_EXPECT_REFUSED)
        return true;
    for (int n = 0; n < MT_CELLS_MAX; n++) {
        mt_cell cell = {n / MT_ALGORITHMS, (mt_algorithm)(n % MT_ALGORITHMS)};
        bool wanted = k->c->protocols >> cell.protocol & k->c->algorithms >> cell.algorithm & 1;
        size_t differences = wanted && mt_cell_runs(cell) ? mt_steps_deviations(k->all, k->c, cell) : 1;
        if (differences == 1)
            continue;
        mt_yaml_error(k->c->file, at_key(k, "id"), k->d,
            "its twin would differ in %zu things; name it: 'twin: control' or 'twin: {present: ...}'", differences);
        return false;
    }
    return true;
}

bool mt_case_check(const mt_cases *all, const mt_case_full *c, mt_diag *d)
{
    static bool (*const rules[])(const checking *k) = {
        check_id, check_clauses, check_catalogue, check_caught_by, check_needs, check_steps, check_twin,
    };
    checking k = {all, c, d};
    bool ok = true;
    for (size_t i = 0; i < MT_COUNT(rules); i++)
        ok = rules[i](&k) && ok;
    return ok && check_difference(&k);
}

/* ---- faults ---- */

static mt_yaml_names fault_names(mt_arena *arena, const char *const *more, size_t more_len)
{
    const char **names = MT_ARENA_ARRAY(arena, const char *, mt_engine_fault_count + mt_path_fault_count + more_len);
    size_t n = 0;
    for (size_t i = 0; i < mt_engine_fault_count; i++)
        names[n++] = mt_engine_faults[i].name;
    for (size_t i = 0; i < mt_path_fault_count; i++)
        names[n++] = mt_path_faults[i].name;
    for (size_t i = 0; i < more_len; i++)
        names[n++] = more[i];
    return (mt_yaml_names){names, n};
}

static bool is_among(const char *name, mt_yaml_names names)
{
    for (size_t i = 0; i < names.len; i++)
        if (strcmp(names.at[i], name) == 0)
            return true;
    return false;
}

bool mt_cases_check_faults(const mt_cases *c, const char *const *more, size_t more_len, mt_diag *d)
{
    mt_yaml_names known = fault_names(c->arena, more, more_len);
    size_t before = mt_diag_count(d);
    for (size_t i = 0; i < c->len; i++) {
        mt_yaml_texts faults = c->rows[i]->row->caught_by;
        for (size_t j = 0; j < faults.len; j++) {
            if (is_among(faults.rows[j], known))
                continue;
            mt_diag_add(d, mt_yaml_place(c->rows[i]->file, faults.nodes[j]), "unknown fault '%s'", faults.rows[j]);
            const char *near = mt_nearest(faults.rows[j], known.at, known.len);
            mt_yaml_point(c->rows[i]->file, faults.nodes[j], d, near ? mt_arena_printf(c->arena, "did you mean '%s'?", near) : NULL);
        }
    }
    return mt_diag_count(d) == before;
}
