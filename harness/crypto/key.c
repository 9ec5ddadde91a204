// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.h"

#include "crypto/key_inner.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

enum { RSA_BITS = 2048 };

static const mt_kind kinds[] = {
    [MT_KEY_NONE] = {"none", "", MT_FAMILY_NONE, MT_CURVES},
    [MT_KEY_RSA] = {"rsa", "RSA", MT_FAMILY_RSA, MT_CURVES},
    [MT_KEY_P256] = {"p256", "EC", MT_FAMILY_ECDSA, MT_CURVE_P256},
    [MT_KEY_P384] = {"p384", "EC", MT_FAMILY_ECDSA, MT_CURVE_P384},
    [MT_KEY_P521] = {"p521", "EC", MT_FAMILY_ECDSA, MT_CURVE_P521},
    [MT_KEY_ED25519] = {"ed25519", "ED25519", MT_FAMILY_EDDSA, MT_CURVES},
    [MT_KEY_SM2] = {"sm2", "SM2", MT_FAMILY_SM2, MT_CURVE_SM2_KEY},
};

const mt_kind *mt_kind_of(mt_key_kind kind)
{
    return &kinds[kind];
}

const char *mt_key_kind_name(mt_key_kind kind)
{
    return kinds[kind].name;
}

mt_key *mt_key_wrap(mt_key_kind kind, EVP_PKEY *pkey)
{
    mt_key *k = mt_alloc(sizeof *k);
    k->kind = kind;
    k->pkey = pkey;
    k->operations = mt_alloc(MT_USES * sizeof *k->operations);
    return k;
}

void mt_key_free(mt_key *k)
{
    if (k == NULL)
        return;
    for (size_t i = 0; i < MT_USES; i++)
        EVP_PKEY_CTX_free(k->operations[i].ctx);
    mt_free(k->operations);
    mt_writer_free(&k->spki);
    EVP_PKEY_free(k->pkey);
    mt_free(k);
}

/* The curve is asked first: libcrypto gives an SM2 key the type EC or SM2, depending on where it comes from. */
static bool is_of_kind(const EVP_PKEY *pkey, const mt_kind *kind)
{
    char group[64];
    size_t len = 0;
    if (kind->curve == MT_CURVES)
        return EVP_PKEY_is_a(pkey, kind->type) == 1;
    if (EVP_PKEY_is_a(pkey, "EC") != 1 && EVP_PKEY_is_a(pkey, "SM2") != 1)
        return false;
    return EVP_PKEY_get_group_name(pkey, group, sizeof group, &len) == 1 && OBJ_txt2nid(group) == mt_curve_of(kind->curve)->nid;
}

mt_key_kind mt_key_kind_from(const EVP_PKEY *pkey)
{
    if (EVP_PKEY_is_a(pkey, "RSA-PSS") == 1)
        return MT_KEY_RSA;
    for (size_t i = MT_KEY_NONE + 1; i < MT_COUNT(kinds); i++) {
        if (is_of_kind(pkey, &kinds[i]))
            return (mt_key_kind)i;
    }
    return MT_KEY_NONE;
}

/* No cached generator here: this runs in helper threads, which would leave theirs behind. */
static EVP_PKEY *generate(mt_key_kind kind, unsigned bits)
{
    const mt_kind *row = &kinds[kind];
    if (kind == MT_KEY_RSA)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)(bits ? bits : RSA_BITS));
    if (row->family == MT_FAMILY_ECDSA)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", mt_curve_of(row->curve)->name);
    return EVP_PKEY_Q_keygen(NULL, NULL, row->type);
}

mt_key *mt_key_make(mt_key_kind kind, unsigned bits)
{
    EVP_PKEY *pkey = generate(kind, bits);
    mt_crypto_must(pkey != NULL, "key generation");
    mt_key *k = mt_key_wrap(kind, pkey);
    k->is_private = true;
    mt_key_describe(k);
    return k;
}

mt_key_kind mt_key_kind_of(const mt_key *k)
{
    return k->kind;
}

unsigned mt_key_bits(const mt_key *k)
{
    return k->bits;
}

bool mt_key_is_private(const mt_key *k)
{
    return k->is_private;
}

bool mt_key_is_pss(const mt_key *k)
{
    return k->is_pss;
}

void mt_key_spki(const mt_key *k, mt_writer *out)
{
    mt_write_bytes(out, mt_written(&k->spki));
}

void mt_key_pem(const mt_key *k, mt_writer *out)
{
    char *text = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = k->is_private && bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL) == 1;
    mt_crypto_must(ok, "writing a private key");
    long len = BIO_get_mem_data(bio, &text);
    mt_write_bytes(out, mt_span_of(text, (size_t)len));
    BIO_free(bio);
}

bool mt_key_same(const mt_key *a, const mt_key *b)
{
    if (a->kind != b->kind)
        return false;
    if (mt_span_equal(mt_written(&a->spki), mt_written(&b->spki)))
        return true;
    bool same = EVP_PKEY_eq(a->pkey, b->pkey) == 1;
    ERR_clear_error();
    return same;
}
