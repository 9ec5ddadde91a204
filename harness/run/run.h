// SPDX-License-Identifier: Apache-2.0
#ifndef MT_RUN_RUN_H
#define MT_RUN_RUN_H
/* Plans against one target become results: survey, twins, controls, pacing, retries, judgement, baseline. The order of the
 * results is that of the plans, whatever the timing. */
#include "case/case.h"
#include "net/address.h"
#include "run/baseline.h"

typedef struct mt_run_config {
    const char *target;          /* URL as given */
    mt_url url;
    unsigned sm2_port;           /* where another server on that host speaks SM2; 0: the target itself is asked */
    const mt_override *overrides;
    size_t overrides_len;
    const char *sni;             /* NULL: the URL's host when it is a name */
    mt_policy policy;
    const char *granted;         /* --granted, or NULL */
    const mt_span *anchors;      /* that the server's certificate is checked against, DER */
    size_t anchors_len;
    bool insecure;               /* the server's certificate is not checked */
    uint64_t settle_us;          /* how long the target gets to speak first, when that is known; 0: the survey learns it */
    uint64_t timeout_us;         /* 0: three seconds */
    unsigned jobs;               /* 0: four on loopback, else one */
    double rate;                 /* connections a second; 0: unlimited on loopback, else five; negative: unlimited */
    bool strict;
    const char *const *chosen;   /* the selectors that chose the runs; what they name is not left out though it is not spoken */
    size_t chosen_len;
    const char *baseline;        /* file, or NULL */
    const mt_plans *known;       /* all plans that exist, which baseline entries must name; NULL: those that run */
    const char *command;         /* command line without secrets */
    const char *again;           /* how a run is started again, without its id; NULL: by the target and policy */
    const char *own_key;         /* file of the owner's key, for lines that show a failure by hand; NULL: the pki folder has all */
    void (*keylog)(void *self, const char *line);
    void *keylog_self;
} mt_run_config;

typedef struct mt_run_progress {
    size_t done, planned;
    const char *running; /* id of the run started last */
    uint64_t now_us, left_us; /* left: an estimate, 0: unknown */
} mt_run_progress;

/* Where results go. `begin` comes after the survey, `result` in the order of the plans, `end` once the summary is complete;
 * begin and end come also when no case could be judged. Everything handed out lives until mt_run_free. */
typedef struct mt_run_sink {
    void (*begin)(void *self, const mt_summary *s);
    void (*result)(void *self, const mt_result *r);
    void (*end)(void *self, const mt_summary *s);
    /* what is running now; NULL: not wanted */
    void (*progress)(void *self, const mt_run_progress *p);
    void *self;
} mt_run_sink;

/* mt_run_make_keys makes the keys that these plans need, before anything is connected to; also those noted by mt_pki_want. */
void mt_run_make_keys(mt_pki *pki, const mt_plans *plans);

typedef struct mt_run mt_run;

/* mt_run_new resolves and checks what the user gave. NULL: `d` says what is wrong (exit 4). An unreachable target is no such error. */
mt_run *mt_run_new(mt_loop *l, const mt_run_config *c, mt_pki *pki, const mt_plans *plans, mt_diag *d);
/* mt_run_all does everything and returns the exit code. */
int mt_run_all(mt_run *r, const mt_run_sink *sink);
void mt_run_free(mt_run *r);
#endif
