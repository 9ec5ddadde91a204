// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 5077 3.2: the ticket itself, without a length of its own; a server's is empty. */
void mt_write_session_ticket(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    if (in == MT_IN_CLIENT_HELLO)
        mt_write_bytes(w, s->ticket);
}

void mt_read_session_ticket(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)a;
    if (in == MT_IN_CLIENT_HELLO)
        out->ticket = mt_read_rest(r, "ticket");
}
