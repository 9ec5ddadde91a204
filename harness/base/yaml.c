// SPDX-License-Identifier: Apache-2.0
#include "base/yaml.h"

#include "base/yaml_source.h"

#include <errno.h>
#include <stdio.h>
#include <yaml.h>

/* One loading: the parser, and what is remembered for better messages. */
typedef struct loading {
    yaml_parser_t parser;
    mt_yaml_file *file;
    mt_arena *arena;
    mt_diag *d;
    yaml_mark_t quote_from, quote_to; /* the last quoted scalar */
} loading;

/* libyaml ends a file whose last line has no end with a line of its own; what it finds there stands behind the last one. */
static mt_place place_of(const loading *l, yaml_mark_t mark)
{
    size_t last = l->file->lines_len;
    if (mark.line < last)
        return (mt_place){l->file->name, (int)mark.line + 1, (int)mark.column + 1};
    return (mt_place){l->file->name, (int)last, (int)l->file->lines[last - 1].len + 1};
}

static void complain(loading *l, yaml_mark_t mark, const char *text)
{
    mt_place place = place_of(l, mark);
    mt_diag_add(l->d, place, "%s", text);
    mt_yaml_caret(l->file, place, 1, NULL, l->d);
}

static bool is_tab(const loading *l, yaml_mark_t mark)
{
    if (mark.line >= l->file->lines_len)
        return false;
    mt_span line = l->file->lines[mark.line];
    return mark.column < line.len && line.at[mark.column] == '\t';
}

/* libyaml reports a forgotten quote where the text stops making sense, which is the next line or the next quote; people
 * look for it where it was opened. */
static void complain_syntax(loading *l)
{
    const yaml_parser_t *p = &l->parser;
    const char *problem = p->problem ? p->problem : "not readable";
    if (p->context != NULL && strstr(p->context, "quoted scalar") != NULL)
        complain(l, p->context_mark, "the quote that opens here is never closed");
    else if (l->quote_from.line != l->quote_to.line && p->problem_mark.line == l->quote_to.line)
        complain(l, l->quote_from, "the quote that opens here is not closed on its line");
    else if (strstr(problem, "tab character") != NULL || is_tab(l, p->problem_mark))
        complain(l, p->problem_mark, "a tab: indent with spaces");
    else
        complain(l, p->problem_mark, problem);
}

static bool next_event(loading *l, yaml_event_t *event)
{
    if (!yaml_parser_parse(&l->parser, event)) {
        complain_syntax(l);
        return false;
    }
    return true;
}

static mt_yaml *node_at(loading *l, mt_yaml_kind kind, yaml_mark_t mark)
{
    mt_yaml *node = MT_ARENA_NEW(l->arena, mt_yaml);
    node->kind = kind;
    mt_place place = place_of(l, mark);
    node->line = place.line;
    node->column = place.column;
    return node;
}

static bool is_bare(loading *l, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL)
        complain(l, event->start_mark, "anchors (&name) are not allowed: write the value out");
    else if (tag != NULL)
        complain(l, event->start_mark, "tags (!name) are not allowed: the schema knows the types");
    return anchor == NULL && tag == NULL;
}

static const mt_yaml *read_scalar(loading *l, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    if (!is_bare(l, event, event->data.scalar.anchor, event->data.scalar.tag))
        return NULL;
    if (strlen(text) != len) {
        complain(l, event->start_mark, "a zero character inside a text");
        return NULL;
    }
    mt_yaml *node = node_at(l, MT_YAML_IS_SCALAR, event->start_mark);
    node->text = mt_arena_copy(l->arena, text, len);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE || event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE) {
        l->quote_from = event->start_mark;
        l->quote_to = event->end_mark;
    }
    return node;
}

static const mt_yaml *read_event(loading *l, const yaml_event_t *event, int depth);

/* read_value reads one whole value; `*ended` says that the list or map which it should belong to ends instead. */
static const mt_yaml *read_value(loading *l, int depth, bool *ended)
{
    yaml_event_t event;
    if (!next_event(l, &event))
        return NULL;
    *ended = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
    const mt_yaml *node = *ended ? NULL : read_event(l, &event, depth);
    yaml_event_delete(&event);
    return node;
}

static bool is_new_key(loading *l, const mt_yaml *map, const mt_yaml *key)
{
    if (key->kind != MT_YAML_IS_SCALAR) {
        mt_yaml_error(l->file, key, l->d, "a key must be a word");
        return false;
    }
    for (size_t i = 0; i < map->len; i++)
        if (strcmp(map->entries[i].key->text, key->text) == 0) {
            mt_yaml_error(l->file, key, l->d, "key '%s' stands here twice; first in line %d", key->text, map->entries[i].key->line);
            return false;
        }
    return true;
}

