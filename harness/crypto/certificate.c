// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.h"

#include "base/reader.h"

enum { SEQUENCE = 0x30, INTEGER = 0x02, VERSION = 0xa0, LONG_FORM = 0x80, LENGTH_BYTES_MAX = 4 };

/* One element of DER: its tag and its content; `whole` covers both. */
typedef struct element {
    uint8_t tag;
    mt_span content, whole;
} element;

static size_t read_length(mt_reader *r)
{
    size_t first = (size_t)mt_read_uint(r, "length", 1);
    if (first < LONG_FORM)
        return first;
    size_t bytes = first - LONG_FORM;
    if (bytes == 0 || bytes > LENGTH_BYTES_MAX)
        mt_parse_fail(r->parse, "a DER length of %zu bytes", bytes);
    return (size_t)mt_read_uint(r, "length", bytes <= LENGTH_BYTES_MAX ? (unsigned)bytes : 0);
}

static element next(mt_reader *r)
{
    mt_span start = r->rest;
    element e = {.tag = (uint8_t)mt_read_uint(r, "tag", 1)};
    size_t length = read_length(r);
    e.content = mt_read_bytes(r, "content", length);
    e.whole = mt_span_first(start, start.len - r->rest.len);
    return e;
}

static mt_reader enter(mt_reader *r)
{
    element e = next(r);
    if (e.tag != SEQUENCE)
        mt_parse_fail(r->parse, "tag %02x where a SEQUENCE is due", e.tag);
    return (mt_reader){r->parse, e.content, MT_FIELD_ROOT, -1};
}

bool mt_certificate_spki(mt_span der, mt_span *out)
{
    enum { SIGNATURE, ISSUER, VALIDITY, SUBJECT, BEFORE_SPKI };
    mt_parse p;
    mt_reader outer = mt_parse_start(&p, der, false);
    mt_reader certificate = enter(&outer);
    mt_reader tbs = enter(&certificate);
    element first = next(&tbs);
    if (first.tag == VERSION)
        first = next(&tbs);
    if (first.tag != INTEGER)
        mt_parse_fail(&p, "no serial number");
    for (int i = SIGNATURE; i < BEFORE_SPKI; i++)
        next(&tbs);
    *out = next(&tbs).whole;
    return !p.failed;
}
