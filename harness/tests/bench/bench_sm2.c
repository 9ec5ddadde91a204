// SPDX-License-Identifier: Apache-2.0
/* What SM2, SM4-GCM and SM4-CCM cost here beside what libcrypto alone takes for the same. One line each: what, who, and
 * microseconds of CPU an operation (medians; both in turns, so that a busy machine troubles them alike). libcrypto has no SM2 key
 * exchange: it stands beside one ECDH, of which it is one and, for the public sum, half of another. CCM encrypts twice. */
#include "crypto/aead.h"
#include "crypto/key_inner.h"
#include "crypto/sm2.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 41, RECORD = 16384, SECRET = 48, HASHED = 32 };

typedef struct scene {
    mt_key *key, *peer;
    mt_exchange *exchange, *peer_exchange;
    mt_aead *gcm, *ccm;
    EVP_CIPHER_CTX *ctr;
    EVP_PKEY *ec, *ec_peer; /* of type EC, on the SM2 curve */
    mt_writer signature, cipher, record;
} scene;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    ERR_print_errors_fp(stderr);
    mt_die("bench: %s", what);
}

static mt_span data(void)
{
    return mt_span_text("0123456789abcdef0123456789abcdef");
}

static void our_sign(scene *s)
{
    mt_writer_clear(&s->signature);
    must(mt_sign(s->key, &mt_scheme_tlcp, data(), &s->signature), "sign");
}

static EVP_MD_CTX *digesting(EVP_PKEY *key, bool signing)
{
    EVP_PKEY_CTX *inner = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int started = signing ? EVP_DigestSignInit(ctx, &inner, EVP_sm3(), NULL, key) : EVP_DigestVerifyInit(ctx, &inner, EVP_sm3(), NULL, key);
    must(started == 1, "digest");
    must(EVP_PKEY_CTX_set1_id(inner, MT_SM2_ID, (int)strlen(MT_SM2_ID)) == 1, "id");
    return ctx;
}

static void evp_sign(scene *s)
{
    uint8_t out[80];
    size_t len = sizeof out;
    EVP_MD_CTX *ctx = digesting(s->key->pkey, true);
    must(EVP_DigestSign(ctx, out, &len, data().at, data().len) == 1, "sign");
    EVP_MD_CTX_free(ctx);
}

static void our_verify(scene *s)
{
    must(mt_verify(s->key, &mt_scheme_tlcp, data(), mt_written(&s->signature)), "verify");
}

static void evp_verify(scene *s)
{
    EVP_MD_CTX *ctx = digesting(s->key->pkey, false);
    must(EVP_DigestVerify(ctx, s->signature.at, s->signature.len, data().at, data().len) == 1, "verify");
    EVP_MD_CTX_free(ctx);
}

static void our_encrypt(scene *s)
{
    mt_writer_clear(&s->cipher);
    must(mt_sm2_encrypt(s->key, mt_span_text("0101 and 46 random bytes, as a pre-master secret"), &s->cipher), "encrypt");
}

static void evp_encrypt(scene *s)
{
    uint8_t out[256], secret[SECRET] = {1, 1};
    size_t len = sizeof out;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, s->key->pkey, NULL);
    must(EVP_PKEY_encrypt_init(ctx) == 1 && EVP_PKEY_encrypt(ctx, out, &len, secret, sizeof secret) == 1, "encrypt");
    EVP_PKEY_CTX_free(ctx);
}

static void our_decrypt(scene *s)
{
    mt_writer out = {0};
    must(mt_sm2_decrypt(s->key, mt_written(&s->cipher), &out), "decrypt");
    mt_writer_free(&out);
}

static void evp_decrypt(scene *s)
{
    uint8_t out[256];
    size_t len = sizeof out;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, s->key->pkey, NULL);
    must(EVP_PKEY_decrypt_init(ctx) == 1 && EVP_PKEY_decrypt(ctx, out, &len, s->cipher.at, s->cipher.len) == 1, "decrypt");
    EVP_PKEY_CTX_free(ctx);
}

static void our_generate(scene *s)
{
    (void)s;
    mt_exchange_free(mt_exchange_new(MT_CURVE_SM2));
}

static void evp_generate(scene *s)
{
    (void)s;
    EVP_PKEY_free(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "SM2"));
}

