// SPDX-License-Identifier: Apache-2.0
#include "base/writer.h"

#include <ctype.h>
#include <stdio.h>

void mt_writer_free(mt_writer *w)
{
    mt_free(w->at);
    *w = (mt_writer){0};
}

void mt_writer_clear(mt_writer *w)
{
    w->len = 0;
}

mt_span mt_written(const mt_writer *w)
{
    return mt_span_of(w->at, w->len);
}

static void reserve(mt_writer *w, size_t more)
{
    if (w->cap - w->len >= more)
        return;
    if (more > SIZE_MAX / 2 - w->len)
        mt_die("size overflow in a writer");
    size_t cap = w->cap ? w->cap : 64;
    while (cap - w->len < more)
        cap *= 2;
    w->at = mt_realloc(w->at, cap, 1);
    w->cap = cap;
}

uint8_t *mt_write_room(mt_writer *w, size_t n)
{
    reserve(w, n != 0 ? n : 1); /* an offset from NULL is undefined, even of zero */
    uint8_t *room = w->at + w->len;
    if (n != 0)
        memset(room, 0, n);
    w->len += n;
    return room;
}

static void put_uint(uint8_t *at, uint64_t value, unsigned width)
{
    if (width < 8 && value >> (8 * width) != 0)
        mt_die("%llu does not fit %u bytes", (unsigned long long)value, width);
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

void mt_write_uint(mt_writer *w, uint64_t value, unsigned width)
{
    put_uint(mt_write_room(w, width), value, width);
}

void mt_write_bytes(mt_writer *w, mt_span bytes)
{
    uint8_t *room = mt_write_room(w, bytes.len);
    if (bytes.len != 0)
        memcpy(room, bytes.at, bytes.len);
}

mt_mark mt_open_vec(mt_writer *w, unsigned width)
{
    mt_mark mark = {w->len, width};
    mt_write_room(w, width);
    return mark;
}

void mt_close_vec(mt_writer *w, mt_mark mark)
{
    put_uint(w->at + mark.at, w->len - mark.at - mark.width, mark.width);
}

void mt_write_vec(mt_writer *w, unsigned width, mt_span bytes)
{
    mt_write_uint(w, bytes.len, width);
    mt_write_bytes(w, bytes);
}

void mt_writer_splice(mt_writer *w, size_t at, size_t old, mt_span bytes)
{
    if (at > w->len || old > w->len - at)
        mt_die("splice outside a writer");
    size_t tail = w->len - at - old;
    reserve(w, bytes.len);
    if (tail != 0)
        memmove(w->at + at + bytes.len, w->at + at + old, tail);
    if (bytes.len != 0)
        memcpy(w->at + at, bytes.at, bytes.len);
    w->len = at + bytes.len + tail;
}

void mt_writer_drop(mt_writer *w, size_t n)
{
    n = n < w->len ? n : w->len;
    if (n != 0)
        memmove(w->at, w->at + n, w->len - n);
    w->len -= n;
}

void mt_writef(mt_writer *w, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        mt_die("cannot format text");
    reserve(w, (size_t)n + 1);
    vsnprintf((char *)w->at + w->len, (size_t)n + 1, fmt, again);
    va_end(again);
    w->len += (size_t)n;
}

void mt_write_hex(mt_writer *w, mt_span bytes)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *room = mt_write_room(w, 2 * bytes.len);
    for (size_t i = 0; i < bytes.len; i++) {
        room[2 * i] = (uint8_t)digits[bytes.at[i] >> 4];
        room[2 * i + 1] = (uint8_t)digits[bytes.at[i] & 15];
    }
}

const char *mt_writer_text(mt_writer *w)
{
    reserve(w, 1);
    w->at[w->len] = 0;
    return (const char *)w->at;
}

static unsigned digit_value(int c)
{
    return (unsigned)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
}

bool mt_write_from_hex(mt_writer *w, const char *hex)
{
    size_t before = w->len, digits = 0;
    unsigned value = 0;
    for (const char *c = hex; *c != 0; c++) {
        if (isspace((unsigned char)*c))
            continue;
        if (!isxdigit((unsigned char)*c)) {
            w->len = before;
            return false;
        }
        value = value << 4 | digit_value((unsigned char)*c);
        if (++digits % 2 == 0)
            mt_write_uint(w, value & 0xff, 1);
    }
    if (digits % 2 == 0)
        return true;
    w->len = before;
    return false;
}
