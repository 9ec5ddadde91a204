// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

enum { DETAIL_MAX = 600, ITEMS_MAX = 12 };

static uint64_t number(mt_span bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.at[i];
    return value;
}

/* The element of a list is named by the list: suites[3] takes the words of `suites`. */
static const mt_codes *words_of(const mt_fields *f, const mt_field *row)
{
    if (row->name != NULL)
        return mt_field_codes(row->name);
    return row->parent == MT_FIELD_ROOT ? NULL : mt_field_codes(f->rows[row->parent].name);
}

static void describe_number(const mt_fields *f, const mt_field *row, mt_span bytes, mt_writer *out)
{
    const mt_codes *words = words_of(f, row);
    if (words != NULL)
        mt_code_write(words, (unsigned)number(bytes), out);
    else
        mt_writef(out, "%llu", (unsigned long long)number(bytes));
}

static bool has_children(const mt_fields *f, size_t i)
{
    return i + 1 < f->len && f->rows[i + 1].parent == (int)i;
}

static void describe_row(const mt_fields *f, size_t i, mt_span body, mt_writer *out)
{
    const mt_field *row = &f->rows[i];
    if (row->index >= ITEMS_MAX || has_children(f, i))
        return;
    mt_writef(out, "%s", out->len ? ", " : "");
    mt_field_path(f, i, out);
    mt_writef(out, " ");
    if (row->is_uint)
        describe_number(f, row, mt_span_of(body.at + row->at, row->len), out);
    else
        mt_writef(out, "%zu bytes", row->len);
}

void mt_msg_describe(uint8_t type, mt_span body, const mt_msg_form *f, mt_writer *out)
{
    mt_msg ignored;
    mt_parse p = {.map = true};
    mt_writer text = {0};
    bool whole = mt_msg_read(type, body, f, &ignored, &p);
    for (size_t i = 0; i < p.fields.len && text.len < DETAIL_MAX; i++)
        describe_row(&p.fields, i, body, &text);
    if (!whole)
        mt_writef(&text, "%sdoes not read: %s", text.len ? "; " : "", p.fault);
    mt_write_bytes(out, mt_written(&text));
    mt_writer_free(&text);
    mt_parse_free(&p);
}
