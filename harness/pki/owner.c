// SPDX-License-Identifier: Apache-2.0
/* What the owner of a target gives us: a CA with its key, or a credential that works. They stand for our own recipes. */
#include "pki/pkcs12.h"

enum { KEYS_MAX = MT_PKCS12_KEYS };

typedef struct given {
    const char *file;
    const char *which; /* the certificate of the file that the key belongs to, in words */
    mt_der_list chain;
    mt_certificate_facts *facts; /* of each certificate */
    mt_key *key;                 /* NULL: none was given */
    const struct given *other;   /* the other half of the pair, or NULL */
} given;

typedef struct source {
    const char *file, *password;
} source;

static bool fail(mt_diag *d, const char *file, const char *why)
{
    mt_diag_add(d, (mt_place){file, 0, 0}, "%s", why);
    return false;
}

static void explain_other(const given *g, const mt_key_source *from, const mt_key *const *keys, size_t n, mt_diag *d)
{
    const mt_key *wanted = g->facts[0].key;
    bool other_kind = n == 1 && wanted != NULL && mt_key_kind_of(keys[0]) != mt_key_kind_of(wanted);
    bool of_other = n == 1 && g->other != NULL && mt_key_same(g->other->facts[0].key, keys[0]);
    mt_place place = {from->name, 0, 0};
    if (of_other)
        mt_diag_add(d, place, "this key does not belong to %s of %s, but to %s: the keys of the pair are swapped, or one is missing", g->which,
                    g->file, g->other->which);
    else if (other_kind)
        mt_diag_add(d, place, "this key does not belong to %s of %s: this key is %s, the certificate's is %s", g->which, g->file,
                    mt_key_kind_name(mt_key_kind_of(keys[0])), mt_key_kind_name(mt_key_kind_of(wanted)));
    else if (n == 1)
        mt_diag_add(d, place, "this key does not belong to %s of %s", g->which, g->file);
    else
        mt_diag_add(d, place, "none of these %zu keys belongs to %s of %s", n, g->which, g->file);
}

/* A file may hold several keys: those of a pair, in either order. */
static bool pick_key(given *g, const mt_key_source *from, mt_key **keys, size_t n, mt_diag *d)
{
    size_t own = 0;
    while (own < n && (g->facts[0].key == NULL || !mt_key_same(g->facts[0].key, keys[own])))
        own++;
    if (n > 0 && own == n)
        explain_other(g, from, (const mt_key *const *)keys, n, d);
    g->key = own < n ? keys[own] : NULL;
    return g->key != NULL;
}

static void free_others(mt_key **keys, size_t n, const mt_key *kept)
{
    for (size_t i = 0; i < n; i++)
        if (keys[i] != kept)
            mt_key_free(keys[i]);
}

/* The keys of a PKCS#12 file change hands. */
static size_t keys_of_pkcs12(mt_pki *p, const mt_pkcs12_file *from, mt_key **keys, mt_diag *d)
{
    mt_pkcs12 file;
    if (!mt_pkcs12_read(from, p->arena, &file, d))
        return 0;
    size_t n = file.keys_len;
    memcpy(keys, file.keys, sizeof file.keys);
    file.keys_len = 0;
    if (n == 0)
        mt_diag_add(d, (mt_place){from->name, 0, 0}, "is PKCS#12 with %zu certificates, but without a private key", file.certificates_len);
    mt_pkcs12_free(&file);
    return n;
}

static bool load_key(mt_pki *p, const source *from, given *g, mt_diag *d)
{
    mt_writer text = {0};
    mt_key *keys[KEYS_MAX];
    if (!mt_file_read(from->file, &text, d))
        return false;
    const mt_key_source pem = {mt_written(&text), from->file, from->password};
    const mt_pkcs12_file pkcs12 = {from->file, from->password, mt_written(&text)};
    size_t n = mt_pkcs12_is(pkcs12.bytes) ? keys_of_pkcs12(p, &pkcs12, keys, d) : mt_keys_load(&pem, keys, KEYS_MAX, d);
    bool ok = pick_key(g, &pem, keys, n, d);
    free_others(keys, n, g->key);
    mt_writer_free(&text);
    return ok;
}

