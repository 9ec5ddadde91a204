// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 5746 3.2 */
void mt_write_renegotiation_info(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    (void)in;
    mt_write_vec(w, 1, s->renegotiated);
}

void mt_read_renegotiation_info(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)in, (void)a;
    out->renegotiated = mt_read_vec(r, "renegotiated_connection", 1).rest;
}
