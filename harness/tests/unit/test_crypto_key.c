// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>

#include "hex.h"
#include "suite.h"

enum { RSA_BITS = 1024 };

static const struct {
    mt_key_kind kind;
    const char *name;
    unsigned bits;
} kinds[] = {
    {MT_KEY_RSA, "rsa", RSA_BITS}, {MT_KEY_P256, "p256", 256},       {MT_KEY_P384, "p384", 384},
    {MT_KEY_P521, "p521", 521},    {MT_KEY_ED25519, "ed25519", 256}, {MT_KEY_SM2, "sm2", 256},
};

START_TEST(a_made_key_describes_itself)
{
    mt_key *k = mt_key_make(kinds[_i].kind, RSA_BITS);
    ck_assert_int_eq(mt_key_kind_of(k), kinds[_i].kind);
    ck_assert_str_eq(mt_key_kind_name(kinds[_i].kind), kinds[_i].name);
    ck_assert_uint_eq(mt_key_bits(k), kinds[_i].bits);
    ck_assert(mt_key_is_private(k));
    ck_assert(!mt_key_is_pss(k));
    mt_key_free(k);
}
END_TEST

START_TEST(rsa_has_2048_bits_unless_told)
{
    mt_key *k = mt_key_make(MT_KEY_RSA, 0);
    ck_assert_uint_eq(mt_key_bits(k), 2048);
    mt_key_free(k);
    mt_key_free(NULL);
}
END_TEST

static void *make_in_thread(void *slot)
{
    mt_key **keys = slot;
    for (size_t i = 0; i < MT_COUNT(kinds); i++)
        keys[i] = mt_key_make(kinds[i].kind, RSA_BITS);
    return NULL;
}

START_TEST(helper_threads_make_keys)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    mt_key *keys[THREADS][MT_COUNT(kinds)] = {0};
    for (size_t t = 0; t < THREADS; t++)
        ck_assert_int_eq(pthread_create(&threads[t], NULL, make_in_thread, keys[t]), 0);
    for (size_t t = 0; t < THREADS; t++) {
        ck_assert_int_eq(pthread_join(threads[t], NULL), 0);
        for (size_t i = 0; i < MT_COUNT(kinds); i++) {
            ck_assert_int_eq(mt_key_kind_of(keys[t][i]), kinds[i].kind);
            ck_assert(t == 0 || !mt_key_same(keys[0][i], keys[t][i]));
        }
    }
    for (size_t i = 0; i < THREADS * MT_COUNT(kinds); i++)
        mt_key_free(keys[i / MT_COUNT(kinds)][i % MT_COUNT(kinds)]);
}
END_TEST

/* libcrypto_key reads our PEM with libcrypto, for what only libcrypto writes. */
static EVP_PKEY *libcrypto_key(const mt_key *k)
{
    mt_writer pem = {0};
    mt_key_pem(k, &pem);
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(pkey);
    BIO_free(bio);
    mt_writer_free(&pem);
    return pkey;
}

START_TEST(the_spki_is_that_of_libcrypto)
{
    mt_key *k = mt_key_make(kinds[_i].kind, RSA_BITS);
    EVP_PKEY *pkey = libcrypto_key(k);
    mt_writer ours = {0};
    uint8_t *theirs = NULL;
    int len = i2d_PUBKEY(pkey, &theirs);
    mt_key_spki(k, &ours);
    ck_assert_int_gt(len, 0);
    ck_assert(mt_span_equal(mt_written(&ours), mt_span_of(theirs, (size_t)len)));
    OPENSSL_free(theirs);
    EVP_PKEY_free(pkey);
    mt_writer_free(&ours);
    mt_key_free(k);
}
END_TEST

START_TEST(a_key_comes_back_from_its_spki)
{
    mt_key *k = mt_key_make(kinds[_i].kind, RSA_BITS), *other = mt_key_make(kinds[_i].kind, RSA_BITS);
    mt_writer spki = {0}, again = {0};
    mt_key_spki(k, &spki);
    mt_key *public = mt_key_from_spki(mt_written(&spki));
    ck_assert_ptr_nonnull(public);
    ck_assert_int_eq(mt_key_kind_of(public), kinds[_i].kind);
    ck_assert_uint_eq(mt_key_bits(public), kinds[_i].bits);
    ck_assert(!mt_key_is_private(public));
    ck_assert(mt_key_same(k, public));
    ck_assert(!mt_key_same(other, public));
    mt_key_spki(public, &again);
    ck_assert(mt_span_equal(mt_written(&spki), mt_written(&again)));
    mt_key_free(k);
    mt_key_free(other);
    mt_key_free(public);
    mt_writer_free(&spki);
    mt_writer_free(&again);
}
END_TEST

