// SPDX-License-Identifier: Apache-2.0
#include "crypto/der.h"
#include "crypto/key_inner.h"
#include "crypto/sm2.h"
#include "crypto/sm2_lie.h"

enum { UNCOMPRESSED = 4, C3_LEN = 32 };

/* A ciphertext taken apart. */
typedef struct parts {
    uint8_t c1[MT_SM2_POINT];
    mt_span c3, c2;
} parts;

static bool layout_has_der(mt_sm2_layout l)
{
    return l == MT_SM2_C1C3C2 || l == MT_SM2_C1C2C3;
}

static bool hash_is_first(mt_sm2_layout l)
{
    return l == MT_SM2_C1C3C2 || l == MT_SM2_RAW_C1C3C2;
}

/* ---- taking apart ---- */

static bool take_coordinate(mt_reader *seq, uint8_t *out)
{
    mt_span number = mt_der_open(seq, MT_DER_INTEGER).rest;
    if (number.len == MT_SM2_FIELD + 1 && number.at[0] == 0)
        number = mt_span_skip(number, 1);
    if (number.len == 0 || number.len > MT_SM2_FIELD)
        return false;
    memset(out, 0, MT_SM2_FIELD);
    memcpy(out + MT_SM2_FIELD - number.len, number.at, number.len);
    return true;
}

static bool take_der(mt_span cipher, bool hash_first, parts *out)
{
    mt_parse p;
    mt_reader all = mt_parse_start(&p, cipher, false), seq = mt_der_open(&all, MT_DER_SEQUENCE);
    bool point = take_coordinate(&seq, out->c1) && take_coordinate(&seq, out->c1 + MT_SM2_FIELD);
    mt_span first = mt_der_open(&seq, MT_DER_OCTETS).rest, second = mt_der_open(&seq, MT_DER_OCTETS).rest;
    bool ok = mt_read_end(&seq) && mt_read_end(&all) && point;
    mt_parse_free(&p);
    out->c3 = hash_first ? first : second;
    out->c2 = hash_first ? second : first;
    return ok && out->c3.len == C3_LEN && out->c2.len != 0;
}

static bool take_raw(mt_span cipher, bool hash_first, parts *out)
{
    if (cipher.len <= 1 + MT_SM2_POINT + C3_LEN || cipher.at[0] != UNCOMPRESSED)
        return false;
    memcpy(out->c1, cipher.at + 1, MT_SM2_POINT);
    mt_span rest = mt_span_skip(cipher, 1 + MT_SM2_POINT);
    size_t c2 = rest.len - C3_LEN;
    out->c3 = hash_first ? mt_span_first(rest, C3_LEN) : mt_span_skip(rest, c2);
    out->c2 = hash_first ? mt_span_skip(rest, C3_LEN) : mt_span_first(rest, c2);
    return true;
}

static bool take_apart(mt_span cipher, mt_sm2_layout layout, parts *out)
{
    return layout_has_der(layout) ? take_der(cipher, hash_is_first(layout), out) : take_raw(cipher, hash_is_first(layout), out);
}

/* ---- putting together ---- */

static void put_together(const parts *p, mt_sm2_layout layout, mt_writer *out)
{
    const mt_span halves[] = {hash_is_first(layout) ? p->c3 : p->c2, hash_is_first(layout) ? p->c2 : p->c3};
    if (!layout_has_der(layout)) {
        mt_write_uint(out, UNCOMPRESSED, 1);
        mt_write_bytes(out, mt_span_of(p->c1, MT_SM2_POINT));
        mt_write_bytes(out, halves[0]);
        mt_write_bytes(out, halves[1]);
        return;
    }
    mt_writer seq = {0};
    mt_der_write_number(&seq, mt_span_of(p->c1, MT_SM2_FIELD));
    mt_der_write_number(&seq, mt_span_of(p->c1 + MT_SM2_FIELD, MT_SM2_FIELD));
    mt_der_write(&seq, MT_DER_OCTETS, halves[0]);
    mt_der_write(&seq, MT_DER_OCTETS, halves[1]);
    mt_der_write(out, MT_DER_SEQUENCE, mt_written(&seq));
    mt_writer_free(&seq);
}

