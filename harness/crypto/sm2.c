// SPDX-License-Identifier: Apache-2.0
#include "crypto/sm2.h"

#include "crypto/der.h"
#include "crypto/key_inner.h"

#include <openssl/err.h>

enum { FIELD = 32, POINT = 2 * FIELD, ID_MAX = 0xffff / 8, UNCOMPRESSED = 4, UNCOMPRESSED_SPKI = 91 };

/* a, b and the base point of the recommended curve (GB/T 32918.5). */
static const uint8_t curve_bytes[4 * FIELD] =
    "\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xfc"
    "\x28\xe9\xfa\x9e\x9d\x9f\x5e\x34\x4d\x5a\x9e\x4b\xcf\x65\x09\xa7\xf3\x97\x89\xf5\x15\xab\x8f\x92\xdd\xbc\xbd\x41\x4d\x94\x0e\x93"
    "\x32\xc4\xae\x2c\x1f\x19\x81\x19\x5f\x99\x04\x46\x6a\x39\xc9\x94\x8f\xe3\x0b\xbf\xf2\x66\x0b\xe1\x71\x5a\x45\x89\x33\x4c\x74\xc7"
    "\xbc\x37\x36\xa2\xf4\xf6\x77\x9c\x59\xbd\xce\xe3\x6b\x69\x21\x53\xd0\xa9\x87\x7c\xc6\x2a\x47\x40\x02\xdf\x32\xe5\x21\x39\xf0\xa0";

static bool is_sm2(const mt_key *k)
{
    return k->kind == MT_KEY_SM2;
}

/* The SubjectPublicKeyInfo ends with the point, nearly always uncompressed; asking libcrypto costs it an inversion a number. */
void mt_sm2_point(const mt_key *k, uint8_t *out)
{
    const uint8_t *at = k->spki.at + k->spki.len - POINT;
    if (k->spki.len == UNCOMPRESSED_SPKI && at[-1] == UNCOMPRESSED)
        memcpy(out, at, POINT);
    else
        mt_curve_coordinates(MT_CURVE_SM2_KEY, k->pkey, out);
}

mt_digest mt_sm2_z(const char *id, const mt_key *k)
{
    uint8_t point[POINT];
    mt_writer w = {0};
    size_t len = strlen(id);
    if (!is_sm2(k) || len > ID_MAX)
        mt_die("Z of a key of kind %s with an id of %zu bytes", mt_key_kind_name(k->kind), len);
    mt_sm2_point(k, point);
    mt_write_uint(&w, 8 * len, 2);
    mt_write_bytes(&w, mt_span_text(id));
    mt_write_bytes(&w, mt_span_of(curve_bytes, sizeof curve_bytes));
    mt_write_bytes(&w, mt_span_of(point, sizeof point));
    mt_digest z = mt_hash(MT_SM3, mt_written(&w));
    mt_writer_free(&w);
    return z;
}

typedef int transform(EVP_PKEY_CTX *ctx, unsigned char *out, size_t *out_len, const unsigned char *in, size_t in_len);

/* run asks `work` for the room it needs and then does it. */
static bool run(EVP_PKEY_CTX *ctx, transform *work, mt_span in, mt_writer *out)
{
    size_t start = out->len, len = 0;
    if (work(ctx, NULL, &len, in.at, in.len) != 1)
        return false;
    uint8_t *room = mt_write_room(out, len);
    bool ok = work(ctx, room, &len, in.at, in.len) == 1;
    out->len = ok ? start + len : start;
    return ok;
}

static bool run_with(const mt_key *k, bool encrypting, mt_span in, mt_writer *out)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
    mt_crypto_must(ctx != NULL, "SM2 context");
    bool ok = (encrypting ? EVP_PKEY_encrypt_init(ctx) : EVP_PKEY_decrypt_init(ctx)) == 1 &&
              run(ctx, encrypting ? EVP_PKEY_encrypt : EVP_PKEY_decrypt, in, out);
    EVP_PKEY_CTX_free(ctx);
    if (!ok)
        ERR_clear_error();
    return ok;
}

bool mt_sm2_encrypt(const mt_key *k, mt_span plain, mt_writer *out)
{
    return is_sm2(k) && plain.len > 0 && plain.len <= 0xffff && run_with(k, true, plain, out);
}

/* An INTEGER of DER that is a coordinate: not negative, in the shortest form. */
static bool read_coordinate(mt_reader *r)
{
    mt_span number = mt_der_open(r, MT_DER_INTEGER).rest;
    if (number.len == 0 || number.len > FIELD + 1 || number.at[0] >= 0x80)
        return false;
    return number.len == 1 || number.at[0] != 0 || number.at[1] >= 0x80;
}

/* libcrypto reads BER and overlooks what follows. */
static bool is_ciphertext(mt_span bytes)
{
    mt_parse p;
    mt_reader all = mt_parse_start(&p, bytes, false), seq = mt_der_open(&all, MT_DER_SEQUENCE);
    bool point = read_coordinate(&seq) && read_coordinate(&seq);
    mt_span c3 = mt_der_open(&seq, MT_DER_OCTETS).rest, c2 = mt_der_open(&seq, MT_DER_OCTETS).rest;
    bool ok = mt_read_end(&seq) && mt_read_end(&all) && point && c3.len == mt_hash_len(MT_SM3) && c2.len > 0;
    mt_parse_free(&p);
    return ok;
}

bool mt_sm2_decrypt(const mt_key *k, mt_span cipher, mt_writer *out)
{
    return is_sm2(k) && k->is_private && is_ciphertext(cipher) && run_with(k, false, cipher, out);
}
