// SPDX-License-Identifier: Apache-2.0
#ifndef MT_RUN_JUDGE_H
#define MT_RUN_JUDGE_H
/* Outcome against expectation: pure functions. Verdict and manner are two assertions; a refusal counts only beside its twin;
 * levels say what becomes of a breach. */
#include "attempt/attempt.h"
#include "case/case.h"

/* Everything that a verdict may depend on. */
typedef struct mt_facts {
    mt_level level;
    bool strict;
    mt_policy policy;
    const mt_step_plan *step;
    const mt_outcome *observed;
    const mt_attempt_facts *seen;
    const mt_outcome *twin;        /* NULL: no twin is needed */
    const char *twin_id;
    size_t taken, declined;        /* sessions that were offered and had to be welcome, in the twin and in the steps before this one:
                                      taken up, and not */
    bool identity_visible;         /* the target's echo shows whom it verified */
    mt_span anchor_name;           /* DER Name of the CA that the target should list; empty: unknown */
} mt_facts;

typedef struct mt_ruling {
    mt_verdict verdict;
    const char *type;              /* JUnit type, static; NULL for a pass */
    char message[200];             /* "" for a clean pass */
    bool note;                     /* a pass whose message is a note */
} mt_ruling;

mt_ruling mt_judge_step(const mt_facts *f);

/* mt_expect_words appends "refused over HTTP with 421", "served", "refused, preferably by alert unknown_ca(48)", ... */
void mt_expect_words(const mt_expect *e, const mt_prefer *p, mt_writer *out);

bool mt_was_served(const mt_outcome *o); /* served or served-anonymous */

/* mt_likely is one sentence about the likely cause of what failed, or NULL. */
const char *mt_likely(const mt_case *c, const mt_facts *f);

/* mt_worth_retry: an answer that a second try may decide (connect errors, inconclusive answers). */
bool mt_worth_retry(const mt_outcome *o);
/* mt_exit_code of the counts: 3 > 2 > 1 > 6 > 5 > 0. */
int mt_exit_code(const mt_summary *s);
#endif
