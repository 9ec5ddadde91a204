// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.h"
#include "wire/codes.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "hex.h"
#include "suite.h"

/* The number of rows, for the loop tests; the first test holds it to the table. */
enum { SCHEMES = 17 };
/* The smallest RSA modulus that every scheme here has room in: making a key takes most of the time of these tests. */
enum { BITS = 1040 };

START_TEST(the_table_is_sound)
{
    const mt_scheme *s = &mt_scheme_rows[_i];
    ck_assert_uint_eq(mt_scheme_count, SCHEMES);
    ck_assert_ptr_eq(mt_scheme_find(s->code), s);
    ck_assert_str_eq(mt_scheme_name(s), mt_code_name(&mt_schemes, s->code));
    ck_assert((s->id != NULL) == (s->kind == MT_KEY_SM2));
    ck_assert_ptr_null(mt_scheme_find(0x0704));
}
END_TEST

/* libcrypto's own one-call verification, from the DER of the key: a mistake of ours that sign and verify share shows here. */
static bool verifies_elsewhere(const mt_key *k, const mt_scheme *s, mt_span data, mt_span signature)
{
    static const char *const names[] = {NULL, "SHA1", "SHA256", "SHA384", "SHA512", "MD5", "SM3"};
    mt_writer spki = {0};
    mt_key_spki(k, &spki);
    const uint8_t *at = spki.at;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)spki.len);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = NULL;
    ck_assert_int_eq(EVP_DigestVerifyInit_ex(ctx, &inner, names[s->hash], NULL, NULL, pkey, NULL), 1);
    if (s->id != NULL)
        ck_assert_int_eq(EVP_PKEY_CTX_set1_id(inner, s->id, (int)strlen(s->id)), 1);
    if (s->padding == MT_PAD_PSS) {
        ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING), 1);
        ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    bool ok = EVP_DigestVerify(ctx, signature.at, signature.len, data.at, data.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    mt_writer_free(&spki);
    return ok;
}

START_TEST(what_is_signed_verifies)
{
    const mt_scheme *s = &mt_scheme_rows[_i];
    mt_key *k = mt_key_make(s->kind, BITS);
    mt_writer signature = {0};
    mt_span data = mt_span_text("what is signed");
    for (int again = 0; again < 2; again++) {
        mt_writer_clear(&signature);
        mt_write_uint(&signature, 0xaa, 1);
        ck_assert(mt_sign(k, s, data, &signature));
        ck_assert_uint_eq(signature.at[0], 0xaa);
        mt_span bytes = mt_span_skip(mt_written(&signature), 1);
        ck_assert(mt_verify(k, s, data, bytes));
        ck_assert(verifies_elsewhere(k, s, data, bytes));
        ck_assert(!mt_verify(k, s, mt_span_text("what is signes"), bytes));
        ck_assert(!mt_verify(k, s, data, mt_span_first(bytes, bytes.len - 1)));
        ck_assert(!mt_verify(k, s, data, (mt_span){0}));
        signature.at[signature.len / 2] ^= 4;
        ck_assert(!mt_verify(k, s, data, bytes));
    }
    mt_key_free(k);
    mt_writer_free(&signature);
}
END_TEST

/* A key is asked for one scheme, then for another, then for the first again: contexts are kept from call to call. */
START_TEST(a_key_changes_schemes)
{
    static const uint16_t codes[] = {0x0401, 0x0804, 0x0501, 0x0806, 0x0201, 0x0401};
    mt_key *k = mt_key_make(MT_KEY_RSA, BITS);
    mt_span data = mt_span_text("data");
    for (size_t i = 0; i < MT_COUNT(codes); i++) {
        mt_writer signature = {0};
        ck_assert(mt_sign(k, mt_scheme_find(codes[i]), data, &signature));
        for (size_t j = 0; j < MT_COUNT(codes); j++)
            ck_assert(mt_verify(k, mt_scheme_find(codes[j]), data, mt_written(&signature)) == (codes[i] == codes[j]));
        mt_writer_free(&signature);
    }
    mt_key_free(k);
}
END_TEST

static const mt_key_kind curves[] = {MT_KEY_P256, MT_KEY_P384, MT_KEY_P521};
static const uint16_t ecdsa[] = {0x0403, 0x0503, 0x0603, 0x0203};

