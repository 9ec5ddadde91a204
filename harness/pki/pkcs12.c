// SPDX-License-Identifier: Apache-2.0
#include "pki/pkcs12.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

enum { CERTIFICATES_MAX = 64, PFX_VERSION = 3, DEPTH_MAX = 4, OID_MAX = 80 };

/* RC2 and RC4, in which old programs write, are in a provider that is not loaded for the program: it has a context of its own. */
typedef struct opened {
    const mt_pkcs12_file *from;
    const char *password; /* in use: no password and the empty one differ */
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *providers[2];
    mt_arena *arena;
    mt_pkcs12 *out;
    size_t shut, unsealed; /* encrypted parts that did not open, and that did */
    bool locked;
    char cipher[OID_MAX];  /* of the last one that did not */
    mt_diag *d;
} opened;

static bool fail(const opened *o, const char *why)
{
    mt_diag_add(o->d, (mt_place){o->from->name, 0, 0}, "%s", why);
    return false;
}

bool mt_pkcs12_is(mt_span bytes)
{
    static const uint8_t version[] = {MT_ASN1_INTEGER, 1, PFX_VERSION, MT_ASN1_SEQUENCE};
    enum { LONG = 0x80, LENGTH_MAX = 4 };
    if (bytes.len < 2 || bytes.at[0] != MT_ASN1_SEQUENCE)
        return false;
    size_t more = bytes.at[1] & LONG ? (size_t)bytes.at[1] - LONG : 0;
    return more <= LENGTH_MAX && mt_span_equal(mt_span_first(mt_span_skip(bytes, 2 + more), sizeof version), mt_span_of(version, sizeof version));
}

static mt_span kept(const opened *o, const ASN1_OCTET_STRING *s)
{
    size_t len = s != NULL ? (size_t)ASN1_STRING_length(s) : 0;
    return len != 0 ? mt_span_of(mt_arena_copy(o->arena, ASN1_STRING_get0_data(s), len), len) : (mt_span){0};
}

static mt_span local_id(const opened *o, const PKCS12_SAFEBAG *bag)
{
    const ASN1_TYPE *id = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID);
    return id != NULL && id->type == V_ASN1_OCTET_STRING ? kept(o, id->value.octet_string) : (mt_span){0};
}

static const char *friendly_name(const opened *o, PKCS12_SAFEBAG *bag)
{
    char *name = PKCS12_get_friendlyname(bag);
    const char *copy = mt_arena_strdup(o->arena, name != NULL ? name : "");
    OPENSSL_free(name);
    return copy;
}

static void note_shut(opened *o, const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *object = NULL;
    o->shut++;
    if (algorithm != NULL)
        X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    if (object != NULL)
        OBJ_obj2txt(o->cipher, sizeof o->cipher, object, 0);
}

/* ---- bags ---- */

static bool take_certificate(opened *o, PKCS12_SAFEBAG *bag)
{
    mt_pkcs12 *p = o->out;
    unsigned char *der = NULL;
    X509 *x = PKCS12_SAFEBAG_get1_cert(bag);
    int len = x != NULL ? i2d_X509(x, &der) : 0;
    X509_free(x);
    if (len <= 0 || p->certificates_len == CERTIFICATES_MAX) {
        OPENSSL_free(der);
        return fail(o, len > 0 ? "has more than 64 certificates in it" : "one of its certificates cannot be read");
    }
    mt_pkcs12_certificate *c = &p->certificates[p->certificates_len];
    c->der = mt_span_of(mt_arena_copy(o->arena, der, (size_t)len), (size_t)len);
    c->id = local_id(o, bag);
    c->name = friendly_name(o, bag);
    OPENSSL_free(der);
    if (!mt_certificate_read(c->der, o->arena, &c->facts))
        return fail(o, "one of its certificates cannot be read");
    p->certificates_len++;
    return true;
}

static bool keep_key(opened *o, const PKCS12_SAFEBAG *bag, mt_key *key)
{
    mt_pkcs12 *p = o->out;
    if (key == NULL)
        return false;
    if (p->keys_len == MT_PKCS12_KEYS) {
        mt_key_free(key);
        return fail(o, "has more than 8 private keys in it");
    }
    p->ids[p->keys_len] = local_id(o, bag);
    p->keys[p->keys_len++] = key;
    return true;
}

