// SPDX-License-Identifier: Apache-2.0
#ifndef MT_BASE_WRITER_H
#define MT_BASE_WRITER_H
/* A writer is a growing run of bytes. Lengths are never computed by hand: open a vector, write its content, close it, and
 * the closing writes the length. The zero value is an empty writer and may be freed. */
#include "base/mem.h"
#include "base/span.h"

typedef struct mt_writer {
    uint8_t *at;
    size_t len, cap;
} mt_writer;

typedef struct mt_mark {
    size_t at;      /* where the length field starts */
    unsigned width; /* its bytes, 1 to 4 */
} mt_mark;

void mt_writer_free(mt_writer *w);  /* leaves the zero value */
void mt_writer_clear(mt_writer *w); /* keeps the memory */
/* mt_written views all bytes; valid until the next write. */
mt_span mt_written(const mt_writer *w);

/* mt_write_uint writes `value` in `width` bytes (0 to 8), most significant first. A value that does not fit dies. */
void mt_write_uint(mt_writer *w, uint64_t value, unsigned width);
void mt_write_bytes(mt_writer *w, mt_span bytes);
/* mt_write_room appends `n` zero bytes and returns where they are, for a caller that fills them in place. */
uint8_t *mt_write_room(mt_writer *w, size_t n);

mt_mark mt_open_vec(mt_writer *w, unsigned width);
void mt_close_vec(mt_writer *w, mt_mark mark);
/* mt_write_vec writes `bytes` behind their length of `width` bytes. */
void mt_write_vec(mt_writer *w, unsigned width, mt_span bytes);

/* mt_writer_splice replaces `old` bytes at `at` by `bytes` (which must not point into `w`). */
void mt_writer_splice(mt_writer *w, size_t at, size_t old, mt_span bytes);
/* mt_writer_drop removes the first `n` bytes (all, if there are fewer). */
void mt_writer_drop(mt_writer *w, size_t n);

/* Text: mt_writef appends formatted characters; mt_writer_text views all as a C string, valid until the next write. */
void mt_writef(mt_writer *w, const char *fmt, ...) MT_PRINTF(2, 3);
void mt_write_hex(mt_writer *w, mt_span bytes);
const char *mt_writer_text(mt_writer *w);
/* mt_write_from_hex appends the bytes that `hex` (even number of digits, spaces allowed) stands for. On false nothing was appended. */
MT_MUST_CHECK bool mt_write_from_hex(mt_writer *w, const char *hex);
#endif
