// SPDX-License-Identifier: Apache-2.0
#ifndef MT_BASE_READER_H
#define MT_BASE_READER_H
/* Reading bytes that may be hostile. A parse covers one run of bytes; a reader is a shrinking view into it. The only bounds
 * check is in one function. The first read that does not fit names the field and makes the fault stick: from then on every
 * read yields zero and nothing that was read may be used before mt_read_end or mt_parse_ok said true.
 *
 * Every read names its field. With `map` on, the parse keeps a row for each field read: where it lies, in which vector, how
 * wide that vector's length is. The rows are the vocabulary of edits, traces and reports: "extensions.server_name.name",
 * "list[0].data". Elements of a list are numbered by mt_read_next. */
#include "base/mem.h"
#include "base/span.h"
#include "base/writer.h"

enum { MT_FIELD_ROOT = -1, MT_FAULT_MAX = 128 };

typedef struct mt_field {
    const char *name; /* NULL: an element of a list that has no name of its own */
    int index;        /* number of the list element it belongs to, or -1 */
    int parent;       /* row of the enclosing vector, or MT_FIELD_ROOT */
    size_t at, len;   /* the content, without the length prefix */
    unsigned width;   /* bytes of the length prefix that stands right before `at`; 0 if it has none */
    bool is_uint;     /* read as a number */
} mt_field;

typedef struct mt_fields {
    mt_field *rows; /* in the order of reading: a vector stands before its content */
    size_t len, cap;
} mt_fields;

typedef struct mt_parse {
    mt_span bytes;
    bool map;
    bool failed;
    char fault[MT_FAULT_MAX]; /* "signature wants 3, 2 left" */
    mt_fields fields;         /* owned; freed by mt_parse_free */
} mt_parse;

typedef struct mt_reader {
    mt_parse *parse;
    mt_span rest;
    int parent; /* row of the vector that this view covers */
    int index;
} mt_reader;

/* mt_parse_start sets up `p` over `bytes` (borrowed) and returns the view of all of them. */
mt_reader mt_parse_start(mt_parse *p, mt_span bytes, bool map);
void mt_parse_free(mt_parse *p);
/* mt_parse_fail records a fault of the caller's own (a value that is out of range) unless one is there already. */
void mt_parse_fail(mt_parse *p, const char *fmt, ...) MT_PRINTF(2, 3);

uint64_t mt_read_uint(mt_reader *r, const char *name, unsigned width);
mt_span mt_read_bytes(mt_reader *r, const char *name, size_t len);
/* mt_read_rest takes all that is left in this view as one field. */
mt_span mt_read_rest(mt_reader *r, const char *name);
/* mt_read_vec reads a length of `width` bytes and returns the view of that many bytes. */
mt_reader mt_read_vec(mt_reader *r, const char *name, unsigned width);
/* mt_read_next numbers the next list element and is false when the view is used up (or the parse has failed). */
bool mt_read_next(mt_reader *r);
/* mt_read_end is true if the view is used up and the parse has not failed; bytes left over are a fault. */
MT_MUST_CHECK bool mt_read_end(mt_reader *r);

/* mt_read_finish records a fault if bytes are left over, for a view within a message whose end is judged later. */
void mt_read_finish(mt_reader *r);

/* mt_field_path appends the full name of row `i`. */
void mt_field_path(const mt_fields *f, size_t i, mt_writer *out);
/* mt_field_find returns the row called `path`, or -1. */
int mt_field_find(const mt_fields *f, const char *path);
#endif
