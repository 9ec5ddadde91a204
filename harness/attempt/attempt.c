// SPDX-License-Identifier: Apache-2.0
#include "attempt/attempt.h"

#include "wire/codes.h"

typedef enum stage { CONNECTING, SHAKING, SETTLING, ASKED } stage;

static const char *const late_texts[] = {
    [CONNECTING] = "no connection in time", [SHAKING] = "no answer in the handshake in time",
    [SETTLING] = "no answer after the handshake in time", [ASKED] = "no answer to the request in time",
};

struct mt_attempt {
    mt_target target;
    mt_step step;
    uint16_t suites[2]; /* of a step that names one */
    mt_attempt_asker asker;
    mt_conn *conn;
    mt_engine *engine;
    mt_http *http;
    mt_timer *deadline, *settle;
    stage stage;
    mt_evidence evidence;
    mt_attempt_result *result;
    mt_events events;  /* rows are copied to the arena at the end */
    uint64_t begun, finished_at, settling_since;
};

static uint64_t since(const mt_attempt *a, uint64_t us)
{
    return mt_loop_now_us(a->target.loop) - us;
}

static void add_event(mt_attempt *a, char who, const char *what, const char *detail)
{
    MT_GROW(a->events.rows, a->events.len, a->events.cap);
    a->events.rows[a->events.len++] = (mt_event){.us = since(a, a->begun), .who = who, .what = mt_arena_strdup(a->asker.arena, what),
        .detail = mt_arena_strdup(a->asker.arena, detail)};
}

static void take_trace(mt_attempt *a)
{
    mt_trace_line line;
    while (mt_engine_trace_next(a->engine, &line))
        add_event(a, line.who, line.what, line.detail);
}

static void release(mt_attempt *a)
{
    mt_conn_close(a->conn);
    mt_engine_free(a->engine);
    mt_http_free(a->http);
    mt_timer_free(a->deadline);
    mt_timer_free(a->settle);
    mt_free(a->events.rows);
    mt_free(a);
}

void mt_attempt_cancel(mt_attempt *a)
{
    release(a);
}

/* ---- the result ---- */

static const mt_span *copy_spans(mt_arena *arena, const mt_span *from, size_t n)
{
    mt_span *to = MT_ARENA_ARRAY(arena, mt_span, n);
    for (size_t i = 0; i < n; i++)
        to[i] = mt_span_of(mt_arena_copy(arena, from[i].at, from[i].len), from[i].len);
    return to;
}

static void take_request(mt_attempt_facts *f, const mt_engine_info *i, mt_arena *arena)
{
    f->requested = i->requested;
    f->schemes = mt_arena_copy(arena, i->request_schemes, i->request_schemes_len * sizeof *i->request_schemes);
    f->schemes_len = i->request_schemes_len;
    f->types = mt_arena_copy(arena, i->request_types, i->request_types_len);
    f->types_len = i->request_types_len;
    f->names = copy_spans(arena, i->request_names, i->request_names_len);
    f->names_len = i->request_names_len;
    f->oddity = mt_arena_strdup(arena, i->request_oddity);
    f->scheme_unoffered = i->scheme_unoffered;
    f->edit_missed = mt_arena_strdup(arena, i->edit_missed);
}

static void take_facts(mt_attempt *a)
{
    mt_attempt_facts *f = &a->result->facts;
    const mt_engine_info *i = mt_engine_info_of(a->engine);
    f->version = i->version;
    f->suite = i->suite;
    f->group = i->group;
    f->peer_scheme = i->peer_scheme;
    f->server_key = i->peer_key;
    f->opened = a->evidence.opened;
    f->tickets = i->tickets;
    f->resumed = i->resumed;
    take_request(f, i, a->asker.arena);
}

static void take_answer(mt_attempt *a)
{
    const mt_http_response *r = mt_http_response_of(a->http);
    mt_attempt_facts *f = &a->result->facts;
    if (!r->has_head)
        return;
    f->echo = mt_echo_of(r);
    f->answer = (mt_answer){r->status, mt_arena_strdup(a->asker.arena, mt_http_find(r, "Location"))};
}

