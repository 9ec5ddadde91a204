// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

/* TLS 1.2 (RFC 5246, ECDHE of RFC 8422): the flow and the rows of its own. */

enum { EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff /* RFC 5746 3.3: stands for the extension */ };

mt_need mt_need_from_server(const mt_engine *e)
{
    return e->c.role == MT_CLIENT ? MT_MAY : MT_ABSENT;
}

static void add_extensions(mt_engine *e, mt_extension_set *x)
{
    mt_add_groups_and_schemes(e, x);
    mt_extension_add(x, MT_EXT_EXTENDED_MASTER_SECRET);
    mt_extension_add(x, MT_EXT_RENEGOTIATION_INFO);
    mt_extension_add(x, MT_EXT_EC_POINT_FORMATS);
}

/* ---- the server's choices and its hello ---- */

static bool is_offered(const mt_client_hello *h)
{
    if (mt_extension_has(&h->extensions, MT_EXT_SUPPORTED_VERSIONS))
        return mt_u16s_has(h->extensions.versions, MT_TLS12);
    return h->legacy_version >= MT_TLS12;
}

static bool choose_suite(mt_engine *e, const mt_client_hello *h)
{
    for (size_t i = 0; i < h->suites.len; i++) {
        const mt_suite *s = mt_suite_find(h->suites.at[i]);
        if (!mt_suite_offered(e, s) || !mt_choose_identity(e, s->auth))
            continue;
        mt_use_suite(e, s->code);
        return true;
    }
    return false;
}

static void choose_group(mt_engine *e, const mt_extension_set *x)
{
    for (size_t i = 0; i < x->groups.len; i++)
        if (mt_group_allowed(e, x->groups.at[i])) {
            e->info.group = x->groups.at[i];
            return;
        }
    mt_fail(e, MT_ALERT_HANDSHAKE_FAILURE, "no group in common");
}

static void take_hello(mt_engine *e, const mt_client_hello *h)
{
    e->extended_master_secret = mt_extension_has(&h->extensions, MT_EXT_EXTENDED_MASTER_SECRET);
    if (choose_suite(e, h))
        choose_group(e, &h->extensions);
    else
        mt_fail(e, MT_ALERT_HANDSHAKE_FAILURE, "no cipher suite in common for our certificates");
}

static void answer_extensions(mt_engine *e, mt_extension_set *x)
{
    static const uint16_t echoed[] = {MT_EXT_EXTENDED_MASTER_SECRET, MT_EXT_RENEGOTIATION_INFO, MT_EXT_EC_POINT_FORMATS};
    const mt_extension_set *offered = &e->hello.extensions;
    for (size_t i = 0; i < MT_COUNT(echoed); i++)
        if (mt_extension_has(offered, echoed[i]))
            mt_extension_add(x, echoed[i]);
    if (mt_u16s_has(e->hello.suites, EMPTY_RENEGOTIATION_INFO_SCSV))
        mt_extension_add(x, MT_EXT_RENEGOTIATION_INFO);
    for (size_t i = 0; e->c.alpn != NULL && i < offered->alpn.len; i++)
        if (mt_span_equal(offered->alpn.at[i], mt_span_text(e->c.alpn))) {
            x->alpn = (mt_spans){&offered->alpn.at[i], 1};
            mt_extension_add(x, MT_EXT_ALPN);
            e->info.alpn = e->c.alpn;
            return;
        }
}

void mt_write_server_hello12(mt_engine *e, mt_msg *m)
{
    mt_server_hello *h = &m->as.server_hello;
    h->legacy_version = e->protocol->wire_version;
    h->random = mt_random_span(e, MT_RANDOM);
    h->suite = e->info.suite;
    answer_extensions(e, &h->extensions);
}

/* What both sides sign or verify for ServerKeyExchange: both randoms and the parameters (RFC 8422 5.4). */
static void key_exchange_content(const mt_engine *e, mt_span params, mt_writer *out)
{
    mt_write_bytes(out, e->client_random);
    mt_write_bytes(out, e->server_random);
    mt_write_bytes(out, params);
}

static void write_server_key_exchange(mt_engine *e, mt_msg *m)
{
    mt_server_key_exchange *k = &m->as.server_key_exchange;
    mt_writer params = {0}, content = {0}, signature = {0};
    k->curve_type = 3;
    k->group = e->info.group;
    k->point = mt_exchange_share(mt_exchange_add(e, k->group));
    k->scheme = e->scheme->code;
    mt_write_uint(&params, k->curve_type, 1);
    mt_write_uint(&params, k->group, 2);
    mt_write_vec(&params, 1, k->point);
    key_exchange_content(e, mt_written(&params), &content);
    if (!mt_sign(e->identity.key, e->scheme, mt_written(&content), &signature))
        mt_fail(e, MT_ALERT_INTERNAL_ERROR, "our key cannot sign under scheme 0x%04x", k->scheme);
    k->signature = mt_keep(e, &signature);
    mt_writer_free(&params);
    mt_writer_free(&content);
}

static void read_client_key_exchange(mt_engine *e, const mt_msg *m)
{
    if (!mt_exchange_derive(mt_exchange_of(e, e->info.group), m->as.client_key_exchange, &e->premaster))
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the client's point is not a valid one");
}

/* ---- the client's side ---- */

