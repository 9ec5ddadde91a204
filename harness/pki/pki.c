// SPDX-License-Identifier: Apache-2.0
#include "pki/inner.h"
#include "pki/extension.h"
#include "pki/name.h"

#include <time.h>

enum { SECONDS_OF_DAY = 86400 };

const char *mt_algorithm_name(mt_algorithm a)
{
    static const char *const names[MT_ALGORITHMS] = {[MT_RSA] = "rsa", [MT_ECC] = "ecc", [MT_SM2] = "sm2"};
    return names[a];
}

/* ---- opening ---- */

static bool check_texts(const mt_recipe *r, mt_diag *d)
{
    bool ok = true;
    for (size_t i = 0; i < r->alt_names.len; i++)
        if (!mt_alt_name_is_good(r->alt_names.rows[i])) {
            mt_yaml_error(r->file, r->alt_names.nodes[i], d, "not a name; wanted: dns:name, ip:address, email:mailbox or uri:text");
            ok = false;
        }
    for (size_t i = 0; i < r->extra.len; i++)
        if (!mt_extra_is_good(r->extra.rows[i])) {
            mt_yaml_error(r->file, r->extra.nodes[i], d, "not an extension; wanted: an OID, or critical and an OID");
            ok = false;
        }
    return ok;
}

/* The recipes that this program itself names. */
static bool check_base(const mt_pki *p, const char *folder, mt_diag *d)
{
    static const char *const names[] = {"root", "intermediate", "client", "server-root", "server-intermediate", "server"};
    bool ok = true;
    for (size_t i = 0; i < MT_COUNT(names); i++)
        if (mt_recipe_find(&p->recipes, names[i]) == NULL) {
            mt_diag_add(d, (mt_place){folder, 0, 0}, "the recipe '%s' is missing in this folder", names[i]);
            ok = false;
        }
    return ok;
}

static bool load_recipes(mt_pki *p, const char *folder, mt_diag *d)
{
    if (!mt_recipes_load(folder, p->arena, &p->recipes, d))
        return false;
    bool ok = check_base(p, folder, d);
    p->names = MT_ARENA_ARRAY(p->arena, const char *, p->recipes.len);
    for (size_t i = 0; i < p->recipes.len; i++) {
        const mt_recipe *r = &p->recipes.rows[i];
        p->names[i] = r->name;
        bool inherits = r->parent && r->parent->alt_names.rows == r->alt_names.rows && r->parent->extra.rows == r->extra.rows;
        ok = (inherits || check_texts(r, d)) && ok;
    }
    return ok;
}

mt_pki *mt_pki_open(const mt_pki_config *c, mt_diag *d)
{
    mt_pki *p = mt_alloc(sizeof *p);
    p->arena = mt_arena_new();
    p->dir = mt_arena_strdup(p->arena, c->dir);
    p->now = c->now ? c->now : (int64_t)time(NULL);
    p->anchors.last = p->server_anchors.last = MT_ECC;
    p->sm2_anchors = p->sm2_server_anchors = (mt_anchors){.first = MT_SM2, .last = MT_SM2};
    p->today = p->now - p->now % SECONDS_OF_DAY;
    if (load_recipes(p, c->recipes, d) && mt_folder_open(p, c->renew, d) && mt_owner_load(p, c, d))
        return p;
    mt_pki_free(p);
    return NULL;
}

void mt_pki_free(mt_pki *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->keys_len; i++)
        mt_key_free(p->keys[i].key);
    for (size_t i = 0; i < MT_COUNT(p->owner_keys); i++)
        mt_key_free(p->owner_keys[i]);
    mt_free(p->keys);
    mt_free(p->wanted);
    mt_free(p->entities);
    mt_arena_free(p->arena);
    mt_free(p);
}

/* ---- asking ---- */

const mt_recipe *mt_recipe_at(const mt_pki *p, const char *name)
{
    return mt_recipe_find(&p->recipes, name);
}

bool mt_pki_has(const mt_pki *p, const char *recipe)
{
    return mt_recipe_named(p, recipe).recipe != NULL;
}

