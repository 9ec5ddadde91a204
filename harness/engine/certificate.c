// SPDX-License-Identifier: Apache-2.0
#include "engine/sign_way.h"

enum { CHAIN_MAX = 256 /* entries of a peer's certificate_list */ };

mt_need mt_need_client_certificate(const mt_engine *e)
{
    if (!e->info.requested)
        return MT_ABSENT;
    bool lax = mt_has_fault(e, MT_ACCEPT_OMITTED_CERTIFICATE) || (e->c.role == MT_SERVER && mt_has_fault(e, MT_ACCEPT_VERIFY_ALONE));
    return lax ? MT_MAY : MT_MUST;
}

/* ---- Certificate ---- */

static bool is_server(const mt_engine *e)
{
    return e->c.role == MT_SERVER;
}

void mt_write_certificate_row(mt_engine *e, mt_msg *m)
{
    mt_certificate_list *c = &m->as.certificate;
    mt_certificate_entry *at = MT_ARENA_ARRAY(e->arena, mt_certificate_entry, e->identity.chain_len + 1);
    for (size_t i = 0; i < e->identity.chain_len; i++)
        at[i].data = e->identity.chain[i];
    c->at = at;
    c->len = e->identity.chain_len;
}

static void keep_chain(mt_engine *e, const mt_certificate_list *c)
{
    mt_span *chain = MT_ARENA_ARRAY(e->arena, mt_span, c->len + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->len; i++)
        if (c->at[i].data.len != 0)
            chain[n++] = c->at[i].data;
    mt_chain_reorder(e, chain, n);
    e->certificate_read = true;
    e->info.peer_chain = chain;
    e->info.peer_chain_len = n;
}

static bool entry_is_sound(mt_engine *e, const mt_certificate_entry *entry)
{
    if (entry->data.len == 0 && !mt_has_fault(e, MT_ACCEPT_EMPTY_ENTRY)) {
        mt_fail(e, MT_ALERT_DECODE_ERROR, "a certificate of zero bytes in certificate_list");
        return false;
    }
    /* Neither our ClientHello nor our CertificateRequest asks for any (RFC 8446 4.4.2). */
    if (entry->extensions.len != 0 && !mt_has_fault(e, MT_ACCEPT_UNREQUESTED_EXTENSION)) {
        mt_fail(e, MT_ALERT_UNSUPPORTED_EXTENSION, "a CertificateEntry carries an extension that nobody asked for");
        return false;
    }
    return true;
}

static bool list_is_sound(mt_engine *e, const mt_certificate_list *c)
{
    if (c->context.len != 0 && !mt_has_fault(e, MT_IGNORE_REQUEST_CONTEXT)) {
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "certificate_request_context is not the one of the request");
        return false;
    }
    if (c->len > CHAIN_MAX) {
        mt_fail(e, MT_ALERT_BAD_CERTIFICATE, "%zu certificates in certificate_list", c->len);
        return false;
    }
    for (size_t i = 0; i < c->len; i++)
        if (!entry_is_sound(e, &c->at[i]))
            return false;
    return true;
}

/* With the fault `late` the handshake goes on to its end first. */
static void refuse(mt_engine *e, mt_fault_id late, uint8_t alert, const char *text)
{
    if (e->protocol->resumption == NULL || !mt_has_fault(e, late)) {
        mt_refuse(e, alert, text);
        return;
    }
    e->late_alert = alert;
    e->late_text = mt_arena_strdup(e->arena, text);
}

static bool agrees_without(const mt_engine *e)
{
    return e->suite->kex == MT_KEX_SM2_AGREEMENT && mt_has_fault(e, MT_AGREE_WITHOUT_CERTIFICATE);
}

