// SPDX-License-Identifier: Apache-2.0
#include "base/reader.h"

#include <stdio.h>

mt_reader mt_parse_start(mt_parse *p, mt_span bytes, bool map)
{
    *p = (mt_parse){.bytes = bytes, .map = map};
    return (mt_reader){p, bytes, MT_FIELD_ROOT, -1};
}

void mt_parse_free(mt_parse *p)
{
    mt_free(p->fields.rows);
    p->fields = (mt_fields){0};
}

void mt_parse_fail(mt_parse *p, const char *fmt, ...)
{
    if (p->failed)
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(p->fault, sizeof p->fault, fmt, args);
    va_end(args);
    p->failed = true;
}

/* The only place where a read position moves. */
static bool take(mt_reader *r, const char *name, size_t n, mt_span *out)
{
    *out = (mt_span){0};
    if (r->parse->failed)
        return false;
    if (n > r->rest.len) {
        mt_parse_fail(r->parse, "%s wants %zu, %zu left", name ? name : "element", n, r->rest.len);
        return false;
    }
    *out = mt_span_first(r->rest, n);
    r->rest = mt_span_skip(r->rest, n);
    return true;
}

static int add_row(const mt_reader *r, const char *name, mt_span content, unsigned width)
{
    mt_parse *p = r->parse;
    if (!p->map)
        return MT_FIELD_ROOT;
    mt_fields *f = &p->fields;
    MT_GROW(f->rows, f->len, f->cap);
    size_t at = content.len ? (size_t)(content.at - p->bytes.at) : 0;
    f->rows[f->len] = (mt_field){name, r->index, r->parent, at, content.len, width, false};
    return (int)f->len++;
}

/* An empty field has no byte to point at: it lies where its view now begins. */
static void place_empty_row(const mt_reader *r, int row, size_t at)
{
    if (row >= 0 && r->parse->fields.rows[row].len == 0)
        r->parse->fields.rows[row].at = at;
}

static size_t offset_of(const mt_reader *r)
{
    return r->rest.at ? (size_t)(r->rest.at - r->parse->bytes.at) : 0;
}

static uint64_t number(mt_span bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.at[i];
    return value;
}

uint64_t mt_read_uint(mt_reader *r, const char *name, unsigned width)
{
    mt_span bytes = mt_read_bytes(r, name, width);
    mt_fields *f = &r->parse->fields;
    if (r->parse->map && !r->parse->failed)
        f->rows[f->len - 1].is_uint = true;
    return number(bytes);
}

mt_span mt_read_bytes(mt_reader *r, const char *name, size_t len)
{
    mt_span bytes;
    if (take(r, name, len, &bytes))
        place_empty_row(r, add_row(r, name, bytes, 0), offset_of(r));
    return bytes;
}

mt_span mt_read_rest(mt_reader *r, const char *name)
{
    return mt_read_bytes(r, name, r->rest.len);
}

mt_reader mt_read_vec(mt_reader *r, const char *name, unsigned width)
{
    mt_reader inner = {r->parse, {0}, r->parent, -1};
    mt_span prefix;
    if (!take(r, name, width, &prefix))
        return inner;
    size_t at = offset_of(r);
    if (!take(r, name, (size_t)number(prefix), &inner.rest))
        return inner;
    inner.parent = add_row(r, name, inner.rest, width);
    place_empty_row(r, inner.parent, at);
    return inner;
}

bool mt_read_next(mt_reader *r)
{
    if (r->parse->failed || r->rest.len == 0)
        return false;
    r->index++;
    return true;
}

void mt_read_finish(mt_reader *r)
{
    if (r->rest.len != 0)
        mt_parse_fail(r->parse, "%zu bytes too many", r->rest.len);
}

bool mt_read_end(mt_reader *r)
{
    mt_read_finish(r);
    return !r->parse->failed;
}

void mt_field_path(const mt_fields *f, size_t i, mt_writer *out)
{
    const mt_field *row = &f->rows[i];
    if (row->parent != MT_FIELD_ROOT)
        mt_field_path(f, (size_t)row->parent, out);
    if (row->index >= 0)
        mt_writef(out, "[%d]", row->index);
    if (row->name != NULL)
        mt_writef(out, "%s%s", row->parent != MT_FIELD_ROOT ? "." : "", row->name);
}

int mt_field_find(const mt_fields *f, const char *path)
{
    mt_writer name = {0};
    int found = -1;
    for (size_t i = 0; i < f->len && found < 0; i++) {
        mt_writer_clear(&name);
        mt_field_path(f, i, &name);
        if (strcmp(mt_writer_text(&name), path) == 0)
            found = (int)i;
    }
    mt_writer_free(&name);
    return found;
}
