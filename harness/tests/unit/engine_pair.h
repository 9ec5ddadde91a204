// SPDX-License-Identifier: Apache-2.0
#ifndef MT_TEST_ENGINE_PAIR_H
#define MT_TEST_ENGINE_PAIR_H
/* Two engines in memory, and the least that can pass for a certificate: enough for the engine, which only looks for its key. */
#include "engine/engine.h"

typedef struct mt_test_identity {
    mt_key *key, *enc_key;
    mt_writer certificate, enc_certificate;
    mt_span chain[2];
    mt_identity identity;
} mt_test_identity;

static inline void mt_test_certificate(const mt_key *key, mt_writer *out)
{
    static const uint8_t serial[] = {0x02, 0x01, 0x01}, empty[] = {0x30, 0x00};
    mt_writer spki = {0}, tbs = {0}, inner = {0};
    mt_key_spki(key, &spki);
    mt_write_bytes(&tbs, mt_span_of(serial, sizeof serial));
    for (int i = 0; i < 4; i++)
        mt_write_bytes(&tbs, mt_span_of(empty, sizeof empty));
    mt_write_bytes(&tbs, mt_written(&spki));
    mt_write_uint(&inner, 0x3082, 2);
    mt_write_vec(&inner, 2, mt_written(&tbs));
    mt_write_uint(out, 0x3082, 2);
    mt_write_vec(out, 2, mt_written(&inner));
    mt_writer_free(&spki);
    mt_writer_free(&tbs);
    mt_writer_free(&inner);
}

static inline void mt_test_identity_make(mt_test_identity *t, mt_key_kind kind)
{
    *t = (mt_test_identity){.key = mt_key_make(kind, 0)};
    mt_test_certificate(t->key, &t->certificate);
    t->chain[0] = mt_written(&t->certificate);
    t->identity = (mt_identity){.chain = t->chain, .chain_len = 1, .key = t->key};
}

/* mt_test_pair_make makes what TLCP wants: a signing and an encryption certificate. */
static inline void mt_test_pair_make(mt_test_identity *t)
{
    mt_test_identity_make(t, MT_KEY_SM2);
    t->enc_key = mt_key_make(MT_KEY_SM2, 0);
    mt_test_certificate(t->enc_key, &t->enc_certificate);
    t->chain[1] = mt_written(&t->enc_certificate);
    t->identity = (mt_identity){.chain = t->chain, .chain_len = 2, .key = t->key, .enc_key = t->enc_key};
}

static inline void mt_test_identity_free(mt_test_identity *t)
{
    mt_key_free(t->key);
    mt_key_free(t->enc_key);
    mt_writer_free(&t->certificate);
    mt_writer_free(&t->enc_certificate);
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

/* True if the request that follows the handshake reaches the server and is answered. */
static inline bool mt_test_is_served(mt_engine *client, mt_engine *server)
{
    mt_engine_write(client, mt_span_text("ping"));
    mt_test_pump(client, server);
    if (mt_engine_info_of(server)->phase != MT_PHASE_OPEN || mt_engine_received(server).len == 0)
        return false;
    mt_engine_write(server, mt_span_text("pong"));
    mt_test_pump(client, server);
    return mt_engine_received(client).len != 0;
}
#endif