static void judge_missing(mt_engine *e)
{
    if (!is_server(e))
        mt_fail(e, MT_ALERT_DECODE_ERROR, "the server's certificate_list is empty");
    else if (mt_has_fault(e, MT_REFUSE_MISSING_CERTIFICATE) ||
             (e->c.request == MT_REQUEST_REQUIRED && !mt_has_fault(e, MT_ACCEPT_MISSING_CERTIFICATE) && !agrees_without(e)))
        refuse(e, MT_RESUME_WITHOUT_CERTIFICATE, e->protocol->missing_certificate, "no client certificate, where one is required");
}

/* Whether one certificate may stand for a pair: its owner's judge says. */
static bool is_half(const mt_engine *e)
{
    bool judged = is_server(e) && e->c.judge.accepts != NULL;
    return e->protocol->pairs && e->info.peer_chain_len < 2 && !judged;
}

static void judge_chain(mt_engine *e)
{
    uint8_t alert = MT_ALERT_BAD_CERTIFICATE;
    char text[200] = "";
    if (is_half(e))
        mt_fail(e, MT_ALERT_BAD_CERTIFICATE, "a single certificate, where one to sign and one to encrypt are due");
    else if (e->c.judge.accepts != NULL &&
             !e->c.judge.accepts(e->c.judge.self, e->info.peer_chain, e->info.peer_chain_len, &alert, text))
        refuse(e, MT_RESUME_REFUSED_CERTIFICATE, alert, text);
}

static void verify_early(mt_engine *e);

void mt_read_certificate_row(mt_engine *e, const mt_msg *m)
{
    const mt_certificate_list *c = &m->as.certificate;
    if (!list_is_sound(e, c))
        return;
    keep_chain(e, c);
    if (e->info.peer_chain_len == 0) {
        judge_missing(e);
        return;
    }
    judge_chain(e);
    if (!mt_ended(e))
        mt_chain_keep_keys(e);
    if (!mt_ended(e) && e->early.seen)
        verify_early(e);
}

/* ---- CertificateVerify ---- */

mt_need mt_need_client_verify(const mt_engine *e)
{
    size_t chain = is_server(e) ? e->info.peer_chain_len : e->identity.chain_len;
    if (!e->info.requested)
        return MT_ABSENT;
    if (mt_has_fault(e, MT_ACCEPT_VERIFY_ALONE) && !e->certificate_read)
        return MT_MUST;
    if (chain == 0)
        return mt_has_fault(e, MT_ACCEPT_UNNEEDED_VERIFY) ? MT_MAY : MT_ABSENT;
    return mt_has_fault(e, MT_ACCEPT_MISSING_VERIFY) || e->early.seen ? MT_MAY : MT_MUST;
}

static const mt_edit *verify_edit(const mt_engine *e, mt_verb verb)
{
    return mt_edit_of(e, "certificate_verify", 1, verb);
}

/* The scheme of our own signature: an edit's, what a server chose, what the request lists, else the key's first. */
static const mt_scheme *scheme_to_sign(mt_engine *e, const mt_key *key)
{
    const mt_edit *edit = verify_edit(e, MT_EDIT_SCHEME);
    if (edit != NULL)
        return mt_scheme_find(edit->scheme);
    if (e->protocol->scheme != NULL)
        return e->protocol->scheme;
    if (is_server(e))
        return e->scheme;
    uint16_t code = mt_scheme_choose(e->peer_schemes.at, e->peer_schemes.len, key, e->protocol->version);
    for (size_t i = 0; code == 0 && i < mt_scheme_count; i++)
        if (mt_scheme_fits(&mt_scheme_rows[i], key, e->protocol->version)) {
            e->info.scheme_unoffered = true;
            code = mt_scheme_rows[i].code;
        }
    return mt_scheme_find(code);
}

/* The handshake bytes that our signature covers: those that were sent, less what an edit leaves out. */
static void transcript_to_sign(const mt_engine *e, mt_writer *out)
{
    const mt_edit *edit = verify_edit(e, MT_EDIT_TRANSCRIPT);
    if (edit != NULL && edit->other != NULL)
        mt_transcript_without(e->transcript, edit->other, out);
    else
        mt_write_bytes(out, mt_transcript_bytes(e->transcript));
}

