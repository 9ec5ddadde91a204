// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.h"

#include "crypto/inner.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <stdio.h>

typedef struct hash_row {
    const char *name;
    size_t len;
} hash_row;

#define HASHES (MT_SM3 + 1)

static const hash_row rows[HASHES] = {
    [MT_SHA1] = {"SHA1", 20},     [MT_SHA256] = {"SHA256", 32}, [MT_SHA384] = {"SHA384", 48},
    [MT_SHA512] = {"SHA512", 64}, [MT_MD5] = {"MD5", 16},       [MT_SM3] = {"SM3", 32},
};

struct mt_running_hash {
    EVP_MD_CTX *ctx;
    mt_hash_id id;
};

static EVP_MD *fetched[HASHES];
static EVP_MAC *fetched_hmac;
static CRYPTO_ONCE fetch_once = CRYPTO_ONCE_STATIC_INIT;

/* One context for each hash, kept: setting up a new one costs more than hashing what a handshake hashes. */
static _Thread_local EVP_MD_CTX *scratch[HASHES];
static _Thread_local EVP_MAC_CTX *scratch_hmac[HASHES];

void mt_crypto_must(bool ok, const char *what)
{
    if (!ok)
        mt_die("libcrypto failed: %s", what);
}

static void fetch_all(void)
{
    for (size_t i = MT_HASH_NONE + 1; i < HASHES; i++)
        fetched[i] = EVP_MD_fetch(NULL, rows[i].name, NULL);
    fetched_hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
}

EVP_MD *mt_hash_md(mt_hash_id id)
{
    mt_crypto_must(CRYPTO_THREAD_run_once(&fetch_once, fetch_all) == 1, "run once");
    if (id <= MT_HASH_NONE || id >= HASHES || fetched[id] == NULL)
        mt_die("libcrypto has no hash number %d", (int)id);
    return fetched[id];
}

const char *mt_hash_md_name(mt_hash_id id)
{
    return rows[id].name;
}

size_t mt_hash_len(mt_hash_id id)
{
    return rows[id].len;
}

static EVP_MD_CTX *scratch_context(mt_hash_id id)
{
    EVP_MD *md = mt_hash_md(id);
    if (scratch[id] == NULL) {
        scratch[id] = EVP_MD_CTX_new();
        mt_crypto_must(scratch[id] != NULL && EVP_DigestInit_ex2(scratch[id], md, NULL) == 1, "digest context");
    }
    return scratch[id];
}

mt_digest mt_hash(mt_hash_id id, mt_span data)
{
    mt_digest out = {.len = mt_hash_len(id)};
    EVP_MD_CTX *ctx = scratch_context(id);
    bool ok = EVP_DigestInit_ex2(ctx, mt_hash_md(id), NULL) == 1 && EVP_DigestUpdate(ctx, data.at, data.len) == 1 &&
              EVP_DigestFinal_ex(ctx, out.at, NULL) == 1;
    mt_crypto_must(ok, "digest");
    return out;
}

mt_running_hash *mt_running_hash_new(mt_hash_id id)
{
    mt_running_hash *h = mt_alloc(sizeof *h);
    h->ctx = EVP_MD_CTX_new();
    h->id = id;
    mt_crypto_must(h->ctx != NULL && EVP_DigestInit_ex2(h->ctx, mt_hash_md(id), NULL) == 1, "digest context");
    return h;
}

mt_running_hash *mt_running_hash_fork(const mt_running_hash *h)
{
    mt_running_hash *copy = mt_running_hash_new(h->id);
    mt_crypto_must(EVP_MD_CTX_copy_ex(copy->ctx, h->ctx) == 1, "digest fork");
    return copy;
}

void mt_running_hash_free(mt_running_hash *h)
{
    if (h == NULL)
        return;
    EVP_MD_CTX_free(h->ctx);
    mt_free(h);
}

void mt_running_hash_add(mt_running_hash *h, mt_span data)
{
    mt_crypto_must(EVP_DigestUpdate(h->ctx, data.at, data.len) == 1, "digest update");
}

