// SPDX-License-Identifier: Apache-2.0
#ifndef MT_NET_CHILD_H
#define MT_NET_CHILD_H
/* A child process: no shell, its standard output read line by line, its standard error ours, its standard input empty. */
#include "net/loop.h"

typedef struct mt_child mt_child;

enum { MT_CHILD_LINE_MAX = 4096 };

/* mt_child_start runs argv[0] (a path, or a name to be found in PATH); argv ends with NULL. NULL: `error` says why. */
mt_child *mt_child_start(mt_loop *l, const char *const *argv, char error[200]);
/* mt_child_wait_line runs the loop until the child has written a line that begins with `prefix`, and returns what follows it
 * (valid until the next call). NULL: it ended, or `timeout_us` passed, or a signal came. */
const char *mt_child_wait_line(mt_child *c, const char *prefix, uint64_t timeout_us);
/* mt_child_each_line runs the loop until the child has ended, and hands every line that it writes to `take`. False: it has not
 * ended by itself within `timeout_us`, or a signal came. */
typedef struct mt_line_taker {
    void (*take)(void *self, const char *line);
    void *self;
} mt_line_taker;
MT_MUST_CHECK bool mt_child_each_line(mt_child *c, const mt_line_taker *taker, uint64_t timeout_us);
bool mt_child_running(const mt_child *c);
/* mt_child_stop sends SIGTERM, after two seconds SIGKILL, waits for the end and frees. NULL is legal. Runs the loop. */
void mt_child_stop(mt_child *c);

/* mt_program_folder writes the folder of the running program into `out` ("" when it cannot be known). */
void mt_program_folder(char *out, size_t size);
#endif
