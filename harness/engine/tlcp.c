// SPDX-License-Identifier: Apache-2.0
#include "crypto/sm2.h"
#include "engine/exchange_way.h"
#include "engine/resume.h"
#include "engine/state.h"

/* TLCP (GB/T 38636-2020, version 0101): the flow of TLS 1.1 with a signing and an encryption certificate on each side, SM2, SM3
 * and SM4. The rows that it shares with TLS 1.2 are in tls12.c. */

enum { RSA_SIGN = 1, ECDSA_SIGN = 64 };

static void no_extensions(mt_engine *e, mt_extension_set *x)
{
    (void)e, (void)x; /* some servers refuse a ClientHello with any that they do not know */
}

static bool is_offered(const mt_client_hello *h)
{
    return h->legacy_version == MT_TLCP;
}

/* ---- the server's choices ---- */

static bool has_pair(mt_engine *e)
{
    for (size_t i = 0; i < e->c.identities_len; i++) {
        const mt_identity *id = &e->c.identities[i];
        if (id->enc_key == NULL || id->chain_len < 2 || mt_key_kind_of(id->key) != MT_KEY_SM2)
            continue;
        e->identity = *id;
        return true;
    }
    return false;
}

/* The key agreement takes the keys of both sides: without a client certificate there is none. */
static bool may_choose(const mt_engine *e, const mt_suite *s)
{
    if (!mt_suite_offered(e, s))
        return false;
    return s->kex != MT_KEX_SM2_AGREEMENT || e->c.request == MT_REQUEST_REQUIRED;
}

static void take_hello(mt_engine *e, const mt_client_hello *h)
{
    if (mt_session_take_up(e, h))
        return;
    for (size_t i = 0; i < h->suites.len && has_pair(e); i++)
        if (may_choose(e, mt_suite_find(h->suites.at[i]))) {
            mt_use_suite(e, h->suites.at[i]);
            return;
        }
    mt_fail(e, MT_ALERT_HANDSHAKE_FAILURE, "no cipher suite in common for our certificates");
}

static void write_server_hello(mt_engine *e, mt_msg *m)
{
    mt_write_server_hello12(e, m);
    mt_session_answer(e, &m->as.server_hello);
}

static void read_server_hello(mt_engine *e, const mt_msg *m)
{
    mt_read_server_hello12(e, m);
    if (!mt_ended(e))
        mt_session_answered(e, &m->as.server_hello);
}

static void fill_request(mt_engine *e, mt_certificate_request *c)
{
    static const uint8_t types[] = {RSA_SIGN, ECDSA_SIGN};
    c->types = mt_span_of(types, mt_has_fault(e, MT_REQUEST_CONTRADICTING_TYPES) ? 1 : sizeof types);
    c->names = mt_names_to_list(e);
}

static const char *odd_request(const mt_certificate_request *c)
{
    bool serves = c->types.len != 0 && memchr(c->types.at, ECDSA_SIGN, c->types.len) != NULL;
    return serves ? NULL : "certificate_types does not list ecdsa_sign (GB/T 38636, CertificateRequest)";
}

/* ---- ServerKeyExchange: it signs the encryption certificate, or the point ---- */

static bool is_agreement(const mt_engine *e)
{
    return e->suite->kex == MT_KEX_SM2_AGREEMENT;
}

static void key_exchange_content(const mt_engine *e, mt_span enc_certificate, mt_span params, mt_writer *out)
{
    mt_write_bytes(out, e->client_random);
    mt_write_bytes(out, e->server_random);
    if (is_agreement(e))
        mt_write_bytes(out, params);
    else
        mt_write_vec(out, 3, enc_certificate);
}

static void write_params(mt_writer *w, const mt_server_key_exchange *k)
{
    mt_write_uint(w, k->curve_type, 1);
    mt_write_uint(w, k->group, 2);
    mt_write_vec(w, 1, k->point);
}

static void write_server_key_exchange(mt_engine *e, mt_msg *m)
{
    mt_server_key_exchange *k = &m->as.server_key_exchange;
    mt_writer params = {0}, content = {0}, signature = {0};
    if (is_agreement(e)) {
        e->info.group = MT_CURVE_SM2;
        *k = (mt_server_key_exchange){.curve_type = 3, .group = MT_CURVE_SM2, .point = mt_exchange_share(mt_exchange_add(e, MT_CURVE_SM2))};
        write_params(&params, k);
    }
    key_exchange_content(e, e->identity.chain[1], mt_written(&params), &content);
    if (!mt_sign(e->identity.key, e->protocol->scheme, mt_written(&content), &signature))
        mt_fail(e, MT_ALERT_INTERNAL_ERROR, "our key cannot sign ServerKeyExchange");
    k->signature = mt_keep(e, &signature);
    mt_writer_free(&params);
    mt_writer_free(&content);
}

