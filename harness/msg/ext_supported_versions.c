// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 8446 4.2.1 */
void mt_write_supported_versions(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    if (in == MT_IN_CLIENT_HELLO)
        mt_u16s_write(w, 1, s->versions);
    else
        mt_write_uint(w, s->versions.at[0], 2);
}

static mt_u16s selected(mt_reader *r, mt_arena *a)
{
    uint16_t *one = MT_ARENA_NEW(a, uint16_t);
    *one = (uint16_t)mt_read_uint(r, "version", 2);
    return (mt_u16s){one, 1};
}

void mt_read_supported_versions(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    if (in != MT_IN_CLIENT_HELLO) {
        out->versions = selected(r, a);
        return;
    }
    mt_reader list = mt_read_vec(r, "versions", 1);
    out->versions = mt_u16s_read(&list, a);
}
