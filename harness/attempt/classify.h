// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ATTEMPT_CLASSIFY_H
#define MT_ATTEMPT_CLASSIFY_H
/* From what was seen on a connection to an outcome. Pure functions over plain facts: nothing here knows what was expected. */
#include "base/diag.h"
#include "http/http.h"
#include "net/conn.h"
#include "result/result.h"

/* What the user says counts as granted (--granted); the zero value: the rule of HTTP statuses. */
enum { MT_GRANTED_STATUSES = 16 };
typedef struct mt_granted {
    bool given;
    int statuses[MT_GRANTED_STATUSES];
    size_t statuses_len;
    const char *header, *value; /* a response header that must be there; value NULL: any */
    const char *marker;         /* text that the body must contain */
    bool any_reply;             /* any bytes after our request: for what is not HTTP */
} mt_granted;

/* mt_granted_parse reads `any-reply`, `200,204`, `header NAME: VALUE` or `body TEXT`; what is kept is in `arena`. */
MT_MUST_CHECK bool mt_granted_parse(const char *text, mt_arena *arena, mt_granted *out, mt_diag *d);

/* What the positive control got: a 3xx, 404 or other unclear status is served only if it equals this. status 0: unknown. */
typedef struct mt_answer {
    int status;
    const char *location; /* or NULL */
} mt_answer;

/* What the origin says it saw: a JSON member "verified", or the header X-Client-Verify. */
typedef enum mt_echo { MT_ECHO_NONE, MT_ECHO_VERIFIED, MT_ECHO_UNVERIFIED } mt_echo;
mt_echo mt_echo_of(const mt_http_response *r);

typedef enum mt_tls_end { MT_TLS_GOES_ON, MT_TLS_ALERT, MT_TLS_CLOSE_NOTIFY, MT_TLS_BROKEN, MT_TLS_DISTRUST } mt_tls_end;

/* What was seen until the attempt ended. */
typedef struct mt_evidence {
    bool connected;      /* TCP */
    bool opened;         /* both Finished: what is refused now is refused after the handshake */
    mt_tls_end tls;
    int alert;           /* MT_TLS_ALERT */
    bool ended;          /* the transport ended, by: */
    mt_net_end how;
    bool timed_out;      /* a deadline passed first */
    bool replied;        /* application bytes came after our request was written */
    const mt_http_response *http; /* NULL: the rule asks for any reply */
    const char *text;    /* why, when there is something to say */
} mt_evidence;

/* mt_classify says what happened. `outcome.text` is that of the evidence (borrowed). */
mt_outcome mt_classify(const mt_evidence *e, const mt_granted *granted, const mt_answer *control);

/* mt_answered is true once the response decides: refusing statuses at once, others when the rule or the echo needs no more. */
bool mt_answered(const mt_http_response *r, const mt_granted *granted);
#endif
