// SPDX-License-Identifier: Apache-2.0
#include "pki/asn1.h"

#include <stdio.h>
#include <stdlib.h>

enum { LENGTH_SHORT_MAX = 127, LENGTH_OCTETS_MAX = 4, SECONDS_OF_DAY = 86400 };

size_t mt_asn1_open(mt_writer *w, uint8_t tag)
{
    mt_write_uint(w, tag, 1);
    return w->len;
}

static unsigned octets_of(uint64_t value)
{
    unsigned n = 1;
    while (n < 8 && value >> (8 * n) != 0)
        n++;
    return n;
}

void mt_asn1_close(mt_writer *w, size_t mark)
{
    uint64_t len = w->len - mark;
    uint8_t head[1 + LENGTH_OCTETS_MAX];
    unsigned n = 0;
    if (len > LENGTH_SHORT_MAX) {
        n = octets_of(len);
        if (n > LENGTH_OCTETS_MAX)
            mt_die("a DER value of %llu octets", (unsigned long long)len);
        head[0] = (uint8_t)(0x80 | n);
        for (unsigned i = 0; i < n; i++)
            head[1 + i] = (uint8_t)(len >> (8 * (n - 1 - i)));
    } else {
        head[0] = (uint8_t)len;
    }
    mt_writer_splice(w, mark, 0, mt_span_of(head, 1 + n));
}

void mt_asn1_value(mt_writer *w, uint8_t tag, mt_span content)
{
    size_t mark = mt_asn1_open(w, tag);
    mt_write_bytes(w, content);
    mt_asn1_close(w, mark);
}

void mt_asn1_text(mt_writer *w, uint8_t tag, const char *text)
{
    mt_asn1_value(w, tag, mt_span_text(text));
}

void mt_asn1_bool(mt_writer *w, bool value)
{
    mt_asn1_value(w, MT_ASN1_BOOLEAN, mt_span_of(value ? "\xff" : "\x00", 1));
}

void mt_asn1_null(mt_writer *w)
{
    mt_asn1_value(w, MT_ASN1_NULL, (mt_span){0});
}

void mt_asn1_int_bytes(mt_writer *w, mt_span bytes)
{
    mt_asn1_value(w, MT_ASN1_INTEGER, bytes);
}

void mt_asn1_int(mt_writer *w, int64_t value)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)value >> (8 * (7 - i)));
    size_t skip = 0;
    while (skip < 7 && ((bytes[skip] == 0 && bytes[skip + 1] < 0x80) || (bytes[skip] == 0xff && bytes[skip + 1] >= 0x80)))
        skip++;
    mt_asn1_int_bytes(w, mt_span_of(bytes + skip, 8 - skip));
}

static void write_arc(mt_writer *w, uint64_t arc)
{
    unsigned groups = 1;
    while (groups < 9 && arc >> (7 * groups) != 0)
        groups++;
    for (unsigned i = groups; i > 0; i--)
        mt_write_uint(w, (arc >> (7 * (i - 1)) & 0x7f) | (i > 1 ? 0x80u : 0), 1);
}

/* Reads one arc and the dot behind it; false if there is no number, or something else than a dot or the end behind it. */
static bool read_arc(const char **text, uint64_t *arc)
{
    char *end = NULL;
    if (**text < '0' || **text > '9')
        return false;
    *arc = strtoull(*text, &end, 10);
    if (*end == '.' && end[1] == 0)
        return false;
    *text = *end == '.' ? end + 1 : end;
    return (*end == '.' || *end == 0) && *arc < (uint64_t)1 << 62;
}

bool mt_asn1_oid(mt_writer *w, const char *dotted)
{
    size_t before = w->len, mark = mt_asn1_open(w, MT_ASN1_OID);
    uint64_t first = 0, second = 0, arc = 0;
    bool ok = read_arc(&dotted, &first) && read_arc(&dotted, &second) && first <= 2 && (first == 2 || second < 40);
    if (ok)
        write_arc(w, first * 40 + second);
    while (ok && *dotted != 0) {
        ok = read_arc(&dotted, &arc);
        write_arc(w, arc);
    }
    mt_asn1_close(w, mark);
    if (!ok)
        w->len = before;
    return ok;
}

void mt_asn1_known_oid(mt_writer *w, const char *dotted)
{
    if (!mt_asn1_oid(w, dotted))
        mt_die("not an object identifier: %s", dotted);
}

void mt_asn1_bits(mt_writer *w, mt_span bytes, unsigned unused)
{
    size_t mark = mt_asn1_open(w, MT_ASN1_BIT_STRING);
    mt_write_uint(w, unused, 1);
    mt_write_bytes(w, bytes);
    mt_asn1_close(w, mark);
}

