// SPDX-License-Identifier: Apache-2.0
#include "pki/recipe_schema.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

/* What a base recipe has where it states nothing. */
static const char *const no_names[] = {"none"};
static const mt_recipe defaults = {
    .version = 3,
    .padding = MT_PAD_PKCS1,
    .enc_key_usage = 1u << 2 | 1u << 3 | 1u << 4, /* keyEncipherment, dataEncipherment, keyAgreement */
    .critical = 1u << MT_EXT_BASIC_CONSTRAINTS | 1u << MT_EXT_KEY_USAGE,
    .alt_names = {.rows = no_names, .len = 1},
    .from = {MT_WHEN_TODAY, -86400},
    .until = {MT_WHEN_TODAY, 30 * 86400},
};

static const char *const not_inherited[] = {"like", "about", "catalogue", "verdict", "openssl", "masked-by", "refused-by"};

static bool is_listed(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

static size_t size_of(mt_yaml_type type)
{
    static const size_t sizes[] = {
        [MT_YAML_TEXT] = sizeof(const char *), [MT_YAML_WORD] = sizeof(int),      [MT_YAML_WORDS] = sizeof(unsigned),
        [MT_YAML_NUMBER] = sizeof(long),       [MT_YAML_TEXTS] = sizeof(mt_yaml_texts), [MT_YAML_READ] = MT_RECIPE_READ_SIZE,
    };
    return sizes[type];
}

static void inherit(mt_recipe *r, const mt_recipe *from)
{
    r->only_damage = true;
    for (size_t i = 0; i < mt_recipe_schema.len; i++) {
        const mt_yaml_key *key = &mt_recipe_schema.keys[i];
        if (is_listed(key->key, not_inherited, MT_COUNT(not_inherited)))
            continue;
        if (mt_yaml_get(r->head.node, key->key) != NULL)
            r->only_damage = r->only_damage && strcmp(key->key, "damage") == 0;
        else
            memcpy((char *)r + key->offset, (const char *)from + key->offset, size_of(key->type));
    }
}

const mt_recipe *mt_recipe_find(const mt_recipes *r, const char *name)
{
    size_t low = 0, high = r->len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, r->rows[middle].name);
        if (order == 0)
            return &r->rows[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* ---- resolving names ---- */

typedef struct resolver {
    mt_recipes *all;
    mt_yaml_names names;
    bool *done;
    mt_arena *arena;
    mt_diag *d;
} resolver;

static void unknown_recipe(const resolver *x, const mt_recipe *r, const char *key)
{
    const mt_yaml *at = mt_yaml_get(r->head.node, key);
    mt_diag_add(x->d, mt_yaml_place(r->file, at), "there is no recipe '%s'", at->text);
    mt_yaml_nearest(r->file, at, x->d, x->names);
}

static bool resolve(const resolver *x, size_t i, unsigned depth)
{
    mt_recipe *r = &x->all->rows[i];
    if (x->done[i])
        return true;
    if (r->like == NULL) {
        inherit(r, &defaults);
        x->done[i] = true;
        return true;
    }
    r->parent = mt_recipe_find(x->all, r->like);
    if (r->parent == NULL) {
        unknown_recipe(x, r, "like");
        return false;
    }
    if (depth > x->all->len) {
        mt_yaml_error(r->file, r->head.name, x->d, "the recipe '%s' is like itself", r->name);
        return false;
    }
    if (!resolve(x, (size_t)(r->parent - x->all->rows), depth + 1))
        return false;
    inherit(r, r->parent);
    x->done[i] = true;
    return true;
}

/* The names of other recipes that a recipe states itself. */
static bool check_links(const resolver *x, const mt_recipe *r)
{
    static const char *const links[] = {"issuer", "signer", "subject-of", "serial-of", "key-id-of"};
    bool ok = true;
    for (size_t i = 0; i < MT_COUNT(links); i++) {
        const mt_yaml *at = mt_yaml_get(r->head.node, links[i]);
        if (at == NULL || at->text == NULL || (i == 0 && strcmp(at->text, "self") == 0) || mt_recipe_find(x->all, at->text))
            continue;
        unknown_recipe(x, r, links[i]);
        ok = false;
    }
    return ok;
}

/* Every path of issuers ends in a recipe that issues itself. */
static bool check_issuers(const resolver *x, const mt_recipe *r)
{
    const mt_recipe *at = r;
    for (size_t i = 0; i <= x->all->len && at != NULL; i++) {
        if (at->issuer == NULL)
            break;
        if (strcmp(at->issuer, "self") == 0)
            return true;
        at = mt_recipe_find(x->all, at->issuer);
    }
    mt_yaml_error(r->file, r->head.name, x->d, "the issuers of '%s' do not end in one that issues itself", r->name);
    return false;
}

static bool is_name(const char *text)
{
    for (const char *c = text; *c != 0; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '-')
            return false;
    return islower((unsigned char)text[0]) != 0;
}

static bool check_row(const resolver *x, const mt_recipe *r, const mt_recipe *before)
{
    if (!is_name(r->name)) {
        mt_yaml_error(r->file, r->head.name, x->d, "a recipe is named by small letters, digits and dashes");
        return false;
    }
    if (before != NULL && strcmp(before->name, r->name) == 0) {
        mt_yaml_error(r->file, r->head.name, x->d, "there are two recipes '%s'", r->name);
        return false;
    }
    return check_links(x, r);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const mt_recipe *)a)->name, ((const mt_recipe *)b)->name);
}