START_TEST(a_cut_or_longer_spki_is_no_key)
{
    mt_key *k = mt_key_make(kinds[_i].kind, RSA_BITS);
    mt_writer spki = {0};
    mt_key_spki(k, &spki);
    for (size_t len = 0; len < spki.len; len++)
        ck_assert_msg(mt_key_from_spki(mt_span_first(mt_written(&spki), len)) == NULL, "%zu bytes", len);
    mt_write_uint(&spki, 0, 1);
    ck_assert_ptr_null(mt_key_from_spki(mt_written(&spki)));
    mt_key_free(k);
    mt_writer_free(&spki);
}
END_TEST

#define EC_P256 "3059301306072a8648ce3d020106082a8648ce3d030107034200"
#define X_OF_G "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define Y_OF_G "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

static const struct {
    const char *what, *hex;
    bool is_key;
} spkis[] = {
    {"the base point of P-256", EC_P256 "04" X_OF_G Y_OF_G, true},
    {"compressed", "3039301306072a8648ce3d020106082a8648ce3d030107032200"
                   "03" X_OF_G, true},
    {"not on the curve", EC_P256 "04" X_OF_G "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f4", false},
    {"infinity", "3018301306072a8648ce3d020106082a8648ce3d030107030200"
                 "00", false},
    {"no point at all", "3018301306072a8648ce3d020106082a8648ce3d0301070301"
                        "00", false},
    {"an unused bit", "3059301306072a8648ce3d020106082a8648ce3d030107034201"
                      "04" X_OF_G Y_OF_G, false},
    {"a curve that is not ours (secp256k1)", "3056301006072a8648ce3d020106052b8104000a034200"
                                             "04" X_OF_G Y_OF_G, false},
    {"no curve", "304e300906072a8648ce3d0201034100"
                 "04" X_OF_G Y_OF_G, false},
    {"ed25519 of 31 bytes", "3029300506032b6570032000"
                            "00000000000000000000000000000000000000000000000000000000000000", false},
    {"ed25519 with parameters", "302c300706032b65700500032100"
                                "0000000000000000000000000000000000000000000000000000000000000000", false},
    {"length in the long form", "308159301306072a8648ce3d020106082a8648ce3d030107034200"
                                "04" X_OF_G Y_OF_G, false},
    {"indefinite length", "3080301306072a8648ce3d020106082a8648ce3d030107034200"
                          "04" X_OF_G Y_OF_G "0000", false},
    {"rsa without parameters", "301a300b06092a864886f70d010101030b003008020300c001020103", false},
    {"rsa", "301c300d06092a864886f70d0101010500030b003008020300c001020103", true},
    {"rsa, negative", "301c300d06092a864886f70d0101010500030b0030080203c0c001020103", false},
    {"rsa, zero", "301a300d06092a864886f70d0101010500030900300602010002"
                  "0103", false},
    {"rsassa-pss", "301a300b06092a864886f70d01010a030b003008020300c001020103", true},
};

START_TEST(spki_by_hand)
{
    mt_writer w = {0};
    mt_key *k = mt_key_from_spki(from_hex(&w, spkis[_i].hex));
    ck_assert_msg((k != NULL) == spkis[_i].is_key, "%s", spkis[_i].what);
    mt_key_free(k);
    mt_writer_free(&w);
}
END_TEST

START_TEST(two_forms_of_a_point_are_the_same_key)
{
    mt_writer a = {0}, b = {0};
    mt_key *whole = mt_key_from_spki(from_hex(&a, spkis[0].hex)), *compressed = mt_key_from_spki(from_hex(&b, spkis[1].hex));
    ck_assert(mt_key_same(whole, compressed));
    mt_key_free(whole);
    mt_key_free(compressed);
    mt_writer_free(&a);
    mt_writer_free(&b);
}
END_TEST

typedef enum form { PKCS8, TRADITIONAL, PKCS8_ENCRYPTED, TRADITIONAL_ENCRYPTED } form;

static void write_form(EVP_PKEY *pkey, form how, mt_writer *out)
{
    static const char password[] = "secret";
    const unsigned char *secret = (const unsigned char *)password;
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    int ok = 0;
    if (how == PKCS8)
        ok = PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
    else if (how == PKCS8_ENCRYPTED)
        ok = PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_128_cbc(), password, sizeof password - 1, NULL, NULL);
    else
        ok = PEM_write_bio_PrivateKey_traditional(bio, pkey, how == TRADITIONAL ? NULL : EVP_aes_128_cbc(), secret,
                                                  sizeof password - 1, NULL, NULL);
    ck_assert_int_eq(ok, 1);
    long len = BIO_get_mem_data(bio, &text);
    mt_write_bytes(out, mt_span_of(text, (size_t)len));
    BIO_free(bio);
}