void mt_write_verify_row(mt_engine *e, mt_msg *m)
{
    const mt_edit *with = verify_edit(e, MT_EDIT_SIGN_WITH);
    const mt_key *key = with != NULL ? with->key : e->identity.key;
    mt_role signer = verify_edit(e, MT_EDIT_CONTEXT) != NULL ? mt_peer_role(e) : e->c.role;
    mt_writer covered = {0}, signature = {0};
    transcript_to_sign(e, &covered);
    mt_signing s = {key, key != NULL ? scheme_to_sign(e, key) : NULL, signer, mt_written(&covered)};
    if (!mt_sign_by_edit(e, &s, &signature))
        mt_trace_remark(e, '.', "certificate_verify", "no signature: the key cannot sign under this scheme");
    m->as.certificate_verify.scheme = s.scheme != NULL ? s.scheme->code : 0;
    m->as.certificate_verify.signature = mt_keep(e, &signature);
    mt_writer_free(&covered);
}

static bool is_offered(const mt_engine *e, uint16_t code)
{
    return mt_u16s_has(mt_our_schemes(e), code) || mt_has_fault(e, MT_ACCEPT_UNOFFERED_SCHEME);
}

static bool fits_key(const mt_engine *e, const mt_scheme *s)
{
    if (s == NULL)
        return false;
    if (mt_scheme_fits(s, e->peer_key, e->protocol->version))
        return true;
    bool pkcs1 = s->padding == MT_PAD_PKCS1 && mt_has_fault(e, MT_ACCEPT_PKCS1_IN_TLS13);
    bool curve = s->padding == MT_PAD_NONE && mt_has_fault(e, MT_ACCEPT_OTHER_CURVE);
    return (pkcs1 || curve) && mt_scheme_fits(s, e->peer_key, MT_TLS12);
}

/* ECDSA with another hash than TLS 1.3 binds to the curve. */
static bool has_other_hash(const mt_engine *e, const mt_scheme *s)
{
    return s->padding == MT_PAD_NONE && !mt_scheme_fits(s, e->peer_key, MT_TLS13);
}

/* Whether the label of a signature may be used at all: offered, and fitting the key (RFC 8446 4.4.3, RFC 5246 7.4.8). */
static bool scheme_is_allowed(mt_engine *e, uint16_t code)
{
    const mt_scheme *s = mt_scheme_find(code);
    if (mt_has_fault(e, MT_IGNORE_SCHEME_LABEL) || e->protocol->scheme != NULL)
        return true; /* where nothing is said nothing can be wrong with it */
    if (!is_offered(e, code))
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "CertificateVerify under scheme 0x%04x, which was not offered", code);
    else if (!fits_key(e, s))
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "CertificateVerify under scheme 0x%04x, which does not fit the key", code);
    else if (mt_has_fault(e, MT_REFUSE_OTHER_HASH) && has_other_hash(e, s))
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "CertificateVerify with another hash than the curve's own (over-strict)");
    return !mt_ended(e);
}

static bool verifies_under(const mt_engine *e, const mt_scheme *s, mt_span content, mt_span signature)
{
    if (!mt_has_fault(e, MT_IGNORE_SCHEME_LABEL))
        return s != NULL && mt_verify(e->peer_key, s, content, signature);
    for (size_t i = 0; i < mt_scheme_count; i++)
        if (mt_scheme_fits(&mt_scheme_rows[i], e->peer_key, MT_TLS12) && mt_verify(e->peer_key, &mt_scheme_rows[i], content, signature))
            return true;
    return false;
}

