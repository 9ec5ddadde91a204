// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

/* RFC 5077 3.3, which TLCP takes over as it is. An empty ticket says that there is none after all. */
void mt_write_new_session_ticket(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_write_uint(w, m->as.new_session_ticket.lifetime, 4);
    mt_write_vec(w, 2, m->as.new_session_ticket.ticket);
}

void mt_read_new_session_ticket(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    out->as.new_session_ticket.lifetime = (uint32_t)mt_read_uint(r, "lifetime", 4);
    out->as.new_session_ticket.ticket = mt_read_vec(r, "ticket", 2).rest;
}
