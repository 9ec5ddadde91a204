// SPDX-License-Identifier: Apache-2.0
#include "crypto/group.h"
#include "wire/codes.h"

#include "hex.h"
#include "suite.h"

/* RFC 7748 6.1. */
static const struct {
    const char *private_key, *share, *peer;
} known[] = {
    {"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
     "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"},
    {"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
     "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"},
};

START_TEST(x25519_as_published)
{
    mt_writer private_key = {0}, peer = {0}, secret = {0};
    mt_exchange *x = mt_exchange_from(MT_X25519, from_hex(&private_key, known[_i].private_key));
    check_hex(mt_exchange_share(x), known[_i].share);
    ck_assert(mt_exchange_derive(x, from_hex(&peer, known[_i].peer), &secret));
    check_hex(mt_written(&secret), "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    mt_exchange_free(x);
    mt_writer_free(&private_key);
    mt_writer_free(&peer);
    mt_writer_free(&secret);
}
END_TEST

static const uint16_t ours[] = {MT_X25519, MT_SECP256R1, MT_SECP384R1, MT_SECP521R1, MT_CURVE_SM2};

START_TEST(both_sides_agree)
{
    mt_writer a_secret = {0}, b_secret = {0};
    ck_assert(mt_group_known(ours[_i]));
    mt_exchange *a = mt_exchange_new(ours[_i]), *b = mt_exchange_new(ours[_i]);
    ck_assert_uint_eq(mt_exchange_group(a), ours[_i]);
    ck_assert(!mt_span_equal(mt_exchange_share(a), mt_exchange_share(b)));
    ck_assert(mt_exchange_derive(a, mt_exchange_share(b), &a_secret));
    ck_assert(mt_exchange_derive(b, mt_exchange_share(a), &b_secret));
    ck_assert_uint_gt(a_secret.len, 0);
    ck_assert(mt_span_equal(mt_written(&a_secret), mt_written(&b_secret)));
    mt_exchange_free(a);
    mt_exchange_free(b);
    mt_writer_free(&a_secret);
    mt_writer_free(&b_secret);
}
END_TEST

START_TEST(only_these_are_known)
{
    size_t count = 0;
    for (size_t i = 0; i < mt_groups.len; i++)
        count += mt_group_known((uint16_t)mt_groups.rows[i].code);
    ck_assert_uint_eq(count, MT_COUNT(ours));
    ck_assert(!mt_group_known(0x001e));
    ck_assert(!mt_group_known(0));
}
END_TEST

START_TEST(an_unknown_group_dies)
{
    mt_exchange_free(mt_exchange_new(0x001e));
}
END_TEST

static void refuses(uint16_t group, mt_span share, const char *what)
{
    mt_writer secret = {0};
    mt_write_bytes(&secret, mt_span_text("kept"));
    mt_exchange *x = mt_exchange_new(group);
    ck_assert_msg(!mt_exchange_derive(x, share, &secret), "%s", what);
    ck_assert(mt_span_equal(mt_written(&secret), mt_span_text("kept")));
    mt_exchange_free(x);
    mt_writer_free(&secret);
}

START_TEST(a_share_of_another_length_is_refused)
{
    mt_writer w = {0};
    mt_exchange *peer = mt_exchange_new(ours[_i]);
    mt_span share = mt_exchange_share(peer);
    mt_write_bytes(&w, share);
    mt_write_uint(&w, 0, 1);
    refuses(ours[_i], mt_written(&w), "one byte more");
    refuses(ours[_i], mt_span_first(share, share.len - 1), "one byte less");
    refuses(ours[_i], (mt_span){0}, "empty");
    mt_exchange_free(peer);
    mt_writer_free(&w);
}
END_TEST

/* The points of small order (RFC 7748 6.1, "all-zero"), in canonical form. */
static const char *const small_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

START_TEST(an_all_zero_result_is_refused)
{
    mt_writer w = {0};
    refuses(MT_X25519, from_hex(&w, small_order[_i]), small_order[_i]);
    mt_writer_free(&w);
}
END_TEST

#define X_OF_G "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define Y_OF_G "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

static const struct {
    const char *what, *hex;
} points[] = {
    {"not on the curve", "04" X_OF_G "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f4"},
    {"zero", "0400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
             "0000000000000000"},
    {"coordinates above the field", "04ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                                    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
    {"hybrid form", "07" X_OF_G Y_OF_G},
    {"compressed form", "03" X_OF_G},
    {"infinity", "00"},
    {"form 05", "05" X_OF_G Y_OF_G},
};

START_TEST(no_point_of_p256_is_refused)
{
    mt_writer w = {0};
    refuses(MT_SECP256R1, from_hex(&w, points[_i].hex), points[_i].what);
    mt_writer_free(&w);
}
END_TEST

START_TEST(the_base_point_is_accepted)
{
    mt_writer w = {0}, secret = {0};
    mt_exchange *x = mt_exchange_new(MT_SECP256R1);
    ck_assert(mt_exchange_derive(x, from_hex(&w, "04" X_OF_G Y_OF_G), &secret));
    ck_assert(mt_span_equal(mt_written(&secret), mt_span_first(mt_span_skip(mt_exchange_share(x), 1), 32)));
    mt_exchange_free(x);
    mt_writer_free(&w);
    mt_writer_free(&secret);
}
END_TEST

static const suite_row rows[] = {
    {&x25519_as_published, MT_COUNT(known), 0},
    {&both_sides_agree, MT_COUNT(ours), 0},
    {&only_these_are_known, 0, 0},
    {&an_unknown_group_dies, 0, 3},
    {&a_share_of_another_length_is_refused, MT_COUNT(ours), 0},
    {&an_all_zero_result_is_refused, MT_COUNT(small_order), 0},
    {&no_point_of_p256_is_refused, MT_COUNT(points), 0},
    {&the_base_point_is_accepted, 0, 0},
};

int main(void)
{
    return suite_run("crypto_group", rows, MT_COUNT(rows));
}
