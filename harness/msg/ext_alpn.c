// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 7301 3.1: the server's list has exactly one name. */
void mt_write_alpn(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    (void)in;
    mt_mark list = mt_open_vec(w, 2);
    mt_spans_write(w, 1, s->alpn);
    mt_close_vec(w, list);
}

void mt_read_alpn(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    mt_reader list = mt_read_vec(r, "list", 2);
    out->alpn = mt_spans_read(&list, "name", 1, a);
    if (in != MT_IN_CLIENT_HELLO && out->alpn.len != 1)
        mt_parse_fail(r->parse, "application_layer_protocol_negotiation selects %zu names", out->alpn.len);
}
