// SPDX-License-Identifier: Apache-2.0
#include "engine/exchange_way.h"
#include "engine/resume.h"
#include "engine/state.h"

enum { WARNING = 1, FATAL = 2 };

/* ---- out ---- */

static uint16_t record_version(mt_engine *e)
{
    bool first = !e->hello_sent && e->c.role == MT_CLIENT;
    e->hello_sent = true;
    return first ? e->protocol->first_record_version : e->protocol->wire_version;
}

static void send_one(mt_engine *e, uint8_t type, mt_span plain)
{
    bool clear = e->writing == NULL || (type == MT_CHANGE_CIPHER_SPEC && e->protocol->ignores_ccs);
    if (clear)
        mt_record_write(&e->out, type, record_version(e), plain);
    else
        mt_protect(e->writing, &e->out, type, plain, e->c.padding);
}

void mt_send(mt_engine *e, uint8_t type, mt_span plain, size_t fragment)
{
    size_t room = MT_RECORD_PLAIN_MAX - (e->c.padding < MT_RECORD_PLAIN_MAX ? e->c.padding : 0);
    size_t step = fragment != 0 && fragment < room ? fragment : room;
    do {
        send_one(e, type, mt_span_first(plain, step));
        plain = mt_span_skip(plain, step);
    } while (plain.len != 0);
}

void mt_flush_held(mt_engine *e)
{
    if (e->held.len != 0)
        mt_send(e, MT_HANDSHAKE, mt_written(&e->held), 0);
    mt_writer_clear(&e->held);
}

void mt_send_alert(mt_engine *e, uint8_t level, uint8_t code)
{
    uint8_t body[2] = {level, code};
    mt_flush_held(e);
    mt_send(e, MT_ALERT, mt_span_of(body, 2), 0);
    const char *name = mt_code_name(&mt_alerts, code);
    mt_trace_remark(e, '>', "alert", "%s %s(%u)", level == FATAL ? "fatal" : "warning", name ? name : "unknown", code);
}

void mt_set_writing(mt_engine *e, mt_protection *p)
{
    if (p != NULL)
        mt_flush_held(e);
    mt_protection_free(e->writing);
    e->writing = p;
}

void mt_set_reading(mt_engine *e, mt_protection *p)
{
    /* RFC 8446 5.1: handshake messages do not span key changes. */
    if (p != NULL && e->messages.len != 0)
        mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "a handshake message spans a change of keys");
    mt_protection_free(e->reading);
    e->reading = p;
}

/* ---- in ---- */

/* A peer that never comes to an end of messages, alerts or change_cipher_specs is cut short: all of them are kept. */
static bool take_one_more(mt_engine *e)
{
    if (++e->taken <= MT_TAKEN_MAX)
        return true;
    mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "more than %d messages on one connection", MT_TAKEN_MAX);
    return false;
}

static void take_warning(mt_engine *e, uint8_t code)
{
    if (code == MT_ALERT_CLOSE_NOTIFY) {
        e->info.end = MT_END_CLOSE_NOTIFY;
        e->info.phase = MT_PHASE_ENDED;
    } else if (++e->warnings > MT_WARNINGS_MAX) {
        mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "more than %d warning alerts", MT_WARNINGS_MAX);
    }
}

static void take_alert(mt_engine *e, mt_span body)
{
    if (body.len != 2) {
        mt_fail(e, MT_ALERT_DECODE_ERROR, "an alert of %zu bytes", body.len);
        return;
    }
    uint8_t level = body.at[0], code = body.at[1];
    const char *name = mt_code_name(&mt_alerts, code);
    mt_trace_remark(e, '<', "alert", "%s %s(%u)", level == FATAL ? "fatal" : "warning", name ? name : "unknown", code);
    /* RFC 8446 6: where the level means nothing only closure alerts do not end it with an error. */
    bool closure = code == MT_ALERT_CLOSE_NOTIFY || code == MT_ALERT_USER_CANCELED;
    if (closure || (level == WARNING && e->protocol->has_warnings)) {
        take_warning(e, code);
        return;
    }
    e->info.alert_received = code;
    e->info.end = MT_END_ALERT_RECEIVED;
    mt_session_broken(e);
    e->info.phase = MT_PHASE_ENDED;
}

static void note_framing(mt_engine *e, bool partial_before, size_t whole)
{
    if (mt_has_fault(e, MT_REFUSE_FRAGMENTS) && (partial_before || e->messages.len != 0))
        mt_fail(e, MT_ALERT_DECODE_ERROR, "a handshake message spans records (over-strict)");
    if (mt_has_fault(e, MT_REFUSE_COALESCED) && whole > 1)
        mt_fail(e, MT_ALERT_DECODE_ERROR, "two handshake messages share a record (over-strict)");
}

static void take_message(mt_engine *e, const mt_message *m)
{
    /* The bytes outlive the buffer: what is read points into them. */
    mt_span whole = mt_span_of(mt_arena_copy(e->arena, m->whole.at, m->whole.len), m->whole.len);
    mt_message kept = {m->type, mt_span_skip(whole, MT_MESSAGE_HEADER), whole};
    mt_writer_drop(&e->messages, whole.len);
    const char *name = mt_code_name(&mt_messages, m->type);
    mt_trace_message(e, '<', name ? name : "unknown message", whole);
    if (e->info.phase == MT_PHASE_OPEN)
        mt_open_read(e, &kept);
    else
        mt_flow_read(e, MT_HANDSHAKE, &kept);
}

