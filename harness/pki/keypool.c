// SPDX-License-Identifier: Apache-2.0
#include "pki/inner.h"

static const char *const usual_types[MT_ALGORITHMS] = {[MT_RSA] = "rsa-2048", [MT_ECC] = "p256"};

static const mt_key_type *type_named(const char *name)
{
    for (size_t i = 1; mt_key_types[i].name != NULL; i++)
        if (strcmp(mt_key_types[i].name, name) == 0)
            return &mt_key_types[i];
    return NULL;
}

static mt_key *load_key(const char *file, mt_diag *d)
{
    mt_writer pem = {0};
    mt_key *key = mt_file_read(file, &pem, d) ? mt_key_load(mt_written(&pem), file, NULL, d) : NULL;
    mt_writer_free(&pem);
    return key;
}

static mt_key *make_key(const mt_key_type *type, const char *file, mt_diag *d)
{
    mt_key *key = mt_key_make(type->kind, type->bits);
    if (file == NULL)
        return key;
    mt_writer pem = {0};
    mt_key_pem(key, &pem);
    mt_key_free(key);
    key = mt_file_write_once(file, mt_written(&pem), 0600, d) ? load_key(file, d) : NULL;
    mt_writer_free(&pem);
    return key;
}

const mt_key *mt_pool_named(mt_pki *p, const char *name, const char *type, mt_diag *d)
{
    const char *full = mt_arena_printf(p->arena, "%s-%s", type, name);
    for (size_t i = 0; i < p->keys_len; i++)
        if (strcmp(p->keys[i].name, full) == 0)
            return p->keys[i].key;
    const mt_key_type *row = type_named(type);
    if (row == NULL)
        mt_die("no key type %s", type);
    const char *file = p->dir ? mt_arena_printf(p->arena, "%s/keys/%s.key", p->dir, full) : NULL;
    mt_key *key = file && mt_file_exists(file) ? load_key(file, d) : make_key(row, file, d);
    if (key == NULL)
        return NULL;
    MT_GROW(p->keys, p->keys_len, p->keys_cap);
    p->keys[p->keys_len++] = (mt_pool_key){full, key};
    return key;
}

const mt_key *mt_pool_get(mt_pki *p, const mt_recipe *r, mt_algorithm a, mt_diag *d)
{
    const char *type = r->key_type ? mt_key_types[r->key_type].name : usual_types[a];
    const char *name = mt_pool_names[r->pool];
    if (r->pool == 0 || r->pool == MT_POOL_OWN)
        name = mt_arena_printf(p->arena, "own-%s", r->name);
    return mt_pool_named(p, name, type, d);
}