/* read_entry reads a list item, or a key with its value. False: the end, or an error. */
static bool read_entry(loading *l, const mt_yaml *into, int depth, mt_yaml_entry *entry, bool *ended)
{
    const mt_yaml *first = read_value(l, depth, ended);
    if (first == NULL)
        return false;
    *entry = (mt_yaml_entry){NULL, first};
    if (into->kind == MT_YAML_IS_LIST)
        return true;
    if (!is_new_key(l, into, first))
        return false;
    bool no_value = false;
    *entry = (mt_yaml_entry){first, read_value(l, depth, &no_value)};
    return entry->value != NULL;
}

static const mt_yaml *read_entries(loading *l, mt_yaml *node, int depth)
{
    mt_yaml_entry *rows = NULL, entry;
    size_t cap = 0;
    bool ended = false;
    while (read_entry(l, node, depth, &entry, &ended)) {
        MT_GROW(rows, node->len, cap);
        rows[node->len++] = entry;
        node->entries = rows;
    }
    node->entries = mt_arena_copy(l->arena, rows, node->len * sizeof *rows);
    mt_free(rows);
    return ended ? node : NULL;
}

static const mt_yaml *read_collection(loading *l, const yaml_event_t *event, mt_yaml_kind kind, int depth)
{
    if (depth >= MT_YAML_DEPTH_MAX) {
        complain(l, event->start_mark, "nested deeper than 16 levels");
        return NULL;
    }
    return read_entries(l, node_at(l, kind, event->start_mark), depth + 1);
}

static const mt_yaml *read_event(loading *l, const yaml_event_t *event, int depth)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(l, event);
    case YAML_SEQUENCE_START_EVENT:
        if (!is_bare(l, event, event->data.sequence_start.anchor, event->data.sequence_start.tag))
            return NULL;
        return read_collection(l, event, MT_YAML_IS_LIST, depth);
    case YAML_MAPPING_START_EVENT:
        if (!is_bare(l, event, event->data.mapping_start.anchor, event->data.mapping_start.tag))
            return NULL;
        return read_collection(l, event, MT_YAML_IS_MAP, depth);
    case YAML_ALIAS_EVENT:
        complain(l, event->start_mark, "aliases (*name) are not allowed: write the value out");
        return NULL;
    default:
        complain(l, event->start_mark, "a value is wanted here");
        return NULL;
    }
}

/* expect_event takes the next event, which must be of `type`. */
static bool expect_event(loading *l, yaml_event_type_t type, const char *otherwise)
{
    yaml_event_t event;
    if (!next_event(l, &event))
        return false;
    bool ok = event.type == type;
    if (!ok)
        complain(l, event.start_mark, otherwise);
    yaml_event_delete(&event);
    return ok;
}

static bool read_document(loading *l)
{
    bool ended = false;
    if (!expect_event(l, YAML_STREAM_START_EVENT, "not a YAML file") || !expect_event(l, YAML_DOCUMENT_START_EVENT, "an empty file"))
        return false;
    l->file->root = read_value(l, 0, &ended);
    return l->file->root != NULL && expect_event(l, YAML_DOCUMENT_END_EVENT, "the document does not end here")
        && expect_event(l, YAML_STREAM_END_EVENT, "a second document: one file holds one");
}

const mt_yaml_file *mt_yaml_parse(const char *name, mt_span bytes, mt_arena *arena, mt_diag *d)
{
    mt_yaml_file *file = mt_yaml_source(name, bytes, arena, d);
    if (file == NULL)
        return NULL;
    loading l = {.file = file, .arena = arena, .d = d};
    if (!yaml_parser_initialize(&l.parser))
        mt_die("libyaml: no parser");
    yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&l.parser, bytes.at, bytes.len);
    bool ok = read_document(&l);
    yaml_parser_delete(&l.parser);
    return ok ? file : NULL;
}

static bool read_all(FILE *f, mt_writer *into)
{
    size_t got;
    do {
        uint8_t *room = mt_write_room(into, 16384);
        got = fread(room, 1, 16384, f);
        into->len -= 16384 - got;
    } while (got > 0 && into->len <= MT_YAML_FILE_MAX);
    return ferror(f) == 0;
}

const mt_yaml_file *mt_yaml_load(const char *path, mt_arena *arena, mt_diag *d)
{
    mt_place place = {path, 0, 0};
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        mt_diag_add(d, place, "cannot be read: %s", strerror(errno));
        return NULL;
    }
    mt_writer bytes = {0};
    const mt_yaml_file *file = NULL;
    if (!read_all(f, &bytes))
        mt_diag_add(d, place, "cannot be read: %s", strerror(errno));
    else
        file = mt_yaml_parse(path, mt_written(&bytes), arena, d);
    fclose(f);
    mt_writer_free(&bytes);
    return file;
}