static void take_handshake(mt_engine *e, mt_span plain)
{
    bool partial = e->messages.len != 0;
    size_t whole = 0;
    if (plain.len == 0) {
        mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "an empty handshake record");
        return;
    }
    mt_write_bytes(&e->messages, plain);
    mt_message m;
    while (!mt_ended(e) && mt_message_next(mt_written(&e->messages), &m) == MT_FRAME_WHOLE) {
        if (take_one_more(e))
            take_message(e, &m);
        whole++;
    }
    if (!mt_ended(e) && mt_message_next(mt_written(&e->messages), &m) == MT_FRAME_TOO_LONG)
        mt_fail(e, MT_ALERT_DECODE_ERROR, "a handshake message of more than %d bytes", MT_MESSAGE_MAX);
    note_framing(e, partial, whole);
}

static void take_ccs(mt_engine *e, mt_span body)
{
    mt_message none = {0};
    if (body.len != 1 || body.at[0] != 1) {
        mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "a change_cipher_spec that is not the byte 1");
        return;
    }
    mt_trace_remark(e, '<', "change_cipher_spec", "%s", "");
    if (e->protocol->ignores_ccs && e->info.phase == MT_PHASE_HANDSHAKE)
        return;
    mt_flow_read(e, MT_CHANGE_CIPHER_SPEC, &none);
}

static void take_application_data(mt_engine *e, mt_span plain)
{
    if (e->info.phase == MT_PHASE_OPEN)
        mt_write_bytes(&e->received, plain);
    else
        mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "application data before the handshake is done");
}

static void take_plain(mt_engine *e, uint8_t type, mt_span plain)
{
    if ((type == MT_ALERT || type == MT_CHANGE_CIPHER_SPEC) && !take_one_more(e))
        return;
    if (type == MT_ALERT)
        take_alert(e, plain);
    else if (type == MT_CHANGE_CIPHER_SPEC)
        take_ccs(e, plain);
    else if (type == MT_HANDSHAKE)
        take_handshake(e, plain);
    else if (type == MT_APPLICATION_DATA && e->reading != NULL)
        take_application_data(e, plain);
    else
        mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "a record of type %u in the clear", type);
}

/* A peer that fails before it has our keys says so in the clear; later an alert in the clear is anybody's. */
static bool is_clear(const mt_engine *e, const mt_record *r)
{
    if (e->reading == NULL || (r->type == MT_CHANGE_CIPHER_SPEC && e->protocol->ignores_ccs))
        return true;
    return r->type == MT_ALERT && r->body.len == 2 && !e->read_protected;
}

static bool is_padded(const mt_record *r, size_t plain)
{
    enum { TYPE_AND_TAG = 1 + 16 };
    return r->body.len > plain + TYPE_AND_TAG;
}

static void take_record(mt_engine *e, const mt_record *r)
{
    mt_writer plain = {0};
    uint8_t type = r->type;
    if (is_clear(e, r)) {
        mt_write_bytes(&plain, r->body);
    } else if (!mt_unprotect(e->reading, &plain, r, &type) && !mt_exchange_unprotect_other(e, r, &plain, &type)) {
        mt_fail(e, MT_ALERT_BAD_RECORD_MAC, "a record that does not open under the keys");
    } else {
        e->read_protected = true;
        if (mt_has_fault(e, MT_REFUSE_PADDING) && e->protocol->pads_records && is_padded(r, plain.len))
            mt_fail(e, MT_ALERT_DECODE_ERROR, "a padded record (over-strict)");
    }
    if (!mt_ended(e) && plain.len > MT_RECORD_PLAIN_MAX)
        mt_fail(e, MT_ALERT_RECORD_OVERFLOW, "a record of %zu bytes", plain.len);
    if (!mt_ended(e))
        take_plain(e, type, mt_written(&plain));
    mt_writer_free(&plain);
}

static bool is_record_type(uint8_t type)
{
    return type >= MT_CHANGE_CIPHER_SPEC && type <= MT_APPLICATION_DATA;
}

/* What comes first decides whether this is TLS at all: "HTTP/1.1 400 ..." is not. */
static bool looks_foreign(mt_engine *e)
{
    if (e->in.len == 0 || is_record_type(e->in.at[0]))
        return false;
    mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "not a TLS record: it begins with byte 0x%02x%s", e->in.at[0],
            e->in.len >= 4 && memcmp(e->in.at, "HTTP", 4) == 0 ? ", plain HTTP" : "");
    return true;
}

void mt_take_records(mt_engine *e)
{
    mt_record r;
    while (!mt_ended(e) && !looks_foreign(e)) {
        mt_framing f = mt_record_next(mt_written(&e->in), &r);
        if (f == MT_FRAME_TOO_LONG)
            mt_fail(e, MT_ALERT_RECORD_OVERFLOW, "a record that announces more than %d bytes", MT_RECORD_BODY_MAX);
        if (f != MT_FRAME_WHOLE)
            break;
        take_record(e, &r);
        mt_writer_drop(&e->in, r.size);
    }
}
