// SPDX-License-Identifier: Apache-2.0
#ifndef MT_NET_LOOP_H
#define MT_NET_LOOP_H
/* The event loop. One thread, one loop: everything that waits (connections, timers, children, names, signals) waits here.
 * No callback is ever called from within the function that asked for it; all come from the loop. */
#include "base/mem.h"
#include "base/span.h"

typedef struct mt_loop mt_loop;

/* mt_loop_new also makes this process ignore SIGPIPE. */
mt_loop *mt_loop_new(void);
/* mt_loop_free lets what is being closed finish closing. Whatever was opened on the loop has to be closed before. */
void mt_loop_free(mt_loop *l);
/* mt_loop_lingers: a loop was freed while the system's resolver, which cannot be stopped, was still looking up a name that nobody
 * waits for any more. exit() would wait for it; _Exit() does not. */
bool mt_loop_lingers(void);
uint64_t mt_loop_now_us(const mt_loop *l);

/* mt_loop_until runs the loop until `*done`, or a watched signal came. False: the signal, or nothing is left to wait for. */
bool mt_loop_until(mt_loop *l, const bool *done);

/* mt_loop_watch_signals makes SIGINT and SIGTERM end mt_loop_until from now on. A second one ends the process as usual. */
void mt_loop_watch_signals(mt_loop *l);
/* mt_loop_signal is the signal that came, or 0. */
int mt_loop_signal(const mt_loop *l);

/* A timer fires once for each mt_timer_set; setting it again moves it. */
typedef struct mt_timer mt_timer;
mt_timer *mt_timer_new(mt_loop *l, void (*fire)(void *self), void *self);
void mt_timer_set(mt_timer *t, uint64_t us); /* rounded up to milliseconds; 0: at the next turn of the loop */
void mt_timer_clear(mt_timer *t);
void mt_timer_free(mt_timer *t); /* NULL is legal; never fires again */
#endif
