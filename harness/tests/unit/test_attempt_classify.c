// SPDX-License-Identifier: Apache-2.0
#include "attempt/classify.h"
#include "suite.h"

typedef struct row {
    const char *what;
    mt_evidence seen;
    const char *answer;  /* HTTP bytes; NULL: none */
    const char *rule;    /* --granted; NULL: none */
    mt_answer control;
    mt_outcome wanted;
} row;

#define OPEN .connected = true, .opened = true
#define REFUSED_HTTP(code) {.kind = MT_REFUSED, .where = MT_IN_HTTP, .manner = MT_BY_STATUS, .status = code}
#define CLOSED(at, by) {.kind = MT_REFUSED, .where = at, .manner = MT_BY_CLOSE, .close = by}
#define HTTP(status) "HTTP/1.1 " status " X\r\nContent-Length: 0\r\n\r\n"
#define JSON(text) "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" text

static const row rows[] = {
    {"no connection", {.text = "connection refused"}, NULL, NULL, {0}, {.kind = MT_UNREACHABLE}},
    {"connect timed out", {.timed_out = true}, NULL, NULL, {0}, {.kind = MT_UNREACHABLE}},
    {"alert in the handshake", {.connected = true, .tls = MT_TLS_ALERT, .alert = 40}, NULL, NULL, {0},
        {.kind = MT_REFUSED, .where = MT_IN_HANDSHAKE, .manner = MT_BY_ALERT, .alert = 40}},
    {"alert after it", {OPEN, .tls = MT_TLS_ALERT, .alert = 116}, NULL, NULL, {0},
        {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_ALERT, .alert = 116}},
    {"alert and then FIN", {OPEN, .tls = MT_TLS_ALERT, .alert = 48, .ended = true, .how = MT_NET_FIN}, NULL, NULL, {0},
        {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_ALERT, .alert = 48}},
    {"FIN in the handshake", {.connected = true, .ended = true, .how = MT_NET_FIN}, NULL, NULL, {0},
        CLOSED(MT_IN_HANDSHAKE, MT_CLOSE_FIN)},
    {"FIN after it", {OPEN, .ended = true, .how = MT_NET_FIN}, NULL, NULL, {0}, CLOSED(MT_AFTER_HANDSHAKE, MT_CLOSE_FIN)},
    {"reset after it", {OPEN, .ended = true, .how = MT_NET_RESET}, NULL, NULL, {0}, CLOSED(MT_AFTER_HANDSHAKE, MT_CLOSE_RESET)},
    {"close_notify after it", {OPEN, .tls = MT_TLS_CLOSE_NOTIFY}, NULL, NULL, {0}, CLOSED(MT_AFTER_HANDSHAKE, MT_CLOSE_NOTIFY)},
    {"another network error", {OPEN, .ended = true, .how = MT_NET_ERROR, .text = "no route"}, NULL, NULL, {0}, {.kind = MT_UNREACHABLE}},
    {"nothing in time", {OPEN, .timed_out = true}, NULL, NULL, {0}, {.kind = MT_UNANSWERED}},
    {"half an answer in time", {OPEN, .timed_out = true, .replied = true}, "HTTP/1.1 200 O", NULL, {0}, {.kind = MT_UNANSWERED}},
    {"half an answer, then FIN", {OPEN, .ended = true, .replied = true}, "HTTP/1.1 200 O", NULL, {0}, {.kind = MT_GARBLED}},
    {"broken TLS", {.connected = true, .tls = MT_TLS_BROKEN, .text = "not a record"}, NULL, NULL, {0}, {.kind = MT_GARBLED}},
    {"its chain is bad", {.connected = true, .tls = MT_TLS_DISTRUST, .text = "expired"}, NULL, NULL, {0}, {.kind = MT_DISTRUSTED}},
    {"not HTTP", {OPEN, .replied = true}, "220 ready\r\n", NULL, {0}, {.kind = MT_GARBLED}},

    {"200", {OPEN, .replied = true}, HTTP("200"), NULL, {0}, {.kind = MT_SERVED, .status = 200}},
    {"200 and then an alert", {OPEN, .replied = true, .tls = MT_TLS_ALERT, .alert = 42}, HTTP("200"), NULL, {0},
        {.kind = MT_SERVED, .status = 200}},
    {"only 100", {OPEN, .ended = true}, "HTTP/1.1 100 Continue\r\n\r\n", NULL, {0}, CLOSED(MT_AFTER_HANDSHAKE, MT_CLOSE_FIN)},
    {"204", {OPEN, .replied = true}, "HTTP/1.1 204 X\r\n\r\n", NULL, {0}, {.kind = MT_SERVED, .status = 204}},
    {"400", {OPEN, .replied = true}, HTTP("400"), NULL, {0}, REFUSED_HTTP(400)},
    {"401", {OPEN, .replied = true}, HTTP("401"), NULL, {0}, REFUSED_HTTP(401)},
    {"403", {OPEN, .replied = true}, HTTP("403"), NULL, {0}, REFUSED_HTTP(403)},
    {"495", {OPEN, .replied = true}, HTTP("495"), NULL, {0}, REFUSED_HTTP(495)},
    {"496", {OPEN, .replied = true}, HTTP("496"), NULL, {0}, REFUSED_HTTP(496)},
    {"408", {OPEN, .replied = true}, HTTP("408"), NULL, {0}, {.kind = MT_UNDECIDED, .status = 408}},
    {"421", {OPEN, .replied = true}, HTTP("421"), NULL, {0}, {.kind = MT_UNDECIDED, .status = 421}},
    {"425", {OPEN, .replied = true}, HTTP("425"), NULL, {0}, {.kind = MT_UNDECIDED, .status = 425}},
    {"429", {OPEN, .replied = true}, HTTP("429"), NULL, {0}, {.kind = MT_UNDECIDED, .status = 429}},
    {"503", {OPEN, .replied = true}, HTTP("503"), NULL, {0}, {.kind = MT_UNDECIDED, .status = 503}},
    {"404 unlike the control", {OPEN, .replied = true}, HTTP("404"), NULL, {200, NULL}, {.kind = MT_UNDECIDED, .status = 404}},
    {"404 like the control", {OPEN, .replied = true}, HTTP("404"), NULL, {404, NULL}, {.kind = MT_SERVED, .status = 404}},
    {"302 like the control", {OPEN, .replied = true}, "HTTP/1.1 302 X\r\nLocation: /in\r\n\r\n", NULL, {302, "/in"},
        {.kind = MT_SERVED, .status = 302}},
    {"302 to elsewhere", {OPEN, .replied = true}, "HTTP/1.1 302 X\r\nLocation: /login\r\n\r\n", NULL, {302, "/in"},
        {.kind = MT_UNDECIDED, .status = 302}},
    {"403 although the control got it", {OPEN, .replied = true}, HTTP("403"), NULL, {403, NULL}, REFUSED_HTTP(403)},

    {"the echo saw nobody", {OPEN, .replied = true}, JSON("{\"verified\" : false}"), NULL, {0},
        {.kind = MT_SERVED_ANONYMOUS, .status = 200}},
    {"the echo saw somebody", {OPEN, .replied = true}, JSON("{\"verified\":true}"), NULL, {0}, {.kind = MT_SERVED, .status = 200}},
    {"the header saw nobody", {OPEN, .replied = true}, "HTTP/1.1 200 X\r\nX-Client-Verify: NONE\r\n\r\n", NULL, {0},
        {.kind = MT_SERVED_ANONYMOUS, .status = 200}},
    {"the header saw somebody", {OPEN, .replied = true}, "HTTP/1.1 200 X\r\nX-Client-Verify: SUCCESS\r\n\r\n", NULL, {0},
        {.kind = MT_SERVED, .status = 200}},
    {"the header saw a bad one", {OPEN, .replied = true}, "HTTP/1.1 200 X\r\nX-Client-Verify: FAILED:expired\r\n\r\n", NULL, {0},
        {.kind = MT_SERVED_ANONYMOUS, .status = 200}},

    {"rule: 403 is granted", {OPEN, .replied = true}, HTTP("403"), "200,403", {0}, {.kind = MT_SERVED, .status = 403}},
    {"rule: 302 is not", {OPEN, .replied = true}, HTTP("302"), "200,403", {0}, REFUSED_HTTP(302)},
    {"rule: 503 decides nothing", {OPEN, .replied = true}, HTTP("503"), "200", {0}, {.kind = MT_UNDECIDED, .status = 503}},
    {"rule: header there", {OPEN, .replied = true}, "HTTP/1.1 200 X\r\nX-In: yes\r\n\r\n", "header x-in: yes", {0},
        {.kind = MT_SERVED, .status = 200}},
    {"rule: header of another value", {OPEN, .replied = true}, "HTTP/1.1 200 X\r\nX-In: no\r\n\r\n", "header x-in: yes", {0},
        REFUSED_HTTP(200)},
    {"rule: header of any value", {OPEN, .replied = true}, "HTTP/1.1 404 X\r\nX-In: no\r\n\r\n", "header X-In", {0},
        {.kind = MT_SERVED, .status = 404}},
    {"rule: body", {OPEN, .replied = true}, "HTTP/1.0 200 X\r\n\r\nwelcome in", "body welcome", {0}, {.kind = MT_SERVED, .status = 200}},
    {"rule: body without it", {OPEN, .replied = true}, "HTTP/1.0 200 X\r\n\r\nlog in", "body welcome", {0}, REFUSED_HTTP(200)},
    {"rule: any reply", {OPEN, .replied = true}, NULL, "any-reply", {0}, {.kind = MT_SERVED}},
    {"rule: no reply", {OPEN, .ended = true}, NULL, "any-reply", {0}, CLOSED(MT_AFTER_HANDSHAKE, MT_CLOSE_FIN)},
};

