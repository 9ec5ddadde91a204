// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

void mt_write_flag(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    (void)s, (void)in, (void)w;
}

void mt_read_flag(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)r, (void)in, (void)a, (void)out;
}
