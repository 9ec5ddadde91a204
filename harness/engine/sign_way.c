// SPDX-License-Identifier: Apache-2.0
#include "engine/sign_way.h"

#include "crypto/sm2.h"

enum { TRIES = 64 /* of signing, until a number has its highest bit set; one try in four fails */ };

/* The identifier of the example in GB/T 32918.2 A.1, which has found its way into programs. */
#define EXAMPLE_ID "ALICE123@YAHOO.COM"

static const mt_sign_way ways[] = {
    {{"certificate-id", "under the identifier of certificates and of TLCP, 1234567812345678"}, MT_ACCEPT_OTHER_ID, .id = MT_SM2_ID},
    {{"tls13-id", "under the identifier of TLS 1.3, TLSv1.3+GM+Cipher+Suite"}, MT_ACCEPT_OTHER_ID, .id = MT_SM2_ID_TLS13},
    {{"empty-id", "under an empty identifier, which libcrypto 3 takes when it is told none"}, MT_ACCEPT_OTHER_ID, .id = ""},
    {{"example-id", "under the identifier of the standard's example, " EXAMPLE_ID}, MT_ACCEPT_OTHER_ID, .id = EXAMPLE_ID},
    {{"without-z", "without Z: over SM3 of the message alone"}, MT_ACCEPT_WITHOUT_Z, .without_z = true},
    {{"hashed-once", "TLCP: over the handshake itself, not over its hash"}, MT_ACCEPT_OTHER_HASHING, .hashing = MT_HASHED_ONCE},
    {{"hashed-again", "over the hash of what is to be signed"}, MT_ACCEPT_OTHER_HASHING, .hashing = MT_HASHED_AGAIN},
    {{"ecdsa-sm3", "ECDSA with SM3, by the same key"}, MT_ACCEPT_ECDSA_OF_SM2, .ecdsa = MT_SM3},
    {{"ecdsa-sha256", "ECDSA with SHA-256, by the same key"}, MT_ACCEPT_ECDSA_OF_SM2, .ecdsa = MT_SHA256},
    {{"r-zero", "with r = 0"}, MT_TAKE_ERROR_FOR_SUCCESS, .form = {.r = MT_SM2_ZERO}},
    {{"s-zero", "with s = 0"}, MT_TAKE_ERROR_FOR_SUCCESS, .form = {.s = MT_SM2_ZERO}},
    {{"both-zero", "with r = 0 and s = 0"}, MT_TAKE_ERROR_FOR_SUCCESS, .form = {.r = MT_SM2_ZERO, .s = MT_SM2_ZERO}},
    {{"r-order", "with r = n, the order of the group"}, MT_TAKE_ERROR_FOR_SUCCESS, .form = {.r = MT_SM2_ORDER}},
    {{"s-order", "with s = n, the order of the group"}, MT_TAKE_ERROR_FOR_SUCCESS, .form = {.s = MT_SM2_ORDER}},
    {{"r-plus-order", "with r + n in the place of r"}, MT_ACCEPT_UNREDUCED, .form = {.r = MT_SM2_PLUS_ORDER}},
    {{"s-plus-order", "with s + n in the place of s"}, MT_ACCEPT_UNREDUCED, .form = {.s = MT_SM2_PLUS_ORDER}},
    {{"r-minus-order", "with the negative number r - n in the place of r"}, MT_ACCEPT_UNREDUCED, .form = {.r = MT_SM2_MINUS_ORDER}},
    {{"s-minus-order", "with the negative number s - n in the place of s"}, MT_ACCEPT_UNREDUCED, .form = {.s = MT_SM2_MINUS_ORDER}},
    {{"bare", "with INTEGERs that lack their zero byte, and so are negative"}, MT_ACCEPT_LOOSE_ENCODING, .form = {.encoding = MT_SM2_BARE}},
    {{"padded", "with zero bytes in front of the numbers"}, MT_ACCEPT_LOOSE_ENCODING, .form = {.encoding = MT_SM2_PADDED}},
    {{"long-length", "with lengths in more bytes than they take"}, MT_ACCEPT_LOOSE_ENCODING, .form = {.encoding = MT_SM2_LONG_LENGTH}},
    {{"third-number", "with a third INTEGER behind r and s"}, MT_ACCEPT_LOOSE_ENCODING, .form = {.encoding = MT_SM2_THIRD}},
    {{"raw", "as 64 bytes r and s, without DER"}, MT_ACCEPT_LOOSE_ENCODING, .form = {.encoding = MT_SM2_RAW}},
};

const mt_way *mt_sign_way_at(size_t i)
{
    return i < MT_COUNT(ways) ? &ways[i].way : NULL;
}

/* ---- one way, for the liar and for the careless verifier alike ---- */

