// SPDX-License-Identifier: Apache-2.0
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include "report/report.h"

#include "report_fixture.h"
#include "suite.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The environment of one decision; NULL leaves the variable out. */
static const struct {
    const char *what;
    const char *no_color, *clicolor_force, *force_color, *term;
    mt_choice option;
    bool tty, colour;
} colours[] = {
    {"a terminal", NULL, NULL, NULL, "xterm", MT_AUTO, true, true},
    {"no terminal", NULL, NULL, NULL, "xterm", MT_AUTO, false, false},
    {"a dumb terminal", NULL, NULL, NULL, "dumb", MT_AUTO, true, false},
    {"forced without a terminal", NULL, "1", NULL, "xterm", MT_AUTO, false, true},
    {"forced otherwise", NULL, NULL, "1", "xterm", MT_AUTO, false, true},
    {"forced on a dumb terminal", NULL, "1", NULL, "dumb", MT_AUTO, true, true},
    {"not forced by 0", NULL, "0", NULL, "xterm", MT_AUTO, false, false},
    {"NO_COLOR wins over force", "1", "1", "1", "xterm", MT_AUTO, true, false},
    {"an empty NO_COLOR is none", "", NULL, NULL, "xterm", MT_AUTO, true, true},
    {"the option wins over NO_COLOR", "1", NULL, NULL, "dumb", MT_ALWAYS, false, true},
    {"the option wins over force", NULL, "1", "1", "xterm", MT_NEVER, true, false},
};

