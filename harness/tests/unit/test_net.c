// SPDX-License-Identifier: Apache-2.0
#include "base/writer.h"
#include "net/child.h"
#include "net/conn.h"

#include <arpa/inet.h>
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct seen {
    mt_writer data;
    bool connected, write_failed, over, got;
    mt_net_end how;
    char text[100];
} seen;

static mt_loop *loop;

static void on_connected(void *self)
{
    ((seen *)self)->connected = true;
}

static void on_data(void *self, mt_span bytes)
{
    seen *s = self;
    mt_write_bytes(&s->data, bytes);
    s->got = true;
}

static void on_ended(void *self, mt_net_end how, const char *text)
{
    seen *s = self;
    s->over = true;
    s->how = how;
    snprintf(s->text, sizeof s->text, "%s", text);
}

static void on_write_failed(void *self, const char *text)
{
    (void)text;
    ((seen *)self)->write_failed = true;
}

static mt_conn_events events_of(seen *s)
{
    return (mt_conn_events){on_connected, on_data, on_ended, on_write_failed, s};
}

/* A listening socket of the kernel's own: its peer is what the test makes of it. */
static int listening(mt_address *out)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, size), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&name, &size), 0);
    mt_addresses found;
    mt_place_asked asked = {.host = "127.0.0.1", .port = ntohs(name.sin_port)};
    ck_assert(mt_resolve(loop, &asked, 5000000, &found));
    *out = found.rows[0];
    return fd;
}

static void set_true(void *self)
{
    *(bool *)self = true;
}

/* Runs the loop until `*done`; false: not within `ms`. */
static bool within(uint64_t ms, const bool *done)
{
    bool late = false;
    mt_timer *t = mt_timer_new(loop, set_true, &late);
    mt_timer *tick = mt_timer_new(loop, set_true, &late);
    mt_timer_set(t, ms * 1000);
    while (!*done && !late) {
        bool turn = false;
        mt_timer_free(tick);
        tick = mt_timer_new(loop, set_true, &turn);
        mt_timer_set(tick, 1000);
        mt_loop_until(loop, &turn);
    }
    mt_timer_free(t);
    mt_timer_free(tick);
    return *done;
}

static void setup(void)
{
    loop = mt_loop_new();
}

static void teardown(void)
{
    mt_loop_free(loop);
}

START_TEST(a_closed_port_refuses)
{
    mt_address to;
    close(listening(&to));
    seen s = {0};
    mt_conn_events events = events_of(&s);
    mt_conn *c = mt_conn_open(loop, &to, &events);
    ck_assert(!s.over);
    ck_assert(mt_loop_until(loop, &s.over));
    ck_assert(!s.connected);
    ck_assert_int_eq(s.how, MT_NET_ERROR);
    ck_assert_str_eq(s.text, "connection refused");
    mt_conn_close(c);
}
END_TEST

START_TEST(data_then_fin)
{
    mt_address to;
    int fd = listening(&to);
    seen s = {0};
    mt_conn_events events = events_of(&s);
    mt_conn *c = mt_conn_open(loop, &to, &events);
    ck_assert(mt_loop_until(loop, &s.connected));
    int peer = accept(fd, NULL, NULL);
    ck_assert_int_eq(write(peer, "bye", 3), 3);
    close(peer);
    ck_assert(mt_loop_until(loop, &s.over));
    ck_assert_int_eq(s.how, MT_NET_FIN);
    ck_assert(mt_span_equal(mt_written(&s.data), mt_span_text("bye")));
    mt_conn_close(c);
    mt_writer_free(&s.data);
    close(fd);
}
END_TEST

