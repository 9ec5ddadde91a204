// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ATTEMPT_ATTEMPT_H
#define MT_ATTEMPT_ATTEMPT_H
/* One step: connect, handshake with a credential and edits, ask, and say what happened. The question is whether the
 * application was reached: what is judged is the reply to something that we sent after our Finished. Before the request a
 * server gets the settle time to speak first (in TLS 1.3 a client finishes before the server has judged), after a failed
 * write the read side is drained, and nothing waits for FIN. */
#include "attempt/classify.h"
#include "attempt/trust.h"
#include "engine/engine.h"

/* What all attempts on one target share. */
typedef struct mt_target {
    mt_loop *loop;
    const mt_address *address;
    const char *host;    /* of the Host header */
    unsigned port;
    const char *path, *sni;  /* sni NULL: none */
    mt_granted granted;
    mt_trust *trust;
    uint64_t timeout_us;     /* for each of: connect, handshake, answer */
    uint64_t settle_us;      /* before the request, when the server says nothing */
    void (*keylog)(void *self, const char *line); /* or NULL */
    void *keylog_self;
} mt_target;

typedef struct mt_step {
    const char *label;       /* the run's id */
    uint16_t version;
    bool sm2;                /* the hello is about SM2 (RFC 8998, TLCP), whatever the credential is */
    uint16_t suite;          /* the only one that is offered; 0: all of the version */
    mt_identity identity;
    const mt_edit *edits;
    size_t edits_len;
    const char *sni, *path;  /* NULL: the target's */
    mt_answer control;       /* what the control got, for unclear statuses */
    mt_jar *jar;
    const char *jar_name;
    const char *resume;      /* the step whose session (in the jar) is offered; NULL: none */
    bool ticket;             /* by its ticket; without a session: one is asked for */
    size_t padding;          /* of each of our TLS 1.3 records */
} mt_step;

/* What is worth knowing beside the outcome. Everything lives in the arena given to mt_attempt_start. */
typedef struct mt_attempt_facts {
    uint16_t version, suite, group; /* negotiated; 0: not reached */
    uint16_t peer_scheme;
    mt_key_kind server_key;
    bool requested, opened, resumed;
    const uint16_t *schemes;        /* of the CertificateRequest */
    size_t schemes_len;
    const uint8_t *types;
    size_t types_len;
    const mt_span *names;
    size_t names_len;
    const char *oddity;
    bool scheme_unoffered;          /* the request lists no scheme for our key; we signed all the same */
    const char *edit_missed;        /* an edit that found nothing to change: the lie was not told */
    size_t tickets;
    mt_echo echo;
    mt_answer answer;
    uint64_t rtt_us;                /* of the TCP handshake */
    uint64_t gap_us;                /* from our Finished to the first bytes that came behind it; 0: none before the request */
    uint64_t settled_us;            /* time spent waiting for the server to speak first */
} mt_attempt_facts;

typedef struct mt_attempt_result {
    mt_outcome outcome;
    mt_attempt_facts facts;
    mt_events events;
    uint64_t connect_us, handshake_us, total_us; /* 0: not reached */
} mt_attempt_result;

typedef struct mt_attempt mt_attempt;

/* mt_attempt_start begins. `done` is called once from the loop, with the result in `arena`; the attempt is then gone. */
typedef struct mt_attempt_asker {
    void (*done)(void *self, const mt_attempt_result *result);
    void *self;
    mt_arena *arena;
} mt_attempt_asker;
mt_attempt *mt_attempt_start(const mt_target *t, const mt_step *s, const mt_attempt_asker *asker);
/* mt_attempt_cancel ends it without calling `done`. */
void mt_attempt_cancel(mt_attempt *a);

/* mt_attempt_wait does one attempt and runs the loop until it is over. NULL: a signal came. */
const mt_attempt_result *mt_attempt_wait(const mt_target *t, const mt_step *s, mt_arena *arena);
#endif
