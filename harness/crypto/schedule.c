// SPDX-License-Identifier: Apache-2.0
#include "crypto/schedule.h"

enum { RANDOM_MAX = 32 };

static mt_span join(mt_span a, mt_span b, uint8_t both[2 * RANDOM_MAX])
{
    a = mt_span_first(a, RANDOM_MAX);
    b = mt_span_first(b, RANDOM_MAX);
    if (a.len != 0)
        memcpy(both, a.at, a.len);
    if (b.len != 0)
        memcpy(both + a.len, b.at, b.len);
    return mt_span_of(both, a.len + b.len);
}

void mt_schedule_master(mt_hash_id hash, mt_span premaster, mt_randoms r, uint8_t *master)
{
    uint8_t both[2 * RANDOM_MAX];
    mt_prf(hash, premaster, "master secret", join(r.client, r.server, both), (mt_room){master, MT_MASTER_LEN});
}

/* key_block: the MAC keys, if there are any, then the cipher's keys, then the fixed parts of the IVs; of each the client's first. */
mt_protection *mt_schedule_block(const mt_suite *s, mt_span master, mt_randoms r, bool server_writes)
{
    enum { KEY_MAX = 32 + 32, BLOCK_MAX = 2 * (KEY_MAX + 16) };
    uint8_t block[BLOCK_MAX], key[KEY_MAX], both[2 * RANDOM_MAX];
    size_t mac = s->mac_len, len = s->key_len, iv = s->iv_len, server = server_writes;
    mt_prf(s->hash, master, "key expansion", join(r.server, r.client, both), (mt_room){block, 2 * (mac + len + iv)});
    memcpy(key, block + server * mac, mac);
    memcpy(key + mac, block + 2 * mac + server * len, len);
    return mt_protection_new(s, mt_span_of(key, mac + len), mt_span_of(block + 2 * (mac + len) + server * iv, iv));
}

mt_digest mt_schedule_verify_data(mt_hash_id hash, mt_span master, bool server, const mt_digest *messages)
{
    enum { VERIFY_DATA = 12 };
    mt_digest out = {.len = VERIFY_DATA};
    mt_prf(hash, master, server ? "server finished" : "client finished", mt_digest_span(messages), (mt_room){out.at, out.len});
    return out;
}

mt_protection *mt_schedule_traffic(const mt_suite *s, mt_span secret)
{
    mt_digest key = mt_hkdf_expand_label(s->hash, secret, "key", (mt_span){0}, s->key_len);
    mt_digest iv = mt_hkdf_expand_label(s->hash, secret, "iv", (mt_span){0}, s->iv_len);
    return mt_protection_new(s, mt_digest_span(&key), mt_digest_span(&iv));
}

mt_digest mt_schedule_next(mt_hash_id hash, mt_span secret)
{
    return mt_hkdf_expand_label(hash, secret, "traffic upd", (mt_span){0}, mt_hash_len(hash));
}

mt_digest mt_schedule_verify_data13(mt_hash_id hash, mt_span secret, const mt_digest *messages)
{
    mt_digest key = mt_hkdf_expand_label(hash, secret, "finished", (mt_span){0}, mt_hash_len(hash));
    return mt_hmac(hash, mt_digest_span(&key), mt_digest_span(messages));
}

void mt_schedule_signed13(bool server, const mt_digest *messages, mt_writer *out)
{
    enum { SPACES = 64 };
    memset(mt_write_room(out, SPACES), ' ', SPACES);
    mt_write_bytes(out, mt_span_text(server ? "TLS 1.3, server CertificateVerify" : "TLS 1.3, client CertificateVerify"));
    mt_write_uint(out, 0, 1);
    mt_write_bytes(out, mt_digest_span(messages));
}
