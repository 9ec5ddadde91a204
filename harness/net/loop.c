// SPDX-License-Identifier: Apache-2.0
#include "net/inside.h"

#include <signal.h>

struct mt_timer {
    uv_timer_t uv;
    void (*fire)(void *self);
    void *self;
};

static const int watched[] = {SIGINT, SIGTERM};
static bool lingers;

mt_loop *mt_loop_new(void)
{
    mt_loop *l = mt_alloc(sizeof *l);
    int failed = uv_loop_init(&l->uv);
    if (failed != 0)
        mt_die("cannot make an event loop: %s", uv_strerror(failed));
    signal(SIGPIPE, SIG_IGN);
    return l;
}

static void unwatch(mt_loop *l)
{
    for (size_t i = 0; l->watching && i < MT_COUNT(watched); i++)
        uv_close((uv_handle_t *)&l->signals[i], NULL);
    l->watching = false;
}

void mt_loop_free(mt_loop *l)
{
    if (l == NULL)
        return;
    unwatch(l);
    lingers = lingers || l->lookups_left != 0;
    if (l->lookups_left != 0)
        return; /* the resolver's thread will still come back to it */
    while (uv_run(&l->uv, UV_RUN_DEFAULT) != 0)
        continue;
    int failed = uv_loop_close(&l->uv);
    if (failed != 0)
        mt_die("the event loop was left with open handles: %s", uv_strerror(failed));
    mt_free(l);
}

bool mt_loop_lingers(void)
{
    return lingers;
}

uint64_t mt_loop_now_us(const mt_loop *l)
{
    (void)l;
    return uv_hrtime() / 1000;
}

bool mt_loop_until(mt_loop *l, const bool *done)
{
    while (!*done && l->signal == 0) {
        if (uv_run(&l->uv, UV_RUN_ONCE) == 0 && !*done)
            return false;
    }
    return *done && l->signal == 0;
}

static void on_signal(uv_signal_t *handle, int number)
{
    mt_loop *l = handle->data;
    l->signal = number;
    unwatch(l);
}

void mt_loop_watch_signals(mt_loop *l)
{
    for (size_t i = 0; !l->watching && i < MT_COUNT(watched); i++) {
        uv_signal_init(&l->uv, &l->signals[i]);
        l->signals[i].data = l;
        uv_signal_start(&l->signals[i], on_signal, watched[i]);
        uv_unref((uv_handle_t *)&l->signals[i]);
    }
    l->watching = true;
}

int mt_loop_signal(const mt_loop *l)
{
    return l->signal;
}

mt_timer *mt_timer_new(mt_loop *l, void (*fire)(void *self), void *self)
{
    mt_timer *t = mt_alloc(sizeof *t);
    uv_timer_init(&l->uv, &t->uv);
    t->uv.data = t;
    t->fire = fire;
    t->self = self;
    return t;
}

static void on_timer(uv_timer_t *handle)
{
    mt_timer *t = handle->data;
    t->fire(t->self);
}

void mt_timer_set(mt_timer *t, uint64_t us)
{
    uv_update_time(t->uv.loop);
    uv_timer_start(&t->uv, on_timer, (us + 999) / 1000, 0);
}

void mt_timer_clear(mt_timer *t)
{
    uv_timer_stop(&t->uv);
}

static void free_timer(uv_handle_t *handle)
{
    mt_free(handle->data);
}

void mt_timer_free(mt_timer *t)
{
    if (t != NULL)
        uv_close((uv_handle_t *)&t->uv, free_timer);
}
