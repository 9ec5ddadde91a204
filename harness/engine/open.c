// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

/* What a message starts once the connection is open. */
typedef struct open_row {
    uint8_t type;
    uint16_t version;
    mt_role from;
    void (*read)(mt_engine *e, const mt_msg *m);
} open_row;

static void count_ticket(mt_engine *e, const mt_msg *m)
{
    (void)m;
    e->info.tickets++;
}

/* RFC 8446 4.6.3: the sender's keys change at once; an answer is due when it asks for one. */
static void update_keys(mt_engine *e, const mt_msg *m)
{
    static const uint8_t answer[] = {MT_KEY_UPDATE, 0, 0, 1, 0};
    if (++e->key_updates > MT_KEY_UPDATES_MAX || m->as.key_update > 1) {
        mt_fail(e, MT_ALERT_ILLEGAL_PARAMETER, "key_update with request_update %u, number %zu", m->as.key_update, e->key_updates);
        return;
    }
    mt_tls13_update(e, mt_peer_role(e));
    if (m->as.key_update == 0)
        return;
    mt_send(e, MT_HANDSHAKE, mt_span_of(answer, sizeof answer), 0);
    mt_tls13_update(e, e->c.role);
}

/* RFC 5246 7.4.1.1: a client may ignore it. */
static void ignore(mt_engine *e, const mt_msg *m)
{
    (void)m;
    mt_trace_remark(e, '.', "hello_request", "renegotiation is not taken up");
}

static const open_row open_rows[] = {
    {MT_NEW_SESSION_TICKET, MT_TLS13, MT_SERVER, count_ticket},
    {MT_KEY_UPDATE, MT_TLS13, MT_SERVER, update_keys},
    {MT_KEY_UPDATE, MT_TLS13, MT_CLIENT, update_keys},
    {MT_HELLO_REQUEST, MT_TLS12, MT_SERVER, ignore},
};

void mt_open_read(mt_engine *e, const mt_message *m)
{
    mt_msg msg;
    mt_parse p = {0};
    mt_msg_form form = mt_form(e);
    for (size_t i = 0; i < MT_COUNT(open_rows); i++) {
        const open_row *row = &open_rows[i];
        if (row->type != m->type || row->version != form.version || row->from != mt_peer_role(e))
            continue;
        if (mt_msg_read(m->type, m->body, &form, &msg, &p))
            row->read(e, &msg);
        else
            mt_fail(e, MT_ALERT_DECODE_ERROR, "%s does not read: %s", mt_code_name(&mt_messages, m->type), p.fault);
        mt_parse_free(&p);
        return;
    }
    mt_fail(e, MT_ALERT_UNEXPECTED_MESSAGE, "unexpected handshake message %u in the open connection", m->type);
}
