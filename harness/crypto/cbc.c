// SPDX-License-Identifier: Apache-2.0
#include "crypto/cbc.h"

#include "crypto/aead.h"
#include "crypto/random.h"

#include <openssl/crypto.h>

enum { BLOCK = 16 };

struct mt_cbc {
    EVP_CIPHER_CTX *ctx;
    EVP_CIPHER *cipher;
    mt_hash_id mac;
    uint8_t mac_key[MT_HASH_MAX], key[32];
};

mt_cbc *mt_cbc_new(const char *cipher, mt_hash_id mac, mt_span key)
{
    mt_cbc *c = mt_alloc(sizeof *c);
    size_t mac_len = mt_hash_len(mac);
    *c = (mt_cbc){.ctx = EVP_CIPHER_CTX_new(), .cipher = mt_cipher(cipher), .mac = mac};
    bool ok = c->ctx != NULL && c->cipher != NULL && EVP_CIPHER_get_block_size(c->cipher) == BLOCK &&
              key.len - mac_len <= sizeof c->key && (int)(key.len - mac_len) == EVP_CIPHER_get_key_length(c->cipher);
    mt_crypto_must(ok, cipher);
    memcpy(c->mac_key, key.at, mac_len);
    memcpy(c->key, key.at + mac_len, key.len - mac_len);
    return c;
}

void mt_cbc_free(mt_cbc *c)
{
    if (c == NULL)
        return;
    EVP_CIPHER_CTX_free(c->ctx);
    OPENSSL_cleanse(c, sizeof *c);
    mt_free(c);
}

static void crypt(const mt_cbc *c, int sealing, const uint8_t iv[BLOCK], mt_room text)
{
    int n = 0;
    bool ok = EVP_CipherInit_ex2(c->ctx, c->cipher, c->key, iv, sealing, NULL) == 1 && EVP_CIPHER_CTX_set_padding(c->ctx, 0) == 1 &&
              EVP_CipherUpdate(c->ctx, text.at, &n, text.at, (int)text.len) == 1 && (size_t)n == text.len;
    mt_crypto_must(ok, "CBC");
}

static mt_digest mac_of(const mt_cbc *c, const uint8_t header[MT_PSEUDO_HEADER], mt_span plain)
{
    return mt_hmac_of_two(c->mac, mt_span_of(c->mac_key, mt_hash_len(c->mac)), mt_span_of(header, MT_PSEUDO_HEADER), plain);
}

void mt_cbc_seal(const mt_cbc *c, const uint8_t header[MT_PSEUDO_HEADER], mt_span plain, mt_writer *out)
{
    mt_digest mac = mac_of(c, header, plain);
    size_t padding = BLOCK - (plain.len + mac.len) % BLOCK;
    uint8_t iv[BLOCK];
    mt_random_bytes(iv, sizeof iv);
    mt_write_bytes(out, mt_span_of(iv, sizeof iv));
    size_t start = out->len;
    mt_write_bytes(out, plain);
    mt_write_bytes(out, mt_digest_span(&mac));
    memset(mt_write_room(out, padding), (int)padding - 1, padding);
    crypt(c, 1, iv, (mt_room){out->at + start, out->len - start});
}

/* padding_of returns how many bytes `text` ends with that are padding, its length byte among them, or 0 if they are not. */
static size_t padding_of(mt_span text)
{
    size_t len = (size_t)text.at[text.len - 1] + 1;
    uint8_t wrong = 0;
    if (len > text.len)
        return 0;
    for (size_t i = text.len - len; i < text.len; i++)
        wrong |= (uint8_t)(text.at[i] ^ (len - 1));
    return wrong == 0 ? len : 0;
}

static bool check(const mt_cbc *c, uint8_t header[MT_PSEUDO_HEADER], mt_span text, size_t *data_len)
{
    size_t padding = padding_of(text), mac_len = mt_hash_len(c->mac);
    if (padding == 0 || text.len < padding + mac_len)
        return false;
    *data_len = text.len - padding - mac_len;
    header[MT_PSEUDO_HEADER - 2] = (uint8_t)(*data_len >> 8);
    header[MT_PSEUDO_HEADER - 1] = (uint8_t)*data_len;
    mt_digest mac = mac_of(c, header, mt_span_first(text, *data_len));
    return CRYPTO_memcmp(mac.at, text.at + *data_len, mac_len) == 0;
}

bool mt_cbc_open(const mt_cbc *c, uint8_t header[MT_PSEUDO_HEADER], mt_span body, mt_writer *out)
{
    size_t start = out->len, data_len = 0;
    if (body.len < 2 * BLOCK || body.len % BLOCK != 0)
        return false;
    mt_span text = mt_span_skip(body, BLOCK);
    mt_write_bytes(out, text);
    crypt(c, 0, body.at, (mt_room){out->at + start, text.len});
    bool ok = check(c, header, mt_span_of(out->at + start, text.len), &data_len);
    out->len = start + (ok ? data_len : 0);
    return ok;
}
