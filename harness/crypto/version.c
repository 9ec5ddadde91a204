// SPDX-License-Identifier: Apache-2.0
#include "crypto/version.h"

#include <openssl/crypto.h>
#include <openssl/opensslv.h>

const char *mt_crypto_built_with(void)
{
    return OPENSSL_VERSION_TEXT;
}

const char *mt_crypto_running_with(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
