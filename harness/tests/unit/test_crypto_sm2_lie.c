// SPDX-License-Identifier: Apache-2.0
/* SM2 as a liar writes it, byte by byte, and as careless readers take it: each reader takes what he overlooks and nothing else. */
#include "crypto/sm2_lie.h"

#include "sm2_key.h"
#include "suite.h"

/* The signature of GB/T 32918.2 A.2, over the recommended curve. */
#define GOOD "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eac" \
    "eee720b3022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
#define KEY "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8" /* even */
#define ODD_KEY "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b9"

static const struct {
    const char *about;
    mt_sm2_form form;
    bool encoded, unreduced, out_of_range; /* what is wrong with it; a bare number is negative, and so out of range too */
    const char *hex;
} forms[] = {
    {"as it is", {MT_SM2_AS_IS, MT_SM2_AS_IS, MT_SM2_DER}, false, false, false,
     "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3022100b1b6aa29df212fd8763182bc0d421c"
     "a1bb9038fd1f7f42d4840b69c485bbc1aa"},
    {"r zero", {MT_SM2_ZERO, MT_SM2_AS_IS, MT_SM2_DER}, false, false, true,
     "3026020100022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"},
    {"s zero", {MT_SM2_AS_IS, MT_SM2_ZERO, MT_SM2_DER}, false, false, true,
     "3026022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3020100"},
    {"r is n", {MT_SM2_ORDER, MT_SM2_AS_IS, MT_SM2_DER}, false, false, true,
     "3046022100fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123022100b1b6aa29df212fd8763182bc0d421c"
     "a1bb9038fd1f7f42d4840b69c485bbc1aa"},
    {"r + n", {MT_SM2_PLUS_ORDER, MT_SM2_AS_IS, MT_SM2_DER}, false, true, true,
     "3046022101f5a03b0548d2c4630eeac513e1bb81a0cb48b9a3499bbc6c976872b628bc61d6022100b1b6aa29df212fd8763182bc0d421c"
     "a1bb9038fd1f7f42d4840b69c485bbc1aa"},
    {"s + n", {MT_SM2_AS_IS, MT_SM2_PLUS_ORDER, MT_SM2_DER}, false, true, true,
     "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3022101b1b6aa28df212fd8763182bc0d421c"
     "a12d941868414547ffd7c75dcdbf9102cd"},
    {"r - n", {MT_SM2_MINUS_ORDER, MT_SM2_AS_IS, MT_SM2_DER}, false, true, true,
     "30450220f5a03b0748d2c4630eeac513e1bb81a1e740facd060fb215eff08aa3b511df90022100b1b6aa29df212fd8763182bc0d421ca1"
     "bb9038fd1f7f42d4840b69c485bbc1aa"},
    {"s - n", {MT_SM2_AS_IS, MT_SM2_MINUS_ORDER, MT_SM2_DER}, false, true, true,
     "3045022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b30220b1b6aa2adf212fd8763182bc0d421ca2"
     "498c5991fdb93da9304f75bb4be68087"},
    {"bare", {MT_SM2_AS_IS, MT_SM2_AS_IS, MT_SM2_BARE}, true, false, true,
     "30440220f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b30220b1b6aa29df212fd8763182bc0d421ca1bb"
     "9038fd1f7f42d4840b69c485bbc1aa"},
    {"padded", {MT_SM2_AS_IS, MT_SM2_AS_IS, MT_SM2_PADDED}, true, false, false,
     "304a0223000000f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b30223000000b1b6aa29df212fd8763182"
     "bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"},
    {"long lengths", {MT_SM2_AS_IS, MT_SM2_AS_IS, MT_SM2_LONG_LENGTH}, true, false, false,
     "3082004a0282002100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b30282002100b1b6aa29df212fd876"
     "3182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"},
    {"third", {MT_SM2_AS_IS, MT_SM2_AS_IS, MT_SM2_THIRD}, true, false, false,
     "3049022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3022100b1b6aa29df212fd8763182bc0d421c"
     "a1bb9038fd1f7f42d4840b69c485bbc1aa020100"},
    {"raw", {MT_SM2_AS_IS, MT_SM2_AS_IS, MT_SM2_RAW}, true, false, false,
     "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42"
     "d4840b69c485bbc1aa"},
};

