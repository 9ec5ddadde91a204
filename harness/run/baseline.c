// SPDX-License-Identifier: Apache-2.0
#include "run/baseline.h"

#include "base/yaml.h"

#include <ctype.h>

typedef struct entry {
    mt_yaml_head head;
    const char *run, *observed, *because, *catalogue, *reproduce, *until;
} entry;

#define KEY(name, need, about) {.key = #name, .type = MT_YAML_TEXT, .offset = offsetof(entry, name), .required = need, .doc = about}

static const mt_yaml_key keys[] = {
    KEY(run, true, "the id of one run"),
    KEY(observed, true, "the outcome as the report words it, or how it begins"),
    KEY(because, true, "why this is so and known"),
    KEY(catalogue, false, "the catalogue row, or a place in the target's source"),
    KEY(reproduce, false, "a command line that shows the same"),
    KEY(until, false, "the last day (2027-03-01) on which this counts"),
};

static const mt_yaml_schema schema = {
    .what = "a deviation", .keys = keys, .len = MT_COUNT(keys), .size = sizeof(entry), 
    .doc = "A deviation that is known and does not fail."};

static bool is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof form; i++) {
        bool fits = form[i] == 'd' ? isdigit((unsigned char)text[i]) != 0 : text[i] == form[i];
        if (!fits)
            return false;
    }
    return true;
}

static bool read_entry(mt_yaml_walk *w, const mt_yaml *node, mt_baseline *out)
{
    entry e;
    if (!mt_yaml_read_map(w, node, &schema, &e))
        return false;
    if (e.until != NULL && !is_date(e.until)) {
        const mt_yaml *at = mt_yaml_get(node, "until");
        mt_yaml_error(w->file, at, w->d, "'until' wants a day like 2027-03-01");
        return false;
    }
    if (mt_baseline_find(out, e.run) != NULL) {
        mt_yaml_error(w->file, mt_yaml_get(node, "run"), w->d, "a second entry for this run");
        return false;
    }
    out->rows[out->len++] = (mt_deviation){.run = e.run, .observed = e.observed, .because = e.because, .catalogue = e.catalogue,
        .reproduce = e.reproduce, .until = e.until, .line = node->line};
    return true;
}

bool mt_baseline_load(const char *file, mt_arena *arena, mt_baseline *out, mt_diag *d)
{
    *out = (mt_baseline){.file = mt_arena_strdup(arena, file)};
    const mt_yaml_file *f = mt_yaml_load(file, arena, d);
    if (f == NULL)
        return false;
    if (f->root->kind != MT_YAML_IS_LIST) {
        mt_yaml_error(f, f->root, d, "expected a list of {run, observed, because, ...}");
        return false;
    }
    mt_yaml_walk w = {.file = f, .arena = arena, .d = d};
    out->rows = MT_ARENA_ARRAY(arena, mt_deviation, f->root->len);
    bool ok = true;
    for (size_t i = 0; i < f->root->len; i++)
        ok = read_entry(&w, f->root->entries[i].value, out) && ok;
    return ok;
}

const mt_deviation *mt_baseline_find(const mt_baseline *b, const char *run)
{
    for (size_t i = 0; i < b->len; i++) {
        if (strcmp(b->rows[i].run, run) == 0)
            return &b->rows[i];
    }
    return NULL;
}

bool mt_deviation_fits(const mt_deviation *v, const char *observed)
{
    return strncmp(observed, v->observed, strlen(v->observed)) == 0;
}

bool mt_deviation_expired(const mt_deviation *v, const char *today)
{
    return v->until != NULL && strcmp(v->until, today) < 0;
}
