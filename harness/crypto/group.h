// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_GROUP_H
#define MT_CRYPTO_GROUP_H
/* Key exchange: (EC)DHE in the named groups. Points and shares are in the form that TLS carries (RFC 8446 4.2.8.2; RFC 8422 5.4). */
#include "base/mem.h"
#include "base/writer.h"

enum {
    MT_X25519 = 0x001d, MT_SECP256R1 = 0x0017, MT_SECP384R1 = 0x0018, MT_SECP521R1 = 0x0019,
    MT_CURVE_SM2 = 0x0029, /* plain ECDH here (RFC 8998 3.2.2); mt_sm2_agree makes TLCP's secret of the same point */
    MT_SHARE_MAX = 133, MT_SECRET_MAX = 66
};

typedef struct mt_exchange mt_exchange;
bool mt_group_known(uint16_t group);
/* mt_exchange_new makes a fresh key pair. The group must be known. */
mt_exchange *mt_exchange_new(uint16_t group);
/* mt_exchange_from makes the key pair of a given private key: known answers, replays. It is as long as the group's secret. */
mt_exchange *mt_exchange_from(uint16_t group, mt_span private_key);
void mt_exchange_free(mt_exchange *x); /* NULL is legal */
uint16_t mt_exchange_group(const mt_exchange *x);
/* mt_exchange_share views our public share; it lives as long as `x`. */
mt_span mt_exchange_share(const mt_exchange *x);
/* mt_exchange_derive appends the shared secret. False: the peer's share is not a valid one (length, not on the curve, an
 * all-zero x25519 result: RFC 8446 7.4.2, RFC 7748 6.1); nothing is appended. */
MT_MUST_CHECK bool mt_exchange_derive(const mt_exchange *x, mt_span peer, mt_writer *secret);
#endif
