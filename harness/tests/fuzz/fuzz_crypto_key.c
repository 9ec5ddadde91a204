// SPDX-License-Identifier: Apache-2.0
/* Files of private keys, by their first byte: PEM, PrivateKeyInfo, EncryptedPrivateKeyInfo under the password "secret". There is a
 * key, which is private and can be written, or something is said. */
#include "crypto/key.h"
#include "rounds.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS = 4 };

static void check(mt_key *key)
{
    mt_writer text = {0};
    assert(mt_key_is_private(key) && mt_key_kind_of(key) != MT_KEY_NONE);
    mt_key_spki(key, &text);
    mt_key_pem(key, &text);
    assert(text.len > 0);
    mt_writer_free(&text);
    mt_key_free(key);
}

static size_t take_pem(mt_span text, mt_key **keys, mt_diag *d)
{
    return mt_keys_load(&(mt_key_source){text, "file", "secret"}, keys, KEYS, d);
}

static size_t take_plain(mt_span der, mt_key **keys, mt_diag *d)
{
    keys[0] = mt_key_from_pkcs8(&(mt_key_source){der, "file", NULL}, d);
    return keys[0] != NULL;
}

static size_t take_sealed(mt_span der, mt_key **keys, mt_diag *d)
{
    keys[0] = mt_key_from_pkcs8(&(mt_key_source){der, "file", "secret"}, d);
    return keys[0] != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static size_t (*const ways[])(mt_span, mt_key **, mt_diag *) = {take_pem, take_plain, take_sealed};
    mt_key *keys[KEYS];
    if (size == 0 || (data[0] % MT_COUNT(ways) != 1 && has_many_rounds(mt_span_of(data, size))))
        return 0;
    mt_diag *d = mt_diag_new();
    size_t n = ways[data[0] % MT_COUNT(ways)](mt_span_of(data + 1, size - 1), keys, d);
    assert(n <= KEYS && (n > 0 || mt_diag_count(d) > 0));
    for (size_t i = 0; i < n; i++)
        check(keys[i]);
    mt_diag_free(d);
    return 0;
}
