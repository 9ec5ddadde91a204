// SPDX-License-Identifier: Apache-2.0
#ifndef MT_HTTP_INBOX_H
#define MT_HTTP_INBOX_H
/* The server's side of HTTP/1.1 (RFC 9112): requests in, one after the other. */
#include "base/writer.h"

enum {
    MT_HTTP_PATH_MAX = 1024,
    MT_HTTP_ASKED_BODY_MAX = 1 << 20 /* bodies are read and dropped */
};

typedef struct mt_http_asked {
    const char *method, *path; /* valid until the next call on the inbox */
    bool keep_alive;           /* the client may send another request on this connection */
    int refuse;                /* 0, or the status that this has to be answered with: 400, 413, 414, 431; then nothing more comes */
} mt_http_asked;

typedef struct mt_http_inbox mt_http_inbox;
mt_http_inbox *mt_http_inbox_new(void);
void mt_http_inbox_free(mt_http_inbox *b); /* NULL is legal */
void mt_http_inbox_feed(mt_http_inbox *b, mt_span bytes);
/* mt_http_inbox_next is true when a whole request, or what cannot become one, is there; it takes it out. */
bool mt_http_inbox_next(mt_http_inbox *b, mt_http_asked *out);
#endif
