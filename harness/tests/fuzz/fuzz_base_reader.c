// SPDX-License-Identifier: Apache-2.0
/* The reader and the field map: the first byte says how many bytes of the input are a program of reads, the rest is what they
 * read. Whatever happens, every field lies inside the bytes and inside its vector, and a vector's length stands before it. */
#include "base/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH_MAX = 8 };

typedef struct stack {
    mt_reader views[DEPTH_MAX];
    size_t depth;
} stack;

static void open_view(stack *s, unsigned width)
{
    mt_reader inner = mt_read_vec(&s->views[s->depth], "vec", width);
    if (s->depth + 1 < DEPTH_MAX)
        s->views[++s->depth] = inner;
}

static void close_view(stack *s)
{
    if (s->depth > 0 && mt_read_end(&s->views[s->depth]))
        s->depth--;
}

/* One step of the program: the low bits choose the read, the high bits its size. */
static void step(stack *s, uint8_t op)
{
    mt_reader *r = &s->views[s->depth];
    unsigned n = op >> 3;
    switch (op & 7) {
    case 0:
        mt_read_uint(r, "uint", n % 9);
        break;
    case 1:
        mt_read_bytes(r, "bytes", n);
        break;
    case 2:
        open_view(s, n % 9);
        break;
    case 3:
        close_view(s);
        break;
    case 4:
        mt_read_next(r);
        break;
    case 5:
        mt_read_rest(r, NULL);
        break;
    default:
        mt_read_uint(r, NULL, 1);
    }
}

static void require(bool ok, const char *what)
{
    if (!ok)
        mt_die("invariant: %s", what);
}

static void check_row(const mt_parse *p, size_t i)
{
    const mt_field *row = &p->fields.rows[i];
    require(row->at <= p->bytes.len && row->len <= p->bytes.len - row->at, "a field lies inside the bytes");
    require(row->width <= row->at, "a length stands before its vector");
    require(row->parent < (int)i, "a vector stands before its content");
    if (row->parent == MT_FIELD_ROOT)
        return;
    const mt_field *outer = &p->fields.rows[row->parent];
    require(row->at - row->width >= outer->at && row->at + row->len <= outer->at + outer->len, "a field lies inside its vector");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    mt_span program = mt_span_first(mt_span_of(data + 1, size - 1), data[0]);
    mt_parse p;
    stack s = {0};
    s.views[0] = mt_parse_start(&p, mt_span_skip(mt_span_of(data + 1, size - 1), data[0]), true);
    for (size_t i = 0; i < program.len; i++)
        step(&s, program.at[i]);
    mt_writer path = {0};
    for (size_t i = 0; i < p.fields.len; i++) {
        check_row(&p, i);
        mt_field_path(&p.fields, i, &path);
    }
    mt_writer_free(&path);
    mt_parse_free(&p);
    return 0;
}