/* Says good bye where the engine still can, and hands the result over. `a` is gone afterwards. */
static void finish(mt_attempt *a)
{
    mt_attempt_asker asker = a->asker;
    mt_attempt_result *result = a->result;
    if (a->engine != NULL) {
        mt_engine_close(a->engine);
        mt_conn_write(a->conn, mt_engine_output(a->engine));
        take_facts(a);
        take_answer(a);
        take_trace(a);
    }
    result->outcome = mt_classify(&a->evidence, &a->target.granted, &a->step.control);
    result->outcome.text = mt_arena_strdup(asker.arena, result->outcome.text);
    result->total_us = since(a, a->begun);
    result->events = (mt_events){.rows = mt_arena_copy(asker.arena, a->events.rows, a->events.len * sizeof *a->events.rows),
        .len = a->events.len, .cap = a->events.len};
    release(a);
    asker.done(asker.self, result);
}

/* ---- going on ---- */

static void enter(mt_attempt *a, stage s)
{
    a->stage = s;
    mt_timer_set(a->deadline, a->target.timeout_us);
}

static void flush(mt_attempt *a)
{
    mt_span out = mt_engine_output(a->engine);
    mt_conn_write(a->conn, out);
    mt_engine_sent(a->engine, out.len);
}

static void ask(mt_attempt *a)
{
    mt_writer request = {0};
    mt_http_request r = {.path = a->step.path ? a->step.path : a->target.path, .host = a->target.host, .port = a->target.port,
        .label = a->step.label};
    mt_http_request_write(&r, &request);
    a->result->facts.settled_us = since(a, a->settling_since);
    mt_timer_clear(a->settle);
    enter(a, ASKED);
    add_event(a, '>', "request", mt_arena_printf(a->asker.arena, "GET %s", r.path));
    mt_engine_write(a->engine, mt_written(&request));
    mt_writer_free(&request);
}

/* A server whose Finished comes last (TLS 1.2) has judged: there is nothing to wait for. */
static void open_up(mt_attempt *a, const mt_engine_info *i)
{
    a->evidence.opened = true;
    a->result->handshake_us = since(a, a->begun) - a->result->connect_us;
    a->settling_since = mt_loop_now_us(a->target.loop);
    if (i->peer_finished_last) {
        ask(a);
        return;
    }
    enter(a, SETTLING);
    mt_timer_set(a->settle, a->target.settle_us);
}

static void take_data(mt_attempt *a)
{
    mt_span data = mt_engine_received(a->engine);
    const mt_http_response *r = mt_http_response_of(a->http);
    bool had_head = r->has_head;
    if (data.len == 0)
        return;
    if (a->stage == ASKED) {
        a->evidence.replied = true;
        mt_http_feed(a->http, data);
    }
    mt_engine_read(a->engine, data.len);
    if (r->has_head && !had_head)
        add_event(a, '<', "response", mt_arena_printf(a->asker.arena, "HTTP %d", r->status));
}

static mt_tls_end end_of(const mt_engine_info *i)
{
    static const mt_tls_end ends[] = {
        [MT_END_NONE] = MT_TLS_GOES_ON, [MT_END_ALERT_RECEIVED] = MT_TLS_ALERT, [MT_END_CLOSE_NOTIFY] = MT_TLS_CLOSE_NOTIFY,
        [MT_END_TRANSPORT] = MT_TLS_GOES_ON, [MT_END_FAULT] = MT_TLS_BROKEN, [MT_END_JUDGED] = MT_TLS_DISTRUST,
    };
    return ends[i->end];
}

/* True once the attempt is decided. */
static bool look(mt_attempt *a)
{
    mt_evidence *e = &a->evidence;
    const mt_engine_info *i = mt_engine_info_of(a->engine);
    e->tls = end_of(i);
    e->opened = e->opened || (i->finished_sent && i->finished_received); /* also when the close came in the same read */
    e->alert = i->alert_received;
    if (e->tls == MT_TLS_BROKEN || e->tls == MT_TLS_DISTRUST)
        e->text = i->fault;
    if (e->tls == MT_TLS_CLOSE_NOTIFY || e->ended)
        mt_http_feed_end(a->http);
    e->http = a->target.granted.any_reply ? NULL : mt_http_response_of(a->http);
    bool answered = e->http ? mt_answered(e->http, &a->target.granted) : e->replied;
    return answered || e->tls != MT_TLS_GOES_ON || e->ended || e->timed_out;
}

static void go_on(mt_attempt *a)
{
    take_trace(a);
    const mt_engine_info *i = mt_engine_info_of(a->engine);
    if (i->finished_sent && a->finished_at == 0)
        a->finished_at = mt_loop_now_us(a->target.loop);
    if (a->stage == SHAKING && i->phase == MT_PHASE_OPEN)
        open_up(a, i);
    take_data(a);
    flush(a);
    if (look(a))
        finish(a);
}

/* ---- what the loop tells ---- */

