// SPDX-License-Identifier: Apache-2.0
#include "pki/describe.h"
#include "pki/pki.h"
#include "suite.h"

static mt_pki *open_pki(void)
{
    mt_diag *d = mt_diag_new();
    mt_pki *p = mt_pki_open(&(mt_pki_config){.recipes = MT_TEST_DATA "/../../certs"}, d);
    ck_assert_msg(p != NULL, "%s", mt_diag_text(d));
    mt_diag_free(d);
    return p;
}

START_TEST(says_who_it_is)
{
    mt_pki *p = open_pki();
    mt_diag *d = mt_diag_new();
    mt_arena *arena = mt_arena_new();
    static const char *const names[] = {"server"};
    mt_credential c;
    mt_described leaf, above;
    ck_assert(mt_pki_present(p, &(mt_presentation){names, 1, true, MT_ECC, false}, &c, d));
    ck_assert(mt_certificate_describe(c.chain[0], arena, &leaf));
    ck_assert(mt_certificate_describe(c.chain[1], arena, &above));
    ck_assert_str_eq(leaf.subject, "CN=localhost,O=mtlspec test");
    ck_assert_str_eq(leaf.issuer, above.subject);
    ck_assert_str_ne(leaf.serial, above.serial);
    ck_assert_uint_eq(strlen(leaf.fingerprint), 64);
    ck_assert_uint_eq(strspn(leaf.serial, "0123456789abcdef"), strlen(leaf.serial));
    ck_assert_int_eq(leaf.subject_name.at[0], 0x30);
    mt_arena_free(arena);
    mt_diag_free(d);
    mt_pki_free(p);
}
END_TEST

START_TEST(bytes_that_are_no_certificate)
{
    mt_arena *arena = mt_arena_new();
    mt_described out;
    ck_assert(!mt_certificate_describe(mt_span_of("\x30\x03\x02\x01\x01", 5), arena, &out));
    ck_assert(!mt_certificate_describe((mt_span){0}, arena, &out));
    mt_arena_free(arena);
}
END_TEST

int main(void)
{
    const suite_row tests[] = {{&says_who_it_is, 0, 0}, {&bytes_that_are_no_certificate, 0, 0}};
    return suite_run("pki describe", tests, MT_COUNT(tests));
}
