// SPDX-License-Identifier: Apache-2.0
#include "attempt/serve.h"

#include "attempt/serve_judge.h"
#include "attempt/trust.h"
#include "net/conn.h"
#include "wire/codes.h"

enum { TIMEOUT_US = 10 * 1000 * 1000, LINGER_US = 2 * 1000 * 1000, REQUESTS_MAX = 1000 /* of one connection */ };

typedef struct session {
    mt_server *server;
    mt_conn *conn;
    mt_engine *engine;
    mt_http_inbox *inbox;
    mt_timer *timer;
    const mt_judged *judged; /* NULL: no certificate */
    size_t requests;
    bool opened, leaving;    /* leaving: our last byte and FIN are on their way; the peer may read them */
    struct session *next, *before;
} session;

struct mt_server {
    mt_loop *loop;
    mt_serve_config config;
    mt_listener *listener;
    mt_bench *bench;
    mt_sessions *memory;
    mt_span *names; /* DER Names of the anchors */
    size_t names_len;
    mt_arena *arena;
    session *sessions;
};

bool mt_serve_fault(mt_serve_config *c, const char *name)
{
    uint64_t wire = mt_engine_fault_bit(name), path = mt_path_fault_bit(name) & ~mt_path_fault_bit("accept-other-host");
    c->wire_faults |= wire;
    c->path_faults |= path;
    return (wire | path) != 0;
}

static bool has_fault(const session *s, const char *name)
{
    return (s->server->config.wire_faults & mt_engine_fault_bit(name)) != 0;
}

static void set_deadline(session *s)
{
    mt_timer_set(s->timer, s->server->config.timeout_us);
}

static void unlink_session(session *s)
{
    if (s->before != NULL)
        s->before->next = s->next;
    else
        s->server->sessions = s->next;
    if (s->next != NULL)
        s->next->before = s->before;
}

/* The connection itself is closed by the caller. */
static void release(session *s)
{
    unlink_session(s);
    mt_bench_drop(s->server->bench, s->judged);
    mt_engine_free(s->engine);
    mt_http_inbox_free(s->inbox);
    mt_timer_free(s->timer);
    mt_free(s);
}

static void hang_up(session *s)
{
    mt_conn_close(s->conn);
    release(s);
}

static void flush(session *s)
{
    mt_span out = mt_engine_output(s->engine);
    mt_conn_write(s->conn, out);
    mt_engine_sent(s->engine, out.len);
}

/* FIN behind what was written. Closing at once could overtake it with a reset, when the peer has sent more than we read. */
static void leave(session *s)
{
    s->leaving = true;
    mt_conn_finish(s->conn);
    mt_timer_set(s->timer, LINGER_US);
}

/* ---- judging ---- */

static bool is_bad(const session *s)
{
    const mt_serve_config *c = &s->server->config;
    if (c->policy == MT_SERVE_REQUEST || c->policy == MT_SERVE_NONE)
        return false;
    return s->judged != NULL && !s->judged->verdict.ok;
}

/* Asked only where the engine lets everybody in and the answer is a status. */
static bool is_missing(const session *s)
{
    const mt_serve_config *c = &s->server->config;
    if (s->judged != NULL || has_fault(s, "skip-certificate-request"))
        return false;
    return c->policy == MT_SERVE_REQUIRED && !has_fault(s, "accept-missing-certificate");
}

static bool accepts(void *self, const mt_span *chain, size_t n, uint8_t *alert, char text[200])
{
    session *s = self;
    mt_bench_drop(s->server->bench, s->judged);
    s->judged = mt_bench_judge(s->server->bench, chain, n, mt_trust_use(mt_engine_info_of(s->engine)->suite));
    if (s->server->config.refuse == MT_SERVE_BY_HTTP || !is_bad(s))
        return true;
    *alert = s->judged->verdict.alert;
    snprintf(text, 200, "%s", s->judged->verdict.text);
    mt_bench_drop(s->server->bench, s->judged);
    s->judged = NULL; /* a session that is not taken up leaves no trace of its client */
    return false;
}

/* ---- one connection ---- */

static mt_engine *make_engine(session *s)
{
    static const mt_request requests[] = {
        [MT_SERVE_REQUIRED] = MT_REQUEST_REQUIRED, [MT_SERVE_OPTIONAL] = MT_REQUEST_OPTIONAL, [MT_SERVE_REQUEST] = MT_REQUEST_OPTIONAL,
        [MT_SERVE_NONE] = MT_REQUEST_NONE,
    };
    const mt_serve_config *c = &s->server->config;
    mt_engine_config e = {
        .role = MT_SERVER, .version = c->version, .alpn = "http/1.1", .identities = c->identities, .identities_len = c->identities_len,
        .request = requests[c->policy], .ca_names = s->server->names, .ca_names_len = s->server->names_len,
        .judge = {.accepts = accepts, .self = s},
        .sessions = s->server->memory, .faults = c->wire_faults, .quiet = c->refuse == MT_SERVE_SILENTLY,
    };
    if (c->refuse == MT_SERVE_BY_HTTP && e.request == MT_REQUEST_REQUIRED)
        e.request = MT_REQUEST_OPTIONAL;
    return mt_engine_new(&e);
}

