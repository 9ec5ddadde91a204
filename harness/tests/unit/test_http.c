// SPDX-License-Identifier: Apache-2.0
#include "http/http.h"
#include "suite.h"

typedef struct row {
    const char *what, *bytes;
    bool end;           /* the stream ends behind it */
    bool has_head, complete, fault;
    int status;
    const char *body;
} row;

static const row rows[] = {
    {"plain", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, true, true, false, 200, "hi"},
    {"no reason", "HTTP/1.1 400\r\nContent-Length: 0\r\n\r\n", false, true, true, false, 400, ""},
    {"head only so far", "HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\n", false, true, false, false, 403, ""},
    {"half a head", "HTTP/1.1 200 OK\r\nContent-", false, false, false, false, 0, ""},
    {"until the end", "HTTP/1.0 200 OK\r\n\r\nall of it", true, true, true, false, 200, "all of it"},
    {"chunks",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", false, true, true, false, 200, "abcde"},
    {"100 then 401", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n", false, true, true, false, 401, ""},
    {"only 103", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", false, false, false, false, 0, ""},
    {"pipelined rest is ignored", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 X\r\n\r\n", false, true, true, false, 200, ""},
    {"not HTTP", "SSH-2.0-x\r\n", false, false, false, true, 0, ""},
    {"both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", false, false, false, true, 0, ""},
    {"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", false, true, false, true, 200, ""},
    {"204 has no body", "HTTP/1.1 204 No\r\n\r\n", false, true, true, false, 204, ""},
};

static void expect_row(const row *r, const mt_http *h)
{
    const mt_http_response *got = mt_http_response_of(h);
    ck_assert_msg(got->has_head == r->has_head, "%s: head", r->what);
    ck_assert_msg(got->complete == r->complete, "%s: complete", r->what);
    ck_assert_msg((got->fault != NULL) == r->fault, "%s: fault %s", r->what, got->fault ? got->fault : "none");
    ck_assert_msg(got->status == r->status, "%s: status %d", r->what, got->status);
    ck_assert_msg(mt_span_equal(got->body, mt_span_text(r->body)), "%s: body", r->what);
}

START_TEST(responses_at_once)
{
    const row *r = &rows[_i];
    mt_http *h = mt_http_new();
    mt_http_feed(h, mt_span_text(r->bytes));
    if (r->end)
        mt_http_feed_end(h);
    expect_row(r, h);
    mt_http_free(h);
}
END_TEST

START_TEST(responses_byte_by_byte)
{
    const row *r = &rows[_i];
    mt_http *h = mt_http_new();
    for (size_t i = 0; r->bytes[i] != 0; i++)
        mt_http_feed(h, mt_span_of(r->bytes + i, 1));
    if (r->end)
        mt_http_feed_end(h);
    expect_row(r, h);
    mt_http_free(h);
}
END_TEST

START_TEST(headers_are_found_by_any_case)
{
    mt_http *h = mt_http_new();
    mt_http_feed(h, mt_span_text("HTTP/1.1 302 Found\r\nLOCATION: /login\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n"));
    const mt_http_response *r = mt_http_response_of(h);
    ck_assert_str_eq(mt_http_find(r, "Location"), "/login");
    ck_assert_str_eq(mt_http_find(r, "x-empty"), "");
    ck_assert_ptr_null(mt_http_find(r, "Locatio"));
    mt_http_free(h);
}
END_TEST

START_TEST(interim_headers_do_not_count)
{
    mt_http *h = mt_http_new();
    mt_http_feed(h, mt_span_text("HTTP/1.1 103 Hints\r\nX-Client-Verify: SUCCESS\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    ck_assert_ptr_null(mt_http_find(mt_http_response_of(h), "X-Client-Verify"));
    mt_http_free(h);
}
END_TEST

START_TEST(a_long_head_is_a_fault)
{
    mt_http *h = mt_http_new();
    mt_http_feed(h, mt_span_text("HTTP/1.1 200 OK\r\nX: "));
    for (int i = 0; i < 100; i++) {
        char kib[1025];
        memset(kib, 'a', 1024);
        kib[1024] = 0;
        mt_http_feed(h, mt_span_text(kib));
    }
    ck_assert_ptr_nonnull(mt_http_response_of(h)->fault);
    ck_assert(!mt_http_response_of(h)->has_head);
    mt_http_free(h);
}
END_TEST

START_TEST(a_long_body_is_kept_up_to_the_cap)
{
    mt_http *h = mt_http_new();
    mt_http_feed(h, mt_span_text("HTTP/1.1 200 OK\r\n\r\n"));
    static const char block[4096];
    for (int i = 0; i < 40; i++)
        mt_http_feed(h, mt_span_of(block, sizeof block));
    mt_http_feed_end(h);
    ck_assert_uint_eq(mt_http_response_of(h)->body.len, MT_HTTP_BODY_MAX);
    ck_assert(mt_http_response_of(h)->complete);
    mt_http_free(h);
}
END_TEST

static void expect_request(const mt_http_request *r, const char *wanted)
{
    mt_writer w = {0};
    mt_http_request_write(r, &w);
    ck_assert_str_eq(mt_writer_text(&w), wanted);
    mt_writer_free(&w);
}

START_TEST(requests)
{
    expect_request(&(mt_http_request){.host = "::1", .port = 8443, .path = "/a b\r\nX: y", .label = "server/x\n"},
        "GET /abX:y HTTP/1.1\r\nHost: [::1]:8443\r\nUser-Agent: mtlspec/" MT_VERSION "\r\nAccept: */*\r\n"
        "X-Mtlspec-Case: server/x\r\nConnection: close\r\n\r\n");
    expect_request(&(mt_http_request){.host = "edge.example", .port = 443, .method = "HEAD"},
        "HEAD / HTTP/1.1\r\nHost: edge.example\r\nUser-Agent: mtlspec/" MT_VERSION "\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}
END_TEST

int main(void)
{
    static const suite_row tests[] = {
        {&responses_at_once, MT_COUNT(rows), 0},
        {&responses_byte_by_byte, MT_COUNT(rows), 0},
        {&headers_are_found_by_any_case, 0, 0},
        {&interim_headers_do_not_count, 0, 0},
        {&a_long_head_is_a_fault, 0, 0},
        {&a_long_body_is_kept_up_to_the_cap, 0, 0},
        {&requests, 0, 0},
    };
    return suite_run("http", tests, MT_COUNT(tests));
}
