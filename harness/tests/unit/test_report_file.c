// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE /* RLIMIT_FSIZE */
#include "report/file.h"
#include "report/report.h"

#include "report_fixture.h"
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "report-file-XXXXXX";

/* Each test runs in a child of its own: an empty folder to work in, removed at its end. */
static void enter(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void leave(void)
{
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

static size_t entries(const char *path)
{
    DIR *d = opendir(path);
    ck_assert_ptr_nonnull(d);
    size_t n = 0;
    for (const struct dirent *e = readdir(d); e; e = readdir(d))
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static void put(const char *path, const char *text)
{
    FILE *to = fopen(path, "w");
    ck_assert_ptr_nonnull(to);
    fputs(text, to);
    ck_assert_int_eq(fclose(to), 0);
}

static void expect_content(const char *path, const char *text)
{
    char got[64] = {0};
    FILE *from = fopen(path, "r");
    ck_assert_msg(from != NULL, "%s: %s", path, strerror(errno));
    ck_assert_uint_eq(fread(got, 1, sizeof got - 1, from), strlen(text));
    fclose(from);
    ck_assert_str_eq(got, text);
}

START_TEST(replaces_the_file_with_mode_644)
{
    mt_diag *d = mt_diag_new();
    struct stat st;
    enter();
    put("out.xml", "a longer report of an earlier run");
    ck_assert_int_eq(chmod("out.xml", 0600), 0);
    umask(077);
    ck_assert_msg(mt_report_write("out.xml", mt_span_text("new"), d), "%s", mt_diag_text(d));
    expect_content("out.xml", "new");
    ck_assert_int_eq(stat("out.xml", &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0644);
    ck_assert_uint_eq(entries("."), 1);
    unlink("out.xml");
    leave();
    mt_diag_free(d);
}
END_TEST

START_TEST(makes_missing_folders)
{
    mt_diag *d = mt_diag_new();
    enter();
    ck_assert_msg(mt_report_prepare("a/b/c.xml", d) && mt_report_write("a/b/c.xml", mt_span_text("x"), d), "%s", mt_diag_text(d));
    expect_content("a/b/c.xml", "x");
    ck_assert(unlink("a/b/c.xml") == 0 && rmdir("a/b") == 0 && rmdir("a") == 0);
    leave();
    mt_diag_free(d);
}
END_TEST

START_TEST(a_link_stays_and_its_file_is_replaced)
{
    mt_diag *d = mt_diag_new();
    struct stat st;
    enter();
    put("real.xml", "old");
    ck_assert_int_eq(symlink("real.xml", "link.xml"), 0);
    mt_report_forget("link.xml");
    ck_assert(mt_report_write("link.xml", mt_span_text("new"), d));
    ck_assert_int_eq(lstat("link.xml", &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    expect_content("real.xml", "new");
    unlink("link.xml");
    unlink("real.xml");
    leave();
    mt_diag_free(d);
}
END_TEST

static const struct {
    const char *path, *says;
} unusable[] = {
    {"is-folder", "is-folder: error: a report needs the path of a file, this is a folder"},
    {"made/", "made/: error: a report needs the path of a file, this is a folder"},
    {"", ": error: a report needs the path of a file, this is a folder"},
    {"is-file/out.xml", "is-file/out.xml: error: cannot make its folder: Not a directory"},
    {"is-file/deep/out.xml", "is-file/deep/out.xml: error: cannot make its folder: Not a directory"},
    {"/proc/mtlspec/out.xml", "/proc/mtlspec/out.xml: error: cannot make its folder: No such file or directory"},
};

START_TEST(says_why_a_path_cannot_be)
{
    mt_diag *d = mt_diag_new();
    enter();
    put("is-file", "");
    ck_assert_int_eq(mkdir("is-folder", 0755), 0);
    mt_report_options o = {.path = unusable[_i].path};
    mt_reports *all = mt_reports_new();
    ck_assert(!mt_reports_add(all, &mt_report_junit, &o, d) && !mt_reports_add(all, &mt_report_json, &o, d));
    ck_assert_uint_eq(mt_diag_count(d), 2);
    ck_assert_msg(strstr(mt_diag_text(d), unusable[_i].says) == mt_diag_text(d), "%s", mt_diag_text(d));
    mt_reports_free(all);
    unlink("is-file");
    rmdir("is-folder");
    leave();
    mt_diag_free(d);
}
END_TEST

/* In a child that is not root, who may write everywhere. */
static int prepare_as_nobody(const char *path, const char *says)
{
    pid_t child = fork();
    if (child == 0) {
        mt_diag *d = mt_diag_new();
        bool nobody = geteuid() != 0 || setuid(65534) == 0;
        bool refused = nobody && !mt_report_prepare(path, d);
        _exit(refused && strcmp(mt_diag_text(d), says) == 0 ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

START_TEST(unwritable_folder_is_seen_before_the_run)
{
    enter();
    ck_assert_int_eq(chmod(".", 0755), 0);
    ck_assert_int_eq(mkdir("closed", 0555), 0);
    const char *says = "closed/out.xml: error: cannot be written, its folder: Permission denied\n";
    ck_assert_int_eq(prepare_as_nobody("closed/out.xml", says), 0);
    rmdir("closed");
    leave();
}
END_TEST

/* The whole way of a report, with room for `limit` bytes in any file. */
static bool report_with_room(const mt_reporter *reporter, rlim_t limit, mt_diag *d)
{
    mt_reports *all = mt_reports_new();
    mt_report_options o = {.path = "out", .hostname = "tester"};
    ck_assert(mt_reports_add(all, reporter, &o, d));
    mt_reports_begin(all, &fixture_summary);
    for (size_t i = 0; i < MT_COUNT(fixture_results); i++)
        mt_reports_result(all, &fixture_results[i]);
    const struct rlimit room = {limit, limit};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &room), 0);
    bool ok = mt_reports_end_files(all, &fixture_summary, d);
    mt_reports_free(all);
    return ok;
}

static const mt_reporter *const file_reporters[] = {&mt_report_junit, &mt_report_json};

START_TEST(no_room_leaves_no_report_at_all)
{
    mt_diag *d = mt_diag_new();
    enter();
    put("out", "a stale report");
    ck_assert(!report_with_room(file_reporters[_i], 1000, d));
    ck_assert_str_eq(mt_diag_text(d), "out: error: the report cannot be written: File too large\n");
    ck_assert_uint_eq(entries("."), 0);
    leave();
    mt_diag_free(d);
}
END_TEST

START_TEST(a_full_device_is_an_error)
{
    mt_diag *d = mt_diag_new();
    struct stat st;
    ck_assert(mt_report_prepare("/dev/full", d));
    mt_report_forget("/dev/full");
    ck_assert(!mt_report_write("/dev/full", mt_span_text("text"), d));
    ck_assert_str_eq(mt_diag_text(d), "/dev/full: error: the report cannot be written: No space left on device\n");
    ck_assert_int_eq(stat("/dev/full", &st), 0);
    ck_assert(S_ISCHR(st.st_mode));
    mt_diag_free(d);
}
END_TEST

START_TEST(a_full_standard_output_is_an_error)
{
    mt_diag *d = mt_diag_new();
    ck_assert_ptr_nonnull(freopen("/dev/full", "w", stdout));
    ck_assert(mt_report_prepare("-", d) && !mt_report_write("-", mt_span_text("text"), d));
    ck_assert_str_eq(mt_diag_text(d), "standard output: error: the report cannot be written: No space left on device\n");
    mt_diag_free(d);
}
END_TEST

START_TEST(a_full_screen_is_an_error)
{
    mt_diag *d = mt_diag_new();
    mt_reports *all = mt_reports_new();
    mt_report_options o = {.out = fopen("/dev/full", "w")};
    ck_assert(mt_reports_add(all, &mt_report_terminal, &o, d));
    mt_reports_begin(all, &fixture_summary);
    mt_reports_result(all, &fixture_results[0]);
    ck_assert(!mt_reports_end_terminal(all, &fixture_summary, d));
    ck_assert_str_eq(mt_diag_text(d), "error: the results cannot be printed: No space left on device\n");
    mt_reports_free(all);
    fclose(o.out);
    mt_diag_free(d);
}
END_TEST

START_TEST(the_stale_report_goes_when_the_run_begins)
{
    mt_diag *d = mt_diag_new();
    enter();
    put("out", "stale");
    mt_report_options o = {.path = "out"};
    mt_reports *all = mt_reports_new();
    ck_assert(mt_reports_add(all, file_reporters[_i], &o, d));
    ck_assert_uint_eq(entries("."), 1);
    mt_reports_begin(all, &fixture_summary);
    ck_assert_uint_eq(entries("."), 0);
    mt_reports_free(all); /* a run that is dropped writes nothing */
    ck_assert_uint_eq(entries("."), 0);
    leave();
    mt_diag_free(d);
}
END_TEST

START_TEST(one_path_is_for_one_report)
{
    mt_diag *d = mt_diag_new();
    mt_reports *all = mt_reports_new();
    mt_report_options o = {.path = "-"};
    ck_assert(mt_reports_add(all, &mt_report_junit, &o, d) && !mt_reports_add(all, &mt_report_json, &o, d));
    ck_assert_str_eq(mt_diag_text(d), "-: error: two reports on standard output\n");
    mt_reports_free(all);
    mt_diag_free(d);
}
END_TEST

static const suite_row rows[] = {
    {&replaces_the_file_with_mode_644, 0, 0},
    {&makes_missing_folders, 0, 0},
    {&a_link_stays_and_its_file_is_replaced, 0, 0},
    {&says_why_a_path_cannot_be, MT_COUNT(unusable), 0},
    {&unwritable_folder_is_seen_before_the_run, 0, 0},
    {&no_room_leaves_no_report_at_all, MT_COUNT(file_reporters), 0},
    {&a_full_device_is_an_error, 0, 0},
    {&a_full_standard_output_is_an_error, 0, 0},
    {&a_full_screen_is_an_error, 0, 0},
    {&the_stale_report_goes_when_the_run_begins, MT_COUNT(file_reporters), 0},
    {&one_path_is_for_one_report, 0, 0},
};

int main(void)
{
    return suite_run("report: files", rows, MT_COUNT(rows));
}