START_TEST(a_reset_comes_behind_the_data)
{
    mt_address to;
    int fd = listening(&to);
    seen s = {0};
    mt_conn_events events = events_of(&s);
    mt_conn *c = mt_conn_open(loop, &to, &events);
    ck_assert(mt_loop_until(loop, &s.connected));
    int peer = accept(fd, NULL, NULL);
    ck_assert_int_eq(write(peer, "why", 3), 3);
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(peer);
    ck_assert(mt_loop_until(loop, &s.over));
    ck_assert_int_eq(s.how, MT_NET_RESET);
    ck_assert(mt_span_equal(mt_written(&s.data), mt_span_text("why")));
    mt_conn_close(c);
    mt_writer_free(&s.data);
    close(fd);
}
END_TEST

/* The rule of reading after a failed write: the peer leaves its reason and goes, we write into the void, the reason is read. */
START_TEST(a_failed_write_does_not_end_reading)
{
    mt_address to;
    int fd = listening(&to);
    seen s = {0};
    mt_conn_events events = events_of(&s);
    mt_conn *c = mt_conn_open(loop, &to, &events);
    ck_assert(mt_loop_until(loop, &s.connected));
    int peer = accept(fd, NULL, NULL);
    static const char much[1 << 16];
    mt_conn_write(c, mt_span_of(much, sizeof much)); /* unread at the peer: its close becomes a reset */
    char one;
    ck_assert_int_eq(read(peer, &one, 1), 1);
    ck_assert_int_eq(write(peer, "alert", 5), 5);
    close(peer);
    for (int i = 0; i < 20; i++)
        mt_conn_write(c, mt_span_of(much, sizeof much));
    ck_assert(mt_loop_until(loop, &s.over));
    ck_assert_int_eq(s.how, MT_NET_RESET);
    ck_assert(mt_span_equal(mt_written(&s.data), mt_span_text("alert")));
    mt_conn_close(c);
    mt_writer_free(&s.data);
    close(fd);
}
END_TEST

START_TEST(a_silent_peer_leaves_the_deadline_to_the_timer)
{
    mt_address to;
    int fd = listening(&to);
    seen s = {0};
    mt_conn_events events = events_of(&s);
    mt_conn *c = mt_conn_open(loop, &to, &events);
    ck_assert(mt_loop_until(loop, &s.connected));
    ck_assert(!within(50, &s.over));
    mt_conn_close(c);
    close(fd);
}
END_TEST

typedef struct echo_server {
    seen seen;
    mt_conn *conn;
    bool accepted;
} echo_server;

static void on_echo(void *self, mt_span bytes)
{
    echo_server *e = self;
    mt_conn_write(e->conn, bytes);
}

static void on_accepted(void *self, mt_conn *c)
{
    echo_server *e = self;
    e->conn = c;
    e->accepted = true;
    mt_conn_events events = {NULL, on_echo, on_ended, NULL, e};
    mt_conn_serve(c, &events);
}

START_TEST(our_own_listener_echoes)
{
    echo_server e = {0};
    char error[200];
    mt_listener *s = mt_listen(loop, &(mt_listen_at){"127.0.0.1", 0, on_accepted, &e}, error);
    ck_assert_ptr_nonnull(s);
    mt_addresses found;
    mt_place_asked asked = {.host = "localhost.invalid", .port = 1, .overrides_len = 1};
    mt_override o = {.host = "LOCALHOST.invalid", .to_host = "127.0.0.1", .to_port = mt_listener_port(s)};
    asked.overrides = &o;
    ck_assert(mt_resolve(loop, &asked, 5000000, &found));
    ck_assert(found.rows[0].loopback);
    seen got = {0};
    mt_conn_events events = events_of(&got);
    mt_conn *c = mt_conn_open(loop, &found.rows[0], &events);
    ck_assert(mt_loop_until(loop, &got.connected));
    mt_conn_write(c, mt_span_text("ping"));
    ck_assert(mt_loop_until(loop, &got.got));
    ck_assert(mt_span_equal(mt_written(&got.data), mt_span_text("ping")));
    mt_conn_finish(c);
    ck_assert(mt_loop_until(loop, &e.seen.over));
    ck_assert_int_eq(e.seen.how, MT_NET_FIN);
    mt_conn_close(c);
    mt_conn_close(e.conn);
    mt_listener_close(s);
    mt_writer_free(&got.data);
}
END_TEST

