// SPDX-License-Identifier: Apache-2.0
#include "crypto/aead.h"

#include <openssl/crypto.h>
#include <openssl/modes.h>
#include <stdio.h>

enum { BLOCK = 16, AT_ONCE = 64 /* blocks: large enough that the call is nothing beside the work, and within the first cache */ };

/* A block cipher in the two modes that OpenSSL 3.0 has of each; `cbc` only for CCM. */
typedef struct blocks {
    EVP_CIPHER_CTX *ecb, *cbc;
    GCM128_CONTEXT *gcm;
} blocks;

static void blocks_free(void *state)
{
    blocks *b = state;
    EVP_CIPHER_CTX_free(b->ecb);
    EVP_CIPHER_CTX_free(b->cbc);
    CRYPTO_gcm128_release(b->gcm);
    mt_free(b);
}

/* keyed makes the context of the cipher called as `cipher` is up to its mode ("SM4-GCM"), in `mode` instead. */
static EVP_CIPHER_CTX *keyed(const char *cipher, const char *mode, const uint8_t *key)
{
    char name[32];
    const char *dash = strrchr(cipher, '-');
    snprintf(name, sizeof name, "%.*s-%s", dash ? (int)(dash - cipher) : 0, cipher, mode);
    EVP_CIPHER *found = mt_cipher(name);
    if (found == NULL)
        return NULL;
    static const uint8_t zeros[BLOCK];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    mt_crypto_must(ctx != NULL && EVP_EncryptInit_ex2(ctx, found, key, zeros, NULL) == 1 && EVP_CIPHER_CTX_set_padding(ctx, 0) == 1, name);
    return ctx;
}

static void encrypt(EVP_CIPHER_CTX *ctx, const uint8_t *in, uint8_t *out, size_t len)
{
    int n = 0;
    mt_crypto_must(EVP_EncryptUpdate(ctx, out, &n, in, (int)len) == 1 && (size_t)n == len, "block cipher");
}

static void one_block(const unsigned char in[BLOCK], unsigned char out[BLOCK], const void *key)
{
    const blocks *b = key;
    encrypt(b->ecb, in, out, BLOCK);
}

static uint32_t counter_of(const uint8_t block[BLOCK])
{
    return (uint32_t)block[12] << 24 | (uint32_t)block[13] << 16 | (uint32_t)block[14] << 8 | block[15];
}

static void set_counter(uint8_t block[BLOCK], uint32_t counter)
{
    for (int i = BLOCK - 1; i >= 12; i--, counter >>= 8)
        block[i] = (uint8_t)counter;
}

/* Counter mode over the last 32 bits of `first`: many counters go through the block cipher in one call. */
static void count(const blocks *b, const uint8_t first[BLOCK], const uint8_t *in, mt_room out)
{
    uint8_t stream[AT_ONCE * BLOCK];
    uint32_t counter = counter_of(first);
    while (out.len > 0) {
        size_t len = out.len < sizeof stream ? out.len : sizeof stream, n = (len + BLOCK - 1) / BLOCK;
        for (size_t i = 0; i < n; i++) {
            memcpy(stream + i * BLOCK, first, BLOCK);
            set_counter(stream + i * BLOCK, counter++);
        }
        encrypt(b->ecb, stream, stream, n * BLOCK);
        for (size_t i = 0; i < len; i++)
            out.at[i] = in[i] ^ stream[i];
        in += len;
        out = (mt_room){out.at + len, out.len - len};
    }
    OPENSSL_cleanse(stream, sizeof stream);
}

static void count_blocks(const unsigned char *in, unsigned char *out, size_t n, const void *key, const unsigned char first[BLOCK])
{
    count(key, first, in, (mt_room){out, n * BLOCK});
}

/* ---- GCM: libcrypto's GHASH (CRYPTO_gcm128_*) over our counter mode ---- */

static void *gcm_make(const char *cipher, const uint8_t *key)
{
    EVP_CIPHER_CTX *ecb = keyed(cipher, "ECB", key);
    if (ecb == NULL)
        return NULL;
    blocks *b = mt_alloc(sizeof *b);
    b->ecb = ecb;
    b->gcm = CRYPTO_gcm128_new(b, one_block);
    mt_crypto_must(b->gcm != NULL, "GCM context");
    return b;
}

