// SPDX-License-Identifier: Apache-2.0
#include "pki/inner.h"
#include "pki/name.h"

enum { SERIAL_LEN = 16 };

mt_algorithm mt_issuer_algorithm(const mt_recipe *r, mt_algorithm a)
{
    return r->issuer_algorithm ? (mt_algorithm)(r->issuer_algorithm - 1) : a;
}

mt_entity *mt_entity_owned(const mt_pki *p, const mt_recipe *r, mt_algorithm a)
{
    static const char *const roles[MT_OWNER_ROLES] = {"root", "intermediate", "client"};
    for (int i = 0; i < MT_OWNER_ROLES; i++)
        if (strcmp(r->name, roles[i]) == 0)
            return p->owner[i][a];
    return NULL;
}

static mt_span keep(mt_pki *p, mt_writer *w)
{
    mt_span copy = mt_span_of(mt_arena_copy(p->arena, w->at, w->len), w->len);
    mt_writer_free(w);
    return copy;
}

static int64_t moment(const mt_pki *p, mt_when w)
{
    const int64_t bases[] = {[MT_WHEN_TODAY] = p->today, [MT_WHEN_BIRTH] = p->birth, [MT_WHEN_FIXED] = 0};
    return bases[w.from] + w.seconds;
}

/* A fixed CA is made once in the life of a folder: those that targets trust, not the deviating ones. */
static bool is_fixed(const mt_recipe *r)
{
    return r->parent == NULL && r->from.from == MT_WHEN_BIRTH;
}

/* ---- the fields ---- */

static bool write_names(mt_writer *w, const mt_recipe *r, const char *key, const char *algorithm, mt_diag *d)
{
    const mt_yaml_texts *texts = strcmp(key, "subject") == 0 ? &r->subject : &r->issuer_name;
    const char *wrong = mt_name_write(w, (mt_name_texts){texts->rows, texts->len}, algorithm);
    if (wrong == NULL)
        return true;
    mt_diag_add(d, mt_yaml_place(r->file, r->head.name), "'%s': %s '%s' is not an attribute that we know (CN O OU C L ST DC emailAddress)",
                r->name, key, wrong);
    return false;
}

/* A recipe that takes its names from one that the owner's certificate stands for takes that certificate's names. */
static const mt_entity *subject_model(mt_pki *p, const mt_recipe *r, mt_algorithm a, mt_diag *d)
{
    if (r->subject_of != NULL)
        return mt_entity_get(p, mt_recipe_find(&p->recipes, r->subject_of), a, d);
    for (const mt_recipe *up = r->parent; up != NULL && up->subject.rows == r->subject.rows; up = up->parent) {
        const mt_entity *owned = mt_entity_owned(p, up, a);
        if (owned != NULL)
            return owned;
    }
    return NULL;
}

static bool set_subject(mt_pki *p, mt_entity *e, mt_diag *d)
{
    const mt_recipe *r = e->recipe;
    const mt_entity *model = subject_model(p, r, e->algorithm, d);
    if (model == NULL && r->subject_of != NULL)
        return false;
    mt_writer w = {0};
    if (model != NULL)
        mt_write_bytes(&w, model->subject);
    else if (!write_names(&w, r, "subject", mt_algorithm_name(e->algorithm), d))
        return false;
    e->subject = keep(p, &w);
    return true;
}

static const mt_entity *model_of(mt_pki *p, const mt_entity *e, const char *recipe, mt_diag *d)
{
    return mt_entity_half(p, (mt_named){mt_recipe_find(&p->recipes, recipe), e->half}, e->algorithm, d);
}

/* 16 octets that differ for every certificate of every folder and day, and are the same when it is made again. */
static mt_span own_serial(mt_pki *p, const mt_entity *e, mt_span signer_id)
{
    mt_writer w = {0};
    mt_writef(&w, "%s%s %s %lld ", e->recipe->name, e->half == MT_HALF_ENC ? ".enc" : "", mt_algorithm_name(e->algorithm),
              (long long)(is_fixed(e->recipe) ? p->birth : p->today));
    mt_write_bytes(&w, signer_id);
    mt_digest hash = mt_hash(MT_SHA256, mt_written(&w));
    mt_writer_free(&w);
    hash.at[0] = (uint8_t)((hash.at[0] & 0x3f) | 0x40); /* positive, and the first octet is not zero */
    return mt_span_of(mt_arena_copy(p->arena, hash.at, SERIAL_LEN), SERIAL_LEN);
}

