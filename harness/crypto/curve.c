// SPDX-License-Identifier: Apache-2.0
#include "crypto/curve.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

static const mt_curve rows[MT_CURVES] = {
    [MT_CURVE_P256] = {"P-256", "EC", NID_X9_62_prime256v1, 256, 32},
    [MT_CURVE_P384] = {"P-384", "EC", NID_secp384r1, 384, 48},
    [MT_CURVE_P521] = {"P-521", "EC", NID_secp521r1, 521, 66},
    [MT_CURVE_SM2_KEY] = {"SM2", "SM2", NID_sm2, 256, 32},
};

/* A generator for each curve, and a public key whose only use is to be copied: that is four times as fast as naming the curve. */
static _Thread_local EVP_PKEY_CTX *generators[MT_CURVES];
static _Thread_local EVP_PKEY *templates[MT_CURVES];

const mt_curve *mt_curve_of(mt_curve_id id)
{
    return &rows[id];
}

static EVP_PKEY_CTX *new_generator(const mt_curve *curve)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, curve->type, NULL);
    bool ok = ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_CTX_set_group_name(ctx, curve->name) == 1;
    mt_crypto_must(ok, curve->name);
    return ctx;
}

EVP_PKEY *mt_curve_generate(mt_curve_id id)
{
    EVP_PKEY *key = NULL;
    if (generators[id] == NULL)
        generators[id] = new_generator(&rows[id]);
    mt_crypto_must(EVP_PKEY_generate(generators[id], &key) == 1, "key generation");
    return key;
}

/* multiply writes the point that belongs to `scalar`, uncompressed; libcrypto's import of a private key leaves it out. */
static size_t multiply(const mt_curve *curve, const BIGNUM *scalar, uint8_t *point, size_t room)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->nid);
    EC_POINT *product = group ? EC_POINT_new(group) : NULL;
    mt_crypto_must(product != NULL && EC_POINT_mul(group, product, scalar, NULL, NULL, NULL) == 1, curve->name);
    size_t len = EC_POINT_point2oct(group, product, POINT_CONVERSION_UNCOMPRESSED, point, room, NULL);
    EC_POINT_free(product);
    EC_GROUP_free(group);
    return len;
}

/* import makes a key pair of `scalar`, or the public key alone. */
static EVP_PKEY *import(const mt_curve *curve, const BIGNUM *scalar, bool private)
{
    uint8_t point[133];
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, curve->type, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    size_t len = multiply(curve, scalar, point, sizeof point);
    bool ok = ctx != NULL && build != NULL && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve->name, 0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, len) == 1 &&
              (!private || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1);
    OSSL_PARAM *params = ok ? OSSL_PARAM_BLD_to_param(build) : NULL;
    int selection = private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    ok = params != NULL && EVP_PKEY_fromdata_init(ctx) == 1 && EVP_PKEY_fromdata(ctx, &key, selection, params) == 1;
    mt_crypto_must(ok, curve->name);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

EVP_PKEY *mt_curve_from_private(mt_curve_id id, mt_span scalar)
{
    BIGNUM *number = BN_bin2bn(scalar.at, (int)scalar.len, NULL);
    mt_crypto_must(number != NULL, "number");
    EVP_PKEY *key = import(&rows[id], number, true);
    BN_clear_free(number);
    return key;
}

EVP_PKEY *mt_curve_public(mt_curve_id id, mt_span point)
{
    if (templates[id] == NULL)
        templates[id] = import(&rows[id], BN_value_one(), false);
    EVP_PKEY *key = EVP_PKEY_dup(templates[id]);
    mt_crypto_must(key != NULL, "key copy");
    if (point.len > 1 && EVP_PKEY_set1_encoded_public_key(key, point.at, point.len) == 1)
        return key;
    ERR_clear_error();
    EVP_PKEY_free(key);
    return NULL;
}

static void write_number(const EVP_PKEY *key, const char *name, uint8_t *out, size_t len)
{
    BIGNUM *number = NULL;
    bool ok = EVP_PKEY_get_bn_param(key, name, &number) == 1 && BN_bn2binpad(number, out, (int)len) == (int)len;
    BN_free(number);
    mt_crypto_must(ok, name);
}

void mt_curve_coordinates(mt_curve_id id, const EVP_PKEY *key, uint8_t *out)
{
    size_t field = rows[id].field;
    write_number(key, OSSL_PKEY_PARAM_EC_PUB_X, out, field);
    write_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, out + field, field);
}
