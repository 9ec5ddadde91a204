// SPDX-License-Identifier: Apache-2.0
/* What SM2, SM4-GCM and SM4-CCM cost here beside what libcrypto alone takes for the same. One line each: what, who, and
 * microseconds of CPU an operation (medians; both in turns, so that a busy machine troubles them alike). libcrypto has no SM2 key
 * exchange: it stands beside one ECDH, of which it is one and, for the public sum, half of another. CCM encrypts twice. */
#include "crypto/aead.h"
#include "crypto/sm2.h"
#include "sm2_floor.h"

#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 41 };

typedef struct scene {
    mt_key *key, *peer;
    mt_exchange *exchange, *peer_exchange;
    mt_aead *gcm, *ccm;
    mt_writer signature, cipher, record;
    sm2_floor floor;
} scene;

static mt_span data(void)
{
    return mt_span_text("0123456789abcdef0123456789abcdef");
}

static void our_sign(scene *s)
{
    mt_writer_clear(&s->signature);
    must(mt_sign(s->key, &mt_scheme_tlcp, data(), &s->signature), "sign");
}

static void our_verify(scene *s)
{
    must(mt_verify(s->key, &mt_scheme_tlcp, data(), mt_written(&s->signature)), "verify");
}

static void our_encrypt(scene *s)
{
    mt_writer_clear(&s->cipher);
    must(mt_sm2_encrypt(s->key, mt_span_text("0101 and 46 random bytes, as a pre-master secret"), &s->cipher), "encrypt");
}

static void our_decrypt(scene *s)
{
    mt_writer out = {0};
    must(mt_sm2_decrypt(s->key, mt_written(&s->cipher), &out), "decrypt");
    mt_writer_free(&out);
}

static void our_generate(scene *s)
{
    (void)s;
    mt_exchange_free(mt_exchange_new(MT_CURVE_SM2));
}

static void our_ecdh(scene *s)
{
    mt_writer out = {0};
    must(mt_exchange_derive(s->exchange, mt_exchange_share(s->peer_exchange), &out), "derive");
    mt_writer_free(&out);
}

static void our_agree(scene *s)
{
    mt_writer out = {0};
    const mt_sm2_agreement a = {true, s->key, s->exchange, s->peer, mt_exchange_share(s->peer_exchange), MT_SM2_ID, MT_SM2_ID};
    must(mt_sm2_agree(&a, FLOOR_SECRET, &out), "agree");
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

typedef void floor_work(sm2_floor *f);

static const struct {
    const char *what, *floor;
    void (*ours)(scene *);
    floor_work *theirs;
    unsigned repeat;
} rows[] = {
    {"sign", "libcrypto", our_sign, floor_sign, 8},
    {"verify", "libcrypto", our_verify, floor_verify, 8},
    {"encrypt", "libcrypto", our_encrypt, floor_encrypt, 4},
    {"decrypt", "libcrypto", our_decrypt, floor_decrypt, 8},
    {"generate", "libcrypto", our_generate, floor_generate, 8},
    {"ecdh", "libcrypto", our_ecdh, floor_ecdh, 8},
    {"agree", "ecdh", our_agree, floor_ecdh, 8},
    {"sm4-gcm-16k", "sm4-ctr-16k", our_gcm, floor_ctr, 16},
    {"sm4-ccm-16k", "sm4-ctr-16k", our_ccm, floor_ctr, 16},
};

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void measure(scene *s, size_t i)
{
    double ours[ROUNDS], theirs[ROUNDS];
    for (size_t r = 0; r < ROUNDS; r++) {
        double start = now_us();
        for (unsigned n = 0; n < rows[i].repeat; n++)
            rows[i].ours(s);
        double middle = now_us();
        for (unsigned n = 0; n < rows[i].repeat; n++)
            rows[i].theirs(&s->floor);
        ours[r] = (middle - start) / rows[i].repeat;
        theirs[r] = (now_us() - middle) / rows[i].repeat;
    }
    qsort(ours, ROUNDS, sizeof *ours, by_value);
    qsort(theirs, ROUNDS, sizeof *theirs, by_value);
    printf("%s ours %.1f\n%s %s %.1f\n", rows[i].what, ours[ROUNDS / 2], rows[i].what, rows[i].floor, theirs[ROUNDS / 2]);
}

int main(void)
{
    static const uint8_t key[16] = "sixteen bytes..";
    static scene s;
    s.key = mt_key_make(MT_KEY_SM2, 0);
    s.peer = mt_key_make(MT_KEY_SM2, 0);
    s.exchange = mt_exchange_new(MT_CURVE_SM2);
    s.peer_exchange = mt_exchange_new(MT_CURVE_SM2);
    s.gcm = mt_aead_composed("SM4-GCM", key);
    s.ccm = mt_aead_composed("SM4-CCM", key);
    sm2_floor_make(&s.floor);
    mt_write_room(&s.record, FLOOR_RECORD);
    for (size_t i = 0; i < MT_COUNT(rows); i++)
        measure(&s, i);
    return EXIT_SUCCESS;
}
