// SPDX-License-Identifier: Apache-2.0
#include "base/yaml.h"
#include "base/yaml_source.h"

#include <errno.h>
#include <stdlib.h>

/* ---- places and messages ---- */

const mt_yaml *mt_yaml_get(const mt_yaml *map, const char *key)
{
    if (map == NULL || map->kind != MT_YAML_IS_MAP)
        return NULL;
    for (size_t i = 0; i < map->len; i++)
        if (strcmp(map->entries[i].key->text, key) == 0)
            return map->entries[i].value;
    return NULL;
}

mt_place mt_yaml_place(const mt_yaml_file *f, const mt_yaml *at)
{
    return (mt_place){f->name, at->line, at->column};
}

/* The characters of a scalar on its first line: as far as carets can underline it. */
static size_t width_of(const mt_yaml *at)
{
    size_t width = at->text ? strcspn(at->text, "\n") : 1;
    bool in_quotes = at->quoted && width > 0 && at->text[width] == 0;
    return width + (in_quotes ? 2 : 0);
}

void mt_yaml_point(const mt_yaml_file *f, const mt_yaml *at, mt_diag *d, const char *note)
{
    mt_yaml_caret(f, mt_yaml_place(f, at), width_of(at), note, d);
}

void mt_yaml_error(const mt_yaml_file *f, const mt_yaml *at, mt_diag *d, const char *fmt, ...)
{
    char line[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    mt_diag_add(d, mt_yaml_place(f, at), "%s", line);
    mt_yaml_point(f, at, d, NULL);
}

void mt_yaml_nearest(const mt_yaml_file *f, const mt_yaml *at, mt_diag *d, mt_yaml_names words)
{
    mt_writer note = {0};
    const char *near = at->text ? mt_nearest(at->text, words.at, words.len) : NULL;
    if (near != NULL)
        mt_writef(&note, "did you mean '%s'?", near);
    for (size_t i = 0; near == NULL && i < words.len && note.len < 400; i++)
        mt_writef(&note, "%s%s", i ? " " : "known: ", words.at[i]);
    mt_yaml_point(f, at, d, note.len ? mt_writer_text(&note) : NULL);
    mt_writer_free(&note);
}

/* ---- values ---- */

static bool is_value(mt_yaml_walk *w, const mt_yaml *node)
{
    static const char *const kinds[] = {"a word", "a list", "a map"};
    if (node->kind != MT_YAML_IS_SCALAR)
        mt_yaml_error(w->file, node, w->d, "%s where a single value is wanted", kinds[node->kind]);
    else if (node->text[0] == 0 && !node->quoted)
        mt_yaml_error(w->file, node, w->d, "a value is missing");
    else
        return true;
    return false;
}

static bool find_word(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, int *value)
{
    if (!is_value(w, node))
        return false;
    for (size_t i = 0; i < key->words_len; i++)
        if (strcmp(key->words[i].name, node->text) == 0) {
            *value = key->words[i].value;
            return true;
        }
    mt_diag_add(w->d, mt_yaml_place(w->file, node), "'%s' is no value of '%s'", node->text, key->key);
    const char **names = MT_ARENA_ARRAY(w->arena, const char *, key->words_len);
    for (size_t i = 0; i < key->words_len; i++)
        names[i] = key->words[i].name;
    mt_yaml_nearest(w->file, node, w->d, (mt_yaml_names){names, key->words_len});
    return false;
}

/* The values of a list, or one value as a list of one. */
static mt_yaml_entry one_entry(const mt_yaml *node)
{
    return (mt_yaml_entry){NULL, node};
}

static bool check_list(mt_yaml_walk *w, const mt_yaml *node)
{
    if (node->kind == MT_YAML_IS_MAP)
        mt_yaml_error(w->file, node, w->d, "a map where a list is wanted");
    return node->kind != MT_YAML_IS_MAP;
}

static bool read_text(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    (void)key;
    if (!is_value(w, node))
        return false;
    *(const char **)field = node->text;
    return true;
}

static bool read_word(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    return find_word(w, key, node, field);
}

static bool read_words(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    if (!check_list(w, node))
        return false;
    mt_yaml_entry single = one_entry(node);
    bool scalar = node->kind == MT_YAML_IS_SCALAR, ok = true;
    const mt_yaml_entry *entries = scalar ? &single : node->entries;
    for (size_t i = 0; i < (scalar ? 1 : node->len); i++) {
        int value = 0;
        bool found = find_word(w, key, entries[i].value, &value);
        ok = ok && found;
        *(unsigned *)field |= found ? 1u << value : 0;
    }
    return ok;
}

static bool read_number(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    if (!is_value(w, node))
        return false;
    char *end = NULL;
    errno = 0;
    long value = strtol(node->text, &end, strncmp(node->text, "0x", 2) == 0 ? 16 : 10);
    if (errno != 0 || end == node->text || *end != 0 || value < key->min || value > key->max) {
        mt_yaml_error(w->file, node, w->d, "'%s' wants a number from %ld to %ld", key->key, key->min, key->max);
        return false;
    }
    *(long *)field = value;
    return true;
}

static bool read_yesno(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    if (!is_value(w, node))
        return false;
    bool yes = strcmp(node->text, "true") == 0;
    if (!yes && strcmp(node->text, "false") != 0) {
        mt_yaml_error(w->file, node, w->d, "'%s' wants true or false", key->key);
        return false;
    }
    *(bool *)field = yes;
    return true;
}

bool mt_yaml_read_texts(mt_yaml_walk *w, const mt_yaml *node, mt_yaml_texts *out)
{
    if (!check_list(w, node))
        return false;
    mt_yaml_entry single = one_entry(node);
    bool scalar = node->kind == MT_YAML_IS_SCALAR, ok = true;
    const mt_yaml_entry *entries = scalar ? &single : node->entries;
    size_t n = scalar ? 1 : node->len;
    const char **rows = MT_ARENA_ARRAY(w->arena, const char *, n);
    const mt_yaml **nodes = MT_ARENA_ARRAY(w->arena, const mt_yaml *, n);
    for (size_t i = 0; i < n; i++) {
        ok = is_value(w, entries[i].value) && ok;
        nodes[i] = entries[i].value;
        rows[i] = nodes[i]->text;
    }
    *out = (mt_yaml_texts){rows, nodes, n};
    return ok;
}

static bool read_texts(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    (void)key;
    return mt_yaml_read_texts(w, node, field);
}

static bool read_node(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    (void)w;
    (void)key;
    *(const mt_yaml **)field = node;
    return true;
}

static bool read_map(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    void *out = mt_arena_alloc(w->arena, key->sub->size);
    *(void **)field = out;
    return mt_yaml_read_map(w, node, key->sub, out);
}

/* read_rows reads each entry of a list (or of a map of names) into one element of an array. */
static bool read_rows(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    mt_yaml_kind wanted = key->type == MT_YAML_NAMED ? MT_YAML_IS_MAP : MT_YAML_IS_LIST;
    if (node->kind != wanted) {
        mt_yaml_error(w->file, node, w->d, "'%s' wants %s", key->key, wanted == MT_YAML_IS_MAP ? "a map" : "a list");
        return false;
    }
    char *rows = mt_arena_alloc(w->arena, node->len * key->sub->size);
    bool ok = true;
    for (size_t i = 0; i < node->len; i++) {
        void *row = rows + i * key->sub->size;
        ok = mt_yaml_read_map(w, node->entries[i].value, key->sub, row) && ok;
        ((mt_yaml_head *)row)->name = node->entries[i].key;
    }
    *(mt_yaml_rows *)field = (mt_yaml_rows){rows, node->len};
    return ok;
}

static bool read_by_handler(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field)
{
    return key->read(w, node, field);
}

typedef bool value_reader(mt_yaml_walk *w, const mt_yaml_key *key, const mt_yaml *node, void *field);
static value_reader *const readers[] = {
    [MT_YAML_TEXT] = read_text,     [MT_YAML_WORD] = read_word,   [MT_YAML_WORDS] = read_words, [MT_YAML_NUMBER] = read_number,
    [MT_YAML_YESNO] = read_yesno,   [MT_YAML_TEXTS] = read_texts, [MT_YAML_NODE] = read_node,   [MT_YAML_MAP] = read_map,
    [MT_YAML_MAPS] = read_rows,     [MT_YAML_NAMED] = read_rows,  [MT_YAML_READ] = read_by_handler,
};

/* ---- maps ---- */

static const mt_yaml_key *find_key(const mt_yaml_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->len; i++)
        if (strcmp(schema->keys[i].key, name) == 0)
            return &schema->keys[i];
    return NULL;
}