static bool set_serial(mt_pki *p, mt_entity *e, const mt_key *signer, mt_diag *d)
{
    const mt_recipe *r = e->recipe;
    mt_digest id = mt_key_identifier(signer);
    e->serial = r->serial.len ? r->serial : own_serial(p, e, mt_digest_span(&id));
    if (r->serial_of == NULL)
        return true;
    const mt_entity *model = model_of(p, e, r->serial_of, d);
    if (model != NULL && model->serial.len > 0)
        e->serial = model->serial;
    return model != NULL;
}

static bool set_key_id(mt_pki *p, mt_entity *e, mt_diag *d)
{
    mt_digest id = mt_key_identifier(e->key);
    e->key_id = mt_span_of(mt_arena_copy(p->arena, id.at, id.len), id.len);
    if (e->recipe->key_id_of == NULL)
        return true;
    const mt_entity *model = model_of(p, e, e->recipe->key_id_of, d);
    if (model != NULL && model->key_id.len > 0)
        e->key_id = model->key_id;
    return model != NULL;
}

/* ---- the certificate ---- */

static const mt_key *signing_key(mt_pki *p, const mt_entity *e, mt_diag *d)
{
    const mt_recipe *r = e->recipe;
    if (r->signer == NULL)
        return e->issuer ? e->issuer->key : e->key;
    const mt_recipe *signer = mt_recipe_find(&p->recipes, r->signer);
    mt_algorithm a = mt_issuer_algorithm(r, e->algorithm);
    const mt_entity *owned = mt_entity_owned(p, signer, a);
    return owned ? owned->key : mt_pool_get(p, (mt_named){signer, MT_HALF_WHOLE}, a, d);
}

static bool issue(mt_pki *p, mt_entity *e, const mt_key *signer, mt_diag *d)
{
    const mt_recipe *r = e->recipe;
    mt_span issuer = e->issuer ? e->issuer->subject : e->subject;
    bool names_key = e->issuer != NULL && e->issuer->recipe->subject_key_id != MT_KEY_ID_NONE;
    mt_writer name = {0}, der = {0};
    if (r->issuer_name.len > 0 && !write_names(&name, r, "issuer-name", mt_algorithm_name(e->algorithm), d))
        return false;
    if (name.len > 0)
        issuer = keep(p, &name);
    mt_issue in = {.recipe = mt_recipe_for(p, e),
                   .key = e->key,
                   .signer = signer,
                   .subject = e->subject,
                   .issuer = issuer,
                   .serial = e->serial,
                   .key_id = e->key_id,
                   .issuer_key_id = names_key ? e->issuer->key_id : (mt_span){0},
                   .from = moment(p, r->from),
                   .until = moment(p, r->until)};
    bool ok = mt_issue_write(&in, &der, d);
    e->der = keep(p, &der);
    return ok;
}

static bool make(mt_pki *p, mt_entity *e, mt_diag *d)
{
    const mt_recipe *r = e->recipe;
    e->self_signed = strcmp(r->issuer, "self") == 0;
    if (!e->self_signed) {
        e->issuer = mt_entity_get(p, mt_recipe_find(&p->recipes, r->issuer), mt_issuer_algorithm(r, e->algorithm), d);
        if (e->issuer == NULL)
            return false;
    }
    e->key = mt_pool_get(p, (mt_named){r, e->half}, e->algorithm, d);
    const mt_key *signer = e->key ? signing_key(p, e, d) : NULL;
    return signer != NULL && set_subject(p, e, d) && set_serial(p, e, signer, d) && set_key_id(p, e, d) && issue(p, e, signer, d);
}

/* The parent is the owner's: its own bytes are damaged, and its key and issuer stay. */
static bool damage_owned(mt_pki *p, mt_entity *e, const mt_entity *owned)
{
    const mt_recipe *r = e->recipe;
    mt_algorithm a = e->algorithm;
    mt_half half = e->half;
    *e = *owned;
    e->recipe = r;
    e->algorithm = a;
    e->half = half;
    uint8_t *der = mt_arena_copy(p->arena, owned->der.at, owned->der.len);
    mt_issue_damage(r->damage, der, owned->der.len);
    e->der.at = der;
    return true;
}