mt_digest mt_running_hash_value(const mt_running_hash *h)
{
    mt_digest out = {.len = mt_hash_len(h->id)};
    EVP_MD_CTX *fork = scratch_context(h->id);
    mt_crypto_must(EVP_MD_CTX_copy_ex(fork, h->ctx) == 1 && EVP_DigestFinal_ex(fork, out.at, NULL) == 1, "digest fork");
    return out;
}

static EVP_MAC_CTX *hmac_context(mt_hash_id id)
{
    (void)mt_hash_md(id);
    if (scratch_hmac[id] == NULL) {
        char name[16];
        snprintf(name, sizeof name, "%s", rows[id].name);
        OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()};
        scratch_hmac[id] = EVP_MAC_CTX_new(fetched_hmac);
        mt_crypto_must(scratch_hmac[id] != NULL && EVP_MAC_CTX_set_params(scratch_hmac[id], params) == 1, "HMAC context");
    }
    return scratch_hmac[id];
}

mt_digest mt_hmac_of_two(mt_hash_id id, mt_span key, mt_span first, mt_span second)
{
    static const uint8_t empty[1];
    mt_digest out = {0};
    EVP_MAC_CTX *ctx = hmac_context(id);
    bool ok = EVP_MAC_init(ctx, key.len ? key.at : empty, key.len, NULL) == 1 && EVP_MAC_update(ctx, first.at, first.len) == 1 &&
              EVP_MAC_update(ctx, second.at, second.len) == 1 && EVP_MAC_final(ctx, out.at, &out.len, sizeof out.at) == 1;
    mt_crypto_must(ok, "HMAC");
    return out;
}

mt_digest mt_hmac(mt_hash_id id, mt_span key, mt_span data)
{
    return mt_hmac_of_two(id, key, data, (mt_span){0});
}

void mt_prf(mt_hash_id id, mt_span secret, const char *label, mt_span seed, mt_room out)
{
    mt_writer start = {0};
    mt_write_bytes(&start, mt_span_text(label));
    mt_write_bytes(&start, seed);
    mt_digest a = mt_hmac_of_two(id, secret, mt_written(&start), (mt_span){0});
    for (size_t done = 0; done < out.len;) {
        mt_digest block = mt_hmac_of_two(id, secret, mt_digest_span(&a), mt_written(&start));
        mt_span part = mt_span_first(mt_digest_span(&block), out.len - done);
        memcpy(out.at + done, part.at, part.len);
        done += part.len;
        a = mt_hmac_of_two(id, secret, mt_digest_span(&a), (mt_span){0});
    }
    mt_writer_free(&start);
}

mt_digest mt_hkdf_extract(mt_hash_id id, mt_span salt, mt_span secret)
{
    return mt_hmac(id, salt, secret);
}

mt_digest mt_hkdf_expand(mt_hash_id id, mt_span secret, mt_span info, size_t len)
{
    mt_digest out = {.len = len}, block = {0};
    mt_writer input = {0};
    if (len > sizeof out.at)
        mt_die("HKDF is asked for %zu bytes", len);
    size_t done = 0;
    for (uint8_t counter = 1; done < len; counter++) {
        mt_writer_clear(&input);
        mt_write_bytes(&input, mt_digest_span(&block));
        mt_write_bytes(&input, info);
        mt_write_uint(&input, counter, 1);
        block = mt_hmac(id, secret, mt_written(&input));
        mt_span part = mt_span_first(mt_digest_span(&block), len - done);
        memcpy(out.at + done, part.at, part.len);
        done += part.len;
    }
    mt_writer_free(&input);
    return out;
}

mt_digest mt_hkdf_expand_label(mt_hash_id id, mt_span secret, const char *label, mt_span context, size_t len)
{
    mt_writer info = {0};
    mt_write_uint(&info, len, 2);
    mt_mark mark = mt_open_vec(&info, 1);
    mt_write_bytes(&info, mt_span_text("tls13 "));
    mt_write_bytes(&info, mt_span_text(label));
    mt_close_vec(&info, mark);
    mt_write_vec(&info, 1, context);
    mt_digest out = mt_hkdf_expand(id, secret, mt_written(&info), len);
    mt_writer_free(&info);
    return out;
}