static mt_key *key_of(const opened *o, const PKCS8_PRIV_KEY_INFO *info)
{
    unsigned char *der = NULL;
    int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    mt_key *key = mt_key_from_pkcs8(&(mt_key_source){mt_span_of(der, len > 0 ? (size_t)len : 0), o->from->name, NULL}, o->d);
    OPENSSL_clear_free(der, len > 0 ? (size_t)len : 0);
    return key;
}

/* The key's own encryption may be one that libcrypto has no name for. */
static mt_key *key_of_sm3(const opened *o, const X509_SIG *sealed)
{
    unsigned char *der = NULL;
    int len = o->password != NULL ? i2d_X509_SIG(sealed, &der) : 0;
    mt_diag *ignored = mt_diag_new();
    mt_key_source from = {mt_span_of(der, len > 0 ? (size_t)len : 0), o->from->name, o->password};
    mt_key *key = len > 0 ? mt_key_from_pkcs8(&from, ignored) : NULL;
    mt_diag_free(ignored);
    OPENSSL_free(der);
    return key;
}

static bool take_sealed_key(opened *o, PKCS12_SAFEBAG *bag)
{
    const X509_ALGOR *algorithm = NULL;
    PKCS8_PRIV_KEY_INFO *info = PKCS12_decrypt_skey_ex(bag, o->password, -1, o->context, NULL);
    mt_key *key = info == NULL ? key_of_sm3(o, PKCS12_SAFEBAG_get0_pkcs8(bag)) : NULL;
    if (info == NULL && key == NULL) {
        X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
        note_shut(o, algorithm);
        return true;
    }
    o->unsealed++;
    bool ok = keep_key(o, bag, info != NULL ? key_of(o, info) : key);
    PKCS8_PRIV_KEY_INFO_free(info);
    return ok;
}

static bool take_bags(opened *o, const STACK_OF(PKCS12_SAFEBAG) *bags, unsigned depth);

static bool take_bag(opened *o, PKCS12_SAFEBAG *bag, unsigned depth)
{
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
    case NID_keyBag:
        return keep_key(o, bag, key_of(o, PKCS12_SAFEBAG_get0_p8inf(bag)));
    case NID_pkcs8ShroudedKeyBag:
        return take_sealed_key(o, bag);
    case NID_certBag:
        return PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate || take_certificate(o, bag);
    case NID_safeContentsBag:
        return depth < DEPTH_MAX && take_bags(o, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
    default:
        return true;
    }
}

static bool take_bags(opened *o, const STACK_OF(PKCS12_SAFEBAG) *bags, unsigned depth)
{
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++)
        if (!take_bag(o, sk_PKCS12_SAFEBAG_value(bags, i), depth))
            return mt_diag_count(o->d) != 0 ? false : fail(o, "its bags lie within one another too deeply");
    return true;
}

static bool take_part(opened *o, PKCS7 *part)
{
    bool encrypted = PKCS7_type_is_encrypted(part);
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    if (encrypted)
        bags = PKCS12_unpack_p7encdata(part, o->password, -1);
    else if (PKCS7_type_is_data(part))
        bags = PKCS12_unpack_p7data(part);
    else
        return fail(o, "a part of it is encrypted for a certificate, not under a password");
    if (bags == NULL && !encrypted)
        return fail(o, "is PKCS#12, but damaged: a part of it cannot be read");
    if (bags == NULL)
        note_shut(o, part->d.encrypted != NULL ? part->d.encrypted->enc_data->algorithm : NULL);
    else if (encrypted)
        o->unsealed++;
    bool ok = take_bags(o, bags, 0);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return ok;
}

/* ---- the whole ---- */

static bool take_parts(opened *o, const PKCS12 *p12)
{
    STACK_OF(PKCS7) *parts = PKCS12_unpack_authsafes(p12);
    bool ok = parts != NULL || fail(o, "is PKCS#12, but damaged: its content cannot be read");
    for (int i = 0; ok && i < sk_PKCS7_num(parts); i++)
        ok = take_part(o, sk_PKCS7_value(parts, i));
    sk_PKCS7_pop_free(parts, PKCS7_free);
    return ok;
}

static bool explain_shut(opened *o)
{
    o->locked = true;
    mt_place place = {o->from->name, 0, 0};
    if (o->from->password == NULL)
        mt_diag_add(o->d, place, "is PKCS#12 under a password, and no password was given");
    else
        mt_diag_add(o->d, place, "is PKCS#12, and does not open: the password is wrong");
    return false;
}