/* RFC 8446 4.2.3: in TLS 1.2 the hash says nothing about the curve. */
START_TEST(any_curve_signs_with_any_hash)
{
    mt_key *k = mt_key_make(curves[_i], 0);
    for (size_t i = 0; i < MT_COUNT(ecdsa); i++) {
        mt_writer signature = {0};
        const mt_scheme *s = mt_scheme_find(ecdsa[i]);
        ck_assert(mt_sign(k, s, mt_span_text("data"), &signature));
        ck_assert(mt_verify(k, s, mt_span_text("data"), mt_written(&signature)));
        ck_assert(verifies_elsewhere(k, s, mt_span_text("data"), mt_written(&signature)));
        ck_assert(mt_scheme_fits(s, k, MT_TLS12));
        ck_assert(mt_scheme_fits(s, k, MT_TLS13) == (s->tls13 && s->kind == curves[_i]));
        mt_writer_free(&signature);
    }
    mt_key_free(k);
}
END_TEST

static const struct {
    mt_key_kind kind;
    uint16_t scheme;
} strangers[] = {
    {MT_KEY_RSA, 0x0403}, {MT_KEY_RSA, 0x0807},  {MT_KEY_P256, 0x0804},    {MT_KEY_P256, 0x0401},
    {MT_KEY_P256, 0x0807}, {MT_KEY_ED25519, 0x0403}, {MT_KEY_ED25519, 0x0804}, {MT_KEY_SM2, 0x0403},
    {MT_KEY_SM2, 0x0804}, {MT_KEY_P256, 0x0708}, {MT_KEY_RSA, 0x0708},
};

START_TEST(a_key_of_another_family_cannot)
{
    mt_key *k = mt_key_make(strangers[_i].kind, BITS);
    const mt_scheme *s = mt_scheme_find(strangers[_i].scheme);
    mt_writer out = {0};
    ck_assert(!mt_sign(k, s, mt_span_text("data"), &out));
    ck_assert_uint_eq(out.len, 0);
    ck_assert(!mt_verify(k, s, mt_span_text("data"), mt_span_text("signature")));
    ck_assert(!mt_scheme_fits(s, k, MT_TLS12));
    ck_assert(!mt_scheme_fits(s, k, MT_TLS13));
    mt_key_free(k);
    mt_writer_free(&out);
}
END_TEST

static const struct {
    const char *what;
    mt_key_kind kind;
    unsigned bits;
    uint16_t scheme, version;
    bool fits;
} fittings[] = {
    {"PKCS#1 is for 1.2", MT_KEY_RSA, BITS, 0x0401, MT_TLS12, true},
    {"and not for 1.3", MT_KEY_RSA, BITS, 0x0401, MT_TLS13, false},
    {"PSS is for 1.3", MT_KEY_RSA, BITS, 0x0804, MT_TLS13, true},
    {"and for 1.2", MT_KEY_RSA, BITS, 0x0804, MT_TLS12, true},
    {"rsaEncryption is not RSASSA-PSS", MT_KEY_RSA, BITS, 0x0809, MT_TLS13, false},
    {"1024 bits have room for PSS with SHA-384", MT_KEY_RSA, 1024, 0x0805, MT_TLS13, true},
    {"but not with SHA-512", MT_KEY_RSA, 1024, 0x0806, MT_TLS13, false},
    {"1040 bits have", MT_KEY_RSA, BITS, 0x0806, MT_TLS13, true},
    {"Ed25519", MT_KEY_ED25519, 0, 0x0807, MT_TLS13, true},
    {"Ed25519 in 1.2", MT_KEY_ED25519, 0, 0x0807, MT_TLS12, true},
    {"SHA-1 is not for 1.3", MT_KEY_P256, 0, 0x0203, MT_TLS13, false},
    {"SM2", MT_KEY_SM2, 0, 0x0708, MT_TLS13, true},
    {"SM2 is not for 1.2", MT_KEY_SM2, 0, 0x0708, MT_TLS12, false},
    {"SM2 of TLS 1.3 is not for TLCP", MT_KEY_SM2, 0, 0x0708, MT_TLCP, false},
    {"P-256 is not for TLCP", MT_KEY_P256, 0, 0x0403, MT_TLCP, false},
    {"MD5 is for nothing", MT_KEY_RSA, BITS, 0x0101, MT_TLS12, false},
};

START_TEST(a_scheme_fits_or_not)
{
    mt_key *k = mt_key_make(fittings[_i].kind, fittings[_i].bits);
    const mt_scheme *s = mt_scheme_find(fittings[_i].scheme);
    ck_assert_msg(mt_scheme_fits(s, k, fittings[_i].version) == fittings[_i].fits, "%s", fittings[_i].what);
    mt_key_free(k);
}
END_TEST

START_TEST(too_small_a_key_signs_nothing)
{
    mt_key *k = mt_key_make(MT_KEY_RSA, 1024);
    mt_writer out = {0};
    ck_assert(!mt_sign(k, mt_scheme_find(0x0806), mt_span_text("data"), &out));
    ck_assert_uint_eq(out.len, 0);
    ck_assert(mt_sign(k, mt_scheme_find(0x0804), mt_span_text("data"), &out));
    mt_key_free(k);
    mt_writer_free(&out);
}
END_TEST

