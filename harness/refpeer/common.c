// SPDX-License-Identifier: Apache-2.0
#include "refpeer/common.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mt_ref_die(int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    exit(code);
}

void *mt_ref_resize(void *p, size_t n)
{
    void *resized = realloc(p, n);
    if (resized == NULL)
        mt_ref_die(MT_REF_EXIT_MEMORY, "no memory for %zu bytes", n);
    return resized;
}

void mt_ref_free(void *p)
{
    free(p);
}

static void reserve(mt_ref_text *t, size_t more)
{
    size_t wanted = t->len + more + 1;
    if (wanted <= t->cap)
        return;
    t->cap = 2 * wanted;
    t->at = mt_ref_resize(t->at, t->cap);
}

void mt_ref_add_bytes(mt_ref_text *t, const void *bytes, size_t n)
{
    reserve(t, n);
    if (n > 0)
        memcpy(t->at + t->len, bytes, n);
    t->len += n;
    t->at[t->len] = '\0';
}

void mt_ref_add(mt_ref_text *t, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n > 0) {
        reserve(t, (size_t)n);
        vsnprintf(t->at + t->len, (size_t)n + 1, fmt, again);
        t->len += (size_t)n;
    }
    va_end(again);
}

void mt_ref_add_json(mt_ref_text *t, const char *bytes, size_t n)
{
    if (bytes == NULL) {
        mt_ref_add(t, "null");
        return;
    }
    mt_ref_add_bytes(t, "\"", 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\')
            mt_ref_add(t, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            mt_ref_add(t, "\\u%04x", c);
        else
            mt_ref_add_bytes(t, &c, 1);
    }
    mt_ref_add_bytes(t, "\"", 1);
}

void mt_ref_add_json_text(mt_ref_text *t, const char *text)
{
    mt_ref_add_json(t, text, text != NULL ? strlen(text) : 0);
}

void mt_ref_text_free(mt_ref_text *t)
{
    mt_ref_free(t->at);
    *t = (mt_ref_text){0};
}
