// SPDX-License-Identifier: Apache-2.0
#include "engine/flow.h"

#include "engine/state.h"

enum { REPEATS_MAX = 16 };

/* The turn of ours that an edit means: the nth called `name`, or -1. */
static int find_turn(const mt_engine *e, const char *name, unsigned nth)
{
    for (size_t i = 0; i < e->turns_len; i++) {
        const mt_row *row = &e->turns[i].row;
        if (row->who == e->c.role && strcmp(row->name, name) == 0 && --nth == 0)
            return (int)i;
    }
    return -1;
}

static void insert_turn(mt_engine *e, size_t at, mt_turn turn)
{
    e->turns = mt_realloc(e->turns, e->turns_len + 1, sizeof *e->turns);
    memmove(&e->turns[at + 1], &e->turns[at], (e->turns_len - at) * sizeof *e->turns);
    e->turns[at] = turn;
    e->turns_len++;
}

static void insert_beside(mt_engine *e, int turn, int beside, bool before)
{
    mt_turn copy = {.row = e->turns[turn].row, .forced = true};
    copy.row.after = NULL; /* the keys change where the flow says so, once */
    insert_turn(e, (size_t)beside + (before ? 0 : 1), copy);
}

static void swap_turns(mt_engine *e, int a, int b)
{
    mt_turn first = e->turns[a];
    e->turns[a] = e->turns[b];
    e->turns[b] = first;
}

static void edit_turn(mt_engine *e, const mt_edit *edit)
{
    int turn = find_turn(e, edit->message, edit->nth);
    int other = edit->other ? find_turn(e, edit->other, 1) : -1;
    if (turn < 0)
        return;
    if (edit->verb == MT_EDIT_DROP && edit->field == NULL)
        e->turns[turn].dropped = true;
    else if (edit->verb == MT_EDIT_REPEAT)
        e->turns[turn].repeats = (unsigned)(edit->number < REPEATS_MAX ? edit->number : REPEATS_MAX);
    else if (edit->verb == MT_EDIT_SWAP && other >= 0)
        swap_turns(e, turn, other);
    else if (edit->verb == MT_EDIT_INSERT && other >= 0)
        insert_beside(e, turn, other, edit->before);
}

static void lay_out(mt_engine *e, const mt_row *rows, size_t n)
{
    e->turns = mt_realloc(e->turns, n, sizeof *e->turns);
    for (size_t i = 0; i < n; i++)
        e->turns[i] = (mt_turn){.row = rows[i]};
    e->turns_len = n;
    for (size_t i = 0; i < e->c.edits_len; i++)
        edit_turn(e, &e->c.edits[i]);
}

void mt_flow_start(mt_engine *e, const mt_protocol *p)
{
    e->protocol = p;
    lay_out(e, p->flow, p->flow_len);
}

void mt_flow_resume(mt_engine *e)
{
    lay_out(e, e->protocol->resumption, e->protocol->resumption_len);
    e->turn = 0;
    while (e->turns[e->turn++].row.who == e->c.role) /* up to the first row of the peer's, its hello */
        continue;
}

unsigned mt_turn_nth(const mt_engine *e, size_t turn)
{
    const mt_row *row = &e->turns[turn].row;
    unsigned nth = 0;
    for (size_t i = 0; i <= turn; i++)
        if (e->turns[i].row.who == row->who && strcmp(e->turns[i].row.name, row->name) == 0)
            nth++;
    return nth;
}

/* ---- writing ---- */

static void send_whole(mt_engine *e, const mt_row *row, unsigned nth, mt_span whole)
{
    const mt_edit *fragment = mt_edit_of(e, row->name, nth, MT_EDIT_FRAGMENT);
    mt_trace_message(e, '>', row->name, whole);
    mt_write_bytes(&e->held, whole);
    if (mt_edit_of(e, row->name, nth, MT_EDIT_COALESCE) != NULL)
        return;
    mt_send(e, MT_HANDSHAKE, mt_written(&e->held), fragment ? fragment->number : 0);
    mt_writer_clear(&e->held);
}

static void wrap(uint8_t type, mt_span body, int64_t stated, mt_writer *out)
{
    mt_write_uint(out, type, 1);
    mt_write_uint(out, stated < 0 ? body.len : (uint64_t)stated, 3);
    mt_write_bytes(out, body);
}

/* The transcript has the bytes as sent, unless an edit asks for the honest ones. */
static bool wants_honest_transcript(const mt_engine *e, const mt_row *row, unsigned nth)
{
    const mt_edit *edit = mt_edit_of(e, row->name, nth, MT_EDIT_TRANSCRIPT);
    return edit != NULL && edit->other == NULL;
}

