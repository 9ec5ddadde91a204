// SPDX-License-Identifier: Apache-2.0
/* SM2 signatures and encryption: the examples of GB/T 32918, certificates of other programs, and what must be refused. */
#include "crypto/key_inner.h"
#include "crypto/certificate.h"
#include "crypto/sm2.h"
#include "wire/codes.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "hex.h"
#include "sm2_key.h"
#include "suite.h"

/* GB/T 32918.2 A.2 and .4 A.2 over the recommended curve (GB/T 32918.5): one key for both. */
#define KEY "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
#define R "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
#define S "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
#define N "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123"
#define C1_X "04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
#define C1_Y "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
#define C3 "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
#define C2 "21886ca989ca9c7d58087307ca93092d651efa"

START_TEST(z_of_the_standard)
{
    mt_key *k = sm2_key(KEY);
    mt_digest z = mt_sm2_z(MT_SM2_ID, k);
    check_hex(mt_digest_span(&z), "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3");
    mt_key_free(k);
}
END_TEST

START_TEST(a_z_of_no_sm2_key_dies)
{
    (void)mt_sm2_z(MT_SM2_ID, mt_key_make(MT_KEY_P256, 0));
}
END_TEST

static const struct {
    const char *what, *signature;
    bool verifies;
} signatures[] = {
    {"as published", "3046022100" R "022100" S, true},
    {"one bit of r", "3046022100" R "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1ab", false},
    {"r and s swapped", "3046022100" S "022100" R, false},
    {"r is zero", "3026020100022100" S, false},
    {"s is zero", "3026022100" R "020100", false},
    {"r is n", "3046022100" N "022100" S, false},
    {"s is n", "3046022100" R "022100" N, false},
    {"r is negative", "30450220" R "022100" S, false},
    {"a zero too many", "304702220000" R "022100" S, false},
    {"a byte behind", "3046022100" R "022100" S "00", false},
    {"a byte behind, within", "3047022100" R "022100" S "00", false},
    {"length in the long form", "308146022100" R "022100" S, false},
    {"a third number", "3049022100" R "022100" S "020101", false},
    {"s missing", "3023022100" R, false},
    {"no DER", R S, false},
};

START_TEST(signature_of_the_standard)
{
    mt_writer w = {0};
    mt_key *k = sm2_key(KEY);
    mt_span signature = from_hex(&w, signatures[_i].signature);
    bool ok = mt_verify(k, &mt_scheme_tlcp, mt_span_text("message digest"), signature);
    ck_assert_msg(ok == signatures[_i].verifies, "%s", signatures[_i].what);
    ck_assert(!mt_verify(k, &mt_scheme_tlcp, mt_span_text("message digesu"), signature));
    mt_key_free(k);
    mt_writer_free(&w);
}
END_TEST

/* What a signature can be made under; none of them verifies under another. */
static const char *const ids[] = {MT_SM2_ID, MT_SM2_ID_TLS13, "", "1234567812345679", NULL};

static mt_scheme scheme_of(size_t i)
{
    mt_scheme s = mt_scheme_tlcp;
    s.id = ids[i];
    return s;
}

/* libcrypto's own way: over the data with an id, or without Z over its hash. */
static bool verifies_elsewhere(const mt_key *k, const char *id, mt_span data, mt_span signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL), *digesting = NULL;
    mt_digest digest = mt_hash(MT_SM3, data);
    bool ok = false;
    if (id == NULL) {
        ck_assert_int_eq(EVP_PKEY_verify_init(inner), 1);
        ok = EVP_PKEY_verify(inner, signature.at, signature.len, digest.at, digest.len) == 1;
    } else {
        ck_assert_int_eq(EVP_DigestVerifyInit_ex(ctx, &digesting, "SM3", NULL, NULL, k->pkey, NULL), 1);
        ck_assert_int_eq(EVP_PKEY_CTX_set1_id(digesting, id, (int)strlen(id)), 1);
        ok = EVP_DigestVerify(ctx, signature.at, signature.len, data.at, data.len) == 1;
    }
    EVP_PKEY_CTX_free(inner);
    EVP_MD_CTX_free(ctx);
    return ok;
}

