// SPDX-License-Identifier: Apache-2.0
#include "case/file.h"

#include <dirent.h>
#include <stdlib.h>

enum { DEPTH_MAX = 8 };

/* ---- one file ---- */

static unsigned policies_of(const mt_case_row *row)
{
    static const unsigned asking = 1u << MT_POLICY_REQUIRED | 1u << MT_POLICY_OPTIONAL | 1u << MT_POLICY_REQUEST;
    return row->policies ? row->policies : asking;
}

static unsigned narrowed(unsigned of_case, unsigned of_file, unsigned all)
{
    unsigned wanted = of_case ? of_case : of_file;
    return wanted ? wanted : all;
}

static void set_axes(mt_case_full *c, const mt_axes_row *of_file)
{
    const mt_axes_row nothing = {0};
    const mt_axes_row *of_case = c->row->over ? c->row->over : &nothing;
    of_file = of_file ? of_file : &nothing;
    c->protocols = narrowed(of_case->protocols, of_file->protocols, (1u << MT_PROTOCOLS) - 1);
    c->algorithms = narrowed(of_case->algorithms, of_file->algorithms, (1u << MT_ALGORITHMS) - 1);
}

static mt_case_full *new_case(mt_cases *all, const mt_yaml_file *file, const mt_file_row *of_file, const mt_case_row *row)
{
    mt_case_full *c = MT_ARENA_NEW(all->arena, mt_case_full);
    *c = (mt_case_full){.row = row, .file = file, .under_test = of_file->under_test};
    c->public = (mt_case){
        .suite = of_file->suite, .id = row->id, .title = row->title, .explain = row->explain,
        .file = file->name + all->strip, .line = row->head.node->line, .level = (mt_level)row->level,
        .clauses = row->clauses.rows, .clauses_len = row->clauses.len,
        .catalogue = row->catalogue.rows, .catalogue_len = row->catalogue.len,
        .caught_by = row->caught_by.rows, .caught_by_len = row->caught_by.len,
        .tags = row->tags.rows, .tags_len = row->tags.len,
        .policies = policies_of(row), .group = row->group, .alone = row->alone, .control = row->control, .unsupported = row->needs,
    };
    set_axes(c, of_file->over);
    c->steps = row->steps;
    if (row->steps.len == 0) {
        mt_step_row *only = MT_ARENA_NEW(all->arena, mt_step_row);
        *only = row->step;
        only->head.node = row->head.node;
        c->steps = (mt_yaml_rows){only, 1};
    }
    c->public.expect = mt_step_expect(all, mt_last_step(c));
    return c;
}

static bool read_twin(mt_case_full *c, mt_yaml_walk *w)
{
    const mt_yaml *node = c->row->twin;
    c->twin_is_control = node != NULL && node->text != NULL && strcmp(node->text, "control") == 0;
    if (node == NULL || c->twin_is_control)
        return true;
    if (node->kind != MT_YAML_IS_MAP) {
        mt_yaml_error(w->file, node, w->d, "'twin' wants the word control, or a map with 'present'");
        return false;
    }
    mt_twin_row *twin = MT_ARENA_NEW(w->arena, mt_twin_row);
    c->twin = twin;
    return mt_yaml_read_map(w, node, &mt_twin_schema, twin);
}

static bool is_new(const mt_cases *all, const mt_case_full *c, mt_diag *d)
{
    for (size_t i = 0; i < all->len; i++) {
        const mt_case *other = &all->rows[i]->public;
        if (strcmp(other->suite, c->public.suite) != 0 || strcmp(other->id, c->public.id) != 0)
            continue;
        mt_yaml_error(c->file, mt_yaml_get(c->row->head.node, "id"), d, "case %s/%s is there already: %s:%d", other->suite, other->id,
            other->file, other->line);
        return false;
    }
    return true;
}

