// SPDX-License-Identifier: Apache-2.0
#ifndef MT_BASE_ENV_H
#define MT_BASE_ENV_H
/* What a module may not reach for by itself: time and random bytes. Both are handed in, so a test can fix them. */
#include <stddef.h>
#include <stdint.h>

typedef struct mt_clock {
    uint64_t (*now_us)(void *self); /* monotonic microseconds */
    void *self;
} mt_clock;

typedef struct mt_random {
    void (*fill)(void *self, uint8_t *out, size_t n);
    void *self;
} mt_random;

/* mt_clock_system reads CLOCK_MONOTONIC. */
mt_clock mt_clock_system(void);
/* mt_clock_text writes the UTC time now as "2026-11-21T19:30:05" (no zone) into `out`. */
void mt_clock_text(char out[20]);
#endif
