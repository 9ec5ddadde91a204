// SPDX-License-Identifier: Apache-2.0
/* What careless readers make of anybody's bytes: signatures, ciphertexts and points. What they take they must be able to write. */
#include "crypto/sm2_lie.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_signature(mt_span bytes, const mt_sm2_laxness *how)
{
    mt_writer tidy = {0}, again = {0};
    if (mt_sm2_tidy(bytes, how, &tidy)) {
        assert(mt_sm2_tidy(mt_written(&tidy), how, &again));
        assert(mt_span_equal(mt_written(&tidy), mt_written(&again)));
    }
    mt_writer_free(&tidy);
    mt_writer_free(&again);
}

static void read_cipher(const mt_key *k, mt_span bytes)
{
    mt_writer plain = {0};
    bool ok = mt_sm2_decrypt_carelessly(k, bytes, &(mt_sm2_carelessness){true, true, true}, &plain);
    assert(ok == (plain.len != 0));
    mt_writer_free(&plain);
}

static void read_point(mt_span bytes)
{
    mt_writer compressed = {0}, point = {0};
    if (mt_sm2_uncompress(bytes, &point) && point.len > 1)
        assert(mt_sm2_compress(mt_written(&point), &compressed) && !mt_sm2_vanishes(mt_written(&point)));
    mt_sm2_vanishes(bytes);
    mt_writer_free(&compressed);
    mt_writer_free(&point);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mt_key *key;
    mt_span bytes = mt_span_of(data, size);
    if (key == NULL)
        key = mt_key_make(MT_KEY_SM2, 0);
    for (unsigned i = 0; i < 4; i++)
        read_signature(bytes, &(mt_sm2_laxness){.any_encoding = i & 1, .reduces = i & 2});
    mt_sm2_out_of_range(bytes);
    read_cipher(key, bytes);
    read_point(bytes);
    return 0;
}
