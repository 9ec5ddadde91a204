// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 64, FIRST_LONG = 256, HELP = FIRST_LONG + OPTIONS_MAX };

typedef struct unit {
    const char *name;
    double factor;
} unit;

static const unit durations[] = {{"ms", 1e3}, {"s", 1e6}, {"m", 60e6}};
static const unit rates[] = {{"/s", 1}, {"/m", 1.0 / 60}, {"/h", 1.0 / 3600}};

static bool parse_unit(const char *text, const unit *units, size_t n, double *out)
{
    char *end;
    if (!isdigit((unsigned char)text[0]))
        return false;
    double number = strtod(text, &end);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(end, units[i].name) == 0) {
            *out = number * units[i].factor;
            return true;
        }
    }
    return false;
}

bool mt_duration_parse(const char *text, uint64_t *us)
{
    double value;
    if (!parse_unit(text, durations, MT_COUNT(durations), &value) || value < 1e3 || value > 3600e6)
        return false;
    *us = (uint64_t)value;
    return true;
}

bool mt_rate_parse(const char *text, double *per_second)
{
    double value;
    if (strcmp(text, "0") == 0) {
        *per_second = -1;
        return true;
    }
    if (!parse_unit(text, rates, MT_COUNT(rates), &value) || value <= 0 || value > 1e6)
        return false;
    *per_second = value;
    return true;
}

static bool parse_count(const char *text, unsigned *out)
{
    char *end;
    unsigned long value = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;
    if (value < 1 || value > 1000 || *end != 0)
        return false;
    *out = (unsigned)value;
    return true;
}

