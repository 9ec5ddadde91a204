// SPDX-License-Identifier: Apache-2.0
#ifndef MT_RUN_INSIDE_H
#define MT_RUN_INSIDE_H
/* What the files of this module share. An exec is a plan being carried out: as a run of its own, as the twin of others, or both. */
#include "run/judge.h"
#include "run/run.h"
#include "survey/survey.h"

enum { MT_TRIES_MAX = 2 };

/* One try of a plan: what each of its steps came to. */
typedef struct mt_try {
    const mt_attempt_result **steps; /* NULL: not reached */
} mt_try;

typedef struct mt_exec {
    mt_run *run;
    const mt_plan *plan;
    mt_verdict barred;        /* MT_PASS: can be carried out; else the verdict without it, because of: */
    const char *reason, *reason_type;
    mt_identity *identities;  /* one for each step */
    const char **sent;        /* the same in words */
    const mt_edit **edits;    /* with the keys that they sign with */
    mt_try tries[MT_TRIES_MAX];
    size_t tries_len;
    uint64_t finished_us;     /* of the last try; 0: none */
    mt_attempt *attempt;      /* running */
    mt_jar *jar;
    size_t step;
} mt_exec;

typedef struct mt_manner_seen {
    mt_where where;
    mt_close close;
} mt_manner_seen;

typedef struct mt_tally {
    const char *phrase; /* "over HTTP 400" */
    size_t count;
} mt_tally;
enum { MT_TALLIES = 16 };

struct mt_run {
    mt_loop *loop;
    mt_run_config config;
    mt_pki *pki;
    mt_plans plans;
    mt_diag *diag;
    mt_arena *arena;
    mt_addresses addresses, sm2_addresses;
    mt_target target;
    mt_target sm2_target;          /* the same, unless SM2 has a server of its own */
    mt_baseline baseline;
    mt_survey survey;
    mt_policy policy;              /* declared, or found by `detect` */
    mt_writer anchors[MT_ALGORITHMS];
    mt_exec **execs;               /* of all plans met so far */
    size_t execs_len, execs_cap;
    uint64_t last_failed_control_us;
    mt_manner_seen resets[8];      /* bare resets that were tried again already */
    size_t resets_len;
    size_t silent;                 /* runs in a row that got no answer of any kind */
    bool gone;                     /* neither did the control behind them */
    const mt_run_sink *sink;
    mt_summary summary;
    size_t done;
    mt_tally manners[MT_TALLIES];
    size_t manners_len, bad, bad_refused, good, good_served;
    size_t wrong_way[2][MT_VERDICTS]; /* bad ones that were served, good ones that were not, by verdict */
    uint64_t begun_us;
    /* the list under way */
    mt_exec **list;
    size_t list_len, next, running;
    bool list_done;
    mt_timer *pace;
    uint64_t next_start_us, period_us;
    unsigned jobs;
};

/* target.c */
/* mt_target_describe fills the targets from the configuration. False: `d` says what is wrong with it. */
MT_MUST_CHECK bool mt_target_describe(mt_run *r, mt_diag *d);
/* mt_target_look resolves and surveys. False: a signal came. */
MT_MUST_CHECK bool mt_target_look(mt_run *r);
/* mt_target_of is where a plan is carried out. */
const mt_target *mt_target_of(const mt_run *r, const mt_plan *p);

/* exec.c */
mt_exec *mt_exec_of(mt_run *r, const mt_plan *p);
void mt_exec_free(mt_exec *e);
/* The outcome of the last step that counts: of a refuse-case a try that was served, else the last. NULL: none. */
const mt_try *mt_exec_counted(const mt_exec *e);
const mt_outcome *mt_exec_outcome(const mt_exec *e);
/* mt_exec_list carries out `n` execs, as many at a time as allowed. False: a signal came. */
MT_MUST_CHECK bool mt_exec_list(mt_run *r, mt_exec **list, size_t n);

/* words.c */
void mt_fill_result(mt_run *r, mt_exec *e, const mt_facts *f, mt_result *out);
const char *mt_sentence(const mt_run *r);
void mt_count_manner(mt_run *r, const mt_outcome *o);

/* verdict.c */
void mt_emit(mt_run *r, mt_exec *e);
/* mt_emit_instead gives a run the same fate as its neighbours: interrupted, target down. */
void mt_emit_instead(mt_run *r, mt_exec *e, const mt_ruling *fate);
#endif