static bool certificates_of_pkcs12(mt_pki *p, const mt_pkcs12_file *from, mt_der_list *out, mt_diag *d)
{
    mt_pkcs12 file;
    if (!mt_pkcs12_read(from, p->arena, &file, d))
        return false;
    bool ok = mt_pkcs12_chain(&file, p->arena, out, d);
    mt_pkcs12_free(&file);
    return ok;
}

static bool load_certificates(mt_pki *p, const source *from, mt_der_list *out, mt_diag *d)
{
    mt_writer bytes = {0};
    if (!mt_file_read(from->file, &bytes, d))
        return false;
    const mt_pkcs12_file pkcs12 = {from->file, from->password, mt_written(&bytes)};
    bool ok = mt_pkcs12_is(pkcs12.bytes) ? certificates_of_pkcs12(p, &pkcs12, out, d) : mt_pem_certificates(from->file, p->arena, out, d);
    mt_writer_free(&bytes);
    return ok;
}

static bool load(mt_pki *p, const source *from, given *g, mt_diag *d)
{
    *g = (given){.file = from->file, .which = "the first certificate"};
    if (!load_certificates(p, from, &g->chain, d))
        return false;
    g->facts = MT_ARENA_ARRAY(p->arena, mt_certificate_facts, g->chain.len);
    for (size_t i = 0; i < g->chain.len; i++)
        if (!mt_certificate_read(g->chain.rows[i], p->arena, &g->facts[i]))
            return fail(d, from->file, "one of its certificates cannot be read");
    return true;
}

static void forget_public_keys(given *g)
{
    for (size_t i = 0; g->facts != NULL && i < g->chain.len; i++)
        mt_key_free(g->facts[i].key);
}

static mt_entity *entity(mt_pki *p, const char *recipe, mt_algorithm a)
{
    mt_entity *e = MT_ARENA_NEW(p->arena, mt_entity);
    e->recipe = mt_recipe_find(&p->recipes, recipe);
    e->algorithm = a;
    return e;
}

/* The issuer of the last certificate given: of that one we know the name and perhaps the key identifier. */
static mt_entity *name_only(mt_pki *p, const mt_certificate_facts *last, mt_algorithm a)
{
    mt_entity *e = entity(p, "root", a);
    e->subject = last->issuer;
    e->key_id = last->issuer_key_id;
    return e;
}

/* Entities for chain[i] and all behind it, each the issuer of the one before. */
static mt_entity *link_chain(mt_pki *p, const given *g, size_t i, mt_algorithm a)
{
    static const char *const recipes[] = {"client", "intermediate", "root"};
    mt_entity *e = entity(p, recipes[i < 2 ? i : 2], a);
    const mt_certificate_facts *f = &g->facts[i];
    e->der = g->chain.rows[i];
    e->subject = f->subject;
    e->serial = f->serial;
    e->key_id = f->key_id;
    e->self_signed = mt_span_equal(f->subject, f->issuer);
    if (!e->self_signed)
        e->issuer = i + 1 < g->chain.len ? link_chain(p, g, i + 1, a) : name_only(p, f, a);
    return e;
}

static mt_entity *last_of(mt_entity *e)
{
    while (e->issuer != NULL)
        e = e->issuer;
    return e;
}

static bool check_ca(const given *g, mt_diag *d)
{
    if (!g->facts[0].is_ca)
        return fail(d, g->file, "its first certificate is not that of a CA");
    if (g->facts[0].key == NULL)
        return fail(d, g->file, "the key of its first certificate is of a kind that we do not know");
    return true;
}