START_TEST(every_id_is_a_signature_of_its_own)
{
    mt_key *k = mt_key_make(MT_KEY_SM2, 0);
    mt_writer signature = {0};
    mt_span data = mt_span_text("what is signed");
    mt_scheme by = scheme_of((size_t)_i);
    ck_assert(mt_sign(k, &by, data, &signature));
    for (size_t i = 0; i < MT_COUNT(ids); i++) {
        mt_scheme s = scheme_of(i);
        ck_assert(mt_verify(k, &s, data, mt_written(&signature)) == (i == (size_t)_i));
        ck_assert(verifies_elsewhere(k, ids[i], data, mt_written(&signature)) == (i == (size_t)_i));
    }
    mt_key_free(k);
    mt_writer_free(&signature);
}
END_TEST

START_TEST(the_schemes_fit_where_they_belong)
{
    mt_key *k = mt_key_make(MT_KEY_SM2, 0), *p256 = mt_key_make(MT_KEY_P256, 0);
    ck_assert(mt_scheme_fits(&mt_scheme_tlcp, k, MT_TLCP));
    ck_assert(!mt_scheme_fits(&mt_scheme_tlcp, k, MT_TLS12));
    ck_assert(!mt_scheme_fits(&mt_scheme_tlcp, k, MT_TLS13));
    ck_assert(!mt_scheme_fits(&mt_scheme_tlcp, p256, MT_TLCP));
    ck_assert(!mt_scheme_fits(&mt_scheme_ecdsa_of_sm2, k, MT_TLCP));
    ck_assert_str_eq(mt_scheme_find(0x0708)->id, MT_SM2_ID_TLS13);
    mt_key_free(k);
    mt_key_free(p256);
}
END_TEST

/* ECDSA with an SM2 key verifies as ECDSA and as nothing else. */
START_TEST(a_liar_signs_ecdsa)
{
    static const mt_hash_id hashes[] = {MT_SM3, MT_SHA256, MT_SHA384};
    mt_key *k = mt_key_make(MT_KEY_SM2, 0), *other = mt_key_make(MT_KEY_SM2, 0);
    mt_span data = mt_span_text("data");
    for (size_t i = 0; i < MT_COUNT(hashes); i++) {
        mt_writer signature = {0};
        mt_scheme ecdsa = mt_scheme_ecdsa_of_sm2;
        ecdsa.hash = hashes[i];
        ck_assert(mt_sign(k, &ecdsa, data, &signature));
        ck_assert(mt_verify(k, &ecdsa, data, mt_written(&signature)));
        ck_assert(!mt_verify(other, &ecdsa, data, mt_written(&signature)));
        ck_assert(!mt_verify(k, &ecdsa, mt_span_text("date"), mt_written(&signature)));
        for (size_t j = 0; j < MT_COUNT(ids); j++) {
            mt_scheme s = scheme_of(j);
            ck_assert(!mt_verify(k, &s, data, mt_written(&signature)));
        }
        mt_writer_free(&signature);
    }
    mt_key_free(k);
    mt_key_free(other);
}
END_TEST

/* ---- certificates that other programs signed ---- */

static X509 *certificate(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/vectors/sm2/%s.pem", MT_TEST_DATA, name);
    BIO *bio = BIO_new_file(path, "r");
    X509 *x = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    ck_assert_msg(x != NULL, "%s", path);
    BIO_free(bio);
    return x;
}

static mt_key *key_of(X509 *x)
{
    uint8_t *der = NULL;
    mt_span spki;
    int len = i2d_X509(x, &der);
    ck_assert(mt_certificate_spki(mt_span_of(der, (size_t)len), &spki));
    mt_key *k = mt_key_from_spki(spki);
    ck_assert_int_eq(mt_key_kind_of(k), MT_KEY_SM2);
    OPENSSL_free(der);
    return k;
}

static const struct {
    const char *subject, *issuer;
    bool verifies;
} issued[] = {
    {"root", "root", true}, {"int", "root", true},   {"ssign", "int", true},
    {"senc", "int", true},  {"ssign", "root", false}, {"ssign", "senc", false},
};

