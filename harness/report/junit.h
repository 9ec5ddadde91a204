// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REPORT_JUNIT_H
#define MT_REPORT_JUNIT_H
/* The JUnit report in memory: results become these plain rows as they come in, the rows become XML at the end. */
#include "report/report.h"
#include "report/text.h"

/* One element below a testcase that says more than "passed". */
typedef struct mt_junit_mark {
    const char *element; /* "failure" "error" "skipped" "rerunFailure" "rerunError" "flakyFailure" */
    const char *type, *message, *text;
} mt_junit_mark;

typedef struct mt_junit_property {
    const char *name, *value;
} mt_junit_property;

enum { MT_JUNIT_PROPERTIES = 12 };

typedef struct mt_junit_case {
    const char *name;
    uint64_t us;
    mt_junit_mark *marks; /* the result first, tries after it */
    size_t marks_len, marks_cap;
    const char *out;      /* system-out */
    const char *file;     /* extended style from here on */
    int line;
    size_t assertions;
    mt_junit_property properties[MT_JUNIT_PROPERTIES];
    size_t properties_len;
} mt_junit_case;

typedef struct mt_junit_suite {
    const char *name, *classname;
    mt_junit_case *cases;
    size_t len, cap;
    size_t failures, errors, skipped, warnings;
    uint64_t us;
} mt_junit_suite;

typedef struct mt_junit {
    mt_arena *arena; /* holds the texts */
    char *path;
    const char *hostname;
    mt_junit_style style;
    mt_junit_suite *suites;
    size_t len, cap;
    size_t bytes; /* of all texts so far: what is over the budget is cut shorter */
} mt_junit;

/* mt_junit_add makes the row of one result. */
void mt_junit_add(mt_junit *j, const mt_result *r);
/* mt_junit_no_results makes one empty suite: GitLab and others reject a report without any. */
void mt_junit_no_results(mt_junit *j);
/* mt_junit_xml appends the whole document. */
void mt_junit_xml(const mt_junit *j, const mt_summary *s, mt_writer *out);
#endif