/* What comes of the common point: C2 is the plaintext under the key stream, and the reverse (GB/T 32918.4 6.1 A5, A6). */
static void mask(const uint8_t *common, mt_span in, mt_writer *out)
{
    uint8_t *at = mt_write_room(out, in.len);
    mt_sm2_kdf(mt_span_of(common, MT_SM2_POINT), (mt_room){at, in.len});
    for (size_t i = 0; i < in.len; i++)
        at[i] ^= in.at[i];
}

/* C3 = SM3(x, plaintext, y) (A7) */
static mt_digest check_value(const uint8_t *common, mt_span plain)
{
    mt_writer data = {0};
    mt_write_bytes(&data, mt_span_of(common, MT_SM2_FIELD));
    mt_write_bytes(&data, plain);
    mt_write_bytes(&data, mt_span_of(common + MT_SM2_FIELD, MT_SM2_FIELD));
    mt_digest hash = mt_hash(MT_SM3, mt_written(&data));
    mt_writer_free(&data);
    return hash;
}

/* The common point that a reader who does not ask for the curve comes to, without his private key. */
static void choose_point(mt_sm2_c1 kind, uint8_t *c1, uint8_t *common)
{
    memset(common, 0, MT_SM2_POINT);
    if (kind == MT_SM2_C1_ZERO)
        memset(c1, 0, MT_SM2_POINT);
    else
        mt_sm2_order_two(c1);
    if (kind == MT_SM2_C1_TWO_ODD)
        memcpy(common, c1, MT_SM2_POINT);
}

bool mt_sm2_encrypt_as(const mt_key *k, const mt_sm2_cipher_form *form, mt_span plain, mt_writer *out)
{
    mt_writer honest = {0}, masked = {0};
    parts p;
    uint8_t common[MT_SM2_POINT] = {0};
    bool ok = mt_sm2_encrypt(k, plain, &honest) && take_apart(mt_written(&honest), MT_SM2_C1C3C2, &p);
    if (ok && form->c1 != MT_SM2_C1_FRESH) {
        choose_point(form->c1, p.c1, common);
        mask(common, plain, &masked);
        p.c2 = mt_written(&masked);
    }
    mt_digest c3 = check_value(common, plain);
    if (ok && form->c1 != MT_SM2_C1_FRESH)
        p.c3 = mt_digest_span(&c3);
    if (ok)
        put_together(&p, form->layout, out);
    mt_writer_free(&honest);
    mt_writer_free(&masked);
    return ok;
}

/* ---- carelessness ---- */

static bool is_on_curve(const uint8_t *c1)
{
    uint8_t point[1 + MT_SM2_POINT] = {UNCOMPRESSED};
    mt_writer ignored = {0};
    memcpy(point + 1, c1, MT_SM2_POINT);
    bool ok = mt_sm2_compress(mt_span_of(point, sizeof point), &ignored);
    mt_writer_free(&ignored);
    return ok;
}

static bool decrypt_parts(const mt_key *k, const parts *p, const mt_sm2_carelessness *how, mt_writer *out)
{
    uint8_t common[MT_SM2_POINT];
    mt_writer plain = {0};
    if (!how->any_point && !is_on_curve(p->c1))
        return false;
    mt_sm2_times(k, p->c1, common);
    mask(common, p->c2, &plain);
    mt_digest c3 = check_value(common, mt_written(&plain));
    bool ok = how->any_hash || mt_span_equal(p->c3, mt_digest_span(&c3));
    if (ok)
        mt_write_bytes(out, mt_written(&plain));
    mt_writer_free(&plain);
    return ok;
}

bool mt_sm2_decrypt_carelessly(const mt_key *k, mt_span cipher, const mt_sm2_carelessness *how, mt_writer *out)
{
    parts p;
    if (k->kind != MT_KEY_SM2 || !k->is_private)
        return false;
    for (int layout = MT_SM2_C1C3C2; layout < (how->any_layout ? MT_SM2_LAYOUTS : MT_SM2_C1C2C3); layout++)
        if (take_apart(cipher, (mt_sm2_layout)layout, &p) && decrypt_parts(k, &p, how, out))
            return true;
    return false;
}
