// SPDX-License-Identifier: Apache-2.0
#include "crypto/sm2.h"
#include "replay/inner.h"

#include <zlib.h>

/* What each message means to somebody who looks on. `before` sees the transcript without the message, `after` with it. */

enum { COMPRESSED_CERTIFICATE = 25, ZLIB = 1, PREMASTER = 48 };

typedef struct seen {
    bool server;
    const mt_msg *msg;
} seen;

static mt_msg_form form_of(const mt_replay *r)
{
    return (mt_msg_form){r->version != 0 ? r->version : MT_TLS12, r->arena};
}

/* ---- hellos and keys ---- */

static void client_hello(mt_replay *r, const seen *s)
{
    r->randoms.client = s->msg->as.client_hello.random;
}

static mt_digest log_secret(const mt_replay *r, const char *label)
{
    mt_span found = mt_replay_secret(r->keys, label, r->randoms.client);
    mt_digest out = {.len = found.len == mt_hash_len(r->suite->hash) ? found.len : 0};
    if (out.len != 0)
        memcpy(out.at, found.at, out.len);
    return out;
}

static void use_traffic(mt_replay *r, bool server, const mt_digest *secret)
{
    mt_replay_use(r, server, secret->len != 0 ? mt_schedule_traffic(r->suite, mt_digest_span(secret)) : NULL);
}

static void find_master(mt_replay *r)
{
    mt_span found = mt_replay_secret(r->keys, "CLIENT_RANDOM", r->randoms.client);
    r->has_master = found.len == MT_MASTER_LEN;
    if (r->has_master)
        memcpy(r->master, found.at, MT_MASTER_LEN);
}

static void note_suite(mt_replay *r, const mt_server_hello *h)
{
    mt_writer text = {0};
    mt_code_write(&mt_suites, h->suite, &text);
    mt_writef(&text, " of ");
    mt_code_write(&mt_versions, r->version, &text);
    mt_writef(&text, " is none that can be opened here");
    mt_replay_note(r, true, "suite", mt_writer_text(&text));
    mt_writer_free(&text);
}

static void server_hello(mt_replay *r, const seen *s)
{
    const mt_server_hello *h = &s->msg->as.server_hello;
    bool chosen = mt_extension_has(&h->extensions, MT_EXT_SUPPORTED_VERSIONS) && h->extensions.versions.len == 1;
    r->version = chosen ? h->extensions.versions.at[0] : h->legacy_version;
    r->suite = mt_suite_find(h->suite);
    if (r->suite != NULL && r->suite->version != r->version)
        r->suite = NULL;
    r->randoms.server = h->random;
    if (r->suite == NULL) {
        note_suite(r, h);
        return;
    }
    mt_transcript_use(r->transcript, r->suite->hash);
    if (mt_is_retry(h))
        mt_transcript_retry(r->transcript);
    if (r->version != MT_TLS13)
        find_master(r);
}

