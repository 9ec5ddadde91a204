// SPDX-License-Identifier: Apache-2.0
/* Key exchange on the SM2 curve: GB/T 32918.3, with the standard's example and measured ones, and plain ECDH (RFC 8998). */
#include "crypto/sm2.h"
#include "tests/vectors/sm2/known_answers.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "hex.h"
#include "sm2_key.h"
#include "suite.h"

enum { LEN = 48 };

/* One side: a static and an ephemeral key. */
typedef struct side {
    mt_key *key;
    mt_exchange *exchange;
} side;

static side side_of(const char *key, const char *ephemeral)
{
    mt_writer w = {0};
    side s = {sm2_key(key), mt_exchange_from(MT_CURVE_SM2, from_hex(&w, ephemeral))};
    mt_writer_free(&w);
    return s;
}

static side new_side(void)
{
    return (side){mt_key_make(MT_KEY_SM2, 0), mt_exchange_new(MT_CURVE_SM2)};
}

static void free_side(side *s)
{
    mt_key_free(s->key);
    mt_exchange_free(s->exchange);
}

/* What `own` computes with `peer`, of whom it has the public key alone. */
static mt_sm2_agreement agreement(bool is_initiator, const side *own, const side *peer, mt_key **public)
{
    mt_writer spki = {0};
    mt_key_spki(peer->key, &spki);
    *public = mt_key_from_spki(mt_written(&spki));
    mt_writer_free(&spki);
    return (mt_sm2_agreement){is_initiator, own->key, own->exchange, *public, mt_exchange_share(peer->exchange), MT_SM2_ID, MT_SM2_ID};
}

static void check_secret(bool is_initiator, const side *own, const side *peer, const char *secret)
{
    mt_key *public = NULL;
    mt_writer out = {0};
    mt_sm2_agreement a = agreement(is_initiator, own, peer, &public);
    ck_assert(mt_sm2_agree(&a, strlen(secret) / 2, &out));
    check_hex(mt_written(&out), secret);
    mt_key_free(public);
    mt_writer_free(&out);
}

/* GB/T 32918.5 C: A is the initiator, 128 bits. */
START_TEST(example_of_the_standard)
{
    static const char secret[] = "6c89347354de2484c60b4ab1fde4c6e5";
    side a = side_of("81eb26e941bb5af16df116495f90695272ae2cd63d6c4ae1678418be48230029",
                     "d4de15474db74d06491c440d305e012400990f3e390c7e87153c12db2ea60bb3");
    side b = side_of("785129917d45a9ea5437a59356b82338eaadda6ceb199088f14ae10defa229b5",
                     "7e07124814b309489125eaed101113164ebf0f3458c5bd88335c1f9d596243d6");
    check_secret(true, &a, &b, secret);
    check_secret(false, &b, &a, secret);
    free_side(&a);
    free_side(&b);
}
END_TEST

static void check_public(const side *s, const char *public, const char *share, const char *z)
{
    mt_writer spki = {0};
    mt_digest d = mt_sm2_z(MT_SM2_ID, s->key);
    mt_key_spki(s->key, &spki);
    check_hex(mt_span_skip(mt_written(&spki), spki.len - 65), public);
    check_hex(mt_exchange_share(s->exchange), share);
    check_hex(mt_digest_span(&d), z);
    mt_writer_free(&spki);
}

START_TEST(as_measured)
{
    side server = side_of(sm2_exchanges[_i].server_key, sm2_exchanges[_i].server_ephemeral);
    side client = side_of(sm2_exchanges[_i].client_key, sm2_exchanges[_i].client_ephemeral);
    check_public(&server, sm2_exchanges[_i].server_public, sm2_exchanges[_i].server_share, sm2_exchanges[_i].z_server);
    check_public(&client, sm2_exchanges[_i].client_public, sm2_exchanges[_i].client_share, sm2_exchanges[_i].z_client);
    check_secret(true, &server, &client, sm2_exchanges[_i].secret);
    check_secret(false, &client, &server, sm2_exchanges[_i].secret);
    free_side(&server);
    free_side(&client);
}
END_TEST