START_TEST(certificates_verify_under_the_id_alone)
{
    X509 *subject = certificate(issued[_i].subject), *issuer = certificate(issued[_i].issuer);
    mt_key *k = key_of(issuer);
    const ASN1_BIT_STRING *bits = NULL;
    uint8_t *tbs = NULL;
    int len = i2d_re_X509_tbs(subject, &tbs);
    X509_get0_signature(&bits, NULL, subject);
    mt_span data = mt_span_of(tbs, (size_t)len), signature = mt_span_of(ASN1_STRING_get0_data(bits), (size_t)ASN1_STRING_length(bits));
    for (size_t i = 0; i < MT_COUNT(ids); i++) {
        mt_scheme s = scheme_of(i);
        ck_assert(mt_verify(k, &s, data, signature) == (i == 0 && issued[_i].verifies));
    }
    tbs[len / 2] ^= 1;
    ck_assert(!mt_verify(k, &mt_scheme_tlcp, data, signature));
    mt_key_free(k);
    OPENSSL_free(tbs);
    X509_free(subject);
    X509_free(issuer);
}
END_TEST

/* ---- encryption ---- */

#define POINT "0220" C1_X "022100" C1_Y

static const struct {
    const char *what, *cipher;
    bool decrypts;
} ciphers[] = {
    {"as published", "307c" POINT "0420" C3 "0413" C2, true},
    {"C1 C2 C3", "307c" POINT "0413" C2 "0420" C3, false},
    {"C3 wrong", "307c" POINT "042059983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8767" "0413" C2, false},
    {"C3 short", "307b" POINT "041f59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd87" "0413" C2, false},
    {"C2 wrong", "307c" POINT "0420" C3 "041321886ca989ca9c7d58087307ca93092d651efb", false},
    {"C2 empty", "3069" POINT "0420" C3 "0400", false},
    {"point off the curve", "307c0220" C1_X "022100e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df1" "0420" C3 "0413" C2,
     false},
    {"point of zeros", "303d020100020100" "0420" C3 "0413" C2, false},
    {"y negative", "307b0220" C1_X "0220" C1_Y "0420" C3 "0413" C2, false},
    {"a zero too many", "307d022100" C1_X "022100" C1_Y "0420" C3 "0413" C2, false},
    {"a byte behind", "307c" POINT "0420" C3 "0413" C2 "00", false},
    {"a byte behind, within", "307d" POINT "0420" C3 "0413" C2 "00", false},
    {"length in the long form", "30817c" POINT "0420" C3 "0413" C2, false},
    {"indefinite length", "3080" POINT "0420" C3 "0413" C2 "0000", false},
    {"raw", "04" C1_X C1_Y C3 C2, false},
    {"nothing", "", false},
};

START_TEST(ciphertext_of_the_standard)
{
    mt_writer cipher = {0}, plain = {0};
    mt_key *k = sm2_key(KEY);
    mt_write_bytes(&plain, mt_span_text("kept "));
    bool ok = mt_sm2_decrypt(k, from_hex(&cipher, ciphers[_i].cipher), &plain);
    ck_assert_msg(ok == ciphers[_i].decrypts, "%s", ciphers[_i].what);
    ck_assert(mt_span_equal(mt_written(&plain), mt_span_text(ok ? "kept encryption standard" : "kept ")));
    mt_key_free(k);
    mt_writer_free(&cipher);
    mt_writer_free(&plain);
}
END_TEST

static const size_t lengths[] = {1, 16, 48, 200, 5000};

START_TEST(what_is_encrypted_decrypts)
{
    mt_key *k = mt_key_make(MT_KEY_SM2, 0), *other = mt_key_make(MT_KEY_SM2, 0);
    mt_writer plain = {0}, cipher = {0}, out = {0}, spki = {0};
    memset(mt_write_room(&plain, lengths[_i]), 'p', lengths[_i]);
    mt_key_spki(k, &spki);
    mt_key *public = mt_key_from_spki(mt_written(&spki));
    ck_assert(mt_sm2_encrypt(public, mt_written(&plain), &cipher));
    if (lengths[_i] == 48)
        ck_assert(cipher.len >= 150 && cipher.len <= 157);
    ck_assert(!mt_sm2_decrypt(public, mt_written(&cipher), &out));
    ck_assert(!mt_sm2_decrypt(other, mt_written(&cipher), &out));
    ck_assert(mt_sm2_decrypt(k, mt_written(&cipher), &out));
    ck_assert(mt_span_equal(mt_written(&out), mt_written(&plain)));
    mt_key_free(k);
    mt_key_free(other);
    mt_key_free(public);
    mt_writer_free(&plain);
    mt_writer_free(&cipher);
    mt_writer_free(&out);
    mt_writer_free(&spki);
}
END_TEST

