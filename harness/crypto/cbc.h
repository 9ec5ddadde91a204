// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_CBC_H
#define MT_CRYPTO_CBC_H
/* GenericBlockCipher (RFC 5246 6.2.3.2) as TLCP uses it: explicit IV | CBC(data | HMAC | padding). Inside crypto only. */
#include "crypto/inner.h"

/* Sequence number (8), type (1), version (2), length of the data (2): what the MAC covers before the data. */
enum { MT_PSEUDO_HEADER = 13 };

typedef struct mt_cbc mt_cbc;
/* `key` is the key of the MAC (as long as `mac`) and then that of `cipher`. */
mt_cbc *mt_cbc_new(const char *cipher, mt_hash_id mac, mt_span key);
void mt_cbc_free(mt_cbc *c); /* NULL is legal */
/* mt_cbc_seal appends the record's body; the padding is the shortest. */
void mt_cbc_seal(const mt_cbc *c, const uint8_t header[MT_PSEUDO_HEADER], mt_span plain, mt_writer *out);
/* mt_cbc_open appends the data of `body` to `out`. The length within `header` is set here. Any padding of up to 255 bytes is
 * legal. False: too short, no whole blocks, padding or MAC wrong; `out` is as it was. */
MT_MUST_CHECK bool mt_cbc_open(const mt_cbc *c, uint8_t header[MT_PSEUDO_HEADER], mt_span body, mt_writer *out);
#endif
