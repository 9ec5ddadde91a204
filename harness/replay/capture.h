// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REPLAY_CAPTURE_H
#define MT_REPLAY_CAPTURE_H
/* Recorded traffic as byte streams: JSON lines {"dir": "c2s"|"s2c", "hex": "..."} or {"dir": ..., "eof": true}, pcap and pcapng (Ethernet,
 * loopback, raw IP, Linux cooked; TCP over IPv4 and IPv6, put in order). */
#include "base/diag.h"
#include "base/writer.h"

typedef struct mt_chunk {
    bool server, ended; /* ended: no more from this side; no bytes */
    mt_span bytes;
} mt_chunk;

typedef struct mt_connection {
    const char *name; /* "127.0.0.1:40000 -> 127.0.0.1:443"; of JSON the file's name */
    mt_chunk *chunks;
    size_t len, cap;
} mt_connection;

typedef struct mt_capture {
    mt_arena *arena;
    mt_connection *rows;
    size_t len, cap;
} mt_capture;

/* mt_capture_parse fills `out`, which mt_capture_free releases in either case. Connections of a pcap that do not begin with a TLS
 * record are left out. False: `d` says what is wrong with which line, or which packet. `bytes` is not needed afterwards. */
MT_MUST_CHECK bool mt_capture_parse(mt_span bytes, const char *name, mt_capture *out, mt_diag *d);
void mt_capture_free(mt_capture *c);
#endif
