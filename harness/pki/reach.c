// SPDX-License-Identifier: Apache-2.0
/* Whether a recipe can be made with what we hold: asked before anything is made, so nothing here makes keys or certificates. */
#include "pki/inner.h"

enum { DEPTH_MAX = 32 };

static const char one_hash[] = "SM2 signs with SM3 and with no other hash";
static const char needs_sm2_ca[] = "needs a CA of SM2: an SM2 certificate under another one is none for TLCP and RFC 8998";
static const char needs_ca_key[] = "needs the key of a CA that the target trusts";

static const char needs_half[] = "needs the encryption certificate that belongs to the credential, or a CA key";

enum { MODELS = 3 };

static const char *reach(const mt_pki *p, const mt_recipe *r, mt_algorithm a, unsigned depth);

/* The recipes that this one copies from; NULL where it does not. */
static void models_of(const mt_pki *p, const mt_recipe *r, const mt_recipe *out[MODELS])
{
    const char *const names[MODELS] = {r->subject_of, r->serial_of, r->key_id_of};
    for (size_t i = 0; i < MODELS; i++)
        out[i] = names[i] ? mt_recipe_find(&p->recipes, names[i]) : NULL;
}

/* The owner gave a credential and no CA key: only the certificate itself, in its own algorithm. */
static bool is_other_algorithm(const mt_pki *p, const mt_recipe *r, mt_algorithm a)
{
    bool opaque = false;
    for (int i = 0; i < MT_ALGORITHMS; i++)
        opaque = opaque || p->owner[MT_OWNER_CLIENT][i] != NULL;
    const mt_entity *ca = p->owner[MT_OWNER_INTERMEDIATE][a];
    return opaque && strcmp(r->name, "client") == 0 && ca != NULL && ca->key == NULL;
}

static const char *reach_issuer(const mt_pki *p, const mt_recipe *r, mt_algorithm a, unsigned depth)
{
    if (strcmp(r->issuer, "self") == 0)
        return NULL;
    const mt_recipe *issuer = mt_recipe_find(&p->recipes, r->issuer);
    mt_algorithm issued_by = mt_issuer_algorithm(r, a);
    const mt_entity *owned = mt_entity_owned(p, issuer, issued_by);
    if (owned == NULL && issuer->only_damage && issuer->parent != NULL)
        owned = mt_entity_owned(p, issuer->parent, issued_by); /* a damaged copy signs with the key of the honest one */
    if (owned == NULL)
        return reach(p, issuer, issued_by, depth + 1);
    if (issued_by == MT_SM2 && owned->key != NULL && mt_key_kind_of(owned->key) != MT_KEY_SM2)
        return needs_sm2_ca;
    return owned->key != NULL || r->signer != NULL ? NULL : needs_ca_key;
}

static const char *reach_signer(const mt_pki *p, const mt_recipe *r, mt_algorithm a)
{
    if (r->signer == NULL)
        return NULL;
    const mt_entity *owned = mt_entity_owned(p, mt_recipe_find(&p->recipes, r->signer), mt_issuer_algorithm(r, a));
    return owned == NULL || owned->key != NULL ? NULL : needs_ca_key;
}

static const char *reach_models(const mt_pki *p, const mt_recipe *r, mt_algorithm a, unsigned depth)
{
    const mt_recipe *models[MODELS];
    const char *why = NULL;
    models_of(p, r, models);
    for (size_t i = 0; i < MODELS && why == NULL; i++)
        if (models[i] != NULL && mt_entity_owned(p, models[i], a) == NULL)
            why = reach(p, models[i], a, depth + 1);
    return why;
}

/* Whose key signs, and of what kind it is; an owner's is asked for its own. */
static mt_key_kind signer_kind(const mt_pki *p, const mt_recipe *r, mt_algorithm a)
{
    bool self = strcmp(r->issuer, "self") == 0;
    const mt_recipe *signer = r->signer ? mt_recipe_find(&p->recipes, r->signer) : self ? r : mt_recipe_find(&p->recipes, r->issuer);
    a = self && r->signer == NULL ? a : mt_issuer_algorithm(r, a);
    const mt_entity *owned = mt_entity_owned(p, signer, a);
    return owned != NULL && owned->key != NULL ? mt_key_kind_of(owned->key) : mt_recipe_key_type(signer, a)->kind;
}

static const char *reach_hash(const mt_pki *p, const mt_recipe *r, mt_algorithm a)
{
    bool states_one = r->hash != MT_HASH_NONE || r->inner_hash != MT_HASH_NONE;
    bool needs_sm2 = r->signs_as != MT_SIGNS_USUAL || r->distinguishing_id != NULL;
    bool is_sm2 = (states_one || needs_sm2) && signer_kind(p, r, a) == MT_KEY_SM2;
    if (needs_sm2)
        return is_sm2 ? NULL : "needs a CA with an SM2 key";
    return is_sm2 ? one_hash : NULL;
}

static const char *reach(const mt_pki *p, const mt_recipe *r, mt_algorithm a, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return "its recipe copies from itself";
    const mt_entity *owned = mt_entity_owned(p, r, a);
    if (owned != NULL)
        return owned->der.len > 0 ? NULL : "the owner's chain does not contain it";
    if (is_other_algorithm(p, r, a))
        return "the credential that was given has a key of another algorithm";
    const mt_entity *parent = r->only_damage && r->parent ? mt_entity_owned(p, r->parent, a) : NULL;
    if (parent != NULL && parent->der.len > 0)
        return NULL;
    const char *why = reach_issuer(p, r, a, depth);
    why = why ? why : reach_signer(p, r, a);
    why = why ? why : reach_hash(p, r, a);
    return why ? why : reach_models(p, r, a, depth);
}

/* Where the owner gave the signing half alone, the other is issued, if that can be. */
static const char *reach_other_half(const mt_pki *p, const mt_recipe *r, mt_algorithm a)
{
    bool owned = mt_recipe_is_leaf(r) && mt_entity_owned(p, r, a) != NULL && (p->owner_enc == NULL || a != MT_SM2);
    return owned && reach_issuer(p, r, a, 0) != NULL ? needs_half : NULL;
}

const char *mt_recipe_reach(const mt_pki *p, mt_named what, mt_algorithm a)
{
    const mt_recipe *r = what.recipe, *base = r->only_damage && r->parent ? r->parent : r, *models[MODELS];
    bool is_owned = mt_recipe_is_leaf(r) && mt_entity_owned(p, base, a) != NULL;
    if (what.half != MT_HALF_ENC)
        return reach(p, r, a, 0);
    const char *why = is_owned ? reach_other_half(p, base, a) : reach(p, r, a, 0);
    models_of(p, r, models);
    for (size_t i = 0; i < MODELS && why == NULL; i++)
        why = models[i] ? reach_other_half(p, models[i], a) : NULL;
    return why;
}
