// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_inner.h"
#include "crypto/sm2.h"
#include "crypto/sm2_lie.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>

enum { FIELD = 32, POINT = 2 * FIELD, TILDE_BITS = 127 };

/* Everything that one computation needs, so that there is one place to free it. */
typedef struct work {
    const EC_GROUP *group;
    BN_CTX *ctx;
    BIGNUM *t, *tilde, *zero, *d, *r;
    EC_POINT *peer, *share;
} work;

/* Kept: making it takes a thirtieth of what it is made for. */
static const EC_GROUP *the_curve(void)
{
    static _Thread_local EC_GROUP *group;
    if (group == NULL)
        group = EC_GROUP_new_by_curve_name(NID_sm2);
    return group;
}

static void start_work(work *w)
{
    *w = (work){.group = the_curve(), .ctx = BN_CTX_new(), .t = BN_new(), .tilde = BN_new(), .zero = BN_new()};
    mt_crypto_must(w->group != NULL && w->ctx != NULL && w->t != NULL && w->tilde != NULL && w->zero != NULL, "SM2 key exchange");
    w->peer = EC_POINT_new(w->group);
    w->share = EC_POINT_new(w->group);
    mt_crypto_must(w->peer != NULL && w->share != NULL, "SM2 key exchange");
}

static void end_work(work *w)
{
    BN_clear_free(w->t);
    BN_clear_free(w->d);
    BN_clear_free(w->r);
    BN_free(w->tilde);
    BN_free(w->zero);
    EC_POINT_clear_free(w->peer);
    EC_POINT_free(w->share);
    BN_CTX_free(w->ctx);
}

/* x~ = 2^127 + (x mod 2^127) of a point 04 X Y. */
static void set_tilde(BIGNUM *tilde, mt_span share)
{
    bool ok = BN_bin2bn(share.at + 1, FIELD, tilde) != NULL && (BN_num_bits(tilde) <= TILDE_BITS || BN_mask_bits(tilde, TILDE_BITS) == 1) &&
              BN_set_bit(tilde, TILDE_BITS) == 1;
    mt_crypto_must(ok, "SM2 key exchange");
}

/* t = (d + x~ r) mod n, with our own static key d and ephemeral key r. */
static void set_t(work *w, const mt_sm2_agreement *a)
{
    const BIGNUM *n = EC_GROUP_get0_order(w->group);
    bool ok = (a->own == NULL || EVP_PKEY_get_bn_param(a->own->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &w->d) == 1) &&
              (a->own_exchange == NULL || EVP_PKEY_get_bn_param(mt_exchange_pkey(a->own_exchange), OSSL_PKEY_PARAM_PRIV_KEY, &w->r) == 1);
    mt_crypto_must(ok, "private key");
    BIGNUM *const secrets[] = {w->d, w->r, w->t};
    for (size_t i = 0; i < MT_COUNT(secrets); i++)
        if (secrets[i] != NULL)
            BN_set_flags(secrets[i], BN_FLG_CONSTTIME);
    if (w->r != NULL) {
        set_tilde(w->tilde, mt_exchange_share(a->own_exchange));
        ok = BN_mod_mul(w->t, w->tilde, w->r, n, w->ctx) == 1;
    }
    ok = ok && (w->d == NULL || BN_mod_add_quick(w->t, w->t, w->d, n) == 1);
    mt_crypto_must(ok, "SM2 key exchange");
}

static bool read_share(work *w, mt_span share)
{
    return share.len == 1 + POINT && share.at[0] == POINT_CONVERSION_UNCOMPRESSED &&
           EC_POINT_oct2point(w->group, w->share, share.at, share.len, w->ctx) == 1;
}

/* What is not there stays infinity, as a point is when it is made. */
static bool read_peer(work *w, const mt_sm2_agreement *a)
{
    uint8_t point[1 + POINT] = {POINT_CONVERSION_UNCOMPRESSED};
    if (a->peer != NULL)
        mt_sm2_point(a->peer, point + 1);
    return (a->peer == NULL || EC_POINT_oct2point(w->group, w->peer, point, sizeof point, w->ctx) == 1) &&
           (a->peer_share.len == 0 || read_share(w, a->peer_share));
}

/* P + x~ R is public, and zero times the generator before it makes libcrypto take the way for public numbers, half as long here. */
static bool add_share(work *w, mt_span share)
{
    set_tilde(w->tilde, share);
    return EC_POINT_mul(w->group, w->share, w->zero, w->share, w->tilde, w->ctx) == 1 &&
           EC_POINT_add(w->group, w->peer, w->peer, w->share, w->ctx) == 1;
}