static const struct {
    mt_key_kind kind;
    form how;
    const char *first_line;
} loadable[] = {
    {MT_KEY_RSA, PKCS8, "-----BEGIN PRIVATE KEY-----"},
    {MT_KEY_RSA, TRADITIONAL, "-----BEGIN RSA PRIVATE KEY-----"},
    {MT_KEY_RSA, PKCS8_ENCRYPTED, "-----BEGIN ENCRYPTED PRIVATE KEY-----"},
    {MT_KEY_RSA, TRADITIONAL_ENCRYPTED, "-----BEGIN RSA PRIVATE KEY-----"},
    {MT_KEY_P256, PKCS8, "-----BEGIN PRIVATE KEY-----"},
    {MT_KEY_P256, TRADITIONAL, "-----BEGIN EC PRIVATE KEY-----"},
    {MT_KEY_P384, TRADITIONAL_ENCRYPTED, "-----BEGIN EC PRIVATE KEY-----"},
    {MT_KEY_P521, PKCS8_ENCRYPTED, "-----BEGIN ENCRYPTED PRIVATE KEY-----"},
    {MT_KEY_ED25519, PKCS8, "-----BEGIN PRIVATE KEY-----"},
    {MT_KEY_ED25519, PKCS8_ENCRYPTED, "-----BEGIN ENCRYPTED PRIVATE KEY-----"},
    {MT_KEY_SM2, PKCS8, "-----BEGIN PRIVATE KEY-----"},
    {MT_KEY_SM2, PKCS8_ENCRYPTED, "-----BEGIN ENCRYPTED PRIVATE KEY-----"},
};

static bool is_encrypted(form how)
{
    return how == PKCS8_ENCRYPTED || how == TRADITIONAL_ENCRYPTED;
}

