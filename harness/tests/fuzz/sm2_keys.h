// SPDX-License-Identifier: Apache-2.0
#ifndef MT_FUZZ_SM2_KEYS_H
#define MT_FUZZ_SM2_KEYS_H
/* The throw-away keys of the recorded handshakes: what a corpus holds for them stays good. */
#include "crypto/key.h"

#include <stdio.h>

static inline mt_key *recorded_key(const char *name)
{
    static uint8_t text[4096];
    char path[1024];
    mt_diag *d = mt_diag_new();
    snprintf(path, sizeof path, MT_TEST_DATA "/vectors/sm2/%s.key", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        mt_die("%s cannot be read", path);
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    mt_key *key = mt_key_load(mt_span_of(text, n), path, NULL, d);
    if (key == NULL)
        mt_die("%s", mt_diag_text(d));
    mt_diag_free(d);
    return key;
}
#endif
