// SPDX-License-Identifier: Apache-2.0
#ifndef MT_TEST_ENGINE_PAIR_H
#define MT_TEST_ENGINE_PAIR_H
/* Two engines in memory, and the least that can pass for a certificate: enough for the engine, which only looks for its key. */
#include "engine/engine.h"

typedef struct mt_test_identity {
    mt_key *key;
    mt_writer certificate;
    mt_span chain[1];
    mt_identity identity;
} mt_test_identity;

static inline void mt_test_identity_make(mt_test_identity *t, mt_key_kind kind)
{
    static const uint8_t serial[] = {0x02, 0x01, 0x01}, empty[] = {0x30, 0x00};
    mt_writer spki = {0}, tbs = {0}, inner = {0};
    t->key = mt_key_make(kind, 0);
    mt_key_spki(t->key, &spki);
    mt_write_bytes(&tbs, mt_span_of(serial, sizeof serial));
    for (int i = 0; i < 4; i++)
        mt_write_bytes(&tbs, mt_span_of(empty, sizeof empty));
    mt_write_bytes(&tbs, mt_written(&spki));
    mt_write_uint(&inner, 0x3082, 2);
    mt_write_vec(&inner, 2, mt_written(&tbs));
    t->certificate = (mt_writer){0};
    mt_write_uint(&t->certificate, 0x3082, 2);
    mt_write_vec(&t->certificate, 2, mt_written(&inner));
    t->chain[0] = mt_written(&t->certificate);
    t->identity = (mt_identity){t->chain, 1, t->key};
    mt_writer_free(&spki);
    mt_writer_free(&tbs);
    mt_writer_free(&inner);
}

static inline void mt_test_identity_free(mt_test_identity *t)
{
    mt_key_free(t->key);
    mt_writer_free(&t->certificate);
}

/* Carries bytes to and fro until nobody has any left. */
static inline void mt_test_pump(mt_engine *a, mt_engine *b)
{
    for (int i = 0; i < 100 && mt_engine_output(a).len + mt_engine_output(b).len != 0; i++) {
        mt_engine *from = mt_engine_output(a).len != 0 ? a : b, *to = from == a ? b : a;
        mt_span bytes = mt_engine_output(from);
        mt_engine_feed(to, bytes);
        mt_engine_sent(from, bytes.len);
    }
}
#endif