static void set(const char *name, const char *value)
{
    ck_assert_int_eq(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static FILE *terminal(void)
{
    int main_end = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert(main_end >= 0 && grantpt(main_end) == 0 && unlockpt(main_end) == 0);
    FILE *other_end = fopen(ptsname(main_end), "r+");
    ck_assert_ptr_nonnull(other_end);
    return other_end;
}

START_TEST(colour_by_option_environment_terminal)
{
    set("NO_COLOR", colours[_i].no_color);
    set("CLICOLOR_FORCE", colours[_i].clicolor_force);
    set("FORCE_COLOR", colours[_i].force_color);
    set("TERM", colours[_i].term);
    FILE *out = colours[_i].tty ? terminal() : tmpfile();
    mt_report_options o = {.out = out, .progress = out};
    mt_report_surroundings(&o, colours[_i].option, MT_AUTO);
    ck_assert_msg(o.colour == colours[_i].colour, "%s", colours[_i].what);
    fclose(out);
}
END_TEST

static const struct {
    const char *ci, *term, *github;
    mt_choice option;
    bool tty, live, in_github;
} bars[] = {
    {NULL, "xterm", NULL, MT_AUTO, true, true, false},
    {NULL, "xterm", NULL, MT_AUTO, false, false, false},
    {"true", "xterm", "true", MT_AUTO, true, false, true},
    {"1", "xterm", "false", MT_AUTO, true, false, false},
    {"false", "xterm", NULL, MT_AUTO, true, true, false},
    {NULL, "dumb", NULL, MT_AUTO, true, false, false},
    {"true", "dumb", NULL, MT_ALWAYS, false, true, false},
    {NULL, "xterm", NULL, MT_NEVER, true, false, false},
};

START_TEST(bar_by_option_ci_terminal)
{
    set("CI", bars[_i].ci);
    set("TERM", bars[_i].term);
    set("GITHUB_ACTIONS", bars[_i].github);
    FILE *to = bars[_i].tty ? terminal() : tmpfile();
    mt_report_options o = {.out = to, .progress = to};
    mt_report_surroundings(&o, MT_AUTO, bars[_i].option);
    ck_assert_int_eq(o.live, bars[_i].live);
    ck_assert_int_eq(o.github, bars[_i].in_github);
    ck_assert_uint_eq(o.width, 80);
    fclose(to);
}
END_TEST

static const char *text_of(FILE *file)
{
    static char text[4096];
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    return text;
}

static const mt_progress ticks[] = {
    {0, 10, "server/a/first", 5000000, 0},
    {1, 10, "server/a/second", 5050000, 0},
    {5, 10, "server/a/" HOSTILE, 20000000, 12300000},
    {6, 10, NULL, 35000000, 0},
    {7, 10, "server/a/last", 64000000, 0},
    {8, 10, "server/a/very-last", 65000000, 1},
};

/* What the terminal reporter says about progress with these options. */
static const char *progress_of(mt_report_options o)
{
    FILE *out = tmpfile(), *progress = tmpfile();
    mt_diag *d = mt_diag_new();
    o.out = out;
    o.progress = progress;
    void *self = mt_report_terminal.open(&o, d);
    for (size_t i = 0; i < MT_COUNT(ticks); i++)
        mt_report_terminal.progress(self, &ticks[i]);
    ck_assert(mt_report_terminal.end(self, &fixture_summary, d));
    mt_diag_free(d);
    fclose(out);
    const char *text = text_of(progress);
    fclose(progress);
    return text;
}

START_TEST(a_line_every_half_minute_without_a_bar)
{
    ck_assert_str_eq(progress_of((mt_report_options){0}), "running 6/10  between two runs\nrunning 8/10  server/a/very-last\n");
}
END_TEST

START_TEST(nothing_when_quiet)
{
    ck_assert_str_eq(progress_of((mt_report_options){.quiet = true}), "");
    ck_assert_str_eq(progress_of((mt_report_options){.quiet = true, .live = true}), "");
}
END_TEST

START_TEST(the_bar_is_drawn_over_and_taken_away)
{
    static const char wanted[] =
        "  [............................]  0/10   server/a/first\r\x1b[K"
        "  [##############..............]  5/10  13 s left   serv...\r\x1b[K"
        "  [################............]  6/10   \r\x1b[K"
        "  [###################.........]  7/10   server/a/last\r\x1b[K"
        "  [######################......]  8/10  1 s left   serve...\r\x1b[K";
    ck_assert_str_eq(progress_of((mt_report_options){.live = true, .width = 60}), wanted);
}
END_TEST

START_TEST(at_most_ten_annotations_failures_first)
{
    FILE *out = tmpfile();
    mt_diag *d = mt_diag_new();
    mt_report_options o = {.out = out, .github = true};
    void *self = mt_report_terminal.open(&o, d);
    mt_result r = {.id = "s/c/1,2:3%", .suite = "s", .name = "c/1", .file = "cases/a,b.yaml", .message = "50% \n of it"};
    for (int i = 0; i < 24; i++) {
        r.verdict = i < 12 ? MT_ERROR : i < 16 ? MT_FAIL : MT_SKIPPED;
        r.line = r.verdict == MT_FAIL ? 8 : 7;
        mt_report_terminal.result(self, &r);
    }
    ck_assert(mt_report_terminal.end(self, &fixture_summary, d));
    static const char *const lines[] = {"\n::error file=cases/a%2Cb.yaml,line=7,title=s/c/1%2C2%3A3%25::50%25 \\u000A of it\n",
                                        "\n::error file=cases/a%2Cb.yaml,line=8,title=s/c/1%2C2%3A3%25::50%25 \\u000A of it\n"};
    size_t seen = 0;
    for (const char *at = strstr(text_of(out), "\n::error "); at; at = strstr(at + 1, "\n::error ")) {
        const char *line = lines[seen < 4];
        ck_assert_msg(strncmp(at, line, strlen(line)) == 0, "%s", at);
        seen++;
    }
    ck_assert_uint_eq(seen, 10);
    fclose(out);
    mt_diag_free(d);
}
END_TEST

/* Notes of one case share a row; those of another, and everything with -v, have their own. */
static const char *notes_of(bool verbose)
{
    static const char *const names[] = {"odd/tls1.2/rsa", "odd/tls1.3/rsa", "odd/tlcp/sm2", "odder/tls1.2/rsa"};
    static const char *const note[] = {"served"};
    FILE *out = tmpfile();
    mt_diag *d = mt_diag_new();
    void *self = mt_report_terminal.open(&(mt_report_options){.out = out, .verbose = verbose}, d);
    for (size_t i = 0; i < MT_COUNT(names); i++)
        mt_report_terminal.result(self, &(mt_result){.suite = "s", .name = names[i], .verdict = MT_PASS, .notes = note, .notes_len = 1});
    ck_assert(mt_report_terminal.end(self, &fixture_summary, d));
    mt_diag_free(d);
    const char *text = text_of(out);
    fclose(out);
    return text;
}

START_TEST(notes_of_one_case_share_a_row)
{
    const char *text = notes_of(false);
    ck_assert_ptr_nonnull(strstr(text, "odd/tls1.2/rsa"));
    ck_assert_ptr_nonnull(strstr(text, " ms  served  (and 2 more of this case)\n  note         odder/tls1.2/rsa"));
    ck_assert_ptr_null(strstr(text, "odd/tlcp/sm2"));
    ck_assert_ptr_nonnull(strstr(text, "(4 with a note)"));
    ck_assert_ptr_nonnull(strstr(notes_of(true), "odd/tlcp/sm2"));
}
END_TEST

static const suite_row rows[] = {
    {&colour_by_option_environment_terminal, MT_COUNT(colours), 0},
    {&bar_by_option_ci_terminal, MT_COUNT(bars), 0},
    {&a_line_every_half_minute_without_a_bar, 0, 0},
    {&nothing_when_quiet, 0, 0},
    {&the_bar_is_drawn_over_and_taken_away, 0, 0},
    {&at_most_ten_annotations_failures_first, 0, 0},
    {&notes_of_one_case_share_a_row, 0, 0},
};

int main(void)
{
    return suite_run("report: terminal", rows, MT_COUNT(rows));
}
