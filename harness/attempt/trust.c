// SPDX-License-Identifier: Apache-2.0
#include "attempt/trust.h"

#include "base/writer.h"
#include "pki/verify.h"

#include <stdio.h>

typedef struct judged {
    mt_writer chain; /* each certificate behind its length */
    mt_path_verdict verdict;
} judged;

struct mt_trust {
    mt_trust_config config;
    judged *rows;
    size_t len, cap;
};

mt_trust *mt_trust_new(const mt_trust_config *c)
{
    mt_trust *t = mt_alloc(sizeof *t);
    t->config = *c;
    return t;
}

void mt_trust_free(mt_trust *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->len; i++)
        mt_writer_free(&t->rows[i].chain);
    mt_free(t->rows);
    mt_free(t);
}

static mt_path_verdict verify(const mt_trust *t, const mt_span *chain, size_t n)
{
    mt_path path = {.chain = chain, .chain_len = n, .anchors = t->config.anchors, .anchors_len = t->config.anchors_len,
        .purpose = MT_PURPOSE_SERVER, .host = t->config.host};
    return mt_path_verify(&path);
}

static const mt_path_verdict *judge(mt_trust *t, const mt_span *chain, size_t n)
{
    mt_writer key = {0};
    for (size_t i = 0; i < n; i++)
        mt_write_vec(&key, 4, chain[i]);
    for (size_t i = 0; i < t->len; i++) {
        if (mt_span_equal(mt_written(&t->rows[i].chain), mt_written(&key))) {
            mt_writer_free(&key);
            return &t->rows[i].verdict;
        }
    }
    MT_GROW(t->rows, t->len, t->cap);
    t->rows[t->len] = (judged){.chain = key, .verdict = verify(t, chain, n)};
    return &t->rows[t->len++].verdict;
}

static bool accepts(void *self, const mt_span *chain, size_t n, uint8_t *alert, char text[200])
{
    mt_trust *t = self;
    if (t->config.insecure)
        return true;
    const mt_path_verdict *v = judge(t, chain, n);
    if (!v->ok) {
        *alert = v->alert;
        snprintf(text, 200, "%s", v->text);
    }
    return v->ok;
}

mt_judge mt_trust_judge(mt_trust *t)
{
    return (mt_judge){.accepts = accepts, .self = t};
}
