// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CLI_SELFTEST_H
#define MT_CLI_SELFTEST_H
/* No case is trusted until it has failed: honest peers have to pass every case, and for each fault that a case says it is caught
 * by, the same runs against a peer with that one fault have to fail. For the files of the subcommand only. */
#include "attempt/serve.h"
#include "cli/embedded.h"
#include "run/run.h"

enum { MT_POLICIES = 4 }; /* required, optional, request, none: mt_policy and mt_serve_policy agree on the numbers */

/* Refserver and serve are for RSA and ECC; serve-sm2 is for SM2, and trusts nothing else. */
typedef enum mt_peer_kind { MT_PEER_REFSERVER, MT_PEER_SERVE, MT_PEER_SERVE_SM2, MT_PEERS } mt_peer_kind;
extern const char *const mt_peer_names[MT_PEERS]; /* "refserver" "serve" "serve-sm2" */

typedef struct mt_names {
    const char **rows;
    size_t len, cap;
} mt_names;
bool mt_names_has(const mt_names *n, const char *name);

/* What a server of ours is made of. */
typedef struct mt_side {
    mt_identity identities[2];
} mt_side;

/* A plan, and what honest peers did with it. */
typedef enum mt_seen { MT_SEEN_NOTHING, MT_SEEN_SERVED, MT_SEEN_OTHER } mt_seen;
typedef struct mt_unit {
    const mt_plan *plan;
    size_t of;                             /* its case, in mt_stage.cases_of */
    mt_seen honest[MT_PEERS][MT_POLICIES];
    bool deviates[MT_PEERS][MT_POLICIES]; /* an honest peer does not do what the case expects: known, or only a "should" */
} mt_unit;

/* A case, and one fault that it says it is caught by. */
typedef struct mt_pair {
    size_t of;
    const char *fault;
    bool wanted[MT_PEERS], proven[MT_PEERS];
    const char *hint; /* why a run was not judged, or NULL */
} mt_pair;

typedef struct mt_stage {
    mt_loop *loop;
    mt_arena *arena;
    mt_diag *d;
    mt_pki *pki;
    const char *pki_dir;
    mt_cases *cases;
    mt_plans known;                        /* all */
    mt_unit *units;                        /* selected */
    size_t units_len;
    const mt_case **cases_of;              /* of the units, each once */
    bool *passed;                          /* by an honest peer, at least once */
    size_t cases_len;
    mt_pair *pairs;
    size_t pairs_len, pairs_cap;
    mt_names faults[MT_PEERS];
    bool chosen[MT_PEERS];                 /* peers that take part */
    mt_side usual, sm2;                    /* what serve is made of */
    const mt_span *anchors, *server_anchors; /* of both */
    size_t anchors_len, server_anchors_len;
    const char *baseline;                  /* of refserver, or NULL */
    mt_names known_met;                    /* ids of baseline entries that were met */
    const char *survey[MT_PEERS][MT_POLICIES]; /* what the survey says of honest peers */
    mt_names survey_faults;                /* faults that change it: "serve omit-ca-names" */
    bool progress;
    size_t runs, findings;
} mt_stage;

/* mt_finding prints what is off. */
void mt_finding(mt_stage *s, const char *fmt, ...) MT_PRINTF(2, 3);

/* ---- selftest_peer.c ---- */

/* One run of some units against a peer with at most one fault. */
typedef struct mt_trial {
    mt_peer_kind kind;
    mt_policy policy;
    mt_serve_refuse refuse;                /* of serve */
    const char *fault;                     /* NULL: honest */
    mt_unit *const *units;
    size_t len;
    bool strict;
    void (*take)(void *self, mt_unit *u, const mt_result *r);
    void (*surveyed)(void *self, const mt_summary *s); /* or NULL */
    void *self;
} mt_trial;
/* mt_trial_run is false when a signal came or the peer did not start (`s->d` says why). */
MT_MUST_CHECK bool mt_trial_run(mt_stage *s, const mt_trial *t);
/* mt_peer_faults_learn fills s->faults. */
MT_MUST_CHECK bool mt_peer_faults_learn(mt_stage *s);

/* mt_may_play: the run is over an algorithm that this peer has. */
bool mt_may_play(const mt_unit *u, mt_peer_kind kind);

/* mt_is_breach: the verdict itself is wrong, not only the manner. */
bool mt_is_breach(const mt_result *r);
/* mt_was_caught: the run `r` of `u` shows that something is wrong with the peer, and an honest one does not show it. A case that
 * only records shows it by a record that is not the honest peer's. */
bool mt_was_caught(const mt_trial *t, const mt_unit *u, const mt_result *r);

/* ---- selftest_proof.c ---- */

MT_MUST_CHECK bool mt_prove_honest(mt_stage *s);
MT_MUST_CHECK bool mt_prove_pairs(mt_stage *s);
/* mt_prove_no_holes: every fault is named by a case, or at least seen by the survey. */
MT_MUST_CHECK bool mt_prove_no_holes(mt_stage *s);
/* mt_prove_matrix runs all faults against all cases and appends the matrix: a line for each peer and fault, with the cases. */
MT_MUST_CHECK bool mt_prove_matrix(mt_stage *s, mt_writer *out);
#endif