/* What opened under the password proves it right. */
static bool judge(opened *o, bool has_mac, bool mac_ok)
{
    if (has_mac && !mac_ok && o->unsealed != 0)
        return fail(o, "is PKCS#12, and its MAC is wrong: the file is damaged, or was changed after it was made");
    if (has_mac && !mac_ok)
        return explain_shut(o);
    if (o->shut == 0)
        return true;
    if (!has_mac && o->unsealed == 0)
        return explain_shut(o);
    mt_diag_add(o->d, (mt_place){o->from->name, 0, 0}, "is PKCS#12, and a part of it is encrypted with %s, which cannot be read here", o->cipher);
    mt_diag_hint(o->d, "  write it anew: openssl pkcs12 -legacy -in %s -nodes, and then openssl pkcs12 -export", o->from->name);
    return false;
}

/* No password may mean none or the empty one: they make different keys. */
static bool check_mac(opened *o, PKCS12 *p12)
{
    o->password = o->from->password;
    if (PKCS12_verify_mac(p12, o->password, -1) == 1)
        return true;
    if (o->password != NULL)
        return false;
    o->password = "";
    return PKCS12_verify_mac(p12, o->password, -1) == 1;
}

static bool take(opened *o, PKCS12 *p12)
{
    bool has_mac = PKCS12_mac_present(p12) == 1, mac_ok = has_mac && check_mac(o, p12);
    if (!has_mac)
        o->password = o->from->password != NULL ? o->from->password : "";
    return take_parts(o, p12) && judge(o, has_mac, mac_ok);
}

static bool open_file(opened *o)
{
    const unsigned char *at = o->from->bytes.at;
    PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, o->context, NULL);
    if (p12 == NULL)
        mt_die("out of memory");
    PKCS12 *read = d2i_PKCS12(&p12, &at, (long)o->from->bytes.len);
    bool ok = read != NULL ? take(o, read) : fail(o, "is PKCS#12, but damaged or cut off");
    PKCS12_free(read);
    return ok;
}

bool mt_pkcs12_read(const mt_pkcs12_file *from, mt_arena *arena, mt_pkcs12 *out, mt_diag *d)
{
    static const char *const providers[] = {"default", "legacy"};
    opened o = {.from = from, .context = OSSL_LIB_CTX_new(), .arena = arena, .out = out, .d = d};
    if (o.context == NULL)
        mt_die("out of memory");
    *out = (mt_pkcs12){.file = from->name, .certificates = MT_ARENA_ARRAY(arena, mt_pkcs12_certificate, CERTIFICATES_MAX)};
    for (size_t i = 0; i < MT_COUNT(providers); i++)
        o.providers[i] = OSSL_PROVIDER_load(o.context, providers[i]); /* NULL: a machine without it */
    bool ok = open_file(&o);
    for (size_t i = 0; i < MT_COUNT(providers); i++)
        if (o.providers[i] != NULL)
            OSSL_PROVIDER_unload(o.providers[i]);
    OSSL_LIB_CTX_free(o.context);
    ERR_clear_error();
    if (!ok)
        mt_pkcs12_free(out);
    out->locked = o.locked;
    return ok;
}

void mt_pkcs12_free(mt_pkcs12 *p)
{
    for (size_t i = 0; i < p->certificates_len; i++)
        mt_key_free(p->certificates[i].facts.key);
    for (size_t i = 0; i < p->keys_len; i++)
        mt_key_free(p->keys[i]);
    *p = (mt_pkcs12){0};
}

typedef bool answer(const mt_pkcs12_file *f);

static bool ask_file(const char *file, answer *question)
{
    mt_writer bytes = {0};
    mt_diag *ignored = mt_diag_new();
    bool read = mt_file_read(file, &bytes, ignored);
    const mt_pkcs12_file f = {file, NULL, mt_written(&bytes)};
    bool yes = read && mt_pkcs12_is(f.bytes) && question(&f);
    mt_writer_free(&bytes);
    mt_diag_free(ignored);
    return yes;
}

static bool always(const mt_pkcs12_file *f)
{
    (void)f;
    return true;
}

static bool is_locked(const mt_pkcs12_file *f)
{
    mt_diag *ignored = mt_diag_new();
    mt_arena *arena = mt_arena_new();
    mt_pkcs12 content;
    bool ok = mt_pkcs12_read(f, arena, &content, ignored), locked = content.locked;
    if (ok)
        mt_pkcs12_free(&content);
    mt_arena_free(arena);
    mt_diag_free(ignored);
    return locked;
}

bool mt_pki_is_pkcs12(const char *file)
{
    return ask_file(file, always);
}

bool mt_pki_is_locked(const char *file)
{
    return ask_file(file, is_locked);
}
