// SPDX-License-Identifier: Apache-2.0
#include "pki/issue.h"

#include "pki/extension.h"
#include "pki/sigalg.h"

mt_digest mt_key_identifier(const mt_key *key)
{
    mt_writer spki = {0};
    mt_key_spki(key, &spki);
    mt_span parts = mt_asn1_first(mt_written(&spki)).content;
    mt_tlv bits = mt_asn1_next(parts, mt_asn1_first(parts));
    mt_digest id = mt_hash(MT_SHA1, mt_span_skip(bits.content, 1));
    mt_writer_free(&spki);
    return id;
}

static void write_version(mt_writer *w, long version)
{
    if (version == 1)
        return; /* the default is never written (X.690 11.5) */
    size_t tagged = mt_asn1_open(w, MT_ASN1_CONSTRUCTED | 0);
    mt_asn1_int(w, version - 1);
    mt_asn1_close(w, tagged);
}

static void write_validity(mt_writer *w, const mt_issue *in)
{
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    mt_asn1_time(w, in->from, (mt_time_form)in->recipe->time_form);
    mt_asn1_time(w, in->until, (mt_time_form)in->recipe->time_form);
    mt_asn1_close(w, seq);
}

/* Identifiers of named curves: both are eight octets long, so that one can stand where the other stood. */
static const uint8_t curve_oids[][8] = {
    [MT_CURVE_LABEL_P256] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07},
    [MT_CURVE_LABEL_SM2] = {0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d},
};

/* SEQUENCE { SEQUENCE { id-ecPublicKey, curve }, point }: RFC 5480 2. */
static void write_key(mt_writer *w, const mt_issue *in)
{
    size_t start = w->len;
    mt_key_spki(in->key, w);
    if (in->recipe->curve_label == MT_CURVE_OWN)
        return;
    mt_tlv algorithm = mt_asn1_first(mt_asn1_first(mt_span_skip(mt_written(w), start)).content);
    mt_tlv curve = mt_asn1_next(algorithm.content, mt_asn1_first(algorithm.content));
    const uint8_t *label = curve_oids[in->recipe->curve_label];
    if (curve.tag == MT_ASN1_OID && curve.content.len == sizeof curve_oids[0])
        memcpy(w->at + (curve.content.at - w->at), label, sizeof curve_oids[0]);
}

static void write_tbs(mt_writer *w, const mt_issue *in, const mt_sigalg *inner)
{
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    write_version(w, in->recipe->version);
    mt_asn1_int_bytes(w, in->serial);
    mt_sigalg_write(w, inner);
    mt_write_bytes(w, in->issuer);
    write_validity(w, in);
    mt_write_bytes(w, in->subject);
    write_key(w, in);
    mt_extensions_write(w, in);
    mt_asn1_close(w, seq);
}

static const mt_sigalg *algorithm_of(const mt_issue *in, mt_hash_id hash, mt_diag *d)
{
    mt_key_kind kind = mt_key_kind_of(in->signer);
    mt_key_kind signs_as = kind == MT_KEY_SM2 && in->recipe->signs_as == MT_SIGNS_ECDSA ? MT_KEY_P256 : kind;
    const mt_sigalg *a = mt_sigalg_find(signs_as, hash, (mt_padding)in->recipe->padding);
    if (in->recipe->signs_as == MT_SIGNS_LABELLED_SHA256)
        return &mt_sigalg_labelled_sha256;
    if (a == NULL)
        mt_diag_add(d, mt_yaml_place(in->recipe->file, in->recipe->head.name),
                    "'%s' cannot be signed: a %s key knows no such hash and padding", in->recipe->name, mt_key_kind_name(kind));
    return a;
}

static bool write_signature(mt_writer *w, const mt_issue *in, const mt_sigalg *a, mt_span tbs)
{
    mt_writer signature = {0};
    bool ok = mt_sigalg_sign(a, in->signer, &(mt_signed){tbs, in->recipe->distinguishing_id}, &signature);
    mt_asn1_bits(w, mt_written(&signature), 0);
    mt_writer_free(&signature);
    return ok;
}

bool mt_issue_write(const mt_issue *in, mt_writer *out, mt_diag *d)
{
    const mt_recipe *r = in->recipe;
    const mt_sigalg *outer = algorithm_of(in, (mt_hash_id)r->hash, d);
    const mt_sigalg *inner = r->inner_hash != MT_HASH_NONE ? algorithm_of(in, (mt_hash_id)r->inner_hash, d) : outer;
    if (outer == NULL || inner == NULL)
        return false;
    mt_writer tbs = {0};
    write_tbs(&tbs, in, inner);
    size_t start = out->len, seq = mt_asn1_open(out, MT_ASN1_SEQUENCE);
    mt_write_bytes(out, mt_written(&tbs));
    mt_sigalg_write(out, outer);
    bool ok = write_signature(out, in, outer, mt_written(&tbs));
    mt_asn1_close(out, seq);
    mt_writer_free(&tbs);
    if (!ok)
        mt_diag_add(d, mt_yaml_place(r->file, r->head.name), "'%s' cannot be signed with %s: the key cannot do it", r->name, outer->name);
    else
        mt_issue_damage(r->damage, out->at + start, out->len - start);
    return ok;
}

void mt_issue_damage(unsigned damage, uint8_t *der, size_t len)
{
    /* The signature is the last value, so its last bit is the certificate's; flipping it leaves all DER intact. */
    if (damage >> MT_DAMAGE_SIGNATURE & 1)
        der[len - 1] ^= 1;
}
