// SPDX-License-Identifier: Apache-2.0
#include "replay/inner.h"

static const char *const check_names[MT_REPLAY_CHECKS] = {
    [MT_REPLAY_FORM] = "form",
    [MT_REPLAY_CERTIFICATE] = "signature of a certificate",
    [MT_REPLAY_KEY_EXCHANGE] = "signature of server_key_exchange",
    [MT_REPLAY_PREMASTER] = "pre-master secret",
    [MT_REPLAY_MASTER] = "master secret against the key log",
    [MT_REPLAY_VERIFY] = "signature of certificate_verify",
    [MT_REPLAY_FINISHED] = "finished",
    [MT_REPLAY_RECORD] = "MAC or tag of a record",
};

const char *mt_replay_check_name(mt_replay_check check)
{
    return check_names[check];
}

static unsigned sum(const unsigned counts[MT_REPLAY_CHECKS])
{
    unsigned all = 0;
    for (size_t i = 0; i < MT_REPLAY_CHECKS; i++)
        all += counts[i];
    return all;
}

unsigned mt_replay_made(const mt_replay_counts *c)
{
    return sum(c->made);
}

unsigned mt_replay_failed(const mt_replay_counts *c)
{
    return sum(c->failed);
}

const mt_replay_counts *mt_replay_counts_of(const mt_replay *r)
{
    return &r->counts;
}

/* ---- reports ---- */

static void see(mt_replay *r, const mt_replay_event *e)
{
    mt_replay_event full = *e;
    full.what = e->what != NULL ? e->what : "";
    full.detail = e->detail != NULL ? e->detail : "";
    full.is_protected = !r->sides[e->server].in_clear;
    r->sink.see(r->sink.self, &full);
}

void mt_replay_note(mt_replay *r, bool server, const char *what, const char *detail)
{
    see(r, &(mt_replay_event){.kind = MT_REPLAY_SAW_NOTE, .server = server, .what = what, .detail = detail});
}

void mt_replay_quietly(mt_replay *r, bool server, mt_replay_check check, bool ok)
{
    r->counts.made[check]++;
    if (ok)
        return;
    r->counts.failed[check]++;
    see(r, &(mt_replay_event){.kind = MT_REPLAY_SAW_CHECK, .server = server, .what = check_names[check]});
}

void mt_replay_say(mt_replay *r, bool server, mt_replay_check check, bool ok)
{
    mt_replay_quietly(r, server, check, ok);
    if (ok)
        see(r, &(mt_replay_event){.kind = MT_REPLAY_SAW_CHECK, .server = server, .ok = true, .what = check_names[check]});
}

/* ---- content ---- */

static void see_other(mt_replay *r, bool server, const char *what, const char *detail, mt_span data)
{
    see(r, &(mt_replay_event){.kind = MT_REPLAY_SAW_OTHER, .server = server, .what = what, .detail = detail, .data = data});
}

static void take_alert(mt_replay *r, bool server, mt_span body)
{
    enum { WARNING = 1, FATAL = 2 };
    bool ok = body.len == 2 && (body.at[0] == WARNING || body.at[0] == FATAL);
    mt_writer text = {0};
    mt_replay_quietly(r, server, MT_REPLAY_FORM, ok);
    if (body.len == 2) {
        mt_writef(&text, "%s ", body.at[0] == FATAL ? "fatal" : "warning");
        mt_code_write(&mt_alerts, body.at[1], &text);
    }
    see_other(r, server, "alert", mt_writer_text(&text), body);
    mt_writer_free(&text);
}

static void take_handshake(mt_replay *r, bool server, mt_span plain)
{
    mt_side *s = &r->sides[server];
    mt_message m;
    mt_write_bytes(&s->messages, plain);
    mt_framing framing = mt_message_next(mt_written(&s->messages), &m);
    while (framing == MT_FRAME_WHOLE) {
        mt_span whole = mt_span_of(mt_arena_copy(r->arena, m.whole.at, m.whole.len), m.whole.len);
        mt_writer_drop(&s->messages, whole.len);
        mt_replay_message(r, server, whole);
        framing = mt_message_next(mt_written(&s->messages), &m);
    }
    if (framing == MT_FRAME_TOO_LONG) {
        mt_replay_quietly(r, server, MT_REPLAY_FORM, false);
        mt_writer_clear(&s->messages);
    }
}

static void take_ccs(mt_replay *r, bool server, mt_span body)
{
    mt_replay_quietly(r, server, MT_REPLAY_FORM, body.len == 1 && body.at[0] == 1);
    see_other(r, server, "change_cipher_spec", "", (mt_span){0});
    mt_replay_ccs(r, server);
}

static void take_plain(mt_replay *r, bool server, uint8_t type, mt_span plain)
{
    if (type == MT_HANDSHAKE)
        take_handshake(r, server, plain);
    else if (type == MT_ALERT)
        take_alert(r, server, plain);
    else if (type == MT_CHANGE_CIPHER_SPEC)
        take_ccs(r, server, plain);
    else if (type == MT_APPLICATION_DATA && r->sides[server].is_protected)
        see_other(r, server, "application_data", "", plain);
    else
        mt_replay_quietly(r, server, MT_REPLAY_FORM, false);
}