START_TEST(outcomes)
{
    const row *r = &rows[_i];
    mt_arena *arena = mt_arena_new();
    mt_diag *d = mt_diag_new();
    mt_granted granted = {0};
    if (r->rule != NULL)
        ck_assert_msg(mt_granted_parse(r->rule, arena, &granted, d), "%s", mt_diag_text(d));
    mt_http *h = mt_http_new();
    mt_http_feed(h, mt_span_text(r->answer ? r->answer : ""));
    mt_http_feed_end(h);
    mt_evidence seen = r->seen;
    seen.http = granted.any_reply ? NULL : mt_http_response_of(h);
    mt_outcome got = mt_classify(&seen, &granted, &r->control);
    mt_writer w = {0};
    mt_outcome_write(&got, &w);
    ck_assert_msg(mt_outcome_same(&got, &r->wanted), "%s: %s", r->what, mt_writer_text(&w));
    mt_writer_free(&w);
    mt_http_free(h);
    mt_diag_free(d);
    mt_arena_free(arena);
}
END_TEST

static const char *const bad_rules[] = {"", "99", "200,", "200;204", "header", "header : x", "body", "anything", "600"};

START_TEST(rules_that_are_none)
{
    mt_arena *arena = mt_arena_new();
    mt_diag *d = mt_diag_new();
    mt_granted g;
    ck_assert_msg(!mt_granted_parse(bad_rules[_i], arena, &g, d), "%s", bad_rules[_i]);
    ck_assert_uint_eq(mt_diag_count(d), 1);
    mt_diag_free(d);
    mt_arena_free(arena);
}
END_TEST