START_TEST(form)
{
    mt_writer good = {0}, out = {0};
    ck_assert(mt_sm2_reform(from_hex(&good, GOOD), &forms[_i].form, &out));
    check_hex(mt_written(&out), forms[_i].hex);
    ck_assert_msg(mt_sm2_out_of_range(mt_written(&out)) == forms[_i].out_of_range, "%s", forms[_i].about);
    mt_writer_free(&good);
    mt_writer_free(&out);
}
END_TEST

/* Tidied, it is the good one again for whoever overlooks just this, and something else or nothing for all others. */
START_TEST(form_is_tidied)
{
    static const mt_sm2_laxness readers[] = {{false, false}, {true, false}, {false, true}};
    mt_writer bytes = {0}, good = {0};
    mt_span given = from_hex(&bytes, forms[_i].hex);
    from_hex(&good, GOOD);
    for (size_t i = 0; i < MT_COUNT(readers); i++) {
        bool honest = !forms[_i].encoded && !forms[_i].out_of_range;
        bool fits = honest || (forms[_i].encoded && readers[i].any_encoding) || (forms[_i].unreduced && readers[i].reduces);
        mt_writer out = {0};
        bool same = mt_sm2_tidy(given, &readers[i], &out) && mt_span_equal(mt_written(&out), mt_written(&good));
        ck_assert_msg(same == fits, "%s, reader %zu", forms[_i].about, i);
        mt_writer_free(&out);
    }
    mt_writer_free(&bytes);
    mt_writer_free(&good);
}
END_TEST

START_TEST(nothing_comes_of_rubbish)
{
    static const char *const rubbish[] = {"", "30", "3000", "300402010102", "30060201010201", "3006020101030101", "308002010102010100",
                                          "3085000000000602010102010131", "30060200020101"};
    mt_sm2_laxness how = {true, true};
    for (size_t i = 0; i < MT_COUNT(rubbish); i++) {
        mt_writer bytes = {0}, out = {0};
        mt_span given = from_hex(&bytes, rubbish[i]);
        ck_assert_msg(!mt_sm2_tidy(given, &how, &out) && out.len == 0, "%s", rubbish[i]);
        ck_assert(!mt_sm2_out_of_range(given) && !mt_sm2_reform(given, &(mt_sm2_form){.r = MT_SM2_ZERO}, &out));
        mt_writer_free(&bytes);
        mt_writer_free(&out);
    }
}
END_TEST

START_TEST(small_numbers_cannot_be_bare)
{
    mt_writer bytes = {0}, out = {0};
    ck_assert(!mt_sm2_reform(from_hex(&bytes, "3006020101020102"), &(mt_sm2_form){.encoding = MT_SM2_BARE}, &out) && out.len == 0);
    mt_writer_free(&bytes);
    mt_writer_free(&out);
}
END_TEST

/* ---- encryption ---- */

static const struct {
    const char *about, *key;
    mt_sm2_cipher_form form;
    mt_sm2_carelessness taken_by;
} ciphers[] = {
    {"C1C2C3", KEY, {MT_SM2_C1C2C3, MT_SM2_C1_FRESH}, {.any_layout = true}},
    {"raw C1C3C2", KEY, {MT_SM2_RAW_C1C3C2, MT_SM2_C1_FRESH}, {.any_layout = true}},
    {"raw C1C2C3", KEY, {MT_SM2_RAW_C1C2C3, MT_SM2_C1_FRESH}, {.any_layout = true}},
    {"zero", KEY, {MT_SM2_C1C3C2, MT_SM2_C1_ZERO}, {.any_point = true}},
    {"zero, odd key", ODD_KEY, {MT_SM2_C1C3C2, MT_SM2_C1_ZERO}, {.any_point = true}},
    {"order two, even key", KEY, {MT_SM2_C1C3C2, MT_SM2_C1_TWO_EVEN}, {.any_point = true}},
    {"order two, odd key", ODD_KEY, {MT_SM2_C1C3C2, MT_SM2_C1_TWO_ODD}, {.any_point = true}},
};