const char *mt_pki_like(const mt_pki *p, const char *recipe)
{
    mt_named n = mt_recipe_named(p, recipe);
    const mt_recipe *r = n.recipe;
    if (r == NULL || r->parent == NULL)
        return NULL;
    while (r->parent != NULL)
        r = r->parent;
    return n.half == MT_HALF_WHOLE ? r->name : mt_arena_printf(p->arena, "%s%s", r->name, mt_half_suffix(n.half));
}

const char *const *mt_pki_names(const mt_pki *p, size_t *n)
{
    *n = p->recipes.len;
    return p->names;
}

static mt_named must_find(const mt_pki *p, const char *name, mt_diag *d)
{
    mt_named n = mt_recipe_named(p, name);
    if (n.recipe != NULL)
        return n;
    mt_diag_add(d, (mt_place){0}, "there is no recipe '%s'", name);
    const char *near = mt_nearest(name, p->names, p->recipes.len);
    if (strchr(name, '.') != NULL)
        mt_diag_hint(d, "the halves of a pair are NAME.sign and NAME.enc; a CA has none");
    else if (near != NULL)
        mt_diag_hint(d, "did you mean '%s'?", near);
    return n;
}

const char *mt_pki_reach(const mt_pki *p, const char *recipe, mt_algorithm a)
{
    mt_named n = mt_recipe_named(p, recipe);
    return n.recipe ? mt_recipe_reach(p, n, a) : "there is no such recipe";
}

/* Which certificates one name of a presentation stands for; how many. */
static size_t expand(mt_named n, bool pair, mt_named out[2])
{
    out[0] = out[1] = n;
    if (!pair || n.half != MT_HALF_WHOLE || !mt_recipe_is_leaf(n.recipe))
        return 1;
    out[0].half = MT_HALF_SIGN;
    out[1].half = MT_HALF_ENC;
    return 2;
}

const char *mt_pki_presentable(const mt_pki *p, const mt_presentation *what)
{
    const char *why = NULL;
    for (size_t i = 0; i < what->len && why == NULL; i++) {
        mt_named n = mt_recipe_named(p, what->names[i]), each[2];
        if (n.recipe == NULL)
            return "there is no such recipe";
        size_t count = expand(n, what->pair, each);
        for (size_t k = 0; k < count && why == NULL; k++)
            why = mt_recipe_reach(p, each[k], what->algorithm);
    }
    return why;
}

const mt_key *mt_pki_key(mt_pki *p, const char *recipe, mt_algorithm a, mt_diag *d)
{
    if (strcmp(recipe, "other-key") == 0 && !mt_pki_has(p, recipe))
        return mt_pool_named(p, "other-leaf", mt_recipe_key_type(NULL, a)->name, d);
    mt_named n = must_find(p, recipe, d);
    if (n.recipe == NULL)
        return NULL;
    const mt_entity *owned = mt_entity_owned(p, n.recipe, a);
    if (n.half == MT_HALF_ENC && owned != NULL)
        owned = a == MT_SM2 ? p->owner_enc : NULL;
    return owned ? owned->key : mt_pool_get(p, n, a, d);
}

/* ---- anchors ---- */

static bool has_anchor(const mt_anchors *list, mt_span der)
{
    for (size_t i = 0; i < list->len; i++)
        if (mt_span_equal(list->rows[i], der))
            return true;
    return false;
}

/* An owner's CA whose root we were not given is an anchor itself (RFC 5280 6.1.1(d): any name and key may be). */
static const mt_entity *anchor_of(mt_pki *p, const char *recipe, mt_algorithm a, mt_diag *d)
{
    const mt_recipe *r = mt_recipe_at(p, recipe);
    const mt_entity *root = mt_entity_get(p, r, a, d);
    const mt_entity *below = p->owner[MT_OWNER_INTERMEDIATE][a];
    bool unseen = root != NULL && root->der.len == 0 && below != NULL;
    return unseen && below->der.len > 0 ? below : root;
}

