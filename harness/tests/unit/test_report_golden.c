// SPDX-License-Identifier: Apache-2.0
/* Every reporter, over the same run, against a file in reports/golden/. MT_WRITE_GOLDEN=1 writes these files anew: read the diff. */
#include "report/report.h"

#include "report_fixture.h"
#include "suite.h"

#include <string.h>
#include <unistd.h>

#define GOLDEN MT_TEST_DATA "/../../reports/golden/"

static const struct golden {
    const char *file;
    const mt_reporter *reporter;
    mt_report_options options;
} goldens[] = {
    {"junit.xml", &mt_report_junit, {.hostname = "tester"}},
    {"junit-extended.xml", &mt_report_junit, {.hostname = "tester", .style = MT_JUNIT_EXTENDED}},
    {"results.json", &mt_report_json, {0}},
    {"terminal.txt", &mt_report_terminal, {0}},
    {"terminal-colour-verbose.txt", &mt_report_terminal, {.colour = true, .verbose = true}},
    {"terminal-github.txt", &mt_report_terminal, {.github = true}},
    {"terminal-quiet.txt", &mt_report_terminal, {.quiet = true}},
};

static char *slurp(FILE *from, size_t *len)
{
    ck_assert_ptr_nonnull(from);
    ck_assert_int_eq(fseek(from, 0, SEEK_END), 0);
    *len = (size_t)ftell(from);
    rewind(from);
    char *text = mt_alloc(*len + 1);
    ck_assert_uint_eq(fread(text, 1, *len, from), *len);
    return text;
}

static void run_fixture(const mt_reporter *reporter, const mt_report_options *o)
{
    mt_diag *d = mt_diag_new();
    mt_reports *all = mt_reports_new();
    ck_assert_msg(mt_reports_add(all, reporter, o, d), "%s", mt_diag_text(d));
    mt_reports_begin(all, &fixture_summary);
    for (size_t i = 0; i < MT_COUNT(fixture_results); i++)
        mt_reports_result(all, &fixture_results[i]);
    ck_assert(mt_reports_end_files(all, &fixture_summary, d) && mt_reports_end_terminal(all, &fixture_summary, d));
    ck_assert_uint_eq(mt_diag_count(d), 0);
    mt_reports_free(all);
    mt_diag_free(d);
}

/* What the reporter of a row makes of the fixture, in a file that nobody else sees. */
static FILE *produce(const struct golden *g)
{
    char path[] = "golden-XXXXXX";
    mt_report_options o = g->options;
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *made = fdopen(fd, "w+");
    o.path = path;
    o.out = made;
    run_fixture(g->reporter, &o);
    if (g->reporter != &mt_report_terminal)
        made = freopen(path, "r", made);
    unlink(path);
    return made;
}

static void save(const char *path, const char *text, size_t len)
{
    FILE *to = fopen(path, "w");
    ck_assert_ptr_nonnull(to);
    ck_assert_uint_eq(fwrite(text, 1, len, to), len);
    ck_assert_int_eq(fclose(to), 0);
}

START_TEST(reporter_matches_its_golden_file)
{
    const struct golden *g = &goldens[_i];
    char path[512];
    snprintf(path, sizeof path, "%s%s", GOLDEN, g->file);
    size_t made_len = 0, wanted_len = 0;
    FILE *file = produce(g);
    char *made = slurp(file, &made_len);
    fclose(file);
    if (getenv("MT_WRITE_GOLDEN"))
        save(path, made, made_len);
    file = fopen(path, "r");
    char *wanted = slurp(file, &wanted_len);
    fclose(file);
    ck_assert_str_eq(made, wanted);
    ck_assert_uint_eq(made_len, wanted_len);
    mt_free(made);
    mt_free(wanted);
}
END_TEST

START_TEST(fixture_counts_are_right)
{
    size_t counts[MT_VERDICTS] = {0};
    for (size_t i = 0; i < MT_COUNT(fixture_results); i++)
        counts[fixture_results[i].verdict]++;
    ck_assert_mem_eq(counts, fixture_summary.counts, sizeof counts);
}
END_TEST

static const suite_row rows[] = {
    {&reporter_matches_its_golden_file, MT_COUNT(goldens), 0},
    {&fixture_counts_are_right, 0, 0},
};

int main(void)
{
    return suite_run("report: golden files", rows, MT_COUNT(rows));
}
