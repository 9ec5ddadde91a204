// SPDX-License-Identifier: Apache-2.0
#ifndef MT_HTTP_HTTP_H
#define MT_HTTP_HTTP_H
/* HTTP/1.1 as far as judging needs it (RFC 9112): one request out, one final response in. */
#include "base/writer.h"

typedef struct mt_http_request {
    const char *method; /* NULL: GET */
    const char *path;   /* NULL: / */
    const char *host;
    unsigned port;      /* named in Host unless it is 443 */
    const char *label;  /* X-Mtlspec-Case: the run's id, so that the other side's log can be searched; NULL: left out */
} mt_http_request;

/* mt_http_request_write appends the request. Characters that cannot stand in a header are left out. */
void mt_http_request_write(const mt_http_request *r, mt_writer *out);

enum {
    MT_HTTP_HEAD_MAX = 64 * 1024, /* of a response, 1xx included; more is a fault */
    MT_HTTP_BODY_MAX = 64 * 1024  /* what is kept of a body; the rest is read and dropped */
};

typedef struct mt_http_header {
    const char *name, *value;
} mt_http_header;

typedef struct mt_http_response {
    bool has_head;       /* the final response header (not 1xx) is complete */
    bool complete;       /* so is its body */
    int status;
    const mt_http_header *headers; /* in order of arrival */
    size_t headers_len;
    mt_span body;        /* the first MT_HTTP_BODY_MAX bytes, decoded from chunks */
    const char *fault;   /* what came is not HTTP: why; NULL */
} mt_http_response;

typedef struct mt_http mt_http;
mt_http *mt_http_new(void);
void mt_http_free(mt_http *h);
/* mt_http_feed takes bytes from the other side; what follows the response is ignored. */
void mt_http_feed(mt_http *h, mt_span bytes);
/* mt_http_feed_end: the stream ended; completes a response whose body has no stated length. */
void mt_http_feed_end(mt_http *h);
/* mt_http_response_of is valid until the next feed. */
const mt_http_response *mt_http_response_of(const mt_http *h);
/* mt_http_find returns the value of the first header of that name (case does not count), or NULL. */
const char *mt_http_find(const mt_http_response *r, const char *name);
#endif
