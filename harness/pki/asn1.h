// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_ASN1_H
#define MT_PKI_ASN1_H
/* DER (X.690), written by hand so that any field of a certificate can be wrong, and read back. Values nest: open one, write
 * its content, close it, and the closing writes the length in its shortest form. */
#include "base/reader.h"
#include "base/writer.h"

enum {
    MT_ASN1_BOOLEAN = 0x01,
    MT_ASN1_INTEGER = 0x02,
    MT_ASN1_BIT_STRING = 0x03,
    MT_ASN1_OCTET_STRING = 0x04,
    MT_ASN1_NULL = 0x05,
    MT_ASN1_OID = 0x06,
    MT_ASN1_UTF8 = 0x0c,
    MT_ASN1_PRINTABLE = 0x13,
    MT_ASN1_IA5 = 0x16,
    MT_ASN1_UTC_TIME = 0x17,
    MT_ASN1_GENERALIZED_TIME = 0x18,
    MT_ASN1_SEQUENCE = 0x30,
    MT_ASN1_SET = 0x31,
    MT_ASN1_CONTEXT = 0x80,     /* | number: primitive, implicit */
    MT_ASN1_CONSTRUCTED = 0xa0, /* | number: constructed, explicit */
};

/* mt_asn1_open starts a value; what it returns is for mt_asn1_close. */
size_t mt_asn1_open(mt_writer *w, uint8_t tag);
void mt_asn1_close(mt_writer *w, size_t mark);
/* mt_asn1_value writes a whole value: tag, length, `content` as it is. */
void mt_asn1_value(mt_writer *w, uint8_t tag, mt_span content);
void mt_asn1_text(mt_writer *w, uint8_t tag, const char *text);
void mt_asn1_bool(mt_writer *w, bool value);
void mt_asn1_null(mt_writer *w);
void mt_asn1_int(mt_writer *w, int64_t value);
/* mt_asn1_int_bytes writes an INTEGER whose two's complement content is `bytes` as given, minimal or not. */
void mt_asn1_int_bytes(mt_writer *w, mt_span bytes);
/* mt_asn1_oid writes an OBJECT IDENTIFIER from its dotted text. False (and nothing written): that is no such text. */
MT_MUST_CHECK bool mt_asn1_oid(mt_writer *w, const char *dotted);
/* mt_asn1_known_oid is mt_asn1_oid for a text of our own tables. */
void mt_asn1_known_oid(mt_writer *w, const char *dotted);
/* mt_asn1_bits writes a BIT STRING with `unused` bits at the end of the last octet. */
void mt_asn1_bits(mt_writer *w, mt_span bytes, unsigned unused);
/* mt_asn1_named_bits writes a named bit list (X.690 11.2.2): bit 0 of `bits` is named bit 0; trailing zero bits go. */
void mt_asn1_named_bits(mt_writer *w, uint32_t bits);

typedef enum mt_time_form {
    MT_TIME_RFC5280, /* UTCTime through 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5) */
    MT_TIME_UTC,
    MT_TIME_GENERALIZED
} mt_time_form;
/* mt_asn1_time writes `seconds` since 1970, years 1 to 9999. */
void mt_asn1_time(mt_writer *w, int64_t seconds, mt_time_form form);
/* mt_time_seconds is the UTC time as seconds since 1970; `month` from 1. No value is checked. */
typedef struct mt_civil {
    int64_t year;
    unsigned month, day, hour, minute, second;
} mt_civil;
int64_t mt_time_seconds(mt_civil c);
mt_civil mt_time_civil(int64_t seconds);

/* A value as read: `whole` with tag and length, `content` without. */
typedef struct mt_tlv {
    uint8_t tag;
    mt_span whole, content;
} mt_tlv;
/* mt_asn1_read takes the next value of the view (low tag numbers, definite lengths up to 4 octets). On false the parse has
 * failed or the view is used up. */
MT_MUST_CHECK bool mt_asn1_read(mt_reader *r, mt_tlv *out);
/* mt_asn1_first is the first value of `bytes`, the zero value if there is none. */
mt_tlv mt_asn1_first(mt_span bytes);
/* mt_asn1_next is the value after `v` inside `bytes`, the zero value at the end or where the bytes are no DER. */
mt_tlv mt_asn1_next(mt_span bytes, mt_tlv v);
#endif
