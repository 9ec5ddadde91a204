// SPDX-License-Identifier: Apache-2.0
#ifndef MT_TESTS_SM2_KEY_H
#define MT_TESTS_SM2_KEY_H
/* SM2 keys of known numbers. */
#include "crypto/key_inner.h"

#include "hex.h"

static inline mt_key *sm2_key(const char *private_key)
{
    mt_writer w = {0};
    mt_key *k = mt_key_wrap(MT_KEY_SM2, mt_curve_from_private(MT_CURVE_SM2_KEY, from_hex(&w, private_key)));
    k->is_private = true;
    mt_key_describe(k);
    mt_writer_free(&w);
    return k;
}
#endif
