// SPDX-License-Identifier: Apache-2.0
#ifndef MT_TESTS_HEX_H
#define MT_TESTS_HEX_H
/* Bytes in tests are written as hex. */
#include "base/writer.h"

#include <check.h>

/* from_hex appends the bytes of `hex` to `w` and returns the view of all that `w` holds; the test frees `w`. */
static inline mt_span from_hex(mt_writer *w, const char *hex)
{
    ck_assert(mt_write_from_hex(w, hex));
    return mt_written(w);
}

static inline void check_hex(mt_span bytes, const char *hex)
{
    mt_writer expected = {0}, got = {0};
    ck_assert(mt_write_from_hex(&expected, hex));
    mt_write_hex(&got, bytes);
    ck_assert_msg(mt_span_equal(bytes, mt_written(&expected)), "got %s, want %s", mt_writer_text(&got), hex);
    mt_writer_free(&expected);
    mt_writer_free(&got);
}
#endif