/* ---- records ---- */

void mt_replay_use(mt_replay *r, bool server, mt_protection *p)
{
    mt_side *s = &r->sides[server];
    /* RFC 8446 5.1: handshake messages do not span key changes. */
    if (s->messages.len != 0)
        mt_replay_quietly(r, server, MT_REPLAY_FORM, false);
    mt_protection_free(s->protection);
    s->protection = p;
    s->is_protected = true;
}

/* In TLS 1.3 what is protected says application_data outside; who has no keys yet sends alerts in the clear. */
static bool is_clear(const mt_replay *r, const mt_side *s, const mt_record *record)
{
    if (!s->is_protected)
        return true;
    if (r->version != MT_TLS13)
        return false;
    return record->type == MT_CHANGE_CIPHER_SPEC || (record->type == MT_ALERT && record->body.len == 2 && !s->opened);
}

/* Before ServerHello a client may write 0301 (RFC 8446 5.1). */
static bool version_fits(const mt_replay *r, const mt_record *record)
{
    enum { TLS10 = 0x0301 };
    if (r->version == 0)
        return record->version == MT_TLCP || record->version == TLS10 || record->version == MT_TLS12;
    return record->version == (r->version == MT_TLCP ? MT_TLCP : MT_TLS12);
}

static void open_record(mt_replay *r, bool server, const mt_record *record)
{
    mt_side *s = &r->sides[server];
    mt_writer plain = {0};
    uint8_t type = record->type;
    bool ok = mt_unprotect(s->protection, &plain, record, &type);
    s->opened = true;
    mt_replay_quietly(r, server, MT_REPLAY_RECORD, ok);
    if (ok)
        take_plain(r, server, type, mt_written(&plain));
    mt_writer_free(&plain);
}

static void take_record(mt_replay *r, bool server, const mt_record *record)
{
    mt_side *s = &r->sides[server];
    bool known = record->type >= MT_CHANGE_CIPHER_SPEC && record->type <= MT_APPLICATION_DATA;
    s->in_clear = is_clear(r, s, record);
    see(r, &(mt_replay_event){.kind = MT_REPLAY_SAW_RECORD, .server = server, .type = record->type, .len = record->body.len});
    mt_replay_quietly(r, server, MT_REPLAY_FORM, known && version_fits(r, record));
    if (s->in_clear) {
        take_plain(r, server, record->type, record->body);
    } else if (s->protection != NULL) {
        open_record(r, server, record);
    } else {
        char text[64];
        const char *type = mt_code_name(&mt_record_types, record->type);
        r->counts.sealed++;
        snprintf(text, sizeof text, "%zu bytes, no key", record->body.len);
        see_other(r, server, type != NULL ? type : "record", text, (mt_span){0});
    }
}

void mt_replay_take(mt_replay *r, bool server, mt_span bytes)
{
    mt_side *s = &r->sides[server];
    mt_record record;
    if (s->lost)
        return;
    mt_write_bytes(&s->in, bytes);
    mt_framing framing = mt_record_next(mt_written(&s->in), &record);
    while (framing == MT_FRAME_WHOLE) {
        take_record(r, server, &record);
        mt_writer_drop(&s->in, record.size);
        framing = mt_record_next(mt_written(&s->in), &record);
    }
    s->lost = framing == MT_FRAME_TOO_LONG;
    if (s->lost) {
        mt_replay_quietly(r, server, MT_REPLAY_FORM, false);
        mt_replay_note(r, server, "lost", "a record that announces more than a record may hold: what follows is not read");
    }
}

void mt_replay_end(mt_replay *r, bool server)
{
    const mt_side *s = &r->sides[server];
    if (!s->lost && (s->in.len != 0 || s->messages.len != 0)) {
        mt_replay_quietly(r, server, MT_REPLAY_FORM, false);
        mt_replay_note(r, server, "cut off", "the direction ends within a record or a message");
    }
}

/* ---- life ---- */

mt_replay *mt_replay_new(const mt_replay_keys *k, mt_replay_sink sink)
{
    mt_replay *r = mt_alloc(sizeof *r);
    r->keys = k;
    r->sink = sink;
    r->arena = mt_arena_new();
    r->transcript = mt_transcript_new();
    return r;
}

static void free_side(mt_side *s)
{
    mt_writer_free(&s->in);
    mt_writer_free(&s->messages);
    mt_protection_free(s->protection);
    mt_key_free(s->key);
    mt_key_free(s->enc_key);
}

void mt_replay_free(mt_replay *r)
{
    if (r == NULL)
        return;
    free_side(&r->sides[0]);
    free_side(&r->sides[1]);
    mt_transcript_free(r->transcript);
    mt_arena_free(r->arena);
    mt_free(r);
}
