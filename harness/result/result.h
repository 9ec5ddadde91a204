// SPDX-License-Identifier: Apache-2.0
#ifndef MT_RESULT_RESULT_H
#define MT_RESULT_RESULT_H
/* What was expected, what was observed, what it means: plain structs without behaviour, and a word for each value. All
 * strings are borrowed from the arena of the run that made the result. */
#include "base/mem.h"
#include "base/writer.h"

typedef enum mt_outcome_kind {
    MT_OUTCOME_NONE,
    MT_SERVED,
    MT_SERVED_ANONYMOUS, /* served, and the origin's echo says that no identity was verified */
    MT_REFUSED,
    MT_UNDECIDED,        /* an answer that judges nothing: 408 421 425 429 5xx, an unexpected redirect */
    MT_UNANSWERED,       /* the deadline passed without an answer */
    MT_UNREACHABLE,      /* no connection, or the name does not resolve */
    MT_GARBLED,          /* the peer broke the protocol: text says how */
    MT_DISTRUSTED        /* we ended it: the server's own certificate did not verify */
} mt_outcome_kind;

typedef enum mt_where { MT_NOWHERE, MT_IN_HANDSHAKE, MT_AFTER_HANDSHAKE, MT_IN_HTTP } mt_where;
typedef enum mt_manner { MT_NO_MANNER, MT_BY_ALERT, MT_BY_CLOSE, MT_BY_STATUS } mt_manner;
typedef enum mt_close { MT_NOT_CLOSED, MT_CLOSE_FIN, MT_CLOSE_NOTIFY, MT_CLOSE_RESET } mt_close;

typedef struct mt_outcome {
    mt_outcome_kind kind;
    mt_where where;     /* of a refusal */
    mt_manner manner;   /* of a refusal */
    int alert;          /* MT_BY_ALERT */
    mt_close close;     /* MT_BY_CLOSE */
    int status;         /* HTTP status, 0 without */
    const char *text;   /* detail for people, or NULL */
} mt_outcome;

/* mt_outcome_write appends "refused in the handshake, alert unknown_ca(48)", "served, HTTP 200", ... */
void mt_outcome_write(const mt_outcome *o, mt_writer *out);
bool mt_outcome_same(const mt_outcome *a, const mt_outcome *b); /* kind, where, manner, alert, close, status */

typedef enum mt_verdict {
    MT_PASS, MT_FAIL, MT_INCONCLUSIVE, MT_UNSUPPORTED, MT_SKIPPED, MT_ERROR, MT_KNOWN /* a deviation that the baseline lists */,
    MT_VERDICTS
} mt_verdict;
/* Each value has one word, used in both directions: "pass" "fail" ...; "served" "served-anonymous" "refused" ...; "handshake"
 * "after-handshake" "http"; "alert" "closed" "status"; "fin" "close_notify" "reset". The word of the zero value of where, manner
 * and close is "none". The find functions are false for an unknown word and then leave `out` alone. */
const char *mt_verdict_name(mt_verdict v);
const char *mt_outcome_kind_name(mt_outcome_kind k);
const char *mt_where_name(mt_where w);
const char *mt_manner_name(mt_manner m);
const char *mt_close_name(mt_close c);
MT_MUST_CHECK bool mt_verdict_find(const char *name, mt_verdict *out);
MT_MUST_CHECK bool mt_outcome_kind_find(const char *name, mt_outcome_kind *out);
MT_MUST_CHECK bool mt_where_find(const char *name, mt_where *out);

/* One line of a transcript: who said what, when. */
typedef struct mt_event {
    uint64_t us;        /* since the connection was begun */
    char who;           /* '>' we sent, '<' we received, '.' remark */
    const char *what;   /* "certificate_verify" */
    const char *detail; /* its fields by name, or NULL */
} mt_event;

typedef struct mt_events {
    mt_event *rows;
    size_t len, cap;
} mt_events;

typedef struct mt_step_result {
    const char *expected;  /* in words */
    mt_outcome observed;
    const char *sent;      /* credential and edits in words */
    mt_outcome *tries;     /* all tries, the counted one last */
    size_t tries_len;
    mt_events events;
    const char *protocol, *suite, *group; /* negotiated; NULL: not reached */
    bool resumed;          /* a session was taken up: no certificate went over the wire */
    uint64_t connect_us, handshake_us, total_us;
} mt_step_result;

typedef struct mt_result {
    const char *id;        /* suite/case/cell */
    const char *suite;     /* server/possession */
    const char *name;      /* case/cell */
    const char *title, *level; /* "must" "should" "info" */
    const char *const *clauses;
    size_t clauses_len;
    const char *catalogue; /* rows, comma separated */
    const char *file;      /* case file, and the case's line in it */
    int line;
    mt_verdict verdict;
    const char *type;      /* JUnit type: expectation.verdict, expectation.manner, infrastructure.timeout, inconclusive.twin,
                              known-deviation, unsupported, skipped; NULL for a pass */
    const char *message;   /* one line, at most 200 characters; NULL for a pass */
    const char *const *notes;
    size_t notes_len;
    const mt_step_result *steps;
    size_t steps_len;
    const char *likely;    /* one sentence of likely cause, or NULL */
    const char *by_hand;   /* an openssl s_client line that shows the same, or NULL */
    const char *again;     /* the mtlspec line that runs this again */
    const char *twin;      /* id of the twin's run and its outcome, or NULL */
    bool flaky;
    uint64_t total_us;
} mt_result;

typedef struct mt_summary {
    const char *tool, *openssl; /* versions */
    const char *target;         /* URL as given */
    const char *address;        /* "127.0.0.1:8443" */
    const char *policy;         /* declared */
    const char *survey;         /* lines of what the survey saw */
    const char *sentence;       /* the run in one sentence; set at the end */
    const char *warning;        /* e.g. "policy not checked: detect" or NULL */
    const char *command;        /* command line without secrets */
    char started[20];           /* UTC, 2026-11-21T19:30:05 */
    size_t planned;             /* runs */
    size_t counts[MT_VERDICTS];
    size_t internal;            /* errors that are ours (type internal.*), among counts[MT_ERROR] */
    size_t cases;
    uint64_t total_us, waiting_us;
    bool interrupted;
    int exit_code;
} mt_summary;
size_t mt_summary_runs(const mt_summary *s); /* sum of the counts */
#endif
