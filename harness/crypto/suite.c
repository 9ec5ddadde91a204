// SPDX-License-Identifier: Apache-2.0
#include "crypto/suite.h"

#include "wire/codes.h"

const mt_suite mt_suite_rows[] = {
    {0x1301, MT_TLS13, MT_AUTH_ANY, MT_SHA256, "AES-128-GCM", 16, 12, MT_NONCE_XOR, MT_KEX_ECDHE, 0},
    {0x1302, MT_TLS13, MT_AUTH_ANY, MT_SHA384, "AES-256-GCM", 32, 12, MT_NONCE_XOR, MT_KEX_ECDHE, 0},
    {0x1303, MT_TLS13, MT_AUTH_ANY, MT_SHA256, "ChaCha20-Poly1305", 32, 12, MT_NONCE_XOR, MT_KEX_ECDHE, 0},
    {0xc02b, MT_TLS12, MT_AUTH_ECDSA, MT_SHA256, "AES-128-GCM", 16, 4, MT_NONCE_EXPLICIT, MT_KEX_ECDHE, 0},
    {0xc02c, MT_TLS12, MT_AUTH_ECDSA, MT_SHA384, "AES-256-GCM", 32, 4, MT_NONCE_EXPLICIT, MT_KEX_ECDHE, 0},
    {0xc02f, MT_TLS12, MT_AUTH_RSA, MT_SHA256, "AES-128-GCM", 16, 4, MT_NONCE_EXPLICIT, MT_KEX_ECDHE, 0},
    {0xc030, MT_TLS12, MT_AUTH_RSA, MT_SHA384, "AES-256-GCM", 32, 4, MT_NONCE_EXPLICIT, MT_KEX_ECDHE, 0},
    {0xcca9, MT_TLS12, MT_AUTH_ECDSA, MT_SHA256, "ChaCha20-Poly1305", 32, 12, MT_NONCE_XOR_TLS12, MT_KEX_ECDHE, 0},
    {0xcca8, MT_TLS12, MT_AUTH_RSA, MT_SHA256, "ChaCha20-Poly1305", 32, 12, MT_NONCE_XOR_TLS12, MT_KEX_ECDHE, 0},
    {0x00c6, MT_TLS13, MT_AUTH_SM2, MT_SM3, "SM4-GCM", 16, 12, MT_NONCE_XOR, MT_KEX_ECDHE, 0},
    {0x00c7, MT_TLS13, MT_AUTH_SM2, MT_SM3, "SM4-CCM", 16, 12, MT_NONCE_XOR, MT_KEX_ECDHE, 0},
    {0xe053, MT_TLCP, MT_AUTH_SM2, MT_SM3, "SM4-GCM", 16, 4, MT_NONCE_EXPLICIT, MT_KEX_SM2_ENCRYPTION, 0},
    {0xe013, MT_TLCP, MT_AUTH_SM2, MT_SM3, "SM4-CBC", 16, 0, MT_NONCE_CBC_HMAC, MT_KEX_SM2_ENCRYPTION, 32},
    {0xe051, MT_TLCP, MT_AUTH_SM2, MT_SM3, "SM4-GCM", 16, 4, MT_NONCE_EXPLICIT, MT_KEX_SM2_AGREEMENT, 0},
    {0xe011, MT_TLCP, MT_AUTH_SM2, MT_SM3, "SM4-CBC", 16, 0, MT_NONCE_CBC_HMAC, MT_KEX_SM2_AGREEMENT, 32},
};
const size_t mt_suite_count = MT_COUNT(mt_suite_rows);

const mt_suite *mt_suite_find(uint16_t code)
{
    for (size_t i = 0; i < mt_suite_count; i++) {
        if (mt_suite_rows[i].code == code)
            return &mt_suite_rows[i];
    }
    return NULL;
}
