// SPDX-License-Identifier: Apache-2.0
#include "engine/resume.h"

#include "engine/state.h"

/* ---- both ---- */

static void go_on_with(mt_engine *e, const mt_session *s, const char *by)
{
    mt_use_suite(e, s->suite);
    memcpy(e->secrets.master, s->master.at, MT_MASTER_LEN);
    mt_keylog(e, "CLIENT_RANDOM", s->master);
    e->info.resumed = true;
    mt_trace_remark(e, '.', "session", "taken up by its %s", by);
    mt_flow_resume(e);
}

/* ---- the client ---- */

static const char *jar_name(mt_engine *e, const char *step)
{
    return mt_arena_printf(e->arena, "%s.session", step);
}

static bool find_kept(mt_engine *e, mt_session *out)
{
    mt_span bytes;
    if (e->c.jar == NULL || e->c.resume == NULL || !mt_jar_get(e->c.jar, jar_name(e, e->c.resume), &bytes))
        return false;
    return mt_session_read(bytes, e->arena, out);
}

/* All that is known of it so far, also of a handshake that the server goes on to refuse. */
static void put_in_jar(mt_engine *e)
{
    if (e->c.jar == NULL || e->c.jar_name == NULL)
        return;
    mt_writer bytes = {0};
    mt_session s = {.id = e->session_id, .ticket = e->ticket, .suite = e->suite->code,
        .master = mt_span_of(e->secrets.master, MT_MASTER_LEN)};
    mt_session_write(&s, &bytes);
    mt_jar_put(e->c.jar, jar_name(e, e->c.jar_name), mt_written(&bytes));
    mt_writer_free(&bytes);
}

void mt_session_offer(mt_engine *e, mt_client_hello *h)
{
    mt_session *s = &e->offered;
    bool found = find_kept(e, s);
    if (e->c.ticket) {
        h->extensions.ticket = s->ticket;
        mt_extension_add(&h->extensions, MT_EXT_SESSION_TICKET);
    }
    mt_span what = e->c.ticket ? s->ticket : s->id;
    if (what.len != 0) /* with a ticket an id of our own, which a server that takes it sends back (RFC 5077 3.4) */
        h->session_id = e->c.ticket ? mt_random_span(e, MT_SESSION_ID) : s->id;
    else if (e->c.resume != NULL)
        mt_trace_remark(e, '.', "session", "%s left no %s: none is offered", e->c.resume,
            !found ? "session" : e->c.ticket ? "ticket" : "id");
}

void mt_session_answered(mt_engine *e, const mt_server_hello *h)
{
    bool taken = e->hello.session_id.len != 0 && mt_span_equal(h->session_id, e->hello.session_id);
    e->session_id = h->session_id;
    if (!taken)
        return;
    if (h->suite != e->offered.suite) {
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "the server takes up a session of suite 0x%04x under 0x%04x", e->offered.suite, h->suite);
        return;
    }
    e->ticket = e->offered.ticket;
    go_on_with(e, &e->offered, e->c.ticket ? "ticket" : "id");
    put_in_jar(e);
}

void mt_read_ticket_row(mt_engine *e, const mt_msg *m)
{
    e->info.tickets++;
    e->ticket = m->as.new_session_ticket.ticket;
    put_in_jar(e);
}

/* ---- the server: may it be taken up? ---- */

/* RFC 6066 3: not under another name than it was made for. */
static bool fits_hello(const mt_engine *e, const mt_session *s, const mt_client_hello *h)
{
    bool name = mt_span_equal(s->sni, h->extensions.server_name) || mt_has_fault(e, MT_RESUME_ON_OTHER_NAME);
    return name && mt_u16s_has(h->suites, s->suite) && mt_suite_offered(e, mt_suite_find(s->suite));
}

/* The policy holds for a session as for a certificate, and the chain is judged again: it may have expired. */
static bool client_is_welcome(mt_engine *e, const mt_session *s)
{
    uint8_t alert;
    char text[200];
    if (s->chain_len == 0)
        return e->c.request != MT_REQUEST_REQUIRED || mt_has_fault(e, MT_RESUME_WITHOUT_CERTIFICATE);
    if (mt_has_fault(e, MT_FORGET_CLIENT) || mt_has_fault(e, MT_RESUME_REFUSED_CERTIFICATE))
        return true;
    mt_use_suite(e, s->suite); /* what the chain is for depends on it */
    return e->c.judge.accepts == NULL || e->c.judge.accepts(e->c.judge.self, s->chain, s->chain_len, &alert, text);
}

