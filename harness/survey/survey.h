// SPDX-License-Identifier: Apache-2.0
#ifndef MT_SURVEY_SURVEY_H
#define MT_SURVEY_SURVEY_H
/* What a target does before any case: which versions it speaks, whom it asks, how it answers a good credential and none, and
 * how long it takes to say so. The survey reports; it never replaces what the owner declared. */
#include "attempt/attempt.h"
#include "pki/pki.h"

typedef enum mt_asks { MT_ASKS_NEVER, MT_ASKS_OPTIONAL, MT_ASKS_REQUIRED, MT_ASKS_UNKNOWN } mt_asks;

/* Three realms of protocols, each an ecosystem of its own: what speaks one of them need not know of the others. */
typedef enum mt_realm { MT_REALM_USUAL, MT_REALM_TLS13_SM2, MT_REALM_TLCP, MT_REALMS } mt_realm;
mt_realm mt_realm_of(uint16_t version, mt_algorithm a);
const char *mt_realm_name(mt_realm k); /* "TLS with RSA or ECC", "TLS 1.3 with SM2", "TLCP" */

typedef struct mt_surveyed {
    uint16_t version;
    mt_realm realm;
    bool spoken;
    const mt_attempt_result *control;   /* the good credential; NULL: not tried */
    const mt_attempt_result *anonymous; /* no certificate; NULL: not asked about */
    mt_algorithm control_algorithm;     /* of the credential that was served, or tried last */
} mt_surveyed;

enum { MT_SURVEYED = 4, MT_SURVEY_SUITES = 16 };

typedef struct mt_survey {
    mt_surveyed versions[MT_SURVEYED];  /* TLS 1.3, TLS 1.2, TLS 1.3 with SM2, TLCP */
    uint16_t suites[MT_SURVEY_SUITES];  /* those of mt_survey_config.suites that are spoken */
    size_t suites_len;
    mt_asks asks;                       /* what the target seems to do */
    bool identity_visible;              /* the origin echoes whether it saw a verified identity */
    bool ca_names_listed, ca_names_ours;
    uint64_t settle_us;
    const char *lines;                  /* for people, each ending in a newline */
    const char *stop;                   /* why no case can be judged, or NULL */
} mt_survey;

typedef struct mt_survey_config {
    mt_target *target;      /* settle_us is set by the survey */
    mt_target *sm2_target;  /* the same, where SM2 is asked; may be `target` itself */
    unsigned realms;         /* bit 1 << mt_realm: what is asked beside MT_REALM_USUAL */
    const uint16_t *suites; /* that cases name: is each spoken? At most MT_SURVEY_SUITES */
    size_t suites_len;
    mt_pki *pki;            /* for the recipe `client` */
    mt_arena *arena;
    uint64_t settle_us;     /* known beforehand; 0: learned */
} mt_survey_config;

/* mt_survey_run connects some times. False: a signal came. A target that cannot be judged is `stop`, not an error. */
MT_MUST_CHECK bool mt_survey_run(const mt_survey_config *c, mt_survey *out, mt_diag *d);

/* mt_survey_of returns the row of a version for clients of this algorithm, or NULL. */
const mt_surveyed *mt_survey_of(const mt_survey *s, uint16_t version, mt_algorithm a);
/* mt_survey_speaks: some row of this realm is spoken. */
bool mt_survey_speaks(const mt_survey *s, mt_realm k);
/* mt_survey_distrusts: the server's own certificate did not verify. */
bool mt_survey_distrusts(const mt_surveyed *v);
bool mt_survey_speaks_suite(const mt_survey *s, uint16_t suite);
/* mt_survey_settle: twice the slowest gap, at least two round trips and 5 ms, at most 200 ms. */
uint64_t mt_survey_settle(uint64_t slowest_gap_us, uint64_t rtt_us);
#endif
