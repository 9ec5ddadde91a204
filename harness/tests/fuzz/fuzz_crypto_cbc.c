// SPDX-License-Identifier: Apache-2.0
/* Records of CBC. The first byte chooses: the rest is the record's body as it comes from a peer, or it is what a peer with the keys
 * encrypts (a length of data, whether the MAC is right, the data, and what stands for the padding); then a plain reading of the
 * standard says whether it has to open. */
#include "crypto/cbc.h"

#include <assert.h>
#include <openssl/evp.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = 16, MAC = 32 };

static const uint8_t keys[MAC + BLOCK] = "0123456789abcdef0123456789abcdefFEDCBA9876543210";
static const uint8_t header[MT_PSEUDO_HEADER] = {0, 0, 0, 0, 0, 0, 0, 1, 22, 1, 1, 0, 0};

static mt_digest mac_of(mt_span plain)
{
    uint8_t whole[MT_PSEUDO_HEADER];
    memcpy(whole, header, sizeof whole);
    whole[MT_PSEUDO_HEADER - 2] = (uint8_t)(plain.len >> 8);
    whole[MT_PSEUDO_HEADER - 1] = (uint8_t)plain.len;
    return mt_hmac_of_two(MT_SM3, mt_span_of(keys, MAC), mt_span_of(whole, sizeof whole), plain);
}

/* has_to_open is true if `text` is data, its MAC and padding; `*len` is the length of the data. */
static bool has_to_open(mt_span text, size_t *len)
{
    size_t padding = (size_t)text.at[text.len - 1] + 1;
    if (padding + MAC > text.len)
        return false;
    for (size_t i = 1; i <= padding; i++)
        if (text.at[text.len - i] != padding - 1)
            return false;
    *len = text.len - padding - MAC;
    mt_digest mac = mac_of(mt_span_first(text, *len));
    return memcmp(mac.at, text.at + *len, MAC) == 0;
}

static bool opens(mt_span body, mt_writer *out)
{
    uint8_t own[MT_PSEUDO_HEADER];
    mt_cbc *c = mt_cbc_new("SM4-CBC", MT_SM3, mt_span_of(keys, sizeof keys));
    memcpy(own, header, sizeof own);
    mt_write_uint(out, 0xa5, 1);
    bool ok = mt_cbc_open(c, own, body, out);
    assert(out->at[0] == 0xa5 && (ok ? out->len < body.len : out->len == 1));
    mt_cbc_free(c);
    return ok;
}

static void encrypt(mt_writer *body)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0, len = (int)body->len - BLOCK;
    bool ok = EVP_EncryptInit_ex2(ctx, EVP_sm4_cbc(), keys + MAC, body->at, NULL) == 1 && EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
              EVP_EncryptUpdate(ctx, body->at + BLOCK, &n, body->at + BLOCK, len) == 1 && n == len;
    assert(ok);
    EVP_CIPHER_CTX_free(ctx);
}

/* What does not fill the last block is filled with its own last byte. */
static void write_text(mt_span in, mt_writer *text)
{
    size_t len = in.at[0] < in.len - 2 ? in.at[0] : in.len - 2;
    mt_span plain = mt_span_first(mt_span_skip(in, 2), len), rest = mt_span_skip(in, 2 + len);
    mt_digest mac = mac_of(plain);
    mac.at[0] ^= in.at[1] & 1;
    mt_write_bytes(text, plain);
    mt_write_bytes(text, mt_digest_span(&mac));
    mt_write_bytes(text, rest);
    size_t more = (BLOCK - text->len % BLOCK) % BLOCK;
    if (more != 0)
        memset(mt_write_room(text, more), in.at[in.len - 1], more);
}

static void try_text(mt_span in)
{
    static const uint8_t iv[BLOCK] = "sixteen bytes iv";
    mt_writer text = {0}, body = {0}, out = {0};
    size_t len = 0;
    write_text(in, &text);
    mt_write_bytes(&body, mt_span_of(iv, sizeof iv));
    mt_write_bytes(&body, mt_written(&text));
    encrypt(&body);
    bool wanted = has_to_open(mt_written(&text), &len);
    assert(opens(mt_written(&body), &out) == wanted);
    assert(!wanted || mt_span_equal(mt_span_skip(mt_written(&out), 1), mt_span_first(mt_written(&text), len)));
    mt_writer_free(&text);
    mt_writer_free(&body);
    mt_writer_free(&out);
}

static void try_body(mt_span in)
{
    mt_writer out = {0};
    (void)opens(in, &out);
    mt_writer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    mt_span rest = mt_span_of(data + 1, size - 1);
    if (data[0] & 1)
        try_text(rest);
    else
        try_body(rest);
    return 0;
}
