// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ATTEMPT_SERVE_H
#define MT_ATTEMPT_SERVE_H
/* A server of our own: the engine in its other role, client chains judged by mt_path_verify, and every request answered with the
 * identity that was seen. TLCP sessions are taken up again, by id and by ticket. Honest unless it is given faults. It serves any
 * number of connections on the caller's loop. */
#include "engine/engine.h"
#include "net/loop.h"

/* Beside what the policy says of a chain, possession of its key is always checked. */
typedef enum mt_serve_policy {
    MT_SERVE_REQUIRED, /* a certificate must come, and it must be good */
    MT_SERVE_OPTIONAL, /* none may come; one that comes must be good */
    MT_SERVE_REQUEST,  /* asked for; the judgement is told in the answer and changes nothing */
    MT_SERVE_NONE      /* not asked for */
} mt_serve_policy;

/* How a client is refused. */
typedef enum mt_serve_refuse {
    MT_SERVE_BY_ALERT,
    MT_SERVE_BY_HTTP,  /* what the policy refuses gets status 400 after a whole handshake (as nginx does it) */
    MT_SERVE_BY_CLOSE, /* FIN without an alert */
    MT_SERVE_BY_RESET,
    MT_SERVE_SILENTLY  /* close_notify without saying why (as s2n-tls does it) */
} mt_serve_refuse;

/* What is pointed to must outlive the server. */
typedef struct mt_serve_config {
    const char *host;             /* address to listen on; NULL: 127.0.0.1 */
    unsigned port;                /* 0: the kernel chooses */
    const mt_identity *identities;/* certificates side by side */
    size_t identities_len;
    const mt_span *anchors;       /* DER roots for client chains; their names are listed in CertificateRequest */
    size_t anchors_len;
    mt_serve_policy policy;
    mt_serve_refuse refuse;
    uint16_t version;             /* the only one; 0: all that the identities serve */
    uint64_t wire_faults;         /* mt_engine_fault_bit */
    uint64_t path_faults;         /* mt_path_fault_bit */
    uint64_t timeout_us;          /* for the handshake, and for each request; 0: ten seconds */
} mt_serve_config;

/* mt_serve_fault adds the fault called `name`, of either kind, to `c`. False: there is none, or it is one of clients, who judge
 * the host. */
MT_MUST_CHECK bool mt_serve_fault(mt_serve_config *c, const char *name);

typedef struct mt_server mt_server;
/* mt_server_start copies the struct. NULL: `error` says why it cannot listen. */
mt_server *mt_server_start(mt_loop *l, const mt_serve_config *c, char error[200]);
unsigned mt_server_port(const mt_server *s);
/* mt_server_stop closes all connections and frees. NULL is legal. */
void mt_server_stop(mt_server *s);
#endif
