// SPDX-License-Identifier: Apache-2.0
#ifndef MT_WIRE_RECORD_H
#define MT_WIRE_RECORD_H
/* Record and handshake framing: RFC 8446 5.1, RFC 5246 6.2.1. Nothing here knows keys. */
#include "base/mem.h"
#include "base/writer.h"

enum {
    MT_RECORD_HEADER = 5,
    MT_RECORD_PLAIN_MAX = 16384,              /* RFC 8446 5.1: 2^14 */
    MT_RECORD_BODY_MAX = 16384 + 2048,        /* RFC 5246 6.2.3; TLS 1.3 allows 256 more than the plaintext */
    MT_MESSAGE_HEADER = 4,
    MT_MESSAGE_MAX = 1 << 18                  /* our cap on a handshake message from the peer */
};

typedef struct mt_record {
    uint8_t type;
    uint16_t version;
    mt_span body;  /* within the input */
    size_t size;   /* header and body */
} mt_record;

typedef enum mt_framing { MT_FRAME_WHOLE, MT_FRAME_PARTIAL, MT_FRAME_TOO_LONG } mt_framing;

/* mt_record_next frames the first record of `in`. MT_FRAME_TOO_LONG: the announced length is above MT_RECORD_BODY_MAX. */
mt_framing mt_record_next(mt_span in, mt_record *out);
void mt_record_write(mt_writer *w, uint8_t type, uint16_t version, mt_span body);

typedef struct mt_message {
    uint8_t type;
    mt_span body;  /* without the header */
    mt_span whole; /* with it */
} mt_message;

/* mt_message_next frames the first handshake message of `in` in the same way, with the cap MT_MESSAGE_MAX. */
mt_framing mt_message_next(mt_span in, mt_message *out);
#endif
