// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

static void write_tls12(const mt_certificate_request *c, mt_writer *w)
{
    mt_write_vec(w, 1, c->types);
    mt_u16s_write(w, 2, c->schemes);
    mt_mark names = mt_open_vec(w, 2);
    mt_spans_write(w, 2, c->names);
    mt_close_vec(w, names);
}

void mt_write_certificate_request(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    const mt_certificate_request *c = &m->as.certificate_request;
    if (f->version != MT_TLS13) {
        write_tls12(c, w);
        return;
    }
    mt_write_vec(w, 1, c->context);
    mt_msg_extensions_write(&c->extensions, MT_IN_CERTIFICATE_REQUEST, w);
}

static void read_tls12(mt_reader *r, mt_arena *a, mt_certificate_request *c)
{
    c->types = mt_read_vec(r, "types", 1).rest;
    mt_reader schemes = mt_read_vec(r, "schemes", 2);
    c->schemes = mt_u16s_read(&schemes, a);
    mt_reader names = mt_read_vec(r, "authorities", 2);
    c->names = mt_spans_read(&names, "name", 2, a);
}

void mt_read_certificate_request(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    mt_certificate_request *c = &out->as.certificate_request;
    if (f->version != MT_TLS13) {
        read_tls12(r, f->arena, c);
        return;
    }
    c->context = mt_read_vec(r, "context", 1).rest;
    mt_msg_extensions_read(r, MT_IN_CERTIFICATE_REQUEST, f->arena, &c->extensions);
}
