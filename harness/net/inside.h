// SPDX-License-Identifier: Apache-2.0
#ifndef MT_NET_INSIDE_H
#define MT_NET_INSIDE_H
/* What the files of this module share; libuv is known here only. */
#include "net/loop.h"

#include <uv.h>

enum { MT_READ_SIZE = 64 * 1024 };

struct mt_loop {
    uv_loop_t uv;
    uv_signal_t signals[2];
    bool watching;
    int signal;
    unsigned lookups_left; /* given up, but still with the system's resolver */
    char buffer[MT_READ_SIZE]; /* one for all: what is read is handed out before the next read */
};
#endif
