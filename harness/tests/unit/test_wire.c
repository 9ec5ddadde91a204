// SPDX-License-Identifier: Apache-2.0
#include "wire/codes.h"
#include "wire/record.h"

#include "suite.h"

static const mt_codes *const tables[] = {&mt_alerts,   &mt_messages,     &mt_extensions,       &mt_groups, &mt_schemes, &mt_suites,
                                         &mt_versions, &mt_record_types, &mt_certificate_types};

START_TEST(every_word_goes_both_ways)
{
    const mt_codes *table = tables[_i];
    ck_assert_uint_gt(table->len, 0);
    ck_assert_str_ne(table->what, "");
    for (size_t i = 0; i < table->len; i++) {
        unsigned code = 0;
        ck_assert_msg(mt_code_find(table, table->rows[i].name, &code), "%s: %s", table->what, table->rows[i].name);
        ck_assert_uint_eq(code, table->rows[i].code);
        ck_assert_str_eq(mt_code_name(table, code), table->rows[i].name);
    }
}
END_TEST

START_TEST(no_word_and_no_code_stands_twice)
{
    const mt_codes *table = tables[_i];
    for (size_t i = 0; i < table->len; i++) {
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(table->rows[i].name, table->rows[j].name);
            ck_assert_msg(table->rows[i].code != table->rows[j].code, "%s and %s", table->rows[i].name, table->rows[j].name);
        }
    }
}
END_TEST

/* Values from the IANA registries and GB/T 38636, written again by hand. */
static const struct {
    const mt_codes *table;
    const char *name;
    unsigned code;
} known[] = {
    {&mt_alerts, "close_notify", 0},
    {&mt_alerts, "unknown_ca", 48},
    {&mt_alerts, "decrypt_error", 51},
    {&mt_alerts, "certificate_required", 116},
    {&mt_alerts, "no_application_protocol", 120},
    {&mt_alerts, "identity_need", 205},
    {&mt_messages, "hello_request", 0},
    {&mt_messages, "certificate_verify", 15},
    {&mt_messages, "compressed_certificate", 25},
    {&mt_extensions, "compress_certificate", 27},
    {&mt_extensions, "oid_filters", 48},
    {&mt_extensions, "post_handshake_auth", 49},
    {&mt_extensions, "signature_algorithms_cert", 50},
    {&mt_extensions, "renegotiation_info", 0xff01},
    {&mt_groups, "curveSM2", 0x0029},
    {&mt_groups, "x25519", 0x001d},
    {&mt_schemes, "sm2sig_sm3", 0x0708},
    {&mt_schemes, "rsa_pss_pss_sha256", 0x0809},
    {&mt_suites, "TLS_AES_128_GCM_SHA256", 0x1301},
    {&mt_suites, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b},
    {&mt_suites, "ECC_SM4_CBC_SM3", 0xe013},
    {&mt_versions, "tls1.3", 0x0304},
    {&mt_record_types, "handshake", 22},
    {&mt_certificate_types, "ecdsa_sign", 64},
};

START_TEST(the_registries_say_the_same)
{
    unsigned code = 0;
    ck_assert(mt_code_find(known[_i].table, known[_i].name, &code));
    ck_assert_uint_eq(code, known[_i].code);
}
END_TEST

static const struct {
    const char *text;
    bool found;
    unsigned code;
} numbers[] = {
    {"48", true, 48},   {"0x30", true, 48},     {"0", true, 0},     {"0x00ffffff", true, 0xffffff},
    {"", false, 0},     {"-1", false, 0},       {" 48", false, 0},  {"48x", false, 0},
    {"0x", false, 0},   {"0xzz", false, 0},     {"+1", false, 0},   {"unknown-ca", false, 0},
    {"16777216", false, 0}, {"99999999999999999999999999", false, 0},
};

START_TEST(a_plain_number_is_accepted)
{
    unsigned code = 7;
    ck_assert_msg(mt_code_find(&mt_alerts, numbers[_i].text, &code) == numbers[_i].found, "'%s'", numbers[_i].text);
    ck_assert_uint_eq(code, numbers[_i].found ? numbers[_i].code : 7);
}
END_TEST

START_TEST(writes_word_and_number)
{
    mt_writer w = {0};
    mt_code_write(&mt_alerts, 48, &w);
    mt_code_write(&mt_alerts, 231, &w);
    ck_assert_str_eq(mt_writer_text(&w), "unknown_ca(48)(231)");
    ck_assert_ptr_null(mt_code_name(&mt_alerts, 231));
    mt_writer_free(&w);
}
END_TEST

START_TEST(a_field_has_its_table)
{
    ck_assert_ptr_eq(mt_field_codes("scheme"), &mt_schemes);
    ck_assert_ptr_eq(mt_field_codes("suites"), &mt_suites);
    ck_assert_ptr_eq(mt_field_codes("types"), &mt_certificate_types);
    ck_assert_ptr_eq(mt_field_codes("alert"), &mt_alerts);
    ck_assert_ptr_null(mt_field_codes("signature"));
}
END_TEST

