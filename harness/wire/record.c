// SPDX-License-Identifier: Apache-2.0
#include "wire/record.h"

static size_t number(mt_span in, size_t at, unsigned width)
{
    size_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 8 | in.at[at + i];
    return value;
}

/* frame says whether `in` holds a header of `head` bytes that ends in a length of `width` bytes, and what it announces. */
static mt_framing frame(mt_span in, size_t head, unsigned width, size_t cap)
{
    if (in.len < head)
        return MT_FRAME_PARTIAL;
    size_t len = number(in, head - width, width);
    if (len > cap)
        return MT_FRAME_TOO_LONG;
    return in.len - head < len ? MT_FRAME_PARTIAL : MT_FRAME_WHOLE;
}

mt_framing mt_record_next(mt_span in, mt_record *out)
{
    mt_framing framing = frame(in, MT_RECORD_HEADER, 2, MT_RECORD_BODY_MAX);
    if (framing != MT_FRAME_WHOLE)
        return framing;
    size_t len = number(in, 3, 2);
    out->type = in.at[0];
    out->version = (uint16_t)number(in, 1, 2);
    out->body = mt_span_of(in.at + MT_RECORD_HEADER, len);
    out->size = MT_RECORD_HEADER + len;
    return framing;
}

void mt_record_write(mt_writer *w, uint8_t type, uint16_t version, mt_span body)
{
    mt_write_uint(w, type, 1);
    mt_write_uint(w, version, 2);
    mt_write_vec(w, 2, body);
}

mt_framing mt_message_next(mt_span in, mt_message *out)
{
    mt_framing framing = frame(in, MT_MESSAGE_HEADER, 3, MT_MESSAGE_MAX);
    if (framing != MT_FRAME_WHOLE)
        return framing;
    size_t len = number(in, 1, 3);
    out->type = in.at[0];
    out->body = mt_span_of(in.at + MT_MESSAGE_HEADER, len);
    out->whole = mt_span_of(in.at, MT_MESSAGE_HEADER + len);
    return framing;
}
