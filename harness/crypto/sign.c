// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.h"
#include "crypto/key_inner.h"
#include "crypto/sm2.h"
#include "wire/codes.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

/* In the order in which we offer them. MD5 and SHA-1 are rows so that a case can lie with them (RFC 9155). */
const mt_scheme mt_scheme_rows[] = {
    {0x0403, MT_KEY_P256, MT_SHA256, MT_PAD_NONE, true, true, NULL},
    {0x0503, MT_KEY_P384, MT_SHA384, MT_PAD_NONE, true, true, NULL},
    {0x0603, MT_KEY_P521, MT_SHA512, MT_PAD_NONE, true, true, NULL},
    {0x0807, MT_KEY_ED25519, MT_HASH_NONE, MT_PAD_NONE, true, true, NULL},
    {0x0804, MT_KEY_RSA, MT_SHA256, MT_PAD_PSS, true, true, NULL},
    {0x0805, MT_KEY_RSA, MT_SHA384, MT_PAD_PSS, true, true, NULL},
    {0x0806, MT_KEY_RSA, MT_SHA512, MT_PAD_PSS, true, true, NULL},
    {0x0809, MT_KEY_RSA, MT_SHA256, MT_PAD_PSS, true, true, NULL},
    {0x080a, MT_KEY_RSA, MT_SHA384, MT_PAD_PSS, true, true, NULL},
    {0x080b, MT_KEY_RSA, MT_SHA512, MT_PAD_PSS, true, true, NULL},
    {0x0401, MT_KEY_RSA, MT_SHA256, MT_PAD_PKCS1, false, true, NULL},
    {0x0501, MT_KEY_RSA, MT_SHA384, MT_PAD_PKCS1, false, true, NULL},
    {0x0601, MT_KEY_RSA, MT_SHA512, MT_PAD_PKCS1, false, true, NULL},
    {0x0203, MT_KEY_P256, MT_SHA1, MT_PAD_NONE, false, true, NULL},
    {0x0201, MT_KEY_RSA, MT_SHA1, MT_PAD_PKCS1, false, true, NULL},
    {0x0101, MT_KEY_RSA, MT_MD5, MT_PAD_PKCS1, false, false, NULL},
    {0x0708, MT_KEY_SM2, MT_SM3, MT_PAD_NONE, true, false, MT_SM2_ID_TLS13},
};
const mt_scheme mt_scheme_tlcp = {0, MT_KEY_SM2, MT_SM3, MT_PAD_NONE, false, false, MT_SM2_ID};
const mt_scheme mt_scheme_ecdsa_of_sm2 = {0, MT_KEY_SM2, MT_SM3, MT_PAD_ECDSA, false, false, NULL};
const size_t mt_scheme_count = MT_COUNT(mt_scheme_rows);

enum { PSS_PSS_FIRST = 0x0809, PSS_PSS_LAST = 0x080b };

const mt_scheme *mt_scheme_find(uint16_t code)
{
    for (size_t i = 0; i < mt_scheme_count; i++) {
        if (mt_scheme_rows[i].code == code)
            return &mt_scheme_rows[i];
    }
    return NULL;
}

const char *mt_scheme_name(const mt_scheme *s)
{
    return mt_code_name(&mt_schemes, s->code);
}

static bool same_family(const mt_scheme *s, const mt_key *k)
{
    return mt_kind_of(s->kind)->family == mt_kind_of(k->kind)->family;
}

/* RFC 8017 9.1.1 step 3 and 9.2 step 3; 19 is the longest DigestInfo prefix that a row here has. */
static size_t modulus_needed(const mt_scheme *s)
{
    size_t hash = mt_hash_len(s->hash);
    return s->padding == MT_PAD_PSS ? 2 * hash + 2 : hash + 19 + 11;
}

static bool rsa_fits(const mt_scheme *s, const mt_key *k)
{
    bool wants_pss = s->code >= PSS_PSS_FIRST && s->code <= PSS_PSS_LAST;
    size_t room = s->padding == MT_PAD_PSS ? (k->bits - 1 + 7) / 8 : (k->bits + 7) / 8;
    return k->is_pss == wants_pss && room >= modulus_needed(s);
}

bool mt_scheme_fits(const mt_scheme *s, const mt_key *k, uint16_t version)
{
    bool is_13 = version >= MT_TLS13;
    if (version == MT_TLCP)
        return s->code == 0 && s->padding == MT_PAD_NONE && same_family(s, k);
    if (!same_family(s, k) || !(is_13 ? s->tls13 : s->tls12))
        return false;
    if (k->kind == MT_KEY_RSA)
        return rsa_fits(s, k);
    return !is_13 || s->kind == k->kind;
}

