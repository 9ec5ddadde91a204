// SPDX-License-Identifier: Apache-2.0
/* Which of the plans run: prefixes of ids, an expression of tags, the level. */
#include "case/file.h"

#include "wire/codes.h"

#include <ctype.h>
#include <stdlib.h>

/* ---- tags: expression := term {or term}; term := factor {and factor}; factor := not factor | ( expression ) | word ---- */

typedef struct tags {
    const char *at;       /* the rest of the expression */
    const mt_plan *plan;  /* NULL: only the form is checked */
    const mt_cases *all;
    mt_diag *d;
    bool failed;
    int depth;
    char word[64];
} tags;

enum { NESTED_MAX = 16 };

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_';
}

static const char *peek_word(tags *t)
{
    size_t n = 0;
    t->at += strspn(t->at, " ");
    while (is_name(t->at[n]) && n + 1 < sizeof t->word) {
        t->word[n] = t->at[n];
        n++;
    }
    t->word[n] = 0;
    return t->word;
}

static bool take_keyword(tags *t, const char *keyword)
{
    bool same = strcmp(peek_word(t), keyword) == 0;
    t->at += same ? strlen(keyword) : 0;
    return same;
}

static bool take_char(tags *t, char c)
{
    t->at += strspn(t->at, " ");
    bool same = *t->at == c;
    t->at += same;
    return same;
}

static void complain_tag(tags *t, const char *text)
{
    if (!t->failed)
        mt_diag_add(t->d, (mt_place){0}, "--tag: %s%s%s", text, *t->at ? " before: " : " at the end", t->at);
    t->failed = true;
}

static const char *version_word(uint16_t version)
{
    for (int i = 0; i < MT_PROTOCOLS; i++)
        if (mt_protocol_versions[i] == version)
            return mt_protocol_words[i].name;
    return "";
}

static bool has_tag(const mt_plan *plan, const char *word)
{
    const mt_case *c = plan->of;
    for (size_t i = 0; i < c->tags_len; i++)
        if (strcmp(c->tags[i], word) == 0)
            return true;
    return strcmp(mt_level_name(c->level), word) == 0 || strcmp(version_word(plan->version), word) == 0 ||
           strcmp(mt_algorithm_words[plan->algorithm].name, word) == 0;
}

static bool is_known_tag(const tags *t)
{
    for (size_t i = 0; i < t->all->plans_len; i++)
        if (has_tag(t->all->plans[i], t->word))
            return true;
    return false;
}

static bool read_any(tags *t);

static void complain_unknown_tag(tags *t)
{
    const char *known[64];
    size_t n = 0;
    for (size_t i = 0; i < t->all->len; i++)
        for (size_t j = 0; j < t->all->rows[i]->public.tags_len && n < MT_COUNT(known); j++)
            known[n++] = t->all->rows[i]->public.tags[j];
    const char *near = mt_nearest(t->word, known, n);
    mt_diag_add(t->d, (mt_place){0}, "--tag: no run has the tag '%s'%s%s%s", t->word, near ? "; did you mean '" : "", near ? near : "",
        near ? "'?" : "");
    t->failed = true;
}

static bool read_word(tags *t)
{
    if (*peek_word(t) == 0) {
        complain_tag(t, "a tag is wanted");
        return false;
    }
    if (t->plan == NULL && !t->failed && !is_known_tag(t))
        complain_unknown_tag(t);
    t->at += strlen(t->word);
    return t->plan != NULL && has_tag(t->plan, t->word);
}

static bool read_factor(tags *t)
{
    bool negated = false;
    while (take_keyword(t, "not"))
        negated = !negated;
    if (!take_char(t, '('))
        return read_word(t) != negated;
    if (++t->depth > NESTED_MAX) {
        complain_tag(t, "too many brackets");
        return false;
    }
    bool value = read_any(t);
    t->depth--;
    if (!t->failed && !take_char(t, ')'))
        complain_tag(t, "a closing bracket is wanted");
    return value != negated;
}

static bool read_all(tags *t)
{
    bool value = read_factor(t);
    while (!t->failed && take_keyword(t, "and"))
        value = read_factor(t) && value;
    return value;
}

static bool read_any(tags *t)
{
    bool value = read_all(t);
    while (!t->failed && take_keyword(t, "or"))
        value = read_all(t) || value;
    return value;
}

static bool check_tags(const mt_cases *all, const char *expression, mt_diag *d)
{
    tags t = {.at = expression, .all = all, .d = d};
    if (expression == NULL)
        return true;
    (void)read_any(&t);
    if (!t.failed && *peek_word(&t) != 0)
        complain_tag(&t, "'and' or 'or' is wanted");
    else if (!t.failed && *t.at != 0)
        complain_tag(&t, "not a word");
    return !t.failed;
}

static bool fits_tags(const mt_plan *plan, const char *expression)
{
    tags t = {.at = expression, .plan = plan};
    return expression == NULL || read_any(&t);
}

