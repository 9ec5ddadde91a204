// SPDX-License-Identifier: Apache-2.0
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/key_inner.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

#define BYTES(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

/* AlgorithmIdentifier, by its OID and its parameters: RFC 3279 2.3.1, RFC 4055 3.1, RFC 5480 2.1, RFC 8410 3, GB/T 35276. */
typedef struct algorithm {
    mt_key_kind kind;
    bool is_pss;         /* parameters are not looked at: they restrict hashes, and the row says nothing of those */
    mt_span oid, params; /* params: the whole element */
} algorithm;

#define RSA_ARC "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define EC_KEY "\x2a\x86\x48\xce\x3d\x02\x01"

static const algorithm algorithms[] = {
    {MT_KEY_RSA, false, BYTES(RSA_ARC "\x01"), BYTES("\x05\x00")},
    {MT_KEY_P256, false, BYTES(EC_KEY), BYTES("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")},
    {MT_KEY_P384, false, BYTES(EC_KEY), BYTES("\x06\x05\x2b\x81\x04\x00\x22")},
    {MT_KEY_P521, false, BYTES(EC_KEY), BYTES("\x06\x05\x2b\x81\x04\x00\x23")},
    {MT_KEY_ED25519, false, BYTES("\x2b\x65\x70"), {NULL, 0}},
    {MT_KEY_SM2, false, BYTES(EC_KEY), BYTES("\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d")},
    {MT_KEY_RSA, true, BYTES(RSA_ARC "\x0a"), {NULL, 0}},
};

enum { ED25519_LEN = 32, RSA_BYTES_MAX = 2048, EXPONENT_MAX = 512 };

static const algorithm *find(mt_span oid, mt_span params)
{
    for (size_t i = 0; i < MT_COUNT(algorithms); i++) {
        const algorithm *a = &algorithms[i];
        if (mt_span_equal(a->oid, oid) && (a->is_pss || mt_span_equal(a->params, params)))
            return a;
    }
    return NULL;
}

static const algorithm *of_key(const mt_key *k)
{
    for (size_t i = 0; i < MT_COUNT(algorithms); i++) {
        if (algorithms[i].kind == k->kind && algorithms[i].is_pss == k->is_pss)
            return &algorithms[i];
    }
    mt_die("key of kind %d has no algorithm", (int)k->kind);
}

/* Parameters take numbers in the machine's order; big-endian machines are not among those that we build for. */
static OSSL_PARAM number_param(const char *name, uint8_t *room, mt_span number)
{
    for (size_t i = 0; i < number.len; i++)
        room[i] = number.at[number.len - 1 - i];
    return OSSL_PARAM_construct_BN(name, room, number.len);
}

/* positive returns the magnitude of an INTEGER above zero and of at most `cap` bytes, or the empty span. */
static mt_span positive(mt_span content, size_t cap)
{
    if (content.len == 0 || content.at[0] >= 0x80)
        return (mt_span){0};
    while (content.len > 0 && content.at[0] == 0)
        content = mt_span_skip(content, 1);
    return content.len > cap ? (mt_span){0} : content;
}

static unsigned bits_of(mt_span number)
{
    unsigned bits = (unsigned)(8 * number.len);
    for (unsigned top = 0x80; top > number.at[0]; top >>= 1)
        bits--;
    return bits;
}

static EVP_PKEY *rsa_public(mt_span n, mt_span e)
{
    uint8_t modulus[RSA_BYTES_MAX], exponent[EXPONENT_MAX];
    EVP_PKEY *key = NULL;
    OSSL_PARAM params[] = {number_param(OSSL_PKEY_PARAM_RSA_N, modulus, n), number_param(OSSL_PKEY_PARAM_RSA_E, exponent, e),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    mt_crypto_must(ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1, "RSA key import");
    bool ok = EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok ? key : NULL;
}

/* RSAPublicKey (RFC 8017 A.1.1). */
static mt_key *read_rsa(const algorithm *a, mt_span bytes)
{
    mt_parse p;
    mt_reader all = mt_parse_start(&p, bytes, false), seq = mt_der_open(&all, MT_DER_SEQUENCE);
    mt_span n = positive(mt_der_open(&seq, MT_DER_INTEGER).rest, RSA_BYTES_MAX);
    mt_span e = positive(mt_der_open(&seq, MT_DER_INTEGER).rest, EXPONENT_MAX);
    bool ok = mt_read_end(&seq) && mt_read_end(&all) && n.len != 0 && e.len != 0;
    mt_parse_free(&p);
    EVP_PKEY *pkey = ok ? rsa_public(n, e) : NULL;
    if (pkey == NULL)
        return NULL;
    mt_key *k = mt_key_wrap(MT_KEY_RSA, pkey);
    k->is_pss = a->is_pss;
    k->bits = bits_of(n);
    return k;
}

static mt_key *read_point(const algorithm *a, mt_span bytes)
{
    mt_curve_id curve = mt_kind_of(a->kind)->curve;
    EVP_PKEY *pkey = mt_curve_public(curve, bytes);
    if (pkey == NULL)
        return NULL;
    mt_key *k = mt_key_wrap(a->kind, pkey);
    k->bits = mt_curve_of(curve)->bits;
    return k;
}

static mt_key *read_ed25519(const algorithm *a, mt_span bytes)
{
    EVP_PKEY *pkey = bytes.len == ED25519_LEN ? EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, bytes.at, bytes.len) : NULL;
    if (pkey == NULL)
        return NULL;
    mt_key *k = mt_key_wrap(a->kind, pkey);
    k->bits = 8 * ED25519_LEN;
    return k;
}