/* U = t (P + x~ R). The product with the secret t is a single one: libcrypto makes it in constant time. The cofactor is 1. */
static bool common_point(work *w, const mt_sm2_agreement *a, uint8_t out[1 + POINT])
{
    set_t(w, a);
    bool ok = (a->peer_share.len == 0 || add_share(w, a->peer_share)) &&
              EC_POINT_mul(w->group, w->peer, NULL, w->peer, w->t, w->ctx) == 1;
    mt_crypto_must(ok, "SM2 key exchange");
    if (EC_POINT_is_at_infinity(w->group, w->peer) == 1)
        return false;
    return EC_POINT_point2oct(w->group, w->peer, POINT_CONVERSION_UNCOMPRESSED, out, 1 + POINT, w->ctx) == 1 + POINT;
}

/* The SM2 KDF is that of X9.63: SM3(data, counter). */
void mt_sm2_kdf(mt_span data, mt_room out)
{
    static _Thread_local EVP_KDF_CTX *ctx;
    char digest[] = "SM3";
    uint8_t key[POINT + 2 * MT_HASH_MAX];
    memcpy(key, data.at, data.len);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, data.len), OSSL_PARAM_construct_end()};
    if (ctx == NULL) {
        EVP_KDF *kdf = EVP_KDF_fetch(NULL, "X963KDF", NULL);
        ctx = EVP_KDF_CTX_new(kdf);
        EVP_KDF_free(kdf);
    }
    mt_crypto_must(ctx != NULL && EVP_KDF_derive(ctx, out.at, out.len, params) == 1, "X963KDF");
    EVP_KDF_CTX_reset(ctx);
    OPENSSL_cleanse(key, sizeof key);
}

static void write_z(const char *id, const mt_key *k, mt_writer *out)
{
    if (k == NULL)
        return;
    mt_digest z = mt_sm2_z(id, k);
    mt_write_bytes(out, mt_digest_span(&z));
}

/* K = KDF(x of U, y of U, Z of the initiator, Z of the responder). */
static void write_secret(const mt_sm2_agreement *a, const uint8_t *common, size_t len, mt_writer *secret)
{
    mt_writer data = {0};
    mt_write_bytes(&data, mt_span_of(common, POINT));
    write_z(a->is_initiator ? a->own_id : a->peer_id, a->is_initiator ? a->own : a->peer, &data);
    write_z(a->is_initiator ? a->peer_id : a->own_id, a->is_initiator ? a->peer : a->own, &data);
    uint8_t *room = mt_write_room(secret, len);
    mt_sm2_kdf(mt_written(&data), (mt_room){room, len});
    OPENSSL_cleanse(data.at, data.len);
    mt_writer_free(&data);
}

static bool is_sm2(const mt_key *k)
{
    return k != NULL && k->kind == MT_KEY_SM2;
}

bool mt_sm2_agree_in_part(const mt_sm2_agreement *a, size_t len, mt_writer *secret)
{
    work w;
    uint8_t common[1 + POINT];
    if (a->own_exchange != NULL && mt_exchange_group(a->own_exchange) != MT_CURVE_SM2)
        mt_die("SM2 key exchange with a point of group %04x", mt_exchange_group(a->own_exchange));
    if ((a->own != NULL && !(is_sm2(a->own) && a->own->is_private)) || (a->peer != NULL && !is_sm2(a->peer)))
        return false;
    start_work(&w);
    bool ok = read_peer(&w, a) && common_point(&w, a, common);
    end_work(&w);
    if (ok)
        write_secret(a, common + 1, len, secret);
    else
        ERR_clear_error();
    OPENSSL_cleanse(common, sizeof common);
    return ok;
}

bool mt_sm2_agree(const mt_sm2_agreement *a, size_t len, mt_writer *secret)
{
    bool whole = a->own != NULL && a->own_exchange != NULL && a->peer != NULL && a->peer_share.len != 0;
    return whole && mt_sm2_agree_in_part(a, len, secret);
}

bool mt_sm2_ecdh(const EVP_PKEY *own, mt_span peer, uint8_t *secret)
{
    work w;
    uint8_t common[1 + POINT];
    start_work(&w);
    mt_crypto_must(EVP_PKEY_get_bn_param(own, OSSL_PKEY_PARAM_PRIV_KEY, &w.d) == 1, "private key");
    BN_set_flags(w.d, BN_FLG_CONSTTIME);
    bool ok = read_share(&w, peer) && EC_POINT_mul(w.group, w.peer, NULL, w.share, w.d, w.ctx) == 1 &&
              EC_POINT_point2oct(w.group, w.peer, POINT_CONVERSION_UNCOMPRESSED, common, sizeof common, w.ctx) == sizeof common;
    if (ok)
        memcpy(secret, common + 1, FIELD);
    end_work(&w);
    OPENSSL_cleanse(common, sizeof common);
    return ok;
}