static bool load_fixed(mt_pki *p, mt_entity *e, mt_diag *d)
{
    mt_der_list list;
    mt_certificate_facts facts;
    if (!mt_pem_certificates(e->file, p->arena, &list, d) || !mt_certificate_read(list.rows[0], p->arena, &facts))
        return false;
    bool ok = facts.key != NULL && mt_key_same(facts.key, e->key);
    mt_key_free(facts.key);
    if (!ok)
        mt_diag_add(d, (mt_place){e->file, 0, 0}, "this CA does not belong to its key in %s/keys; --renew makes all CAs anew", p->dir);
    e->der = list.rows[0];
    e->serial = facts.serial;
    return ok;
}

static bool save_fixed(mt_pki *p, mt_entity *e, mt_diag *d)
{
    mt_writer pem = {0};
    mt_pem_write(&pem, e->der);
    bool ok = mt_folder_make(mt_arena_printf(p->arena, "%s/%s", p->dir, mt_algorithm_name(e->algorithm)), 0755, d) &&
              mt_file_write_once(e->file, mt_written(&pem), 0644, d);
    mt_writer_free(&pem);
    return ok;
}

/* What the owner gave for this half. */
static mt_entity *owned_half(const mt_pki *p, mt_named what, mt_algorithm a)
{
    if (what.half != MT_HALF_ENC)
        return mt_entity_owned(p, what.recipe, a);
    return a == MT_SM2 && strcmp(what.recipe->name, "client") == 0 ? p->owner_enc : NULL;
}

static bool fill(mt_pki *p, mt_entity *e, mt_diag *d)
{
    const mt_recipe *r = e->recipe;
    const mt_entity *owned = r->only_damage && r->parent ? owned_half(p, (mt_named){r->parent, e->half}, e->algorithm) : NULL;
    if (owned != NULL && owned->der.len > 0)
        return damage_owned(p, e, owned);
    if (!make(p, e, d))
        return false;
    bool under_owner = e->issuer != NULL && mt_entity_owned(p, e->issuer->recipe, e->issuer->algorithm) == e->issuer;
    if (p->dir == NULL || !is_fixed(r) || under_owner)
        return true;
    e->file = mt_arena_printf(p->arena, "%s/%s/%s.pem", p->dir, mt_algorithm_name(e->algorithm), r->name);
    return (mt_file_exists(e->file) || save_fixed(p, e, d)) && load_fixed(p, e, d);
}

static mt_entity *known(const mt_pki *p, mt_named what, mt_algorithm a)
{
    for (size_t i = 0; i < p->entities_len; i++) {
        mt_entity *e = p->entities[i];
        if (e->recipe == what.recipe && e->algorithm == a && e->half == what.half)
            return e;
    }
    return NULL;
}

mt_entity *mt_entity_half(mt_pki *p, mt_named what, mt_algorithm a, mt_diag *d)
{
    const mt_recipe *r = what.recipe;
    what.half = mt_recipe_is_leaf(r) ? what.half : MT_HALF_WHOLE;
    mt_entity *there = owned_half(p, what, a);
    there = there ? there : known(p, what, a);
    if (there != NULL)
        return there;
    const char *why = mt_recipe_reach(p, what, a);
    if (why != NULL) {
        mt_diag_add(d, (mt_place){0}, "the recipe '%s' (%s) cannot be made: %s", r->name, mt_algorithm_name(a), why);
        return NULL;
    }
    mt_entity *e = MT_ARENA_NEW(p->arena, mt_entity);
    e->recipe = r;
    e->algorithm = a;
    e->half = what.half;
    if (!fill(p, e, d))
        return NULL;
    MT_GROW(p->entities, p->entities_len, p->entities_cap);
    p->entities[p->entities_len++] = e;
    return e;
}

mt_entity *mt_entity_get(mt_pki *p, const mt_recipe *r, mt_algorithm a, mt_diag *d)
{
    return mt_entity_half(p, (mt_named){r, MT_HALF_WHOLE}, a, d);
}
