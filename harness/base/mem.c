// SPDX-License-Identifier: Apache-2.0
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 * 1024, EXIT_INTERNAL = 3 };

typedef struct block {
    struct block *next;
    size_t used, size;
    max_align_t bytes[];
} block;

struct mt_arena {
    block *first;
};

void mt_die(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("mtlspec: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_INTERNAL);
}

void *mt_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (p == NULL)
        mt_die("out of memory (%zu bytes)", n);
    return p;
}

void *mt_realloc(void *p, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / size)
        mt_die("size overflow (%zu times %zu)", n, size);
    size_t total = n * size;
    void *q = realloc(p, total == 0 ? 1 : total);
    if (q == NULL)
        mt_die("out of memory (%zu bytes)", n * size);
    return q;
}

char *mt_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    return memcpy(mt_alloc(n), text, n);
}

void mt_free(void *p)
{
    free(p);
}

mt_arena *mt_arena_new(void)
{
    return mt_alloc(sizeof(mt_arena));
}

void mt_arena_free(mt_arena *a)
{
    if (a == NULL)
        return;
    for (block *b = a->first; b != NULL;) {
        block *next = b->next;
        mt_free(b);
        b = next;
    }
    mt_free(a);
}

static block *block_with_room(mt_arena *a, size_t n)
{
    block *b = a->first;
    if (b != NULL && b->size - b->used >= n)
        return b;
    size_t size = n > BLOCK_SIZE ? n : BLOCK_SIZE;
    b = mt_alloc(sizeof *b + size);
    b->size = size;
    b->next = a->first;
    a->first = b;
    return b;
}

void *mt_arena_alloc(mt_arena *a, size_t n)
{
    size_t align = sizeof(max_align_t);
    if (n > SIZE_MAX - BLOCK_SIZE - align)
        mt_die("size overflow (%zu bytes)", n);
    n = (n + align - 1) / align * align;
    block *b = block_with_room(a, n);
    void *p = (char *)b->bytes + b->used;
    b->used += n;
    return p;
}

void *mt_arena_copy(mt_arena *a, const void *bytes, size_t n)
{
    void *p = mt_arena_alloc(a, n + 1);
    if (n != 0)
        memcpy(p, bytes, n);
    return p;
}

char *mt_arena_strdup(mt_arena *a, const char *text)
{
    return text ? mt_arena_copy(a, text, strlen(text)) : NULL;
}

char *mt_arena_printf(mt_arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        mt_die("cannot format text");
    char *text = mt_arena_alloc(a, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return text;
}
