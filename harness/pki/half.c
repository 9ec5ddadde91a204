// SPDX-License-Identifier: Apache-2.0
/* The two halves of a TLCP credential, made from one recipe. */
#include "pki/inner.h"

enum {
    SIGNS = 1u << 0,
    ENCIPHERS = 1u << 2 | 1u << 3 | 1u << 4, /* keyEncipherment, dataEncipherment, keyAgreement */
    NOT_STATED = 1u << MT_USAGE_NONE | 1u << MT_USAGE_EMPTY,
};

static const char *const suffixes[] = {[MT_HALF_WHOLE] = "", [MT_HALF_SIGN] = ".sign", [MT_HALF_ENC] = ".enc"};

const char *mt_half_suffix(mt_half half)
{
    return suffixes[half];
}

/* By the recipe that it is like in the end: a client that says that it is a CA is a leaf, an intermediate that does not is none. */
bool mt_recipe_is_leaf(const mt_recipe *r)
{
    while (r->parent != NULL)
        r = r->parent;
    return r->basic != MT_BASIC_CA;
}

static mt_half half_of(const char *suffix)
{
    for (int i = MT_HALF_SIGN; i <= MT_HALF_ENC; i++)
        if (strcmp(suffix, suffixes[i]) == 0)
            return (mt_half)i;
    return MT_HALF_WHOLE;
}

mt_named mt_recipe_named(const mt_pki *p, const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot == NULL)
        return (mt_named){mt_recipe_at(p, name), MT_HALF_WHOLE};
    mt_half half = half_of(dot);
    mt_writer stem = {0};
    mt_write_bytes(&stem, mt_span_of(name, (size_t)(dot - name)));
    const mt_recipe *r = half == MT_HALF_WHOLE ? NULL : mt_recipe_at(p, mt_writer_text(&stem));
    mt_writer_free(&stem);
    return (mt_named){r != NULL && mt_recipe_is_leaf(r) ? r : NULL, half};
}

/* GB/T 38636, Certificate: one key signs, the other enciphers and agrees. What a recipe leaves out is left out in both halves. */
static unsigned usage_of(const mt_recipe *r, mt_half half)
{
    if (half == MT_HALF_ENC && (r->key_usage & NOT_STATED) == 0)
        return r->enc_key_usage;
    return half == MT_HALF_SIGN && (r->key_usage & SIGNS) ? r->key_usage & ~(unsigned)ENCIPHERS : r->key_usage;
}

/* An empty basicConstraints says nothing that its absence does not, and GmSSL refuses it. */
static bool is_empty_constraints(const mt_recipe *r)
{
    return r->basic == MT_BASIC_END_ENTITY && r->path_length == 0;
}

const mt_recipe *mt_recipe_for(mt_pki *p, const mt_entity *e)
{
    if (!mt_recipe_is_leaf(e->recipe) || (e->algorithm != MT_SM2 && e->half == MT_HALF_WHOLE))
        return e->recipe;
    mt_recipe *r = mt_arena_copy(p->arena, e->recipe, sizeof *r);
    r->key_usage = usage_of(r, e->half);
    if (e->algorithm == MT_SM2 && is_empty_constraints(r))
        r->basic = MT_BASIC_NONE;
    return r;
}