static bool gcm_crypt(void *state, mt_direction direction, const mt_aead_job *job)
{
    const blocks *b = state;
    uint8_t *at = job->text.at;
    size_t len = job->text.len;
    CRYPTO_gcm128_setiv(b->gcm, job->nonce, MT_AEAD_NONCE);
    if (CRYPTO_gcm128_aad(b->gcm, job->aad.at, job->aad.len) != 0)
        return false;
    if (direction == MT_OPENING)
        return CRYPTO_gcm128_decrypt_ctr32(b->gcm, at, at, len, count_blocks) == 0 &&
               CRYPTO_gcm128_finish(b->gcm, job->tag, MT_AEAD_TAG) == 0;
    if (CRYPTO_gcm128_encrypt_ctr32(b->gcm, at, at, len, count_blocks) != 0)
        return false;
    CRYPTO_gcm128_tag(b->gcm, job->tag, MT_AEAD_TAG);
    return true;
}

const mt_aead_maker mt_composed_gcm = {"GCM", gcm_make, gcm_crypt, blocks_free};

/* ---- CCM (RFC 3610): CBC-MAC, then counter mode; length field of 3 bytes as the nonce has 12 ---- */

enum { HAS_AAD = 0x40, TAG_OF_16 = 7 << 3, LENGTH_OF_3 = 2 };

static void *ccm_make(const char *cipher, const uint8_t *key)
{
    EVP_CIPHER_CTX *ecb = keyed(cipher, "ECB", key), *cbc = keyed(cipher, "CBC", key);
    blocks *b = mt_alloc(sizeof *b);
    *b = (blocks){ecb, cbc, NULL};
    if (ecb != NULL && cbc != NULL)
        return b;
    blocks_free(b);
    return NULL;
}

/* absorb takes `data`, filled up with zeros to whole blocks, into the CBC-MAC and leaves the last block in `mac`. */
static void absorb(const blocks *b, const uint8_t *data, size_t len, uint8_t mac[BLOCK])
{
    uint8_t out[AT_ONCE * BLOCK], last[BLOCK] = {0};
    size_t whole = len - len % BLOCK;
    for (size_t done = 0, n = 0; done < whole; done += n) {
        n = whole - done < sizeof out ? whole - done : sizeof out;
        encrypt(b->cbc, data + done, out, n);
        memcpy(mac, out + n - BLOCK, BLOCK);
    }
    if (whole == len)
        return;
    memcpy(last, data + whole, len - whole);
    encrypt(b->cbc, last, mac, BLOCK);
}

static void ccm_mac(const blocks *b, const mt_aead_job *job, uint8_t mac[BLOCK])
{
    uint8_t head[BLOCK + 2 + MT_AEAD_AAD_MAX] = {(uint8_t)((job->aad.len ? HAS_AAD : 0) | TAG_OF_16 | LENGTH_OF_3)};
    static const uint8_t zeros[BLOCK];
    size_t head_len = BLOCK;
    memcpy(head + 1, job->nonce, MT_AEAD_NONCE);
    for (int i = 0; i < 3; i++)
        head[13 + i] = (uint8_t)(job->text.len >> (16 - 8 * i));
    if (job->aad.len != 0) {
        head[17] = (uint8_t)job->aad.len;
        memcpy(head + 18, job->aad.at, job->aad.len);
        head_len = 18 + job->aad.len;
    }
    mt_crypto_must(EVP_EncryptInit_ex2(b->cbc, NULL, NULL, zeros, NULL) == 1, "CBC-MAC");
    absorb(b, head, head_len, mac);
    absorb(b, job->text.at, job->text.len, mac);
}

static bool ccm_crypt(void *state, mt_direction direction, const mt_aead_job *job)
{
    const blocks *b = state;
    uint8_t mac[BLOCK], counter[BLOCK] = {LENGTH_OF_3};
    memcpy(counter + 1, job->nonce, MT_AEAD_NONCE);
    if (direction == MT_SEALING)
        ccm_mac(b, job, mac);
    counter[BLOCK - 1] = 1;
    count(b, counter, job->text.at, job->text);
    counter[BLOCK - 1] = 0;
    if (direction == MT_OPENING)
        ccm_mac(b, job, mac);
    count(b, counter, mac, (mt_room){mac, MT_AEAD_TAG});
    if (direction == MT_OPENING)
        return CRYPTO_memcmp(mac, job->tag, MT_AEAD_TAG) == 0;
    memcpy(job->tag, mac, MT_AEAD_TAG);
    return true;
}

const mt_aead_maker mt_composed_ccm = {"CCM", ccm_make, ccm_crypt, blocks_free};