START_TEST(loads_every_form)
{
    mt_key *made = mt_key_make(loadable[_i].kind, RSA_BITS);
    EVP_PKEY *pkey = libcrypto_key(made);
    mt_writer pem = {0};
    mt_diag *d = mt_diag_new();
    mt_writef(&pem, "Bag Attributes\r\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    write_form(pkey, loadable[_i].how, &pem);
    ck_assert_ptr_nonnull(strstr(mt_writer_text(&pem), loadable[_i].first_line));
    mt_key *k = mt_key_load(mt_written(&pem), "k.pem", is_encrypted(loadable[_i].how) ? "secret" : NULL, d);
    ck_assert_msg(k != NULL, "%s", mt_diag_text(d));
    ck_assert(mt_key_is_private(k));
    ck_assert(mt_key_same(made, k));
    ck_assert_uint_eq(mt_diag_count(d), 0);
    EVP_PKEY_free(pkey);
    mt_key_free(made);
    mt_key_free(k);
    mt_diag_free(d);
    mt_writer_free(&pem);
}
END_TEST

static void load_fails(mt_span pem, const char *password, const char *words)
{
    mt_diag *d = mt_diag_new();
    ck_assert_ptr_null(mt_key_load(pem, "k.pem", password, d));
    ck_assert_uint_eq(mt_diag_count(d), 1);
    ck_assert_msg(strstr(mt_diag_text(d), words) != NULL, "wanted '%s' in: %s", words, mt_diag_text(d));
    mt_diag_free(d);
}

START_TEST(the_password_has_to_be_right)
{
    mt_key *made = mt_key_make(MT_KEY_P256, 0);
    EVP_PKEY *pkey = libcrypto_key(made);
    mt_writer pem = {0};
    write_form(pkey, _i == 0 ? PKCS8_ENCRYPTED : TRADITIONAL_ENCRYPTED, &pem);
    load_fails(mt_written(&pem), NULL, "k.pem:1: error: the private key is encrypted, and no password was given");
    load_fails(mt_written(&pem), "Secret", "k.pem:1: error: the private key cannot be decrypted: the password is wrong");
    load_fails(mt_written(&pem), "", "the password is wrong");
    EVP_PKEY_free(pkey);
    mt_key_free(made);
    mt_writer_free(&pem);
}
END_TEST

static const struct {
    const char *text, *words;
} unloadable[] = {
    {"", "k.pem: error: is empty; a private key in PEM was expected"},
    {"hello\n", "k.pem: error: is not PEM: it has no line -----BEGIN PRIVATE KEY-----"},
    {"0\x82\x04\xbd", "k.pem: error: is DER; a private key in PEM was expected\n  convert it: openssl pkey -inform DER -in k.pem"},
    {"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "k.pem:1: error: holds a certificate, but no private key"},
    {"\n-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", "k.pem:2: error: holds a public key, but no private key"},
    {"-----BEGIN SQUIRREL-----\nMIIB\n-----END SQUIRREL-----\n", "k.pem:1: error: holds SQUIRREL, but no private key"},
    {"-----BEGIN PRIVATE KEY-----\nMIIB\n", "k.pem:1: error: the private key is cut off: there is no -----END PRIVATE KEY-----"},
    {"-----BEGIN PRIVATE KEY-----", "cut off"},
    {"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "does not decode: the file is damaged"},
    {"\n\n-----BEGIN RSA PRIVATE KEY-----\n!!!!\n-----END RSA PRIVATE KEY-----\n", "k.pem:3: error: the private key does not decode"},
    {"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "does not decode"},
};

START_TEST(says_why_it_does_not_load)
{
    load_fails(mt_span_text(unloadable[_i].text), NULL, unloadable[_i].words);
}
END_TEST

START_TEST(a_key_that_was_cut_anywhere_does_not_load)
{
    mt_key *made = mt_key_make(MT_KEY_P256, 0);
    mt_writer pem = {0};
    mt_key_pem(made, &pem);
    for (size_t len = 0; len < pem.len - 1; len += 7) {
        mt_diag *d = mt_diag_new();
        ck_assert_ptr_null(mt_key_load(mt_span_first(mt_written(&pem), len), "k.pem", NULL, d));
        ck_assert_uint_eq(mt_diag_count(d), 1);
        mt_diag_free(d);
    }
    mt_key_free(made);
    mt_writer_free(&pem);
}
END_TEST

static EVP_PKEY *generate(const char *type)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
    if (strncmp(type, "RSA", 3) == 0)
        ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, RSA_BITS), 1);
    ck_assert_int_eq(EVP_PKEY_generate(ctx, &pkey), 1);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

START_TEST(a_key_of_an_unknown_kind_is_named)
{
    mt_writer pem = {0};
    EVP_PKEY *pkey = generate("X448");
    write_form(pkey, PKCS8, &pem);
    load_fails(mt_written(&pem), NULL, "k.pem:1: error: a private key of kind X448; known are rsa, p256, p384, p521, ed25519 and sm2");
    EVP_PKEY_free(pkey);
    mt_writer_free(&pem);
}
END_TEST

/* An id-RSASSA-PSS key is an RSA key whose schemes are the rsa_pss_pss ones, and only those. */
START_TEST(a_pss_key_keeps_its_algorithm)
{
    mt_writer pem = {0}, spki = {0}, signature = {0};
    mt_diag *d = mt_diag_new();
    EVP_PKEY *pkey = generate("RSA-PSS");
    write_form(pkey, PKCS8, &pem);
    mt_key *k = mt_key_load(mt_written(&pem), "k.pem", NULL, d);
    ck_assert(k != NULL && mt_key_is_pss(k));
    mt_key_spki(k, &spki);
    mt_key *public = mt_key_from_spki(mt_written(&spki));
    ck_assert(public != NULL && mt_key_is_pss(public) && mt_key_same(k, public));
    ck_assert(mt_scheme_fits(mt_scheme_find(0x0809), k, 0x0304));
    ck_assert(!mt_scheme_fits(mt_scheme_find(0x0804), k, 0x0304));
    ck_assert(mt_sign(k, mt_scheme_find(0x0809), mt_span_text("data"), &signature));
    ck_assert(mt_verify(public, mt_scheme_find(0x0809), mt_span_text("data"), mt_written(&signature)));
    ck_assert(!mt_sign(k, mt_scheme_find(0x0401), mt_span_text("data"), &signature));
    EVP_PKEY_free(pkey);
    mt_key_free(k);
    mt_key_free(public);
    mt_diag_free(d);
    mt_writer_free(&pem);
    mt_writer_free(&spki);
    mt_writer_free(&signature);
}
END_TEST

static const suite_row rows[] = {
    {&a_made_key_describes_itself, MT_COUNT(kinds), 0},
    {&rsa_has_2048_bits_unless_told, 0, 0},
    {&helper_threads_make_keys, 0, 0},
    {&the_spki_is_that_of_libcrypto, MT_COUNT(kinds), 0},
    {&a_key_comes_back_from_its_spki, MT_COUNT(kinds), 0},
    {&a_cut_or_longer_spki_is_no_key, MT_COUNT(kinds), 0},
    {&spki_by_hand, MT_COUNT(spkis), 0},
    {&two_forms_of_a_point_are_the_same_key, 0, 0},
    {&loads_every_form, MT_COUNT(loadable), 0},
    {&the_password_has_to_be_right, 2, 0},
    {&says_why_it_does_not_load, MT_COUNT(unloadable), 0},
    {&a_key_that_was_cut_anywhere_does_not_load, 0, 0},
    {&a_key_of_an_unknown_kind_is_named, 0, 0},
    {&a_pss_key_keeps_its_algorithm, 0, 0},
};

int main(void)
{
    return suite_run("crypto_key", rows, MT_COUNT(rows));
}
