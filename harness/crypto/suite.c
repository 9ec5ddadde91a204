// SPDX-License-Identifier: Apache-2.0
#include "crypto/suite.h"

#include "crypto/inner.h"
#include "wire/codes.h"

#include <openssl/crypto.h>

const mt_suite mt_suite_rows[] = {
    {0x1301, MT_TLS13, MT_AUTH_ANY, MT_SHA256, "AES-128-GCM", 16, 12, MT_NONCE_XOR},
    {0x1302, MT_TLS13, MT_AUTH_ANY, MT_SHA384, "AES-256-GCM", 32, 12, MT_NONCE_XOR},
    {0x1303, MT_TLS13, MT_AUTH_ANY, MT_SHA256, "ChaCha20-Poly1305", 32, 12, MT_NONCE_XOR},
    {0xc02b, MT_TLS12, MT_AUTH_ECDSA, MT_SHA256, "AES-128-GCM", 16, 4, MT_NONCE_EXPLICIT},
    {0xc02c, MT_TLS12, MT_AUTH_ECDSA, MT_SHA384, "AES-256-GCM", 32, 4, MT_NONCE_EXPLICIT},
    {0xc02f, MT_TLS12, MT_AUTH_RSA, MT_SHA256, "AES-128-GCM", 16, 4, MT_NONCE_EXPLICIT},
    {0xc030, MT_TLS12, MT_AUTH_RSA, MT_SHA384, "AES-256-GCM", 32, 4, MT_NONCE_EXPLICIT},
    {0xcca9, MT_TLS12, MT_AUTH_ECDSA, MT_SHA256, "ChaCha20-Poly1305", 32, 12, MT_NONCE_XOR_TLS12},
    {0xcca8, MT_TLS12, MT_AUTH_RSA, MT_SHA256, "ChaCha20-Poly1305", 32, 12, MT_NONCE_XOR_TLS12},
};
const size_t mt_suite_count = MT_COUNT(mt_suite_rows);

enum { TAG = 16, NONCE = 12, AAD_MAX = 13 };

/* How each form differs on the wire. */
typedef struct record_form {
    size_t explicit_nonce; /* bytes of the nonce that stand before the ciphertext */
    bool type_inside;      /* TLSInnerPlaintext (RFC 8446 5.2), and the header alone is the additional data */
} record_form;

static const record_form forms[] = {
    [MT_NONCE_XOR] = {0, true},
    [MT_NONCE_EXPLICIT] = {8, false},
    [MT_NONCE_XOR_TLS12] = {0, false},
};

enum direction { OPENING = 0, SEALING = 1, UNUSED = -1 };

struct mt_protection {
    const mt_suite *suite;
    const record_form *form;
    EVP_CIPHER_CTX *ctx;
    enum direction direction; /* what `ctx` was last keyed for */
    uint64_t sequence;
    uint8_t key[32];
    uint8_t iv[NONCE];
};

typedef struct record_aad {
    uint8_t at[AAD_MAX];
    size_t len;
} record_aad;

static EVP_CIPHER *fetched[MT_COUNT(mt_suite_rows)];
static CRYPTO_ONCE fetch_once = CRYPTO_ONCE_STATIC_INIT;

static void fetch_all(void)
{
    for (size_t i = 0; i < mt_suite_count; i++)
        fetched[i] = EVP_CIPHER_fetch(NULL, mt_suite_rows[i].cipher, NULL);
}

const mt_suite *mt_suite_find(uint16_t code)
{
    for (size_t i = 0; i < mt_suite_count; i++) {
        if (mt_suite_rows[i].code == code)
            return &mt_suite_rows[i];
    }
    return NULL;
}

mt_protection *mt_protection_new(const mt_suite *s, mt_span key, mt_span iv)
{
    if (key.len != s->key_len || iv.len != s->iv_len)
        mt_die("key of %zu and iv of %zu bytes for suite %04x", key.len, iv.len, s->code);
    mt_protection *p = mt_alloc(sizeof *p);
    p->suite = s;
    p->form = &forms[s->form];
    p->direction = UNUSED;
    memcpy(p->key, key.at, key.len);
    memcpy(p->iv, iv.at, iv.len);
    p->ctx = EVP_CIPHER_CTX_new();
    mt_crypto_must(p->ctx != NULL, "cipher context");
    return p;
}

void mt_protection_free(mt_protection *p)
{
    if (p == NULL)
        return;
    EVP_CIPHER_CTX_free(p->ctx);
    OPENSSL_cleanse(p->key, sizeof p->key);
    mt_free(p);
}

