// SPDX-License-Identifier: Apache-2.0
#ifndef MT_BASE_MEM_H
#define MT_BASE_MEM_H
/* Memory that cannot fail. Every function here either returns what was asked for or prints one line and ends the
 * process with exit code 3: exhaustion of a tool is not a case that callers handle. Sizes that a peer controls are
 * capped by the caller before they come here. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define MT_MUST_CHECK __attribute__((warn_unused_result))
#define MT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MT_NORETURN __attribute__((noreturn))
#define MT_COUNT(array) (sizeof(array) / sizeof(array)[0])

/* mt_die prints "mtlspec: " and the formatted text to stderr and ends the process with exit code 3. */
MT_NORETURN void mt_die(const char *fmt, ...) MT_PRINTF(1, 2);

/* mt_alloc returns `n` zeroed bytes, owned by the caller, for mt_free. */
void *mt_alloc(size_t n);
/* mt_realloc resizes `p` (NULL allowed) to n * size bytes; new bytes are not zeroed. Overflow of n * size dies. */
void *mt_realloc(void *p, size_t n, size_t size);
char *mt_strdup(const char *text);
void mt_free(void *p);

/* MT_GROW makes room for one more element in the array `at` of `len` elements and capacity `cap`. */
#define MT_GROW(at, len, cap) \
    do { \
        if ((len) == (cap)) { \
            (cap) = (cap) ? 2 * (cap) : 8; \
            (at) = mt_realloc((at), (cap), sizeof *(at)); \
        } \
    } while (0)

/* An arena holds memory that is released all at once: what a plan, a pki or a result is made of. */
typedef struct mt_arena mt_arena;
mt_arena *mt_arena_new(void);
void mt_arena_free(mt_arena *a); /* NULL is legal */
/* mt_arena_alloc returns `n` zeroed bytes, aligned for any type, that live as long as `a`. */
void *mt_arena_alloc(mt_arena *a, size_t n);
void *mt_arena_copy(mt_arena *a, const void *bytes, size_t n);
char *mt_arena_strdup(mt_arena *a, const char *text); /* NULL gives NULL */
char *mt_arena_printf(mt_arena *a, const char *fmt, ...) MT_PRINTF(2, 3);
#define MT_ARENA_NEW(arena, type) ((type *)mt_arena_alloc((arena), sizeof(type)))
#define MT_ARENA_ARRAY(arena, type, n) ((type *)mt_arena_alloc((arena), (n) * sizeof(type)))
#endif
