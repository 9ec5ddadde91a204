// SPDX-License-Identifier: Apache-2.0
/* Records of SM4-CBC with HMAC-SM3, against such as are made here with libcrypto alone. */
#include "crypto/suite.h"
#include "wire/codes.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "hex.h"
#include "suite.h"

enum { BLOCK = 16, MAC = 32, PSEUDO = 13, SUITE = 0xe013 };

static const uint8_t keys[MAC + BLOCK] = "0123456789abcdef0123456789abcdefFEDCBA9876543210";

static mt_protection *protection(void)
{
    return mt_protection_new(mt_suite_find(SUITE), mt_span_of(keys, sizeof keys), (mt_span){0});
}

/* What a record is made of, and where it may be wrong. */
typedef struct recipe {
    const char *what;
    uint8_t sequence, type; /* that the MAC is over */
    uint16_t version;
    size_t data, padding;   /* padding: bytes, their length byte among them */
    size_t wrong_at;        /* this byte from the end of the plain blocks on is wrong; 0: none */
    bool opens;
} recipe;

static const recipe recipes[] = {
    {"shortest", 0, MT_HANDSHAKE, MT_TLCP, 16, 16, 0, true},
    {"one byte of padding", 0, MT_HANDSHAKE, MT_TLCP, 15, 1, 0, true},
    {"longest padding", 0, MT_HANDSHAKE, MT_TLCP, 16, 256, 0, true},
    {"a block more", 0, MT_HANDSHAKE, MT_TLCP, 20, 28, 0, true},
    {"no data", 0, MT_HANDSHAKE, MT_TLCP, 0, 16, 0, true},
    {"no data, long padding", 0, MT_HANDSHAKE, MT_TLCP, 0, 240, 0, true},
    {"a full record", 0, MT_HANDSHAKE, MT_TLCP, 16384, 16, 0, true},
    {"length byte too long by one", 0, MT_HANDSHAKE, MT_TLCP, 16, 16, 1, false},
    {"first byte of the padding", 0, MT_HANDSHAKE, MT_TLCP, 16, 16, 16, false},
    {"first byte of long padding", 0, MT_HANDSHAKE, MT_TLCP, 16, 256, 256, false},
    {"middle of the padding", 0, MT_HANDSHAKE, MT_TLCP, 16, 32, 20, false},
    {"last byte of the MAC", 0, MT_HANDSHAKE, MT_TLCP, 16, 16, 17, false},
    {"first byte of the MAC", 0, MT_HANDSHAKE, MT_TLCP, 16, 16, 48, false},
    {"last byte of the data", 0, MT_HANDSHAKE, MT_TLCP, 16, 16, 49, false},
    {"MAC over another sequence number", 1, MT_HANDSHAKE, MT_TLCP, 16, 16, 0, false},
    {"MAC over another type", 0, MT_APPLICATION_DATA, MT_TLCP, 16, 16, 0, false},
    {"MAC over another version", 0, MT_HANDSHAKE, MT_TLS12, 16, 16, 0, false},
};

static void add_mac(const recipe *how, mt_writer *plain)
{
    mt_writer covered = {0};
    unsigned len = 0;
    mt_write_uint(&covered, how->sequence, 8);
    mt_write_uint(&covered, how->type, 1);
    mt_write_uint(&covered, how->version, 2);
    mt_write_vec(&covered, 2, mt_written(plain));
    uint8_t *room = mt_write_room(plain, MAC);
    ck_assert_ptr_nonnull(HMAC(EVP_sm3(), keys, MAC, covered.at, covered.len, room, &len));
    ck_assert_uint_eq(len, MAC);
    mt_writer_free(&covered);
}

static void encrypt(mt_writer *body, size_t from, int sealing)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    uint8_t *at = body->at + from;
    ck_assert_int_eq(EVP_CipherInit_ex2(ctx, EVP_sm4_cbc(), keys + MAC, body->at, sealing, NULL), 1);
    ck_assert_int_eq(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    ck_assert_int_eq(EVP_CipherUpdate(ctx, at, &n, at, (int)(body->len - from)), 1);
    ck_assert_uint_eq((size_t)n, body->len - from);
    EVP_CIPHER_CTX_free(ctx);
}

static void make(const recipe *how, mt_writer *body)
{
    mt_writer plain = {0};
    memset(mt_write_room(&plain, how->data), 'd', how->data);
    add_mac(how, &plain);
    memset(mt_write_room(&plain, how->padding), (int)how->padding - 1, how->padding);
    if (how->wrong_at != 0)
        plain.at[plain.len - how->wrong_at] ^= 1;
    memset(mt_write_room(body, BLOCK), 'i', BLOCK);
    mt_write_bytes(body, mt_written(&plain));
    encrypt(body, BLOCK, 1);
    mt_writer_free(&plain);
}

static bool opens(mt_protection *p, mt_span body, mt_writer *out)
{
    const mt_record r = {MT_HANDSHAKE, MT_TLCP, body, MT_RECORD_HEADER + body.len};
    uint8_t type = 0;
    bool ok = mt_unprotect(p, out, &r, &type);
    ck_assert(!ok || type == MT_HANDSHAKE);
    return ok;
}

