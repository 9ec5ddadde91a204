// SPDX-License-Identifier: Apache-2.0
#include "pki/given.h"
#include "pki/pkcs12.h"

enum { KEYS_MAX = MT_PKCS12_KEYS };

static bool fail(mt_diag *d, const char *file, const char *why)
{
    mt_diag_add(d, (mt_place){file, 0, 0}, "%s", why);
    return false;
}

static void explain_other(const mt_given *g, const mt_key_source *from, const mt_key *const *keys, size_t n, mt_diag *d)
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
static bool pick_key(mt_given *g, const mt_key_source *from, mt_key **keys, size_t n, mt_diag *d)
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
static size_t keys_of_pkcs12(const mt_pkcs12_file *from, mt_arena *arena, mt_key **keys, mt_diag *d)
{
    mt_pkcs12 file;
    if (!mt_pkcs12_read(from, arena, &file, d))
        return 0;
    size_t n = file.keys_len;
    memcpy(keys, file.keys, sizeof file.keys);
    file.keys_len = 0;
    if (n == 0)
        mt_diag_add(d, (mt_place){from->name, 0, 0}, "is PKCS#12 with %zu certificates, but without a private key", file.certificates_len);
    mt_pkcs12_free(&file);
    return n;
}

bool mt_given_key(const mt_source *from, mt_arena *arena, mt_given *g, mt_diag *d)
{
    mt_writer text = {0};
    mt_key *keys[KEYS_MAX];
    if (!mt_file_read(from->file, &text, d))
        return false;
    const mt_key_source pem = {mt_written(&text), from->file, from->password};
    const mt_pkcs12_file pkcs12 = {from->file, from->password, mt_written(&text)};
    size_t n = mt_pkcs12_is(pkcs12.bytes) ? keys_of_pkcs12(&pkcs12, arena, keys, d) : mt_keys_load(&pem, keys, KEYS_MAX, d);
    bool ok = pick_key(g, &pem, keys, n, d);
    free_others(keys, n, g->key);
    mt_writer_free(&text);
    return ok;
}

static bool certificates_of_pkcs12(const mt_pkcs12_file *from, mt_arena *arena, mt_der_list *out, mt_diag *d)
{
    mt_pkcs12 file;
    if (!mt_pkcs12_read(from, arena, &file, d))
        return false;
    bool ok = mt_pkcs12_chain(&file, arena, out, d);
    mt_pkcs12_free(&file);
    return ok;
}

static bool load_certificates(const mt_source *from, mt_arena *arena, mt_der_list *out, mt_diag *d)
{
    mt_writer bytes = {0};
    if (!mt_file_read(from->file, &bytes, d))
        return false;
    const mt_pkcs12_file pkcs12 = {from->file, from->password, mt_written(&bytes)};
    bool ok = mt_pkcs12_is(pkcs12.bytes) ? certificates_of_pkcs12(&pkcs12, arena, out, d) : mt_pem_certificates(from->file, arena, out, d);
    mt_writer_free(&bytes);
    return ok;
}

bool mt_given_load(const mt_source *from, mt_arena *arena, mt_given *g, mt_diag *d)
{
    *g = (mt_given){.file = from->file, .which = "the first certificate"};
    if (!load_certificates(from, arena, &g->chain, d))
        return false;
    g->facts = MT_ARENA_ARRAY(arena, mt_certificate_facts, g->chain.len);
    for (size_t i = 0; i < g->chain.len; i++)
        if (!mt_certificate_read(g->chain.rows[i], arena, &g->facts[i]))
            return fail(d, from->file, "one of its certificates cannot be read");
    return true;
}

void mt_given_forget(mt_given *g)
{
    for (size_t i = 0; g->facts != NULL && i < g->chain.len; i++)
        mt_key_free(g->facts[i].key);
}

/* ---- pairs of TLCP ---- */

static bool is_sm2(const mt_certificate_facts *f)
{
    return f->key != NULL && mt_key_kind_of(f->key) == MT_KEY_SM2;
}

static void swap(mt_given *g, size_t a, size_t b)
{
    mt_span der = g->chain.rows[a];
    mt_certificate_facts facts = g->facts[a];
    g->chain.rows[a] = g->chain.rows[b];
    g->facts[a] = g->facts[b];
    g->chain.rows[b] = der;
    g->facts[b] = facts;
}

static bool is_root(const mt_certificate_facts *f)
{
    return mt_span_equal(f->subject, f->issuer);
}

/* A chain ends with its root: what leads from the other half to a root may not stand behind one. */
static void put_roots_last(mt_given *g)
{
    for (size_t i = 1; i < g->chain.len; i++)
        for (size_t k = i; k > 1 && is_root(&g->facts[k - 1]) && !is_root(&g->facts[k]); k--)
            swap(g, k - 1, k);
}

