// SPDX-License-Identifier: Apache-2.0
/* Messages read strictly: what is too long or too short is a fault that names the field, and fields lie where the map says. */
#include "msg/msg.h"
#include "suite.h"

typedef struct reading {
    const char *about;
    uint16_t version;
    uint8_t type;
    const char *hex;
    const char *fault; /* NULL: it reads */
} reading;

static const reading readings[] = {
    {"certificate_verify", MT_TLS13, MT_CERTIFICATE_VERIFY, "0403 0002 abcd", NULL},
    {"signature too short", MT_TLS13, MT_CERTIFICATE_VERIFY, "0403 0003 abcd", "signature wants 3, 2 left"},
    {"signature too long", MT_TLS13, MT_CERTIFICATE_VERIFY, "0403 0001 abcd", "1 bytes too many"},
    {"no scheme", MT_TLS12, MT_CERTIFICATE_VERIFY, "04", "scheme wants 2, 1 left"},
    {"empty certificate in 1.2", MT_TLS12, MT_CERTIFICATE, "000000", NULL},
    {"empty certificate in 1.3", MT_TLS13, MT_CERTIFICATE, "00 000000", NULL},
    {"list longer than the message", MT_TLS12, MT_CERTIFICATE, "000004 000001", "list wants 4, 3 left"},
    {"entry longer than the list", MT_TLS12, MT_CERTIFICATE, "000004 000002 aa", "data wants 2, 1 left"},
    {"entry without extensions in 1.3", MT_TLS13, MT_CERTIFICATE, "00 000004 000001 aa", "extensions wants 2, 0 left"},
    {"request of 1.2", MT_TLS12, MT_CERTIFICATE_REQUEST, "01 40 0002 0403 0000", NULL},
    {"odd list of schemes", MT_TLS12, MT_CERTIFICATE_REQUEST, "01 40 0003 040305 0000", "element wants 2, 1 left"},
    {"request of 1.3", MT_TLS13, MT_CERTIFICATE_REQUEST, "00 0008 000d 0004 0002 0403", NULL},
    {"the same extension twice", MT_TLS13, MT_CERTIFICATE_REQUEST, "00 0010 000d00040002 0403 000d00040002 0403", "extension 13 twice"},
    {"unknown extension", MT_TLS13, MT_CERTIFICATE_REQUEST, "00 0006 4a4a 0002 0102", NULL},
    {"server_hello_done with content", MT_TLS12, MT_SERVER_HELLO_DONE, "00", "1 bytes too many"},
    {"other curve type", MT_TLS12, MT_SERVER_KEY_EXCHANGE, "01 0017 00 0403 0000", "curve_type 1 is not named_curve"},
    {"no such message", MT_TLS13, 99, "", "handshake message 99 is unknown"},
    {"tlcp: signature without a scheme", MT_TLCP, MT_CERTIFICATE_VERIFY, "0002 abcd", NULL},
    {"tlcp: request without schemes", MT_TLCP, MT_CERTIFICATE_REQUEST, "02 0140 0000", NULL},
    {"tlcp: server_key_exchange without a point", MT_TLCP, MT_SERVER_KEY_EXCHANGE, "0002 abcd", NULL},
    {"tlcp: server_key_exchange with a point", MT_TLCP, MT_SERVER_KEY_EXCHANGE, "03 0029 02 aabb 0001 cc", NULL},
    {"tlcp: a point that is cut", MT_TLCP, MT_SERVER_KEY_EXCHANGE, "03 0029 04 aabb", "point wants 4, 2 left"},
    {"tlcp: encrypted pre-master secret", MT_TLCP, MT_CLIENT_KEY_EXCHANGE, "0003 302a2b", NULL},
    {"tlcp: client's point", MT_TLCP, MT_CLIENT_KEY_EXCHANGE, "03 0029 02 aabb", NULL},
    {"tlcp: client's point with a length", MT_TLCP, MT_CLIENT_KEY_EXCHANGE, "0006 03 0029 02 aabb", NULL},
    {"tlcp: bytes behind a client's point", MT_TLCP, MT_CLIENT_KEY_EXCHANGE, "0007 03 0029 02 aabb 00", "1 bytes too many"},
    {"key_update", MT_TLS13, MT_KEY_UPDATE, "01", NULL},
};

