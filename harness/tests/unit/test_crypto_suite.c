// SPDX-License-Identifier: Apache-2.0
#include "crypto/suite.h"
#include "wire/codes.h"

#include <openssl/evp.h>

#include "hex.h"
#include "suite.h"

/* The number of rows, for the loop tests; the first test holds it to the table. */
enum { SUITES = 15, TAG = 16 };

static const uint8_t iv_lens[] = {
    [MT_NONCE_XOR] = 12, [MT_NONCE_EXPLICIT] = 4, [MT_NONCE_XOR_TLS12] = 12, [MT_NONCE_CBC_HMAC] = 0};

START_TEST(the_table_is_sound)
{
    ck_assert_uint_eq(mt_suite_count, SUITES);
    const mt_suite *s = &mt_suite_rows[_i];
    ck_assert_ptr_eq(mt_suite_find(s->code), s);
    ck_assert_ptr_nonnull(mt_code_name(&mt_suites, s->code));
    ck_assert_uint_eq(s->iv_len, iv_lens[s->form]);
    ck_assert_uint_eq(s->mac_len, s->form == MT_NONCE_CBC_HMAC ? mt_hash_len(s->hash) : 0);
    ck_assert((s->form == MT_NONCE_XOR) == (s->version == MT_TLS13));
    ck_assert((s->auth == MT_AUTH_SM2) == (s->hash == MT_SM3));
    ck_assert((s->kex != MT_KEX_ECDHE) == (s->version == MT_TLCP));
    ck_assert_ptr_null(mt_suite_find(0x002f));
}
END_TEST

static mt_protection *protection_of(const mt_suite *s)
{
    uint8_t key[64], iv[12];
    memset(key, 0x4b, sizeof key);
    memset(iv, 0x49, sizeof iv);
    return mt_protection_new(s, mt_span_of(key, (size_t)s->mac_len + s->key_len), mt_span_of(iv, s->iv_len));
}

static bool opens(mt_protection *p, mt_span record, mt_writer *out, uint8_t *type)
{
    mt_record r;
    ck_assert(mt_record_next(record, &r) == MT_FRAME_WHOLE);
    ck_assert_uint_eq(r.size, record.len);
    return mt_unprotect(p, out, &r, type);
}

static const struct {
    uint8_t type;
    const char *plain;
    size_t padding;
} contents[] = {
    {MT_HANDSHAKE, "hello", 0}, {MT_APPLICATION_DATA, "", 0}, {MT_ALERT, "\x02\x30", 100}, {MT_APPLICATION_DATA, "x", 16000},
};

START_TEST(what_is_protected_opens)
{
    const mt_suite *s = &mt_suite_rows[_i];
    mt_protection *sealing = protection_of(s), *opening = protection_of(s);
    for (size_t i = 0; i < MT_COUNT(contents); i++) {
        mt_writer record = {0}, out = {0};
        uint8_t type = 0;
        mt_span plain = mt_span_text(contents[i].plain);
        mt_protect(sealing, &record, contents[i].type, plain, contents[i].padding);
        ck_assert_uint_eq(record.at[0], s->version == MT_TLS13 ? MT_APPLICATION_DATA : contents[i].type);
        ck_assert_int_eq(record.at[1] << 8 | record.at[2], s->version == MT_TLS13 ? MT_TLS12 : s->version);
        ck_assert(opens(opening, mt_written(&record), &out, &type));
        ck_assert_uint_eq(type, contents[i].type);
        ck_assert(mt_span_equal(mt_written(&out), plain));
        mt_writer_free(&record);
        mt_writer_free(&out);
    }
    mt_protection_free(sealing);
    mt_protection_free(opening);
}
END_TEST

START_TEST(every_flipped_byte_is_noticed)
{
    mt_protection *sealing = protection_of(&mt_suite_rows[_i]), *opening = protection_of(&mt_suite_rows[_i]);
    mt_writer record = {0}, out = {0};
    uint8_t type = 0;
    mt_write_bytes(&out, mt_span_text("kept"));
    mt_protect(sealing, &record, MT_HANDSHAKE, mt_span_text("message"), 3);
    for (size_t i = 0; i < record.len; i++) {
        if (i == 3 || i == 4) /* the length decides what is framed at all */
            continue;
        record.at[i] ^= 1;
        ck_assert_msg(!opens(opening, mt_written(&record), &out, &type), "byte %zu", i);
        ck_assert(mt_span_equal(mt_written(&out), mt_span_text("kept")));
        record.at[i] ^= 1;
    }
    ck_assert(opens(opening, mt_written(&record), &out, &type));
    ck_assert(mt_span_equal(mt_written(&out), mt_span_text("keptmessage")));
    ck_assert(!opens(opening, mt_written(&record), &out, &type));
    mt_writer_free(&record);
    mt_writer_free(&out);
    mt_protection_free(sealing);
    mt_protection_free(opening);
}
END_TEST