static bool make_anchors(mt_pki *p, mt_anchors *list, const char *recipe, mt_diag *d)
{
    list->rows = MT_ARENA_ARRAY(p->arena, mt_span, MT_ALGORITHMS);
    for (int a = (int)list->first; a <= (int)list->last; a++) {
        const mt_entity *e = anchor_of(p, recipe, (mt_algorithm)a, d);
        if (e == NULL)
            return false;
        if (e->der.len > 0 && !has_anchor(list, e->der))
            list->rows[list->len++] = e->der;
    }
    list->made = true;
    return true;
}

static const mt_span *anchors(mt_pki *p, mt_anchors *list, const char *recipe, mt_diag *d)
{
    return list->made || make_anchors(p, list, recipe, d) ? list->rows : NULL;
}

const mt_span *mt_pki_anchors(mt_pki *p, size_t *n, mt_diag *d)
{
    const mt_span *rows = anchors(p, &p->anchors, "root", d);
    *n = rows ? p->anchors.len : 0;
    return rows;
}

const mt_span *mt_pki_sm2_anchors(mt_pki *p, size_t *n, mt_diag *d)
{
    const mt_span *rows = anchors(p, &p->sm2_anchors, "root", d);
    *n = rows ? p->sm2_anchors.len : 0;
    return rows;
}

const mt_span *mt_pki_sm2_server_anchors(mt_pki *p, size_t *n, mt_diag *d)
{
    const mt_span *rows = anchors(p, &p->sm2_server_anchors, "server-root", d);
    *n = rows ? p->sm2_server_anchors.len : 0;
    return rows;
}

const mt_span *mt_pki_server_anchors(mt_pki *p, size_t *n, mt_diag *d)
{
    const mt_span *rows = anchors(p, &p->server_anchors, "server-root", d);
    *n = rows ? p->server_anchors.len : 0;
    return rows;
}

bool mt_pki_anchor_name(mt_pki *p, mt_algorithm a, mt_writer *out, mt_diag *d)
{
    const mt_entity *e = mt_entity_get(p, mt_recipe_at(p, "root"), a, d);
    if (e != NULL)
        mt_write_bytes(out, e->subject);
    return e != NULL;
}

/* ---- presenting ---- */

typedef struct chain {
    const mt_entity **rows;
    size_t len;
} chain;

static bool is_sent_with(const mt_entity *issuer)
{
    return issuer != NULL && issuer->der.len > 0 && !issuer->self_signed;
}

static size_t natural_len(const mt_entity *leaf)
{
    size_t n = 1;
    for (const mt_entity *e = leaf->issuer; is_sent_with(e); e = e->issuer)
        n++;
    return n;
}

static bool is_in(const chain *c, const mt_entity *e)
{
    for (size_t i = 0; i < c->len; i++)
        if (mt_span_equal(c->rows[i]->der, e->der))
            return true;
    return false;
}

/* The halves of an owner's pair may be of two CAs; what they have in common is sent once. */
static void add_issuers(chain *out, const mt_entity *leaf, bool once)
{
    for (const mt_entity *e = leaf->issuer; is_sent_with(e); e = e->issuer)
        if (!once || !is_in(out, e))
            out->rows[out->len++] = e;
}

static bool collect_one(mt_pki *p, mt_named n, mt_algorithm a, chain *out, mt_diag *d)
{
    const mt_entity *e = mt_entity_half(p, n, a, d);
    if (e == NULL)
        return false;
    if (e->der.len == 0) {
        mt_diag_add(d, (mt_place){0}, "the owner's chain does not contain '%s'", n.recipe->name);
        return false;
    }
    out->rows[out->len++] = e;
    return true;
}

static bool collect_named(mt_pki *p, const mt_presentation *what, chain *out, mt_diag *d)
{
    out->rows = MT_ARENA_ARRAY(p->arena, const mt_entity *, 2 * what->len + 1);
    for (size_t i = 0; i < what->len; i++) {
        mt_named n = must_find(p, what->names[i], d), each[2];
        size_t count = n.recipe ? expand(n, what->pair, each) : 0;
        if (count == 0)
            return false;
        for (size_t k = 0; k < count; k++)
            if (!collect_one(p, each[k], what->algorithm, out, d))
                return false;
    }
    return true;
}

