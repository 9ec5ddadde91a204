// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

/* RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest". */
const uint8_t mt_retry_random[MT_RANDOM] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
                                            0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

bool mt_is_retry(const mt_server_hello *h)
{
    return mt_span_equal(h->random, mt_span_of(mt_retry_random, MT_RANDOM));
}

static mt_carrier carrier(const mt_server_hello *h)
{
    return mt_is_retry(h) ? MT_IN_RETRY_REQUEST : MT_IN_SERVER_HELLO;
}

void mt_write_server_hello(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    const mt_server_hello *h = &m->as.server_hello;
    mt_write_uint(w, h->legacy_version, 2);
    mt_write_bytes(w, h->random);
    mt_write_vec(w, 1, h->session_id);
    mt_write_uint(w, h->suite, 2);
    mt_write_uint(w, h->compression, 1);
    if (h->extensions.present != 0)
        mt_msg_extensions_write(&h->extensions, carrier(h), w);
}

void mt_read_server_hello(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    mt_server_hello *h = &out->as.server_hello;
    h->legacy_version = (uint16_t)mt_read_uint(r, "version", 2);
    h->random = mt_read_bytes(r, "random", MT_RANDOM);
    h->session_id = mt_read_vec(r, "session_id", 1).rest;
    h->suite = (uint16_t)mt_read_uint(r, "suite", 2);
    h->compression = (uint8_t)mt_read_uint(r, "compression", 1);
    if (r->rest.len != 0)
        mt_msg_extensions_read(r, carrier(h), f->arena, &h->extensions);
}
