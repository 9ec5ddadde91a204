// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

void mt_write_finished(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_write_bytes(w, m->as.finished);
}

void mt_read_finished(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    out->as.finished = mt_read_rest(r, "verify_data");
}
