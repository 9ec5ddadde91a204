// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

/* A form that only one version has stands before the common one. */
const mt_msg_row mt_msg_rows[] = {
    {MT_HELLO_REQUEST, 0, mt_write_empty, mt_read_empty},
    {MT_CLIENT_HELLO, 0, mt_write_client_hello, mt_read_client_hello},
    {MT_SERVER_HELLO, 0, mt_write_server_hello, mt_read_server_hello},
    {MT_NEW_SESSION_TICKET, MT_TLS13, mt_write_opaque, mt_read_opaque},
    {MT_NEW_SESSION_TICKET, 0, mt_write_new_session_ticket, mt_read_new_session_ticket},
    {MT_ENCRYPTED_EXTENSIONS, 0, mt_write_encrypted_extensions, mt_read_encrypted_extensions},
    {MT_CERTIFICATE, MT_TLS13, mt_write_certificate13, mt_read_certificate13},
    {MT_CERTIFICATE, 0, mt_write_certificate, mt_read_certificate},
    {MT_SERVER_KEY_EXCHANGE, MT_TLCP, mt_write_tlcp_server_key_exchange, mt_read_tlcp_server_key_exchange},
    {MT_SERVER_KEY_EXCHANGE, 0, mt_write_server_key_exchange, mt_read_server_key_exchange},
    {MT_CERTIFICATE_REQUEST, MT_TLS13, mt_write_certificate_request13, mt_read_certificate_request13},
    {MT_CERTIFICATE_REQUEST, MT_TLCP, mt_write_tlcp_certificate_request, mt_read_tlcp_certificate_request},
    {MT_CERTIFICATE_REQUEST, 0, mt_write_certificate_request, mt_read_certificate_request},
    {MT_SERVER_HELLO_DONE, 0, mt_write_empty, mt_read_empty},
    {MT_CERTIFICATE_VERIFY, MT_TLCP, mt_write_tlcp_certificate_verify, mt_read_tlcp_certificate_verify},
    {MT_CERTIFICATE_VERIFY, 0, mt_write_certificate_verify, mt_read_certificate_verify},
    {MT_CLIENT_KEY_EXCHANGE, MT_TLCP, mt_write_tlcp_client_key_exchange, mt_read_tlcp_client_key_exchange},
    {MT_CLIENT_KEY_EXCHANGE, 0, mt_write_client_key_exchange, mt_read_client_key_exchange},
    {MT_FINISHED, 0, mt_write_finished, mt_read_finished},
    {MT_CERTIFICATE_STATUS, 0, mt_write_opaque, mt_read_opaque},
    {MT_KEY_UPDATE, 0, mt_write_key_update, mt_read_key_update},
};
const size_t mt_msg_row_count = MT_COUNT(mt_msg_rows);

void mt_write_opaque(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_write_bytes(w, m->as.opaque);
}

void mt_read_opaque(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    out->as.opaque = mt_read_rest(r, "data");
}

void mt_write_empty(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)m, (void)f, (void)w;
}

void mt_read_empty(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)r, (void)f, (void)out;
}

void mt_write_key_update(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_write_uint(w, m->as.key_update, 1);
}

void mt_read_key_update(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    out->as.key_update = (uint8_t)mt_read_uint(r, "request_update", 1);
}

static const mt_msg_row *row_of(uint8_t type, uint16_t version)
{
    for (size_t i = 0; i < mt_msg_row_count; i++)
        if (mt_msg_rows[i].type == type && (mt_msg_rows[i].version == 0 || mt_msg_rows[i].version == version))
            return &mt_msg_rows[i];
    return NULL;
}

void mt_msg_write(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    const mt_msg_row *row = row_of(m->type, f->version);
    if (row == NULL)
        mt_die("no handshake message %u", m->type);
    row->write(m, f, w);
}

bool mt_msg_read(uint8_t type, mt_span body, const mt_msg_form *f, mt_msg *out, mt_parse *p)
{
    mt_reader r = mt_parse_start(p, body, p->map);
    *out = (mt_msg){.type = type};
    const mt_msg_row *row = row_of(type, f->version);
    if (row == NULL) {
        mt_parse_fail(p, "handshake message %u is unknown", type);
        return false;
    }
    row->read(&r, f, out);
    return mt_read_end(&r);
}
