// SPDX-License-Identifier: Apache-2.0
/* Steps of case files become steps of plans. Everything here has been checked before (check.c). */
#include "case/file.h"

#include "wire/codes.h"

#include <stdlib.h>

const mt_step_row *mt_last_step(const mt_case_full *c)
{
    return (const mt_step_row *)c->steps.rows + c->steps.len - 1;
}

mt_yaml_texts mt_yaml_values(mt_arena *arena, const mt_yaml *node)
{
    size_t n = node == NULL ? 0 : node->kind == MT_YAML_IS_LIST ? node->len : 1;
    const char **rows = MT_ARENA_ARRAY(arena, const char *, n);
    const mt_yaml **nodes = MT_ARENA_ARRAY(arena, const mt_yaml *, n);
    for (size_t i = 0; i < n; i++) {
        nodes[i] = node->kind == MT_YAML_IS_LIST ? node->entries[i].value : node;
        rows[i] = nodes[i]->text ? nodes[i]->text : "";
    }
    return (mt_yaml_texts){rows, nodes, n};
}

static const uint8_t *alerts_of(mt_arena *arena, mt_yaml_texts words, size_t *n)
{
    uint8_t *alerts = MT_ARENA_ARRAY(arena, uint8_t, words.len);
    *n = 0;
    for (size_t i = 0; i < words.len; i++) {
        unsigned code = 0;
        if (mt_code_find(&mt_alerts, words.rows[i], &code))
            alerts[(*n)++] = (uint8_t)code;
    }
    return alerts;
}

mt_expect mt_step_expect(const mt_cases *all, const mt_step_row *row)
{
    mt_expect out = {.kind = (mt_expected)row->expect.kind};
    const mt_narrow_row *narrow = row->expect.narrow;
    if (narrow == NULL)
        return out;
    int *statuses = MT_ARENA_ARRAY(all->arena, int, narrow->statuses.len);
    for (size_t i = 0; i < narrow->statuses.len; i++)
        statuses[i] = (int)strtol(narrow->statuses.rows[i], NULL, 10);
    out.where = (mt_where)narrow->where;
    out.statuses = statuses;
    out.statuses_len = narrow->statuses.len;
    out.alerts = alerts_of(all->arena, narrow->alerts, &out.alerts_len);
    return out;
}

static mt_presentation present_of(const mt_cases *all, const mt_yaml *node, mt_cell cell)
{
    node = mt_cell_pick(node, cell);
    bool word = node != NULL && node->kind == MT_YAML_IS_SCALAR;
    if (word && strcmp(node->text, "none") == 0)
        return (mt_presentation){.algorithm = cell.algorithm};
    mt_yaml_texts names = mt_yaml_values(all->arena, node);
    return (mt_presentation){names.rows, names.len, word, cell.algorithm, mt_cell_is_pair(cell)};
}

static const mt_edit *edits_of(const mt_cases *all, const mt_yaml *node, mt_cell cell, size_t *n)
{
    mt_yaml_texts texts = mt_yaml_values(all->arena, mt_cell_pick(node, cell));
    mt_edit *edits = MT_ARENA_ARRAY(all->arena, mt_edit, texts.len);
    mt_diag *d = mt_diag_new();
    for (size_t i = 0; i < texts.len; i++)
        if (!mt_edit_parse(texts.rows[i], (mt_place){0}, all->arena, &edits[i], d))
            mt_die("an edit that was good is not: %s", mt_diag_text(d));
    mt_diag_free(d);
    *n = texts.len;
    return edits;
}

