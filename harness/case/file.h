// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CASE_FILE_H
#define MT_CASE_FILE_H
/* What a case file says, before it is expanded; for the files of this module only. */
#include "base/yaml.h"
#include "case/case.h"

enum { MT_PROTOCOLS = 3, MT_CELLS_MAX = MT_PROTOCOLS * MT_ALGORITHMS };

/* The axes. A value of a key may be a map from words of the axes (`tls1.3:`, `rsa:`) to what holds in those cells. */
typedef struct mt_cell {
    int protocol; /* row of mt_protocol_words */
    mt_algorithm algorithm;
} mt_cell;

extern const mt_yaml_word mt_protocol_words[MT_PROTOCOLS];
extern const uint16_t mt_protocol_versions[MT_PROTOCOLS];
extern const mt_yaml_word mt_algorithm_words[MT_ALGORITHMS];
extern const mt_yaml_word mt_level_words[], mt_policy_words[], mt_expected_words[];
extern const size_t mt_level_count, mt_policy_count, mt_expected_count;

/* mt_cell_runs: the pair exists. */
bool mt_cell_runs(mt_cell cell);
/* mt_protocol_resumes: our engine takes sessions of this protocol up again. */
bool mt_protocol_resumes(int protocol);
/* mt_cell_is_pair: credentials are pairs there (TLCP). */
bool mt_cell_is_pair(mt_cell cell);
/* mt_cell_pick returns what `node` says for a cell: itself, or the entry of that cell when it is a map of words of the axes;
 * NULL if there is none. */
const mt_yaml *mt_cell_pick(const mt_yaml *node, mt_cell cell);

typedef struct mt_axes_row {
    mt_yaml_head head;
    unsigned protocols, algorithms; /* 0: not stated */
} mt_axes_row;

typedef struct mt_narrow_row { /* expect: {refused: {...}} */
    mt_yaml_head head;
    int where;
    mt_yaml_texts statuses, alerts;
} mt_narrow_row;

typedef struct mt_expect_row {
    const mt_yaml *node;
    int kind;
    const mt_narrow_row *narrow; /* or NULL */
} mt_expect_row;

typedef struct mt_prefer_row {
    mt_yaml_head head;
    const mt_yaml *alert; /* a word, a list, or a map by cell */
    int where;
} mt_prefer_row;

typedef struct mt_step_row {
    mt_yaml_head head;
    const char *name;
    const mt_yaml *present, *change; /* by cell */
    mt_expect_row expect;
    mt_prefer_row *prefer;
    int observe;
    const char *sni, *path, *resume, *suite;
    bool ticket;
    long padding;
} mt_step_row;

typedef struct mt_twin_row {
    mt_yaml_head head;
    const mt_yaml *present, *change;
} mt_twin_row;

typedef struct mt_case_row {
    mt_yaml_head head;
    const char *id, *title, *explain, *group, *needs;
    int level;
    mt_yaml_texts clauses, catalogue, caught_by, tags;
    mt_axes_row *over;
    unsigned policies;
    bool alone, control;
    const mt_yaml *twin; /* `control`, or a map by mt_twin_schema */
    mt_step_row step;    /* of a case without steps */
    mt_yaml_rows steps;
} mt_case_row;

typedef struct mt_file_row {
    mt_yaml_head head;
    const char *suite, *title;
    int under_test;
    mt_axes_row *over;
    mt_yaml_rows cases;
} mt_file_row;

extern const mt_yaml_schema mt_twin_schema;

/* A case as the module sees it. */
typedef struct mt_case_full {
    mt_case public; /* first: the handle that others hold */
    const mt_case_row *row;
    const mt_yaml_file *file;
    mt_yaml_rows steps; /* of mt_step_row */
    const mt_twin_row *twin;
    bool twin_is_control;
    unsigned protocols, algorithms;
    int under_test;
} mt_case_full;

struct mt_cases {
    mt_arena *arena;
    const mt_pki *pki; /* or NULL */
    mt_case_full **rows;
    size_t len, cap;
    const mt_plan **plans; /* made by the first mt_cases_plan */
    size_t plans_len, plans_cap;
    mt_plan **known;       /* controls and twins, which other plans may share */
    size_t known_len, known_cap;
    bool planned;
    size_t strip;          /* characters in front of the paths that cases show */
};

/* mt_suite_check: the name of a suite is a path. False: reported. */
MT_MUST_CHECK bool mt_suite_check(const mt_yaml_file *file, const char *suite, mt_diag *d);
/* mt_case_check holds one case to the rules that no table can say. False: reported. */
MT_MUST_CHECK bool mt_case_check(const mt_cases *all, const mt_case_full *c, mt_diag *d);

const mt_step_row *mt_last_step(const mt_case_full *c);
/* mt_step_expect is what a step states, in words that are not checked here (an unknown one is left out). */
mt_expect mt_step_expect(const mt_cases *all, const mt_step_row *row);
/* mt_yaml_values lists the scalars of a list, or one scalar as a list of one. */
mt_yaml_texts mt_yaml_values(mt_arena *arena, const mt_yaml *node);

/* mt_steps_plan makes the steps of a case for a cell, or those of its twin. */
const mt_step_plan *mt_steps_plan(mt_cases *all, const mt_case_full *c, mt_cell cell);
const mt_step_plan *mt_steps_twin(mt_cases *all, const mt_case_full *c, mt_cell cell, size_t *n);
/* mt_steps_deviations counts what the default twin would change: edits, and recipes that have an honest parent. */
size_t mt_steps_deviations(const mt_cases *all, const mt_case_full *c, mt_cell cell);

/* mt_plans_make expands every case. */
void mt_plans_make(mt_cases *all);
#endif