/* What the peer's signature is held to. A key that is not of SM2 stands in a pair by a fault only: it signs as in TLS 1.2. */
static const mt_scheme *scheme_of_peer(const mt_engine *e, const mt_certificate_verify *v)
{
    enum { RSA_PKCS1_SHA256 = 0x0401, ECDSA_SECP256R1_SHA256 = 0x0403 };
    mt_key_kind kind = mt_key_kind_of(e->peer_key);
    if (e->protocol->scheme == NULL)
        return mt_scheme_find(v->scheme);
    if (kind == MT_KEY_SM2)
        return e->protocol->scheme;
    return mt_scheme_find(kind == MT_KEY_RSA ? RSA_PKCS1_SHA256 : ECDSA_SECP256R1_SHA256);
}

static bool verifies(const mt_engine *e, mt_role signer, mt_span transcript, const mt_certificate_verify *v)
{
    mt_writer content = {0};
    e->protocol->content(e, signer, transcript, &content);
    bool ok = verifies_under(e, scheme_of_peer(e, v), mt_written(&content), v->signature);
    if (!ok && e->peer_enc_key != NULL && mt_has_fault(e, MT_VERIFY_WITH_ENCRYPTION_KEY))
        ok = mt_verify(e->peer_enc_key, e->protocol->scheme, mt_written(&content), v->signature);
    mt_writer_free(&content);
    return ok;
}

/* The same signature over what a lazy verifier might have hashed. */
static bool verifies_by_fault(const mt_engine *e, const mt_certificate_verify *v)
{
    static const struct {
        mt_fault_id fault;
        const char *without;
    } rows[] = {{MT_VERIFY_WITHOUT_REQUEST, "server.certificate_request"}, {MT_VERIFY_WITHOUT_CERTIFICATE, "certificate"}};
    bool ok = mt_has_fault(e, MT_SKIP_CERTIFICATE_VERIFY);
    if (!ok && mt_has_fault(e, MT_ACCEPT_SERVER_CONTEXT))
        ok = verifies(e, e->c.role, mt_transcript_bytes(e->transcript), v);
    for (size_t i = 0; !ok && i < MT_COUNT(rows); i++) {
        mt_writer covered = {0};
        mt_transcript_without(e->transcript, rows[i].without, &covered);
        ok = mt_has_fault(e, rows[i].fault) && verifies(e, mt_peer_role(e), mt_written(&covered), v);
        mt_writer_free(&covered);
    }
    return ok;
}

static bool verifies_as_a_lie(const mt_engine *e, const mt_certificate_verify *v, mt_span transcript)
{
    return mt_signature_taken_by_fault(e, &(mt_signing){e->peer_key, scheme_of_peer(e, v), mt_peer_role(e), transcript}, v->signature);
}

static void verify(mt_engine *e, const mt_certificate_verify *v, mt_span transcript)
{
    e->info.peer_scheme = v->scheme;
    bool unchecked = mt_has_fault(e, MT_SKIP_CERTIFICATE_VERIFY);
    if (!unchecked && !scheme_is_allowed(e, v->scheme))
        return;
    if (unchecked || verifies(e, mt_peer_role(e), transcript, v) || verifies_by_fault(e, v) ||
        verifies_as_a_lie(e, v, transcript))
        e->info.peer_proved = true;
    else
        mt_fail(e, MT_ALERT_DECRYPT_ERROR, "the signature of CertificateVerify does not verify");
}

void mt_read_verify_row(mt_engine *e, const mt_msg *m)
{
    if (e->peer_key == NULL) /* only with the fault accept-unneeded-certificate-verify */
        return;
    verify(e, &m->as.certificate_verify, mt_transcript_bytes(e->transcript));
}

void mt_stash_early_verify(mt_engine *e, const mt_msg *m)
{
    mt_span now = mt_transcript_bytes(e->transcript);
    const mt_certificate_verify *v = &m->as.certificate_verify;
    e->early = (mt_early_verify){true, v->scheme, v->signature, mt_span_of(mt_arena_copy(e->arena, now.at, now.len), now.len)};
    if (e->peer_key != NULL)
        verify_early(e);
}

static void verify_early(mt_engine *e)
{
    mt_certificate_verify v = {e->early.scheme, e->early.signature};
    verify(e, &v, e->early.transcript);
}