static bool server_signature_holds(const mt_engine *e, const mt_server_key_exchange *k)
{
    mt_writer content = {0};
    key_exchange_content(e, e->info.peer_chain[1], k->params, &content);
    bool ok = mt_verify(e->peer_key, e->protocol->scheme, mt_written(&content), k->signature);
    mt_writer_free(&content);
    return ok;
}

static void read_server_key_exchange(mt_engine *e, const mt_msg *m)
{
    const mt_server_key_exchange *k = &m->as.server_key_exchange;
    if (is_agreement(e) != (k->point.len != 0)) {
        mt_fail(e, MT_ALERT_DECODE_ERROR, "ServerKeyExchange is not of the form of the suite");
        return;
    }
    if (!server_signature_holds(e, k)) {
        mt_fail(e, MT_ALERT_DECRYPT_ERROR, "the signature of ServerKeyExchange does not verify");
        return;
    }
    e->info.peer_proved = true;
    e->info.group = is_agreement(e) ? MT_CURVE_SM2 : 0;
    e->peer_share = k->point;
}

/* ---- ClientKeyExchange ---- */

static bool agree(mt_engine *e)
{
    mt_sm2_agreement a = mt_agreement_of(e);
    return mt_sm2_agree(&a, MT_PREMASTER, &e->premaster);
}

static mt_span encrypt_premaster(mt_engine *e)
{
    mt_writer cipher = {0};
    mt_span random = mt_random_span(e, MT_PREMASTER - 2);
    mt_write_uint(&e->premaster, e->protocol->wire_version, 2);
    mt_write_bytes(&e->premaster, random);
    if (!mt_sm2_encrypt(e->peer_enc_key, mt_written(&e->premaster), &cipher))
        mt_fail(e, MT_ALERT_INTERNAL_ERROR, "the pre-master secret cannot be encrypted to the server's key");
    return mt_keep(e, &cipher);
}

static void write_client_key_exchange(mt_engine *e, mt_msg *m)
{
    mt_tlcp_key_exchange *k = &m->as.tlcp_key_exchange;
    if (mt_exchange_by_edit(e, k))
        return;
    if (!is_agreement(e)) {
        k->ciphertext = encrypt_premaster(e);
        return;
    }
    mt_exchange *own = mt_exchange_add(e, MT_CURVE_SM2);
    *k = (mt_tlcp_key_exchange){.group = MT_CURVE_SM2, .point = mt_exchange_share(own)};
    if (!agree(e))
        mt_trace_remark(e, '.', "client_key_exchange", "no common secret: a key is missing, or the server's point is not a valid one");
}

static void read_point(mt_engine *e, const mt_tlcp_key_exchange *k)
{
    e->peer_share = k->point;
    if (k->point.len != 0 && k->group != MT_CURVE_SM2 && !mt_has_fault(e, MT_IGNORE_CURVE_ID))
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "a point of the curve 0x%04x, where curveSM2 was agreed upon", k->group);
    else if (agree(e))
        mt_exchange_note_others(e);
    else if (!mt_exchange_by_fault(e, k))
        mt_fail(e, MT_ALERT_HANDSHAKE_FAILURE, "no common secret: no encryption certificate of the client, or a point that is none");
}

static bool premaster_is_sound(const mt_engine *e)
{
    mt_span p = mt_written(&e->premaster);
    bool version = p.len >= 2 && p.at[0] == e->protocol->wire_version >> 8 && p.at[1] == (e->protocol->wire_version & 0xff);
    return (p.len == MT_PREMASTER && version) || mt_has_fault(e, MT_SKIP_PREMASTER);
}

static void read_client_key_exchange(mt_engine *e, const mt_msg *m)
{
    const mt_tlcp_key_exchange *k = &m->as.tlcp_key_exchange;
    if (is_agreement(e))
        read_point(e, k);
    else if (!mt_sm2_decrypt(e->identity.enc_key, k->ciphertext, &e->premaster) && !mt_exchange_by_fault(e, k))
        mt_fail(e, MT_ALERT_DECRYPT_ERROR, "ClientKeyExchange does not decrypt");
    else if (!premaster_is_sound(e))
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the pre-master secret is not 48 bytes that begin with the version");
}

/* What CertificateVerify signs is a hash already: SM2 hashes it once more, behind Z (GB/T 38636, CertificateVerify). */
static void content(const mt_engine *e, mt_role signer, mt_span transcript, mt_writer *out)
{
    (void)signer;
    mt_digest hash = mt_hash(e->suite->hash, transcript);
    mt_write_bytes(out, mt_digest_span(&hash));
}

