// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 8446 4.2.7 */
void mt_write_supported_groups(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    (void)in;
    mt_u16s_write(w, 2, s->groups);
}

void mt_read_supported_groups(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)in;
    mt_reader list = mt_read_vec(r, "groups", 2);
    out->groups = mt_u16s_read(&list, a);
}
