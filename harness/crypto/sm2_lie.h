// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_SM2_LIE_H
#define MT_CRYPTO_SM2_LIE_H
/* SM2 as a liar writes it and as a careless reader takes it. Each way to lie is taken by one kind of carelessness, so that a
 * refusal is known to come from the check and not from a lie that does not work. Nothing here is for honest use. */
#include "crypto/sm2.h"

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

/* ---- points. Formulas that add and double never use the curve's b: whoever does not ask whether a point is on the curve computes
 * on another one, where the point may have as small an order as the liar likes (an invalid-curve attack) ---- */

enum { MT_SM2_FIELD = 32, MT_SM2_POINT = 2 * MT_SM2_FIELD };

/* mt_sm2_order_two makes of X Y the point X' 0, with X' even: on the curve that it is on, twice that point is infinity. */
void mt_sm2_order_two(uint8_t point[MT_SM2_POINT]);
/* mt_sm2_vanishes: in the key exchange the share 04 X Y counts for infinity with whoever does not ask for the curve; so does `00`,
 * which is how infinity is written. */
bool mt_sm2_vanishes(mt_span share);
/* mt_sm2_compress writes 02 X or 03 X of 04 X Y; mt_sm2_uncompress the reverse. False: not such a point. */
MT_MUST_CHECK bool mt_sm2_compress(mt_span share, mt_writer *out);
MT_MUST_CHECK bool mt_sm2_uncompress(mt_span share, mt_writer *out);

/* ---- key exchange ---- */

/* mt_sm2_agree_in_part is mt_sm2_agree where something is missing: what is NULL (own, own_exchange, peer) or empty (peer_share)
 * counts for zero or infinity, and a missing key has no Z. */
MT_MUST_CHECK bool mt_sm2_agree_in_part(const mt_sm2_agreement *a, size_t len, mt_writer *secret);

/* ---- encryption: SEQUENCE { INTEGER x, INTEGER y, OCTET STRING C3, OCTET STRING C2 } (GM/T 0009 7.2) ---- */

typedef enum mt_sm2_layout {
    MT_SM2_C1C3C2,     /* that SEQUENCE */
    MT_SM2_C1C2C3,     /* C2 before C3, as drafts had it */
    MT_SM2_RAW_C1C3C2, /* 04 X Y C3 C2, without DER */
    MT_SM2_RAW_C1C2C3,
    MT_SM2_LAYOUTS
} mt_sm2_layout;

typedef enum mt_sm2_c1 {
    MT_SM2_C1_FRESH,
    MT_SM2_C1_ZERO,    /* 0 0: infinity as many libraries write it. Whatever the key, coordinates of zero come out */
    MT_SM2_C1_TWO_ODD, /* of order two on its own curve, for a private key that is odd: C1 itself comes out */
    MT_SM2_C1_TWO_EVEN /* the same for an even one: infinity comes out, coordinates of zero */
} mt_sm2_c1;

typedef struct mt_sm2_cipher_form {
    mt_sm2_layout layout;
    mt_sm2_c1 c1;
} mt_sm2_cipher_form;

/* mt_sm2_encrypt_as is mt_sm2_encrypt in another form. */
MT_MUST_CHECK bool mt_sm2_encrypt_as(const mt_key *k, const mt_sm2_cipher_form *form, mt_span plain, mt_writer *out);

typedef struct mt_sm2_carelessness {
    bool any_layout;
    bool any_hash;  /* C3 is not compared */
    bool any_point; /* C1 need not be on the curve */
} mt_sm2_carelessness;
/* mt_sm2_decrypt_carelessly appends the plaintext. False: not even a careless reader makes one of it. */
MT_MUST_CHECK bool mt_sm2_decrypt_carelessly(const mt_key *k, mt_span cipher, const mt_sm2_carelessness *how, mt_writer *out);
#endif
