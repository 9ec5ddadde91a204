// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

static mt_certificate_entry *room_for(const mt_reader *list, const mt_msg_form *f)
{
    enum { ENTRY_MIN = 3 };
    return MT_ARENA_ARRAY(f->arena, mt_certificate_entry, list->rest.len / ENTRY_MIN + 1);
}

/* RFC 5246 7.4.2 */
void mt_write_certificate(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    const mt_certificate_list *c = &m->as.certificate;
    mt_mark list = mt_open_vec(w, 3);
    for (size_t i = 0; i < c->len; i++)
        mt_write_vec(w, 3, c->at[i].data);
    mt_close_vec(w, list);
}

void mt_read_certificate(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    mt_reader list = mt_read_vec(r, "list", 3);
    mt_certificate_entry *at = room_for(&list, f);
    out->as.certificate.at = at;
    while (mt_read_next(&list))
        at[out->as.certificate.len++].data = mt_read_vec(&list, "data", 3).rest;
}

/* RFC 8446 4.4.2: with a context, and extensions behind each certificate. */
void mt_write_certificate13(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    const mt_certificate_list *c = &m->as.certificate;
    mt_write_vec(w, 1, c->context);
    mt_mark list = mt_open_vec(w, 3);
    for (size_t i = 0; i < c->len; i++) {
        mt_write_vec(w, 3, c->at[i].data);
        mt_write_vec(w, 2, c->at[i].extensions);
    }
    mt_close_vec(w, list);
}

void mt_read_certificate13(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    mt_certificate_list *c = &out->as.certificate;
    c->context = mt_read_vec(r, "context", 1).rest;
    mt_reader list = mt_read_vec(r, "list", 3);
    mt_certificate_entry *at = room_for(&list, f);
    c->at = at;
    while (mt_read_next(&list)) {
        mt_certificate_entry *entry = &at[c->len++];
        entry->data = mt_read_vec(&list, "data", 3).rest;
        entry->extensions = mt_read_vec(&list, "extensions", 2).rest;
    }
}
