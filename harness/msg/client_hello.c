// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

void mt_write_client_hello(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    const mt_client_hello *h = &m->as.client_hello;
    mt_write_uint(w, h->legacy_version, 2);
    mt_write_bytes(w, h->random);
    mt_write_vec(w, 1, h->session_id);
    mt_u16s_write(w, 2, h->suites);
    mt_write_vec(w, 1, h->compression);
    if (h->extensions.present != 0)
        mt_msg_extensions_write(&h->extensions, MT_IN_CLIENT_HELLO, w);
}

void mt_read_client_hello(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    mt_client_hello *h = &out->as.client_hello;
    h->legacy_version = (uint16_t)mt_read_uint(r, "version", 2);
    h->random = mt_read_bytes(r, "random", MT_RANDOM);
    h->session_id = mt_read_vec(r, "session_id", 1).rest;
    mt_reader suites = mt_read_vec(r, "suites", 2);
    h->suites = mt_u16s_read(&suites, f->arena);
    h->compression = mt_read_vec(r, "compression", 1).rest;
    if (r->rest.len != 0) /* RFC 5246 7.4.1.2: extensions may be left out altogether */
        mt_msg_extensions_read(r, MT_IN_CLIENT_HELLO, f->arena, &h->extensions);
}
