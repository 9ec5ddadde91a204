// SPDX-License-Identifier: Apache-2.0
/* Whatever a peer sends, an engine in either role and version takes it or ends: the first byte chooses which (1: server, 2: TLS 1.2
 * and not 1.3, 4: an SM2 key and its suites, 8: TLCP with a pair of them). */
#include "engine/engine.h"
#include "engine_pair.h"
#include "sm2_keys.h"

#include <stdint.h>

enum { SERVER = 1, TLS12 = 2, SM2 = 4, TLCP = 8 };

typedef struct who {
    mt_test_identity p256, sm2, pair;
} who;

static void fixed(void *self, uint8_t *out, size_t n)
{
    (void)self;
    memset(out, 0x5a, n);
}

static void certify(mt_test_identity *t, mt_key *key, mt_key *enc_key)
{
    *t = (mt_test_identity){.key = key, .enc_key = enc_key};
    mt_test_certificate(key, &t->certificate);
    t->chain[0] = mt_written(&t->certificate);
    if (enc_key != NULL)
        mt_test_certificate(enc_key, &t->enc_certificate);
    t->chain[1] = mt_written(&t->enc_certificate);
    t->identity = (mt_identity){.chain = t->chain, .chain_len = enc_key != NULL ? 2 : 1, .key = key, .enc_key = enc_key};
}

static const mt_identity *identity(unsigned which)
{
    static who all;
    if (all.p256.key == NULL) {
        certify(&all.p256, mt_key_make(MT_KEY_P256, 0), NULL);
        certify(&all.sm2, recorded_key("ssign"), NULL);
        certify(&all.pair, recorded_key("ssign"), recorded_key("senc"));
    }
    return which & TLCP ? &all.pair.identity : which & SM2 ? &all.sm2.identity : &all.p256.identity;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const mt_identity *own = identity(data[0]);
    mt_engine_config c = {.role = data[0] & SERVER ? MT_SERVER : MT_CLIENT,
                          .version = data[0] & TLCP ? MT_TLCP : data[0] & TLS12 ? MT_TLS12 : MT_TLS13, .identity = *own,
                          .identities = own, .identities_len = 1,
                          .request = data[0] & TLCP ? MT_REQUEST_REQUIRED : MT_REQUEST_OPTIONAL, .random = {fixed, NULL}};
    mt_engine *e = mt_engine_new(&c);
    mt_trace_line line;
    mt_engine_feed(e, mt_span_of(data + 1, size - 1));
    while (mt_engine_trace_next(e, &line))
        continue;
    mt_engine_feed_end(e);
    mt_engine_free(e);
    return 0;
}