START_TEST(cipher_is_taken_by_the_careless)
{
    mt_key *k = sm2_key(ciphers[_i].key);
    mt_writer cipher = {0}, plain = {0};
    mt_sm2_carelessness how = ciphers[_i].taken_by, other = {.any_layout = how.any_point, .any_point = how.any_layout};
    ck_assert(mt_sm2_encrypt_as(k, &ciphers[_i].form, mt_span_text("encryption standard"), &cipher));
    ck_assert_msg(!mt_sm2_decrypt(k, mt_written(&cipher), &plain), "%s", ciphers[_i].about);
    ck_assert_msg(!mt_sm2_decrypt_carelessly(k, mt_written(&cipher), &other, &plain), "%s", ciphers[_i].about);
    ck_assert_uint_eq(plain.len, 0);
    ck_assert_msg(mt_sm2_decrypt_carelessly(k, mt_written(&cipher), &how, &plain), "%s", ciphers[_i].about);
    ck_assert(mt_span_equal(mt_written(&plain), mt_span_text("encryption standard")));
    mt_writer_free(&cipher);
    mt_writer_free(&plain);
    mt_key_free(k);
}
END_TEST

/* The sums of the careless are those of the standard, where there is nothing to overlook (GB/T 32918.4 A.2). */
START_TEST(honest_cipher)
{
    static const char *const cipher =
        "307c022004ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
        "022100e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
        "042059983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
        "041321886ca989ca9c7d58087307ca93092d651efa";
    mt_key *k = sm2_key(KEY);
    mt_writer bytes = {0}, plain = {0};
    mt_span given = from_hex(&bytes, cipher);
    ck_assert(mt_sm2_decrypt_carelessly(k, given, &(mt_sm2_carelessness){0}, &plain));
    ck_assert(mt_span_equal(mt_written(&plain), mt_span_text("encryption standard")));
    bytes.at[80] ^= 1; /* in C3 */
    ck_assert(!mt_sm2_decrypt_carelessly(k, given, &(mt_sm2_carelessness){.any_layout = true, .any_point = true}, &plain));
    ck_assert(mt_sm2_decrypt_carelessly(k, given, &(mt_sm2_carelessness){.any_hash = true}, &plain));
    for (size_t i = 0; i < given.len; i++)
        ck_assert(!mt_sm2_decrypt_carelessly(k, mt_span_first(given, i), &(mt_sm2_carelessness){.any_point = true}, &plain));
    mt_writer_free(&bytes);
    mt_writer_free(&plain);
    mt_key_free(k);
}
END_TEST

/* ---- points ---- */

#define GX "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
#define GY "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

START_TEST(vanishing)
{
    static const struct {
        const char *share;
        bool vanishes;
    } rows[] = {{"", false}, {"00", true}, {"01", false}, {"04", false}, {"04" GX GY, false}, {"04" ZERO ZERO, true},
                {"04" ZERO GY, false}, {"04" GX ZERO, false} /* an odd x */, {"02" GX, false}};
    for (size_t i = 0; i < MT_COUNT(rows); i++) {
        mt_writer bytes = {0};
        ck_assert_msg(mt_sm2_vanishes(from_hex(&bytes, rows[i].share)) == rows[i].vanishes, "%s", rows[i].share);
        mt_writer_free(&bytes);
    }
    mt_writer point = {0};
    from_hex(&point, "04" GX GY);
    mt_sm2_order_two(point.at + 1);
    ck_assert(mt_sm2_vanishes(mt_written(&point)));
    mt_writer_free(&point);
}
END_TEST

START_TEST(compression)
{
    mt_writer point = {0}, compressed = {0}, again = {0};
    ck_assert(mt_sm2_compress(from_hex(&point, "04" GX GY), &compressed));
    check_hex(mt_written(&compressed), "02" GX);
    ck_assert(mt_sm2_uncompress(mt_written(&compressed), &again));
    check_hex(mt_written(&again), "04" GX GY);
    point.at[40] ^= 1;
    ck_assert(!mt_sm2_compress(mt_written(&point), &again) && !mt_sm2_uncompress((mt_span){0}, &again));
    mt_writer_free(&point);
    mt_writer_free(&compressed);
    mt_writer_free(&again);
}
END_TEST

int main(void)
{
    static const suite_row rows[] = {
        {&form, MT_COUNT(forms), 0},
        {&form_is_tidied, MT_COUNT(forms), 0},
        {&nothing_comes_of_rubbish, 0, 0},
        {&small_numbers_cannot_be_bare, 0, 0},
        {&cipher_is_taken_by_the_careless, MT_COUNT(ciphers), 0},
        {&honest_cipher, 0, 0},
        {&vanishing, 0, 0},
        {&compression, 0, 0},
    };
    return suite_run("crypto_sm2_lie", rows, MT_COUNT(rows));
}