static void secret_of(const mt_sm2_agreement *a, mt_writer *out)
{
    ck_assert(mt_sm2_agree(a, LEN, out));
    ck_assert_uint_eq(out->len, LEN);
}

/* Fresh keys on both sides agree; with another role, id or static key on one of them they do not. */
START_TEST(both_have_to_mean_the_same)
{
    side server = new_side(), client = new_side();
    mt_key *of_client = NULL, *of_server = NULL, *other = mt_key_make(MT_KEY_SM2, 0);
    mt_writer good = {0};
    mt_sm2_agreement right = agreement(true, &server, &client, &of_client), left = agreement(false, &client, &server, &of_server);
    mt_sm2_agreement wrong[] = {left, left, left, left, left};
    wrong[1].is_initiator = true;
    wrong[2].own_id = "";
    wrong[3].peer_id = MT_SM2_ID_TLS13;
    wrong[4].own = other;
    secret_of(&right, &good);
    for (size_t i = 0; i < MT_COUNT(wrong); i++) {
        mt_writer secret = {0};
        secret_of(&wrong[i], &secret);
        ck_assert_msg(mt_span_equal(mt_written(&secret), mt_written(&good)) == (i == 0), "%zu", i);
        mt_writer_free(&secret);
    }
    free_side(&server);
    free_side(&client);
    mt_key_free(of_client);
    mt_key_free(of_server);
    mt_key_free(other);
    mt_writer_free(&good);
}
END_TEST

#define X_OF_G "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
#define Y_OF_G "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"