START_TEST(reads)
{
    const reading *row = &readings[_i];
    mt_arena *arena = mt_arena_new();
    mt_writer body = {0};
    mt_msg_form form = {row->version, arena};
    mt_msg msg;
    mt_parse p = {0};
    ck_assert(mt_write_from_hex(&body, row->hex));
    bool ok = mt_msg_read(row->type, mt_written(&body), &form, &msg, &p);
    ck_assert_msg(ok == (row->fault == NULL), "%s: %s", row->about, p.fault);
    if (row->fault != NULL)
        ck_assert_str_eq(p.fault, row->fault);
    mt_parse_free(&p);
    mt_writer_free(&body);
    mt_arena_free(arena);
}
END_TEST

typedef struct field {
    uint16_t version;
    uint8_t type;
    const char *hex, *path;
    size_t at, len;
} field;

static const field fields[] = {
    {MT_TLS13, MT_CERTIFICATE, "00 00000c 000001 aa 0000 000001 bb 0000", "list[0].data", 7, 1},
    {MT_TLS13, MT_CERTIFICATE, "00 00000c 000001 aa 0000 000001 bb 0000", "list[1].data", 13, 1},
    {MT_TLS13, MT_CERTIFICATE, "00 00000c 000001 aa 0000 000001 bb 0000", "list[1].extensions", 16, 0},
    {MT_TLS13, MT_CERTIFICATE, "00 00000c 000001 aa 0000 000001 bb 0000", "context", 1, 0},
    {MT_TLS12, MT_CERTIFICATE, "000004 000001 aa", "list", 3, 4},
    {MT_TLS13, MT_CERTIFICATE_VERIFY, "0403 0002 abcd", "scheme", 0, 2},
    {MT_TLS13, MT_CERTIFICATE_REQUEST, "00 0008 000d 0004 0002 0403", "extensions.signature_algorithms.schemes[0]", 9, 2},
};

START_TEST(field_lies_there)
{
    const field *row = &fields[_i];
    mt_arena *arena = mt_arena_new();
    mt_writer body = {0};
    mt_msg_form form = {row->version, arena};
    mt_msg msg;
    mt_parse p = {.map = true};
    ck_assert(mt_write_from_hex(&body, row->hex));
    ck_assert(mt_msg_read(row->type, mt_written(&body), &form, &msg, &p));
    int found = mt_field_find(&p.fields, row->path);
    ck_assert_msg(found >= 0, "no field %s", row->path);
    ck_assert_uint_eq(p.fields.rows[found].at, row->at);
    ck_assert_uint_eq(p.fields.rows[found].len, row->len);
    mt_parse_free(&p);
    mt_writer_free(&body);
    mt_arena_free(arena);
}
END_TEST

START_TEST(described_by_words)
{
    mt_arena *arena = mt_arena_new();
    mt_writer body = {0}, text = {0};
    mt_msg_form form = {MT_TLS13, arena};
    ck_assert(mt_write_from_hex(&body, "0403 0002 abcd 00"));
    mt_msg_describe(MT_CERTIFICATE_VERIFY, mt_written(&body), &form, &text);
    ck_assert(strstr(mt_writer_text(&text), "scheme ecdsa_secp256r1_sha256") != NULL);
    ck_assert(strstr(mt_writer_text(&text), "signature 2 bytes") != NULL);
    ck_assert(strstr(mt_writer_text(&text), "does not read: 1 bytes too many") != NULL);
    mt_writer_free(&body);
    mt_writer_free(&text);
    mt_arena_free(arena);
}
END_TEST

int main(void)
{
    static const suite_row rows[] = {
        {&reads, MT_COUNT(readings), 0},
        {&field_lies_there, MT_COUNT(fields), 0},
        {&described_by_words, 0, 0},
    };
    return suite_run("msg", rows, MT_COUNT(rows));
}
