// SPDX-License-Identifier: Apache-2.0
#include "crypto/der.h"
#include "crypto/inner.h"
#include "crypto/sm2_lie.h"

#include <openssl/bn.h>

enum { NUMBER = 32, NUMBER_MAX = 256, PADDING = 2 };

/* n of GB/T 32918.5. */
static const uint8_t order_bytes[NUMBER] =
    "\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x72\x03\xdf\x6b\x21\xc6\x05\x2b\x53\xbb\xf4\x09\x39\xd5\x41\x23";

typedef struct numbers {
    BIGNUM *order, *at[2]; /* r, s */
} numbers;

static void start(numbers *n)
{
    *n = (numbers){BN_bin2bn(order_bytes, NUMBER, NULL), {BN_new(), BN_new()}};
    mt_crypto_must(n->order != NULL && n->at[0] != NULL && n->at[1] != NULL, "SM2 signature");
}

static void end(numbers *n)
{
    BN_free(n->order);
    BN_free(n->at[0]);
    BN_free(n->at[1]);
}

/* ---- reading ---- */

/* The content of an INTEGER: two's complement, or for a careless reader the bits as they stand. */
static bool read_value(mt_span content, bool is_signed, BIGNUM *out)
{
    if (content.len == 0 || content.len > NUMBER_MAX || BN_bin2bn(content.at, (int)content.len, out) == NULL)
        return false;
    if (!is_signed || content.at[0] < 0x80)
        return true;
    BIGNUM *modulus = BN_new();
    bool ok = modulus != NULL && BN_set_bit(modulus, 8 * (int)content.len) == 1 && BN_sub(out, out, modulus) == 1;
    BN_free(modulus);
    return ok;
}

static bool is_shortest(mt_span content)
{
    bool padded = content.len > 1 && ((content.at[0] == 0 && content.at[1] < 0x80) || (content.at[0] == 0xff && content.at[1] >= 0x80));
    return content.len != 0 && !padded;
}

static bool read_der(mt_span signature, numbers *n)
{
    mt_parse p;
    mt_reader all = mt_parse_start(&p, signature, false), seq = mt_der_open(&all, MT_DER_SEQUENCE);
    mt_span content[2];
    for (int i = 0; i < 2; i++)
        content[i] = mt_der_open(&seq, MT_DER_INTEGER).rest;
    bool ok = mt_read_end(&seq) && mt_read_end(&all);
    for (int i = 0; ok && i < 2; i++)
        ok = is_shortest(content[i]) && read_value(content[i], true, n->at[i]);
    mt_parse_free(&p);
    return ok;
}

/* One element with a length in any of the forms of BER. */
static mt_reader open_ber(mt_reader *r, unsigned tag)
{
    mt_reader inner = *r;
    bool right = mt_read_uint(r, "tag", 1) == tag;
    size_t len = mt_read_uint(r, "length", 1);
    if (len > 0x80 && len <= 0x84)
        len = mt_read_uint(r, "length", len & 0x7f);
    inner.rest = mt_read_bytes(r, "content", right ? len : SIZE_MAX);
    return inner;
}

static bool read_ber(mt_span signature, numbers *n)
{
    mt_parse p;
    mt_reader all = mt_parse_start(&p, signature, false), seq = open_ber(&all, MT_DER_SEQUENCE);
    bool ok = true;
    for (int i = 0; i < 2; i++) {
        mt_span content = open_ber(&seq, MT_DER_INTEGER).rest;
        ok = ok && !p.failed && read_value(content, false, n->at[i]);
    }
    mt_parse_free(&p);
    return ok;
}

static bool read_raw(mt_span signature, numbers *n)
{
    return signature.len == 2 * NUMBER && read_value(mt_span_first(signature, NUMBER), false, n->at[0]) &&
           read_value(mt_span_skip(signature, NUMBER), false, n->at[1]);
}

/* ---- writing ---- */

/* The bytes of a number in two's complement: -128 takes one, 128 takes two. */
static size_t bytes_of(const BIGNUM *value)
{
    BIGNUM *next = BN_dup(value);
    mt_crypto_must(next != NULL && (!BN_is_negative(value) || BN_add_word(next, 1) == 1), "SM2 signature");
    size_t bits = (size_t)BN_num_bits(next);
    BN_free(next);
    return bits / 8 + 1;
}