START_TEST(a_taken_port_is_told)
{
    char error[200] = "";
    echo_server e = {0};
    mt_listener *s = mt_listen(loop, &(mt_listen_at){"127.0.0.1", 0, on_accepted, &e}, error);
    ck_assert_ptr_nonnull(s);
    ck_assert_ptr_null(mt_listen(loop, &(mt_listen_at){"127.0.0.1", mt_listener_port(s), on_accepted, &e}, error));
    ck_assert_ptr_nonnull(strstr(error, "address already in use"));
    ck_assert_ptr_null(mt_listen(loop, &(mt_listen_at){"not an address", 0, on_accepted, &e}, error));
    mt_listener_close(s);
}
END_TEST

START_TEST(names_that_do_not_resolve_say_why)
{
    mt_addresses found;
    ck_assert(!mt_resolve(loop, &(mt_place_asked){.host = "no such host", .port = 1}, 5000000, &found));
    ck_assert_str_ne(found.error, "");
}
END_TEST

START_TEST(children)
{
    char error[200];
    const char *const argv[] = {"/bin/sh", "-c", "echo noise; echo port 17; exec sleep 60", NULL};
    mt_child *c = mt_child_start(loop, argv, error);
    ck_assert_ptr_nonnull(c);
    ck_assert_str_eq(mt_child_wait_line(c, "port ", 5000000), "17");
    ck_assert(mt_child_running(c));
    mt_child_stop(c);
    const char *const none[] = {"/no/such/program", NULL};
    ck_assert_ptr_null(mt_child_start(loop, none, error));
    const char *const mute[] = {"/bin/true", NULL};
    c = mt_child_start(loop, mute, error);
    ck_assert_ptr_null(mt_child_wait_line(c, "port ", 5000000));
    mt_child_stop(c);
}
END_TEST

static void join(void *self, const char *line)
{
    mt_writef(self, "%s;", line);
}

START_TEST(every_line_of_a_child)
{
    char error[200];
    mt_writer lines = {0};
    const mt_line_taker taker = {join, &lines};
    const char *const argv[] = {"/bin/sh", "-c", "echo one; echo; sleep 0.1; echo two; printf rest", NULL};
    mt_child *c = mt_child_start(loop, argv, error);
    ck_assert_ptr_nonnull(c);
    ck_assert(mt_child_each_line(c, &taker, 5000000));
    ck_assert_str_eq(mt_writer_text(&lines), "one;;two;");
    mt_child_stop(c);
    const char *const endless[] = {"/bin/sh", "-c", "echo one; exec sleep 60", NULL};
    c = mt_child_start(loop, endless, error);
    mt_writer_clear(&lines);
    ck_assert(!mt_child_each_line(c, &taker, 200000));
    ck_assert_str_eq(mt_writer_text(&lines), "one;");
    mt_child_stop(c);
    mt_writer_free(&lines);
}
END_TEST

START_TEST(a_signal_ends_the_waiting)
{
    mt_loop_watch_signals(loop);
    bool never = false;
    mt_timer *t = mt_timer_new(loop, set_true, &never);
    mt_timer_set(t, 60000000);
    raise(SIGTERM);
    ck_assert(!mt_loop_until(loop, &never));
    ck_assert_int_eq(mt_loop_signal(loop), SIGTERM);
    mt_timer_free(t);
}
END_TEST

typedef struct url_row {
    const char *text, *host, *path;
    unsigned port; /* 0: refused */
} url_row;

