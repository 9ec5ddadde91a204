// SPDX-License-Identifier: Apache-2.0
/* Authenticated encryption, by libcrypto and composed: RFC 8998 appendix A, and one maker held to the other. */
#include "crypto/aead.h"
#include "crypto/random.h"

#include "hex.h"
#include "suite.h"

enum { TAG = MT_AEAD_TAG, KEY = 16 };

typedef mt_aead *maker(const char *cipher, const uint8_t *key);

#define RFC_KEY "0123456789abcdeffedcba9876543210"
#define RFC_NONCE "00001234567800000000abcd"
#define RFC_AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define RFC_PLAIN                                                                                                                  \
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"                                                             \
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"

static const struct {
    const char *cipher, *text, *tag;
} published[] = {
    {"SM4-GCM",
     "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
     "83de3541e4c2b58177e065a9bf7b62ec"},
    {"SM4-CCM",
     "48af93501fa62adbcd414cce6034d895dda1bf8f132f042098661572e7483094fd12e518ce062c98acee28d95df4416bed31a2f04476c18bb40c84a74b97dc5b",
     "16842d4fa186f56ab33256971fa110f4"},
};

static void seals_as_published(maker *make, const char *cipher, const char *text, const char *tag)
{
    mt_writer key = {0}, nonce = {0}, aad = {0}, plain = {0};
    uint8_t got[TAG] = {0};
    from_hex(&plain, RFC_PLAIN);
    mt_aead *a = make(cipher, from_hex(&key, RFC_KEY).at);
    ck_assert_msg(a != NULL, "%s", cipher);
    const mt_aead_job job = {from_hex(&nonce, RFC_NONCE).at, from_hex(&aad, RFC_AAD), {plain.at, plain.len}, got};
    ck_assert(mt_aead_crypt(a, MT_SEALING, &job));
    check_hex(mt_written(&plain), text);
    check_hex(mt_span_of(got, TAG), tag);
    ck_assert(mt_aead_crypt(a, MT_OPENING, &job));
    check_hex(mt_written(&plain), RFC_PLAIN);
    got[TAG - 1] ^= 1;
    ck_assert(!mt_aead_crypt(a, MT_OPENING, &job));
    mt_aead_free(a);
    mt_writer_free(&key);
    mt_writer_free(&nonce);
    mt_writer_free(&aad);
    mt_writer_free(&plain);
}

START_TEST(composed_as_rfc8998_says)
{
    seals_as_published(mt_aead_composed, published[_i].cipher, published[_i].text, published[_i].tag);
}
END_TEST

START_TEST(what_is_chosen_is_as_rfc8998_says)
{
    seals_as_published(mt_aead_new, published[_i].cipher, published[_i].text, published[_i].tag);
}
END_TEST

/* Both makers have AES; SM4 they both have from the OpenSSL on that brings SM4-GCM. */
static const char *const ciphers[] = {"AES-128-GCM", "AES-128-CCM", "SM4-GCM", "SM4-CCM"};
static const size_t lengths[] = {1, 15, 16, 17, 100, 1023, 1024, 1025, 16384, 16401, 65000};
static const size_t aads[] = {5, 13, 14, 20, MT_AEAD_AAD_MAX};

static void seal(mt_aead *a, const uint8_t nonce[MT_AEAD_NONCE], mt_span aad, mt_writer *text)
{
    mt_write_room(text, TAG);
    const mt_aead_job job = {nonce, aad, {text->at, text->len - TAG}, text->at + text->len - TAG};
    ck_assert(mt_aead_crypt(a, MT_SEALING, &job));
}

static bool opens(mt_aead *a, const uint8_t nonce[MT_AEAD_NONCE], mt_span aad, mt_writer *text)
{
    const mt_aead_job job = {nonce, aad, {text->at, text->len - TAG}, text->at + text->len - TAG};
    return mt_aead_crypt(a, MT_OPENING, &job);
}

