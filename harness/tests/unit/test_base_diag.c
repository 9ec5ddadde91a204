// SPDX-License-Identifier: Apache-2.0
#include "base/diag.h"

#include "suite.h"

#include <string.h>

static const struct {
    mt_place place;
    const char *text;
} places[] = {
    {{NULL, 0, 0}, "error: no such thing\n"},
    {{NULL, 7, 3}, "error: no such thing\n"},
    {{"a.yaml", 0, 0}, "a.yaml: error: no such thing\n"},
    {{"a.yaml", 7, 0}, "a.yaml:7: error: no such thing\n"},
    {{"a.yaml", 0, 3}, "a.yaml: error: no such thing\n"},
    {{"a.yaml", 7, 3}, "a.yaml:7:3: error: no such thing\n"},
};

START_TEST(says_the_place_as_far_as_known)
{
    mt_diag *d = mt_diag_new();
    mt_diag_add(d, places[_i].place, "no such %s", "thing");
    ck_assert_str_eq(mt_diag_text(d), places[_i].text);
    mt_diag_free(d);
}
END_TEST

START_TEST(collects_several_in_order)
{
    mt_diag *d = mt_diag_new();
    ck_assert_uint_eq(mt_diag_count(d), 0);
    ck_assert_str_eq(mt_diag_text(d), "");
    mt_diag_add(d, (mt_place){"f", 1, 0}, "first");
    mt_diag_hint(d, "  did you mean %s?", "fist");
    mt_diag_add(d, (mt_place){0}, "second");
    ck_assert_uint_eq(mt_diag_count(d), 2);
    ck_assert_str_eq(mt_diag_text(d), "f:1: error: first\n  did you mean fist?\nerror: second\n");
    mt_diag_free(d);
    mt_diag_free(NULL);
}
END_TEST

START_TEST(prints_what_text_says)
{
    mt_diag *d = mt_diag_new();
    mt_diag_add(d, (mt_place){"f", 1, 2}, "100%% wrong");
    FILE *to = tmpfile();
    ck_assert_ptr_nonnull(to);
    mt_diag_print(d, to);
    rewind(to);
    char printed[100] = {0};
    ck_assert_uint_eq(fread(printed, 1, sizeof printed - 1, to), strlen(mt_diag_text(d)));
    ck_assert_str_eq(printed, "f:1:2: error: 100% wrong\n");
    fclose(to);
    mt_diag_free(d);
}
END_TEST

static const char *const words[] = {"certificate", "certificate_verify", "finished", "cert", "ip", "client_hello"};
static const struct {
    const char *wrong, *nearest;
} guesses[] = {
    {"certificate", "certificate"},
    {"cert", "cert"},
    {"certifcate", "certificate"},
    {"certificate_verfy", "certificate_verify"},
    {"clienthello", "client_hello"},
    {"finsihed", "finished"},
    {"Finished", "finished"},
    {"ip4", "ip"},
    {"port", NULL},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", NULL},
    {"tcer", NULL},
    {"ceertt", "cert"},
    {"vert", "cert"},
    {"xyzzy", NULL},
    {"issuer", NULL},
    {"a-word-that-is-very-much-longer-than-any-word-which-this-table-holds-and-near-to-none", NULL},
};

START_TEST(suggests_the_nearest_word)
{
    const char *nearest = mt_nearest(guesses[_i].wrong, words, MT_COUNT(words));
    if (guesses[_i].nearest)
        ck_assert_pstr_eq(nearest, guesses[_i].nearest);
    else
        ck_assert_ptr_null(nearest);
}
END_TEST

START_TEST(suggests_nothing_out_of_nothing)
{
    ck_assert_ptr_null(mt_nearest("word", NULL, 0));
}
END_TEST

static const suite_row tests[] = {
    {&says_the_place_as_far_as_known, MT_COUNT(places), 0},
    {&collects_several_in_order, 0, 0},
    {&prints_what_text_says, 0, 0},
    {&suggests_the_nearest_word, MT_COUNT(guesses), 0},
    {&suggests_nothing_out_of_nothing, 0, 0},
};

int main(void)
{
    return suite_run("base diag", tests, MT_COUNT(tests));
}
