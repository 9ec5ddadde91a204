// SPDX-License-Identifier: Apache-2.0
/* What the owner of a target gives us: a CA with its key, or a credential that works. They stand for our own recipes. */
#include "pki/given.h"

static bool fail(mt_diag *d, const char *file, const char *why)
{
    mt_diag_add(d, (mt_place){file, 0, 0}, "%s", why);
    return false;
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
static mt_entity *link_chain(mt_pki *p, const mt_given *g, size_t i, mt_algorithm a)
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

static bool check_ca(const mt_given *g, mt_diag *d)
{
    if (!g->facts[0].is_ca)
        return fail(d, g->file, "its first certificate is not that of a CA");
    if (g->facts[0].key == NULL)
        return fail(d, g->file, "the key of its first certificate is of a kind that we do not know");
    return true;
}

/* A self-signed CA that may have CAs below it stands for our root; any other stands for our intermediate. */
static void install_ca(mt_pki *p, const mt_given *g)
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
    mt_given g;
    bool ok = mt_given_load(&(mt_source){c->ca, c->ca_password}, p->arena, &g, d) && check_ca(&g, d) &&
              (c->ca_key == NULL || mt_given_key(&(mt_source){c->ca_key, c->ca_password}, p->arena, &g, d));
    p->owner_keys[0] = g.key;
    if (ok)
        install_ca(p, &g);
    mt_given_forget(&g);
    return ok;
}

/* The algorithm under which a leaf key runs. */
static mt_algorithm algorithm_of(const mt_key *key)
{
    return mt_key_kind_of(key) == MT_KEY_RSA ? MT_RSA : mt_key_kind_of(key) == MT_KEY_SM2 ? MT_SM2 : MT_ECC;
}

static void install_credential(mt_pki *p, const mt_given *g)
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

static void install_enc(mt_pki *p, const mt_given *enc)
{
    mt_entity *e = link_chain(p, enc, 0, MT_SM2);
    e->half = MT_HALF_ENC;
    e->key = enc->key;
    p->owner_enc = e;
}

static bool load_credential(mt_pki *p, const mt_pki_config *c, mt_diag *d)
{
    mt_given_pair own;
    bool ok = mt_given_credential(&(mt_own_files){c->cert, c->key, c->enc_cert, c->enc_key, c->password}, p->arena, &own, d);
    p->owner_keys[1] = own.sign.key;
    p->owner_keys[2] = own.enc.key;
    if (ok)
        install_credential(p, &own.sign);
    if (ok && own.enc.file != NULL)
        install_enc(p, &own.enc);
    mt_given_forget(&own.sign);
    mt_given_forget(&own.enc);
    return ok;
}

bool mt_owner_load(mt_pki *p, const mt_pki_config *c, mt_diag *d)
{
    bool ok = c->ca == NULL || load_ca(p, c, d);
    return (c->cert == NULL || load_credential(p, c, d)) && ok;
}
