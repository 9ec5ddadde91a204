// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include "base/mem.h"

#include <openssl/rand.h>

void mt_random_bytes(uint8_t *out, size_t n)
{
    if (RAND_bytes(out, (int)n) != 1)
        mt_die("libcrypto has no random bytes");
}