static const url_row urls[] = {
    {"https://edge.example", "edge.example", "/", 443},
    {"https://edge.example:8443/a?b#c", "edge.example", "/a?b", 8443},
    {"localhost:1", "localhost", "/", 1},
    {"https://[::1]:8443/", "::1", "/", 8443},
    {"https://[::1", "", "", 0},
    {"http://edge.example", "", "", 0},
    {"https://", "", "", 0},
    {"https://a:0", "", "", 0},
    {"https://a:65536", "", "", 0},
    {"https://a:12x", "", "", 0},
    {"https://a:", "", "", 0},
    {"https://me@a/", "", "", 0},
    {"https://a?b", "a", "/?b", 443},
    {"https://a/b?c=http://d@e", "a", "/b?c=http://d@e", 443},
    {"https://a:1:2", "", "", 0},
    {"https://a b/", "", "", 0},
    {"https://a/b c", "", "", 0},
    {"https:///b", "", "", 0},
    {"https:/a", "", "", 0},
    {"https://::1", "", "", 0},
    {"", "", "", 0},
};

START_TEST(url_rows)
{
    mt_diag *d = mt_diag_new();
    mt_url u;
    bool ok = mt_url_parse(urls[_i].text, &u, d);
    ck_assert_msg(ok == (urls[_i].port != 0), "%s", urls[_i].text);
    ck_assert_uint_eq(mt_diag_count(d), ok ? 0 : 1);
    if (ok) {
        ck_assert_str_eq(u.host, urls[_i].host);
        ck_assert_str_eq(u.path, urls[_i].path);
        ck_assert_uint_eq(u.port, urls[_i].port);
    }
    mt_diag_free(d);
}
END_TEST

typedef struct override_row {
    bool resolve;
    const char *text, *host, *to_host; /* host NULL: refused */
    unsigned port, to_port;
} override_row;

static const override_row overrides[] = {
    {true, "a.example:443:127.0.0.1", "a.example", "127.0.0.1", 443, 0},
    {true, "a.example:443:[::1]", "a.example", "::1", 443, 0},
    {true, "a.example:443:::1", "a.example", "::1", 443, 0},
    {true, "a.example:443", NULL, NULL, 0, 0},
    {true, "a.example::127.0.0.1", NULL, NULL, 0, 0},
    {false, "::127.0.0.1:8443", "", "127.0.0.1", 0, 8443},
    {false, "a:443:b:", "a", "b", 443, 0},
    {false, "[::1]:443:[::2]:444", "::1", "::2", 443, 444},
    {false, "a:443:b", NULL, NULL, 0, 0},
    {false, "a:443:b:99999", NULL, NULL, 0, 0},
};

START_TEST(override_rows)
{
    const override_row *r = &overrides[_i];
    mt_diag *d = mt_diag_new();
    mt_override o;
    bool ok = r->resolve ? mt_override_resolve(r->text, "--resolve", &o, d) : mt_override_connect(r->text, "--connect-to", &o, d);
    ck_assert_msg(ok == (r->host != NULL), "%s", r->text);
    if (ok) {
        ck_assert_str_eq(o.host, r->host);
        ck_assert_str_eq(o.to_host, r->to_host);
        ck_assert_uint_eq(o.port, r->port);
        ck_assert_uint_eq(o.to_port, r->to_port);
    }
    mt_diag_free(d);
}
END_TEST

static TCase *cases(void)
{
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 20);
    tcase_add_test(t, a_closed_port_refuses);
    tcase_add_test(t, data_then_fin);
    tcase_add_test(t, a_reset_comes_behind_the_data);
    tcase_add_test(t, a_failed_write_does_not_end_reading);
    tcase_add_test(t, a_silent_peer_leaves_the_deadline_to_the_timer);
    tcase_add_test(t, our_own_listener_echoes);
    tcase_add_test(t, a_taken_port_is_told);
    tcase_add_test(t, names_that_do_not_resolve_say_why);
    tcase_add_test(t, children);
    tcase_add_test(t, every_line_of_a_child);
    tcase_add_test(t, a_signal_ends_the_waiting);
    tcase_add_loop_test(t, url_rows, 0, MT_COUNT(urls));
    tcase_add_loop_test(t, override_rows, 0, MT_COUNT(overrides));
    return t;
}

int main(void)
{
    Suite *s = suite_create("net");
    suite_add_tcase(s, cases());
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
