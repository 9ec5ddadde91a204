// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

/* TLS 1.3 (RFC 8446): the flow and the rows of its own. */

static bool is_retry(mt_span body)
{
    return body.len >= 2 + MT_RANDOM && memcmp(body.at + 2, mt_retry_random, MT_RANDOM) == 0;
}

static bool is_not_retry(mt_span body)
{
    return !is_retry(body);
}

static mt_need need_retry(const mt_engine *e)
{
    if (e->c.role == MT_CLIENT)
        return MT_MAY;
    return e->retry_group != 0 ? MT_MUST : MT_ABSENT;
}

static mt_need need_second_hello(const mt_engine *e)
{
    return e->info.retried ? MT_MUST : MT_ABSENT;
}

/* RFC 8446 D.4: sent in compatibility mode, which a client's session id asks for; the peer's means nothing. */
static mt_need need_server_ccs(const mt_engine *e)
{
    return e->c.role == MT_SERVER && e->session_id.len != 0 ? MT_MUST : MT_ABSENT;
}

static mt_need need_client_ccs(const mt_engine *e)
{
    return e->c.role == MT_CLIENT ? MT_MUST : MT_ABSENT;
}

static void add_extensions(mt_engine *e, mt_extension_set *x)
{
    static const uint16_t versions[] = {MT_TLS13};
    mt_add_groups_and_schemes(e, x);
    x->versions = (mt_u16s){versions, 1};
    mt_extension_add(x, MT_EXT_SUPPORTED_VERSIONS);
    mt_add_shares(e, x);
    x->cookie = e->cookie;
    if (e->cookie.len != 0)
        mt_extension_add(x, MT_EXT_COOKIE);
}

/* ---- hellos, the server's side ---- */

static bool is_offered(const mt_client_hello *h)
{
    return mt_u16s_has(h->extensions.versions, MT_TLS13);
}

/* RFC 8998 binds the certificate to the suite; elsewhere any will do. */
static bool fits(mt_engine *e, const mt_suite *s)
{
    return mt_suite_offered(e, s) && mt_choose_identity(e, s->auth);
}

static void choose_suite(mt_engine *e, const mt_client_hello *h)
{
    for (size_t i = 0; i < h->suites.len; i++)
        if (fits(e, mt_suite_find(h->suites.at[i]))) {
            mt_use_suite(e, h->suites.at[i]);
            return;
        }
    mt_fail(e, MT_ALERT_HANDSHAKE_FAILURE, "no cipher suite in common, or no certificate of ours for the signature_algorithms offered");
}

static bool take_share(mt_engine *e, const mt_extension_set *x)
{
    for (size_t i = 0; i < x->shares.len; i++)
        if (mt_group_allowed(e, x->shares.at[i].group)) {
            e->info.group = x->shares.at[i].group;
            e->peer_share = x->shares.at[i].share;
            return true;
        }
    return false;
}

static void ask_for_share(mt_engine *e, const mt_extension_set *x)
{
    for (size_t i = 0; i < x->groups.len && e->retry_group == 0; i++)
        if (mt_group_allowed(e, x->groups.at[i]))
            e->retry_group = x->groups.at[i];
    if (e->retry_group == 0)
        mt_fail(e, MT_ALERT_HANDSHAKE_FAILURE, "no group in common");
}

static void take_hello(mt_engine *e, const mt_client_hello *h)
{
    const mt_extension_set *x = &h->extensions;
    if (!mt_extension_has(x, MT_EXT_SIGNATURE_ALGORITHMS) || !mt_extension_has(x, MT_EXT_KEY_SHARE)) {
        mt_fail(e, MT_ALERT_MISSING_EXTENSION, "ClientHello lacks signature_algorithms or key_share");
        return;
    }
    choose_suite(e, h);
    if (!mt_ended(e) && !take_share(e, x))
        ask_for_share(e, x);
}

static void read_second_hello(mt_engine *e, const mt_msg *m)
{
    const mt_extension_set *x = &m->as.client_hello.extensions;
    e->hello = m->as.client_hello;
    if (!take_share(e, x) || e->info.group != e->retry_group)
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the second ClientHello has no share in the group asked for");
}

static void fill_hello(mt_engine *e, mt_server_hello *h)
{
    static const uint16_t version[] = {MT_TLS13};
    h->legacy_version = e->protocol->wire_version;
    h->session_id = e->session_id;
    h->suite = e->info.suite;
    h->extensions.versions = (mt_u16s){version, 1};
    mt_extension_add(&h->extensions, MT_EXT_SUPPORTED_VERSIONS);
    mt_extension_add(&h->extensions, MT_EXT_KEY_SHARE);
}

