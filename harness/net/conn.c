// SPDX-License-Identifier: Apache-2.0
#include "net/conn.h"

#include "net/inside.h"

enum { BACKLOG = 128 };

struct mt_conn {
    uv_tcp_t tcp;
    uv_timer_t failure; /* brings a failure that libuv tells at once through the loop */
    uv_connect_t connecting;
    uv_shutdown_t finishing;
    mt_loop *loop;
    mt_conn_events events;
    int failed;         /* of opening */
    unsigned handles;   /* not closed yet */
    bool open, ended, write_failed, write_reset, finished, closing;
};

struct mt_listener {
    uv_tcp_t tcp;
    mt_listen_at at;
    mt_loop *loop;
};

typedef struct write_job {
    uv_write_t uv;
    uint8_t bytes[];
} write_job;

static bool is_reset(int status)
{
    return status == UV_ECONNRESET || status == UV_EPIPE;
}

static mt_conn *make(mt_loop *l)
{
    mt_conn *c = mt_alloc(sizeof *c);
    c->loop = l;
    uv_tcp_init(&l->uv, &c->tcp);
    uv_timer_init(&l->uv, &c->failure);
    c->handles = 2;
    c->tcp.data = c->failure.data = c->connecting.data = c->finishing.data = c;
    return c;
}

/* libuv tells a hangup behind data as the end of the stream; whether it was a reset, the socket still knows. */
static bool reset_is_pending(const mt_conn *c)
{
    uv_os_fd_t fd;
    int failed = 0;
    socklen_t size = sizeof failed;
    if (uv_fileno((const uv_handle_t *)&c->tcp, &fd) != 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0)
        return false;
    return is_reset(uv_translate_sys_error(failed));
}

static void end(mt_conn *c, int status)
{
    if (c->ended || c->closing)
        return;
    c->ended = true;
    bool reset = is_reset(status) || (status == UV_EOF && (c->write_reset || reset_is_pending(c)));
    mt_net_end how = reset ? MT_NET_RESET : status == UV_EOF ? MT_NET_FIN : MT_NET_ERROR;
    c->events.ended(c->events.self, how, uv_strerror(status));
}

