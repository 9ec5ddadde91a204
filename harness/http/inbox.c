// SPDX-License-Identifier: Apache-2.0
#include "http/inbox.h"

#include <http_parser.h>

struct mt_http_inbox {
    http_parser parser;
    mt_writer waiting, path;
    size_t body;
    int refuse;
    bool complete, dead; /* dead: nothing more is read */
};

/* A refusal stops the parser. */
static int refuse(mt_http_inbox *b, int status)
{
    b->refuse = status;
    return 1;
}

static int on_begin(http_parser *p)
{
    mt_http_inbox *b = p->data;
    mt_writer_clear(&b->path);
    b->body = 0;
    b->complete = false;
    return 0;
}

static int on_url(http_parser *p, const char *at, size_t n)
{
    mt_http_inbox *b = p->data;
    if (b->path.len + n > MT_HTTP_PATH_MAX)
        return refuse(b, 414);
    mt_write_bytes(&b->path, mt_span_of(at, n));
    return 0;
}

static int on_body(http_parser *p, const char *at, size_t n)
{
    (void)at;
    mt_http_inbox *b = p->data;
    b->body += n;
    return b->body > MT_HTTP_ASKED_BODY_MAX ? refuse(b, 413) : 0;
}

static int on_complete(http_parser *p)
{
    mt_http_inbox *b = p->data;
    b->complete = true;
    http_parser_pause(p, 1);
    return 0;
}

static const http_parser_settings handlers = {
    .on_message_begin = on_begin, .on_url = on_url, .on_body = on_body, .on_message_complete = on_complete,
};

mt_http_inbox *mt_http_inbox_new(void)
{
    mt_http_inbox *b = mt_alloc(sizeof *b);
    http_parser_init(&b->parser, HTTP_REQUEST);
    b->parser.data = b;
    return b;
}

void mt_http_inbox_free(mt_http_inbox *b)
{
    if (b == NULL)
        return;
    mt_writer_free(&b->waiting);
    mt_writer_free(&b->path);
    mt_free(b);
}

void mt_http_inbox_feed(mt_http_inbox *b, mt_span bytes)
{
    if (!b->dead)
        mt_write_bytes(&b->waiting, bytes);
}

static int status_of(const mt_http_inbox *b)
{
    enum http_errno failed = HTTP_PARSER_ERRNO(&b->parser);
    if (failed == HPE_OK || failed == HPE_PAUSED)
        return 0;
    if (b->refuse != 0)
        return b->refuse;
    return failed == HPE_HEADER_OVERFLOW ? 431 : 400;
}

bool mt_http_inbox_next(mt_http_inbox *b, mt_http_asked *out)
{
    if (b->dead || b->waiting.len == 0)
        return false;
    http_parser_pause(&b->parser, 0);
    b->complete = false;
    size_t used = http_parser_execute(&b->parser, &handlers, (const char *)b->waiting.at, b->waiting.len);
    mt_writer_drop(&b->waiting, used);
    int status = status_of(b);
    if (!b->complete && status == 0)
        return false;
    bool keep_alive = status == 0 && !b->parser.upgrade && http_should_keep_alive(&b->parser);
    b->dead = !keep_alive;
    *out = (mt_http_asked){http_method_str((enum http_method)b->parser.method), mt_writer_text(&b->path), keep_alive, status};
    return true;
}
