// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

void mt_write_certificate_verify(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_write_uint(w, m->as.certificate_verify.scheme, 2);
    mt_write_vec(w, 2, m->as.certificate_verify.signature);
}

void mt_read_certificate_verify(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    out->as.certificate_verify.scheme = (uint16_t)mt_read_uint(r, "scheme", 2);
    out->as.certificate_verify.signature = mt_read_vec(r, "signature", 2).rest;
}
