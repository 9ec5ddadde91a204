// SPDX-License-Identifier: Apache-2.0
#include "crypto/aead.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

/* The ciphers that records use, and the parts of which those that are missing are composed. AES is composed by nothing but the
 * tests, which hold the composition to libcrypto's own. */
static const char *const names[] = {
    "AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305", "SM4-GCM",     "SM4-CCM",    "SM4-CBC",
    "SM4-ECB",     "AES-128-CCM", "AES-128-CBC",       "AES-128-ECB", "AES-256-ECB"};

static EVP_CIPHER *fetched[MT_COUNT(names)];
static CRYPTO_ONCE fetch_once = CRYPTO_ONCE_STATIC_INIT;

static void fetch_all(void)
{
    ERR_set_mark();
    for (size_t i = 0; i < MT_COUNT(names); i++)
        fetched[i] = EVP_CIPHER_fetch(NULL, names[i], NULL);
    ERR_pop_to_mark();
}

EVP_CIPHER *mt_cipher(const char *name)
{
    mt_crypto_must(CRYPTO_THREAD_run_once(&fetch_once, fetch_all) == 1, "run once");
    for (size_t i = 0; i < MT_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0)
            return fetched[i];
    }
    return NULL;
}

/* libcrypto's own: the context is keyed anew only when the direction changes. */
typedef struct own {
    EVP_CIPHER_CTX *ctx;
    EVP_CIPHER *cipher;
    mt_direction direction; /* what `ctx` was last keyed for */
    uint8_t key[32];
} own;

static void *own_make(const char *cipher, const uint8_t *key)
{
    EVP_CIPHER *found = mt_cipher(cipher);
    if (found == NULL)
        return NULL;
    own *o = mt_alloc(sizeof *o);
    *o = (own){EVP_CIPHER_CTX_new(), found, MT_UNUSED, {0}};
    mt_crypto_must(o->ctx != NULL && EVP_CIPHER_get_key_length(found) <= (int)sizeof o->key, "cipher context");
    memcpy(o->key, key, (size_t)EVP_CIPHER_get_key_length(found));
    return o;
}

static void own_free(void *state)
{
    own *o = state;
    EVP_CIPHER_CTX_free(o->ctx);
    OPENSSL_cleanse(o->key, sizeof o->key);
    mt_free(o);
}

static void aim(own *o, mt_direction direction)
{
    if (o->direction == direction)
        return;
    mt_crypto_must(EVP_CipherInit_ex2(o->ctx, o->cipher, o->key, NULL, direction, NULL) == 1, "cipher key");
    o->direction = direction;
}

static bool update(const own *o, const mt_aead_job *job)
{
    int n = 0;
    return EVP_CipherUpdate(o->ctx, NULL, &n, job->aad.at, (int)job->aad.len) == 1 &&
           EVP_CipherUpdate(o->ctx, job->text.at, &n, job->text.at, (int)job->text.len) == 1 && (size_t)n == job->text.len;
}

static bool own_crypt(void *state, mt_direction direction, const mt_aead_job *job)
{
    own *o = state;
    uint8_t none[MT_AEAD_TAG];
    int n = 0;
    aim(o, direction);
    if (EVP_CipherInit_ex2(o->ctx, NULL, NULL, job->nonce, direction, NULL) != 1 || !update(o, job))
        return false;
    if (direction == MT_OPENING)
        return EVP_CIPHER_CTX_ctrl(o->ctx, EVP_CTRL_AEAD_SET_TAG, MT_AEAD_TAG, job->tag) == 1 &&
               EVP_CipherFinal_ex(o->ctx, none, &n) == 1;
    return EVP_CipherFinal_ex(o->ctx, none, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(o->ctx, EVP_CTRL_AEAD_GET_TAG, MT_AEAD_TAG, job->tag) == 1;
}

/* CCM has to be told the lengths of nonce, tag and text, and when opening the tag itself, before it sees a byte. */
static bool own_ccm_start(const own *o, mt_direction direction, const mt_aead_job *job)
{
    int n = 0;
    uint8_t *tag = direction == MT_OPENING ? job->tag : NULL;
    return EVP_CipherInit_ex2(o->ctx, o->cipher, NULL, NULL, direction, NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(o->ctx, EVP_CTRL_AEAD_SET_IVLEN, MT_AEAD_NONCE, NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(o->ctx, EVP_CTRL_AEAD_SET_TAG, MT_AEAD_TAG, tag) == 1 &&
           EVP_CipherInit_ex2(o->ctx, NULL, o->key, job->nonce, direction, NULL) == 1 &&
           EVP_CipherUpdate(o->ctx, NULL, &n, NULL, (int)job->text.len) == 1;
}

static bool own_ccm_crypt(void *state, mt_direction direction, const mt_aead_job *job)
{
    own *o = state;
    uint8_t none[MT_AEAD_TAG];
    int n = 0;
    if (!own_ccm_start(o, direction, job) || !update(o, job))
        return false;
    return direction == MT_OPENING || (EVP_CipherFinal_ex(o->ctx, none, &n) == 1 &&
                                       EVP_CIPHER_CTX_ctrl(o->ctx, EVP_CTRL_AEAD_GET_TAG, MT_AEAD_TAG, job->tag) == 1);
}

static const mt_aead_maker own_gcm = {"GCM", own_make, own_crypt, own_free};
static const mt_aead_maker own_poly1305 = {"Poly1305", own_make, own_crypt, own_free};
static const mt_aead_maker own_ccm = {"CCM", own_make, own_ccm_crypt, own_free};

static const mt_aead_maker *const owns[] = {&own_gcm, &own_poly1305, &own_ccm}, *const composed[] = {&mt_composed_gcm, &mt_composed_ccm};

struct mt_aead {
    const mt_aead_maker *by;
    void *state;
};

static mt_aead *make(const mt_aead_maker *const *makers, size_t n, const char *cipher, const uint8_t *key)
{
    const char *dash = strrchr(cipher, '-');
    void *state = NULL;
    for (size_t i = 0; i < n; i++) {
        if (dash != NULL && strcmp(dash + 1, makers[i]->mode) == 0)
            state = makers[i]->make(cipher, key);
        if (state == NULL)
            continue;
        mt_aead *a = mt_alloc(sizeof *a);
        *a = (mt_aead){makers[i], state};
        return a;
    }
    return NULL;
}

mt_aead *mt_aead_own(const char *cipher, const uint8_t *key)
{
    return make(owns, MT_COUNT(owns), cipher, key);
}

mt_aead *mt_aead_composed(const char *cipher, const uint8_t *key)
{
    return make(composed, MT_COUNT(composed), cipher, key);
}

mt_aead *mt_aead_new(const char *cipher, const uint8_t *key)
{
    mt_aead *a = mt_aead_own(cipher, key);
    if (a == NULL)
        a = mt_aead_composed(cipher, key);
    mt_crypto_must(a != NULL, cipher);
    return a;
}

void mt_aead_free(mt_aead *a)
{
    if (a == NULL)
        return;
    a->by->free(a->state);
    mt_free(a);
}

bool mt_aead_crypt(mt_aead *a, mt_direction direction, const mt_aead_job *job)
{
    bool ok = job->aad.len <= MT_AEAD_AAD_MAX && a->by->crypt(a->state, direction, job);
    if (!ok)
        ERR_clear_error();
    return ok;
}