static bool parse_word(const mt_option *row, const char *text, int *out)
{
    for (int i = 0; row->words[i] != NULL; i++) {
        if (strcmp(row->words[i], text) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static void add_text(mt_texts *list, const char *text)
{
    MT_GROW(list->rows, list->len, list->cap);
    list->rows[list->len++] = text;
}

/* What is wrong with a value is always the same sentence: what was expected. */
static bool store(const mt_option *row, const char *text, void *out)
{
    void *at = (char *)out + row->offset;
    switch (row->kind) {
    case MT_OPTION_FLAG:
        *(bool *)at = true;
        return true;
    case MT_OPTION_TEXT:
        *(const char **)at = text;
        return true;
    case MT_OPTION_LIST:
        add_text(at, text);
        return true;
    case MT_OPTION_COUNT:
        return parse_count(text, at);
    case MT_OPTION_DURATION:
        return mt_duration_parse(text, at);
    case MT_OPTION_RATE:
        return mt_rate_parse(text, at);
    case MT_OPTION_WORD:
        return parse_word(row, text, at);
    }
    return false;
}

static void expected(const mt_option *row, const char *text, mt_diag *d)
{
    if (text != NULL && text[0] == 0) {
        mt_diag_add(d, (mt_place){0}, "--%s: its argument is empty; an unset variable?", row->name);
        return;
    }
    static const char *const forms[] = {
        [MT_OPTION_COUNT] = "a number from 1 to 1000", [MT_OPTION_DURATION] = "a duration with its unit, from 1ms to 60m (250ms, 3s, 2m)",
        [MT_OPTION_RATE] = "a rate with its unit (5/s, 100/m) or 0 for no limit", [MT_OPTION_WORD] = "one of:"};
    size_t n = 0;
    mt_diag_add(d, (mt_place){0}, "--%s %s: expected %s", row->name, text, forms[row->kind]);
    if (row->kind != MT_OPTION_WORD)
        return;
    while (row->words[n] != NULL)
        mt_diag_hint(d, "    %s", row->words[n++]);
    const char *near = mt_nearest(text, row->words, n);
    if (near != NULL)
        mt_diag_hint(d, "  did you mean '%s'?", near);
}

/* ---- writing ---- */

void mt_write_quoted(mt_writer *out, const char *word)
{
    bool plain = word[0] != 0 && strpbrk(word, " '\"\\$`*?&|;<>()#~!\t\n") == NULL;
    mt_writef(out, "%s", plain ? "" : "'");
    for (; *word != 0; word++)
        mt_writef(out, *word == '\'' ? "'\\''" : "%c", *word);
    mt_writef(out, "%s", plain ? "" : "'");
}

static void write_value(const mt_option *row, const char *value, mt_writer *out)
{
    mt_writef(out, " --%s", row->name);
    if (value != NULL) {
        mt_writef(out, " ");
        mt_write_quoted(out, value);
    }
}

static void write_list(const mt_option *row, const mt_texts *list, mt_writer *out)
{
    for (size_t i = 0; i < list->len; i++)
        write_value(row, list->rows[i], out);
}

static const char *rate_words(double rate, char number[32])
{
    snprintf(number, 32, "%g/s", rate);
    return rate < 0 ? "0" : rate > 0 ? number : NULL;
}

/* The value as a word in `number`, or a text of its own; NULL: it was not given. */
static const char *value_of(const mt_option *row, const void *at, char number[32])
{
    switch (row->kind) {
    case MT_OPTION_TEXT:
        return *(const char *const *)at;
    case MT_OPTION_COUNT:
        snprintf(number, 32, "%u", *(const unsigned *)at);
        return *(const unsigned *)at ? number : NULL;
    case MT_OPTION_DURATION:
        snprintf(number, 32, "%lums", (unsigned long)(*(const uint64_t *)at / 1000));
        return *(const uint64_t *)at ? number : NULL;
    case MT_OPTION_RATE:
        return rate_words(*(const double *)at, number);
    case MT_OPTION_WORD:
        return *(const int *)at ? row->words[*(const int *)at] : NULL;
    case MT_OPTION_FLAG:
    case MT_OPTION_LIST:
        break;
    }
    return NULL;
}

static bool is_among(const char *name, const char *const *names)
{
    bool found = false;
    for (; *names != NULL; names++)
        found = found || strcmp(*names, name) == 0;
    return found;
}

void mt_options_write(const mt_options *o, const void *values, const char *const *without, mt_writer *out)
{
    for (size_t i = 0; i < o->len; i++) {
        const mt_option *row = &o->rows[i];
        const void *at = (const char *)values + row->offset;
        char number[32];
        const char *value = value_of(row, at, number);
        if (is_among(row->name, without))
            continue;
        if (row->kind == MT_OPTION_LIST)
            write_list(row, at, out);
        else if (value != NULL || (row->kind == MT_OPTION_FLAG && *(const bool *)at))
            write_value(row, value, out);
    }
}

/* ---- getopt ---- */

typedef struct getopt_tables {
    struct option longs[OPTIONS_MAX + 2];
    char shorts[2 * OPTIONS_MAX + 4];
} getopt_tables;

static void make_tables(const mt_options *o, getopt_tables *t)
{
    size_t at = 0;
    if (o->len > OPTIONS_MAX)
        mt_die("too many options");
    *t = (getopt_tables){0};
    t->shorts[at++] = ':';
    for (size_t i = 0; i < o->len; i++) {
        bool wants = o->rows[i].kind != MT_OPTION_FLAG;
        t->longs[i] = (struct option){o->rows[i].name, wants ? required_argument : no_argument, NULL, FIRST_LONG + (int)i};
        if (o->rows[i].letter == 0)
            continue;
        t->shorts[at++] = (char)o->rows[i].letter;
        if (wants)
            t->shorts[at++] = ':';
    }
    t->longs[o->len] = (struct option){"help", no_argument, NULL, HELP};
    t->shorts[at] = 'h';
}

static const mt_option *row_of(const mt_options *o, int got)
{
    for (size_t i = 0; i < o->len; i++) {
        if (got == FIRST_LONG + (int)i || (got == o->rows[i].letter && got != 0))
            return &o->rows[i];
    }
    return NULL;
}

static void unknown(const mt_options *o, const char *word, mt_diag *d)
{
    const char *names[OPTIONS_MAX + 1] = {"help"};
    char plain[64];
    for (size_t i = 0; i < o->len; i++)
        names[i + 1] = o->rows[i].name;
    word += strspn(word, "-");
    snprintf(plain, sizeof plain, "%.*s", (int)strcspn(word, "="), word);
    const char *near = mt_nearest(plain, names, o->len + 1);
    mt_diag_add(d, (mt_place){0}, "no option '%s%s'%s%s%s", strlen(plain) == 1 ? "-" : "--", plain, near ? "; did you mean '--" : "",
        near ? near : "", near ? "'?" : " (see --help)");
}

static mt_parsed wrong(const mt_options *o, int got, const mt_words *given, mt_diag *d)
{
    const char *word = given->argv[optind - 1];
    char letter[] = {'-', (char)optopt, 0};
    bool of_letter = optopt != 0 && optopt < FIRST_LONG;
    if (got == ':')
        mt_diag_add(d, (mt_place){0}, "%s wants an argument", of_letter ? letter : word);
    else if (optopt >= FIRST_LONG)
        mt_diag_add(d, (mt_place){0}, "%s takes no argument", word);
    else
        unknown(o, of_letter ? letter : word, d);
    return MT_PARSED_WRONG;
}

mt_parsed mt_options_parse(const mt_options *o, mt_words given, void *out, mt_texts *words, mt_diag *d)
{
    getopt_tables t;
    make_tables(o, &t);
    optind = 1;
    opterr = 0;
    for (;;) {
        int got = getopt_long(given.argc, given.argv, t.shorts, t.longs, NULL);
        if (got == -1)
            break;
        if (got == HELP || got == 'h') {
            mt_options_help(o, stdout);
            return MT_PARSED_HELP;
        }
        const mt_option *row = row_of(o, got);
        if (row == NULL)
            return wrong(o, got, &given, d);
        bool empty = optarg != NULL && optarg[0] == 0;
        if (empty || !store(row, optarg, out)) {
            expected(row, optarg, d);
            return MT_PARSED_WRONG;
        }
    }
    for (int i = optind; i < given.argc; i++)
        add_text(words, given.argv[i]);
    return MT_PARSED;
}

void mt_options_help(const mt_options *o, FILE *to)
{
    fprintf(to, "usage: %s\n\n", o->usage);
    for (size_t i = 0; i < o->len; i++) {
        const mt_option *row = &o->rows[i];
        char letter[] = {'-', row->letter ? (char)row->letter : ' ', row->letter ? ',' : ' ', 0};
        char name[48];
        snprintf(name, sizeof name, "--%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
        fprintf(to, "  %s %-28s %s\n", row->letter ? letter : "   ", name, row->what);
    }
    fprintf(to, "  -h, %-28s %s\n", "--help", "this page");
}
