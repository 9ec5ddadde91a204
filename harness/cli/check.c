// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"
#include "cli/library.h"
#include "cli/options.h"
#include "engine/way.h"

typedef struct check_options {
    bool reference;
} check_options;

static const mt_option rows[] = {
    {.name = "reference", .kind = MT_OPTION_FLAG, .offset = offsetof(check_options, reference),
        .what = "prints the keys of case files and the verbs of edits"},
};
static const mt_options options = {"mtlspec check [FILE...]   (case files or folders; without one, the program's own cases)", rows,
    MT_COUNT(rows)};

/* The ways that a verb may name, behind it. */
static void add_ways(mt_writer *page, mt_verb verb)
{
    const mt_way *way = mt_way_of(verb, 0);
    for (size_t i = 0; way != NULL; way = mt_way_of(verb, ++i))
        mt_writef(page, "    %-20s %s\n", way->name, way->what);
}

static void print_reference(void)
{
    mt_writer page = {0};
    mt_yaml_reference(&mt_case_file_schema, &page);
    mt_writef(&page, "\nedits: PLACE VERB ARGUMENTS, where PLACE is a message (certificate_verify, certificate@2) or a field of it\n"
                     "(certificate.list[0].data)\n");
    for (size_t i = 0; i < mt_edit_verb_count; i++) {
        mt_writef(&page, "  %-13s %-32s %s\n", mt_edit_verbs[i].name, mt_edit_verbs[i].arguments, mt_edit_verbs[i].what);
        add_ways(&page, mt_edit_verbs[i].verb);
    }
    fputs(mt_writer_text(&page), stdout);
    mt_writer_free(&page);
}

/* check_path checks one file or folder and prints what is in it. */
static bool check_path(const char *path, mt_diag *d)
{
    mt_library library;
    mt_plans plans;
    mt_selection all = {.level = MT_LEVEL_INFO};
    size_t n;
    if (!mt_library_open(path, &library, d))
        return false;
    bool ok = mt_cases_check_faults(library.cases, NULL, 0, d) && mt_cases_plan(library.cases, &all, &plans, d);
    mt_cases_all(library.cases, &n);
    if (ok)
        printf("%s: %zu cases, %zu runs, no error\n", path ? path : "the program's own cases", n, plans.len);
    mt_library_close(&library);
    return ok;
}

static int check(const mt_texts *words, mt_diag *d)
{
    bool ok = words->len > 0 || check_path(NULL, d);
    for (size_t i = 0; i < words->len; i++)
        ok = check_path(words->rows[i], d) && ok;
    size_t errors = mt_diag_count(d);
    mt_diag_print(d, stderr);
    if (!ok)
        fprintf(stderr, "%zu error%s\n", errors, errors == 1 ? "" : "s");
    return ok ? MT_EXIT_OK : MT_EXIT_USAGE;
}

int mt_cli_check(int argc, char **argv)
{
    mt_diag *d = mt_diag_new();
    check_options o = {0};
    mt_texts words = {0};
    int code = MT_EXIT_OK;
    mt_parsed parsed = mt_options_parse(&options, (mt_words){argc, argv}, &o, &words, d);
    if (parsed == MT_PARSED_WRONG) {
        mt_diag_print(d, stderr);
        code = MT_EXIT_USAGE;
    } else if (parsed == MT_PARSED && o.reference) {
        print_reference();
    } else if (parsed == MT_PARSED) {
        code = check(&words, d);
    }
    mt_diag_free(d);
    mt_free(words.rows);
    return code;
}