typedef struct enough_row {
    const char *bytes, *rule;
    bool enough;
} enough_row;

static const enough_row enough[] = {
    {"HTTP/1.1 400 X\r\nContent-Length: 9\r\n\r\n", NULL, true},
    {"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n", NULL, true},
    {"HTTP/1.1 200 X\r\nContent-Length: 9\r\nContent-Type: application/json\r\n\r\n", NULL, false},
    {"HTTP/1.1 200 X\r\nContent-Length: 9\r\nContent-Type: application/json\r\nX-Client-Verify: NONE\r\n\r\n", NULL, true},
    {"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nwel", "body welcome", false},
    {"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nwelcome", "body welcome", true},
    {"HTTP/1.1 200 X\r\nContent-", NULL, false},
    {"garbage\r\n", NULL, true},
};

START_TEST(enough_to_decide)
{
    const enough_row *r = &enough[_i];
    mt_arena *arena = mt_arena_new();
    mt_diag *d = mt_diag_new();
    mt_granted granted = {0};
    if (r->rule != NULL)
        ck_assert(mt_granted_parse(r->rule, arena, &granted, d));
    mt_http *h = mt_http_new();
    mt_http_feed(h, mt_span_text(r->bytes));
    ck_assert_msg(mt_answered(mt_http_response_of(h), &granted) == r->enough, "%s", r->bytes);
    mt_http_free(h);
    mt_diag_free(d);
    mt_arena_free(arena);
}
END_TEST

int main(void)
{
    static const suite_row tests[] = {
        {&outcomes, MT_COUNT(rows), 0},
        {&rules_that_are_none, MT_COUNT(bad_rules), 0},
        {&enough_to_decide, MT_COUNT(enough), 0},
    };
    return suite_run("attempt_classify", tests, MT_COUNT(tests));
}