static const struct {
    const char *what;
    mt_key_kind kind;
    uint16_t version, chosen;
} choices[] = {
    {"the peer's first", MT_KEY_RSA, MT_TLS12, 0x0401},
    {"in 1.3 the first PSS", MT_KEY_RSA, MT_TLS13, 0x0805},
    {"1.2 takes P-256 with SHA-384", MT_KEY_P256, MT_TLS12, 0x0503},
    {"1.3 does not", MT_KEY_P256, MT_TLS13, 0x0403},
    {"SM2 has one", MT_KEY_SM2, MT_TLS13, 0x0708},
    {"nothing", MT_KEY_ED25519, MT_TLS13, 0},
};

START_TEST(chooses_in_the_order_of_the_peer)
{
    static const uint16_t offered[] = {0x0000, 0x0708, 0x0401, 0x0503, 0x0805, 0x0804, 0x0403};
    mt_key *k = mt_key_make(choices[_i].kind, BITS);
    ck_assert_uint_eq(mt_scheme_choose(offered, MT_COUNT(offered), k, choices[_i].version), choices[_i].chosen);
    ck_assert_uint_eq(mt_scheme_choose(offered, 0, k, choices[_i].version), 0);
    mt_key_free(k);
}
END_TEST

#define P256_KEY \
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004" \
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" \
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"

/* RFC 6979 A.2.5 ("sample"), RFC 8032 7.1 (tests 1 and 2). */
static const struct {
    uint16_t scheme;
    const char *spki, *data, *signature;
} published[] = {
    {0x0403, P256_KEY, "73616d706c65",
     "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
     "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
    {0x0503, P256_KEY, "73616d706c65",
     "304402200eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719"
     "02204861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954"},
    {0x0203, P256_KEY, "73616d706c65",
     "3044022061340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d32"
     "02206d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb"},
    {0x0807, "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {0x0807, "302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
};

START_TEST(published_signatures_verify)
{
    mt_writer spki = {0}, data = {0}, signature = {0};
    mt_key *k = mt_key_from_spki(from_hex(&spki, published[_i].spki));
    const mt_scheme *s = mt_scheme_find(published[_i].scheme);
    ck_assert_ptr_nonnull(k);
    mt_span bytes = from_hex(&signature, published[_i].signature);
    ck_assert(mt_verify(k, s, from_hex(&data, published[_i].data), bytes));
    signature.at[signature.len - 1] ^= 1;
    ck_assert(!mt_verify(k, s, mt_written(&data), bytes));
    ck_assert(!mt_sign(k, s, mt_written(&data), &signature));
    mt_key_free(k);
    mt_writer_free(&spki);
    mt_writer_free(&data);
    mt_writer_free(&signature);
}
END_TEST

/* DER of ECDSA is checked to the letter: the same numbers, written in another way, are no signature. */
static const struct {
    const char *what, *signature;
} loose[] = {
    {"length in two bytes",
     "308146022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
     "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
    {"a byte left over",
     "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
     "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda800"},
    {"a zero too many",
     "304702220000efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
     "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
    {"zeros", "3006020100020100"},
    {"no DER", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"},
};

START_TEST(loose_der_is_no_signature)
{
    mt_writer spki = {0}, signature = {0};
    mt_key *k = mt_key_from_spki(from_hex(&spki, P256_KEY));
    mt_span bytes = from_hex(&signature, loose[_i].signature);
    ck_assert_msg(!mt_verify(k, mt_scheme_find(0x0403), mt_span_text("sample"), bytes), "%s", loose[_i].what);
    mt_key_free(k);
    mt_writer_free(&spki);
    mt_writer_free(&signature);
}
END_TEST

static const suite_row rows[] = {
    {&the_table_is_sound, SCHEMES, 0},
    {&what_is_signed_verifies, SCHEMES, 0},
    {&a_key_changes_schemes, 0, 0},
    {&any_curve_signs_with_any_hash, MT_COUNT(curves), 0},
    {&a_key_of_another_family_cannot, MT_COUNT(strangers), 0},
    {&a_scheme_fits_or_not, MT_COUNT(fittings), 0},
    {&too_small_a_key_signs_nothing, 0, 0},
    {&chooses_in_the_order_of_the_peer, MT_COUNT(choices), 0},
    {&published_signatures_verify, MT_COUNT(published), 0},
    {&loose_der_is_no_signature, MT_COUNT(loose), 0},
};

int main(void)
{
    return suite_run("crypto_sign", rows, MT_COUNT(rows));
}