/* A number in two's complement, in the fewest bytes. */
static void write_value(const BIGNUM *value, mt_writer *out)
{
    size_t len = bytes_of(value);
    uint8_t *at = mt_write_room(out, len);
    mt_crypto_must(BN_bn2binpad(value, at, (int)len) == (int)len, "SM2 signature");
    unsigned carry = 1;
    for (size_t i = len; BN_is_negative(value) && i > 0; i--) {
        carry += (uint8_t)~at[i - 1];
        at[i - 1] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void write_element(mt_writer *w, uint8_t tag, mt_span content, bool long_length)
{
    if (!long_length) {
        mt_der_write(w, tag, content);
        return;
    }
    mt_write_uint(w, tag, 1);
    mt_write_uint(w, 0x82, 1);
    mt_write_vec(w, 2, content);
}

static void write_number(const BIGNUM *value, mt_sm2_encoding encoding, mt_writer *w)
{
    mt_writer content = {0};
    if (encoding == MT_SM2_PADDED)
        mt_write_uint(&content, 0, PADDING);
    write_value(value, &content);
    if (encoding == MT_SM2_BARE && content.at[0] == 0 && content.len > NUMBER)
        mt_writer_drop(&content, 1);
    write_element(w, MT_DER_INTEGER, mt_written(&content), encoding == MT_SM2_LONG_LENGTH);
    mt_writer_free(&content);
}

static void write_sequence(const numbers *n, mt_sm2_encoding encoding, mt_writer *w)
{
    static const uint8_t third[] = {MT_DER_INTEGER, 1, 0};
    mt_writer content = {0};
    for (int i = 0; i < 2; i++)
        write_number(n->at[i], encoding, &content);
    if (encoding == MT_SM2_THIRD)
        mt_write_bytes(&content, mt_span_of(third, sizeof third));
    write_element(w, MT_DER_SEQUENCE, mt_written(&content), encoding == MT_SM2_LONG_LENGTH);
    mt_writer_free(&content);
}

static void write_raw(const numbers *n, mt_writer *w)
{
    for (int i = 0; i < 2; i++)
        mt_crypto_must(BN_bn2binpad(n->at[i], mt_write_room(w, NUMBER), NUMBER) == NUMBER, "SM2 signature");
}

static void change(BIGNUM *value, mt_sm2_number how, const BIGNUM *order)
{
    bool ok = true;
    if (how == MT_SM2_ZERO)
        BN_zero(value);
    else if (how == MT_SM2_ORDER)
        ok = BN_copy(value, order) != NULL;
    else if (how == MT_SM2_PLUS_ORDER)
        ok = BN_add(value, value, order) == 1;
    else if (how == MT_SM2_MINUS_ORDER)
        ok = BN_sub(value, value, order) == 1;
    mt_crypto_must(ok, "SM2 signature");
}

static bool can_be_bare(const numbers *n)
{
    return BN_num_bits(n->at[0]) == 8 * NUMBER || BN_num_bits(n->at[1]) == 8 * NUMBER;
}

bool mt_sm2_reform(mt_span good, const mt_sm2_form *form, mt_writer *out)
{
    numbers n;
    start(&n);
    bool ok = read_der(good, &n) && (form->encoding != MT_SM2_BARE || can_be_bare(&n));
    if (ok) {
        change(n.at[0], form->r, n.order);
        change(n.at[1], form->s, n.order);
        if (form->encoding == MT_SM2_RAW)
            write_raw(&n, out);
        else
            write_sequence(&n, form->encoding, out);
    }
    end(&n);
    return ok;
}

/* ---- carelessness ---- */

static bool is_positive(const numbers *n)
{
    return !BN_is_negative(n->at[0]) && !BN_is_negative(n->at[1]);
}

/* Who reads bits reads no sign, unless he reduces: then a negative number is one like another. */
static bool read_somehow(mt_span signature, const mt_sm2_laxness *how, numbers *n)
{
    bool der = read_der(signature, n);
    if (!how->any_encoding || (der && (how->reduces || is_positive(n))))
        return der;
    return read_raw(signature, n) || read_ber(signature, n);
}

static void reduce(numbers *n)
{
    BN_CTX *ctx = BN_CTX_new();
    for (int i = 0; i < 2; i++)
        mt_crypto_must(ctx != NULL && BN_nnmod(n->at[i], n->at[i], n->order, ctx) == 1, "SM2 signature");
    BN_CTX_free(ctx);
}

bool mt_sm2_tidy(mt_span signature, const mt_sm2_laxness *how, mt_writer *out)
{
    numbers n;
    start(&n);
    bool ok = read_somehow(signature, how, &n);
    if (ok && how->reduces)
        reduce(&n);
    if (ok)
        write_sequence(&n, MT_SM2_DER, out);
    end(&n);
    return ok;
}

static bool in_range(const BIGNUM *value, const BIGNUM *order)
{
    return !BN_is_negative(value) && !BN_is_zero(value) && BN_cmp(value, order) < 0;
}

bool mt_sm2_out_of_range(mt_span signature)
{
    numbers n;
    start(&n);
    bool out = read_der(signature, &n) && !(in_range(n.at[0], n.order) && in_range(n.at[1], n.order));
    end(&n);
    return out;
}