static bool collect(mt_pki *p, const mt_presentation *what, chain *out, mt_diag *d)
{
    if (!collect_named(p, what, out, d))
        return false;
    if (!what->natural || what->len != 1)
        return true;
    const mt_entity **leaves = out->rows;
    size_t leaves_len = out->len, len = 0;
    for (size_t i = 0; i < leaves_len; i++)
        len += natural_len(leaves[i]);
    out->rows = MT_ARENA_ARRAY(p->arena, const mt_entity *, len);
    memcpy(out->rows, leaves, leaves_len * sizeof *leaves);
    for (size_t i = 0; i < leaves_len; i++)
        add_issuers(out, leaves[i], i > 0);
    return true;
}

static const mt_key *signing_key(const chain *c)
{
    for (size_t i = 0; i < c->len; i++)
        if (c->rows[i]->recipe->basic != MT_BASIC_CA && c->rows[i]->half != MT_HALF_ENC && c->rows[i]->key != NULL)
            return c->rows[i]->key;
    return c->len ? c->rows[0]->key : NULL;
}

static const mt_key *enciphering_key(const chain *c)
{
    for (size_t i = 0; i < c->len; i++)
        if (c->rows[i]->half == MT_HALF_ENC)
            return c->rows[i]->key;
    return NULL;
}

/* "CN=client (sign), CN=client (enc)  <-  CN=intermediate" */
static void describe(mt_writer *text, const chain *c)
{
    static const char *const words[] = {[MT_HALF_WHOLE] = "", [MT_HALF_SIGN] = " (sign)", [MT_HALF_ENC] = " (enc)"};
    for (size_t i = 0; i < c->len; i++) {
        bool beside = i > 0 && c->rows[i]->half != MT_HALF_WHOLE && c->rows[i - 1]->half != MT_HALF_WHOLE;
        mt_writef(text, "%s", i == 0 ? "" : beside ? ", " : "  <-  ");
        mt_name_show(text, c->rows[i]->subject);
        mt_writef(text, "%s", words[c->rows[i]->half]);
    }
}

static void fill_credential(mt_pki *p, const chain *c, mt_credential *out)
{
    mt_writer text = {0};
    mt_span *rows = MT_ARENA_ARRAY(p->arena, mt_span, c->len);
    for (size_t i = 0; i < c->len; i++)
        rows[i] = c->rows[i]->der;
    describe(&text, c);
    *out = (mt_credential){.chain = rows, .chain_len = c->len, .key = signing_key(c), .enc_key = enciphering_key(c)};
    out->description = mt_arena_strdup(p->arena, c->len ? mt_writer_text(&text) : "no certificate");
    mt_writer_free(&text);
}

static const char *joined(mt_pki *p, const mt_presentation *what)
{
    mt_writer w = {0};
    for (size_t i = 0; i < what->len; i++)
        mt_writef(&w, "%s%s", i ? "+" : "", what->names[i]);
    const char *text = mt_arena_strdup(p->arena, mt_writer_text(&w));
    mt_writer_free(&w);
    return text;
}

mt_presented *mt_presented_of(mt_pki *p, const mt_presentation *what, mt_diag *d)
{
    const char *name = joined(p, what);
    for (mt_presented *x = p->presented; x != NULL; x = x->next)
        if (x->natural == what->natural && x->pair == what->pair && x->algorithm == what->algorithm && strcmp(x->name, name) == 0)
            return x;
    chain c = {0};
    if (!collect(p, what, &c, d))
        return NULL;
    mt_presented *x = MT_ARENA_NEW(p->arena, mt_presented);
    *x = (mt_presented){.name = name, .natural = what->natural, .pair = what->pair, .algorithm = what->algorithm, .next = p->presented};
    fill_credential(p, &c, &x->credential);
    p->presented = x;
    return x;
}

bool mt_pki_present(mt_pki *p, const mt_presentation *what, mt_credential *out, mt_diag *d)
{
    const mt_presented *x = mt_presented_of(p, what, d);
    if (x != NULL)
        *out = x->credential;
    return x != NULL;
}