/* A self-signed CA that may have CAs below it stands for our root; any other stands for our intermediate. */
static void install_ca(mt_pki *p, const given *g)
{
    for (int i = 0; i < MT_ALGORITHMS; i++) {
        mt_algorithm a = (mt_algorithm)i;
        mt_entity *ca = link_chain(p, g, 0, a);
        bool is_root = ca->self_signed && g->facts[0].path_length != 0;
        ca->recipe = mt_recipe_find(&p->recipes, is_root ? "root" : "intermediate");
        ca->key = g->key;
        p->owner[MT_OWNER_ROOT][a] = last_of(ca);
        if (!is_root)
            p->owner[MT_OWNER_INTERMEDIATE][a] = ca;
    }
}

static bool load_ca(mt_pki *p, const mt_pki_config *c, mt_diag *d)
{
    given g;
    bool ok = load(p, &(source){c->ca, c->ca_password}, &g, d) && check_ca(&g, d) &&
              (c->ca_key == NULL || load_key(p, &(source){c->ca_key, c->ca_password}, &g, d));
    p->owner_keys[0] = g.key;
    if (ok)
        install_ca(p, &g);
    forget_public_keys(&g);
    return ok;
}

/* The algorithm under which a leaf key runs. */
static mt_algorithm algorithm_of(const mt_key *key)
{
    return mt_key_kind_of(key) == MT_KEY_RSA ? MT_RSA : mt_key_kind_of(key) == MT_KEY_SM2 ? MT_SM2 : MT_ECC;
}

static void install_credential(mt_pki *p, const given *g)
{
    mt_algorithm own = algorithm_of(g->key);
    for (int i = 0; i < MT_ALGORITHMS; i++) {
        mt_algorithm a = (mt_algorithm)i;
        mt_entity *leaf = link_chain(p, g, 0, a);
        leaf->key = g->key;
        if (a == own)
            p->owner[MT_OWNER_CLIENT][a] = leaf;
        if (p->owner[MT_OWNER_ROOT][a] != NULL)
            continue; /* the owner's CA was given too */
        p->owner[MT_OWNER_ROOT][a] = last_of(leaf);
        p->owner[MT_OWNER_INTERMEDIATE][a] = leaf->issuer ? link_chain(p, g, g->chain.len > 1 ? 1 : 0, a) : leaf;
        if (g->chain.len == 1 && leaf->issuer != NULL)
            p->owner[MT_OWNER_INTERMEDIATE][a] = name_only(p, &g->facts[0], a);
    }
}

/* ---- pairs of TLCP ---- */

static bool is_sm2(const mt_certificate_facts *f)
{
    return f->key != NULL && mt_key_kind_of(f->key) == MT_KEY_SM2;
}

/* Sign, enc, CAs in one file: the second changes places with the first, and is then cut off. */
static void split(given *g, given *enc)
{
    bool pair = g->chain.len > 1 && !g->facts[1].is_ca && is_sm2(&g->facts[0]) && is_sm2(&g->facts[1]) &&
                mt_span_equal(g->facts[0].subject, g->facts[1].subject);
    if (!pair)
        return;
    mt_span der = g->chain.rows[0];
    mt_certificate_facts facts = g->facts[0];
    g->chain.rows[0] = g->chain.rows[1];
    g->facts[0] = g->facts[1];
    g->chain.rows[1] = der;
    g->facts[1] = facts;
    *enc = (given){.file = g->file, .chain = {g->chain.rows, 1}, .facts = g->facts};
    g->chain.rows++;
    g->facts++;
    g->chain.len--;
}

static bool signs_only(const mt_certificate_facts *f)
{
    return mt_usage_signs(f) && !mt_usage_enciphers(f);
}

static bool enciphers_only(const mt_certificate_facts *f)
{
    return mt_usage_enciphers(f) && !mt_usage_signs(f);
}

