// SPDX-License-Identifier: Apache-2.0
#include "attempt/serve_judge.h"

#include "base/writer.h"

enum { ROWS_MAX = 256 };

/* A judgement that was made. Those that no connection holds are forgotten when there are too many. */
typedef struct row {
    mt_judged judged; /* first: handed out */
    mt_writer chain;  /* the use, and each certificate behind its length */
    mt_arena *arena;
    size_t holders;
} row;

struct mt_bench {
    const mt_serve_config *config;
    row **rows;
    size_t len, cap;
};

mt_bench *mt_bench_new(const mt_serve_config *c)
{
    mt_bench *b = mt_alloc(sizeof *b);
    b->config = c;
    return b;
}

static void free_row(row *r)
{
    mt_writer_free(&r->chain);
    mt_arena_free(r->arena);
    mt_free(r);
}

void mt_bench_free(mt_bench *b)
{
    for (size_t i = 0; i < b->len; i++)
        free_row(b->rows[i]);
    mt_free(b->rows);
    mt_free(b);
}

static row *find(const mt_bench *b, mt_span key)
{
    for (size_t i = 0; i < b->len; i++)
        if (mt_span_equal(mt_written(&b->rows[i]->chain), key))
            return b->rows[i];
    return NULL;
}

static void forget_unheld(mt_bench *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->len; i++) {
        if (b->rows[i]->holders != 0)
            b->rows[kept++] = b->rows[i];
        else
            free_row(b->rows[i]);
    }
    b->len = kept;
}

static row *judge(mt_bench *b, const mt_span *chain, size_t n, mt_leaf_use use)
{
    const mt_serve_config *c = b->config;
    mt_path path = {.chain = chain, .chain_len = n, .anchors = c->anchors, .anchors_len = c->anchors_len,
        .purpose = MT_PURPOSE_CLIENT, .faults = c->path_faults, .use = use};
    row *r = mt_alloc(sizeof *r);
    r->arena = mt_arena_new();
    r->judged.verdict = use == MT_LEAF_SIGNS ? mt_path_verify(&path) : mt_path_verify_pair(&path);
    if (!mt_certificate_describe(chain[0], r->arena, &r->judged.who))
        r->judged.who = (mt_described){0};
    return r;
}

const mt_judged *mt_bench_judge(mt_bench *b, const mt_span *chain, size_t n, mt_leaf_use use)
{
    mt_writer key = {0};
    mt_write_uint(&key, use, 1);
    for (size_t i = 0; i < n; i++)
        mt_write_vec(&key, 4, chain[i]);
    row *r = find(b, mt_written(&key));
    if (r == NULL) {
        if (b->len >= ROWS_MAX)
            forget_unheld(b);
        r = judge(b, chain, n, use);
        r->chain = key;
        MT_GROW(b->rows, b->len, b->cap);
        b->rows[b->len++] = r;
    } else {
        mt_writer_free(&key);
    }
    r->holders++;
    return &r->judged;
}

void mt_bench_drop(mt_bench *b, const mt_judged *judged)
{
    for (size_t i = 0; judged != NULL && i < b->len; i++)
        if (&b->rows[i]->judged == judged)
            b->rows[i]->holders--;
}