/* A way that is the honest one here is no lie. */
static bool applies(const mt_engine *e, const mt_sign_way *w, const mt_signing *s)
{
    bool sm2 = s->key != NULL && s->scheme != NULL && mt_key_kind_of(s->key) == MT_KEY_SM2 && s->scheme->kind == MT_KEY_SM2;
    if (!sm2 || (w->hashing == MT_HASHED_ONCE && e->protocol->version != MT_TLCP))
        return false;
    return w->id == NULL || strcmp(w->id, s->scheme->id) != 0;
}

static mt_scheme scheme_of(const mt_sign_way *w, const mt_signing *s)
{
    mt_scheme scheme = w->ecdsa != MT_HASH_NONE ? mt_scheme_ecdsa_of_sm2 : *s->scheme;
    if (w->ecdsa != MT_HASH_NONE)
        scheme.hash = w->ecdsa;
    if (w->id != NULL || w->without_z)
        scheme.id = w->id;
    return scheme;
}

static void write_content(const mt_engine *e, const mt_signing *s, mt_hashing hashing, mt_writer *out)
{
    if (hashing == MT_HASHED_ONCE) {
        mt_write_bytes(out, s->transcript);
        return;
    }
    e->protocol->content(e, s->signer, s->transcript, out);
    if (hashing == MT_HASHED_RIGHT)
        return;
    mt_digest again = mt_hash(MT_SM3, mt_written(out));
    mt_writer_clear(out);
    mt_write_bytes(out, mt_digest_span(&again));
}

/* ---- the liar ---- */

static bool reforms(const mt_sign_way *w)
{
    return w->form.r != MT_SM2_AS_IS || w->form.s != MT_SM2_AS_IS || w->form.encoding != MT_SM2_DER;
}

static bool sign_once(const mt_sign_way *w, const mt_signing *s, mt_span content, mt_writer *out)
{
    mt_writer good = {0};
    mt_scheme scheme = scheme_of(w, s);
    bool ok = mt_sign(s->key, &scheme, content, &good);
    if (ok && reforms(w))
        ok = mt_sm2_reform(mt_written(&good), &w->form, out);
    else if (ok)
        mt_write_bytes(out, mt_written(&good));
    mt_writer_free(&good);
    return ok;
}

static bool sign_by(const mt_engine *e, const mt_sign_way *w, const mt_signing *s, mt_writer *out)
{
    mt_writer content = {0};
    write_content(e, s, w->hashing, &content);
    bool ok = false;
    for (int i = 0; !ok && i < TRIES; i++)
        ok = sign_once(w, s, mt_written(&content), out);
    mt_writer_free(&content);
    return ok;
}

bool mt_sign_by_edit(mt_engine *e, const mt_signing *s, mt_writer *out)
{
    const mt_edit *edit = mt_edit_of(e, "certificate_verify", 1, MT_EDIT_SIGN_AS);
    static const mt_sign_way honest = {.hashing = MT_HASHED_RIGHT};
    if (s->key == NULL || s->scheme == NULL)
        return false;
    bool lies = edit != NULL && applies(e, &ways[edit->number], s);
    if (edit != NULL && !lies) {
        mt_trace_remark(e, '.', edit->message, "is honest with this key and protocol: `%s` changes nothing", edit->text);
        e->info.edit_missed = edit->text;
    }
    return sign_by(e, lies ? &ways[edit->number] : &honest, s, out);
}

/* ---- the careless verifier ---- */

static bool verifies_as(const mt_engine *e, const mt_sign_way *w, const mt_signing *s, mt_span signature)
{
    mt_writer content = {0};
    mt_scheme scheme = scheme_of(w, s);
    write_content(e, s, w->hashing, &content);
    bool ok = mt_verify(s->key, &scheme, mt_written(&content), signature);
    mt_writer_free(&content);
    return ok;
}

static bool verifies_tidied(const mt_engine *e, const mt_signing *s, mt_span signature)
{
    static const mt_sign_way honest = {.hashing = MT_HASHED_RIGHT};
    mt_sm2_laxness how = {.any_encoding = mt_has_fault(e, MT_ACCEPT_LOOSE_ENCODING), .reduces = mt_has_fault(e, MT_ACCEPT_UNREDUCED)};
    mt_writer tidy = {0};
    bool ok = (how.any_encoding || how.reduces) && mt_sm2_tidy(signature, &how, &tidy) && verifies_as(e, &honest, s, mt_written(&tidy));
    mt_writer_free(&tidy);
    return ok;
}

bool mt_signature_taken_by_fault(const mt_engine *e, const mt_signing *s, mt_span signature)
{
    if (mt_has_fault(e, MT_TAKE_ERROR_FOR_SUCCESS) && mt_sm2_out_of_range(signature))
        return true;
    bool ok = verifies_tidied(e, s, signature);
    for (size_t i = 0; !ok && i < MT_COUNT(ways); i++)
        if (mt_has_fault(e, ways[i].fault) && !reforms(&ways[i]) && applies(e, &ways[i], s))
            ok = verifies_as(e, &ways[i], s, signature);
    return ok;
}