/* What is derived from a hello uses it as sent (its random begins after the version). */
static void note_random(mt_engine *e, uint8_t type, mt_span body)
{
    if (body.len < 2 + MT_RANDOM || (type != MT_CLIENT_HELLO && type != MT_SERVER_HELLO))
        return;
    mt_span random = mt_span_of(mt_arena_copy(e->arena, body.at + 2, MT_RANDOM), MT_RANDOM);
    if (type == MT_CLIENT_HELLO)
        e->client_random = random;
    else
        e->server_random = random;
}

static void put_in_jar(mt_engine *e, const char *name, mt_span body)
{
    if (e->c.jar == NULL || e->c.jar_name == NULL)
        return;
    mt_jar_put(e->c.jar, mt_arena_printf(e->arena, "%s.%s", e->c.jar_name, name), body);
}

static void write_message(mt_engine *e, const mt_turn *turn, unsigned nth)
{
    const mt_row *row = &turn->row;
    mt_msg m = {.type = row->type};
    mt_msg_form form = mt_form(e);
    mt_built built = {.header_length = -1};
    mt_writer honest = {0}, whole = {0};
    if (row->write != NULL)
        row->write(e, &m);
    if (mt_ended(e))
        return;
    mt_msg_write(&m, &form, &built.body);
    wrap(row->type, mt_written(&built.body), -1, &honest);
    mt_apply_edits(e, row->name, nth, row->type, &built);
    wrap(row->type, mt_written(&built.body), built.header_length, &whole);
    note_random(e, row->type, mt_written(&built.body));
    put_in_jar(e, row->name, mt_written(&built.body));
    mt_span counted = mt_written(wants_honest_transcript(e, row, nth) ? &honest : &whole);
    for (unsigned i = 0; i <= turn->repeats; i++) {
        mt_transcript_add(e->transcript, row->name, row->who == MT_SERVER, counted);
        send_whole(e, row, nth, mt_written(&whole));
    }
    mt_writer_free(&honest);
    mt_writer_free(&whole);
    mt_writer_free(&built.body);
}

static void write_ccs(mt_engine *e, const mt_turn *turn)
{
    static const uint8_t one = 1;
    mt_flush_held(e);
    for (unsigned i = 0; i <= turn->repeats; i++)
        mt_send(e, MT_CHANGE_CIPHER_SPEC, mt_span_of(&one, 1), 0);
    mt_trace_remark(e, '>', turn->row.name, "%s", "");
}

static mt_need need_of(const mt_engine *e, const mt_row *row)
{
    return row->need == NULL ? MT_MUST : row->need(e);
}

static void leave_out(mt_engine *e, const mt_row *row)
{
    mt_trace_remark(e, '.', row->name, "left out");
    if (row->record == MT_HANDSHAKE && row->after != NULL)
        row->after(e);
}

static void write_turn(mt_engine *e, size_t i)
{
    mt_turn turn = e->turns[i];
    if (turn.dropped) {
        leave_out(e, &turn.row);
        return;
    }
    if (turn.row.record == MT_CHANGE_CIPHER_SPEC)
        write_ccs(e, &turn);
    else
        write_message(e, &turn, mt_turn_nth(e, i));
    if (turn.row.type == MT_FINISHED)
        e->info.finished_sent = true;
    if (turn.row.after != NULL && !mt_ended(e))
        turn.row.after(e);
}

static void open_connection(mt_engine *e)
{
    mt_flush_held(e);
    e->info.phase = MT_PHASE_OPEN;
    if (e->waiting.len != 0)
        mt_send(e, MT_APPLICATION_DATA, mt_written(&e->waiting), 0);
    mt_writer_clear(&e->waiting);
}

void mt_flow_write(mt_engine *e)
{
    while (!mt_ended(e) && e->turn < e->turns_len) {
        const mt_turn *turn = &e->turns[e->turn];
        mt_need need = turn->forced ? MT_MUST : need_of(e, &turn->row);
        if (turn->row.who != e->c.role && need != MT_ABSENT)
            return;
        size_t at = e->turn++;
        if (turn->row.who == e->c.role && need == MT_MUST)
            write_turn(e, at);
    }
    if (!mt_ended(e) && e->info.phase == MT_PHASE_HANDSHAKE)
        open_connection(e);
}

/* ---- reading ---- */

static bool matches(const mt_row *row, uint8_t record, const mt_message *m)
{
    if (row->record != record || (record == MT_HANDSHAKE && row->type != m->type))
        return false;
    return row->is == NULL || row->is(m->body);
}

