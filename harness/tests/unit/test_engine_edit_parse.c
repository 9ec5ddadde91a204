// SPDX-License-Identifier: Apache-2.0
#include "engine/edit.h"
#include "suite.h"

typedef struct parsed {
    mt_arena *arena;
    mt_diag *d;
    mt_edit edit;
    bool ok;
} parsed;

static parsed parse(const char *text)
{
    parsed p = {.arena = mt_arena_new(), .d = mt_diag_new()};
    p.ok = mt_edit_parse(text, (mt_place){"x.yaml", 7, 15}, p.arena, &p.edit, p.d);
    return p;
}

static void end_parse(parsed *p)
{
    mt_arena_free(p->arena);
    mt_diag_free(p->d);
}

/* ---- what is good: a row for each form of each verb ---- */

static const struct {
    const char *text;
    mt_verb verb;
    const char *message;
    unsigned nth;
    const char *field, *bytes;
    size_t number;
    int relative;
    const char *other;
    bool before;
    uint16_t scheme;
} good[] = {
    {"certificate_verify drop", MT_EDIT_DROP, "certificate_verify", 1, NULL, "", 0, 0, NULL, false, 0},
    {"certificate@2 drop", MT_EDIT_DROP, "certificate", 2, NULL, "", 0, 0, NULL, false, 0},
    {"  certificate_verify   repeat  1 ", MT_EDIT_REPEAT, "certificate_verify", 1, NULL, "", 1, 0, NULL, false, 0},
    {"certificate swap certificate_verify", MT_EDIT_SWAP, "certificate", 1, NULL, "", 0, 0, "certificate_verify", false, 0},
    {"certificate_verify insert after certificate", MT_EDIT_INSERT, "certificate_verify", 1, NULL, "", 0, 0, "certificate", false, 0},
    {"certificate insert before finished", MT_EDIT_INSERT, "certificate", 1, NULL, "", 0, 0, "finished", true, 0},
    {"change_cipher_spec drop", MT_EDIT_DROP, "change_cipher_spec", 1, NULL, "", 0, 0, NULL, false, 0},
    {"certificate_verify.scheme set ecdsa_secp256r1_sha256", MT_EDIT_SET, "certificate_verify", 1, "scheme", "0403", 0, 0, NULL, false, 0},
    {"certificate_verify.scheme set 0x0a0a", MT_EDIT_SET, "certificate_verify", 1, "scheme", "0a0a", 0, 0, NULL, false, 0},
    {"certificate_verify.signature set empty", MT_EDIT_SET, "certificate_verify", 1, "signature", "", 0, 0, NULL, false, 0},
    {"certificate@2.list[0].data set 3000", MT_EDIT_SET, "certificate", 2, "list[0].data", "3000", 0, 0, NULL, false, 0},
    {"certificate_verify.signature xor 01 at 0", MT_EDIT_XOR, "certificate_verify", 1, "signature", "01", 0, 0, NULL, false, 0},
    {"certificate_verify.signature xor 80ff at 0x28", MT_EDIT_XOR, "certificate_verify", 1, "signature", "80ff", 40, 0, NULL, false, 0},
    {"certificate.list[0].data truncate 1", MT_EDIT_TRUNCATE, "certificate", 1, "list[0].data", "", 1, 0, NULL, false, 0},
    {"certificate append 00", MT_EDIT_APPEND, "certificate", 1, NULL, "00", 0, 0, NULL, false, 0},
    {"certificate_verify.signature length 0xffff", MT_EDIT_LENGTH, "certificate_verify", 1, "signature", "", 0xffff, 0, NULL, false, 0},
    {"certificate length +1", MT_EDIT_LENGTH, "certificate", 1, NULL, "", 1, 1, NULL, false, 0},
    {"certificate length -2", MT_EDIT_LENGTH, "certificate", 1, NULL, "", 2, -1, NULL, false, 0},
    {"certificate.list length 0", MT_EDIT_LENGTH, "certificate", 1, "list", "", 0, 0, NULL, false, 0},
    {"certificate_verify replace-with first.certificate_verify", MT_EDIT_REPLACE_WITH, "certificate_verify", 1, NULL, "", 0, 0,
        "first.certificate_verify", false, 0},
    {"certificate_verify sign-with other-key", MT_EDIT_SIGN_WITH, "certificate_verify", 1, NULL, "", 0, 0, "other-key", false, 0},
    {"certificate_verify scheme rsa_pkcs1_sha256", MT_EDIT_SCHEME, "certificate_verify", 1, NULL, "", 0, 0, NULL, false, 0x0401},
    {"certificate_verify transcript without server.certificate_request", MT_EDIT_TRANSCRIPT, "certificate_verify", 1, NULL, "", 0, 0,
        "server.certificate_request", false, 0},
    {"certificate_verify transcript without certificate", MT_EDIT_TRANSCRIPT, "certificate_verify", 1, NULL, "", 0, 0, "certificate",
        false, 0},
    {"certificate transcript honest", MT_EDIT_TRANSCRIPT, "certificate", 1, NULL, "", 0, 0, NULL, false, 0},
    {"certificate_verify context server", MT_EDIT_CONTEXT, "certificate_verify", 1, NULL, "", 0, 0, "server", false, 0},
    {"certificate fragment 100", MT_EDIT_FRAGMENT, "certificate", 1, NULL, "", 100, 0, NULL, false, 0},
    {"certificate coalesce certificate_verify", MT_EDIT_COALESCE, "certificate", 1, NULL, "", 0, 0, "certificate_verify", false, 0},
    {"certificate_verify sign-as certificate-id", MT_EDIT_SIGN_AS, "certificate_verify", 1, NULL, "", 0, 0, NULL, false, 0},
    {"client_key_exchange exchange-as raw-c1c3c2", MT_EDIT_EXCHANGE_AS, "client_key_exchange", 1, NULL, "", 1, 0, NULL, false, 0},
    {"finished hash sha256", MT_EDIT_HASH, "finished", 1, NULL, "", 0, 0, NULL, false, 0},
    {"certificate_verify sign-as without-z", MT_EDIT_SIGN_AS, "certificate_verify", 1, NULL, "", 4, 0, NULL, false, 0},
    {"client_hello.legacy_version set 0303", MT_EDIT_SET, "client_hello", 1, "legacy_version", "0303", 0, 0, NULL, false, 0},
};