void mt_asn1_named_bits(mt_writer *w, uint32_t bits)
{
    uint8_t bytes[4] = {0};
    unsigned used = 0;
    for (unsigned i = 0; i < 32; i++) {
        if ((bits >> i & 1) == 0)
            continue;
        bytes[i / 8] = (uint8_t)(bytes[i / 8] | 0x80u >> (i % 8));
        used = i + 1;
    }
    mt_asn1_bits(w, mt_span_of(bytes, (used + 7) / 8), (8 - used % 8) % 8);
}

/* Days since 1970 to a date and back: the proleptic Gregorian calendar, counted in eras of 400 years that begin in March. */
mt_civil mt_time_civil(int64_t seconds)
{
    int64_t days = seconds / SECONDS_OF_DAY - (seconds % SECONDS_OF_DAY < 0 ? 1 : 0);
    unsigned rest = (unsigned)(seconds - days * SECONDS_OF_DAY);
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    unsigned of_era = (unsigned)(shifted - era * 146097);
    unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned from_march = (5 * of_year + 2) / 153;
    unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;
    return (mt_civil){.year = (int64_t)year_of_era + era * 400 + (month <= 2 ? 1 : 0),
                      .month = month,
                      .day = of_year - (153 * from_march + 2) / 5 + 1,
                      .hour = rest / 3600,
                      .minute = rest / 60 % 60,
                      .second = rest % 60};
}

int64_t mt_time_seconds(mt_civil c)
{
    int64_t year = c.year - (c.month <= 2 ? 1 : 0);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned year_of_era = (unsigned)(year - era * 400);
    unsigned from_march = c.month > 2 ? c.month - 3 : c.month + 9;
    unsigned of_year = (153 * from_march + 2) / 5 + c.day - 1;
    unsigned of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    int64_t days = era * 146097 + (int64_t)of_era - 719468;
    return days * SECONDS_OF_DAY + (int64_t)c.hour * 3600 + (int64_t)c.minute * 60 + (int64_t)c.second;
}

void mt_asn1_time(mt_writer *w, int64_t seconds, mt_time_form form)
{
    mt_civil c = mt_time_civil(seconds);
    if (form == MT_TIME_RFC5280)
        form = c.year >= 1950 && c.year < 2050 ? MT_TIME_UTC : MT_TIME_GENERALIZED;
    bool utc = form == MT_TIME_UTC;
    size_t mark = mt_asn1_open(w, utc ? MT_ASN1_UTC_TIME : MT_ASN1_GENERALIZED_TIME);
    mt_writef(w, "%0*d%02u%02u%02u%02u%02uZ", utc ? 2 : 4, (int)(utc ? c.year % 100 : c.year), c.month, c.day, c.hour, c.minute,
              c.second);
    mt_asn1_close(w, mark);
}

static size_t read_length(mt_reader *r)
{
    uint64_t len = mt_read_uint(r, "length", 1);
    if (len <= LENGTH_SHORT_MAX)
        return (size_t)len;
    if (len == 0x80 || len > 0x80 + LENGTH_OCTETS_MAX)
        mt_parse_fail(r->parse, "a length of form %02llx", (unsigned long long)len);
    return (size_t)mt_read_uint(r, "length", (unsigned)(len & 0x7f));
}

bool mt_asn1_read(mt_reader *r, mt_tlv *out)
{
    *out = (mt_tlv){0};
    if (r->rest.len == 0)
        return false;
    mt_span from = r->rest;
    uint64_t tag = mt_read_uint(r, "tag", 1);
    if ((tag & 0x1f) == 0x1f)
        mt_parse_fail(r->parse, "a tag of more than one octet");
    size_t len = read_length(r);
    mt_span content = mt_read_bytes(r, "value", len);
    if (r->parse->failed)
        return false;
    *out = (mt_tlv){(uint8_t)tag, mt_span_first(from, from.len - r->rest.len), content};
    return true;
}

mt_tlv mt_asn1_first(mt_span bytes)
{
    mt_parse p;
    mt_reader r = mt_parse_start(&p, bytes, false);
    mt_tlv v;
    return mt_asn1_read(&r, &v) ? v : (mt_tlv){0};
}

mt_tlv mt_asn1_next(mt_span bytes, mt_tlv v)
{
    if (v.whole.at == NULL)
        return v;
    size_t used = (size_t)(v.whole.at - bytes.at) + v.whole.len;
    return mt_asn1_first(mt_span_skip(bytes, used));
}
