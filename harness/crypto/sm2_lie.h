// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_SM2_LIE_H
#define MT_CRYPTO_SM2_LIE_H
/* SM2 as a liar writes it and as a careless reader takes it. Each way to lie is taken by one kind of carelessness, so that a
 * refusal is known to come from the check and not from a lie that does not work. Nothing here is for honest use. */
#include "crypto/group.h"
#include "crypto/key.h"

/* ---- signatures: SEQUENCE { INTEGER r, INTEGER s }, both from 1 to n - 1 (GB/T 32918.2 7.1, GB/T 35276) ---- */

typedef enum mt_sm2_number {
    MT_SM2_AS_IS,
    MT_SM2_ZERO,
    MT_SM2_ORDER,       /* n itself */
    MT_SM2_PLUS_ORDER,  /* the same number modulo n, too large */
    MT_SM2_MINUS_ORDER  /* the same number modulo n, negative */
} mt_sm2_number;

typedef enum mt_sm2_encoding {
    MT_SM2_DER,
    MT_SM2_BARE,        /* without the zero byte that keeps a number with its highest bit set from being negative */
    MT_SM2_PADDED,      /* numbers with zero bytes in front */
    MT_SM2_LONG_LENGTH, /* lengths in more bytes than they take: BER, not DER */
    MT_SM2_THIRD,       /* a third number within the SEQUENCE */
    MT_SM2_RAW          /* r and s, 32 bytes each, and no DER at all (as GM/T 0003 writes them) */
} mt_sm2_encoding;

typedef struct mt_sm2_form {
    mt_sm2_number r, s;
    mt_sm2_encoding encoding;
} mt_sm2_form;

/* mt_sm2_reform appends the signature `good` in another form. False: it cannot have that form (MT_SM2_BARE, and neither number has
 * its highest bit set: sign again); nothing is appended. */
MT_MUST_CHECK bool mt_sm2_reform(mt_span good, const mt_sm2_form *form, mt_writer *out);

typedef struct mt_sm2_laxness {
    bool any_encoding; /* what mt_sm2_encoding has, read for what was meant */
    bool reduces;      /* numbers are taken modulo n */
} mt_sm2_laxness;
/* mt_sm2_tidy appends in DER what a careless reader makes of `signature`. False: it makes nothing of it. */
MT_MUST_CHECK bool mt_sm2_tidy(mt_span signature, const mt_sm2_laxness *how, mt_writer *out);
/* mt_sm2_out_of_range: `signature` is DER of two numbers, and not both are from 1 to n - 1. */
bool mt_sm2_out_of_range(mt_span signature);
#endif