static void check_text(const char *is, const char *wanted)
{
    if (wanted == NULL)
        ck_assert_ptr_null(is);
    else
        ck_assert_pstr_eq(is, wanted);
}

START_TEST(reads_every_form)
{
    parsed p = parse(good[_i].text);
    ck_assert_msg(p.ok, "%s: %s", good[_i].text, mt_diag_text(p.d));
    ck_assert_uint_eq(mt_diag_count(p.d), 0);
    ck_assert_str_eq(p.edit.text, good[_i].text);
    ck_assert_int_eq(p.edit.verb, good[_i].verb);
    ck_assert_str_eq(p.edit.message, good[_i].message);
    ck_assert_uint_eq(p.edit.nth, good[_i].nth);
    check_text(p.edit.field, good[_i].field);
    mt_writer hex = {0};
    mt_write_hex(&hex, p.edit.bytes);
    ck_assert_str_eq(mt_writer_text(&hex), good[_i].bytes);
    mt_writer_free(&hex);
    ck_assert_uint_eq(p.edit.number, good[_i].number);
    ck_assert_int_eq(p.edit.relative, good[_i].relative);
    check_text(p.edit.other, good[_i].other);
    ck_assert_int_eq(p.edit.before, good[_i].before);
    ck_assert_uint_eq(p.edit.scheme, good[_i].scheme);
    end_parse(&p);
}
END_TEST

/* ---- what is not ---- */

