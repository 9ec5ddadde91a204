// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_HASH_H
#define MT_CRYPTO_HASH_H
/* Hashes, HMAC, the TLS 1.2 PRF (RFC 5246 5) and HKDF with TLS 1.3 labels (RFC 8446 7.1). Algorithms are fetched once. */
#include "base/mem.h"
#include "base/writer.h"

enum { MT_HASH_MAX = 64 };

typedef enum mt_hash_id { MT_HASH_NONE, MT_SHA1, MT_SHA256, MT_SHA384, MT_SHA512, MT_MD5, MT_SM3 } mt_hash_id;

typedef struct mt_digest {
    uint8_t at[MT_HASH_MAX];
    size_t len;
} mt_digest;

static inline mt_span mt_digest_span(const mt_digest *d)
{
    return mt_span_of(d->at, d->len);
}

size_t mt_hash_len(mt_hash_id id);
mt_digest mt_hash(mt_hash_id id, mt_span data);

/* A running hash: it can be asked for the value so far and go on (the value is taken from a fork). */
typedef struct mt_running_hash mt_running_hash;
mt_running_hash *mt_running_hash_new(mt_hash_id id);
/* mt_running_hash_fork makes a second one that stands where `h` stands; both go on independently. */
mt_running_hash *mt_running_hash_fork(const mt_running_hash *h);
void mt_running_hash_free(mt_running_hash *h); /* NULL is legal */
void mt_running_hash_add(mt_running_hash *h, mt_span data);
mt_digest mt_running_hash_value(const mt_running_hash *h);

mt_digest mt_hmac(mt_hash_id id, mt_span key, mt_span data);
/* mt_hmac_of_two takes the data in two parts, which saves joining them: the PRF's label and seed, a record's header and text. */
mt_digest mt_hmac_of_two(mt_hash_id id, mt_span key, mt_span first, mt_span second);
/* mt_prf fills `out` with PRF(secret, label, seed) over P_<id>. */
typedef struct mt_room {
    uint8_t *at;
    size_t len;
} mt_room;
void mt_prf(mt_hash_id id, mt_span secret, const char *label, mt_span seed, mt_room out);
mt_digest mt_hkdf_extract(mt_hash_id id, mt_span salt, mt_span secret);
/* mt_hkdf_expand returns the first `len` (at most MT_HASH_MAX) bytes of HKDF-Expand (RFC 5869 2.3). */
mt_digest mt_hkdf_expand(mt_hash_id id, mt_span secret, mt_span info, size_t len);
/* mt_hkdf_expand_label returns HKDF-Expand-Label(secret, label, context, len), len <= MT_HASH_MAX. */
mt_digest mt_hkdf_expand_label(mt_hash_id id, mt_span secret, const char *label, mt_span context, size_t len);
#endif
