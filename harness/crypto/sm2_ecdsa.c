// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_inner.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

/* r = x of kG mod n (FIPS 186-5 6.4.1); k is left in `k`. */
static void choose_r(const EC_GROUP *group, BIGNUM *k, BIGNUM *r, BN_CTX *ctx)
{
    const BIGNUM *n = EC_GROUP_get0_order(group);
    EC_POINT *point = EC_POINT_new(group);
    BN_set_flags(k, BN_FLG_CONSTTIME);
    bool ok = point != NULL && BN_priv_rand_range(k, n) == 1 && EC_POINT_mul(group, point, k, NULL, NULL, ctx) == 1 &&
              EC_POINT_get_affine_coordinates(group, point, r, NULL, ctx) == 1 && BN_nnmod(r, r, n, ctx) == 1;
    EC_POINT_free(point);
    mt_crypto_must(ok, "ECDSA");
}

/* s = (e + r d) / k mod n. That k, r or s is zero does not happen: the odds are one in 2^256. */
static void compute(const EC_GROUP *group, const BIGNUM *d, const BIGNUM *e, ECDSA_SIG *signature)
{
    const BIGNUM *n = EC_GROUP_get0_order(group);
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *k = BN_new(), *r = BN_new(), *s = BN_new();
    mt_crypto_must(ctx != NULL && k != NULL && r != NULL && s != NULL, "ECDSA");
    choose_r(group, k, r, ctx);
    bool ok = BN_mod_mul(s, r, d, n, ctx) == 1 && BN_mod_add(s, s, e, n, ctx) == 1 && BN_mod_inverse(k, k, n, ctx) != NULL &&
              BN_mod_mul(s, s, k, n, ctx) == 1 && ECDSA_SIG_set0(signature, r, s) == 1;
    mt_crypto_must(ok, "ECDSA");
    BN_clear_free(k);
    BN_CTX_free(ctx);
}

/* The leftmost 256 bits of the digest, as a number. */
static BIGNUM *number_of(mt_span digest)
{
    mt_span part = mt_span_first(digest, mt_curve_of(MT_CURVE_SM2_KEY)->field);
    return BN_bin2bn(part.at, (int)part.len, NULL);
}

bool mt_sm2_ecdsa_sign(const mt_key *k, mt_span digest, mt_room *room)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
    BIGNUM *d = NULL, *e = number_of(digest);
    ECDSA_SIG *signature = ECDSA_SIG_new();
    bool ready = group != NULL && e != NULL && signature != NULL && EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1;
    mt_crypto_must(ready, "ECDSA");
    uint8_t *at = room->at;
    compute(group, d, e, signature);
    int len = i2d_ECDSA_SIG(signature, &at);
    room->len = (size_t)len;
    ECDSA_SIG_free(signature);
    BN_clear_free(d);
    BN_free(e);
    EC_GROUP_free(group);
    return len > 0;
}

/* A public key of type EC is made by way of the curve's parameters: libcrypto imports none on this curve. */
static EVP_PKEY *public_of(const mt_key *k)
{
    const mt_curve *curve = mt_curve_of(MT_CURVE_SM2_KEY);
    uint8_t point[65] = {POINT_CONVERSION_UNCOMPRESSED};
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    mt_sm2_point(k, point + 1);
    bool ok = ctx != NULL && EVP_PKEY_paramgen_init(ctx) == 1 && EVP_PKEY_CTX_set_group_name(ctx, curve->name) == 1 &&
              EVP_PKEY_paramgen(ctx, &key) == 1 && EVP_PKEY_set1_encoded_public_key(key, point, sizeof point) == 1;
    mt_crypto_must(ok, "ECDSA");
    EVP_PKEY_CTX_free(ctx);
    return key;
}

bool mt_sm2_ecdsa_verify(const mt_key *k, mt_span digest, mt_span signature)
{
    EVP_PKEY *key = public_of(k);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    mt_crypto_must(ctx != NULL && EVP_PKEY_verify_init(ctx) == 1, "ECDSA");
    bool ok = EVP_PKEY_verify(ctx, signature.at, signature.len, digest.at, digest.len) == 1;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok;
}
