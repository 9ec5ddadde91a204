// SPDX-License-Identifier: Apache-2.0
#include "crypto/der.h"

static size_t read_length(mt_reader *r)
{
    size_t first = mt_read_uint(r, "length", 1);
    if (first < 0x80)
        return first;
    unsigned width = first & 0x7f;
    if (width == 0 || width > 4) {
        mt_parse_fail(r->parse, "DER length of %u bytes", width);
        return 0;
    }
    size_t len = mt_read_uint(r, "length", width);
    if (len < 0x80 || len >> (8 * (width - 1)) == 0)
        mt_parse_fail(r->parse, "DER length %zu is written in %u bytes", len, width);
    return len;
}

mt_reader mt_der_open(mt_reader *r, uint8_t tag)
{
    mt_reader inner = *r;
    unsigned found = (unsigned)mt_read_uint(r, "tag", 1);
    if (found != tag)
        mt_parse_fail(r->parse, "DER tag %02x where %02x was expected", found, tag);
    size_t len = read_length(r);
    inner.rest = mt_read_bytes(r, "content", len);
    if (r->parse->failed)
        inner.rest = (mt_span){0};
    return inner;
}

void mt_der_write(mt_writer *w, uint8_t tag, mt_span content)
{
    unsigned width = 1;
    mt_write_uint(w, tag, 1);
    while (width < 4 && content.len >> (8 * width) != 0)
        width++;
    if (content.len >= 0x80)
        mt_write_uint(w, 0x80 | width, 1);
    mt_write_uint(w, content.len, width);
    mt_write_bytes(w, content);
}

void mt_der_write_number(mt_writer *w, mt_span number)
{
    mt_writer content = {0};
    while (number.len > 1 && number.at[0] == 0)
        number = mt_span_skip(number, 1);
    if (number.len == 0 || number.at[0] >= 0x80)
        mt_write_uint(&content, 0, 1);
    mt_write_bytes(&content, number);
    mt_der_write(w, MT_DER_INTEGER, mt_written(&content));
    mt_writer_free(&content);
}
