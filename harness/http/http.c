// SPDX-License-Identifier: Apache-2.0
#include "http/http.h"

#include <ctype.h>
#include <http_parser.h>

enum { HEADERS_MAX = 256 };
static const char head_too_long[] = "the response header is longer than 64 KiB";

struct mt_http {
    http_parser parser;
    mt_http_response response;
    mt_arena *arena;           /* names and values */
    mt_http_header headers[HEADERS_MAX];
    mt_writer name, value, body;
    size_t head_bytes;
    bool in_value, finished;
};

static void write_clean(mt_writer *out, const char *text)
{
    for (; *text != 0; text++) {
        if ((unsigned char)*text > ' ' && *text != 0x7f)
            mt_write_bytes(out, mt_span_of(text, 1));
    }
}

static void write_host(const mt_http_request *r, mt_writer *out)
{
    bool v6 = strchr(r->host, ':') != NULL;
    mt_writef(out, "Host: %s", v6 ? "[" : "");
    write_clean(out, r->host);
    mt_writef(out, "%s", v6 ? "]" : "");
    if (r->port != 443 && r->port != 0)
        mt_writef(out, ":%u", r->port);
    mt_writef(out, "\r\n");
}

void mt_http_request_write(const mt_http_request *r, mt_writer *out)
{
    mt_writef(out, "%s ", r->method ? r->method : "GET");
    write_clean(out, r->path ? r->path : "/");
    mt_writef(out, " HTTP/1.1\r\n");
    write_host(r, out);
    mt_writef(out, "User-Agent: mtlspec/%s\r\nAccept: */*\r\n", MT_VERSION);
    if (r->label != NULL) {
        mt_writef(out, "X-Mtlspec-Case: ");
        write_clean(out, r->label);
        mt_writef(out, "\r\n");
    }
    mt_writef(out, "Connection: close\r\n\r\n");
}

/* Over a cap the parser is stopped; what it then reports becomes the fault. */
static int count_head(mt_http *h, size_t n)
{
    h->head_bytes += n;
    if (h->head_bytes <= MT_HTTP_HEAD_MAX)
        return 0;
    h->response.fault = head_too_long;
    return 1;
}

static void end_header(mt_http *h)
{
    if (h->in_value && h->response.headers_len < HEADERS_MAX) {
        mt_http_header *row = &h->headers[h->response.headers_len++];
        row->name = mt_arena_strdup(h->arena, mt_writer_text(&h->name));
        row->value = mt_arena_strdup(h->arena, mt_writer_text(&h->value));
    }
    mt_writer_clear(&h->name);
    mt_writer_clear(&h->value);
    h->in_value = false;
}

static int on_begin(http_parser *p)
{
    mt_http *h = p->data;
    h->response.headers_len = 0;
    h->in_value = false;
    return 0;
}

static int on_status(http_parser *p, const char *at, size_t n)
{
    (void)at;
    return count_head(p->data, n);
}

static int on_field(http_parser *p, const char *at, size_t n)
{
    mt_http *h = p->data;
    if (h->in_value)
        end_header(h);
    mt_write_bytes(&h->name, mt_span_of(at, n));
    return count_head(h, n);
}

static int on_value(http_parser *p, const char *at, size_t n)
{
    mt_http *h = p->data;
    h->in_value = true;
    mt_write_bytes(&h->value, mt_span_of(at, n));
    return count_head(h, n);
}

static bool is_interim(const http_parser *p)
{
    return p->status_code / 100 == 1;
}

static int on_head(http_parser *p)
{
    mt_http *h = p->data;
    end_header(h);
    if (is_interim(p))
        return 0;
    h->response.has_head = true;
    h->response.status = (int)p->status_code;
    return 0;
}

static int on_body(http_parser *p, const char *at, size_t n)
{
    mt_http *h = p->data;
    mt_write_bytes(&h->body, mt_span_first(mt_span_of(at, n), MT_HTTP_BODY_MAX - h->body.len));
    return 0;
}

static int on_complete(http_parser *p)
{
    mt_http *h = p->data;
    if (is_interim(p))
        return 0;
    h->response.complete = h->finished = true;
    http_parser_pause(p, 1);
    return 0;
}

static const http_parser_settings handlers = {
    .on_message_begin = on_begin, .on_status = on_status, .on_header_field = on_field, .on_header_value = on_value,
    .on_headers_complete = on_head, .on_body = on_body, .on_message_complete = on_complete,
};

mt_http *mt_http_new(void)
{
    mt_http *h = mt_alloc(sizeof *h);
    http_parser_init(&h->parser, HTTP_RESPONSE);
    h->parser.data = h;
    h->arena = mt_arena_new();
    h->response.headers = h->headers;
    return h;
}

void mt_http_free(mt_http *h)
{
    if (h == NULL)
        return;
    mt_arena_free(h->arena);
    mt_writer_free(&h->name);
    mt_writer_free(&h->value);
    mt_writer_free(&h->body);
    mt_free(h);
}

static void feed(mt_http *h, const char *at, size_t n)
{
    http_parser_execute(&h->parser, &handlers, at, n);
    enum http_errno failed = HTTP_PARSER_ERRNO(&h->parser);
    if (failed != HPE_OK && failed != HPE_PAUSED) {
        h->finished = true;
        if (failed == HPE_HEADER_OVERFLOW) /* the parser has a limit of its own, near ours */
            h->response.fault = head_too_long;
        if (h->response.fault == NULL)
            h->response.fault = mt_arena_printf(h->arena, "the answer is no HTTP: %s", http_errno_description(failed));
    }
    h->response.body = mt_written(&h->body);
}

void mt_http_feed(mt_http *h, mt_span bytes)
{
    if (!h->finished && bytes.len != 0)
        feed(h, (const char *)bytes.at, bytes.len);
}

void mt_http_feed_end(mt_http *h)
{
    if (!h->finished && h->response.has_head)
        feed(h, NULL, 0); /* how the parser is told of the end */
}

const mt_http_response *mt_http_response_of(const mt_http *h)
{
    return &h->response;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a != 0 && tolower((unsigned char)*a) == tolower((unsigned char)*b); a++)
        b++;
    return *a == *b;
}

const char *mt_http_find(const mt_http_response *r, const char *name)
{
    for (size_t i = 0; i < r->headers_len; i++) {
        if (same_name(r->headers[i].name, name))
            return r->headers[i].value;
    }
    return NULL;
}
