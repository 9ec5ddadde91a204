// SPDX-License-Identifier: Apache-2.0
#ifndef MT_NET_CONN_H
#define MT_NET_CONN_H
/* Byte streams over TCP. What was received before a failure is always handed out before the failure is; a failed write does
 * not end reading, because the reason of a refusal may still be on its way in. */
#include "net/address.h"

typedef struct mt_conn mt_conn;

typedef enum mt_net_end {
    MT_NET_FIN,
    MT_NET_RESET,  /* or the end of a stream on which a write was already refused with a reset */
    MT_NET_ERROR   /* anything else; before `connected`: no connection came about */
} mt_net_end;

typedef struct mt_conn_events {
    void (*connected)(void *self);                                 /* once; not for accepted connections */
    void (*data)(void *self, mt_span bytes);                       /* valid during the call */
    void (*ended)(void *self, mt_net_end how, const char *text);   /* once: nothing more will be received */
    void (*write_failed)(void *self, const char *text);            /* at most once; reading goes on. NULL: not wanted */
    void *self;
} mt_conn_events;

/* mt_conn_open starts to connect. */
mt_conn *mt_conn_open(mt_loop *l, const mt_address *to, const mt_conn_events *events);
/* mt_conn_write copies and sends; after `ended` or a failed write it does nothing. */
void mt_conn_write(mt_conn *c, mt_span bytes);
/* mt_conn_finish sends FIN behind what was written; reading goes on. */
void mt_conn_finish(mt_conn *c);
/* mt_conn_close ends and frees the connection; no callback comes any more. NULL is legal. */
void mt_conn_close(mt_conn *c);
/* mt_conn_abort does the same with a reset: what was not sent yet is lost, and the peer's system is told at once. */
void mt_conn_abort(mt_conn *c);

typedef struct mt_listener mt_listener;
/* mt_listen accepts connections on `host` (an address) and `port` (0: the kernel chooses). Each is handed to `accepted`, which
 * has to call mt_conn_serve or mt_conn_close. NULL: `error` says why. */
typedef struct mt_listen_at {
    const char *host;
    unsigned port;
    void (*accepted)(void *self, mt_conn *c);
    void *self;
} mt_listen_at;
mt_listener *mt_listen(mt_loop *l, const mt_listen_at *at, char error[200]);
unsigned mt_listener_port(const mt_listener *s);
void mt_listener_close(mt_listener *s);
/* mt_conn_serve starts reading from an accepted connection. */
void mt_conn_serve(mt_conn *c, const mt_conn_events *events);
#endif