/* The turn that takes the message, or -1: it has no place here. */
static int matching_turn(const mt_engine *e, uint8_t record, const mt_message *m)
{
    for (size_t i = e->turn; i < e->turns_len; i++) {
        const mt_row *row = &e->turns[i].row;
        mt_need need = need_of(e, row);
        if (need == MT_ABSENT)
            continue;
        if (row->who != e->c.role && matches(row, record, m))
            return (int)i;
        if (need == MT_MUST || row->who == e->c.role)
            return -1;
    }
    return -1;
}

/* Faults that accept a message out of place. Its bytes still count for the transcript. */
static bool is_unsolicited(const mt_engine *e, uint8_t type)
{
    return !e->info.requested && (type == MT_CERTIFICATE || type == MT_CERTIFICATE_VERIFY);
}

static bool is_early_verify(const mt_engine *e, uint8_t type)
{
    return type == MT_CERTIFICATE_VERIFY && e->info.requested && !e->info.peer_proved && !e->early.seen;
}

static bool is_repeated_verify(const mt_engine *e, uint8_t type)
{
    return type == MT_CERTIFICATE_VERIFY && e->info.peer_proved;
}

static bool is_repeated_certificate(const mt_engine *e, uint8_t type)
{
    return type == MT_CERTIFICATE && e->certificate_read;
}

static bool is_tolerated(const mt_engine *e, uint8_t type)
{
    static const struct {
        mt_fault_id fault;
        bool (*applies)(const mt_engine *e, uint8_t type);
    } rows[] = {
        {MT_ACCEPT_UNSOLICITED, is_unsolicited},
        {MT_ACCEPT_EARLY_VERIFY, is_early_verify},
        {MT_ACCEPT_REPEATED_VERIFY, is_repeated_verify},
        {MT_ACCEPT_REPEATED_CERTIFICATE, is_repeated_certificate},
    };
    for (size_t i = 0; i < MT_COUNT(rows); i++)
        if (mt_has_fault(e, rows[i].fault) && rows[i].applies(e, type))
            return true;
    return false;
}

static bool parse_message(mt_engine *e, const mt_message *m, mt_msg *out)
{
    mt_parse p = {0};
    mt_msg_form form = mt_form(e);
    bool ok = mt_msg_read(m->type, m->body, &form, out, &p);
    if (!ok && mt_has_fault(e, MT_ACCEPT_TRAILING_DATA) && strstr(p.fault, "too many") != NULL)
        ok = true;
    if (!ok)
        mt_fail(e, MT_ALERT_DECODE_ERROR, "%s does not read: %s", mt_code_name(&mt_messages, m->type), p.fault);
    mt_parse_free(&p);
    return ok;
}

static void tolerate(mt_engine *e, const mt_message *m)
{
    mt_msg msg;
    if (!parse_message(e, m, &msg))
        return;
    if (mt_has_fault(e, MT_ACCEPT_EARLY_VERIFY) && m->type == MT_CERTIFICATE_VERIFY)
        mt_stash_early_verify(e, &msg);
    if (!mt_ended(e))
        mt_transcript_add(e->transcript, mt_code_name(&mt_messages, m->type), e->c.role == MT_CLIENT, m->whole);
}

static void unexpected(mt_engine *e, uint8_t record, const mt_message *m)
{
    const char *wanted = e->turn < e->turns_len ? e->turns[e->turn].row.name : "nothing more";
    const char *got = record == MT_HANDSHAKE ? mt_code_name(&mt_messages, m->type) : "change_cipher_spec";
    mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "unexpected %s, where %s was due", got ? got : "message", wanted);
}

static void take_message(mt_engine *e, size_t at, const mt_message *m)
{
    mt_row row = e->turns[at].row; /* a copy: choosing a protocol replaces the turns */
    mt_msg msg;
    if (row.type == MT_CLIENT_HELLO || row.type == MT_SERVER_HELLO)
        note_random(e, row.type, m->body);
    if (!parse_message(e, m, &msg))
        return;
    if (row.read != NULL)
        row.read(e, &msg);
    if (mt_ended(e))
        return;
    mt_transcript_add(e->transcript, row.name, row.who == MT_SERVER, m->whole);
    if (row.type == MT_FINISHED) {
        e->info.finished_received = true;
        e->info.peer_finished_last = e->info.finished_sent;
    }
    if (row.after != NULL)
        row.after(e);
}

void mt_flow_read(mt_engine *e, uint8_t record, const mt_message *m)
{
    int at = matching_turn(e, record, m);
    if (at < 0 && record == MT_HANDSHAKE && is_tolerated(e, m->type)) {
        tolerate(e, m);
        return;
    }
    if (at < 0) {
        unexpected(e, record, m);
        return;
    }
    e->turn = (size_t)at + 1;
    if (record == MT_HANDSHAKE)
        take_message(e, (size_t)at, m);
    else if (e->turns[at].row.after != NULL)
        e->turns[at].row.after(e);
    mt_flow_write(e);
}
