// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

/* RFC 8422 5.4: ECParameters with curve_type named_curve. */
enum { NAMED_CURVE = 3 };

void mt_write_server_key_exchange(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    const mt_server_key_exchange *k = &m->as.server_key_exchange;
    mt_write_uint(w, k->curve_type, 1);
    mt_write_uint(w, k->group, 2);
    mt_write_vec(w, 1, k->point);
    mt_write_uint(w, k->scheme, 2);
    mt_write_vec(w, 2, k->signature);
}

void mt_read_server_key_exchange(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    mt_server_key_exchange *k = &out->as.server_key_exchange;
    mt_span whole = r->rest;
    k->curve_type = (uint8_t)mt_read_uint(r, "curve_type", 1);
    if (k->curve_type != NAMED_CURVE)
        mt_parse_fail(r->parse, "curve_type %u is not named_curve", k->curve_type);
    k->group = (uint16_t)mt_read_uint(r, "group", 2);
    k->point = mt_read_vec(r, "point", 1).rest;
    k->params = mt_span_first(whole, whole.len - r->rest.len);
    k->scheme = (uint16_t)mt_read_uint(r, "scheme", 2);
    k->signature = mt_read_vec(r, "signature", 2).rest;
}

void mt_write_client_key_exchange(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_write_vec(w, 1, m->as.client_key_exchange);
}

void mt_read_client_key_exchange(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    out->as.client_key_exchange = mt_read_vec(r, "point", 1).rest;
}
