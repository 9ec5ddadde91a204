// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ADVICE_ADVICE_H
#define MT_ADVICE_ADVICE_H
/* What alerts, and the words that other programs use for a refusal, mean for client certificates: what was said, which stacks
 * say it for what, what to do. Static texts, one row each. */
#include "base/mem.h"

typedef struct mt_alert_advice {
    uint8_t alert;
    const char *meaning; /* what the RFC means by it */
    const char *stacks;  /* who sends it for what */
    const char *remedy;  /* what to look at */
} mt_alert_advice;

/* mt_advice_of_alert returns the row of an alert, or NULL if there is nothing to say about it. */
const mt_alert_advice *mt_advice_of_alert(unsigned alert);

typedef struct mt_term_advice {
    const char *term;    /* as programs print it: "Empty reply from server" */
    const char *also;    /* further words of the same, separated by `|`; or NULL */
    const char *meaning;
    const char *remedy;
} mt_term_advice;
extern const mt_term_advice mt_term_advices[];
extern const size_t mt_term_advice_count;

/* mt_advice_of_term returns the row whose term (or other word) is found in `text`, or in which `text` (at least four characters)
 * is found, without regard to upper and lower case; NULL: none. */
const mt_term_advice *mt_advice_of_term(const char *text);
#endif
