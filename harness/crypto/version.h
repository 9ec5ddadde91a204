// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_VERSION_H
#define MT_CRYPTO_VERSION_H

/* Versions of libcrypto, as "OpenSSL 3.0.22 ...": the headers of the build, and the library that runs. */
const char *mt_crypto_built_with(void);
const char *mt_crypto_running_with(void);
#endif
