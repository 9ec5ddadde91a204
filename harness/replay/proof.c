// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.h"
#include "pki/asn1.h"
#include "pki/sigalg.h"
#include "replay/inner.h"

/* The signatures of a handshake: over certificates, key exchange and transcript. */

typedef struct parts {
    mt_span tbs, issuer, subject, identifier, signature;
} parts;

enum { VERSION = MT_ASN1_CONSTRUCTED };

/* RFC 5280 4.1: what a signature check needs of a certificate. */
static bool take_apart(mt_span der, parts *out)
{
    mt_tlv certificate = mt_asn1_first(der);
    mt_tlv tbs = mt_asn1_first(certificate.content);
    mt_tlv identifier = mt_asn1_next(certificate.content, tbs);
    mt_tlv signature = mt_asn1_next(certificate.content, identifier);
    mt_tlv serial = mt_asn1_first(tbs.content);
    if (serial.tag == VERSION)
        serial = mt_asn1_next(tbs.content, serial);
    mt_tlv inner = mt_asn1_next(tbs.content, serial);
    mt_tlv issuer = mt_asn1_next(tbs.content, inner);
    mt_tlv subject = mt_asn1_next(tbs.content, mt_asn1_next(tbs.content, issuer));
    *out = (parts){tbs.whole, issuer.whole, subject.whole, identifier.whole, mt_span_skip(signature.content, 1)};
    if (subject.whole.len == 0 || signature.tag != MT_ASN1_BIT_STRING || signature.content.len < 2 || signature.content.at[0] != 0)
        return false;
    bool ends = certificate.whole.len == der.len && signature.whole.at + signature.whole.len == der.at + der.len;
    return ends && mt_span_equal(inner.whole, identifier.whole);
}

static mt_key *key_of(mt_span der)
{
    mt_span spki;
    return mt_certificate_spki(der, &spki) ? mt_key_from_spki(spki) : NULL;
}

typedef struct search {
    parts leaf;
    bool found, holds;
} search;

static void try_issuer(search *x, mt_span der)
{
    parts issuer;
    if (x->holds || !take_apart(der, &issuer) || !mt_span_equal(issuer.subject, x->leaf.issuer))
        return;
    mt_key *key = key_of(der);
    const mt_sigalg *algorithm = mt_sigalg_of(x->leaf.identifier);
    x->found = true;
    x->holds = key != NULL && algorithm != NULL && mt_sigalg_verify(algorithm, key, &(mt_signed){x->leaf.tbs, NULL}, x->leaf.signature);
    mt_key_free(key);
}

static void check_certificate(mt_replay *r, bool server, const mt_certificate_list *list, size_t at)
{
    search x = {0};
    if (!take_apart(list->at[at].data, &x.leaf)) {
        mt_replay_say(r, server, MT_REPLAY_CERTIFICATE, false);
        return;
    }
    for (size_t i = 0; i < list->len; i++)
        try_issuer(&x, list->at[i].data);
    for (size_t i = 0; i < r->keys->certificates_len; i++)
        try_issuer(&x, r->keys->certificates[i]);
    if (x.found)
        mt_replay_say(r, server, MT_REPLAY_CERTIFICATE, x.holds);
    else
        mt_replay_note(r, server, "issuer", "of a certificate is not at hand: its signature is not checked");
}

void mt_replay_chain(mt_replay *r, bool server, const mt_certificate_list *list)
{
    mt_side *s = &r->sides[server];
    mt_span *chain = MT_ARENA_ARRAY(r->arena, mt_span, list->len + 1);
    for (size_t i = 0; i < list->len; i++) {
        chain[i] = list->at[i].data;
        check_certificate(r, server, list, i);
    }
    mt_key_free(s->key);
    mt_key_free(s->enc_key);
    s->chain = chain;
    s->chain_len = list->len;
    s->key = list->len > 0 ? key_of(chain[0]) : NULL;
    s->enc_key = list->len > 1 && r->version == MT_TLCP ? key_of(chain[1]) : NULL;
}

/* ServerKeyExchange signs both randoms and then the parameters, or in TLCP's ECC suites the encryption certificate. */
void mt_replay_key_exchange(mt_replay *r, const mt_server_key_exchange *k)
{
    const mt_side *s = &r->sides[1];
    const mt_scheme *scheme = r->version == MT_TLCP ? &mt_scheme_tlcp : mt_scheme_find(k->scheme);
    bool over_certificate = r->suite != NULL && r->suite->kex == MT_KEX_SM2_ENCRYPTION;
    mt_writer content = {0};
    if (r->suite == NULL)
        return;
    mt_write_bytes(&content, r->randoms.client);
    mt_write_bytes(&content, r->randoms.server);
    if (over_certificate)
        mt_write_vec(&content, 3, s->chain_len > 1 ? s->chain[1] : (mt_span){0});
    else
        mt_write_bytes(&content, k->params);
    bool of_suite = over_certificate == (k->params.len == 0);
    bool holds = of_suite && s->key != NULL && scheme != NULL && mt_verify(s->key, scheme, mt_written(&content), k->signature);
    mt_replay_say(r, true, MT_REPLAY_KEY_EXCHANGE, holds);
    mt_writer_free(&content);
}

static void signed_content(const mt_replay *r, bool server, mt_writer *out)
{
    mt_digest hash = mt_transcript_hash(r->transcript);
    if (r->version == MT_TLS13)
        mt_schedule_signed13(server, &hash, out);
    else if (r->version == MT_TLCP)
        mt_write_bytes(out, mt_digest_span(&hash)); /* hashed once more by SM2 itself (GB/T 38636, CertificateVerify) */
    else
        mt_write_bytes(out, mt_transcript_bytes(r->transcript));
}

void mt_replay_verify(mt_replay *r, bool server, const mt_certificate_verify *v)
{
    const mt_scheme *scheme = r->version == MT_TLCP ? &mt_scheme_tlcp : mt_scheme_find(v->scheme);
    const mt_key *key = r->sides[server].key;
    mt_writer content = {0};
    if (r->suite == NULL)
        return;
    signed_content(r, server, &content);
    bool fits = key != NULL && scheme != NULL && mt_scheme_fits(scheme, key, r->version);
    mt_replay_say(r, server, MT_REPLAY_VERIFY, fits && mt_verify(key, scheme, mt_written(&content), v->signature));
    mt_writer_free(&content);
}