static void complain_unknown(mt_yaml_walk *w, const mt_yaml *key, const mt_yaml_schema *schema)
{
    mt_diag_add(w->d, mt_yaml_place(w->file, key), "unknown key '%s' in %s", key->text, schema->what);
    const char **names = MT_ARENA_ARRAY(w->arena, const char *, schema->len);
    for (size_t i = 0; i < schema->len; i++)
        names[i] = schema->keys[i].key;
    mt_yaml_nearest(w->file, key, w->d, (mt_yaml_names){names, schema->len});
}

static bool is_free(const mt_yaml_schema *schema, const char *key)
{
    return strncmp(key, "x-", 2) == 0 || (schema->format && strcmp(key, "format") == 0);
}

static bool read_known(mt_yaml_walk *w, const mt_yaml *map, const mt_yaml_schema *schema, void *out)
{
    bool ok = true;
    for (size_t i = 0; i < map->len; i++) {
        const mt_yaml *name = map->entries[i].key;
        const mt_yaml_key *key = find_key(schema, name->text);
        if (is_free(schema, name->text))
            continue;
        if (key == NULL)
            complain_unknown(w, name, schema);
        ok = key != NULL && readers[key->type](w, key, map->entries[i].value, (char *)out + key->offset) && ok;
    }
    return ok;
}