/* ---- ids ---- */

static bool is_prefix(const char *prefix, const char *id)
{
    size_t n = strlen(prefix);
    while (n > 0 && prefix[n - 1] == '/')
        n--;
    return n > 0 && strncmp(prefix, id, n) == 0 && (id[n] == '/' || id[n] == 0);
}

static bool is_under(const char *const *prefixes, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (is_prefix(prefixes[i], id))
            return true;
    return false;
}

static bool matches_any(const mt_cases *all, const char *prefix)
{
    for (size_t i = 0; i < all->plans_len; i++)
        if (is_prefix(prefix, all->plans[i]->id))
            return true;
    return false;
}

/* The ids to propose: suites, cases, runs. */
static const char *nearest_id(const mt_cases *all, const char *wrong)
{
    size_t n = 0;
    const char **ids = MT_ARENA_ARRAY(all->arena, const char *, 2 * all->len + all->plans_len);
    for (size_t i = 0; i < all->len; i++) {
        const mt_case *c = &all->rows[i]->public;
        ids[n++] = c->suite;
        ids[n++] = mt_arena_printf(all->arena, "%s/%s", c->suite, c->id);
    }
    for (size_t i = 0; i < all->plans_len; i++)
        ids[n++] = all->plans[i]->id;
    return mt_nearest(wrong, ids, n);
}

/* The last part may be all that somebody remembers: `wrong-key` for server/possession/wrong-key. */
static const char *nearest_last_part(const mt_cases *all, const char *wrong)
{
    size_t n = 0;
    const char **parts = MT_ARENA_ARRAY(all->arena, const char *, 2 * all->len);
    const char **ids = MT_ARENA_ARRAY(all->arena, const char *, 2 * all->len);
    for (size_t i = 0; i < all->len; i++) {
        const mt_case *c = &all->rows[i]->public;
        const char *slash = strrchr(c->suite, '/');
        parts[n] = c->id;
        ids[n++] = mt_arena_printf(all->arena, "%s/%s", c->suite, c->id);
        parts[n] = slash ? slash + 1 : c->suite;
        ids[n++] = c->suite;
    }
    const char *near = mt_nearest(wrong, parts, n);
    for (size_t i = 0; near != NULL && i < n; i++)
        if (strcmp(parts[i], near) == 0)
            return ids[i];
    return NULL;
}

static bool check_prefixes(const mt_cases *all, const char *const *prefixes, size_t n, mt_diag *d)
{
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        if (matches_any(all, prefixes[i]))
            continue;
        const char *near = nearest_last_part(all, prefixes[i]);
        near = near ? near : nearest_id(all, prefixes[i]);
        mt_diag_add(d, (mt_place){0}, "no case is called '%s'%s%s%s", prefixes[i], near ? "; did you mean '" : " (see: mtlspec list)",
            near ? near : "", near ? "'?" : "");
        ok = false;
    }
    return ok;
}

/* ---- needs ---- */

bool mt_case_needs_met(const mt_case *c, const uint16_t *schemes, size_t n)
{
    const char *needs = c->unsupported;
    if (needs == NULL)
        return true;
    bool absent = strncmp(needs, "no ", 3) == 0;
    unsigned wanted = 0;
    if (!mt_code_find(&mt_schemes, needs + (absent ? 3 : 0) + strlen("scheme "), &wanted))
        mt_die("a need that was good is not: %s", needs);
    bool listed = false;
    for (size_t i = 0; i < n; i++)
        listed = listed || schemes[i] == wanted;
    return listed != absent;
}

/* ---- the selection ---- */

static bool is_selected(const mt_plan *plan, const mt_selection *s)
{
    static const char *const sides[] = {"server", "client"};
    const mt_case_full *c = (const mt_case_full *)plan->of;
    bool side = s->under_test == NULL || strcmp(s->under_test, sides[c->under_test]) == 0;
    bool named = s->cases_len == 0 || is_under(s->cases, s->cases_len, plan->id);
    bool level = (int)plan->of->level <= s->level;
    return side && named && level && !is_under(s->exclude, s->exclude_len, plan->id) && fits_tags(plan, s->tags);
}

bool mt_cases_plan(mt_cases *c, const mt_selection *s, mt_plans *out, mt_diag *d)
{
    mt_plans_make(c);
    bool ok = check_prefixes(c, s->cases, s->cases_len, d);
    ok = check_prefixes(c, s->exclude, s->exclude_len, d) && ok;
    ok = check_tags(c, s->tags, d) && ok;
    if (!ok)
        return false;
    const mt_plan **rows = MT_ARENA_ARRAY(c->arena, const mt_plan *, c->plans_len);
    size_t n = 0;
    for (size_t i = 0; i < c->plans_len; i++)
        if (is_selected(c->plans[i], s))
            rows[n++] = c->plans[i];
    *out = (mt_plans){rows, n};
    return true;
}
