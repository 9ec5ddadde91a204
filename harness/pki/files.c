// SPDX-License-Identifier: Apache-2.0
/* The files of a pki folder: chains, keys, bundles. */
#include "pki/inner.h"

static bool write_chain(const char *file, const mt_span *rows, size_t n, mt_diag *d)
{
    mt_writer pem = {0};
    for (size_t i = 0; i < n; i++)
        mt_pem_write(&pem, rows[i]);
    bool ok = mt_file_write(file, mt_written(&pem), 0644, d);
    mt_writer_free(&pem);
    return ok;
}

/* The key that signs, and behind it the one that enciphers. */
static bool write_keys(const char *file, const mt_credential *c, mt_diag *d)
{
    mt_writer pem = {0};
    mt_key_pem(c->key, &pem);
    if (c->enc_key != NULL && c->enc_key != c->key)
        mt_key_pem(c->enc_key, &pem);
    bool ok = mt_file_write(file, mt_written(&pem), 0600, d);
    mt_writer_free(&pem);
    return ok;
}

const char *mt_pki_file(mt_pki *p, const mt_presentation *what, mt_diag *d)
{
    if (p->dir == NULL) {
        mt_diag_add(d, (mt_place){0}, "these certificates live in memory only: there is no pki folder");
        return NULL;
    }
    mt_presented *x = mt_presented_of(p, what, d);
    if (x == NULL || x->file != NULL)
        return x ? x->file : NULL;
    const char *folder = mt_arena_printf(p->arena, "%s/%s", p->dir, mt_algorithm_name(what->algorithm));
    const char *stem = mt_arena_printf(p->arena, "%s/%s%s%s", folder, x->name, what->natural || what->len != 1 ? "" : "-alone",
                                       what->pair ? "-pair" : "");
    const char *file = mt_arena_printf(p->arena, "%s.pem", stem);
    const mt_credential *c = &x->credential;
    bool owned = false;
    for (size_t i = 0; i < MT_COUNT(p->owner_keys); i++)
        owned = owned || (c->key != NULL && c->key == p->owner_keys[i]);
    bool ok = mt_folder_make(folder, 0755, d) && write_chain(file, c->chain, c->chain_len, d);
    if (ok && c->key != NULL && !owned)
        ok = write_keys(mt_arena_printf(p->arena, "%s.key", stem), c, d);
    x->file = ok ? file : NULL;
    return x->file;
}

static bool write_roots(mt_pki *p, const char *name, mt_roots_of *roots, mt_diag *d)
{
    size_t n = 0;
    const mt_span *rows = roots(p, &n, d);
    return rows != NULL && write_chain(mt_arena_printf(p->arena, "%s/%s", p->dir, name), rows, n, d);
}

static bool make_plain(mt_pki *p, const char *recipe, mt_algorithm a, mt_diag *d)
{
    mt_presentation what = {&recipe, 1, true, a, false};
    return mt_pki_presentable(p, &what) != NULL || mt_pki_file(p, &what, d) != NULL;
}

bool mt_pki_make(mt_pki *p, mt_diag *d)
{
    if (p->dir == NULL)
        return true;
    bool ok = write_roots(p, "ca.pem", mt_pki_anchors, d) && write_roots(p, "server-ca.pem", mt_pki_server_anchors, d);
    for (int i = MT_RSA; ok && i <= MT_ECC; i++)
        ok = make_plain(p, "client", (mt_algorithm)i, d) && make_plain(p, "server", (mt_algorithm)i, d);
    return ok;
}

/* ---- SM2 ---- */

size_t mt_pki_pair_files(mt_pki *p, const char *recipe, const char *files[MT_PAIR_FILES], mt_diag *d)
{
    const char *const names[MT_PAIR_FILES] = {recipe, mt_arena_printf(p->arena, "%s.sign", recipe), mt_arena_printf(p->arena, "%s.enc", recipe)};
    size_t n = 0;
    for (size_t i = 0; i < MT_PAIR_FILES && mt_pki_has(p, names[1]); i++) {
        mt_presentation what = {&names[i], 1, true, MT_SM2, i == 0};
        const char *file = mt_pki_presentable(p, &what) == NULL ? mt_pki_file(p, &what, d) : NULL;
        if (file != NULL)
            files[n++] = file;
    }
    return n;
}

/* An owner's CA of another algorithm issues nothing here (reach.c). */
static bool has_other_ca(const mt_pki *p)
{
    const mt_entity *ca = p->owner[MT_OWNER_INTERMEDIATE][MT_SM2];
    ca = ca ? ca : p->owner[MT_OWNER_ROOT][MT_SM2];
    return ca != NULL && ca->key != NULL && mt_key_kind_of(ca->key) != MT_KEY_SM2;
}

bool mt_pki_make_sm2(mt_pki *p, mt_diag *d)
{
    static const char *const recipes[] = {"client", "server"};
    if (p->dir == NULL || has_other_ca(p))
        return true;
    bool ok = mt_folder_make(mt_arena_printf(p->arena, "%s/%s", p->dir, mt_algorithm_name(MT_SM2)), 0755, d) &&
              write_roots(p, "sm2/ca.pem", mt_pki_sm2_anchors, d) && write_roots(p, "sm2/server-ca.pem", mt_pki_sm2_server_anchors, d);
    for (size_t i = 0; ok && i < MT_COUNT(recipes); i++) {
        const char *files[MT_PAIR_FILES];
        size_t before = mt_diag_count(d);
        ok = make_plain(p, recipes[i], MT_SM2, d);
        mt_pki_pair_files(p, recipes[i], files, d);
        ok = ok && mt_diag_count(d) == before;
    }
    return ok;
}