void mt_read_server_hello12(mt_engine *e, const mt_msg *m)
{
    const mt_server_hello *h = &m->as.server_hello;
    if (h->legacy_version != e->protocol->wire_version || mt_extension_has(&h->extensions, MT_EXT_SUPPORTED_VERSIONS)) {
        mt_fail(e, MT_ALERT_PROTOCOL_VERSION, "the server does not choose %s", mt_code_name(&mt_versions, e->protocol->version));
        return;
    }
    if (!mt_suite_offered(e, mt_suite_find(h->suite)) || h->compression != 0) {
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the server chooses suite 0x%04x, which was not offered", h->suite);
        return;
    }
    e->info.version = e->protocol->version;
    e->extended_master_secret = mt_extension_has(&h->extensions, MT_EXT_EXTENDED_MASTER_SECRET);
    if (mt_extension_has(&h->extensions, MT_EXT_ALPN))
        e->info.alpn = mt_arena_copy(e->arena, h->extensions.alpn.at[0].at, h->extensions.alpn.at[0].len);
    mt_use_suite(e, h->suite);
}

static bool server_signature_holds(mt_engine *e, const mt_server_key_exchange *k)
{
    const mt_scheme *s = mt_scheme_find(k->scheme);
    if (!mt_u16s_has(mt_our_schemes(e), k->scheme) || s == NULL || !mt_scheme_fits(s, e->peer_key, MT_TLS12))
        return false;
    mt_writer content = {0};
    key_exchange_content(e, k->params, &content);
    bool ok = mt_verify(e->peer_key, s, mt_written(&content), k->signature);
    mt_writer_free(&content);
    return ok;
}

static void read_server_key_exchange(mt_engine *e, const mt_msg *m)
{
    const mt_server_key_exchange *k = &m->as.server_key_exchange;
    if (!mt_group_allowed(e, k->group)) {
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the server chooses group 0x%04x, which was not offered", k->group);
        return;
    }
    if (!server_signature_holds(e, k)) {
        mt_fail(e, MT_ALERT_DECRYPT_ERROR, "the signature of ServerKeyExchange does not verify");
        return;
    }
    e->info.group = k->group;
    e->info.peer_scheme = k->scheme;
    e->info.peer_proved = true;
    e->peer_share = k->point;
    if (!mt_exchange_derive(mt_exchange_add(e, k->group), k->point, &e->premaster))
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the server's point is not a valid one");
}

static void write_client_key_exchange(mt_engine *e, mt_msg *m)
{
    m->as.client_key_exchange = mt_exchange_share(mt_exchange_of(e, e->info.group));
}

/* RFC 5246 7.4.8: all handshake messages so far, whoever signs. */
static void content(const mt_engine *e, mt_role signer, mt_span transcript, mt_writer *out)
{
    (void)e, (void)signer;
    mt_write_bytes(out, transcript);
}

static const mt_row flow[] = {
    /* who says it, record, message, name */
    {MT_CLIENT, MT_HANDSHAKE, MT_CLIENT_HELLO, "client_hello", .write = mt_write_hello, .read = mt_read_first_hello},
    {MT_SERVER, MT_HANDSHAKE, MT_SERVER_HELLO, "server_hello", .write = mt_write_server_hello12, .read = mt_read_server_hello12},
    {MT_SERVER, MT_HANDSHAKE, MT_CERTIFICATE, "certificate", .write = mt_write_certificate_row, .read = mt_read_certificate_row},
    {MT_SERVER, MT_HANDSHAKE, MT_CERTIFICATE_STATUS, "certificate_status", .need = mt_need_from_server},
    {MT_SERVER, MT_HANDSHAKE, MT_SERVER_KEY_EXCHANGE, "server_key_exchange",
     .write = write_server_key_exchange, .read = read_server_key_exchange},
    {MT_SERVER, MT_HANDSHAKE, MT_CERTIFICATE_REQUEST, "certificate_request",
     .need = mt_need_request, .write = mt_write_request_row, .read = mt_read_request_row},
    {MT_SERVER, MT_HANDSHAKE, MT_SERVER_HELLO_DONE, "server_hello_done", .need = NULL},
    {MT_CLIENT, MT_HANDSHAKE, MT_CERTIFICATE, "certificate",
     .need = mt_need_client_certificate, .write = mt_write_certificate_row, .read = mt_read_certificate_row},
    {MT_CLIENT, MT_HANDSHAKE, MT_CLIENT_KEY_EXCHANGE, "client_key_exchange",
     .write = write_client_key_exchange, .read = read_client_key_exchange, .after = mt_tls12_master},
    {MT_CLIENT, MT_HANDSHAKE, MT_CERTIFICATE_VERIFY, "certificate_verify",
     .need = mt_need_client_verify, .write = mt_write_verify_row, .read = mt_read_verify_row},
    {MT_CLIENT, MT_CHANGE_CIPHER_SPEC, 0, "change_cipher_spec", .after = mt_tls12_client_keys},
    {MT_CLIENT, MT_HANDSHAKE, MT_FINISHED, "finished", .write = mt_write_finished_row, .read = mt_read_finished_row},
    {MT_SERVER, MT_HANDSHAKE, MT_NEW_SESSION_TICKET, "new_session_ticket", .need = mt_need_from_server},
    {MT_SERVER, MT_CHANGE_CIPHER_SPEC, 0, "change_cipher_spec", .after = mt_tls12_server_keys},
    {MT_SERVER, MT_HANDSHAKE, MT_FINISHED, "finished", .write = mt_write_finished_row, .read = mt_read_finished_row},
};

const mt_protocol mt_tls12 = {
    .version = MT_TLS12,
    .wire_version = MT_TLS12,
    .first_record_version = 0x0301,
    .curves_bind = true,
    .flow = flow,
    .flow_len = MT_COUNT(flow),
    .has_warnings = true,
    .is_offered = is_offered,
    .take_hello = take_hello,
    .add_extensions = add_extensions,
    .fill_request = mt_fill_request12,
    .odd_request = mt_odd_request12,
    .content = content,
    .verify_data = mt_tls12_verify_data,
    .missing_certificate = MT_ALERT_HANDSHAKE_FAILURE,
};