/* How the key itself is read, by family. */
static mt_key *(*const readers[])(const algorithm *, mt_span) = {
    [MT_FAMILY_RSA] = read_rsa,
    [MT_FAMILY_ECDSA] = read_point,
    [MT_FAMILY_EDDSA] = read_ed25519,
    [MT_FAMILY_SM2] = read_point,
};

mt_key *mt_key_from_spki(mt_span spki)
{
    mt_parse p;
    mt_reader all = mt_parse_start(&p, spki, false), seq = mt_der_open(&all, MT_DER_SEQUENCE);
    mt_reader identifier = mt_der_open(&seq, MT_DER_SEQUENCE);
    mt_span oid = mt_der_open(&identifier, MT_DER_OID).rest, params = identifier.rest;
    mt_reader bits = mt_der_open(&seq, MT_DER_BITS);
    bool whole_bytes = mt_read_uint(&bits, "unused", 1) == 0;
    bool ok = mt_read_end(&seq) && mt_read_end(&all) && whole_bytes;
    mt_parse_free(&p);
    const algorithm *a = ok ? find(oid, params) : NULL;
    mt_key *k = a ? readers[mt_kind_of(a->kind)->family](a, bits.rest) : NULL;
    if (k == NULL) {
        ERR_clear_error();
        return NULL;
    }
    mt_write_bytes(&k->spki, spki);
    return k;
}

static mt_span number_of(const mt_key *k, const char *name, mt_writer *room)
{
    BIGNUM *number = NULL;
    mt_crypto_must(EVP_PKEY_get_bn_param(k->pkey, name, &number) == 1, name);
    int len = BN_num_bytes(number);
    BN_bn2bin(number, mt_write_room(room, (size_t)len));
    BN_free(number);
    return mt_written(room);
}

static void write_rsa(const mt_key *k, mt_writer *bits)
{
    mt_writer n = {0}, e = {0}, numbers = {0};
    mt_der_write_number(&numbers, number_of(k, OSSL_PKEY_PARAM_RSA_N, &n));
    mt_der_write_number(&numbers, number_of(k, OSSL_PKEY_PARAM_RSA_E, &e));
    mt_der_write(bits, MT_DER_SEQUENCE, mt_written(&numbers));
    mt_writer_free(&n);
    mt_writer_free(&e);
    mt_writer_free(&numbers);
}

static void write_octets(const mt_key *k, mt_writer *bits)
{
    uint8_t octets[133];
    size_t len = 0;
    const char *name = k->kind == MT_KEY_ED25519 ? OSSL_PKEY_PARAM_PUB_KEY : OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY;
    mt_crypto_must(EVP_PKEY_get_octet_string_param(k->pkey, name, octets, sizeof octets, &len) == 1, name);
    mt_write_bytes(bits, mt_span_of(octets, len));
}

void mt_key_describe(mt_key *k)
{
    mt_writer identifier = {0}, bits = {0}, content = {0};
    k->is_pss = EVP_PKEY_is_a(k->pkey, "RSA-PSS") == 1;
    k->bits = k->kind == MT_KEY_ED25519 ? 8 * ED25519_LEN : (unsigned)EVP_PKEY_get_bits(k->pkey);
    const algorithm *a = of_key(k);
    mt_der_write(&identifier, MT_DER_OID, a->oid);
    mt_write_bytes(&identifier, a->params);
    mt_write_uint(&bits, 0, 1);
    if (k->kind == MT_KEY_RSA)
        write_rsa(k, &bits);
    else
        write_octets(k, &bits);
    mt_der_write(&content, MT_DER_SEQUENCE, mt_written(&identifier));
    mt_der_write(&content, MT_DER_BITS, mt_written(&bits));
    mt_der_write(&k->spki, MT_DER_SEQUENCE, mt_written(&content));
    mt_writer_free(&identifier);
    mt_writer_free(&bits);
    mt_writer_free(&content);
}
