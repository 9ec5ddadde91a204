// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 8422 5.1.2: uncompressed is the only form left. */
void mt_write_point_formats(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    (void)s, (void)in;
    mt_write_uint(w, 0x0100, 2);
}

void mt_read_point_formats(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)in, (void)a, (void)out;
    mt_read_vec(r, "formats", 1);
}