static const struct {
    const char *what, *hex;
    mt_framing framing;
    size_t body;
} records[] = {
    {"nothing", "", MT_FRAME_PARTIAL, 0},
    {"half a header", "16 03 01 00", MT_FRAME_PARTIAL, 0},
    {"header only", "16 03 01 00 01", MT_FRAME_PARTIAL, 0},
    {"empty body", "15 03 03 00 00", MT_FRAME_WHOLE, 0},
    {"one byte", "14 03 03 00 01 01", MT_FRAME_WHOLE, 1},
    {"bytes behind it", "14 03 03 00 01 01 ff ff", MT_FRAME_WHOLE, 1},
    {"longest announced", "17 03 03 48 00", MT_FRAME_PARTIAL, 0},
    {"one too long", "17 03 03 48 01", MT_FRAME_TOO_LONG, 0},
    {"http", "48 54 54 50 2f 31", MT_FRAME_TOO_LONG, 0},
};

START_TEST(frames_a_record)
{
    mt_writer in = {0};
    mt_record r = {0};
    ck_assert(mt_write_from_hex(&in, records[_i].hex));
    ck_assert_msg(mt_record_next(mt_written(&in), &r) == records[_i].framing, "%s", records[_i].what);
    if (records[_i].framing == MT_FRAME_WHOLE) {
        ck_assert_uint_eq(r.type, in.at[0]);
        ck_assert_uint_eq(r.version, 0x0303);
        ck_assert_uint_eq(r.body.len, records[_i].body);
        ck_assert_ptr_eq(r.body.at, in.at + MT_RECORD_HEADER);
        ck_assert_uint_eq(r.size, MT_RECORD_HEADER + records[_i].body);
    }
    mt_writer_free(&in);
}
END_TEST

START_TEST(what_was_written_is_framed)
{
    static const uint8_t bytes[MT_RECORD_PLAIN_MAX];
    mt_writer w = {0};
    mt_record r;
    mt_record_write(&w, MT_ALERT, 0x0301, mt_span_text("\x02\x30"));
    mt_record_write(&w, MT_APPLICATION_DATA, MT_TLS12, mt_span_of(bytes, sizeof bytes));
    ck_assert(mt_record_next(mt_written(&w), &r) == MT_FRAME_WHOLE);
    ck_assert(mt_span_equal(r.body, mt_span_text("\x02\x30")));
    ck_assert_uint_eq(r.version, 0x0301);
    ck_assert(mt_record_next(mt_span_skip(mt_written(&w), r.size), &r) == MT_FRAME_WHOLE);
    ck_assert_uint_eq(r.body.len, sizeof bytes);
    mt_writer_free(&w);
}
END_TEST

static const struct {
    const char *what, *hex;
    mt_framing framing;
    size_t body;
} messages[] = {
    {"nothing", "", MT_FRAME_PARTIAL, 0},
    {"half a header", "01 00 00", MT_FRAME_PARTIAL, 0},
    {"empty body", "0e 00 00 00", MT_FRAME_WHOLE, 0},
    {"two in one", "18 00 00 01 01 18 00 00 01 00", MT_FRAME_WHOLE, 1},
    {"body missing", "0b 00 00 05 00 00", MT_FRAME_PARTIAL, 0},
    {"at the cap", "0b 04 00 00", MT_FRAME_PARTIAL, 0},
    {"above the cap", "0b 04 00 01", MT_FRAME_TOO_LONG, 0},
    {"all it can say", "0b ff ff ff", MT_FRAME_TOO_LONG, 0},
};

START_TEST(frames_a_message)
{
    mt_writer in = {0};
    mt_message m = {0};
    ck_assert(mt_write_from_hex(&in, messages[_i].hex));
    ck_assert_msg(mt_message_next(mt_written(&in), &m) == messages[_i].framing, "%s", messages[_i].what);
    if (messages[_i].framing == MT_FRAME_WHOLE) {
        ck_assert_uint_eq(m.type, in.at[0]);
        ck_assert_uint_eq(m.body.len, messages[_i].body);
        ck_assert_ptr_eq(m.whole.at, in.at);
        ck_assert_uint_eq(m.whole.len, MT_MESSAGE_HEADER + messages[_i].body);
    }
    mt_writer_free(&in);
}
END_TEST

static const suite_row rows[] = {
    {&every_word_goes_both_ways, MT_COUNT(tables), 0},
    {&no_word_and_no_code_stands_twice, MT_COUNT(tables), 0},
    {&the_registries_say_the_same, MT_COUNT(known), 0},
    {&a_plain_number_is_accepted, MT_COUNT(numbers), 0},
    {&writes_word_and_number, 0, 0},
    {&a_field_has_its_table, 0, 0},
    {&frames_a_record, MT_COUNT(records), 0},
    {&what_was_written_is_framed, 0, 0},
    {&frames_a_message, MT_COUNT(messages), 0},
};

int main(void)
{
    return suite_run("wire", rows, MT_COUNT(rows));
}
