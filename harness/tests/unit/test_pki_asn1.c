// SPDX-License-Identifier: Apache-2.0
#include "pki/asn1.h"

#include "suite.h"

static const struct {
    const char *says;
    int64_t value;
    const char *hex;
} int_cases[] = {
    {"zero is one octet", 0, "020100"},
    {"the sign bit needs an octet before it", 128, "02020080"},
    {"127 fits one octet", 127, "02017f"},
    {"minus one", -1, "0201ff"},
    {"minus 129", -129, "0202ff7f"},
    {"four octets", 0x01020304, "020401020304"},
};

static const struct {
    const char *says, *oid, *hex; /* hex NULL: refused */
} oid_cases[] = {
    {"keyUsage", "2.5.29.15", "0603551d0f"},
    {"sha256WithRSAEncryption", "1.2.840.113549.1.1.11", "06092a864886f70d01010b"},
    {"second arc above 39 under 2", "2.999", "06028837"},
    {"second arc above 39 under 1", "1.40", NULL},
    {"no second arc", "1", NULL},
    {"a trailing dot", "1.2.", NULL},
    {"a letter", "1.2.x", NULL},
    {"two dots", "1..2", NULL},
};

static const struct {
    const char *says;
    uint32_t bits;
    const char *hex;
} bit_cases[] = {
    {"digitalSignature", 1u << 0, "03020780"},
    {"keyCertSign and cRLSign", 1u << 5 | 1u << 6, "03020106"},
    {"decipherOnly takes a second octet", 1u << 8 | 1u << 0, "0303078080"},
    {"no bit at all", 0, "030100"},
};

static const struct {
    const char *says;
    mt_civil when;
    mt_time_form form;
    const char *tag_and_text;
} time_cases[] = {
    {"last second of UTCTime", {2049, 12, 31, 23, 59, 59}, MT_TIME_RFC5280, "\x17\x0d" "491231235959Z"},
    {"first second of GeneralizedTime", {2050, 1, 1, 0, 0, 0}, MT_TIME_RFC5280, "\x18\x0f" "20500101000000Z"},
    {"1950 is UTCTime", {1950, 1, 1, 0, 0, 0}, MT_TIME_RFC5280, "\x17\x0d" "500101000000Z"},
    {"GeneralizedTime where it ought not be", {2026, 2, 28, 1, 2, 3}, MT_TIME_GENERALIZED, "\x18\x0f" "20260228010203Z"},
    {"a leap day", {2024, 2, 29, 0, 0, 0}, MT_TIME_UTC, "\x17\x0d" "240229000000Z"},
    {"no expiry", {9999, 12, 31, 23, 59, 59}, MT_TIME_RFC5280, "\x18\x0f" "99991231235959Z"},
};

static void expect_hex(const mt_writer *w, const char *hex, const char *says)
{
    mt_writer text = {0};
    mt_write_hex(&text, mt_written(w));
    ck_assert_msg(strcmp(mt_writer_text(&text), hex) == 0, "%s: %s", says, mt_writer_text(&text));
    mt_writer_free(&text);
}

START_TEST(writes_integers)
{
    mt_writer w = {0};
    mt_asn1_int(&w, int_cases[_i].value);
    expect_hex(&w, int_cases[_i].hex, int_cases[_i].says);
    mt_writer_free(&w);
}
END_TEST

START_TEST(writes_object_identifiers)
{
    mt_writer w = {0};
    bool ok = mt_asn1_oid(&w, oid_cases[_i].oid);
    ck_assert_msg(ok == (oid_cases[_i].hex != NULL), "%s", oid_cases[_i].says);
    expect_hex(&w, ok ? oid_cases[_i].hex : "", oid_cases[_i].says);
    mt_writer_free(&w);
}
END_TEST

START_TEST(writes_named_bits)
{
    mt_writer w = {0};
    mt_asn1_named_bits(&w, bit_cases[_i].bits);
    expect_hex(&w, bit_cases[_i].hex, bit_cases[_i].says);
    mt_writer_free(&w);
}
END_TEST

START_TEST(writes_times)
{
    mt_writer w = {0};
    int64_t seconds = mt_time_seconds(time_cases[_i].when);
    mt_civil back = mt_time_civil(seconds);
    ck_assert_int_eq(back.year, time_cases[_i].when.year);
    ck_assert_uint_eq(back.day, time_cases[_i].when.day);
    ck_assert_uint_eq(back.second, time_cases[_i].when.second);
    mt_asn1_time(&w, seconds, time_cases[_i].form);
    ck_assert_msg(mt_span_equal(mt_written(&w), mt_span_text(time_cases[_i].tag_and_text)), "%s", time_cases[_i].says);
    mt_writer_free(&w);
}
END_TEST

static const struct {
    size_t size, head;
} length_cases[] = {{0, 2}, {127, 2}, {128, 3}, {255, 3}, {256, 4}, {65535, 4}, {65536, 5}};

START_TEST(closing_writes_the_shortest_length)
{
    mt_writer w = {0};
    size_t mark = mt_asn1_open(&w, MT_ASN1_SEQUENCE);
    mt_write_room(&w, length_cases[_i].size);
    mt_asn1_close(&w, mark);
    ck_assert_uint_eq(w.len, length_cases[_i].size + length_cases[_i].head);
    mt_tlv v = mt_asn1_first(mt_written(&w));
    ck_assert_uint_eq(v.tag, MT_ASN1_SEQUENCE);
    ck_assert_uint_eq(v.content.len, length_cases[_i].size);
    mt_writer_free(&w);
}
END_TEST

START_TEST(reads_values_in_turn)
{
    mt_writer w = {0};
    mt_asn1_bool(&w, true);
    mt_asn1_null(&w);
    mt_tlv v = mt_asn1_first(mt_written(&w));
    ck_assert_uint_eq(v.tag, MT_ASN1_BOOLEAN);
    v = mt_asn1_next(mt_written(&w), v);
    ck_assert_uint_eq(v.tag, MT_ASN1_NULL);
    v = mt_asn1_next(mt_written(&w), v);
    ck_assert_ptr_null(v.whole.at);
    mt_writer_free(&w);
}
END_TEST

static const struct {
    const char *says, *hex;
} broken_cases[] = {
    {"a length past the end", "300501"},     {"an indefinite length", "30800000"}, {"five octets of length", "30850000000001"},
    {"a tag of two octets", "1f8101000000"}, {"a tag alone", "30"},
};

START_TEST(broken_values_are_refused)
{
    mt_writer w = {0};
    ck_assert(mt_write_from_hex(&w, broken_cases[_i].hex));
    ck_assert_msg(mt_asn1_first(mt_written(&w)).whole.at == NULL, "%s", broken_cases[_i].says);
    mt_writer_free(&w);
}
END_TEST

static const suite_row tests[] = {
    {&writes_integers, MT_COUNT(int_cases), 0},
    {&writes_object_identifiers, MT_COUNT(oid_cases), 0},
    {&writes_named_bits, MT_COUNT(bit_cases), 0},
    {&writes_times, MT_COUNT(time_cases), 0},
    {&closing_writes_the_shortest_length, MT_COUNT(length_cases), 0},
    {&reads_values_in_turn, 0, 0},
    {&broken_values_are_refused, MT_COUNT(broken_cases), 0},
};

int main(void)
{
    return suite_run("pki asn1", tests, MT_COUNT(tests));
}
