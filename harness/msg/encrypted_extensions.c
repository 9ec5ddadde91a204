// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

void mt_write_encrypted_extensions(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_msg_extensions_write(&m->as.encrypted_extensions, MT_IN_ENCRYPTED_EXTENSIONS, w);
}

void mt_read_encrypted_extensions(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    mt_msg_extensions_read(r, MT_IN_ENCRYPTED_EXTENSIONS, f->arena, &out->as.encrypted_extensions);
}
