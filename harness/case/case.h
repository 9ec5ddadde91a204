// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CASE_CASE_H
#define MT_CASE_CASE_H
/* Case files become cases, cases become plans: one plan for each cell of the axes that makes sense. */
#include "base/yaml.h"
#include "engine/edit.h"
#include "pki/pki.h"
#include "result/result.h"

typedef enum mt_level { MT_LEVEL_MUST, MT_LEVEL_SHOULD, MT_LEVEL_INFO } mt_level;
typedef enum mt_policy { MT_POLICY_REQUIRED, MT_POLICY_OPTIONAL, MT_POLICY_REQUEST, MT_POLICY_NONE, MT_POLICY_DETECT } mt_policy;
const char *mt_level_name(mt_level l);
const char *mt_policy_name(mt_policy p);
MT_MUST_CHECK bool mt_policy_find(const char *name, mt_policy *out);

/* Served-anonymous: the application was reached and no identity was verified. Where nothing is presented an outcome `served`
 * without an echo is the same. */
typedef enum mt_expected { MT_EXPECT_SERVED, MT_EXPECT_SERVED_ANONYMOUS, MT_EXPECT_REFUSED, MT_EXPECT_INFO } mt_expected;
const char *mt_expected_name(mt_expected e); /* the word of case files: "served-anonymous" */

typedef struct mt_expect {
    mt_expected kind;
    mt_where where;         /* narrowed refusal; MT_NOWHERE: anywhere */
    const int *statuses;    /* narrowed: HTTP statuses; empty: any refusing one */
    size_t statuses_len;
    const uint8_t *alerts;  /* narrowed: must be one of these; empty: any */
    size_t alerts_len;
} mt_expect;

typedef struct mt_prefer {  /* the manner that the clause names: unmet is a note, under --strict a failure */
    const uint8_t *alerts;
    size_t alerts_len;
    mt_where where;
} mt_prefer;

/* What a run asks about the server's CertificateRequest beside the outcome: that it came, that none came, that it is well
 * formed (mt_attempt_facts.oddity), that schemes (and in TLS 1.2 certificate_types) are such that a client can answer with the
 * key of the cell, that the CA which the target trusts is listed or no CA at all. */
typedef enum mt_observe { MT_OBSERVE_NOTHING, MT_OBSERVE_REQUESTED, MT_OBSERVE_NOT_REQUESTED, MT_OBSERVE_REQUEST_FORM,
    MT_OBSERVE_SCHEMES, MT_OBSERVE_CA_NAMES } mt_observe;

typedef struct mt_step_plan {
    const char *name;          /* for `replace-with NAME.message` in later steps; NULL: not named */
    mt_presentation present;   /* len 0: no certificate (an empty list) */
    const mt_edit *edits;
    size_t edits_len;
    mt_expect expect;
    mt_prefer prefer;
    mt_observe observe;
    const char *sni;           /* NULL: the target's */
    const char *path;          /* NULL: the target's */
    const char *resume;        /* the step whose session is offered; NULL: none */
    bool ticket;               /* by its ticket, not its id; without a session: a ticket is asked for */
    uint16_t suite;            /* the only one that is offered; 0: all of the version */
    size_t padding;            /* zero bytes that each of our protected records of TLS 1.3 carries */
} mt_step_plan;

typedef struct mt_case mt_case;
struct mt_case {
    const char *suite, *id, *title, *explain;
    const char *file;          /* for people: of an absolute path only what is below the folder that was loaded, with its name */
    int line;
    mt_level level;
    const char *const *clauses;
    size_t clauses_len;
    const char *const *catalogue;
    size_t catalogue_len;
    const char *const *caught_by;
    size_t caught_by_len;
    const char *const *tags;
    size_t tags_len;
    unsigned policies;         /* bit 1 << mt_policy for each policy under which the case makes sense; the bit of MT_POLICY_DETECT
                                  is never set: who detects asks for the bit of the policy that was found */
    mt_expect expect;          /* of the last step */
    const char *group;         /* "resource", "malformed", ... or NULL */
    bool alone, control;       /* run by itself; is the positive control of its cell */
    const char *unsupported;   /* NULL, or what the target must have (`needs`): see mt_case_needs_met */
};

/* mt_case_needs_met: does a target whose CertificateRequest listed these `n` schemes have what the case needs? `needs` is
 * "scheme NAME" (it is listed) or "no scheme NAME" (it is not). True for a case without needs. */
bool mt_case_needs_met(const mt_case *c, const uint16_t *schemes, size_t n);

typedef struct mt_plan {
    const mt_case *of;
    const char *id;            /* suite/case/cell, unique */
    const char *name;          /* case/cell */
    uint16_t version;          /* MT_TLS12, MT_TLS13, MT_TLCP */
    mt_algorithm algorithm;
    const mt_step_plan *steps;
    size_t steps_len;
    const struct mt_plan *twin; /* must be served for a refusal to count; NULL for a control (a served-case has the control of
                                   its cell here); equal twins are the same pointer */
} mt_plan;

typedef struct mt_cases mt_cases;
/* mt_cases_load reads every *.yaml below `folder` (names that begin with a dot are passed over), checking recipes against `pki`
 * (NULL: unchecked). NULL: `d` has the errors, several at once. */
mt_cases *mt_cases_load(const char *folder, const mt_pki *pki, mt_diag *d);
/* mt_cases_load_file reads one file (a folder is read as by mt_cases_load). */
mt_cases *mt_cases_load_file(const char *file, const mt_pki *pki, mt_diag *d);
void mt_cases_free(mt_cases *c);
/* mt_cases_all lists the cases in the order of their files (sorted by path). */
const mt_case *const *mt_cases_all(const mt_cases *c, size_t *n);
/* mt_cases_check_faults holds every `caught-by` to the faults that exist (engine, pki and `more`). False: `d` has them all. */
MT_MUST_CHECK bool mt_cases_check_faults(const mt_cases *c, const char *const *more, size_t more_len, mt_diag *d);

/* The language of case files, for the printed reference and the JSON Schema. */
extern const mt_yaml_schema mt_case_file_schema;

typedef struct mt_selection {
    const char *const *cases;  /* id prefixes, whole parts of the path: a suite, a case, a case with cell or part of it; none: all */
    size_t cases_len;
    const char *tags;          /* "revocation", "quick and not (slow or tls1.2)"; the level, protocol and algorithm of a run are tags
                                  of it too; NULL: all */
    const char *const *exclude; /* id prefixes; each must match something */
    size_t exclude_len;
    int level;                 /* least level that runs: MT_LEVEL_MUST, _SHOULD, _INFO (all) */
    const char *under_test;    /* "server", "client"; NULL: either */
} mt_selection;

typedef struct mt_plans {
    const mt_plan *const *rows; /* order of the case files (sorted by path), then of the axes */
    size_t len;
} mt_plans;

/* mt_cases_plan expands the selected cases. False: a selector matches nothing or a tag expression is wrong; `d` names it and
 * the nearest id. Plans live as long as `c` and are made once: two calls hand out the same pointers. Twins are among the rows
 * only if they are runs that were selected; one that is a case's own is called "suite/case/twin/cell". */
MT_MUST_CHECK bool mt_cases_plan(mt_cases *c, const mt_selection *s, mt_plans *out, mt_diag *d);
#endif
