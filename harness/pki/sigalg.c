// SPDX-License-Identifier: Apache-2.0
#include "pki/sigalg.h"

#include "pki/asn1.h"

static const mt_sigalg rows[] = {
    {"rsa-sha1", MT_KEY_RSA, MT_SHA1, MT_PAD_PKCS1, "1.2.840.113549.1.1.5"},
    {"rsa-sha256", MT_KEY_RSA, MT_SHA256, MT_PAD_PKCS1, "1.2.840.113549.1.1.11"},
    {"rsa-sha384", MT_KEY_RSA, MT_SHA384, MT_PAD_PKCS1, "1.2.840.113549.1.1.12"},
    {"rsa-sha512", MT_KEY_RSA, MT_SHA512, MT_PAD_PKCS1, "1.2.840.113549.1.1.13"},
    {"rsa-pss-sha256", MT_KEY_RSA, MT_SHA256, MT_PAD_PSS, "1.2.840.113549.1.1.10"},
    {"rsa-pss-sha384", MT_KEY_RSA, MT_SHA384, MT_PAD_PSS, "1.2.840.113549.1.1.10"},
    {"rsa-pss-sha512", MT_KEY_RSA, MT_SHA512, MT_PAD_PSS, "1.2.840.113549.1.1.10"},
    {"ecdsa-sha1", MT_KEY_P256, MT_SHA1, MT_PAD_NONE, "1.2.840.10045.4.1"},
    {"ecdsa-sha256", MT_KEY_P256, MT_SHA256, MT_PAD_NONE, "1.2.840.10045.4.3.2"},
    {"ecdsa-sha384", MT_KEY_P256, MT_SHA384, MT_PAD_NONE, "1.2.840.10045.4.3.3"},
    {"ecdsa-sha512", MT_KEY_P256, MT_SHA512, MT_PAD_NONE, "1.2.840.10045.4.3.4"},
    {"ed25519", MT_KEY_ED25519, MT_HASH_NONE, MT_PAD_NONE, "1.3.101.112"},
    {"sm2-sm3", MT_KEY_SM2, MT_SM3, MT_PAD_NONE, "1.2.156.10197.1.501"},
};

const mt_sigalg mt_sigalg_labelled_sha256 = {"sm2-sm3 labelled sm2-sha256", MT_KEY_SM2, MT_SM3, MT_PAD_NONE, "1.2.156.10197.1.503"};

/* Hashes as parameters of PSS. */
static const char *const hash_oids[] = {
    [MT_SHA256] = "2.16.840.1.101.3.4.2.1", [MT_SHA384] = "2.16.840.1.101.3.4.2.2", [MT_SHA512] = "2.16.840.1.101.3.4.2.3"};
static const char mgf1_oid[] = "1.2.840.113549.1.1.8";

static mt_key_kind family_of(mt_key_kind kind)
{
    return kind == MT_KEY_P384 || kind == MT_KEY_P521 ? MT_KEY_P256 : kind;
}

const mt_sigalg *mt_sigalg_find(mt_key_kind kind, mt_hash_id hash, mt_padding padding)
{
    mt_key_kind family = family_of(kind);
    if (hash == MT_HASH_NONE)
        hash = kind == MT_KEY_SM2 ? MT_SM3 : MT_SHA256;
    for (size_t i = 0; i < MT_COUNT(rows); i++) {
        bool pads = family != MT_KEY_RSA || rows[i].padding == padding;
        bool hashes = rows[i].hash == MT_HASH_NONE || rows[i].hash == hash;
        if (rows[i].kind == family && pads && hashes)
            return &rows[i];
    }
    return NULL;
}

static void write_hash(mt_writer *w, mt_hash_id hash)
{
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    mt_asn1_known_oid(w, hash_oids[hash]);
    mt_asn1_null(w);
    mt_asn1_close(w, seq);
}

/* RFC 4055 3.1: RSASSA-PSS-params with MGF1 of the same hash and a salt as long as the hash (RFC 8446 4.2.3). */
static void write_pss(mt_writer *w, mt_hash_id hash)
{
    size_t params = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    size_t part = mt_asn1_open(w, MT_ASN1_CONSTRUCTED | 0);
    write_hash(w, hash);
    mt_asn1_close(w, part);
    part = mt_asn1_open(w, MT_ASN1_CONSTRUCTED | 1);
    size_t mgf = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    mt_asn1_known_oid(w, mgf1_oid);
    write_hash(w, hash);
    mt_asn1_close(w, mgf);
    mt_asn1_close(w, part);
    part = mt_asn1_open(w, MT_ASN1_CONSTRUCTED | 2);
    mt_asn1_int(w, (int64_t)mt_hash_len(hash));
    mt_asn1_close(w, part);
    mt_asn1_close(w, params);
}

void mt_sigalg_write(mt_writer *w, const mt_sigalg *a)
{
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    mt_asn1_known_oid(w, a->oid);
    if (a->padding == MT_PAD_PSS)
        write_pss(w, a->hash);
    else if (a->kind == MT_KEY_RSA)
        mt_asn1_null(w);
    mt_asn1_close(w, seq);
}

const mt_sigalg *mt_sigalg_of(mt_span identifier)
{
    const mt_sigalg *found = NULL;
    mt_writer w = {0};
    for (size_t i = 0; i < MT_COUNT(rows) && found == NULL; i++) {
        mt_writer_clear(&w);
        mt_sigalg_write(&w, &rows[i]);
        if (mt_span_equal(mt_written(&w), identifier))
            found = &rows[i];
    }
    mt_writer_free(&w);
    return found;
}

/* How a key signs under a row. An SM2 key under a row of ECDSA is a liar's. */
static mt_scheme scheme_of(const mt_sigalg *a, const mt_key *key, const char *id)
{
    bool is_sm2 = mt_key_kind_of(key) == MT_KEY_SM2;
    mt_scheme s = is_sm2 && a->kind == MT_KEY_P256 ? mt_scheme_ecdsa_of_sm2 : is_sm2 ? mt_scheme_tlcp : (mt_scheme){.kind = a->kind};
    s.hash = a->hash;
    s.padding = s.padding == MT_PAD_ECDSA ? s.padding : a->padding;
    if (id != NULL && s.id != NULL)
        s.id = id;
    return s;
}

bool mt_sigalg_sign(const mt_sigalg *a, const mt_key *key, const mt_signed *what, mt_writer *out)
{
    mt_scheme scheme = scheme_of(a, key, what->id);
    return mt_sign(key, &scheme, what->tbs, out);
}

bool mt_sigalg_verify(const mt_sigalg *a, const mt_key *key, const mt_signed *what, mt_span signature)
{
    mt_scheme scheme = scheme_of(a, key, what->id);
    return mt_verify(key, &scheme, what->tbs, signature);
}
