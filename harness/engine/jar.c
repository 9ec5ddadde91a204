// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

typedef struct jar_row {
    const char *name;
    mt_span bytes;
} jar_row;

struct mt_jar {
    mt_arena *arena;
    jar_row *rows;
    size_t len, cap;
};

mt_jar *mt_jar_new(void)
{
    mt_jar *j = mt_alloc(sizeof *j);
    j->arena = mt_arena_new();
    return j;
}

void mt_jar_free(mt_jar *j)
{
    if (j == NULL)
        return;
    mt_arena_free(j->arena);
    mt_free(j->rows);
    mt_free(j);
}

void mt_jar_put(mt_jar *j, const char *name, mt_span bytes)
{
    MT_GROW(j->rows, j->len, j->cap);
    j->rows[j->len++] = (jar_row){mt_arena_strdup(j->arena, name), mt_span_of(mt_arena_copy(j->arena, bytes.at, bytes.len), bytes.len)};
}

bool mt_jar_get(const mt_jar *j, const char *name, mt_span *out)
{
    for (size_t i = j->len; i > 0; i--)
        if (strcmp(j->rows[i - 1].name, name) == 0) {
            *out = j->rows[i - 1].bytes;
            return true;
        }
    return false;
}