static void write_retry(mt_engine *e, mt_msg *m)
{
    mt_server_hello *h = &m->as.server_hello;
    mt_key_share *share = MT_ARENA_NEW(e->arena, mt_key_share);
    share->group = e->retry_group;
    fill_hello(e, h);
    h->random = mt_span_of(mt_retry_random, MT_RANDOM);
    h->extensions.shares = (mt_key_shares){share, 1};
    mt_transcript_retry(e->transcript);
    e->info.retried = true;
}

static void derive_shared(mt_engine *e)
{
    mt_exchange *x = mt_exchange_of(e, e->info.group);
    if (!mt_exchange_derive(x, e->peer_share, &e->premaster))
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the peer's share is not a valid one");
}

static void write_server_hello(mt_engine *e, mt_msg *m)
{
    mt_server_hello *h = &m->as.server_hello;
    mt_key_share *share = MT_ARENA_NEW(e->arena, mt_key_share);
    *share = (mt_key_share){e->info.group, mt_exchange_share(mt_exchange_add(e, e->info.group))};
    fill_hello(e, h);
    h->random = mt_random_span(e, MT_RANDOM);
    h->extensions.shares = (mt_key_shares){share, 1};
    derive_shared(e);
}

static void write_encrypted_extensions(mt_engine *e, mt_msg *m)
{
    const mt_spans *offered = &e->hello.extensions.alpn;
    for (size_t i = 0; e->c.alpn != NULL && i < offered->len; i++)
        if (mt_span_equal(offered->at[i], mt_span_text(e->c.alpn))) {
            m->as.encrypted_extensions.alpn = (mt_spans){&offered->at[i], 1};
            mt_extension_add(&m->as.encrypted_extensions, MT_EXT_ALPN);
            e->info.alpn = e->c.alpn;
            return;
        }
}

/* ---- hellos, the client's side ---- */

static bool hello_is_sound(mt_engine *e, const mt_server_hello *h)
{
    const mt_suite *s = mt_suite_find(h->suite);
    bool is13 = mt_extension_has(&h->extensions, MT_EXT_SUPPORTED_VERSIONS) && h->extensions.versions.at[0] == MT_TLS13;
    if (!is13)
        mt_fail(e, MT_ALERT_PROTOCOL_VERSION, "the server does not choose TLS 1.3");
    else if (!mt_span_equal(h->session_id, e->hello.session_id) || h->compression != 0)
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "ServerHello does not echo legacy_session_id");
    else if (!mt_suite_offered(e, s) || (e->suite != NULL && e->suite != s))
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the server chooses suite 0x%04x, which was not offered", h->suite);
    return !mt_ended(e);
}

static void read_retry(mt_engine *e, const mt_msg *m)
{
    const mt_server_hello *h = &m->as.server_hello;
    if (!hello_is_sound(e, h))
        return;
    bool shares = mt_extension_has(&h->extensions, MT_EXT_KEY_SHARE);
    uint16_t group = shares ? h->extensions.shares.at[0].group : 0;
    if (shares && (!mt_group_allowed(e, group) || mt_exchange_of(e, group) != NULL)) {
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "HelloRetryRequest asks for group 0x%04x", group);
        return;
    }
    e->retry_group = group;
    e->cookie = h->extensions.cookie;
    e->info.retried = true;
    mt_use_suite(e, h->suite);
    mt_transcript_retry(e->transcript);
}

static void read_server_hello(mt_engine *e, const mt_msg *m)
{
    const mt_server_hello *h = &m->as.server_hello;
    if (!hello_is_sound(e, h))
        return;
    if (!mt_extension_has(&h->extensions, MT_EXT_KEY_SHARE)) {
        mt_fail(e, MT_ALERT_MISSING_EXTENSION, "ServerHello lacks key_share");
        return;
    }
    const mt_key_share *share = &h->extensions.shares.at[0];
    if (mt_exchange_of(e, share->group) == NULL) {
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the server chooses group 0x%04x, which has no share of ours", share->group);
        return;
    }
    e->info.version = MT_TLS13;
    e->info.group = share->group;
    e->peer_share = share->share;
    mt_use_suite(e, h->suite);
    derive_shared(e);
}

