// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 6066 3: a client lists one host_name; the server's answer is empty. */
enum { HOST_NAME = 0 };

void mt_write_server_name(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    if (in != MT_IN_CLIENT_HELLO)
        return;
    mt_mark list = mt_open_vec(w, 2);
    mt_write_uint(w, HOST_NAME, 1);
    mt_write_vec(w, 2, s->server_name);
    mt_close_vec(w, list);
}

void mt_read_server_name(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)a;
    if (in != MT_IN_CLIENT_HELLO)
        return;
    mt_reader list = mt_read_vec(r, "list", 2);
    while (mt_read_next(&list)) {
        uint64_t type = mt_read_uint(&list, "type", 1);
        mt_span name = mt_read_vec(&list, "name", 2).rest;
        if (type == HOST_NAME)
            out->server_name = name;
    }
}