static bool has_required(mt_yaml_walk *w, const mt_yaml *map, const mt_yaml_schema *schema)
{
    bool ok = true;
    for (size_t i = 0; i < schema->len; i++) {
        if (!schema->keys[i].required || mt_yaml_get(map, schema->keys[i].key) != NULL)
            continue;
        mt_yaml_error(w->file, map, w->d, "%s needs the key '%s'", schema->what, schema->keys[i].key);
        ok = false;
    }
    return ok;
}

static bool has_format(mt_yaml_walk *w, const mt_yaml *map, const mt_yaml_schema *schema)
{
    if (!schema->format)
        return true;
    const mt_yaml *value = mt_yaml_get(map, "format");
    bool first = value != NULL && map->entries[0].value == value;
    bool ok = first && value->text != NULL && strcmp(value->text, "1") == 0;
    if (!ok)
        mt_yaml_error(w->file, first ? value : map, w->d, "the first line must be 'format: 1'");
    return ok;
}

bool mt_yaml_read_map(mt_yaml_walk *w, const mt_yaml *map, const mt_yaml_schema *schema, void *out)
{
    memset(out, 0, schema->size);
    ((mt_yaml_head *)out)->node = map;
    if (map->kind != MT_YAML_IS_MAP) {
        mt_yaml_error(w->file, map, w->d, "%s is a map of keys and values", schema->what);
        return false;
    }
    bool format = has_format(w, map, schema);
    bool known = read_known(w, map, schema, out);
    bool sound = has_required(w, map, schema) && known && format;
    ((mt_yaml_head *)out)->sound = sound;
    return sound;
}

bool mt_yaml_read(mt_yaml_walk *w, const mt_yaml_schema *schema, void *out)
{
    return mt_yaml_read_map(w, w->file->root, schema, out);
}
