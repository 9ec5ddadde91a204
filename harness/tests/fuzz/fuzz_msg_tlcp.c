// SPDX-License-Identifier: Apache-2.0
/* Handshake messages of TLCP: the first byte is the type, the rest the body. Any is described in printable text; the forms that only
 * TLCP has, once read, write themselves again. */
#include "msg/msg.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NAMED_CURVE = 3 };

static bool names_curve(mt_span bytes)
{
    return bytes.len != 0 && bytes.at[0] == NAMED_CURVE;
}

/* An empty point is no point, and one within a length of two bytes is written without that. */
static bool writes_itself(const mt_msg *m, mt_span body)
{
    switch (m->type) {
    case MT_CERTIFICATE_REQUEST:
    case MT_CERTIFICATE_VERIFY:
        return true;
    case MT_SERVER_KEY_EXCHANGE:
        return !names_curve(body) || m->as.server_key_exchange.point.len != 0;
    case MT_CLIENT_KEY_EXCHANGE:
        return names_curve(body) ? m->as.tlcp_key_exchange.point.len != 0 : !names_curve(mt_span_skip(body, 2));
    default:
        return false;
    }
}

static void describe(uint8_t type, mt_span body, const mt_msg_form *f)
{
    mt_writer text = {0};
    mt_msg_describe(type, body, f, &text);
    for (size_t i = 0; i < text.len; i++)
        assert(text.at[i] >= ' ' && text.at[i] <= '~');
    mt_writer_free(&text);
}

static void write_again(const mt_msg *m, mt_span body, const mt_msg_form *f)
{
    mt_writer again = {0};
    mt_msg_write(m, f, &again);
    assert(mt_span_equal(mt_written(&again), body));
    mt_writer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    mt_span body = mt_span_of(data + 1, size - 1);
    const mt_msg_form f = {MT_TLCP, mt_arena_new()};
    mt_msg m = {0};
    mt_parse p;
    mt_parse_start(&p, body, true);
    if (mt_msg_read(data[0], body, &f, &m, &p) && writes_itself(&m, body))
        write_again(&m, body, &f);
    mt_parse_free(&p);
    describe(data[0], body, &f);
    mt_arena_free(f.arena);
    return 0;
}
