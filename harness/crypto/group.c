// SPDX-License-Identifier: Apache-2.0
#include "crypto/group.h"

#include "crypto/curve.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>

typedef struct group_row {
    uint16_t code;
    const char *plain; /* algorithm whose shares are plain bytes; NULL: points of `curve` */
    mt_curve_id curve;
    size_t share, secret;
} group_row;

static const group_row rows[] = {
    {MT_X25519, "X25519", MT_CURVES, 32, 32},
    {MT_SECP256R1, NULL, MT_CURVE_P256, 65, 32},
    {MT_SECP384R1, NULL, MT_CURVE_P384, 97, 48},
    {MT_SECP521R1, NULL, MT_CURVE_P521, 133, 66},
    {MT_CURVE_SM2, NULL, MT_CURVE_SM2_KEY, 65, 32},
};

struct mt_exchange {
    const group_row *row;
    EVP_PKEY *key;
    uint8_t share[MT_SHARE_MAX];
};

static _Thread_local EVP_PKEY_CTX *generators[MT_COUNT(rows)];

static const group_row *find(uint16_t group)
{
    for (size_t i = 0; i < MT_COUNT(rows); i++) {
        if (rows[i].code == group)
            return &rows[i];
    }
    return NULL;
}

bool mt_group_known(uint16_t group)
{
    return find(group) != NULL;
}

static const group_row *known(uint16_t group)
{
    const group_row *row = find(group);
    if (row == NULL)
        mt_die("key exchange in group %04x, which is not ours", group);
    return row;
}

static EVP_PKEY *generate(const group_row *row)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX **ctx = &generators[row - rows];
    if (row->plain == NULL)
        return mt_curve_generate(row->curve);
    if (*ctx == NULL) {
        *ctx = EVP_PKEY_CTX_new_from_name(NULL, row->plain, NULL);
        mt_crypto_must(*ctx != NULL && EVP_PKEY_keygen_init(*ctx) == 1, row->plain);
    }
    mt_crypto_must(EVP_PKEY_generate(*ctx, &key) == 1, "key generation");
    return key;
}

static mt_exchange *exchange_of(const group_row *row, EVP_PKEY *key)
{
    mt_exchange *x = mt_alloc(sizeof *x);
    size_t len = 0;
    x->row = row;
    x->key = key;
    bool ok = EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, x->share, sizeof x->share, &len) == 1;
    mt_crypto_must(ok && len == row->share, "public share");
    return x;
}

mt_exchange *mt_exchange_new(uint16_t group)
{
    const group_row *row = known(group);
    return exchange_of(row, generate(row));
}

mt_exchange *mt_exchange_from(uint16_t group, mt_span private_key)
{
    const group_row *row = known(group);
    if (private_key.len != row->secret)
        mt_die("a private key of %zu bytes for group %04x", private_key.len, group);
    if (row->plain == NULL)
        return exchange_of(row, mt_curve_from_private(row->curve, private_key));
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(NULL, row->plain, NULL, private_key.at, private_key.len);
    mt_crypto_must(key != NULL, row->plain);
    return exchange_of(row, key);
}

void mt_exchange_free(mt_exchange *x)
{
    if (x == NULL)
        return;
    EVP_PKEY_free(x->key);
    mt_free(x);
}

EVP_PKEY *mt_exchange_pkey(const mt_exchange *x)
{
    return x->key;
}

uint16_t mt_exchange_group(const mt_exchange *x)
{
    return x->row->code;
}

mt_span mt_exchange_share(const mt_exchange *x)
{
    return mt_span_of(x->share, x->row->share);
}

/* peer_key is NULL if `share` is no point in uncompressed form (RFC 8446 4.2.8.2), or has not the group's length. */
static EVP_PKEY *peer_key(const group_row *row, mt_span share)
{
    if (share.len != row->share)
        return NULL;
    if (row->plain != NULL)
        return EVP_PKEY_new_raw_public_key_ex(NULL, row->plain, NULL, share.at, share.len);
    return share.at[0] == POINT_CONVERSION_UNCOMPRESSED ? mt_curve_public(row->curve, share) : NULL;
}

/* These curves have cofactor 1 and setting a point has put it on the curve, so the check of its order, which costs as much as
 * the exchange itself, cannot find anything more. */
static bool derive(const mt_exchange *x, EVP_PKEY *peer, uint8_t secret[MT_SECRET_MAX])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, x->key, NULL);
    size_t len = MT_SECRET_MAX;
    mt_crypto_must(ctx != NULL && EVP_PKEY_derive_init(ctx) == 1, "key exchange");
    bool ok = EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1 && EVP_PKEY_derive(ctx, secret, &len) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok && len == x->row->secret;
}

bool mt_exchange_derive(const mt_exchange *x, mt_span peer, mt_writer *secret)
{
    uint8_t out[MT_SECRET_MAX];
    bool is_sm2 = x->row->curve == MT_CURVE_SM2_KEY; /* libcrypto's keys of type SM2 derive nothing */
    EVP_PKEY *key = is_sm2 ? NULL : peer_key(x->row, peer);
    bool ok = is_sm2 ? mt_sm2_ecdh(x->key, peer, out) : key != NULL && derive(x, key, out);
    if (ok)
        mt_write_bytes(secret, mt_span_of(out, x->row->secret));
    else
        ERR_clear_error();
    OPENSSL_cleanse(out, sizeof out);
    EVP_PKEY_free(key);
    return ok;
}
