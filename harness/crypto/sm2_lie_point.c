// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_inner.h"
#include "crypto/sm2_lie.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

enum { UNCOMPRESSED = 4, TILDE_BITS = 127 };

/* The curve y^2 = x^3 + a x + b' that a point is on, with the field and the a of SM2. */
typedef struct elsewhere {
    EC_GROUP *sm2, *group;
    BN_CTX *ctx;
    BIGNUM *p, *a, *b, *x, *y;
    EC_POINT *point;
} elsewhere;

static bool start(elsewhere *w)
{
    *w = (elsewhere){.sm2 = EC_GROUP_new_by_curve_name(NID_sm2), .ctx = BN_CTX_new(), .p = BN_new(), .a = BN_new(), .b = BN_new()};
    w->x = BN_new();
    w->y = BN_new();
    return w->sm2 != NULL && w->ctx != NULL && w->p != NULL && w->a != NULL && w->b != NULL && w->x != NULL && w->y != NULL;
}

static void end(elsewhere *w)
{
    EC_POINT_free(w->point);
    EC_GROUP_free(w->group);
    EC_GROUP_free(w->sm2);
    BIGNUM *const numbers[] = {w->p, w->a, w->b, w->x, w->y};
    for (size_t i = 0; i < MT_COUNT(numbers); i++)
        BN_free(numbers[i]);
    BN_CTX_free(w->ctx);
}

/* b' = y^2 - x (x^2 + a) */
static bool set_b(elsewhere *w)
{
    BIGNUM *t = BN_new();
    bool ok = t != NULL && BN_mod_sqr(t, w->x, w->p, w->ctx) == 1 && BN_mod_add(t, t, w->a, w->p, w->ctx) == 1 &&
              BN_mod_mul(t, t, w->x, w->p, w->ctx) == 1 && BN_mod_sqr(w->b, w->y, w->p, w->ctx) == 1 &&
              BN_mod_sub(w->b, w->b, t, w->p, w->ctx) == 1;
    BN_free(t);
    return ok;
}

static bool find_curve(elsewhere *w, const uint8_t *point)
{
    bool ok = BN_bin2bn(point, MT_SM2_FIELD, w->x) != NULL && BN_bin2bn(point + MT_SM2_FIELD, MT_SM2_FIELD, w->y) != NULL &&
              EC_GROUP_get_curve(w->sm2, w->p, w->a, NULL, w->ctx) == 1 && BN_nnmod(w->x, w->x, w->p, w->ctx) == 1 &&
              BN_nnmod(w->y, w->y, w->p, w->ctx) == 1 && set_b(w);
    w->group = ok ? EC_GROUP_new_curve_GFp(w->p, w->a, w->b, w->ctx) : NULL;
    w->point = w->group ? EC_POINT_new(w->group) : NULL;
    return w->point != NULL && EC_POINT_set_affine_coordinates(w->group, w->point, w->x, w->y, w->ctx) == 1;
}

/* False: infinity. */
static bool times(const BIGNUM *scalar, const uint8_t *point, uint8_t *out)
{
    elsewhere w;
    bool ok = start(&w) && find_curve(&w, point) && EC_POINT_mul(w.group, w.point, NULL, w.point, scalar, w.ctx) == 1;
    mt_crypto_must(ok, "a point of another curve");
    bool finite = EC_POINT_is_at_infinity(w.group, w.point) == 0;
    memset(out, 0, MT_SM2_POINT);
    if (finite)
        mt_crypto_must(EC_POINT_get_affine_coordinates(w.group, w.point, w.x, w.y, w.ctx) == 1 &&
            BN_bn2binpad(w.x, out, MT_SM2_FIELD) == MT_SM2_FIELD &&
            BN_bn2binpad(w.y, out + MT_SM2_FIELD, MT_SM2_FIELD) == MT_SM2_FIELD, "coordinates");
    end(&w);
    return finite;
}

bool mt_sm2_times(const mt_key *d, const uint8_t *point, uint8_t *out)
{
    BIGNUM *scalar = NULL;
    mt_crypto_must(EVP_PKEY_get_bn_param(d->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1, "private key");
    bool finite = times(scalar, point, out);
    BN_clear_free(scalar);
    return finite;
}

void mt_sm2_order_two(uint8_t point[MT_SM2_POINT])
{
    point[MT_SM2_FIELD - 1] &= 0xfe;
    memset(point + MT_SM2_FIELD, 0, MT_SM2_FIELD);
}

bool mt_sm2_vanishes(mt_span share)
{
    uint8_t ignored[MT_SM2_POINT];
    if (share.len == 1 && share.at[0] == 0)
        return true;
    if (share.len != 1 + MT_SM2_POINT || share.at[0] != UNCOMPRESSED)
        return false;
    BIGNUM *tilde = BN_bin2bn(share.at + 1, MT_SM2_FIELD, NULL);
    bool ok = tilde != NULL && (BN_num_bits(tilde) <= TILDE_BITS || BN_mask_bits(tilde, TILDE_BITS) == 1) &&
              BN_set_bit(tilde, TILDE_BITS) == 1;
    mt_crypto_must(ok, "SM2 key exchange");
    bool finite = times(tilde, share.at + 1, ignored);
    BN_free(tilde);
    return !finite;
}

/* ---- the two forms of a point ---- */

static bool rewrite(mt_span share, point_conversion_form_t form, mt_writer *out)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_sm2);
    EC_POINT *point = EC_POINT_new(group);
    uint8_t bytes[1 + MT_SM2_POINT];
    mt_crypto_must(group != NULL && point != NULL, "SM2 point");
    size_t len = 0;
    if (share.len != 0 && EC_POINT_oct2point(group, point, share.at, share.len, NULL) == 1)
        len = EC_POINT_point2oct(group, point, form, bytes, sizeof bytes, NULL);
    ERR_clear_error();
    mt_write_bytes(out, mt_span_of(bytes, len));
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return len != 0;
}

bool mt_sm2_compress(mt_span share, mt_writer *out)
{
    return rewrite(share, POINT_CONVERSION_COMPRESSED, out);
}

bool mt_sm2_uncompress(mt_span share, mt_writer *out)
{
    return rewrite(share, POINT_CONVERSION_UNCOMPRESSED, out);
}