static void our_ecdh(scene *s)
{
    mt_writer out = {0};
    must(mt_exchange_derive(s->exchange, mt_exchange_share(s->peer_exchange), &out), "derive");
    mt_writer_free(&out);
}

static void evp_ecdh(scene *s)
{
    uint8_t out[HASHED];
    size_t len = sizeof out;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, s->ec, NULL);
    must(EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer_ex(ctx, s->ec_peer, 0) == 1, "peer");
    must(EVP_PKEY_derive(ctx, out, &len) == 1, "derive");
    EVP_PKEY_CTX_free(ctx);
}

static void our_agree(scene *s)
{
    mt_writer out = {0};
    const mt_sm2_agreement a = {true, s->key, s->exchange, s->peer, mt_exchange_share(s->peer_exchange), MT_SM2_ID, MT_SM2_ID};
    must(mt_sm2_agree(&a, SECRET, &out), "agree");
    mt_writer_free(&out);
}

static void seal(mt_aead *a, mt_writer *record)
{
    static const uint8_t nonce[MT_AEAD_NONCE];
    uint8_t tag[MT_AEAD_TAG];
    const mt_aead_job job = {nonce, mt_span_text("17 03 03 len "), {record->at, record->len}, tag};
    must(mt_aead_crypt(a, MT_SEALING, &job), "seal");
}

static void our_gcm(scene *s)
{
    seal(s->gcm, &s->record);
}

static void our_ccm(scene *s)
{
    seal(s->ccm, &s->record);
}

static void evp_ctr(scene *s)
{
    int n = 0;
    must(EVP_EncryptUpdate(s->ctr, s->record.at, &n, s->record.at, RECORD) == 1, "ctr");
}

static const struct {
    const char *what, *floor;
    void (*ours)(scene *), (*evp)(scene *);
    unsigned repeat;
} rows[] = {
    {"sign", "libcrypto", our_sign, evp_sign, 8},
    {"verify", "libcrypto", our_verify, evp_verify, 8},
    {"encrypt", "libcrypto", our_encrypt, evp_encrypt, 4},
    {"decrypt", "libcrypto", our_decrypt, evp_decrypt, 8},
    {"generate", "libcrypto", our_generate, evp_generate, 8},
    {"ecdh", "libcrypto", our_ecdh, evp_ecdh, 8},
    {"agree", "ecdh", our_agree, evp_ecdh, 8},
    {"sm4-gcm-16k", "sm4-ctr-16k", our_gcm, evp_ctr, 16},
    {"sm4-ccm-16k", "sm4-ctr-16k", our_ccm, evp_ctr, 16},
};

static double us_of(void (*work)(scene *), scene *s, unsigned repeat)
{
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (unsigned i = 0; i < repeat; i++)
        work(s);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return ((double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3) / repeat;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(scene *s, size_t i)
{
    double ours[ROUNDS], evp[ROUNDS];
    for (size_t r = 0; r < ROUNDS; r++) {
        ours[r] = us_of(rows[i].ours, s, rows[i].repeat);
        evp[r] = us_of(rows[i].evp, s, rows[i].repeat);
    }
    qsort(ours, ROUNDS, sizeof *ours, by_value);
    qsort(evp, ROUNDS, sizeof *evp, by_value);
    printf("%s ours %.1f\n%s %s %.1f\n", rows[i].what, ours[ROUNDS / 2], rows[i].what, rows[i].floor, evp[ROUNDS / 2]);
}

int main(void)
{
    static const uint8_t key[HASHED] = "sixteen bytes...";
    scene s = {mt_key_make(MT_KEY_SM2, 0), mt_key_make(MT_KEY_SM2, 0), mt_exchange_new(MT_CURVE_SM2), mt_exchange_new(MT_CURVE_SM2),
               mt_aead_composed("SM4-GCM", key), mt_aead_composed("SM4-CCM", key), EVP_CIPHER_CTX_new(),
               EVP_PKEY_Q_keygen(NULL, NULL, "EC", "SM2"), EVP_PKEY_Q_keygen(NULL, NULL, "EC", "SM2"), {0}, {0}, {0}};
    must(EVP_EncryptInit_ex2(s.ctr, EVP_sm4_ctr(), key, key, NULL) == 1, "ctr");
    mt_write_room(&s.record, RECORD);
    for (size_t i = 0; i < MT_COUNT(rows); i++)
        measure(&s, i);
    return EXIT_SUCCESS;
}
