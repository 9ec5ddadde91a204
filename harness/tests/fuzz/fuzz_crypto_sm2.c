// SPDX-License-Identifier: Apache-2.0
/* What a peer says in SM2, to a key of ours: the first byte chooses signature, ciphertext or point. A signature or a ciphertext that
 * is taken is DER to the letter, and what is refused leaves no byte behind. */
#include "crypto/sm2.h"
#include "sm2_keys.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SECRET = 48, POINT = 65 };

static void verify(const mt_key *key, mt_span signature)
{
    if (!mt_verify(key, &mt_scheme_tlcp, mt_span_text("data"), signature))
        return;
    const unsigned char *at = signature.at;
    unsigned char *again = NULL;
    ECDSA_SIG *both = d2i_ECDSA_SIG(NULL, &at, (long)signature.len);
    int len = i2d_ECDSA_SIG(both, &again);
    assert(len > 0 && mt_span_equal(signature, mt_span_of(again, (size_t)len)));
    OPENSSL_free(again);
    ECDSA_SIG_free(both);
}

static void decrypt(const mt_key *key, mt_span cipher)
{
    mt_writer out = {0};
    mt_write_uint(&out, 0xa5, 1);
    bool ok = mt_sm2_decrypt(key, cipher, &out);
    assert(out.at[0] == 0xa5 && (ok ? out.len > 1 && out.len < cipher.len : out.len == 1));
    mt_writer_free(&out);
}

static void agree(const mt_key *key, mt_span share)
{
    static mt_exchange *own;
    mt_writer secret = {0}, common = {0};
    if (own == NULL)
        own = mt_exchange_new(MT_CURVE_SM2);
    const mt_sm2_agreement a = {true, key, own, key, share, MT_SM2_ID, MT_SM2_ID};
    bool ok = mt_sm2_agree(&a, SECRET, &secret);
    assert(secret.len == (ok ? SECRET : 0) && (!ok || (share.len == POINT && share.at[0] == POINT_CONVERSION_UNCOMPRESSED)));
    assert(mt_exchange_derive(own, share, &common) == ok);
    mt_writer_free(&secret);
    mt_writer_free(&common);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const ways[])(const mt_key *, mt_span) = {verify, decrypt, agree};
    static mt_key *key;
    if (size == 0)
        return 0;
    if (key == NULL)
        key = recorded_key("ssign");
    ways[data[0] % MT_COUNT(ways)](key, mt_span_of(data + 1, size - 1));
    return 0;
}
