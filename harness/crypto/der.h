// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_DER_H
#define MT_CRYPTO_DER_H
/* As much DER (X.690) as keys need. Reading goes through mt_reader: faults stick, and the reader's owner asks at the end. */
#include "base/reader.h"

enum { MT_DER_INTEGER = 0x02, MT_DER_BITS = 0x03, MT_DER_OCTETS = 0x04, MT_DER_OID = 0x06, MT_DER_SEQUENCE = 0x30 };

/* mt_der_open takes one element off `r` and returns the view of its content. Another tag, an indefinite length, a length that
 * is not written in the shortest way or does not fit are faults; the view is then empty. */
mt_reader mt_der_open(mt_reader *r, uint8_t tag);
void mt_der_write(mt_writer *w, uint8_t tag, mt_span content);
/* mt_der_write_number writes the INTEGER of a big-endian number that is not negative; leading zeros are allowed. */
void mt_der_write_number(mt_writer *w, mt_span number);
#endif