START_TEST(every_flipped_bit_is_noticed)
{
    mt_key *k = mt_key_make(MT_KEY_SM2, 0);
    mt_writer cipher = {0}, out = {0};
    ck_assert(mt_sm2_encrypt(k, mt_span_text("a secret"), &cipher));
    for (size_t i = 0; i < cipher.len; i++) {
        cipher.at[i] ^= (uint8_t)(1 << i % 8);
        ck_assert_msg(!mt_sm2_decrypt(k, mt_written(&cipher), &out), "byte %zu", i);
        cipher.at[i] ^= (uint8_t)(1 << i % 8);
    }
    ck_assert_uint_eq(out.len, 0);
    ck_assert(mt_sm2_decrypt(k, mt_written(&cipher), &out));
    mt_key_free(k);
    mt_writer_free(&cipher);
    mt_writer_free(&out);
}
END_TEST

START_TEST(other_keys_do_not_encrypt)
{
    mt_key *k = mt_key_make(MT_KEY_P256, 0), *sm2 = mt_key_make(MT_KEY_SM2, 0);
    mt_writer out = {0};
    ck_assert(!mt_sm2_encrypt(k, mt_span_text("text"), &out));
    ck_assert(!mt_sm2_decrypt(k, mt_span_text("text"), &out));
    ck_assert(!mt_sm2_encrypt(sm2, (mt_span){0}, &out));
    ck_assert_uint_eq(out.len, 0);
    mt_key_free(k);
    mt_key_free(sm2);
}
END_TEST

/* ---- the same key in SEC1: the label that all use, and the one that OpenSSL 3 writes ---- */

#define SEC1_BODY                                                                                                                  \
    "MHcCAQEEIDlFII97IUSxPzbjisbTn5WIk5NpKGC1GkL7ge9N98W4oAoGCCqBHM9V\n"                                                          \
    "AYItoUQDQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60YM/wHa7CP81bzUCDM6kkM4md1\n"                                                          \
    "pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtEw==\n"

static const char *const sec1[] = {
    "-----BEGIN EC PRIVATE KEY-----\n" SEC1_BODY "-----END EC PRIVATE KEY-----\n",
    "-----BEGIN EC PARAMETERS-----\nBggqgRzPVQGCLQ==\n-----END EC PARAMETERS-----\n"
    "-----BEGIN EC PRIVATE KEY-----\n" SEC1_BODY "-----END EC PRIVATE KEY-----\n",
    "-----BEGIN SM2 PRIVATE KEY-----\n" SEC1_BODY "-----END SM2 PRIVATE KEY-----\n",
};

START_TEST(sec1_is_an_sm2_key)
{
    mt_diag *d = mt_diag_new();
    mt_writer signature = {0};
    mt_key *k = mt_key_load(mt_span_text(sec1[_i]), "k.pem", NULL, d), *known = sm2_key(KEY);
    ck_assert_msg(k != NULL && mt_key_same(k, known), "%s", mt_diag_text(d));
    ck_assert_int_eq(mt_key_kind_of(k), MT_KEY_SM2);
    ck_assert(mt_sign(k, &mt_scheme_tlcp, mt_span_text("data"), &signature));
    ck_assert(verifies_elsewhere(k, MT_SM2_ID, mt_span_text("data"), mt_written(&signature)));
    mt_key_free(k);
    mt_key_free(known);
    mt_diag_free(d);
    mt_writer_free(&signature);
}
END_TEST

static const suite_row rows[] = {
    {&z_of_the_standard, 0, 0},
    {&a_z_of_no_sm2_key_dies, 0, 3},
    {&signature_of_the_standard, MT_COUNT(signatures), 0},
    {&every_id_is_a_signature_of_its_own, MT_COUNT(ids), 0},
    {&the_schemes_fit_where_they_belong, 0, 0},
    {&a_liar_signs_ecdsa, 0, 0},
    {&certificates_verify_under_the_id_alone, MT_COUNT(issued), 0},
    {&ciphertext_of_the_standard, MT_COUNT(ciphers), 0},
    {&what_is_encrypted_decrypts, MT_COUNT(lengths), 0},
    {&every_flipped_bit_is_noticed, 0, 0},
    {&other_keys_do_not_encrypt, 0, 0},
    {&sec1_is_an_sm2_key, MT_COUNT(sec1), 0},
};

int main(void)
{
    return suite_run("crypto_sm2", rows, MT_COUNT(rows));
}
