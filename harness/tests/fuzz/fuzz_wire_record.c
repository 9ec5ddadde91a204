// SPDX-License-Identifier: Apache-2.0
/* Frames the input as records, and their bodies as handshake messages, and holds both to what they promise. */
#include "wire/record.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void frame_messages(mt_span in)
{
    mt_message m;
    while (mt_message_next(in, &m) == MT_FRAME_WHOLE) {
        assert(m.whole.at == in.at && m.whole.len <= in.len);
        assert(m.whole.len == MT_MESSAGE_HEADER + m.body.len && m.body.len <= MT_MESSAGE_MAX);
        in = mt_span_skip(in, m.whole.len);
    }
}

/* What was framed writes itself again, byte by byte. */
static void write_again(const mt_record *r, mt_span in)
{
    mt_writer w = {0};
    mt_record_write(&w, r->type, r->version, r->body);
    assert(mt_span_equal(mt_written(&w), mt_span_first(in, r->size)));
    mt_writer_free(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mt_span in = mt_span_of(data, size);
    mt_record r;
    frame_messages(in);
    while (mt_record_next(in, &r) == MT_FRAME_WHOLE) {
        assert(r.size == MT_RECORD_HEADER + r.body.len && r.size <= in.len && r.body.len <= MT_RECORD_BODY_MAX);
        write_again(&r, in);
        frame_messages(r.body);
        in = mt_span_skip(in, r.size);
    }
    return 0;
}