static void after_server_hello(mt_replay *r, const seen *s)
{
    static const char *const labels[] = {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"};
    if (r->version != MT_TLS13 || mt_is_retry(&s->msg->as.server_hello))
        return;
    for (int side = 0; side < 2; side++) {
        if (r->suite != NULL)
            r->sides[side].handshake = log_secret(r, labels[side]);
        use_traffic(r, side, &r->sides[side].handshake);
    }
    if (r->sides[0].handshake.len == 0 || r->sides[1].handshake.len == 0)
        mt_replay_note(r, true, "key log", "has no handshake secrets for this client random");
}

void mt_replay_ccs(mt_replay *r, bool server)
{
    if (r->version == MT_TLS13 || r->version == 0)
        return;
    bool known = r->suite != NULL && r->has_master;
    mt_span master = mt_span_of(r->master, MT_MASTER_LEN);
    if (!known)
        mt_replay_note(r, server, "keys", "no master secret: neither a key log nor the server's encryption key gives it");
    mt_replay_use(r, server, known ? mt_schedule_block(r->suite, master, r->randoms, server) : NULL);
}

/* ---- key exchange ---- */

static void certificate(mt_replay *r, const seen *s)
{
    mt_replay_chain(r, s->server, &s->msg->as.certificate);
}

static void server_key_exchange(mt_replay *r, const seen *s)
{
    mt_replay_key_exchange(r, &s->msg->as.server_key_exchange);
}

static void take_premaster(mt_replay *r, mt_span premaster)
{
    uint8_t master[MT_MASTER_LEN];
    bool sound = premaster.len == PREMASTER && premaster.at[0] == (MT_TLCP >> 8) && premaster.at[1] == (MT_TLCP & 0xff);
    mt_replay_say(r, false, MT_REPLAY_PREMASTER, sound);
    mt_schedule_master(r->suite->hash, premaster, r->randoms, master);
    if (r->has_master)
        mt_replay_say(r, false, MT_REPLAY_MASTER, memcmp(master, r->master, MT_MASTER_LEN) == 0);
    memcpy(r->master, master, MT_MASTER_LEN);
    r->has_master = true;
}

static void client_key_exchange(mt_replay *r, const seen *s)
{
    mt_writer premaster = {0};
    bool encrypted = r->version == MT_TLCP && r->suite != NULL && r->suite->kex == MT_KEX_SM2_ENCRYPTION;
    const mt_key *key = encrypted ? mt_replay_key_of(r->keys, r->sides[1].enc_key) : NULL;
    if (key == NULL)
        return;
    if (mt_sm2_decrypt(key, s->msg->as.tlcp_key_exchange.ciphertext, &premaster))
        take_premaster(r, mt_written(&premaster));
    else
        mt_replay_say(r, false, MT_REPLAY_PREMASTER, false);
    mt_writer_free(&premaster);
}

static void certificate_verify(mt_replay *r, const seen *s)
{
    mt_replay_verify(r, s->server, &s->msg->as.certificate_verify);
}

/* ---- finished, and after it ---- */

static void finished(mt_replay *r, const seen *s)
{
    const mt_side *side = &r->sides[s->server];
    if (r->suite == NULL)
        return;
    mt_digest hash = mt_transcript_hash(r->transcript);
    mt_digest want = r->version == MT_TLS13
                         ? mt_schedule_verify_data13(r->suite->hash, mt_digest_span(&side->handshake), &hash)
                         : mt_schedule_verify_data(r->suite->hash, mt_span_of(r->master, MT_MASTER_LEN), s->server, &hash);
    mt_replay_say(r, s->server, MT_REPLAY_FINISHED, mt_span_equal(s->msg->as.finished, mt_digest_span(&want)));
}

static void after_finished(mt_replay *r, const seen *s)
{
    mt_side *side = &r->sides[s->server];
    side->finished = true;
    if (r->version != MT_TLS13 || r->suite == NULL)
        return;
    side->traffic = log_secret(r, s->server ? "SERVER_TRAFFIC_SECRET_0" : "CLIENT_TRAFFIC_SECRET_0");
    use_traffic(r, s->server, &side->traffic);
}

static void key_update(mt_replay *r, const seen *s)
{
    mt_side *side = &r->sides[s->server];
    if (r->version != MT_TLS13 || side->traffic.len == 0)
        return;
    side->traffic = mt_schedule_next(r->suite->hash, mt_digest_span(&side->traffic));
    use_traffic(r, s->server, &side->traffic);
}

/* ---- the table ---- */

static const struct {
    uint8_t type;
    void (*before)(mt_replay *r, const seen *s);
    void (*after)(mt_replay *r, const seen *s);
} rows[] = {
    {MT_CLIENT_HELLO, client_hello, NULL},
    {MT_SERVER_HELLO, server_hello, after_server_hello},
    {MT_CERTIFICATE, certificate, NULL},
    {MT_SERVER_KEY_EXCHANGE, server_key_exchange, NULL},
    {MT_CLIENT_KEY_EXCHANGE, client_key_exchange, NULL},
    {MT_CERTIFICATE_VERIFY, certificate_verify, NULL},
    {MT_FINISHED, finished, after_finished},
    {MT_KEY_UPDATE, NULL, key_update},
};

static void dispatch(mt_replay *r, const seen *s, bool after)
{
    for (size_t i = 0; i < MT_COUNT(rows); i++) {
        void (*run)(mt_replay *, const seen *) = after ? rows[i].after : rows[i].before;
        if (rows[i].type == s->msg->type && run != NULL)
            run(r, s);
    }
}

/* hello_request never counts (RFC 5246 7.4.1.1), nor what comes after both have finished; in TLS 1.3 a server's ticket and
 * anybody's key_update may come before that. */
static bool is_of_handshake(const mt_replay *r, bool server, uint8_t type)
{
    bool later = r->sides[server].finished && (r->version == MT_TLS13 || r->sides[!server].finished);
    return type != MT_HELLO_REQUEST && !later;
}

static void report(mt_replay *r, bool server, const char *name, const char *detail)
{
    mt_replay_event e = {.kind = MT_REPLAY_SAW_MESSAGE, .server = server, .is_protected = !r->sides[server].in_clear, .what = name,
                         .detail = detail};
    r->sink.see(r->sink.self, &e);
}

/* Inflates a CompressedCertificate (RFC 8879 4) to the body of a Certificate. An empty span: it is none, or not by zlib. */
static mt_span inflate_certificate(mt_replay *r, mt_span body)
{
    mt_parse p;
    mt_reader in = mt_parse_start(&p, body, false);
    uint64_t algorithm = mt_read_uint(&in, "algorithm", 2), want = mt_read_uint(&in, "uncompressed_length", 3);
    mt_span packed = mt_read_vec(&in, "compressed_certificate_message", 3).rest;
    bool ok = mt_read_end(&in) && algorithm == ZLIB && want <= MT_MESSAGE_MAX;
    mt_parse_free(&p);
    if (!ok)
        return (mt_span){0};
    uLongf len = (uLongf)want;
    uint8_t *plain = mt_arena_alloc(r->arena, want + 1);
    ok = uncompress(plain, &len, packed.at, packed.len) == Z_OK && len == want;
    return ok ? mt_span_of(plain, len) : (mt_span){0};
}

static bool is_readable(const mt_replay *r, uint8_t type)
{
    return r->suite != NULL || type == MT_CLIENT_HELLO || type == MT_SERVER_HELLO || type == MT_CERTIFICATE;
}

static void take_body(mt_replay *r, bool server, const mt_message *m, uint8_t type)
{
    mt_msg msg;
    mt_parse p = {0};
    mt_writer detail = {0};
    mt_msg_form form = form_of(r);
    const char *name = mt_code_name(&mt_messages, m->type);
    bool ok = mt_msg_read(type, m->body, &form, &msg, &p);
    seen s = {server, &msg};
    mt_msg_describe(type, m->body, &form, &detail);
    report(r, server, name != NULL ? name : "unknown message", mt_writer_text(&detail));
    mt_replay_quietly(r, server, MT_REPLAY_FORM, ok || !is_readable(r, type));
    if (ok)
        dispatch(r, &s, false);
    if (is_of_handshake(r, server, m->type))
        mt_transcript_add(r->transcript, name != NULL ? name : "unknown message", server, m->whole);
    if (ok)
        dispatch(r, &s, true);
    mt_writer_free(&detail);
    mt_parse_free(&p);
}

void mt_replay_message(mt_replay *r, bool server, mt_span whole)
{
    mt_message m = {whole.at[0], mt_span_skip(whole, MT_MESSAGE_HEADER), whole};
    bool compressed = m.type == COMPRESSED_CERTIFICATE && r->version == MT_TLS13;
    if (compressed)
        m.body = inflate_certificate(r, m.body);
    take_body(r, server, &m, compressed ? MT_CERTIFICATE : m.type);
}
