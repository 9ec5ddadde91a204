// SPDX-License-Identifier: Apache-2.0
#include "http/inbox.h"
#include "suite.h"

#include <stdio.h>

typedef struct row {
    const char *in;
    const char *out; /* of each request: "METHOD PATH STATUS keep|close;" */
} row;

static const row rows[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 0 keep;"},
    {"GET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n", "GET /a 0 keep;HEAD /b 0 close;"},
    {"GET /a HTTP/1.1\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\n\r\n", "GET /a 0 close;"},
    {"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n", "POST /a 0 keep;GET /b 0 keep;"},
    {"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n", "POST /a 0 keep;GET /b 0 keep;"},
    {"GET /old HTTP/1.0\r\n\r\n", "GET /old 0 close;"},
    {"GET / HTTP/1.1\r\nHost: a\r\n", ""},
    {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", ""},
    {"\x16\x03\x01", "* 400 close;"},
    {"nonsense\r\n\r\n", "* 400 close;"},
    {"GET / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", ""},
    {"CONNECT a:1 HTTP/1.1\r\n\r\nxyz", "CONNECT a:1 0 close;"},
};

static void note(mt_writer *w, const mt_http_asked *r)
{
    if (r->refuse != 0)
        mt_writef(w, "* %d %s;", r->refuse, r->keep_alive ? "keep" : "close");
    else
        mt_writef(w, "%s %s %d %s;", r->method, r->path, r->refuse, r->keep_alive ? "keep" : "close");
}

/* Whole, and in pieces of one byte. */
START_TEST(reads)
{
    const row *r = &rows[_i];
    size_t n = strlen(r->in);
    for (size_t step = 1; step <= n; step = step == 1 ? n : n + 1) {
        mt_http_inbox *b = mt_http_inbox_new();
        mt_writer seen = {0};
        mt_http_asked asked;
        for (size_t at = 0; at < n; at += step) {
            mt_http_inbox_feed(b, mt_span_of(r->in + at, step));
            while (mt_http_inbox_next(b, &asked))
                note(&seen, &asked);
        }
        ck_assert_str_eq(mt_writer_text(&seen), r->out);
        mt_writer_free(&seen);
        mt_http_inbox_free(b);
    }
}
END_TEST

/* Over a cap: what is repeated behind the head, and the answer. */
static const struct {
    const char *head;
    int status;
} floods[] = {{"GET /", 414}, {"GET / HTTP/1.1\r\nX: ", 431}, {"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", 413}};

START_TEST(is_bounded)
{
    static char block[4096];
    memset(block, 'a', sizeof block);
    mt_http_inbox *b = mt_http_inbox_new();
    mt_http_asked asked = {0};
    mt_http_inbox_feed(b, mt_span_text(floods[_i].head));
    for (int i = 0; i < 600 && !mt_http_inbox_next(b, &asked); i++)
        mt_http_inbox_feed(b, mt_span_of(block, sizeof block));
    ck_assert_int_eq(asked.refuse, floods[_i].status);
    ck_assert(!asked.keep_alive);
    mt_http_inbox_feed(b, mt_span_of(block, sizeof block));
    ck_assert(!mt_http_inbox_next(b, &asked));
    mt_http_inbox_free(b);
}
END_TEST

int main(void)
{
    const suite_row tests[] = {{&reads, MT_COUNT(rows), 0}, {&is_bounded, MT_COUNT(floods), 0}};
    return suite_run("http inbox", tests, MT_COUNT(tests));
}