static void answer(session *s, const mt_http_asked *asked)
{
    mt_writer out = {0};
    mt_http_asked given = *asked;
    bool refused = s->server->config.refuse == MT_SERVE_BY_HTTP && (is_bad(s) || is_missing(s));
    given.keep_alive = asked->keep_alive && !refused && ++s->requests < REQUESTS_MAX;
    mt_serve_reply r = {&given, s->judged, mt_engine_info_of(s->engine), refused ? 400 : 0};
    mt_serve_answer(&r, &out);
    mt_engine_write(s->engine, mt_written(&out));
    mt_writer_free(&out);
    set_deadline(s);
    if (given.keep_alive)
        return;
    mt_engine_close(s->engine);
    flush(s);
    leave(s);
}

static void take_requests(session *s)
{
    mt_span data = mt_engine_received(s->engine);
    mt_http_asked asked;
    mt_http_inbox_feed(s->inbox, data);
    mt_engine_read(s->engine, data.len);
    while (!s->leaving && mt_http_inbox_next(s->inbox, &asked))
        answer(s, &asked);
}

/* The engine has refused the client. `s` may be gone afterwards. */
static void refuse(session *s)
{
    mt_serve_refuse how = s->server->config.refuse;
    if (how == MT_SERVE_BY_RESET) {
        mt_conn_abort(s->conn);
        release(s);
        return;
    }
    if (how != MT_SERVE_BY_CLOSE)
        flush(s);
    leave(s);
}

static void go_on(session *s)
{
    const mt_engine_info *i = mt_engine_info_of(s->engine);
    if (i->end == MT_END_FAULT || i->end == MT_END_JUDGED) {
        refuse(s);
        return;
    }
    if (i->finished_received && !s->opened) {
        s->opened = true;
        set_deadline(s);
    }
    if (s->opened)
        take_requests(s);
    if (s->leaving)
        return;
    flush(s);
    if (i->phase == MT_PHASE_ENDED)
        leave(s);
}

static void on_data(void *self, mt_span bytes)
{
    session *s = self;
    if (s->leaving)
        return;
    mt_engine_feed(s->engine, bytes);
    go_on(s);
}

static void on_ended(void *self, mt_net_end how, const char *text)
{
    (void)how;
    (void)text;
    hang_up(self);
}

static void on_late(void *self)
{
    hang_up(self);
}

static void on_accepted(void *self, mt_conn *c)
{
    mt_server *server = self;
    session *s = mt_alloc(sizeof *s);
    s->server = server;
    s->conn = c;
    s->next = server->sessions;
    if (s->next != NULL)
        s->next->before = s;
    server->sessions = s;
    s->engine = make_engine(s);
    s->inbox = mt_http_inbox_new();
    s->timer = mt_timer_new(server->loop, on_late, s);
    set_deadline(s);
    mt_conn_events events = {.data = on_data, .ended = on_ended, .self = s};
    mt_conn_serve(c, &events);
}

/* ---- the server ---- */

static void name_anchors(mt_server *s)
{
    const mt_serve_config *c = &s->config;
    s->names = MT_ARENA_ARRAY(s->arena, mt_span, c->anchors_len);
    for (size_t i = 0; i < c->anchors_len; i++) {
        mt_described who;
        if (mt_certificate_describe(c->anchors[i], s->arena, &who))
            s->names[s->names_len++] = who.subject_name;
    }
}

mt_server *mt_server_start(mt_loop *l, const mt_serve_config *c, char error[200])
{
    mt_server *s = mt_alloc(sizeof *s);
    s->loop = l;
    s->config = *c;
    s->arena = mt_arena_new();
    if (s->config.timeout_us == 0)
        s->config.timeout_us = TIMEOUT_US;
    s->bench = mt_bench_new(&s->config);
    s->memory = mt_sessions_new();
    name_anchors(s);
    mt_listen_at at = {c->host ? c->host : "127.0.0.1", c->port, on_accepted, s};
    s->listener = mt_listen(l, &at, error);
    if (s->listener != NULL)
        return s;
    mt_server_stop(s);
    return NULL;
}

unsigned mt_server_port(const mt_server *s)
{
    return mt_listener_port(s->listener);
}

void mt_server_stop(mt_server *s)
{
    if (s == NULL)
        return;
    mt_listener_close(s->listener);
    while (s->sessions != NULL)
        hang_up(s->sessions);
    mt_bench_free(s->bench);
    mt_sessions_free(s->memory);
    mt_arena_free(s->arena);
    mt_free(s);
}