static const struct {
    const char *what, *hex;
    bool is_point;
} shares[] = {
    {"the base point", "04" X_OF_G Y_OF_G, true},
    {"off the curve", "04" X_OF_G "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a1", false},
    {"compressed", "02" X_OF_G, false},
    {"hybrid", "06" X_OF_G Y_OF_G, false},
    {"infinity", "00", false},
    {"zeros", "0400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
              "000000", false},
    {"a byte more", "04" X_OF_G Y_OF_G "00", false},
    {"a byte less", "04" X_OF_G "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0", false},
    {"coordinates above the field", "04ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                                    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false},
    {"a point of P-256", "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                         "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", false},
    {"nothing", "", false},
};

START_TEST(a_share_is_a_point_or_refused)
{
    side own = new_side(), peer = new_side();
    mt_key *public = NULL;
    mt_writer share = {0}, out = {0}, plain = {0};
    mt_sm2_agreement a = agreement(false, &own, &peer, &public);
    a.peer_share = from_hex(&share, shares[_i].hex);
    ck_assert_msg(mt_sm2_agree(&a, LEN, &out) == shares[_i].is_point, "%s", shares[_i].what);
    ck_assert_uint_eq(out.len, shares[_i].is_point ? LEN : 0);
    ck_assert_msg(mt_exchange_derive(own.exchange, a.peer_share, &plain) == shares[_i].is_point, "%s", shares[_i].what);
    ck_assert_uint_eq(plain.len, shares[_i].is_point ? 32 : 0);
    free_side(&own);
    free_side(&peer);
    mt_key_free(public);
    mt_writer_free(&share);
    mt_writer_free(&out);
    mt_writer_free(&plain);
}
END_TEST

/* x~ of a share: 2^127 and the lower 127 bits of its X. */
static BIGNUM *tilde_of(mt_span share)
{
    BIGNUM *x = BN_bin2bn(share.at + 1 + 16, 16, NULL);
    ck_assert_int_eq(BN_set_bit(x, 127), 1);
    return x;
}

/* A peer whose static key is -x~ r: the sum of its two points is infinity, and the secret would be known to all. */
START_TEST(infinity_is_refused)
{
    static const char r[] = "00000000000000000000000000000000000000000000000000000000000000c0";
    static const char n[] = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
    BIGNUM *order = NULL, *number = NULL;
    BN_CTX *ctx = BN_CTX_new();
    side own = new_side(), probe = side_of(r, r);
    BIGNUM *tilde = tilde_of(mt_exchange_share(probe.exchange));
    ck_assert(BN_hex2bn(&order, n) != 0 && BN_hex2bn(&number, r) != 0);
    ck_assert(BN_mod_mul(number, number, tilde, order, ctx) == 1 && BN_sub(number, order, number) == 1);
    char *key = BN_bn2hex(number);
    side peer = side_of(key, r);
    mt_key *public = NULL;
    mt_writer out = {0};
    mt_sm2_agreement a = agreement(true, &own, &peer, &public);
    ck_assert(!mt_sm2_agree(&a, LEN, &out));
    ck_assert_uint_eq(out.len, 0);
    a.peer_share = mt_exchange_share(own.exchange);
    ck_assert(mt_sm2_agree(&a, LEN, &out));
    OPENSSL_free(key);
    BN_free(order);
    BN_free(number);
    BN_free(tilde);
    BN_CTX_free(ctx);
    free_side(&own);
    free_side(&probe);
    free_side(&peer);
    mt_key_free(public);
    mt_writer_free(&out);
}
END_TEST

START_TEST(other_keys_do_not_agree)
{
    side own = new_side(), peer = new_side();
    mt_key *public = NULL, *p256 = mt_key_make(MT_KEY_P256, 0);
    mt_writer out = {0};
    mt_sm2_agreement a = agreement(true, &own, &peer, &public);
    a.peer = p256;
    ck_assert(!mt_sm2_agree(&a, LEN, &out));
    a.peer = public;
    a.own = p256;
    ck_assert(!mt_sm2_agree(&a, LEN, &out));
    a.own = public;
    ck_assert(!mt_sm2_agree(&a, LEN, &out));
    ck_assert_uint_eq(out.len, 0);
    free_side(&own);
    free_side(&peer);
    mt_key_free(public);
    mt_key_free(p256);
}
END_TEST

START_TEST(another_group_dies)
{
    side own = {mt_key_make(MT_KEY_SM2, 0), mt_exchange_new(MT_SECP256R1)};
    mt_writer out = {0};
    const mt_sm2_agreement a = {true, own.key, own.exchange, own.key, mt_exchange_share(own.exchange), "", ""};
    ck_assert(!mt_sm2_agree(&a, LEN, &out));
}
END_TEST

/* Plain ECDH is that of libcrypto, with a key of type EC on this curve. */
START_TEST(ecdh_is_that_of_libcrypto)
{
    EVP_PKEY *theirs = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "SM2"), *ours = NULL;
    mt_exchange *x = mt_exchange_new(MT_CURVE_SM2);
    uint8_t point[65], secret[32];
    size_t len = 0, secret_len = sizeof secret;
    mt_writer out = {0};
    EVP_PKEY_CTX *params = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL), *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, theirs, NULL);
    ck_assert(EVP_PKEY_paramgen_init(params) == 1 && EVP_PKEY_CTX_set_group_name(params, "SM2") == 1);
    ck_assert_int_eq(EVP_PKEY_paramgen(params, &ours), 1);
    ck_assert_int_eq(EVP_PKEY_set1_encoded_public_key(ours, mt_exchange_share(x).at, mt_exchange_share(x).len), 1);
    ck_assert_int_eq(EVP_PKEY_get_octet_string_param(theirs, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, sizeof point, &len), 1);
    ck_assert(EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, ours) == 1);
    ck_assert_int_eq(EVP_PKEY_derive(ctx, secret, &secret_len), 1);
    ck_assert(mt_exchange_derive(x, mt_span_of(point, len), &out));
    ck_assert(mt_span_equal(mt_written(&out), mt_span_of(secret, secret_len)));
    EVP_PKEY_CTX_free(params);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(theirs);
    EVP_PKEY_free(ours);
    mt_exchange_free(x);
    mt_writer_free(&out);
}
END_TEST

static const suite_row rows[] = {
    {&example_of_the_standard, 0, 0},
    {&as_measured, MT_COUNT(sm2_exchanges), 0},
    {&both_have_to_mean_the_same, 0, 0},
    {&a_share_is_a_point_or_refused, MT_COUNT(shares), 0},
    {&infinity_is_refused, 0, 0},
    {&other_keys_do_not_agree, 0, 0},
    {&another_group_dies, 0, 3},
    {&ecdh_is_that_of_libcrypto, 0, 0},
};

int main(void)
{
    return suite_run("crypto_sm2_exchange", rows, MT_COUNT(rows));
}