static bool resolve_all(resolver *x)
{
    bool ok = true;
    const char **names = MT_ARENA_ARRAY(x->arena, const char *, x->all->len);
    for (size_t i = 0; i < x->all->len; i++)
        names[i] = x->all->rows[i].name;
    x->names = (mt_yaml_names){names, x->all->len};
    x->done = MT_ARENA_ARRAY(x->arena, bool, x->all->len);
    for (size_t i = 0; i < x->all->len; i++)
        ok = check_row(x, &x->all->rows[i], i ? &x->all->rows[i - 1] : NULL) && ok;
    for (size_t i = 0; ok && i < x->all->len; i++)
        ok = resolve(x, i, 0);
    for (size_t i = 0; ok && i < x->all->len; i++)
        ok = check_issuers(x, &x->all->rows[i]);
    return ok;
}

/* ---- files ---- */

static void append(mt_recipes *all, const mt_yaml_file *file, const mt_yaml_rows *rows, mt_arena *arena)
{
    mt_recipe *grown = MT_ARENA_ARRAY(arena, mt_recipe, all->len + rows->len);
    if (all->len != 0)
        memcpy(grown, all->rows, all->len * sizeof *grown);
    if (rows->len != 0)
        memcpy(grown + all->len, rows->rows, rows->len * sizeof *grown);
    for (size_t i = 0; i < rows->len; i++) {
        grown[all->len + i].name = grown[all->len + i].head.name->text;
        grown[all->len + i].file = file;
    }
    *all = (mt_recipes){grown, all->len + rows->len};
}

static bool load_file(const char *path, mt_arena *arena, mt_recipes *all, mt_diag *d)
{
    mt_recipe_file read;
    const mt_yaml_file *file = mt_yaml_load(path, arena, d);
    if (file == NULL)
        return false;
    mt_yaml_walk walk = {file, arena, d, NULL};
    if (!mt_yaml_read(&walk, &mt_recipe_file_schema, &read))
        return false;
    append(all, file, &read.recipes, arena);
    return true;
}

static bool is_yaml(const char *file)
{
    size_t n = strlen(file);
    return n > 5 && strcmp(file + n - 5, ".yaml") == 0;
}

bool mt_recipes_load(const char *folder, mt_arena *arena, mt_recipes *out, mt_diag *d)
{
    *out = (mt_recipes){0};
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        mt_diag_add(d, (mt_place){folder, 0, 0}, "the folder of recipes cannot be read: %s", strerror(errno));
        return false;
    }
    bool ok = true;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        if (is_yaml(e->d_name))
            ok = load_file(mt_arena_printf(arena, "%s/%s", folder, e->d_name), arena, out, d) && ok;
    closedir(dir);
    if (ok && out->len == 0) {
        mt_diag_add(d, (mt_place){folder, 0, 0}, "there is no recipe in this folder");
        ok = false;
    }
    if (!ok)
        return false;
    qsort(out->rows, out->len, sizeof *out->rows, by_name);
    resolver x = {.all = out, .arena = arena, .d = d};
    return resolve_all(&x);
}
