// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

/* RFC 5246 7.4.4 */
void mt_write_certificate_request(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    const mt_certificate_request *c = &m->as.certificate_request;
    mt_write_vec(w, 1, c->types);
    mt_u16s_write(w, 2, c->schemes);
    mt_mark names = mt_open_vec(w, 2);
    mt_spans_write(w, 2, c->names);
    mt_close_vec(w, names);
}

void mt_read_certificate_request(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    mt_certificate_request *c = &out->as.certificate_request;
    c->types = mt_read_vec(r, "types", 1).rest;
    mt_reader schemes = mt_read_vec(r, "schemes", 2);
    c->schemes = mt_u16s_read(&schemes, f->arena);
    mt_reader names = mt_read_vec(r, "authorities", 2);
    c->names = mt_spans_read(&names, "name", 2, f->arena);
}

/* RFC 8446 4.3.2 */
void mt_write_certificate_request13(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_write_vec(w, 1, m->as.certificate_request.context);
    mt_msg_extensions_write(&m->as.certificate_request.extensions, MT_IN_CERTIFICATE_REQUEST, w);
}

void mt_read_certificate_request13(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    mt_certificate_request *c = &out->as.certificate_request;
    c->context = mt_read_vec(r, "context", 1).rest;
    mt_msg_extensions_read(r, MT_IN_CERTIFICATE_REQUEST, f->arena, &c->extensions);
    c->schemes = c->extensions.schemes;
    c->names = c->extensions.names;
}
