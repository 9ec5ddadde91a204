// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REPORT_REPORT_H
#define MT_REPORT_REPORT_H
/* Reports: results as they come in, made into text for people (terminal) and files for machines (JUnit, JSON).
 *
 * A reporter is a const row of functions. It copies what it keeps, so a result needs to live only as long as the call. Every
 * text may come from a hostile peer: each reporter makes it harmless for its own form (report/text.h), and private keys in PEM
 * form are taken out. A run that ends early gives its unfinished runs as results of verdict MT_ERROR; nothing is special here.
 *
 * Files are written at the end: to a temporary file beside the target, synced, renamed, mode 0644. Missing folders of the
 * path are made. Whatever goes wrong, there is either the whole new report or none: the report of an earlier run is removed
 * when this one begins. A path that is no regular file (/dev/stdout, a pipe) is written to directly. */
#include "base/diag.h"
#include "result/result.h"

#include <stdio.h>

typedef enum mt_junit_style {
    MT_JUNIT_PORTABLE, /* valid for every consumer that we know, also Jenkins xUnit's strict schema */
    MT_JUNIT_EXTENDED  /* adds file, line and properties to each testcase */
} mt_junit_style;

typedef enum mt_choice { MT_AUTO, MT_ALWAYS, MT_NEVER } mt_choice;

typedef struct mt_report_options {
    const char *path;        /* files: where to; "-" is standard output (mt_reports_add allows one). Not used by the terminal */
    mt_junit_style style;    /* JUnit */
    const char *hostname;    /* JUnit: NULL is the name of this machine */
    FILE *out;               /* terminal: results; NULL is standard output, or standard error if a report has path "-" */
    FILE *progress;          /* terminal: what is running; NULL is standard error */
    bool colour;             /* terminal: colours */
    bool live;               /* terminal: a bar that is drawn over; else a line for each suite and one every 30 s */
    bool github;             /* terminal: ::group:: for each suite and at most ten ::error lines */
    bool quiet, verbose;     /* terminal: only failures and the end; the transcript of every run */
    unsigned width;          /* terminal: columns of the bar, 0: 80 */
} mt_report_options;

/* mt_report_surroundings sets `colour`, `live`, `github` and `width` by what the terminal reporter will write to (`out`,
 * `progress`; set those first) and by the environment. Colour: the option if it is not MT_AUTO, then NO_COLOR (not empty),
 * CLICOLOR_FORCE or FORCE_COLOR, TERM=dumb, whether `out` is a terminal. Live: the option `bar`, then never if CI is set,
 * TERM=dumb or `progress` is no terminal. */
void mt_report_surroundings(mt_report_options *o, mt_choice colour, mt_choice bar);

typedef struct mt_progress {
    size_t done, planned;
    const char *running; /* id of a run in flight, the oldest; NULL: none */
    uint64_t now_us;     /* monotonic; any origin */
    uint64_t left_us;    /* estimate; 0: unknown */
} mt_progress;

typedef struct mt_reporter {
    const char *name; /* "junit" */
    /* open checks that the report can be made (folders, permission). NULL: `d` says why not. */
    void *(*open)(const mt_report_options *o, mt_diag *d);
    /* begin: `s` has everything that is known before the first run: versions, target, policy, survey, planned. */
    void (*begin)(void *self, const mt_summary *s);
    void (*result)(void *self, const mt_result *r);
    /* progress may be called as often as one likes; a reporter paces itself. NULL: it has none. */
    void (*progress)(void *self, const mt_progress *p);
    /* wrote says that another reporter has written the file `path`. NULL: of no interest. */
    void (*wrote)(void *self, const char *path);
    /* end writes the report and frees `self`, in any case. False: nothing was written and `d` says why. */
    bool (*end)(void *self, const mt_summary *s, mt_diag *d);
    void (*drop)(void *self); /* frees `self` without writing; NULL is legal */
} mt_reporter;

extern const mt_reporter mt_report_terminal, mt_report_junit, mt_report_json;

/* All reporters of one run. Those of files end first, so that what the terminal says last is true. */
typedef struct mt_reports mt_reports;
mt_reports *mt_reports_new(void);
/* mt_reports_free drops reporters that were not ended. NULL is legal. */
void mt_reports_free(mt_reports *all);
/* mt_reports_add opens a reporter; the terminal is added last. False: `d` says why; `all` is as it was. A second report on "-"
 * is such an error. */
MT_MUST_CHECK bool mt_reports_add(mt_reports *all, const mt_reporter *reporter, const mt_report_options *o, mt_diag *d);
void mt_reports_begin(mt_reports *all, const mt_summary *s);
void mt_reports_result(mt_reports *all, const mt_result *r);
void mt_reports_progress(mt_reports *all, const mt_progress *p);
/* mt_reports_end_files writes all files, also after one of them failed. False: `d` names each that is missing; the caller then
 * chooses the exit code, puts it into the summary and ends the terminal. */
MT_MUST_CHECK bool mt_reports_end_files(mt_reports *all, const mt_summary *s, mt_diag *d);
/* mt_reports_end_terminal prints failures in full, the summary and the paths of the files that were written. False: the stream
 * failed. */
MT_MUST_CHECK bool mt_reports_end_terminal(mt_reports *all, const mt_summary *s, mt_diag *d);
#endif
