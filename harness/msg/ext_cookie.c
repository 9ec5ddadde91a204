// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 8446 4.2.2 */
void mt_write_cookie(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    (void)in;
    mt_write_vec(w, 2, s->cookie);
}

void mt_read_cookie(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)in, (void)a;
    out->cookie = mt_read_vec(r, "cookie", 2).rest;
}
