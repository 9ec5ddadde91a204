// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 8446 4.2.3: two extensions of one form. */
void mt_write_schemes(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    (void)in;
    mt_u16s_write(w, 2, s->schemes);
}

void mt_read_schemes(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)in;
    mt_reader list = mt_read_vec(r, "schemes", 2);
    out->schemes = mt_u16s_read(&list, a);
}

void mt_write_schemes_cert(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    (void)in;
    mt_u16s_write(w, 2, s->schemes_cert);
}

void mt_read_schemes_cert(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    (void)in;
    mt_reader list = mt_read_vec(r, "schemes", 2);
    out->schemes_cert = mt_u16s_read(&list, a);
}