START_TEST(opens_or_not)
{
    mt_writer body = {0}, out = {0};
    mt_protection *p = protection();
    make(&recipes[_i], &body);
    ck_assert_msg(opens(p, mt_written(&body), &out) == recipes[_i].opens, "%s", recipes[_i].what);
    ck_assert_uint_eq(out.len, recipes[_i].opens ? recipes[_i].data : 0);
    for (size_t i = 0; i < out.len; i++)
        ck_assert_int_eq(out.at[i], 'd');
    mt_protection_free(p);
    mt_writer_free(&body);
    mt_writer_free(&out);
}
END_TEST

/* Every length of padding that gives whole blocks. */
START_TEST(any_padding_is_legal)
{
    for (size_t padding = 1; padding <= 256; padding++) {
        recipe how = {"", 0, MT_HANDSHAKE, MT_TLCP, (size_t)BLOCK - padding % BLOCK, padding, 0, true};
        mt_writer body = {0}, out = {0};
        mt_protection *p = protection();
        make(&how, &body);
        ck_assert_msg(opens(p, mt_written(&body), &out) && out.len == how.data, "%zu", padding);
        mt_protection_free(p);
        mt_writer_free(&body);
        mt_writer_free(&out);
    }
}
END_TEST

START_TEST(only_whole_blocks_open)
{
    mt_writer body = {0}, out = {0};
    mt_protection *p = protection();
    make(&recipes[0], &body);
    for (size_t len = 0; len < body.len; len++)
        ck_assert_msg(!opens(p, mt_span_first(mt_written(&body), len), &out), "%zu", len);
    ck_assert(opens(p, mt_written(&body), &out));
    mt_protection_free(p);
    mt_writer_free(&body);
    mt_writer_free(&out);
}
END_TEST

/* Padding that is right in itself, and leaves no room for a MAC. */
START_TEST(all_padding_is_refused)
{
    mt_writer body = {0}, out = {0};
    mt_protection *p = protection();
    memset(mt_write_room(&body, BLOCK), 'i', BLOCK);
    memset(mt_write_room(&body, (size_t)_i * BLOCK), _i * BLOCK - 1, (size_t)_i * BLOCK);
    if (_i > 0)
        encrypt(&body, BLOCK, 1);
    ck_assert(!opens(p, mt_written(&body), &out));
    mt_protection_free(p);
    mt_writer_free(&body);
    mt_writer_free(&out);
}
END_TEST

/* Lengths of data, and of the whole body: IV, data, MAC and the shortest padding. The Finished of TLCP has 16 bytes. */
static const struct {
    size_t data, body;
} sizes[] = {{0, 64}, {1, 64}, {15, 64}, {16, 80}, {17, 80}, {31, 80}, {32, 96}, {16384, 16448}};

START_TEST(ours_are_as_the_rfc_says)
{
    mt_writer record = {0}, plain = {0}, body = {0}, expected = {0};
    mt_protection *p = protection();
    memset(mt_write_room(&plain, sizes[_i].data), 'd', sizes[_i].data);
    mt_protect(p, &record, MT_HANDSHAKE, mt_written(&plain), 99);
    ck_assert_uint_eq(record.len, MT_RECORD_HEADER + sizes[_i].body);
    ck_assert_int_eq(record.at[0], MT_HANDSHAKE);
    ck_assert_int_eq(record.at[1] << 8 | record.at[2], MT_TLCP);
    mt_write_bytes(&body, mt_span_skip(mt_written(&record), MT_RECORD_HEADER));
    encrypt(&body, BLOCK, 0);
    recipe how = {"", 0, MT_HANDSHAKE, MT_TLCP, sizes[_i].data, BLOCK - sizes[_i].data % BLOCK, 0, true};
    mt_write_bytes(&expected, mt_written(&plain));
    add_mac(&how, &expected);
    memset(mt_write_room(&expected, how.padding), (int)how.padding - 1, how.padding);
    ck_assert(mt_span_equal(mt_span_skip(mt_written(&body), BLOCK), mt_written(&expected)));
    mt_protection_free(p);
    mt_writer_free(&record);
    mt_writer_free(&plain);
    mt_writer_free(&body);
    mt_writer_free(&expected);
}
END_TEST

START_TEST(every_iv_is_another)
{
    mt_writer a = {0}, b = {0};
    mt_protection *p = protection();
    mt_protect(p, &a, MT_HANDSHAKE, mt_span_text("same"), 0);
    mt_protect(p, &b, MT_HANDSHAKE, mt_span_text("same"), 0);
    ck_assert_uint_eq(a.len, b.len);
    ck_assert(memcmp(a.at + MT_RECORD_HEADER, b.at + MT_RECORD_HEADER, BLOCK) != 0);
    mt_protection_free(p);
    mt_writer_free(&a);
    mt_writer_free(&b);
}
END_TEST

static const suite_row rows[] = {
    {&opens_or_not, MT_COUNT(recipes), 0},
    {&any_padding_is_legal, 0, 0},
    {&only_whole_blocks_open, 0, 0},
    {&all_padding_is_refused, 4, 0},
    {&ours_are_as_the_rfc_says, MT_COUNT(sizes), 0},
    {&every_iv_is_another, 0, 0},
};

int main(void)
{
    return suite_run("crypto_cbc", rows, MT_COUNT(rows));
}
