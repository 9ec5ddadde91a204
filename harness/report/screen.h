// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REPORT_SCREEN_H
#define MT_REPORT_SCREEN_H
/* What the terminal reporter remembers between two results, and the parts that it is made of. */
#include "report/report.h"
#include "report/text.h"

/* Results with the same verdict and message, told once with their number. */
typedef struct mt_reason {
    mt_verdict verdict;
    char *message;
    size_t count;
} mt_reason;

/* A line for GitHub's file view. */
typedef struct mt_annotation {
    bool failed; /* failures go first */
    char *line;
} mt_annotation;

typedef struct mt_screen {
    mt_report_options o;
    FILE *out, *progress;
    mt_writer suite;            /* its name; empty before the first result */
    size_t counts[MT_VERDICTS]; /* of this suite */
    size_t notes, all_notes;    /* passes with a note: of this suite, of the run */
    mt_writer rows;             /* lines below the suite's line */
    mt_writer noted;            /* the case of the last row, if that is a note; empty: it is not */
    size_t more_notes;          /* of that case, which have no row */
    mt_writer details;          /* failures in full, for the end */
    mt_reason *reasons;
    size_t reasons_len, reasons_cap;
    mt_annotation *annotations;
    size_t annotations_len, annotations_cap;
    mt_writer written;          /* "  reports/junit.xml" for each report file */
    int why;                    /* errno of the first write to `out` that failed, or 0 */
    bool bar_shown, paced;
    uint64_t told_us;           /* when progress was last told */
} mt_screen;

/* mt_screen_count appends "1 failed", "2 errors" in the colour of the verdict. */
void mt_screen_count(const mt_screen *s, mt_writer *out, mt_verdict v, size_t n);
/* mt_screen_word appends "FAIL" in its colour, padded. */
void mt_screen_word(const mt_screen *s, mt_writer *out, mt_verdict v, bool noted);
/* mt_screen_put writes and empties `text`, after the bar is out of the way. */
void mt_screen_put(mt_screen *s, mt_writer *text);
/* mt_screen_reason counts `r` among the results of its message and returns how many there are now. */
size_t mt_screen_reason(mt_screen *s, const mt_result *r);
void mt_screen_annotate(mt_screen *s, const mt_result *r);
void mt_screen_progress(mt_screen *s, const mt_progress *p);
/* mt_screen_summary writes all that comes after the last suite. */
void mt_screen_summary(mt_screen *s, const mt_summary *summary);
#endif
