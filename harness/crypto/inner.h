// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_INNER_H
#define MT_CRYPTO_INNER_H
/* What the files of crypto share with each other; nobody else includes this. */
#include "crypto/hash.h"

#include <openssl/evp.h>

/* mt_crypto_must dies if `ok` is false: libcrypto failed where only a broken libcrypto or no memory can make it fail. */
void mt_crypto_must(bool ok, const char *what);
/* mt_hash_md returns the algorithm, fetched once, and mt_hash_md_name the name that parameters want. */
EVP_MD *mt_hash_md(mt_hash_id id);
const char *mt_hash_md_name(mt_hash_id id);
#endif
