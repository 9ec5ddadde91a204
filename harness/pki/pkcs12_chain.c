// SPDX-License-Identifier: Apache-2.0
/* Which certificates of a PKCS#12 file make the credential, and in which order. */
#include "pki/name.h"
#include "pki/pkcs12.h"

typedef struct ordered {
    const mt_pkcs12 *p;
    const mt_pkcs12_certificate *leaves[MT_PKCS12_KEYS]; /* one for each key that has a certificate */
    size_t leaves_len;
    const mt_pkcs12_certificate *halves[2]; /* of the credential; the second NULL: it is no pair */
    mt_der_list *out;
} ordered;

static bool is_of_key(const mt_pkcs12_certificate *c, const mt_key *key)
{
    return c->facts.key != NULL && mt_key_same(c->facts.key, key);
}

/* A key that was certified twice: localKeyID says for which certificate it is there. */
static const mt_pkcs12_certificate *certificate_of(const mt_pkcs12 *p, size_t key)
{
    const mt_pkcs12_certificate *first = NULL;
    for (size_t i = 0; i < p->certificates_len; i++) {
        const mt_pkcs12_certificate *c = &p->certificates[i];
        if (!is_of_key(c, p->keys[key]))
            continue;
        if (p->ids[key].len != 0 && mt_span_equal(c->id, p->ids[key]))
            return c;
        first = first != NULL ? first : c;
    }
    return first;
}

static bool is_leaf_already(const ordered *o, const mt_pkcs12_certificate *c)
{
    for (size_t i = 0; i < o->leaves_len; i++)
        if (o->leaves[i] == c)
            return true;
    return false;
}

static void find_leaves(ordered *o)
{
    for (size_t i = 0; i < o->p->keys_len; i++) {
        const mt_pkcs12_certificate *c = certificate_of(o->p, i);
        if (c != NULL && !is_leaf_already(o, c))
            o->leaves[o->leaves_len++] = c;
    }
}

static bool is_sm2_leaf(const mt_pkcs12_certificate *c)
{
    return !c->facts.is_ca && c->facts.key != NULL && mt_key_kind_of(c->facts.key) == MT_KEY_SM2;
}

static bool is_pair(const mt_pkcs12_certificate *a, const mt_pkcs12_certificate *b)
{
    return is_sm2_leaf(a) && is_sm2_leaf(b) && mt_span_equal(a->facts.subject, b->facts.subject) && !mt_key_same(a->facts.key, b->facts.key);
}

/* Without a key: the first that is no CA. */
static const mt_pkcs12_certificate *some_leaf(const mt_pkcs12 *p)
{
    for (size_t i = 0; i < p->certificates_len; i++)
        if (!p->certificates[i].facts.is_ca)
            return &p->certificates[i];
    return &p->certificates[0];
}

/* The other half of a pair, although its key is not there: who uses it is told so. */
static const mt_pkcs12_certificate *other_half(const mt_pkcs12 *p, const mt_pkcs12_certificate *leaf)
{
    for (size_t i = 0; i < p->certificates_len; i++)
        if (is_pair(leaf, &p->certificates[i]))
            return &p->certificates[i];
    return NULL;
}

static int rank(const mt_certificate_facts *f)
{
    return (mt_usage_signs(f) ? 0 : 2) + (mt_usage_enciphers(f) ? 1 : 0);
}

/* keyUsage says which half enciphers; where it does not, the name that the file gives it. */
static bool goes_first(const mt_pkcs12_certificate *a, const mt_pkcs12_certificate *b)
{
    int by_usage = rank(&a->facts) - rank(&b->facts);
    return by_usage != 0 ? by_usage < 0 : strstr(a->name, "enc") == NULL || strstr(b->name, "enc") != NULL;
}

static void add(ordered *o, const mt_pkcs12_certificate *c)
{
    o->out->rows[o->out->len++] = c->der;
}

static bool is_in(const mt_der_list *list, mt_span der)
{
    for (size_t i = 0; i < list->len; i++)
        if (mt_span_equal(list->rows[i], der))
            return true;
    return false;
}

/* CAs of one name, an old one and its successor: the key identifier says which. */
static const mt_pkcs12_certificate *issuer_of(const ordered *o, const mt_pkcs12_certificate *c)
{
    const mt_pkcs12_certificate *first = NULL;
    for (size_t i = 0; i < o->p->certificates_len; i++) {
        const mt_pkcs12_certificate *ca = &o->p->certificates[i];
        if (ca == o->halves[0] || ca == o->halves[1] || !mt_span_equal(ca->facts.subject, c->facts.issuer))
            continue;
        if (ca->facts.key_id.len != 0 && mt_span_equal(ca->facts.key_id, c->facts.issuer_key_id))
            return ca;
        first = first != NULL ? first : ca;
    }
    return first;
}

/* An issuer that is in already came with its own. */
static void add_issuers(ordered *o, const mt_pkcs12_certificate *c)
{
    while (c != NULL && !mt_span_equal(c->facts.subject, c->facts.issuer)) {
        c = issuer_of(o, c);
        if (c == NULL || is_in(o->out, c->der))
            return;
        add(o, c);
    }
}

static void add_all(ordered *o)
{
    for (size_t i = 0; i < MT_COUNT(o->halves) && o->halves[i] != NULL; i++)
        add(o, o->halves[i]);
    for (size_t i = 0; i < MT_COUNT(o->halves) && o->halves[i] != NULL; i++)
        add_issuers(o, o->halves[i]);
}

static bool explain_leaves(const ordered *o, mt_diag *d)
{
    mt_writer names = {0};
    for (size_t i = 0; i < o->leaves_len; i++) {
        mt_writef(&names, "%s", i ? ", " : "");
        mt_name_show(&names, o->leaves[i]->facts.subject);
    }
    mt_diag_add(d, (mt_place){o->p->file, 0, 0}, "is PKCS#12 with %zu credentials in it (%s); wanted: one, or the two of a TLCP pair, "
                "of SM2 and with one subject", o->leaves_len, mt_writer_text(&names));
    mt_writer_free(&names);
    return false;
}

bool mt_pkcs12_chain(const mt_pkcs12 *p, mt_arena *arena, mt_der_list *out, mt_diag *d)
{
    ordered o = {.p = p, .out = out};
    *out = (mt_der_list){MT_ARENA_ARRAY(arena, mt_span, p->certificates_len + 1), 0};
    if (p->certificates_len == 0) {
        mt_diag_add(d, (mt_place){p->file, 0, 0}, "is PKCS#12 %s", p->keys_len ? "with a private key, but without a certificate" : "with nothing in it");
        return false;
    }
    find_leaves(&o);
    if (o.leaves_len > 2 || (o.leaves_len == 2 && !is_pair(o.leaves[0], o.leaves[1])))
        return explain_leaves(&o, d);
    const mt_pkcs12_certificate *one = o.leaves_len ? o.leaves[0] : some_leaf(p);
    const mt_pkcs12_certificate *two = o.leaves_len == 2 ? o.leaves[1] : other_half(p, one);
    bool in_order = two == NULL || goes_first(one, two);
    o.halves[0] = in_order ? one : two;
    o.halves[1] = in_order ? two : one;
    add_all(&o);
    return true;
}
