// SPDX-License-Identifier: Apache-2.0
#include "pki/inner.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static const char *const usual_types[MT_ALGORITHMS] = {[MT_RSA] = "rsa-2048", [MT_ECC] = "p256", [MT_SM2] = "sm2"};

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

/* Another program may have made the same key meanwhile: the one in the file counts. */
static mt_key *keep_key(mt_key *key, const char *file, mt_diag *d)
{
    if (file == NULL)
        return key;
    mt_writer pem = {0};
    mt_key_pem(key, &pem);
    mt_key_free(key);
    key = mt_file_write_once(file, mt_written(&pem), 0600, d) ? load_key(file, d) : NULL;
    mt_writer_free(&pem);
    return key;
}

static const char *file_of(mt_pki *p, const char *full)
{
    return p->dir ? mt_arena_printf(p->arena, "%s/keys/%s.key", p->dir, full) : NULL;
}

static const mt_key *find_key(const mt_pki *p, const char *full)
{
    for (size_t i = 0; i < p->keys_len; i++)
        if (strcmp(p->keys[i].name, full) == 0)
            return p->keys[i].key;
    return NULL;
}

static const mt_key *add_key(mt_pki *p, const char *full, mt_key *key)
{
    if (key == NULL)
        return NULL;
    MT_GROW(p->keys, p->keys_len, p->keys_cap);
    p->keys[p->keys_len++] = (mt_pool_key){full, key};
    return key;
}

const mt_key *mt_pool_named(mt_pki *p, const char *name, const char *type, mt_diag *d)
{
    const char *full = mt_arena_printf(p->arena, "%s-%s", type, name);
    const mt_key_type *row = type_named(type);
    const mt_key *known = find_key(p, full);
    if (row == NULL)
        mt_die("no key type %s", type);
    if (known != NULL)
        return known;
    const char *file = file_of(p, full);
    if (file != NULL && mt_file_exists(file))
        return add_key(p, full, load_key(file, d));
    return add_key(p, full, keep_key(mt_key_make(row->kind, row->bits), file, d));
}

const mt_key_type *mt_recipe_key_type(const mt_recipe *r, mt_algorithm a)
{
    return r != NULL && r->key_type ? &mt_key_types[r->key_type] : type_named(usual_types[a]);
}

static const char *name_of(mt_pki *p, mt_named what)
{
    const mt_recipe *r = what.recipe;
    bool own = r->pool == 0 || r->pool == MT_POOL_OWN;
    return mt_arena_printf(p->arena, "%s%s%s", own ? "own-" : "", own ? r->name : mt_pool_names[r->pool],
                           what.half == MT_HALF_ENC ? "-enc" : "");
}

const mt_key *mt_pool_get(mt_pki *p, mt_named what, mt_algorithm a, mt_diag *d)
{
    return mt_pool_named(p, name_of(p, what), mt_recipe_key_type(what.recipe, a)->name, d);
}

/* ---- many at once ---- */

static void want_key(mt_pki *p, mt_named what, mt_algorithm a)
{
    const char *type = mt_recipe_key_type(what.recipe, a)->name, *full = mt_arena_printf(p->arena, "%s-%s", type, name_of(p, what));
    const char *file = file_of(p, full);
    if (find_key(p, full) != NULL || (file != NULL && mt_file_exists(file)))
        return;
    for (size_t i = 0; i < p->wanted_len; i++)
        if (strcmp(p->wanted[i].name, full) == 0)
            return;
    MT_GROW(p->wanted, p->wanted_len, p->wanted_cap);
    p->wanted[p->wanted_len++] = (mt_wanted_key){full, type_named(type), NULL};
}

void mt_pki_want(mt_pki *p, const char *recipe, mt_algorithm a)
{
    mt_named n = mt_recipe_named(p, recipe);
    while (n.recipe != NULL && mt_recipe_reach(p, n, a) == NULL && mt_entity_owned(p, n.recipe, a) == NULL) {
        want_key(p, n, a);
        a = mt_issuer_algorithm(n.recipe, a);
        n = mt_recipe_named(p, n.recipe->issuer); /* "self" is no recipe */
    }
}

typedef struct key_makers {
    mt_wanted_key *rows;
    size_t len;
    atomic_size_t next;
} key_makers;

static void *make_keys(void *shared)
{
    key_makers *m = shared;
    for (size_t i = atomic_fetch_add(&m->next, 1); i < m->len; i = atomic_fetch_add(&m->next, 1))
        m->rows[i].key = mt_key_make(m->rows[i].type->kind, m->rows[i].type->bits);
    return NULL;
}

void mt_pki_make_wanted(mt_pki *p)
{
    enum { THREADS_MAX = 8 };
    pthread_t threads[THREADS_MAX];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = p->wanted_len < THREADS_MAX ? p->wanted_len : THREADS_MAX, started = 0;
    key_makers m = {.rows = p->wanted, .len = p->wanted_len};
    while (started < wanted && (long)started < processors && pthread_create(&threads[started], NULL, make_keys, &m) == 0)
        started++;
    make_keys(&m); /* what no thread has taken */
    while (started > 0)
        pthread_join(threads[--started], NULL);
    mt_diag *unheard = mt_diag_new();
    for (size_t i = 0; i < p->wanted_len; i++)
        add_key(p, p->wanted[i].name, keep_key(p->wanted[i].key, file_of(p, p->wanted[i].name), unheard));
    mt_diag_free(unheard);
    p->wanted_len = 0;
}
