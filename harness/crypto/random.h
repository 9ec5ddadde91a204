// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_RANDOM_H
#define MT_CRYPTO_RANDOM_H
#include <stddef.h>
#include <stdint.h>

/* mt_random_bytes fills out[n] from libcrypto's generator; a generator that fails ends the process. */
void mt_random_bytes(uint8_t *out, size_t n);
#endif
