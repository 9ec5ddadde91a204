// SPDX-License-Identifier: Apache-2.0
/* Cases become plans: one for each cell, each with its twin. */
#include "case/file.h"

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_presentation(const mt_presentation *a, const mt_presentation *b)
{
    bool same = a->len == b->len && a->natural == b->natural;
    for (size_t i = 0; same && i < a->len; i++)
        same = strcmp(a->names[i], b->names[i]) == 0;
    return same;
}

/* Two steps put the same bytes on the wire. */
static bool same_step(const mt_step_plan *a, const mt_step_plan *b)
{
    bool same = a->edits_len == b->edits_len && a->suite == b->suite && a->padding == b->padding;
    same = same && same_text(a->sni, b->sni) && same_text(a->path, b->path);
    same = same && same_text(a->resume, b->resume) && a->ticket == b->ticket;
    for (size_t i = 0; same && i < a->edits_len; i++)
        same = strcmp(a->edits[i].text, b->edits[i].text) == 0;
    return same && same_presentation(&a->present, &b->present);
}

static bool same_run(const mt_plan *a, const mt_plan *b)
{
    bool same = a->version == b->version && a->algorithm == b->algorithm && a->steps_len == b->steps_len;
    for (size_t i = 0; same && i < a->steps_len; i++)
        same = same_step(&a->steps[i], &b->steps[i]);
    return same;
}

static mt_plan *new_plan(mt_cases *all, const mt_case_full *c, mt_cell cell, const char *infix)
{
    mt_plan *plan = MT_ARENA_NEW(all->arena, mt_plan);
    plan->of = &c->public;
    plan->name = mt_arena_printf(all->arena, "%s%s/%s/%s", c->public.id, infix, mt_protocol_words[cell.protocol].name,
        mt_algorithm_words[cell.algorithm].name);
    plan->id = mt_arena_printf(all->arena, "%s/%s", c->public.suite, plan->name);
    plan->version = mt_protocol_versions[cell.protocol];
    plan->algorithm = cell.algorithm;
    return plan;
}

static void remember(mt_cases *all, mt_plan *plan)
{
    MT_GROW(all->known, all->known_len, all->known_cap);
    all->known[all->known_len++] = plan;
}

/* shared returns the run that is known already, or makes `plan` known. */
static const mt_plan *shared(mt_cases *all, mt_plan *plan)
{
    for (size_t i = 0; i < all->known_len; i++)
        if (same_run(all->known[i], plan))
            return all->known[i];
    remember(all, plan);
    return plan;
}

/* The control of a cell; where no case is it (one file alone), the plain credential. */
static const mt_plan *control_of(mt_cases *all, const mt_case_full *c, mt_cell cell)
{
    static const char *const client[] = {"client"};
    for (size_t i = 0; i < all->known_len; i++) {
        const mt_plan *known = all->known[i];
        if (known->of->control && known->version == mt_protocol_versions[cell.protocol] && known->algorithm == cell.algorithm)
            return known;
    }
    mt_plan *plan = new_plan(all, c, cell, "/twin");
    mt_step_plan *step = MT_ARENA_NEW(all->arena, mt_step_plan);
    step->present = (mt_presentation){client, 1, true, cell.algorithm, mt_cell_is_pair(cell)};
    plan->steps = step;
    plan->steps_len = 1;
    return shared(all, plan);
}

static const mt_plan *twin_of(mt_cases *all, const mt_case_full *c, mt_cell cell)
{
    bool own = c->twin != NULL || c->public.expect.kind == MT_EXPECT_REFUSED;
    if (c->public.control)
        return NULL;
    if (c->twin_is_control || !own)
        return control_of(all, c, cell);
    mt_plan *plan = new_plan(all, c, cell, "/twin");
    plan->steps = mt_steps_twin(all, c, cell, &plan->steps_len);
    return shared(all, plan);
}

static mt_plan *plan_of(mt_cases *all, const mt_case_full *c, mt_cell cell)
{
    mt_plan *plan = new_plan(all, c, cell, "");
    plan->steps = mt_steps_plan(all, c, cell);
    plan->steps_len = c->steps.len;
    return plan;
}

/* A cell of a control is a plan from the start, so that all cases find it as their twin. */
static mt_plan *known_control(const mt_cases *all, const mt_case_full *c, mt_cell cell)
{
    for (size_t i = 0; i < all->known_len; i++) {
        mt_plan *known = all->known[i];
        if (known->of == &c->public && known->version == mt_protocol_versions[cell.protocol] && known->algorithm == cell.algorithm)
            return known;
    }
    return NULL;
}

typedef void cell_visitor(mt_cases *all, const mt_case_full *c, mt_cell cell);

static void add_control(mt_cases *all, const mt_case_full *c, mt_cell cell)
{
    if (c->public.control)
        remember(all, plan_of(all, c, cell));
}

static void add_plan(mt_cases *all, const mt_case_full *c, mt_cell cell)
{
    mt_plan *plan = c->public.control ? known_control(all, c, cell) : plan_of(all, c, cell);
    plan->twin = twin_of(all, c, cell);
    MT_GROW(all->plans, all->plans_len, all->plans_cap);
    all->plans[all->plans_len++] = plan;
}

static void each_cell(mt_cases *all, cell_visitor *visit)
{
    for (size_t i = 0; i < all->len; i++) {
        const mt_case_full *c = all->rows[i];
        for (int n = 0; n < MT_CELLS_MAX; n++) {
            mt_cell cell = {n / MT_ALGORITHMS, (mt_algorithm)(n % MT_ALGORITHMS)};
            bool wanted = c->protocols >> cell.protocol & c->algorithms >> cell.algorithm & 1;
            if (wanted && mt_cell_runs(cell))
                visit(all, c, cell);
        }
    }
}

void mt_plans_make(mt_cases *all)
{
    if (all->planned)
        return;
    all->planned = true;
    each_cell(all, add_control);
    each_cell(all, add_plan);
}