static const mt_row flow[] = {
    /* who says it, record, message, name */
    {MT_CLIENT, MT_HANDSHAKE, MT_CLIENT_HELLO, "client_hello", .write = mt_write_hello, .read = mt_read_first_hello},
    {MT_SERVER, MT_HANDSHAKE, MT_SERVER_HELLO, "server_hello", .write = write_server_hello, .read = read_server_hello},
    {MT_SERVER, MT_HANDSHAKE, MT_CERTIFICATE, "certificate", .write = mt_write_certificate_row, .read = mt_read_certificate_row},
    {MT_SERVER, MT_HANDSHAKE, MT_SERVER_KEY_EXCHANGE, "server_key_exchange",
     .write = write_server_key_exchange, .read = read_server_key_exchange},
    {MT_SERVER, MT_HANDSHAKE, MT_CERTIFICATE_REQUEST, "certificate_request",
     .need = mt_need_request, .write = mt_write_request_row, .read = mt_read_request_row},
    {MT_SERVER, MT_HANDSHAKE, MT_SERVER_HELLO_DONE, "server_hello_done", .need = NULL},
    {MT_CLIENT, MT_HANDSHAKE, MT_CERTIFICATE, "certificate",
     .need = mt_need_client_certificate, .write = mt_write_certificate_row, .read = mt_read_certificate_row},
    {MT_CLIENT, MT_HANDSHAKE, MT_CLIENT_KEY_EXCHANGE, "client_key_exchange",
     .write = write_client_key_exchange, .read = read_client_key_exchange, .after = mt_session_begun},
    {MT_CLIENT, MT_HANDSHAKE, MT_CERTIFICATE_VERIFY, "certificate_verify",
     .need = mt_need_client_verify, .write = mt_write_verify_row, .read = mt_read_verify_row},
    {MT_CLIENT, MT_CHANGE_CIPHER_SPEC, 0, "change_cipher_spec", .after = mt_tls12_client_keys},
    {MT_CLIENT, MT_HANDSHAKE, MT_FINISHED, "finished", .write = mt_write_finished_row, .read = mt_read_finished_row},
    {MT_SERVER, MT_HANDSHAKE, MT_NEW_SESSION_TICKET, "new_session_ticket",
     .need = mt_need_ticket, .write = mt_write_ticket_row, .read = mt_read_ticket_row},
    {MT_SERVER, MT_CHANGE_CIPHER_SPEC, 0, "change_cipher_spec", .after = mt_tls12_server_keys},
    {MT_SERVER, MT_HANDSHAKE, MT_FINISHED, "finished",
     .write = mt_write_finished_row, .read = mt_read_finished_row, .after = mt_session_done},
};

/* A session taken up again: no certificates, and the server finishes first. */
static const mt_row resumption[] = {
    {MT_CLIENT, MT_HANDSHAKE, MT_CLIENT_HELLO, "client_hello", .write = mt_write_hello, .read = mt_read_first_hello},
    {MT_SERVER, MT_HANDSHAKE, MT_SERVER_HELLO, "server_hello", .write = write_server_hello, .read = read_server_hello},
    {MT_SERVER, MT_HANDSHAKE, MT_NEW_SESSION_TICKET, "new_session_ticket",
     .need = mt_need_ticket, .write = mt_write_ticket_row, .read = mt_read_ticket_row},
    {MT_SERVER, MT_CHANGE_CIPHER_SPEC, 0, "change_cipher_spec", .after = mt_tls12_server_keys},
    {MT_SERVER, MT_HANDSHAKE, MT_FINISHED, "finished", .write = mt_write_finished_row, .read = mt_read_finished_row},
    {MT_CLIENT, MT_CHANGE_CIPHER_SPEC, 0, "change_cipher_spec", .after = mt_tls12_client_keys},
    {MT_CLIENT, MT_HANDSHAKE, MT_FINISHED, "finished", .write = mt_write_finished_row, .read = mt_read_finished_row},
};

const mt_protocol mt_tlcp = {
    .version = MT_TLCP,
    .wire_version = MT_TLCP,
    .first_record_version = MT_TLCP,
    .has_warnings = true,
    .pairs = true,
    .scheme = &mt_scheme_tlcp,
    .flow = flow,
    .flow_len = MT_COUNT(flow),
    .resumption = resumption,
    .resumption_len = MT_COUNT(resumption),
    .offer = mt_session_offer,
    .is_offered = is_offered,
    .take_hello = take_hello,
    .add_extensions = no_extensions,
    .fill_request = fill_request,
    .odd_request = odd_request,
    .content = content,
    .verify_data = mt_tls12_verify_data,
    .missing_certificate = MT_ALERT_HANDSHAKE_FAILURE,
};