START_TEST(a_record_that_is_too_short_does_not_open)
{
    static const uint8_t zeros[64];
    const mt_suite *s = &mt_suite_rows[_i];
    mt_protection *p = protection_of(s);
    for (size_t len = 0; len < 40; len++) {
        mt_writer out = {0};
        uint8_t type = 0;
        mt_record r = {MT_APPLICATION_DATA, MT_TLS12, mt_span_of(zeros, len), MT_RECORD_HEADER + len};
        ck_assert_msg(!mt_unprotect(p, &out, &r, &type), "%zu bytes", len);
        ck_assert_uint_eq(out.len, 0);
        mt_writer_free(&out);
    }
    mt_protection_free(p);
}
END_TEST

/* RFC 8446 5.4: "If a receiving implementation does not find a non-zero octet in the cleartext". */
START_TEST(only_zeros_inside_do_not_open)
{
    mt_protection *sealing = protection_of(mt_suite_find(0x1301)), *opening = protection_of(mt_suite_find(0x1301));
    mt_writer record = {0}, out = {0};
    uint8_t type = 0;
    mt_protect(sealing, &record, 0, mt_span_of("\0\0\0", 3), 5);
    ck_assert(!opens(opening, mt_written(&record), &out, &type));
    ck_assert_uint_eq(out.len, 0);
    mt_writer_free(&record);
    mt_writer_free(&out);
    mt_protection_free(sealing);
    mt_protection_free(opening);
}
END_TEST

START_TEST(a_key_of_another_length_dies)
{
    mt_protection_free(mt_protection_new(mt_suite_find(0x1302), mt_span_text("0123456789abcdef"), mt_span_text("0123456789ab")));
}
END_TEST

/* The second TLS 1.2 record of a direction, made with libcrypto alone from what RFC 5288 3 and RFC 7905 2 say. */
static const struct {
    uint16_t suite;
    const char *nonce, *explicit_nonce;
} by_hand[] = {
    {0xc02f, "49494949 0000000000000001", "0000000000000001"},
    {0xc02c, "49494949 0000000000000001", "0000000000000001"},
    {0xcca8, "49494949 49494949 49494948", ""},
};

static void seal_by_hand(const mt_suite *s, mt_span nonce, mt_span plain, mt_writer *out)
{
    uint8_t key[32], aad[13] = {0, 0, 0, 0, 0, 0, 0, 1, MT_HANDSHAKE, 3, 3, 0, (uint8_t)plain.len};
    int n = 0;
    memset(key, 0x4b, sizeof key);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, s->cipher, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *text = mt_write_room(out, plain.len + TAG);
    ck_assert_int_eq(EVP_EncryptInit_ex2(ctx, cipher, key, nonce.at, NULL), 1);
    ck_assert_int_eq(EVP_EncryptUpdate(ctx, NULL, &n, aad, sizeof aad), 1);
    ck_assert_int_eq(EVP_EncryptUpdate(ctx, text, &n, plain.at, (int)plain.len), 1);
    ck_assert_int_eq(EVP_EncryptFinal_ex(ctx, text + n, &n), 1);
    ck_assert_int_eq(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, text + plain.len), 1);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
}

START_TEST(tls12_records_are_as_the_rfcs_say)
{
    const mt_suite *s = mt_suite_find(by_hand[_i].suite);
    mt_protection *p = protection_of(s);
    mt_writer nonce = {0}, body = {0}, record = {0};
    mt_record r;
    from_hex(&body, by_hand[_i].explicit_nonce);
    seal_by_hand(s, from_hex(&nonce, by_hand[_i].nonce), mt_span_text("finished"), &body);
    mt_protect(p, &record, MT_HANDSHAKE, mt_span_text("first"), 0);
    mt_writer_clear(&record);
    mt_protect(p, &record, MT_HANDSHAKE, mt_span_text("finished"), 0);
    ck_assert(mt_record_next(mt_written(&record), &r) == MT_FRAME_WHOLE);
    ck_assert(mt_span_equal(r.body, mt_written(&body)));
    mt_protection_free(p);
    mt_writer_free(&nonce);
    mt_writer_free(&body);
    mt_writer_free(&record);
}
END_TEST

static const suite_row rows[] = {
    {&the_table_is_sound, SUITES, 0},
    {&what_is_protected_opens, SUITES, 0},
    {&every_flipped_byte_is_noticed, SUITES, 0},
    {&a_record_that_is_too_short_does_not_open, SUITES, 0},
    {&only_zeros_inside_do_not_open, 0, 0},
    {&a_key_of_another_length_dies, 0, 3},
    {&tls12_records_are_as_the_rfcs_say, MT_COUNT(by_hand), 0},
};

int main(void)
{
    return suite_run("crypto_suite", rows, MT_COUNT(rows));
}