static void aim(mt_protection *p, enum direction direction)
{
    if (p->direction == direction)
        return;
    mt_crypto_must(CRYPTO_THREAD_run_once(&fetch_once, fetch_all) == 1, "run once");
    EVP_CIPHER *cipher = fetched[p->suite - mt_suite_rows];
    mt_crypto_must(cipher != NULL && EVP_CipherInit_ex2(p->ctx, cipher, p->key, NULL, direction, NULL) == 1, p->suite->cipher);
    p->direction = direction;
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
    record_aad aad = {.len = p->form->type_inside ? MT_RECORD_HEADER : AAD_MAX};
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

static bool crypt(mt_protection *p, const uint8_t nonce[NONCE], const record_aad *aad, mt_room text)
{
    int n = 0;
    return EVP_CipherInit_ex2(p->ctx, NULL, NULL, nonce, p->direction, NULL) == 1 &&
           EVP_CipherUpdate(p->ctx, NULL, &n, aad->at, (int)aad->len) == 1 &&
           EVP_CipherUpdate(p->ctx, text.at, &n, text.at, (int)text.len) == 1 && (size_t)n == text.len;
}

static bool finish(mt_protection *p, int command, uint8_t *tag)
{
    uint8_t none[TAG];
    int n = 0;
    if (command == EVP_CTRL_AEAD_SET_TAG)
        return EVP_CIPHER_CTX_ctrl(p->ctx, command, TAG, tag) == 1 && EVP_CipherFinal_ex(p->ctx, none, &n) == 1;
    return EVP_CipherFinal_ex(p->ctx, none, &n) == 1 && EVP_CIPHER_CTX_ctrl(p->ctx, command, TAG, tag) == 1;
}

static void write_inner(mt_writer *out, const mt_protection *p, uint8_t type, mt_span plain, size_t padding)
{
    mt_write_bytes(out, plain);
    if (!p->form->type_inside)
        return;
    mt_write_uint(out, type, 1);
    mt_write_room(out, padding);
}

void mt_protect(mt_protection *p, mt_writer *out, uint8_t type, mt_span plain, size_t padding)
{
    uint8_t nonce[NONCE];
    size_t start = out->len;
    aim(p, SEALING);
    set_nonce(p, nonce);
    mt_write_uint(out, p->form->type_inside ? MT_APPLICATION_DATA : type, 1);
    mt_write_uint(out, MT_TLS12, 2);
    mt_mark body = mt_open_vec(out, 2);
    mt_write_bytes(out, mt_span_of(nonce + NONCE - p->form->explicit_nonce, p->form->explicit_nonce));
    size_t text_at = out->len;
    write_inner(out, p, type, plain, padding);
    size_t text_len = out->len - text_at;
    mt_write_room(out, TAG);
    mt_close_vec(out, body);
    record_aad aad = aad_of(p, out->at + start, text_len);
    bool ok = crypt(p, nonce, &aad, (mt_room){out->at + text_at, text_len}) &&
              finish(p, EVP_CTRL_AEAD_GET_TAG, out->at + text_at + text_len);
    mt_crypto_must(ok, "record protection");
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

static bool open_text(mt_protection *p, mt_writer *out, const mt_record *r)
{
    uint8_t nonce[NONCE], tag[TAG], header[MT_RECORD_HEADER] = {r->type, (uint8_t)(r->version >> 8), (uint8_t)r->version,
                                                               (uint8_t)(r->body.len >> 8), (uint8_t)r->body.len};
    size_t head = p->form->explicit_nonce, text_len = r->body.len - head - TAG, start = out->len;
    set_nonce(p, nonce);
    memcpy(nonce + NONCE - head, r->body.at, head);
    memcpy(tag, r->body.at + r->body.len - TAG, TAG);
    mt_write_bytes(out, mt_span_of(r->body.at + head, text_len));
    record_aad aad = aad_of(p, header, text_len);
    return crypt(p, nonce, &aad, (mt_room){out->at + start, text_len}) && finish(p, EVP_CTRL_AEAD_SET_TAG, tag);
}

bool mt_unprotect(mt_protection *p, mt_writer *out, const mt_record *r, uint8_t *type)
{
    size_t start = out->len;
    if (r->body.len < p->form->explicit_nonce + TAG)
        return false;
    aim(p, OPENING);
    *type = r->type;
    bool ok = open_text(p, out, r) && (!p->form->type_inside || strip_inner(out, start, type));
    if (!ok) {
        out->len = start;
        return false;
    }
    p->sequence++;
    return true;
}