static void agree(mt_aead *one, mt_aead *other, size_t len, size_t aad_len)
{
    mt_writer plain = {0}, a = {0}, b = {0};
    uint8_t nonce[MT_AEAD_NONCE], aad[MT_AEAD_AAD_MAX];
    mt_random_bytes(nonce, sizeof nonce);
    mt_random_bytes(aad, sizeof aad);
    mt_random_bytes(mt_write_room(&plain, len), len);
    mt_write_bytes(&a, mt_written(&plain));
    mt_write_bytes(&b, mt_written(&plain));
    seal(one, nonce, mt_span_of(aad, aad_len), &a);
    seal(other, nonce, mt_span_of(aad, aad_len), &b);
    ck_assert(mt_span_equal(mt_written(&a), mt_written(&b)));
    ck_assert(opens(other, nonce, mt_span_of(aad, aad_len), &a));
    ck_assert(mt_span_equal(mt_span_first(mt_written(&a), len), mt_written(&plain)));
    aad[0] ^= 1;
    ck_assert(!opens(one, nonce, mt_span_of(aad, aad_len), &b));
    mt_writer_free(&plain);
    mt_writer_free(&a);
    mt_writer_free(&b);
}

START_TEST(both_makers_make_the_same)
{
    uint8_t key[KEY];
    mt_random_bytes(key, sizeof key);
    mt_aead *own = mt_aead_own(ciphers[_i], key), *made = mt_aead_composed(ciphers[_i], key);
    ck_assert_ptr_nonnull(made);
    ck_assert_msg(own != NULL || strncmp(ciphers[_i], "SM4", 3) == 0, "libcrypto has no %s", ciphers[_i]);
    for (size_t i = 0; i < MT_COUNT(lengths); i++)
        for (size_t j = 0; j < MT_COUNT(aads); j++)
            agree(own != NULL ? own : made, made, lengths[i], aads[j]);
    mt_aead_free(own);
    mt_aead_free(made);
    mt_aead_free(NULL);
}
END_TEST

START_TEST(an_empty_text_has_a_tag)
{
    uint8_t key[KEY] = {7}, nonce[MT_AEAD_NONCE] = {1};
    mt_aead *a = mt_aead_composed(ciphers[_i], key);
    mt_writer text = {0};
    seal(a, nonce, mt_span_text("header"), &text);
    ck_assert(opens(a, nonce, mt_span_text("header"), &text));
    ck_assert(!opens(a, nonce, mt_span_text("Header"), &text));
    text.at[0] ^= 0x80;
    ck_assert(!opens(a, nonce, mt_span_text("header"), &text));
    mt_aead_free(a);
    mt_writer_free(&text);
}
END_TEST

START_TEST(nobody_has_other_ciphers)
{
    uint8_t key[KEY] = {0};
    ck_assert_ptr_null(mt_aead_own("SM4-CBC", key));
    ck_assert_ptr_null(mt_aead_composed("SM4-CBC", key));
    ck_assert_ptr_null(mt_aead_composed("ChaCha20-Poly1305", key));
    ck_assert_ptr_null(mt_aead_composed("Camellia-GCM", key));
    ck_assert_ptr_null(mt_aead_own("Camellia-GCM", key));
}
END_TEST

START_TEST(an_unknown_cipher_dies)
{
    uint8_t key[KEY] = {0};
    mt_aead_free(mt_aead_new("Camellia-GCM", key));
}
END_TEST

static const suite_row rows[] = {
    {&composed_as_rfc8998_says, MT_COUNT(published), 0},
    {&what_is_chosen_is_as_rfc8998_says, MT_COUNT(published), 0},
    {&both_makers_make_the_same, MT_COUNT(ciphers), 0},
    {&an_empty_text_has_a_tag, MT_COUNT(ciphers), 0},
    {&nobody_has_other_ciphers, 0, 0},
    {&an_unknown_cipher_dies, 0, 3},
};

int main(void)
{
    return suite_run("crypto_aead", rows, MT_COUNT(rows));
}
