// SPDX-License-Identifier: Apache-2.0
#include "run/baseline.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

static mt_arena *arena;
static mt_diag *d;

static void setup(void)
{
    arena = mt_arena_new();
    d = mt_diag_new();
}

static void teardown(void)
{
    mt_diag_free(d);
    mt_arena_free(arena);
}

static bool load(const char *text, mt_baseline *out)
{
    char path[] = "baseline-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    bool ok = mt_baseline_load(path, arena, out, d);
    unlink(path);
    return ok;
}

START_TEST(entries_are_found_and_matched)
{
    mt_baseline b;
    ck_assert_msg(load("- run: server/a/b/tls1.3.ecc\n  observed: served\n  because: ticket 1\n  until: 2027-03-01\n"
                       "- {run: server/a/c, observed: 'refused over HTTP', because: known, catalogue: A4, reproduce: curl x}\n", &b),
        "%s", mt_diag_text(d));
    ck_assert_uint_eq(b.len, 2);
    const mt_deviation *v = mt_baseline_find(&b, "server/a/b/tls1.3.ecc");
    ck_assert_ptr_nonnull(v);
    ck_assert(mt_deviation_fits(v, "served, HTTP 200"));
    ck_assert(!mt_deviation_fits(v, "refused over HTTP, status 400"));
    ck_assert(!mt_deviation_expired(v, "2027-03-01"));
    ck_assert(mt_deviation_expired(v, "2027-03-02"));
    ck_assert(!mt_deviation_expired(mt_baseline_find(&b, "server/a/c"), "2999-01-01"));
    ck_assert_ptr_null(mt_baseline_find(&b, "server/a"));
}
END_TEST

START_TEST(alternatives_are_spelt_out)
{
    mt_baseline b;
    ck_assert_msg(load("- run: s/{a,b,}/x/{tls1.2,tls1.3}\n  observed: served\n  because: z\n"
                       "- {run: 's/{open', observed: served, because: z}\n- {run: 's/{one}', observed: served, because: z}\n", &b),
        "%s", mt_diag_text(d));
    static const char *const all[] = {"s/a/x/tls1.2", "s/b/x/tls1.2", "s//x/tls1.2", "s/a/x/tls1.3", "s/b/x/tls1.3", "s//x/tls1.3",
        "s/{open", "s/one"};
    ck_assert_uint_eq(b.len, MT_COUNT(all));
    for (size_t i = 0; i < b.len; i++)
        ck_assert_str_eq(b.rows[i].run, all[i]);
}
END_TEST

static const char *const wrong[] = {
    "run: x\n", "- run: x\n  observed: y\n", "- {run: x, observed: y, because: z, verdict: pass}\n",
    "- {run: x, observed: y, because: z, until: tomorrow}\n", "- {run: x, observed: y, because: z, until: 2027-1-1}\n",
    "- {run: x, observed: y, because: z}\n- {run: x, observed: w, because: z}\n", "", "- x\n",
    "- {run: 'x/{a,b}', observed: y, because: z}\n- {run: x/b, observed: w, because: z}\n",
    "- {run: 'x/{a,a}', observed: y, because: z}\n", "- {run: '{,,,,,,,}{,,,,,,,}{,,,,,,,}', observed: y, because: z}\n",
};

START_TEST(wrong_files_say_so)
{
    mt_baseline b;
    ck_assert_msg(!load(wrong[_i], &b), "%s", wrong[_i]);
    ck_assert_uint_ge(mt_diag_count(d), 1);
}
END_TEST

START_TEST(several_errors_at_once)
{
    mt_baseline b;
    ck_assert(!load("- {run: x, observed: y}\n- {run: z, because: y}\n", &b));
    ck_assert_uint_eq(mt_diag_count(d), 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("run_baseline");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, entries_are_found_and_matched);
    tcase_add_test(t, alternatives_are_spelt_out);
    tcase_add_loop_test(t, wrong_files_say_so, 0, MT_COUNT(wrong));
    tcase_add_test(t, several_errors_at_once);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
