// SPDX-License-Identifier: Apache-2.0
#include "crypto/aead.h"
#include "crypto/cbc.h"
#include "crypto/suite.h"
#include "wire/codes.h"

enum { TAG = MT_AEAD_TAG, NONCE = MT_AEAD_NONCE };

/* How each form differs on the wire. */
typedef struct record_form {
    size_t explicit_nonce; /* bytes of the nonce that stand before the ciphertext */
    bool type_inside;      /* TLSInnerPlaintext (RFC 8446 5.2), and the header alone is the additional data */
    bool is_cbc;
} record_form;

static const record_form forms[] = {
    [MT_NONCE_XOR] = {0, true, false},
    [MT_NONCE_EXPLICIT] = {8, false, false},
    [MT_NONCE_XOR_TLS12] = {0, false, false},
    [MT_NONCE_CBC_HMAC] = {0, false, true},
};

struct mt_protection {
    const mt_suite *suite;
    const record_form *form;
    mt_aead *aead; /* or */
    mt_cbc *cbc;
    uint64_t sequence;
    uint8_t iv[NONCE];
};

typedef struct record_aad {
    uint8_t at[MT_PSEUDO_HEADER];
    size_t len;
} record_aad;

mt_protection *mt_protection_new(const mt_suite *s, mt_span key, mt_span iv)
{
    if (key.len != (size_t)s->mac_len + s->key_len || iv.len != s->iv_len)
        mt_die("key of %zu and iv of %zu bytes for suite %04x", key.len, iv.len, s->code);
    mt_protection *p = mt_alloc(sizeof *p);
    p->suite = s;
    p->form = &forms[s->form];
    if (p->form->is_cbc)
        p->cbc = mt_cbc_new(s->cipher, s->hash, key);
    else
        p->aead = mt_aead_new(s->cipher, key.at);
    if (iv.len != 0)
        memcpy(p->iv, iv.at, iv.len);
    return p;
}

void mt_protection_free(mt_protection *p)
{
    if (p == NULL)
        return;
    mt_aead_free(p->aead);
    mt_cbc_free(p->cbc);
    mt_free(p);
}

static void put_sequence(uint8_t *last, uint64_t sequence)
{
    for (int i = 0; i < 8; i++, sequence >>= 8)
        *last-- ^= (uint8_t)sequence;
}

/* A salt of 4 with zeros behind it makes "salt, then sequence" the same operation as "iv xor sequence". */
static void set_nonce(const mt_protection *p, uint8_t nonce[NONCE])
{
    memcpy(nonce, p->iv, NONCE);
    put_sequence(nonce + NONCE - 1, p->sequence);
}

/* additional_data: RFC 8446 5.2, the header as it is on the wire; RFC 5246 6.2.3.3, sequence, type, version, plain length. */
static record_aad aad_of(const mt_protection *p, const uint8_t header[MT_RECORD_HEADER], size_t plain)
{
    record_aad aad = {.len = p->form->type_inside ? MT_RECORD_HEADER : MT_PSEUDO_HEADER};
    if (p->form->type_inside) {
        memcpy(aad.at, header, MT_RECORD_HEADER);
        return aad;
    }
    put_sequence(aad.at + 7, p->sequence);
    memcpy(aad.at + 8, header, 3);
    aad.at[11] = (uint8_t)(plain >> 8);
    aad.at[12] = (uint8_t)plain;
    return aad;
}

static void write_inner(mt_writer *out, const mt_protection *p, uint8_t type, mt_span plain, size_t padding)
{
    mt_write_bytes(out, plain);
    if (!p->form->type_inside)
        return;
    mt_write_uint(out, type, 1);
    mt_write_room(out, padding);
}

static mt_mark open_record(const mt_protection *p, mt_writer *out, uint8_t type)
{
    mt_write_uint(out, p->form->type_inside ? MT_APPLICATION_DATA : type, 1);
    mt_write_uint(out, p->form->type_inside ? MT_TLS12 : p->suite->version, 2);
    return mt_open_vec(out, 2);
}

static void protect_aead(mt_protection *p, mt_writer *out, uint8_t type, mt_span plain, size_t padding)
{
    uint8_t nonce[NONCE];
    size_t start = out->len;
    set_nonce(p, nonce);
    mt_mark body = open_record(p, out, type);
    mt_write_bytes(out, mt_span_of(nonce + NONCE - p->form->explicit_nonce, p->form->explicit_nonce));
    size_t text_at = out->len;
    write_inner(out, p, type, plain, padding);
    size_t text_len = out->len - text_at;
    mt_write_room(out, TAG);
    mt_close_vec(out, body);
    record_aad aad = aad_of(p, out->at + start, text_len);
    uint8_t *text = out->at + text_at;
    const mt_aead_job job = {nonce, mt_span_of(aad.at, aad.len), {text, text_len}, text + text_len};
    mt_crypto_must(mt_aead_crypt(p->aead, MT_SEALING, &job), "record protection");
}

static void protect_cbc(mt_protection *p, mt_writer *out, uint8_t type, mt_span plain)
{
    size_t start = out->len;
    mt_mark body = open_record(p, out, type);
    record_aad header = aad_of(p, out->at + start, plain.len);
    mt_cbc_seal(p->cbc, header.at, plain, out);
    mt_close_vec(out, body);
}

void mt_protect(mt_protection *p, mt_writer *out, uint8_t type, mt_span plain, size_t padding)
{
    if (p->form->is_cbc)
        protect_cbc(p, out, type, plain);
    else
        protect_aead(p, out, type, plain, padding);
    p->sequence++;
}

/* TLSInnerPlaintext: the type is the last byte that is not zero. */
static bool strip_inner(mt_writer *out, size_t start, uint8_t *type)
{
    while (out->len > start && out->at[out->len - 1] == 0)
        out->len--;
    if (out->len == start)
        return false;
    *type = out->at[--out->len];
    return true;
}

static bool open_aead(mt_protection *p, mt_writer *out, const mt_record *r, const uint8_t header[MT_RECORD_HEADER])
{
    size_t head = p->form->explicit_nonce, start = out->len;
    if (r->body.len < head + TAG)
        return false;
    size_t text_len = r->body.len - head - TAG;
    uint8_t nonce[NONCE], tag[TAG];
    set_nonce(p, nonce);
    memcpy(nonce + NONCE - head, r->body.at, head);
    memcpy(tag, r->body.at + r->body.len - TAG, TAG);
    mt_write_bytes(out, mt_span_of(r->body.at + head, text_len));
    record_aad aad = aad_of(p, header, text_len);
    const mt_aead_job job = {nonce, mt_span_of(aad.at, aad.len), {out->at + start, text_len}, tag};
    return mt_aead_crypt(p->aead, MT_OPENING, &job);
}

static bool open_text(mt_protection *p, mt_writer *out, const mt_record *r)
{
    const uint8_t header[MT_RECORD_HEADER] = {r->type, (uint8_t)(r->version >> 8), (uint8_t)r->version, (uint8_t)(r->body.len >> 8),
                                              (uint8_t)r->body.len};
    record_aad pseudo = aad_of(p, header, 0);
    return p->form->is_cbc ? mt_cbc_open(p->cbc, pseudo.at, r->body, out) : open_aead(p, out, r, header);
}

bool mt_unprotect(mt_protection *p, mt_writer *out, const mt_record *r, uint8_t *type)
{
    size_t start = out->len;
    *type = r->type;
    bool ok = open_text(p, out, r) && (!p->form->type_inside || strip_inner(out, start, type));
    if (!ok) {
        out->len = start;
        return false;
    }
    p->sequence++;
    return true;
}
