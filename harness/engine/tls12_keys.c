// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

/* The keys of RFC 5246 6.3 and 8.1, with the extended master secret of RFC 7627. */

static mt_span concat(mt_engine *e, mt_span a, mt_span b)
{
    uint8_t *both = mt_arena_alloc(e->arena, a.len + b.len);
    memcpy(both, a.at, a.len);
    memcpy(both + a.len, b.at, b.len);
    return mt_span_of(both, a.len + b.len);
}

void mt_tls12_master(mt_engine *e)
{
    mt_room master = {e->secrets.master, MT_MASTER_LEN};
    mt_span premaster = mt_written(&e->premaster);
    mt_digest session = mt_transcript_hash(e->transcript);
    if (e->extended_master_secret)
        mt_prf(e->suite->hash, premaster, "extended master secret", mt_digest_span(&session), master);
    else
        mt_prf(e->suite->hash, premaster, "master secret", concat(e, e->client_random, e->server_random), master);
    mt_keylog(e, "CLIENT_RANDOM", mt_span_of(e->secrets.master, MT_MASTER_LEN));
}

/* key_block: the MAC keys, if there are any, then the cipher's keys, then the fixed parts of the IVs; of each the client's first. */
static mt_protection *protection(mt_engine *e, mt_role writer)
{
    enum { KEY_MAX = 32 + 32, BLOCK_MAX = 2 * (KEY_MAX + 16) };
    uint8_t block[BLOCK_MAX], both[KEY_MAX];
    size_t mac = e->suite->mac_len, key = e->suite->key_len, iv = e->suite->iv_len, server = writer == MT_SERVER;
    mt_prf(e->suite->hash, mt_span_of(e->secrets.master, MT_MASTER_LEN), "key expansion", concat(e, e->server_random, e->client_random),
           (mt_room){block, 2 * (mac + key + iv)});
    memcpy(both, block + server * mac, mac);
    memcpy(both + mac, block + 2 * mac + server * key, key);
    return mt_protection_new(e->suite, mt_span_of(both, mac + key), mt_span_of(block + 2 * (mac + key) + server * iv, iv));
}

static void use(mt_engine *e, mt_role writer)
{
    if (writer == e->c.role)
        mt_set_writing(e, protection(e, writer));
    else
        mt_set_reading(e, protection(e, writer));
}

void mt_tls12_client_keys(mt_engine *e)
{
    use(e, MT_CLIENT);
}

void mt_tls12_server_keys(mt_engine *e)
{
    use(e, MT_SERVER);
}

/* RFC 5246 7.4.9 */
mt_digest mt_tls12_verify_data(const mt_engine *e, mt_role who)
{
    enum { VERIFY_DATA = 12 };
    mt_digest hash = mt_transcript_hash(e->transcript), out = {.len = VERIFY_DATA};
    mt_prf(e->suite->hash, mt_span_of(e->secrets.master, MT_MASTER_LEN), who == MT_CLIENT ? "client finished" : "server finished",
           mt_digest_span(&hash), (mt_room){out.at, out.len});
    return out;
}
