// SPDX-License-Identifier: Apache-2.0
#define _POSIX_C_SOURCE 200809L
#include "base/env.h"

#include <time.h>

static uint64_t system_us(void *self)
{
    (void)self;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

mt_clock mt_clock_system(void)
{
    return (mt_clock){system_us, NULL};
}

void mt_clock_text(char out[20])
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(out, 20, "%Y-%m-%dT%H:%M:%S", &utc);
}
