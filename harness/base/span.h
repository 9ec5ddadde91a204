// SPDX-License-Identifier: Apache-2.0
#ifndef MT_BASE_SPAN_H
#define MT_BASE_SPAN_H
/* A span is a borrowed view of bytes: whoever hands it out says how long it stays valid. The zero value is the empty span. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct mt_span {
    const uint8_t *at;
    size_t len;
} mt_span;

static inline mt_span mt_span_of(const void *at, size_t len)
{
    return (mt_span){at, len};
}

/* mt_span_text views the characters of `text` without its final zero. */
static inline mt_span mt_span_text(const char *text)
{
    return (mt_span){(const uint8_t *)text, strlen(text)};
}

static inline bool mt_span_equal(mt_span a, mt_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* mt_span_first and mt_span_skip split at `n` bytes; an `n` past the end means the end. */
static inline mt_span mt_span_first(mt_span s, size_t n)
{
    return (mt_span){s.at, n < s.len ? n : s.len};
}

static inline mt_span mt_span_skip(mt_span s, size_t n)
{
    n = n < s.len ? n : s.len;
    return (mt_span){n ? s.at + n : s.at, s.len - n};
}
#endif
