// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

void mt_write_certificate(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    const mt_certificate_list *c = &m->as.certificate;
    bool tls13 = f->version == MT_TLS13;
    if (tls13)
        mt_write_vec(w, 1, c->context);
    mt_mark list = mt_open_vec(w, 3);
    for (size_t i = 0; i < c->len; i++) {
        mt_write_vec(w, 3, c->at[i].data);
        if (tls13)
            mt_write_vec(w, 2, c->at[i].extensions);
    }
    mt_close_vec(w, list);
}

void mt_read_certificate(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    mt_certificate_list *c = &out->as.certificate;
    bool tls13 = f->version == MT_TLS13;
    if (tls13)
        c->context = mt_read_vec(r, "context", 1).rest;
    mt_reader list = mt_read_vec(r, "list", 3);
    mt_certificate_entry *at = MT_ARENA_ARRAY(f->arena, mt_certificate_entry, list.rest.len / 3 + 1);
    while (mt_read_next(&list)) {
        mt_certificate_entry *entry = &at[c->len++];
        entry->data = mt_read_vec(&list, "data", 3).rest;
        if (tls13)
            entry->extensions = mt_read_vec(&list, "extensions", 2).rest;
    }
    c->at = at;
}