static void lend(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
    (void)wanted;
    mt_conn *c = handle->data;
    *out = uv_buf_init(c->loop->buffer, MT_READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    mt_conn *c = stream->data;
    if (n > 0)
        c->events.data(c->events.self, mt_span_of(buffer->base, (size_t)n));
    else if (n < 0)
        end(c, (int)n);
}

static void start_reading(mt_conn *c)
{
    c->open = true;
    uv_tcp_nodelay(&c->tcp, 1);
    uv_read_start((uv_stream_t *)&c->tcp, lend, on_read);
}

static void on_connected(uv_connect_t *request, int status)
{
    mt_conn *c = request->data;
    if (c->closing)
        return;
    if (status != 0) {
        c->ended = true;
        c->events.ended(c->events.self, MT_NET_ERROR, uv_strerror(status));
        return;
    }
    start_reading(c);
    c->events.connected(c->events.self);
}

static void tell_failure(uv_timer_t *timer)
{
    mt_conn *c = timer->data;
    c->ended = true;
    c->events.ended(c->events.self, MT_NET_ERROR, uv_strerror(c->failed));
}

mt_conn *mt_conn_open(mt_loop *l, const mt_address *to, const mt_conn_events *events)
{
    mt_conn *c = make(l);
    c->events = *events;
    c->failed = uv_tcp_connect(&c->connecting, &c->tcp, (const struct sockaddr *)(const void *)&to->raw, on_connected);
    if (c->failed != 0)
        uv_timer_start(&c->failure, tell_failure, 0, 0);
    return c;
}

static void on_written(uv_write_t *request, int status)
{
    mt_conn *c = request->data;
    mt_free(request);
    if (status == 0 || c->closing || c->write_failed)
        return;
    c->write_failed = true;
    c->write_reset = is_reset(status);
    if (!c->ended && c->events.write_failed != NULL)
        c->events.write_failed(c->events.self, uv_strerror(status));
}

void mt_conn_write(mt_conn *c, mt_span bytes)
{
    if (!c->open || c->ended || c->write_failed || c->finished || bytes.len == 0)
        return;
    write_job *job = mt_alloc(sizeof *job + bytes.len);
    memcpy(job->bytes, bytes.at, bytes.len);
    job->uv.data = c;
    uv_buf_t buffer = uv_buf_init((char *)job->bytes, (unsigned)bytes.len);
    if (uv_write(&job->uv, (uv_stream_t *)&c->tcp, &buffer, 1, on_written) != 0)
        mt_free(job);
}

static void on_finished(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status;
}

void mt_conn_finish(mt_conn *c)
{
    if (!c->open || c->finished || c->write_failed)
        return;
    c->finished = true;
    uv_shutdown(&c->finishing, (uv_stream_t *)&c->tcp, on_finished);
}

static void on_closed(uv_handle_t *handle)
{
    mt_conn *c = handle->data;
    c->handles--;
    if (c->handles == 0)
        mt_free(c);
}

void mt_conn_close(mt_conn *c)
{
    if (c == NULL || c->closing)
        return;
    c->closing = true;
    uv_close((uv_handle_t *)&c->tcp, on_closed);
    uv_close((uv_handle_t *)&c->failure, on_closed);
}

void mt_conn_abort(mt_conn *c)
{
    if (c->closing)
        return;
    c->closing = true;
    if (uv_tcp_close_reset(&c->tcp, on_closed) != 0) /* not possible behind our FIN */
        uv_close((uv_handle_t *)&c->tcp, on_closed);
    uv_close((uv_handle_t *)&c->failure, on_closed);
}

static void on_incoming(uv_stream_t *stream, int status)
{
    mt_listener *s = stream->data;
    if (status != 0)
        return;
    mt_conn *c = make(s->loop);
    if (uv_accept(stream, (uv_stream_t *)&c->tcp) != 0)
        mt_conn_close(c);
    else
        s->at.accepted(s->at.self, c);
}

void mt_conn_serve(mt_conn *c, const mt_conn_events *events)
{
    c->events = *events;
    start_reading(c);
}

static int bind_to(mt_listener *s)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } name;
    int failed = uv_ip4_addr(s->at.host, (int)s->at.port, &name.v4);
    if (failed != 0)
        failed = uv_ip6_addr(s->at.host, (int)s->at.port, &name.v6);
    if (failed == 0)
        failed = uv_tcp_bind(&s->tcp, &name.any, 0);
    return failed ? failed : uv_listen((uv_stream_t *)&s->tcp, BACKLOG, on_incoming);
}

mt_listener *mt_listen(mt_loop *l, const mt_listen_at *at, char error[200])
{
    mt_listener *s = mt_alloc(sizeof *s);
    s->at = *at;
    s->loop = l;
    uv_tcp_init(&l->uv, &s->tcp);
    s->tcp.data = s;
    int failed = bind_to(s);
    if (failed == 0)
        return s;
    snprintf(error, 200, "%s port %u: %s", at->host, at->port, uv_strerror(failed));
    mt_listener_close(s);
    return NULL;
}

unsigned mt_listener_port(const mt_listener *s)
{
    struct sockaddr_storage name = {0};
    int size = sizeof name;
    if (uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&name, &size) != 0)
        return 0;
    in_port_t port = name.ss_family == AF_INET ? ((struct sockaddr_in *)&name)->sin_port : ((struct sockaddr_in6 *)&name)->sin6_port;
    return ntohs(port);
}

static void free_listener(uv_handle_t *handle)
{
    mt_free(handle->data);
}

void mt_listener_close(mt_listener *s)
{
    if (s != NULL)
        uv_close((uv_handle_t *)&s->tcp, free_listener);
}