static void read_encrypted_extensions(mt_engine *e, const mt_msg *m)
{
    const mt_extension_set *x = &m->as.encrypted_extensions;
    if (mt_extension_forbidden(x, MT_IN_ENCRYPTED_EXTENSIONS) >= 0) {
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "EncryptedExtensions carries what may not stand there");
        return;
    }
    if (mt_extension_has(x, MT_EXT_ALPN))
        e->info.alpn = mt_arena_copy(e->arena, x->alpn.at[0].at, x->alpn.at[0].len);
}

/* RFC 8446 4.4.3 */
static void content(const mt_engine *e, mt_role signer, mt_span transcript, mt_writer *out)
{
    bool whole = transcript.at == mt_transcript_bytes(e->transcript).at && transcript.len == mt_transcript_bytes(e->transcript).len;
    mt_digest hash = whole ? mt_transcript_hash(e->transcript) : mt_hash(mt_transcript_hash_id(e->transcript), transcript);
    mt_schedule_signed13(signer == MT_SERVER, &hash, out);
}

static const mt_row flow[] = {
    /* who says it, record, message, name */
    {MT_CLIENT, MT_HANDSHAKE, MT_CLIENT_HELLO, "client_hello", .write = mt_write_hello, .read = mt_read_first_hello},
    {MT_SERVER, MT_HANDSHAKE, MT_SERVER_HELLO, "hello_retry_request",
     .need = need_retry, .is = is_retry, .write = write_retry, .read = read_retry},
    {MT_CLIENT, MT_HANDSHAKE, MT_CLIENT_HELLO, "client_hello",
     .need = need_second_hello, .write = mt_write_hello, .read = read_second_hello},
    {MT_SERVER, MT_HANDSHAKE, MT_SERVER_HELLO, "server_hello",
     .is = is_not_retry, .write = write_server_hello, .read = read_server_hello, .after = mt_tls13_handshake_keys},
    {MT_SERVER, MT_CHANGE_CIPHER_SPEC, 0, "change_cipher_spec", .need = need_server_ccs},
    {MT_SERVER, MT_HANDSHAKE, MT_ENCRYPTED_EXTENSIONS, "encrypted_extensions",
     .write = write_encrypted_extensions, .read = read_encrypted_extensions},
    {MT_SERVER, MT_HANDSHAKE, MT_CERTIFICATE_REQUEST, "certificate_request",
     .need = mt_need_request, .write = mt_write_request_row, .read = mt_read_request_row},
    {MT_SERVER, MT_HANDSHAKE, MT_CERTIFICATE, "certificate", .write = mt_write_certificate_row, .read = mt_read_certificate_row},
    {MT_SERVER, MT_HANDSHAKE, MT_CERTIFICATE_VERIFY, "certificate_verify",
     .write = mt_write_verify_row, .read = mt_read_verify_row},
    {MT_SERVER, MT_HANDSHAKE, MT_FINISHED, "finished",
     .write = mt_write_finished_row, .read = mt_read_finished_row, .after = mt_tls13_server_finished},
    {MT_CLIENT, MT_CHANGE_CIPHER_SPEC, 0, "change_cipher_spec", .need = need_client_ccs},
    {MT_CLIENT, MT_HANDSHAKE, MT_CERTIFICATE, "certificate",
     .need = mt_need_client_certificate, .write = mt_write_certificate_row, .read = mt_read_certificate_row},
    {MT_CLIENT, MT_HANDSHAKE, MT_CERTIFICATE_VERIFY, "certificate_verify",
     .need = mt_need_client_verify, .write = mt_write_verify_row, .read = mt_read_verify_row},
    {MT_CLIENT, MT_HANDSHAKE, MT_FINISHED, "finished",
     .write = mt_write_finished_row, .read = mt_read_finished_row, .after = mt_tls13_client_finished},
};

const mt_protocol mt_tls13 = {
    .version = MT_TLS13,
    .wire_version = MT_TLS12,
    .first_record_version = 0x0301,
    .session_id = MT_SESSION_ID_MAX,
    .ignores_ccs = true,
    .flow = flow,
    .flow_len = MT_COUNT(flow),
    .pads_records = true,
    .is_offered = is_offered,
    .take_hello = take_hello,
    .add_extensions = add_extensions,
    .fill_request = mt_fill_request13,
    .odd_request = mt_odd_request13,
    .content = content,
    .verify_data = mt_tls13_verify_data,
    .missing_certificate = MT_ALERT_CERTIFICATE_REQUIRED,
};
