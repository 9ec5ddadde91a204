// SPDX-License-Identifier: Apache-2.0
/* PKCS#12 under the password "secret": a file opens whole, and then has a chain of its own certificates, or one thing is said of it. */
#include "pki/pkcs12.h"
#include "rounds.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_of_file(const mt_pkcs12 *p, mt_span der)
{
    for (size_t i = 0; i < p->certificates_len; i++)
        if (mt_span_equal(p->certificates[i].der, der))
            return true;
    return false;
}

static void check(const mt_pkcs12 *p, mt_arena *arena)
{
    mt_der_list chain;
    mt_diag *d = mt_diag_new();
    bool ok = mt_pkcs12_chain(p, arena, &chain, d);
    assert(ok ? chain.len > 0 && mt_diag_count(d) == 0 : mt_diag_count(d) == 1);
    for (size_t i = 0; i < chain.len; i++)
        assert(is_of_file(p, chain.rows[i]));
    for (size_t i = 0; i < p->keys_len; i++)
        assert(mt_key_is_private(p->keys[i]));
    mt_diag_free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mt_span bytes = mt_span_of(data, size);
    mt_pkcs12 p;
    if (!mt_pkcs12_is(bytes) || has_many_rounds(bytes))
        return 0;
    mt_arena *arena = mt_arena_new();
    mt_diag *d = mt_diag_new();
    bool ok = mt_pkcs12_read(&(mt_pkcs12_file){"file", "secret", bytes}, arena, &p, d);
    assert(mt_diag_count(d) == (ok ? 0 : 1));
    if (ok) {
        check(&p, arena);
        mt_pkcs12_free(&p);
    }
    mt_diag_free(d);
    mt_arena_free(arena);
    return 0;
}