/* Sign, enc, CAs in one file: the second changes places with the first, and is then cut off. */
static void split(mt_given *g, mt_given *enc)
{
    bool pair = g->chain.len > 1 && !g->facts[1].is_ca && is_sm2(&g->facts[0]) && is_sm2(&g->facts[1]) &&
                mt_span_equal(g->facts[0].subject, g->facts[1].subject);
    if (!pair)
        return;
    swap(g, 0, 1);
    *enc = (mt_given){.file = g->file, .chain = {g->chain.rows, 1}, .facts = g->facts};
    g->chain.rows++;
    g->facts++;
    g->chain.len--;
    put_roots_last(g);
}

static bool signs_only(const mt_certificate_facts *f)
{
    return mt_usage_signs(f) && !mt_usage_enciphers(f);
}

static bool enciphers_only(const mt_certificate_facts *f)
{
    return mt_usage_enciphers(f) && !mt_usage_signs(f);
}

static bool check_halves(const mt_given *g, const mt_given *enc, mt_diag *d)
{
    if (enciphers_only(&g->facts[0]) && signs_only(&enc->facts[0]))
        return fail(d, g->file, "the pair is swapped: by their keyUsage the first certificate enciphers, and the one given for encryption signs");
    if (mt_span_equal(g->chain.rows[0], enc->chain.rows[0]))
        return fail(d, enc->file, "the encryption certificate is the signing certificate once more");
    return true;
}

/* An SM2 certificate that may not sign is half of a pair. */
static bool check_lone(const mt_given *g, mt_diag *d)
{
    if (!is_sm2(&g->facts[0]) || !enciphers_only(&g->facts[0]))
        return true;
    return fail(d, g->file, "its first certificate is the encryption half of a pair (keyUsage without digitalSignature): the signing one is missing");
}

static bool check_enc(const mt_given *g, const mt_given *enc, mt_diag *d)
{
    if (!is_sm2(&g->facts[0]))
        return fail(d, g->file, "an encryption certificate beside it, but its first certificate has no SM2 key");
    if (!is_sm2(&enc->facts[0]))
        return fail(d, enc->file, "the key of the encryption certificate is not of SM2");
    if (!mt_span_equal(g->facts[0].subject, enc->facts[0].subject))
        return fail(d, enc->file, "the encryption certificate is of another subject than the signing certificate");
    return check_halves(g, enc, d);
}

static bool load_pair(const mt_own_files *f, mt_arena *arena, mt_given_pair *p, mt_diag *d)
{
    mt_given *g = &p->sign, *enc = &p->enc;
    if ((f->enc_cert == NULL) != (f->enc_key == NULL))
        return fail(d, f->enc_cert ? f->enc_cert : f->enc_key, "--enc-cert and --enc-key belong together");
    if (!mt_given_load(&(mt_source){f->cert, f->password}, arena, g, d))
        return false;
    if (f->enc_cert == NULL)
        split(g, enc);
    else if (!mt_given_load(&(mt_source){f->enc_cert, f->password}, arena, enc, d))
        return false;
    if (enc->file == NULL)
        return check_lone(g, d);
    enc->which = "the encryption certificate";
    enc->other = g;
    g->other = enc;
    return check_enc(g, enc, d);
}

static bool load_keys(const mt_own_files *f, mt_arena *arena, mt_given_pair *p, mt_diag *d)
{
    const mt_source sign = {f->key, f->password}, enc = {f->enc_key ? f->enc_key : f->key, f->password};
    return mt_given_key(&sign, arena, &p->sign, d) && (p->enc.file == NULL || mt_given_key(&enc, arena, &p->enc, d));
}

bool mt_given_credential(const mt_own_files *files, mt_arena *arena, mt_given_pair *out, mt_diag *d)
{
    *out = (mt_given_pair){{0}, {0}};
    if (files->key == NULL)
        return fail(d, files->cert, "a certificate without its key: --key is missing");
    return load_pair(files, arena, out, d) && load_keys(files, arena, out, d);
}

static bool is_in(const mt_der_list *list, mt_span der)
{
    for (size_t i = 0; i < list->len; i++)
        if (mt_span_equal(list->rows[i], der))
            return true;
    return false;
}

static mt_der_list joined(const mt_given_pair *p, mt_arena *arena)
{
    const mt_der_list *chain = &p->sign.chain, *enc = &p->enc.chain;
    mt_der_list all = {MT_ARENA_ARRAY(arena, mt_span, chain->len + enc->len), 0};
    for (size_t i = 0; i < chain->len; i++) {
        all.rows[all.len++] = chain->rows[i];
        if (i == 0 && enc->len > 0)
            all.rows[all.len++] = enc->rows[0];
    }
    for (size_t i = 1; i < enc->len; i++)
        if (!is_in(&all, enc->rows[i]))
            all.rows[all.len++] = enc->rows[i];
    return all;
}

bool mt_own_load(const mt_own_files *files, mt_arena *arena, mt_own *out, mt_diag *d)
{
    mt_given_pair p;
    bool ok = mt_given_credential(files, arena, &p, d);
    *out = (mt_own){.key = p.sign.key, .enc_key = p.enc.key};
    if (ok)
        out->chain = joined(&p, arena);
    mt_given_forget(&p.sign);
    mt_given_forget(&p.enc);
    return ok;
}