/* What the hello offers, if we know it. The bytes are ours to keep. */
static bool find_offered(mt_engine *e, const mt_client_hello *h, mt_session *out)
{
    mt_writer plain = {0};
    mt_span bytes = {0};
    bool found = false;
    if (h->extensions.ticket.len != 0)
        found = mt_sessions_open(e->c.sessions, h->extensions.ticket, mt_has_fault(e, MT_ACCEPT_FORGED_TICKET), &plain);
    else if (mt_sessions_find(e->c.sessions, h->session_id, &bytes)) {
        found = true;
        mt_write_bytes(&plain, bytes);
    }
    bytes = mt_keep(e, &plain);
    return found && mt_session_read(bytes, e->arena, out);
}

static void know_client(mt_engine *e, const mt_session *s)
{
    if (mt_has_fault(e, MT_FORGET_CLIENT))
        return;
    e->info.peer_chain = s->chain;
    e->info.peer_chain_len = s->chain_len;
    e->info.peer_proved = s->chain_len != 0;
}

static void plan_session(mt_engine *e, const mt_client_hello *h)
{
    e->ticket_due = mt_extension_has(&h->extensions, MT_EXT_SESSION_TICKET);
    e->session_id = mt_random_span(e, MT_SESSION_ID);
}

bool mt_session_take_up(mt_engine *e, const mt_client_hello *h)
{
    mt_session s;
    e->session_id = (mt_span){0};
    if (e->c.sessions == NULL)
        return false;
    bool offered = h->session_id.len != 0 || h->extensions.ticket.len != 0, known = find_offered(e, h, &s);
    if (known && fits_hello(e, &s, h) && client_is_welcome(e, &s)) {
        e->session_id = h->session_id;
        know_client(e, &s);
        go_on_with(e, &s, h->extensions.ticket.len != 0 ? "ticket" : "id");
        return true;
    }
    if (offered && !known && mt_has_fault(e, MT_REFUSE_UNKNOWN_SESSION))
        mt_fail(e, MT_ALERT_HANDSHAKE_FAILURE, "a session is offered that we do not know (over-strict)");
    plan_session(e, h);
    return mt_ended(e);
}

/* ---- the server: what it tells and keeps ---- */

/* A session with a ticket has no id that anybody is told. */
void mt_session_answer(mt_engine *e, mt_server_hello *h)
{
    if (e->ticket_due)
        mt_extension_add(&h->extensions, MT_EXT_SESSION_TICKET);
    else
        h->session_id = e->session_id;
}

static mt_session session_of(const mt_engine *e)
{
    return (mt_session){.id = e->session_id, .suite = e->suite->code, .master = mt_span_of(e->secrets.master, MT_MASTER_LEN),
        .sni = e->hello.extensions.server_name, .chain = e->info.peer_chain, .chain_len = e->info.peer_chain_len};
}

mt_need mt_need_ticket(const mt_engine *e)
{
    if (e->c.role == MT_CLIENT)
        return MT_MAY;
    return e->ticket_due ? MT_MUST : MT_ABSENT;
}

void mt_write_ticket_row(mt_engine *e, mt_msg *m)
{
    mt_writer ticket = {0};
    mt_session s = session_of(e);
    if (!mt_sessions_seal(e->c.sessions, &s, &ticket))
        mt_trace_remark(e, '.', "new_session_ticket", "the session is too long for a ticket");
    m->as.new_session_ticket.ticket = mt_keep(e, &ticket);
}

static void remember(mt_engine *e)
{
    mt_session s = session_of(e);
    if (e->c.sessions != NULL && !e->ticket_due)
        mt_sessions_keep(e->c.sessions, &s);
}

void mt_session_begun(mt_engine *e)
{
    mt_tls12_master(e);
    if (e->c.role == MT_CLIENT)
        put_in_jar(e);
    else if (mt_has_fault(e, MT_RESUME_UNPROVED))
        remember(e);
}

void mt_session_done(mt_engine *e)
{
    if (e->c.role == MT_SERVER)
        remember(e);
    if (e->late_text != NULL)
        mt_refuse(e, e->late_alert, e->late_text);
}

void mt_session_broken(mt_engine *e)
{
    bool lax = mt_has_fault(e, MT_RESUME_UNPROVED) || e->late_text != NULL;
    if (e->c.role == MT_SERVER && e->c.sessions != NULL && e->protocol->resumption != NULL && !lax)
        mt_sessions_forget(e->c.sessions, e->session_id);
}
