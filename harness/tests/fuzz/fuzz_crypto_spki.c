// SPDX-License-Identifier: Apache-2.0
/* Reads the input as a peer's SubjectPublicKeyInfo; a key that comes out must describe itself, and be fit to verify with. */
#include "crypto/key.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mt_writer spki = {0};
    mt_key *k = mt_key_from_spki(mt_span_of(data, size));
    if (k == NULL)
        return 0;
    mt_key_spki(k, &spki);
    assert(mt_span_equal(mt_written(&spki), mt_span_of(data, size)));
    assert(!mt_key_is_private(k) && mt_key_bits(k) > 0 && mt_key_kind_of(k) != MT_KEY_NONE);
    for (size_t i = 0; i < mt_scheme_count; i++)
        assert(!mt_verify(k, &mt_scheme_rows[i], mt_span_text("data"), mt_span_text("no signature")));
    mt_key_free(k);
    mt_writer_free(&spki);
    return 0;
}
