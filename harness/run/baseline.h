// SPDX-License-Identifier: Apache-2.0
#ifndef MT_RUN_BASELINE_H
#define MT_RUN_BASELINE_H
/* Known deviations: a YAML list of {run, observed, because, catalogue, reproduce, until}. An entry is about one run, or
 * about each that `server/x/{tls1.2,tls1.3}/rsa` names, and about one observed outcome (the report's words, or how they begin): a
 * different wrong answer still fails, and so does an expired one. */
#include "base/diag.h"

typedef struct mt_deviation {
    const char *run, *observed, *because, *catalogue, *reproduce, *until; /* optional ones: NULL */
    int line;
} mt_deviation;

typedef struct mt_baseline {
    const char *file;
    mt_deviation *rows;
    size_t len;
} mt_baseline;

/* mt_baseline_load reads `file` into `arena`. False: `d` has the errors. */
MT_MUST_CHECK bool mt_baseline_load(const char *file, mt_arena *arena, mt_baseline *out, mt_diag *d);
const mt_deviation *mt_baseline_find(const mt_baseline *b, const char *run);
/* mt_deviation_fits: `observed` (words) is what the entry is about. */
bool mt_deviation_fits(const mt_deviation *v, const char *observed);
/* mt_deviation_expired: `today` ("2026-11-21") is behind its last day. */
bool mt_deviation_expired(const mt_deviation *v, const char *today);
#endif
