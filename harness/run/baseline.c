// SPDX-License-Identifier: Apache-2.0
#include "run/baseline.h"

#include "base/yaml.h"

#include <ctype.h>
#include <string.h>

enum { ALTERNATIVES_MAX = 256 };

typedef struct entry {
    mt_yaml_head head;
    const char *run, *observed, *because, *catalogue, *reproduce, *until;
} entry;

#define KEY(name, need, about) {.key = #name, .type = MT_YAML_TEXT, .offset = offsetof(entry, name), .required = need, .doc = about}

static const mt_yaml_key keys[] = {
    KEY(run, true, "the id of one run, or of several: {tls1.2,tls1.3}/{rsa,ecc}"),
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

/* The choices of a part {a,b}; `*end` is its closing brace. 0: none begins here. */
static size_t choices(const char *at, const char **end)
{
    *end = *at == '{' ? strchr(at, '}') : NULL;
    size_t n = *end != NULL;
    for (const char *c = at; *end != NULL && c < *end; c++)
        n += *c == ',';
    return n;
}

/* How many runs `text` names, at most one more than ALTERNATIVES_MAX. */
static size_t count_alternatives(const char *text)
{
    size_t all = 1;
    for (const char *end; *text != 0 && all <= ALTERNATIVES_MAX; text++) {
        size_t n = choices(text, &end);
        all *= n ? n : 1;
    }
    return all <= ALTERNATIVES_MAX ? all : ALTERNATIVES_MAX + 1;
}

static void write_choice(mt_writer *w, const char *at, size_t which)
{
    for (at++; which > 0; which--)
        at = strchr(at, ',') + 1;
    mt_writef(w, "%.*s", (int)strcspn(at, ",}"), at);
}

static const char *alternative(mt_arena *arena, const char *text, size_t which)
{
    mt_writer w = {0};
    for (const char *end; *text != 0; text++) {
        size_t n = choices(text, &end);
        if (n == 0) {
            mt_writef(&w, "%c", *text);
            continue;
        }
        write_choice(&w, text, which % n);
        which /= n;
        text = end;
    }
    const char *run = mt_arena_strdup(arena, mt_writer_text(&w));
    mt_writer_free(&w);
    return run;
}

static size_t room_for(size_t len)
{
    size_t room = len != 0;
    while (room < len)
        room *= 2;
    return room;
}

static void make_room(mt_arena *arena, mt_baseline *out, size_t more)
{
    size_t room = room_for(out->len + more);
    if (room == room_for(out->len))
        return;
    mt_deviation *rows = MT_ARENA_ARRAY(arena, mt_deviation, room);
    for (size_t i = 0; i < out->len; i++)
        rows[i] = out->rows[i];
    out->rows = rows;
}

static bool add_runs(mt_yaml_walk *w, const mt_yaml *node, const entry *e, mt_baseline *out)
{
    size_t n = count_alternatives(e->run);
    if (n > ALTERNATIVES_MAX) {
        mt_yaml_error(w->file, mt_yaml_get(node, "run"), w->d, "more than %d runs in one entry", ALTERNATIVES_MAX);
        return false;
    }
    make_room(w->arena, out, n);
    for (size_t i = 0; i < n; i++) {
        const char *run = alternative(w->arena, e->run, i);
        if (mt_baseline_find(out, run) != NULL) {
            mt_yaml_error(w->file, mt_yaml_get(node, "run"), w->d, "a second entry for this run");
            return false;
        }
        out->rows[out->len++] = (mt_deviation){.run = run, .observed = e->observed, .because = e->because, .catalogue = e->catalogue,
            .reproduce = e->reproduce, .until = e->until, .line = node->line};
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
    return add_runs(w, node, &e, out);
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
