// SPDX-License-Identifier: Apache-2.0
/* Whatever a peer sends, an engine in either role and version takes it or ends: the first byte chooses which. */
#include "engine/engine.h"

#include <stdint.h>

static void fixed(void *self, uint8_t *out, size_t n)
{
    (void)self;
    memset(out, 0x5a, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mt_key *key;
    static const uint8_t not_a_certificate[] = {0x30, 0x00};
    static mt_span chain;
    if (size == 0)
        return 0;
    if (key == NULL)
        key = mt_key_make(MT_KEY_P256, 0);
    chain = mt_span_of(not_a_certificate, sizeof not_a_certificate);
    mt_identity who = {.chain = &chain, .chain_len = 1, .key = key};
    mt_engine_config c = {.role = data[0] & 1 ? MT_SERVER : MT_CLIENT, .version = data[0] & 2 ? MT_TLS12 : MT_TLS13, .identity = who,
                          .identities = &who, .identities_len = 1, .request = MT_REQUEST_OPTIONAL, .random = {fixed, NULL}};
    mt_engine *e = mt_engine_new(&c);
    mt_trace_line line;
    mt_engine_feed(e, mt_span_of(data + 1, size - 1));
    while (mt_engine_trace_next(e, &line))
        continue;
    mt_engine_feed_end(e);
    mt_engine_free(e);
    return 0;
}
