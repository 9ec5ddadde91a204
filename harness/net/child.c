// SPDX-License-Identifier: Apache-2.0
#include "net/child.h"

#include "net/inside.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { GRACE_US = 2000000 };

struct mt_child {
    uv_process_t process;
    uv_pipe_t output;
    mt_loop *loop;
    char line[MT_CHILD_LINE_MAX];
    size_t used;
    char found[MT_CHILD_LINE_MAX];
    const char *prefix;   /* what is waited for */
    const mt_line_taker *taker; /* gets every line; NULL: nobody */
    bool closed;          /* the end of the output was read */
    bool met;             /* it came, the child ended, or it is late */
    bool matched, exited;
    unsigned handles;
};

static void end_line(mt_child *c)
{
    c->line[c->used] = 0;
    c->used = 0;
    if (c->taker != NULL)
        c->taker->take(c->taker->self, c->line);
    if (c->prefix == NULL || c->matched || strncmp(c->line, c->prefix, strlen(c->prefix)) != 0)
        return;
    snprintf(c->found, sizeof c->found, "%s", c->line + strlen(c->prefix));
    c->matched = c->met = true;
}

static void on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    mt_child *c = stream->data;
    for (ssize_t i = 0; i < n; i++) {
        if (buffer->base[i] == '\n')
            end_line(c);
        else if (c->used + 1 < sizeof c->line)
            c->line[c->used++] = buffer->base[i];
    }
    if (n < 0)
        c->closed = true;
    c->met = c->met || (c->closed && c->exited && c->taker != NULL);
}

static void lend(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
    (void)wanted;
    mt_child *c = handle->data;
    *out = uv_buf_init(c->loop->buffer, MT_READ_SIZE);
}

static void on_exit_of(uv_process_t *process, int64_t status, int number)
{
    (void)status;
    (void)number;
    mt_child *c = process->data;
    c->exited = true;
    c->met = c->taker == NULL || c->closed;
}

static void on_closed(uv_handle_t *handle)
{
    mt_child *c = handle->data;
    c->handles--;
    if (c->handles == 0)
        mt_free(c);
}

static void discard(mt_child *c)
{
    uv_close((uv_handle_t *)&c->process, on_closed);
    uv_close((uv_handle_t *)&c->output, on_closed);
}

static int spawn(mt_child *c, const char *const *argv, size_t argc)
{
    char **copy = mt_alloc((argc + 1) * sizeof *copy);
    for (size_t i = 0; i < argc; i++)
        copy[i] = mt_strdup(argv[i]);
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->output},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
    };
    uv_process_options_t options = {.file = argv[0], .args = copy, .stdio = stdio, .stdio_count = 3, .exit_cb = on_exit_of};
    int failed = uv_spawn(&c->loop->uv, &c->process, &options);
    for (size_t i = 0; i < argc; i++)
        mt_free(copy[i]);
    mt_free(copy);
    return failed;
}

mt_child *mt_child_start(mt_loop *l, const char *const *argv, char error[200])
{
    size_t argc = 0;
    while (argv[argc] != NULL)
        argc++;
    mt_child *c = mt_alloc(sizeof *c);
    c->loop = l;
    c->handles = 2;
    uv_pipe_init(&l->uv, &c->output, 0);
    c->output.data = c->process.data = c;
    int failed = spawn(c, argv, argc);
    if (failed != 0) {
        snprintf(error, 200, "%s: %s", argv[0], uv_strerror(failed));
        discard(c);
        return NULL;
    }
    uv_read_start((uv_stream_t *)&c->output, lend, on_output);
    return c;
}

static void on_late(void *self)
{
    *(bool *)self = true;
}

static void wait_met(mt_child *c, uint64_t timeout_us)
{
    mt_timer *t = mt_timer_new(c->loop, on_late, &c->met);
    mt_timer_set(t, timeout_us);
    mt_loop_until(c->loop, &c->met);
    mt_timer_free(t);
}

const char *mt_child_wait_line(mt_child *c, const char *prefix, uint64_t timeout_us)
{
    c->prefix = prefix;
    c->matched = false;
    c->met = c->exited;
    wait_met(c, timeout_us);
    c->prefix = NULL;
    return c->matched ? c->found : NULL;
}

bool mt_child_each_line(mt_child *c, const mt_line_taker *taker, uint64_t timeout_us)
{
    c->taker = taker;
    c->met = c->exited && c->closed;
    wait_met(c, timeout_us);
    c->taker = NULL;
    return c->exited && c->closed;
}

bool mt_child_running(const mt_child *c)
{
    return !c->exited;
}

/* mt_loop_until would not wait after a signal to ourselves: the end of a child is awaited all the same. */
static void wait_exit(mt_child *c)
{
    bool late = false;
    mt_timer *t = mt_timer_new(c->loop, on_late, &late);
    mt_timer_set(t, GRACE_US);
    while (!c->exited && !late)
        uv_run(&c->loop->uv, UV_RUN_ONCE);
    mt_timer_free(t);
}

void mt_child_stop(mt_child *c)
{
    static const int ways[] = {SIGTERM, SIGKILL};
    if (c == NULL)
        return;
    for (size_t i = 0; !c->exited && i < MT_COUNT(ways); i++) {
        uv_process_kill(&c->process, ways[i]);
        wait_exit(c);
    }
    discard(c);
}

void mt_program_folder(char *out, size_t size)
{
    size_t n = size;
    if (uv_exepath(out, &n) != 0)
        n = 0;
    out[n < size ? n : size - 1] = 0;
    char *slash = strrchr(out, '/');
    out[slash != NULL ? slash - out : 0] = 0;
}