/* What the server's certificates are for depends on the suite, which is chosen by now. */
static bool accepts(void *self, const mt_span *chain, size_t n, uint8_t *alert, char text[200])
{
    const mt_attempt *a = self;
    mt_trust_asked asked = {chain, n, mt_trust_use(mt_engine_info_of(a->engine)->suite)};
    return mt_trust_accepts(a->target.trust, &asked, alert, text);
}

static mt_engine *engine_of(mt_attempt *a)
{
    const mt_target *t = &a->target;
    a->suites[0] = a->step.suite;
    mt_engine_config c = {
        .role = MT_CLIENT, .version = a->step.version, .offer = a->step.sm2 ? MT_OFFER_SM2 : MT_OFFER_USUAL,
        .suites = a->step.suite ? a->suites : NULL, .sni = a->step.sni ? a->step.sni : t->sni, .alpn = "http/1.1",
        .identity = a->step.identity, .edits = a->step.edits, .edits_len = a->step.edits_len, .keylog = t->keylog,
        .keylog_self = t->keylog_self, .jar = a->step.jar, .jar_name = a->step.jar_name,
        .resume = a->step.resume, .ticket = a->step.ticket, .padding = a->step.padding,
    };
    if (t->granted.any_reply || a->step.version == MT_TLCP) /* some servers of TLCP refuse extensions that they do not know */
        c.alpn = NULL;
    if (t->trust != NULL)
        c.judge = (mt_judge){accepts, a};
    return mt_engine_new(&c);
}

static void on_connected(void *self)
{
    mt_attempt *a = self;
    a->evidence.connected = true;
    a->result->connect_us = a->result->facts.rtt_us = since(a, a->begun);
    a->engine = engine_of(a);
    enter(a, SHAKING);
    go_on(a);
}

static void on_data(void *self, mt_span bytes)
{
    mt_attempt *a = self;
    bool spoke_first = a->stage == SETTLING;
    if (spoke_first)
        a->result->facts.gap_us = since(a, a->finished_at);
    mt_engine_feed(a->engine, bytes);
    if (spoke_first && mt_engine_info_of(a->engine)->phase == MT_PHASE_OPEN) {
        take_data(a); /* a greeting is no answer */
        ask(a);
    }
    go_on(a);
}

static void on_ended(void *self, mt_net_end how, const char *text)
{
    mt_attempt *a = self;
    a->evidence.ended = true;
    a->evidence.how = how;
    a->evidence.text = text;
    if (a->engine == NULL) {
        finish(a);
        return;
    }
    add_event(a, '.', how == MT_NET_FIN ? "FIN" : how == MT_NET_RESET ? "reset" : text, NULL);
    mt_engine_feed_end(a->engine);
    go_on(a);
}

static void on_write_failed(void *self, const char *text)
{
    add_event(self, '.', "a write failed; reading goes on", text);
}

static void on_late(void *self)
{
    mt_attempt *a = self;
    a->evidence.timed_out = true;
    a->evidence.text = late_texts[a->stage];
    finish(a);
}

static void on_settled(void *self)
{
    mt_attempt *a = self;
    ask(a);
    go_on(a);
}

mt_attempt *mt_attempt_start(const mt_target *t, const mt_step *s, const mt_attempt_asker *asker)
{
    mt_attempt *a = mt_alloc(sizeof *a);
    a->target = *t;
    a->step = *s;
    a->asker = *asker;
    a->result = MT_ARENA_NEW(asker->arena, mt_attempt_result);
    a->http = mt_http_new();
    a->begun = mt_loop_now_us(t->loop);
    a->deadline = mt_timer_new(t->loop, on_late, a);
    a->settle = mt_timer_new(t->loop, on_settled, a);
    enter(a, CONNECTING);
    mt_conn_events events = {on_connected, on_data, on_ended, on_write_failed, a};
    a->conn = mt_conn_open(t->loop, t->address, &events);
    return a;
}

/* ---- one at a time ---- */

typedef struct waiting {
    const mt_attempt_result *result;
    bool done;
} waiting;

static void on_done(void *self, const mt_attempt_result *result)
{
    waiting *w = self;
    w->result = result;
    w->done = true;
}

const mt_attempt_result *mt_attempt_wait(const mt_target *t, const mt_step *s, mt_arena *arena)
{
    waiting w = {0};
    mt_attempt_asker asker = {on_done, &w, arena};
    mt_attempt *a = mt_attempt_start(t, s, &asker);
    if (!mt_loop_until(t->loop, &w.done) && !w.done) {
        mt_attempt_cancel(a);
        return NULL;
    }
    return w.result;
}
