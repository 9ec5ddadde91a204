// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 8446 4.2.4: at least one name of at least one byte. */
void mt_write_authorities(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    (void)in;
    mt_mark list = mt_open_vec(w, 2);
    mt_spans_write(w, 2, s->names);
    mt_close_vec(w, list);
}

void mt_read_authorities(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)in;
    mt_reader list = mt_read_vec(r, "authorities", 2);
    out->names = mt_spans_read(&list, "name", 2, a);
}
