// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

/* Edits of the fields of a finished message. The message is read once by its own reader, which says where each field lies and
 * in which vectors; every edit then keeps the rows and the lengths of the enclosing vectors true, unless the edit is about a
 * length. */

typedef struct work {
    mt_engine *e;
    mt_built *b;
    mt_fields *fields;
    bool *pinned; /* by row: the length prefix is a lie and stays as it is */
} work;

/* Where a field begins and ends, with row -1 for the whole body. */
static mt_field extent(const work *k, int row)
{
    if (row >= 0)
        return k->fields->rows[row];
    return (mt_field){.parent = MT_FIELD_ROOT, .len = k->b->body.len};
}

static void write_length(work *k, int row)
{
    mt_field *f = &k->fields->rows[row];
    if (f->width == 0 || k->pinned[row])
        return;
    for (unsigned i = 0; i < f->width; i++)
        k->b->body.at[f->at - f->width + i] = (uint8_t)(f->len >> (8 * (f->width - 1 - i)));
}

static bool encloses(const work *k, int outer, int row)
{
    for (int i = row; i >= 0; i = k->fields->rows[i].parent)
        if (i == outer)
            return true;
    return false;
}

/* Replaces `old` bytes at `at`, which lie within `row`, and keeps every row and length true. */
static void splice(work *k, int row, size_t at, size_t old, mt_span bytes)
{
    mt_writer_splice(&k->b->body, at, old, bytes);
    for (size_t i = 0; i < k->fields->len; i++) {
        mt_field *f = &k->fields->rows[i];
        if (encloses(k, (int)i, row))
            f->len = f->len - old + bytes.len;
        else if (f->at >= at + old && (old != 0 || f->at > at || (int)i > row))
            f->at = f->at - old + bytes.len;
    }
    for (int i = row; i >= 0; i = k->fields->rows[i].parent)
        write_length(k, i);
}

static void set(work *k, int row, const mt_edit *edit)
{
    mt_field f = extent(k, row);
    splice(k, row, f.at, f.len, edit->bytes);
}

/* The lie cannot be told: whatever the peer does then shows nothing. */
static void miss(work *k, const mt_edit *edit, const char *why)
{
    mt_trace_remark(k->e, '.', edit->message, "%s %s: `%s` changes nothing", edit->field ? edit->field : "it", why, edit->text);
    k->e->info.edit_missed = edit->text;
}

static void xor_bytes(work *k, int row, const mt_edit *edit)
{
    mt_field f = extent(k, row);
    if (edit->number >= f.len)
        miss(k, edit, "is too short here");
    for (size_t i = 0; i < edit->bytes.len && edit->number + i < f.len; i++)
        k->b->body.at[f.at + edit->number + i] ^= edit->bytes.at[i];
}

static void truncate_field(work *k, int row, const mt_edit *edit)
{
    mt_field f = extent(k, row);
    size_t n = edit->number < f.len ? edit->number : f.len;
    splice(k, row, f.at + f.len - n, n, (mt_span){0});
}

static void append(work *k, int row, const mt_edit *edit)
{
    mt_field f = extent(k, row);
    splice(k, row, f.at + f.len, 0, edit->bytes);
}

static size_t stated_length(const mt_edit *edit, size_t honest)
{
    if (edit->relative > 0)
        return honest + edit->number;
    if (edit->relative < 0)
        return honest > edit->number ? honest - edit->number : 0;
    return edit->number;
}

static void set_length(work *k, int row, const mt_edit *edit)
{
    if (row < 0) {
        k->b->header_length = (int64_t)(stated_length(edit, k->b->body.len) & 0xffffff);
        return;
    }
    mt_field *f = &k->fields->rows[row];
    size_t true_len = f->len;
    f->len = stated_length(edit, true_len);
    write_length(k, row);
    f->len = true_len;
    k->pinned[row] = true;
}

static void replace_with(work *k, int row, const mt_edit *edit)
{
    mt_span kept;
    mt_field f = extent(k, row);
    if (k->e->c.jar != NULL && mt_jar_get(k->e->c.jar, edit->other, &kept))
        splice(k, row, f.at, f.len, kept);
    else
        mt_trace_remark(k->e, '.', edit->message, "nothing called %s was kept", edit->other);
}

static void (*const verbs[])(work *, int, const mt_edit *) = {
    [MT_EDIT_SET] = set,       [MT_EDIT_XOR] = xor_bytes,     [MT_EDIT_TRUNCATE] = truncate_field,
    [MT_EDIT_APPEND] = append, [MT_EDIT_LENGTH] = set_length, [MT_EDIT_REPLACE_WITH] = replace_with,
};

static bool is_field_edit(const mt_edit *edit)
{
    return (size_t)edit->verb < MT_COUNT(verbs) && verbs[edit->verb] != NULL;
}

static bool concerns(const mt_edit *edit, const char *message, unsigned nth)
{
    return edit->nth == nth && strcmp(edit->message, message) == 0;
}

static void apply(work *k, const mt_edit *edit)
{
    int row = edit->field == NULL ? -1 : mt_field_find(k->fields, edit->field);
    if (edit->field != NULL && row < 0) {
        miss(k, edit, "is no field of it here");
        return;
    }
    verbs[edit->verb](k, row, edit);
    k->b->edited = true;
}

void mt_apply_edits(mt_engine *e, const char *message, unsigned nth, uint8_t type, mt_built *b)
{
    size_t wanted = 0;
    for (size_t i = 0; i < e->c.edits_len; i++)
        wanted += is_field_edit(&e->c.edits[i]) && concerns(&e->c.edits[i], message, nth);
    if (wanted == 0)
        return;
    mt_span honest = mt_written(&b->body);
    mt_span copy = mt_span_of(mt_arena_copy(e->arena, honest.at, honest.len), honest.len);
    mt_msg ignored;
    mt_parse p = {.map = true};
    mt_msg_form form = mt_form(e);
    if (!mt_msg_read(type, copy, &form, &ignored, &p))
        mt_trace_remark(e, '.', message, "our own message does not read: %s", p.fault);
    work k = {e, b, &p.fields, mt_alloc(p.fields.len + 1)};
    for (size_t i = 0; i < e->c.edits_len; i++)
        if (is_field_edit(&e->c.edits[i]) && concerns(&e->c.edits[i], message, nth))
            apply(&k, &e->c.edits[i]);
    mt_free(k.pinned);
    mt_parse_free(&p);
}

const mt_edit *mt_edit_of(const mt_engine *e, const char *message, unsigned nth, mt_verb verb)
{
    for (size_t i = 0; i < e->c.edits_len; i++)
        if (e->c.edits[i].verb == verb && concerns(&e->c.edits[i], message, nth))
            return &e->c.edits[i];
    return NULL;
}