static bool check_halves(const given *g, const given *enc, mt_diag *d)
{
    if (enciphers_only(&g->facts[0]) && signs_only(&enc->facts[0]))
        return fail(d, g->file, "the pair is swapped: by their keyUsage the first certificate enciphers, and the one given for encryption signs");
    if (mt_span_equal(g->chain.rows[0], enc->chain.rows[0]))
        return fail(d, enc->file, "the encryption certificate is the signing certificate once more");
    return true;
}

/* An SM2 certificate that may not sign is half of a pair. */
static bool check_lone(const given *g, mt_diag *d)
{
    if (!is_sm2(&g->facts[0]) || !enciphers_only(&g->facts[0]))
        return true;
    return fail(d, g->file, "its first certificate is the encryption half of a pair (keyUsage without digitalSignature): the signing one is missing");
}

static bool check_enc(const given *g, const given *enc, mt_diag *d)
{
    if (!is_sm2(&g->facts[0]))
        return fail(d, g->file, "an encryption certificate beside it, but its first certificate has no SM2 key");
    if (!is_sm2(&enc->facts[0]))
        return fail(d, enc->file, "the key of the encryption certificate is not of SM2");
    if (!mt_span_equal(g->facts[0].subject, enc->facts[0].subject))
        return fail(d, enc->file, "the encryption certificate is of another subject than the signing certificate");
    return check_halves(g, enc, d);
}

static bool load_pair(mt_pki *p, const mt_pki_config *c, given *g, given *enc, mt_diag *d)
{
    if ((c->enc_cert == NULL) != (c->enc_key == NULL))
        return fail(d, c->enc_cert ? c->enc_cert : c->enc_key, "--enc-cert and --enc-key belong together");
    if (!load(p, &(source){c->cert, c->password}, g, d))
        return false;
    if (c->enc_cert == NULL)
        split(g, enc);
    else if (!load(p, &(source){c->enc_cert, c->password}, enc, d))
        return false;
    if (enc->file == NULL)
        return check_lone(g, d);
    enc->which = "the encryption certificate";
    enc->other = g;
    g->other = enc;
    return check_enc(g, enc, d);
}

static bool load_keys(mt_pki *p, const mt_pki_config *c, given *g, given *enc, mt_diag *d)
{
    if (!load_key(p, &(source){c->key, c->password}, g, d))
        return false;
    return enc->file == NULL || load_key(p, &(source){c->enc_key ? c->enc_key : c->key, c->password}, enc, d);
}

static void install_enc(mt_pki *p, const given *enc)
{
    mt_entity *e = entity(p, "client", MT_SM2);
    const mt_entity *sign = p->owner[MT_OWNER_CLIENT][MT_SM2];
    e->half = MT_HALF_ENC;
    e->der = enc->chain.rows[0];
    e->subject = enc->facts[0].subject;
    e->serial = enc->facts[0].serial;
    e->key_id = enc->facts[0].key_id;
    e->issuer = sign ? sign->issuer : NULL;
    e->key = enc->key;
    p->owner_enc = e;
}

static bool load_credential(mt_pki *p, const mt_pki_config *c, mt_diag *d)
{
    given g = {0}, enc = {0};
    if (c->key == NULL)
        return fail(d, c->cert, "a certificate without its key: --key is missing");
    bool ok = load_pair(p, c, &g, &enc, d) && load_keys(p, c, &g, &enc, d);
    p->owner_keys[1] = g.key;
    p->owner_keys[2] = enc.key;
    if (ok)
        install_credential(p, &g);
    if (ok && enc.file != NULL)
        install_enc(p, &enc);
    forget_public_keys(&g);
    forget_public_keys(&enc);
    return ok;
}

bool mt_owner_load(mt_pki *p, const mt_pki_config *c, mt_diag *d)
{
    bool ok = c->ca == NULL || load_ca(p, c, d);
    return (c->cert == NULL || load_credential(p, c, d)) && ok;
}