static mt_step_plan step_of(const mt_cases *all, const mt_step_row *row, mt_cell cell)
{
    mt_step_plan out = {
        .name = row->name,
        .present = present_of(all, row->present, cell),
        .expect = mt_step_expect(all, row),
        .observe = (mt_observe)row->observe,
        .sni = row->sni,
        .path = row->path,
        .resume = row->resume,
        .ticket = row->ticket,
        .padding = (size_t)row->padding,
    };
    unsigned suite = 0;
    if (row->suite != NULL && mt_code_find(&mt_suites, row->suite, &suite))
        out.suite = (uint16_t)suite;
    out.edits = edits_of(all, row->change, cell, &out.edits_len);
    if (row->prefer != NULL) {
        mt_yaml_texts words = mt_yaml_values(all->arena, mt_cell_pick(row->prefer->alert, cell));
        out.prefer.where = (mt_where)row->prefer->where;
        out.prefer.alerts = alerts_of(all->arena, words, &out.prefer.alerts_len);
    }
    return out;
}

const mt_step_plan *mt_steps_plan(mt_cases *all, const mt_case_full *c, mt_cell cell)
{
    const mt_step_row *rows = c->steps.rows;
    mt_step_plan *steps = MT_ARENA_ARRAY(all->arena, mt_step_plan, c->steps.len);
    for (size_t i = 0; i < c->steps.len; i++)
        steps[i] = step_of(all, &rows[i], cell);
    return steps;
}

/* ---- twins ---- */

static const char *parent_of(const mt_cases *all, const char *recipe)
{
    return all->pki ? mt_pki_like(all->pki, recipe) : NULL;
}

static mt_presentation honest(const mt_cases *all, mt_presentation present)
{
    const char **names = MT_ARENA_ARRAY(all->arena, const char *, present.len);
    for (size_t i = 0; i < present.len; i++) {
        const char *parent = parent_of(all, present.names[i]);
        names[i] = parent ? parent : present.names[i];
    }
    present.names = names;
    return present;
}

/* A twin must be served; with nothing to present, anonymously. */
static mt_step_plan twin_step(mt_step_plan step)
{
    bool nobody = step.present.len == 0;
    step.expect = (mt_expect){.kind = nobody ? MT_EXPECT_SERVED_ANONYMOUS : MT_EXPECT_SERVED};
    step.prefer = (mt_prefer){0};
    step.observe = MT_OBSERVE_NOTHING;
    return step;
}

static mt_step_plan plain_step(const mt_cases *all, const mt_case_full *c, const mt_step_row *row, mt_cell cell)
{
    mt_step_plan step = step_of(all, row, cell);
    step.present = c->twin ? present_of(all, c->twin->present, cell) : honest(all, step.present);
    step.edits_len = 0;
    return step;
}

/* A twin that is named is one step in the place of all; but where a session is taken up again the steps before it made it,
 * and all present what the twin does. */
const mt_step_plan *mt_steps_twin(mt_cases *all, const mt_case_full *c, mt_cell cell, size_t *n)
{
    mt_step_plan *steps = MT_ARENA_ARRAY(all->arena, mt_step_plan, c->steps.len);
    const mt_step_row *rows = c->steps.rows;
    size_t first = c->twin && mt_last_step(c)->resume == NULL ? c->steps.len - 1 : 0;
    *n = c->steps.len - first;
    for (size_t i = 0; i < *n; i++) {
        mt_step_plan step = plain_step(all, c, &rows[first + i], cell);
        if (c->twin && i + 1 == *n)
            step.edits = edits_of(all, c->twin->change, cell, &step.edits_len);
        steps[i] = twin_step(step);
    }
    return steps;
}

size_t mt_steps_deviations(const mt_cases *all, const mt_case_full *c, mt_cell cell)
{
    const mt_step_row *rows = c->steps.rows;
    size_t n = 0;
    for (size_t i = 0; i < c->steps.len; i++) {
        n += mt_yaml_values(all->arena, mt_cell_pick(rows[i].change, cell)).len;
        mt_presentation present = present_of(all, rows[i].present, cell);
        for (size_t j = 0; j < present.len; j++)
            n += parent_of(all, present.names[j]) != NULL;
    }
    return n;
}
