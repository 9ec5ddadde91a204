// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CLI_OPTIONS_H
#define MT_CLI_OPTIONS_H
/* Options of a subcommand as a table: one row is parsed, checked and printed. Names follow curl where curl has one. */
#include "base/diag.h"
#include "base/writer.h"

typedef enum mt_option_kind {
    MT_OPTION_FLAG,     /* bool */
    MT_OPTION_TEXT,     /* const char * (the last one counts) */
    MT_OPTION_LIST,     /* mt_texts; may be given again and again */
    MT_OPTION_COUNT,    /* unsigned, 1 to 1000 */
    MT_OPTION_DURATION, /* uint64_t microseconds; 250ms, 3s, 2m */
    MT_OPTION_RATE,     /* double, a second; 5/s, 100/m; 0: unlimited, stored as -1 */
    MT_OPTION_WORD      /* int: the place of the word in `words` */
} mt_option_kind;

typedef struct mt_texts {
    const char **rows;
    size_t len, cap;
} mt_texts;

typedef struct mt_option {
    const char *name;
    int letter;              /* 0: none */
    mt_option_kind kind;
    size_t offset;           /* into the struct of the subcommand */
    const char *argument;    /* "FILE"; NULL: none */
    const char *what;        /* for --help */
    const char *const *words;/* MT_OPTION_WORD: ends with NULL */
} mt_option;

typedef struct mt_options {
    const char *usage;       /* "mtlspec run [CASE...] -t URL" */
    const mt_option *rows;
    size_t len;
} mt_options;

typedef enum mt_parsed { MT_PARSED, MT_PARSED_HELP, MT_PARSED_WRONG } mt_parsed;

/* mt_options_parse fills `out` and appends what is no option to `words`. MT_PARSED_HELP: --help was asked for and printed.
 * MT_PARSED_WRONG: `d` says which option and what was expected, with the nearest name. */
typedef struct mt_words {
    int argc;
    char **argv; /* argv[0] is the name of the subcommand */
} mt_words;
mt_parsed mt_options_parse(const mt_options *o, mt_words given, void *out, mt_texts *words, mt_diag *d);
/* mt_options_write appends the options of `values` that are set, as they would be given again, quoted for a shell; not those named
 * in `without` (ends with NULL). */
void mt_options_write(const mt_options *o, const void *values, const char *const *without, mt_writer *out);
/* mt_write_quoted appends one word, in quotes where a shell wants them. */
void mt_write_quoted(mt_writer *out, const char *word);
void mt_options_help(const mt_options *o, FILE *to);

MT_MUST_CHECK bool mt_duration_parse(const char *text, uint64_t *us);
MT_MUST_CHECK bool mt_rate_parse(const char *text, double *per_second);
#endif
