// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_INNER_H
#define MT_CRYPTO_INNER_H
/* What the files of crypto share with each other; nobody else includes this. */
#include "crypto/hash.h"

#include <openssl/evp.h>

/* mt_crypto_must dies if `ok` is false: libcrypto failed where only a broken libcrypto or no memory can make it fail. */
void mt_crypto_must(bool ok, const char *what);
/* mt_exchange_pkey returns the key pair of an exchange; it remains the exchange's. */
struct mt_exchange;
EVP_PKEY *mt_exchange_pkey(const struct mt_exchange *x);
/* mt_sm2_ecdh writes the x coordinate (32 bytes) of the common point. False: `peer` is no uncompressed point of the curve. */
bool mt_sm2_ecdh(const EVP_PKEY *own, mt_span peer, uint8_t *secret);
/* mt_hash_md returns the algorithm, fetched once, and mt_hash_md_name the name that parameters want. */
EVP_MD *mt_hash_md(mt_hash_id id);
const char *mt_hash_md_name(mt_hash_id id);
#endif