static bool add_case(mt_cases *all, mt_case_full *c, mt_yaml_walk *w)
{
    bool ok = read_twin(c, w) && mt_case_check(all, c, w->d);
    ok = is_new(all, c, w->d) && ok;
    MT_GROW(all->rows, all->len, all->cap);
    all->rows[all->len++] = c;
    return ok;
}

static bool load_file(mt_cases *all, const char *path, mt_diag *d)
{
    mt_file_row *row = MT_ARENA_NEW(all->arena, mt_file_row);
    mt_yaml_walk w = {mt_yaml_load(path, all->arena, d), all->arena, d, NULL};
    if (w.file == NULL)
        return false;
    bool ok = mt_yaml_read(&w, &mt_case_file_schema, row);
    ok = row->suite != NULL && mt_suite_check(w.file, row->suite, d) && ok;
    const mt_case_row *cases = row->cases.rows;
    for (size_t i = 0; row->suite != NULL && i < row->cases.len; i++)
        ok = cases[i].head.sound && add_case(all, new_case(all, w.file, row, &cases[i]), &w) && ok;
    return ok;
}

/* ---- folders ---- */

typedef struct paths {
    char **rows;
    size_t len, cap;
} paths;

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* list_folder lists what is in `path`, sorted; false if it is no folder. */
static bool list_folder(const char *path, mt_arena *arena, paths *out)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        MT_GROW(out->rows, out->len, out->cap);
        out->rows[out->len++] = mt_arena_printf(arena, "%s/%s", path, entry->d_name);
    }
    closedir(folder);
    if (out->len > 0)
        qsort(out->rows, out->len, sizeof *out->rows, by_name);
    return true;
}

static bool is_yaml(const char *path)
{
    size_t len = strlen(path);
    return len > 5 && strcmp(path + len - 5, ".yaml") == 0;
}

/* load_path reads a file, or the files below a folder, in the order of their paths. A link may lead round in a circle. */
static bool load_path(mt_cases *all, const char *path, int depth, mt_diag *d)
{
    paths inside = {0};
    bool ok = true;
    if (depth < DEPTH_MAX && list_folder(path, all->arena, &inside)) {
        for (size_t i = 0; i < inside.len; i++)
            ok = load_path(all, inside.rows[i], depth + 1, d) && ok;
    } else if (depth == 0 || is_yaml(path)) {
        ok = load_file(all, path, d);
    }
    mt_free(inside.rows);
    return ok;
}

/* How much of the paths below `folder` is about this machine and not about the suite. */
static size_t strip_of(const char *folder)
{
    size_t len = strlen(folder);
    while (len > 0 && folder[len - 1] == '/')
        len--;
    while (len > 0 && folder[len - 1] != '/')
        len--;
    return *folder == '/' ? len : 0;
}

mt_cases *mt_cases_load_file(const char *file, const mt_pki *pki, mt_diag *d)
{
    mt_cases *all = mt_alloc(sizeof *all);
    all->arena = mt_arena_new();
    all->pki = pki;
    all->strip = strip_of(file);
    bool ok = load_path(all, mt_arena_strdup(all->arena, file), 0, d);
    if (ok && all->len == 0)
        mt_diag_add(d, (mt_place){file, 0, 0}, "no case in it");
    if (ok && all->len > 0)
        return all;
    mt_cases_free(all);
    return NULL;
}

mt_cases *mt_cases_load(const char *folder, const mt_pki *pki, mt_diag *d)
{
    return mt_cases_load_file(folder, pki, d);
}

void mt_cases_free(mt_cases *c)
{
    if (c == NULL)
        return;
    mt_arena_free(c->arena);
    mt_free(c->rows);
    mt_free(c->plans);
    mt_free(c->known);
    mt_free(c);
}

const mt_case *const *mt_cases_all(const mt_cases *c, size_t *n)
{
    const mt_case **rows = MT_ARENA_ARRAY(c->arena, const mt_case *, c->len);
    for (size_t i = 0; i < c->len; i++)
        rows[i] = &c->rows[i]->public;
    *n = c->len;
    return rows;
}
