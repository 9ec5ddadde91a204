// SPDX-License-Identifier: Apache-2.0
#include "crypto/group.h"

#include "crypto/inner.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

typedef struct group_row {
    uint16_t code;
    const char *name; /* of the key for libcrypto: of the curve, or of an algorithm that has one curve only */
    int curve;        /* NID; 0: no points, the share is plain bytes */
    size_t share, secret;
} group_row;

static const group_row rows[] = {
    {MT_X25519, "X25519", 0, 32, 32},
    {MT_SECP256R1, "P-256", NID_X9_62_prime256v1, 65, 32},
    {MT_SECP384R1, "P-384", NID_secp384r1, 97, 48},
    {MT_SECP521R1, "P-521", NID_secp521r1, 133, 66},
};

struct mt_exchange {
    const group_row *row;
    EVP_PKEY *key;
    uint8_t share[MT_SHARE_MAX];
};

/* A generator for each group, and a key that only lends its parameters to the keys of peers. */
static _Thread_local EVP_PKEY_CTX *generators[MT_COUNT(rows)];
static _Thread_local EVP_PKEY *templates[MT_COUNT(rows)];

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

static EVP_PKEY_CTX *new_generator(const group_row *row)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, row->curve ? "EC" : row->name, NULL);
    bool ok = ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 && (row->curve == 0 || EVP_PKEY_CTX_set_group_name(ctx, row->name) == 1);
    mt_crypto_must(ok, row->name);
    return ctx;
}

static EVP_PKEY *generate(const group_row *row)
{
    EVP_PKEY_CTX **ctx = &generators[row - rows];
    EVP_PKEY *key = NULL;
    if (*ctx == NULL)
        *ctx = new_generator(row);
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

/* multiply writes the point that belongs to `scalar`, which libcrypto's import of a private key leaves out. */
static void multiply(const group_row *row, const BIGNUM *scalar, uint8_t share[MT_SHARE_MAX])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(row->curve);
    EC_POINT *point = group ? EC_POINT_new(group) : NULL;
    bool ok = point != NULL && EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) == 1 &&
              EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, share, row->share, NULL) == row->share;
    mt_crypto_must(ok, row->name);
    EC_POINT_free(point);
    EC_GROUP_free(group);
}

static EVP_PKEY *import(EVP_PKEY_CTX *ctx, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    bool ok = params != NULL && EVP_PKEY_fromdata_init(ctx) == 1 && EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) == 1;
    mt_crypto_must(ok, "key import");
    OSSL_PARAM_free(params);
    return key;
}

static EVP_PKEY *ec_from_private(const group_row *row, mt_span private_key)
{
    uint8_t share[MT_SHARE_MAX];
    BIGNUM *scalar = BN_bin2bn(private_key.at, (int)private_key.len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    mt_crypto_must(scalar != NULL && build != NULL && ctx != NULL, row->name);
    multiply(row, scalar, share);
    bool ok = OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, row->name, 0) == 1 &&
              OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, share, row->share) == 1;
    mt_crypto_must(ok, row->name);
    EVP_PKEY *key = import(ctx, build);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_BLD_free(build);
    BN_clear_free(scalar);
    return key;
}

mt_exchange *mt_exchange_from(uint16_t group, mt_span private_key)
{
    const group_row *row = known(group);
    if (private_key.len != row->secret)
        mt_die("a private key of %zu bytes for %s", private_key.len, row->name);
    if (row->curve != 0)
        return exchange_of(row, ec_from_private(row, private_key));
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(NULL, row->name, NULL, private_key.at, private_key.len);
    mt_crypto_must(key != NULL, row->name);
    return exchange_of(row, key);
}

void mt_exchange_free(mt_exchange *x)
{
    if (x == NULL)
        return;
    EVP_PKEY_free(x->key);
    mt_free(x);
}

uint16_t mt_exchange_group(const mt_exchange *x)
{
    return x->row->code;
}

mt_span mt_exchange_share(const mt_exchange *x)
{
    return mt_span_of(x->share, x->row->share);
}

/* peer_key is NULL if `share` is no point of the group in uncompressed form (RFC 8446 4.2.8.2), no string of the right length. */
static EVP_PKEY *peer_key(const group_row *row, mt_span share)
{
    EVP_PKEY **template = &templates[row - rows];
    if (share.len != row->share)
        return NULL;
    if (row->curve == 0)
        return EVP_PKEY_new_raw_public_key_ex(NULL, row->name, NULL, share.at, share.len);
    if (share.at[0] != POINT_CONVERSION_UNCOMPRESSED)
        return NULL;
    if (*template == NULL)
        *template = generate(row);
    EVP_PKEY *key = EVP_PKEY_new();
    mt_crypto_must(key != NULL && EVP_PKEY_copy_parameters(key, *template) == 1, "group parameters");
    if (EVP_PKEY_set1_encoded_public_key(key, share.at, share.len) == 1)
        return key;
    EVP_PKEY_free(key);
    return NULL;
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
    EVP_PKEY *key = peer_key(x->row, peer);
    bool ok = key != NULL && derive(x, key, out);
    if (ok)
        mt_write_bytes(secret, mt_span_of(out, x->row->secret));
    else
        ERR_clear_error();
    OPENSSL_cleanse(out, sizeof out);
    EVP_PKEY_free(key);
    return ok;
}
