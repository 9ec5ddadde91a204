// SPDX-License-Identifier: Apache-2.0
#ifndef MT_FUZZ_ROUNDS_H
#define MT_FUZZ_ROUNDS_H
/* A file under a password says how many rounds its key takes. Many are legal, and teach a fuzzer nothing. */
#include "base/span.h"

enum { MANY_FROM = 3, MANY_TO = 8, TAGS_AND_LENGTHS = 4 };

/* has_many_rounds finds a salt, which is an OCTET STRING, and behind it an INTEGER of more than two bytes. */
static inline bool has_many_rounds(mt_span bytes)
{
    for (size_t i = 0; i + TAGS_AND_LENGTHS <= bytes.len; i++) {
        size_t behind = i + 2 + bytes.at[i + 1];
        bool rounds = bytes.at[i] == 0x04 && behind + 2 <= bytes.len && bytes.at[behind] == 0x02;
        if (rounds && bytes.at[behind + 1] >= MANY_FROM && bytes.at[behind + 1] <= MANY_TO)
            return true;
    }
    return false;
}
#endif
