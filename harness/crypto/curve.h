// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_CURVE_H
#define MT_CRYPTO_CURVE_H
/* The curves of keys and of key exchange, one row each; inside crypto only. */
#include "crypto/inner.h"

typedef enum mt_curve_id { MT_CURVE_P256, MT_CURVE_P384, MT_CURVE_P521, MT_CURVE_SM2_KEY, MT_CURVES } mt_curve_id;

typedef struct mt_curve {
    const char *name; /* for libcrypto */
    const char *type; /* libcrypto's name for the kind of key: "EC", "SM2" */
    int nid;
    unsigned bits;
    size_t field; /* bytes of a coordinate; an uncompressed point has 2 * field + 1 */
} mt_curve;

const mt_curve *mt_curve_of(mt_curve_id id);
/* mt_curve_generate makes a key pair; the caller frees it. */
EVP_PKEY *mt_curve_generate(mt_curve_id id);
/* mt_curve_public makes the public key of an encoded point, uncompressed or compressed; NULL: it is not on the curve. */
EVP_PKEY *mt_curve_public(mt_curve_id id, mt_span point);
/* mt_curve_from_private makes the key pair of a private scalar, big-endian. */
EVP_PKEY *mt_curve_from_private(mt_curve_id id, mt_span scalar);
/* mt_curve_coordinates writes X and Y of a public key, each as long as the field. */
void mt_curve_coordinates(mt_curve_id id, const EVP_PKEY *key, uint8_t *out);
#endif
