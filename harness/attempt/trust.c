// SPDX-License-Identifier: Apache-2.0
#include "attempt/trust.h"

#include "base/writer.h"

#include <stdio.h>

typedef struct judged {
    mt_writer chain; /* the use, and each certificate behind its length */
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

static mt_path_verdict verify(const mt_trust *t, const mt_trust_asked *asked)
{
    mt_path path = {.chain = asked->chain, .chain_len = asked->len, .anchors = t->config.anchors, .anchors_len = t->config.anchors_len,
        .purpose = MT_PURPOSE_SERVER, .host = t->config.host, .use = asked->use};
    return asked->use == MT_LEAF_SIGNS ? mt_path_verify(&path) : mt_path_verify_pair(&path);
}

static const mt_path_verdict *judge(mt_trust *t, const mt_trust_asked *asked)
{
    mt_writer key = {0};
    mt_write_uint(&key, asked->use, 1);
    for (size_t i = 0; i < asked->len; i++)
        mt_write_vec(&key, 4, asked->chain[i]);
    for (size_t i = 0; i < t->len; i++) {
        if (mt_span_equal(mt_written(&t->rows[i].chain), mt_written(&key))) {
            mt_writer_free(&key);
            return &t->rows[i].verdict;
        }
    }
    MT_GROW(t->rows, t->len, t->cap);
    t->rows[t->len] = (judged){.chain = key, .verdict = verify(t, asked)};
    return &t->rows[t->len++].verdict;
}

bool mt_trust_accepts(mt_trust *t, const mt_trust_asked *asked, uint8_t *alert, char text[200])
{
    if (t->config.insecure)
        return true;
    const mt_path_verdict *v = judge(t, asked);
    if (!v->ok) {
        *alert = v->alert;
        snprintf(text, 200, "%s", v->text);
    }
    return v->ok;
}

mt_leaf_use mt_trust_use(uint16_t suite)
{
    static const mt_leaf_use uses[] = {
        [MT_KEX_ECDHE] = MT_LEAF_SIGNS, [MT_KEX_SM2_ENCRYPTION] = MT_LEAF_ENCIPHERS, [MT_KEX_SM2_AGREEMENT] = MT_LEAF_AGREES,
    };
    return uses[mt_suite_find(suite)->kex];
}