static const struct {
    const char *text, *error;
} bad[] = {
    {"", "x.yaml:7:15: error: an edit is PLACE VERB ARGUMENTS"},
    {"certificate_verify", "x.yaml:7:15: error: an edit is PLACE VERB ARGUMENTS"},
    {"certificate_verfy drop", "x.yaml:7:15: error: unknown message 'certificate_verfy'; did you mean 'certificate_verify'?"},
    {"server.certificate_request drop", "x.yaml:7:15: error: unknown message 'server'"},
    {"certificate@0 drop", "x.yaml:7:15: error: 'certificate@0': behind @ stands a number from 1"},
    {"certificate@x drop", "x.yaml:7:15: error: 'certificate@x': behind @ stands a number from 1"},
    {"certificate_verify dorp", "x.yaml:7:34: error: unknown verb 'dorp'; did you mean 'drop'?"},
    {"certificate_verify drop it", "x.yaml:7:39: error: 'drop' wants: drop (nothing behind it)"},
    {"certificate.lst[0].data truncate 1", "x.yaml:7:15: error: unknown field 'lst'; did you mean 'list'?"},
    {"certificate_verify.signature.bytes truncate 1", "x.yaml:7:15: error: unknown field 'bytes'"},
    {"certificate.list swap finished", "x.yaml:7:32: error: 'swap' is for a whole message, not for a field of it"},
    {"certificate sign-with other-key", "x.yaml:7:27: error: 'sign-with' is for messages that carry a signature, and not for certificate"},
    {"certificate_verify sign-with", "x.yaml:7:34: error: 'sign-with' wants: sign-with RECIPE"},
    {"certificate_verify repeat 0", "x.yaml:7:41: error: 'repeat' wants: repeat N"},
    {"certificate_verify repeat", "x.yaml:7:34: error: 'repeat' wants: repeat N"},
    {"certificate repeat 99999999999", "x.yaml:7:34: error: 'repeat' wants: repeat N"},
    {"certificate swap certificat", "x.yaml:7:32: error: unknown message 'certificat'; did you mean 'certificate'?"},
    {"certificate swap server.finished", "x.yaml:7:32: error: 'swap' changes messages that we send; 'server.finished' is the other side's"},
    {"certificate insert finished", "x.yaml:7:34: error: 'insert' wants: insert after MESSAGE | before MESSAGE"},
    {"certificate_verify.signature xor 0g at 1", "x.yaml:7:48: error: 'xor' wants: xor HEX at N"},
    {"certificate_verify.signature xor 01", "x.yaml:7:48: error: 'xor' wants: xor HEX at N"},
    {"certificate_verify.signature xor 01 at", "error: 'xor' wants: xor HEX at N"},
    {"certificate_verify.signature set", "error: 'set' wants: set HEX | WORD | empty"},
    {"certificate_verify.scheme set ecdsa_secp256r1_sha265",
        "x.yaml:7:45: error: unknown signature scheme 'ecdsa_secp256r1_sha265'; did you mean 'ecdsa_secp256r1_sha256'?"},
    {"certificate_verify scheme rsa_pkcs_sha256",
        "x.yaml:7:41: error: unknown signature scheme 'rsa_pkcs_sha256'; did you mean 'rsa_pkcs1_sha256'?"},
    {"certificate_verify.signature length one", "error: 'length' wants: length N | 0xN | +N | -N"},
    {"certificate_verify.signature length +0", "error: 'length' wants: length N | 0xN | +N | -N"},
    {"certificate_verify replace-with first", "error: 'replace-with' wants: replace-with STEP.MESSAGE"},
    {"certificate_verify replace-with first.certificate_verfy", "error: unknown message 'certificate_verfy'"},
    {"certificate_verify transcript", "error: 'transcript' wants: transcript honest | without MESSAGE"},
    {"certificate_verify transcript without server.certificate_requst", "error: unknown message 'certificate_requst'"},
    {"certificate_verify context sever", "error: 'context' wants: context server | client"},
    {"certificate fragment 0", "error: 'fragment' wants: fragment N"},
    {"finished sign-as without-z", "'sign-as' is for certificate_verify, and not for finished"},
    {"certificate_verify hash sha256", "'hash' is for finished, and not for certificate_verify"},
    {"certificate exchange-as c1c2c3", "'exchange-as' is for client_key_exchange, and not for certificate"},
    {"finished hash sha265", "unknown hash 'sha265'; did you mean 'sha256'?"},
    {"certificate_verify sign-as", "error: 'sign-as' wants: sign-as WAY"},
    {"certificate_verify sign-as without-zz", "x.yaml:7:42: error: unknown way 'without-zz'; did you mean 'without-z'?"},
};

START_TEST(says_what_would_have_been_right)
{
    parsed p = parse(bad[_i].text);
    ck_assert_msg(!p.ok, "%s", bad[_i].text);
    ck_assert_uint_eq(mt_diag_count(p.d), 1);
    ck_assert_msg(strstr(mt_diag_text(p.d), bad[_i].error) != NULL, "%s: %s", bad[_i].text, mt_diag_text(p.d));
    end_parse(&p);
}
END_TEST

START_TEST(every_verb_is_read_by_some_row)
{
    bool seen = false;
    for (size_t i = 0; i < MT_COUNT(good); i++)
        seen = seen || good[i].verb == mt_edit_verbs[_i].verb;
    ck_assert_msg(seen, "no row reads '%s'", mt_edit_verbs[_i].name);
    ck_assert_int_eq((int)mt_edit_verbs[_i].verb, _i);
}
END_TEST

static const suite_row tests[] = {
    {&reads_every_form, MT_COUNT(good), 0},
    {&says_what_would_have_been_right, MT_COUNT(bad), 0},
    {&every_verb_is_read_by_some_row, 19, 0},
};

int main(void)
{
    return suite_run("engine edit parse", tests, MT_COUNT(tests));
}