uint16_t mt_scheme_choose(const uint16_t *offered, size_t n, const mt_key *k, uint16_t version)
{
    for (size_t i = 0; i < n; i++) {
        const mt_scheme *s = mt_scheme_find(offered[i]);
        if (s != NULL && mt_scheme_fits(s, k, version))
            return s->code;
    }
    return 0;
}

static bool pad(EVP_PKEY_CTX *ctx, const mt_scheme *s)
{
    if (s->padding == MT_PAD_PKCS1)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    if (s->padding == MT_PAD_PSS)
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
    return true;
}

static EVP_PKEY_CTX *set_up(const mt_key *k, const mt_scheme *s, mt_key_use use)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
    mt_crypto_must(ctx != NULL, "signature context");
    int started = use == MT_USE_SIGN ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx);
    if (started == 1 && EVP_PKEY_CTX_set_signature_md(ctx, mt_hash_md(s->hash)) == 1 && pad(ctx, s))
        return ctx;
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

static EVP_PKEY_CTX *operation(const mt_key *k, const mt_scheme *s, mt_key_use use)
{
    mt_key_operation *kept = &k->operations[use];
    if (kept->ctx != NULL && kept->hash == s->hash && kept->padding == s->padding)
        return kept->ctx;
    EVP_PKEY_CTX_free(kept->ctx);
    *kept = (mt_key_operation){s->hash, s->padding, set_up(k, s, use)};
    return kept->ctx;
}

/* What the signature is computed from: a hash of the data, and in SM2 of Z before it. */
static mt_digest digest_of(const mt_key *k, const mt_scheme *s, mt_span data)
{
    if (s->id == NULL)
        return mt_hash(s->hash, data);
    mt_digest z = mt_sm2_z(s->id, k);
    mt_running_hash *h = mt_running_hash_new(s->hash);
    mt_running_hash_add(h, mt_digest_span(&z));
    mt_running_hash_add(h, data);
    mt_digest e = mt_running_hash_value(h);
    mt_running_hash_free(h);
    return e;
}

static bool sign_whole(const mt_key *k, mt_span data, uint8_t *room, size_t *len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, k->pkey, NULL) == 1 &&
              EVP_DigestSign(ctx, room, len, data.at, data.len) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

static bool sign_hash(const mt_key *k, const mt_scheme *s, mt_span data, mt_room *room)
{
    mt_digest digest = digest_of(k, s, data);
    if (s->padding == MT_PAD_ECDSA)
        return mt_sm2_ecdsa_sign(k, mt_digest_span(&digest), room);
    EVP_PKEY_CTX *ctx = operation(k, s, MT_USE_SIGN);
    return ctx != NULL && EVP_PKEY_sign(ctx, room->at, &room->len, digest.at, digest.len) == 1;
}

bool mt_sign(const mt_key *k, const mt_scheme *s, mt_span data, mt_writer *out)
{
    if (!k->is_private || !same_family(s, k))
        return false;
    size_t start = out->len;
    size_t size = (size_t)EVP_PKEY_get_size(k->pkey);
    mt_room room = {mt_write_room(out, size), size};
    bool ok = s->hash == MT_HASH_NONE ? sign_whole(k, data, room.at, &room.len) : sign_hash(k, s, data, &room);
    out->len = ok ? start + room.len : start;
    if (!ok)
        ERR_clear_error();
    return ok;
}

static bool verify_whole(const mt_key *k, mt_span data, mt_span signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, k->pkey, NULL) == 1 &&
              EVP_DigestVerify(ctx, signature.at, signature.len, data.at, data.len) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

static bool verify_hash(const mt_key *k, const mt_scheme *s, mt_span data, mt_span signature)
{
    mt_digest digest = digest_of(k, s, data);
    if (s->padding == MT_PAD_ECDSA)
        return mt_sm2_ecdsa_verify(k, mt_digest_span(&digest), signature);
    EVP_PKEY_CTX *ctx = operation(k, s, MT_USE_VERIFY);
    return ctx != NULL && EVP_PKEY_verify(ctx, signature.at, signature.len, digest.at, digest.len) == 1;
}

bool mt_verify(const mt_key *k, const mt_scheme *s, mt_span data, mt_span signature)
{
    if (!same_family(s, k) || signature.len == 0)
        return false;
    bool ok = s->hash == MT_HASH_NONE ? verify_whole(k, data, signature) : verify_hash(k, s, data, signature);
    if (!ok)
        ERR_clear_error();
    return ok;
}
