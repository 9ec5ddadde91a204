// SPDX-License-Identifier: Apache-2.0
#include "cli/embedded.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 64, READY_US = 10000000, PATH_TEXT = 4096, FAULTS_MAX = 200 };

typedef struct command_line {
    const char *words[WORDS_MAX];
    size_t len;
    mt_arena *arena;
} command_line;

static void add(command_line *c, const char *option, const char *value)
{
    if (c->len + 3 > WORDS_MAX)
        mt_die("too many words for the reference server");
    c->words[c->len++] = option;
    c->words[c->len++] = value;
}

/* ---- faults ---- */

static const char *program(mt_arena *arena, const char *name)
{
    char folder[PATH_TEXT];
    mt_program_folder(folder, sizeof folder);
    return mt_arena_printf(arena, "%s/%s", folder, name);
}

static void begin(command_line *c, mt_embedded_kind kind)
{
    c->words[c->len++] = program(c->arena, kind == MT_EMBEDDED_SM2 ? "mtlspec" : "mtlspec-refserver");
    if (kind == MT_EMBEDDED_SM2)
        c->words[c->len++] = "serve";
}

typedef struct fault_names {
    mt_arena *arena;
    const char *rows[FAULTS_MAX];
    size_t len;
} fault_names;

static void take_fault(void *self, const char *line)
{
    fault_names *f = self;
    if (f->len < FAULTS_MAX)
        f->rows[f->len++] = mt_arena_printf(f->arena, "%.*s", (int)strcspn(line, "\t "), line);
}

/* list_faults appends the names that a server knows to `f`. */
static bool list_faults(mt_loop *l, mt_embedded_kind kind, fault_names *f, mt_diag *d)
{
    command_line c = {.arena = f->arena};
    char error[200] = "it does not answer";
    begin(&c, kind);
    c.words[c.len++] = "--list-faults";
    mt_child *child = mt_child_start(l, c.words, error);
    bool ok = child != NULL && mt_child_each_line(child, &(mt_line_taker){take_fault, f}, READY_US);
    if (!ok)
        mt_diag_add(d, (mt_place){0}, "the embedded reference server: %s", error);
    mt_child_stop(child);
    return ok;
}

static bool is_listed(const fault_names *f, const char *name)
{
    for (size_t i = 0; i < f->len; i++)
        if (strcmp(f->rows[i], name) == 0)
            return true;
    return false;
}

static bool complain_unlisted(const fault_names *f, const char *name, mt_diag *d)
{
    const char *near = mt_nearest(name, f->rows, f->len);
    mt_diag_add(d, (mt_place){0}, "--fault %s: the reference server has no such fault%s%s%s", name, near ? "; did you mean '" : "",
        near ? near : "", near ? "'? (mtlspec-refserver --list-faults)" : " (mtlspec-refserver --list-faults names them)");
    return false;
}

bool mt_embedded_has_faults(mt_loop *l, const mt_embedded_asked *asked, mt_diag *d)
{
    if (asked->faults_len == 0)
        return true;
    fault_names f = {.arena = mt_arena_new()};
    bool ok = true;
    for (mt_embedded_kind k = MT_EMBEDDED_REFSERVER; ok && k < MT_EMBEDDED_KINDS; k++)
        ok = list_faults(l, k, &f, d);
    for (size_t i = 0; ok && i < asked->faults_len; i++)
        ok = is_listed(&f, asked->faults[i]) || complain_unlisted(&f, asked->faults[i], d);
    mt_arena_free(f.arena);
    return ok;
}

/* ---- the servers ---- */

static bool add_certificate(command_line *c, mt_pki *pki, mt_algorithm a, mt_diag *d)
{
    static const char *const server[] = {"server"};
    mt_presentation what = {.names = server, .len = 1, .natural = true, .algorithm = a};
    const char *file = mt_pki_file(pki, &what, d);
    if (file == NULL)
        return false;
    const char *dot = strrchr(file, '.');
    add(c, "--cert", file);
    add(c, "--key", mt_arena_printf(c->arena, "%.*s.key", (int)(dot - file), file));
    return true;
}

static bool equip_refserver(command_line *c, mt_pki *pki, const mt_embedded_asked *asked, mt_diag *d)
{
    if (!mt_pki_make(pki, d) || !add_certificate(c, pki, MT_RSA, d) || !add_certificate(c, pki, MT_ECC, d))
        return false;
    add(c, "--ca", mt_arena_printf(c->arena, "%s/ca.pem", asked->pki_dir));
    return true;
}

/* Without --ca it trusts the roots of every algorithm, which have to be the ones that we issue under. */
static bool equip_sm2(command_line *c, mt_pki *pki, const mt_embedded_asked *asked, mt_diag *d)
{
    add(c, "--algorithm", "sm2");
    add(c, "--pki", asked->pki_dir);
    return mt_pki_make(pki, d) && mt_pki_make_sm2(pki, d);
}

static bool add_faults(mt_loop *l, command_line *c, const mt_embedded_asked *asked, mt_diag *d)
{
    fault_names known = {.arena = c->arena};
    if (asked->faults_len == 0)
        return true;
    if (!list_faults(l, asked->kind, &known, d))
        return false;
    for (size_t i = 0; i < asked->faults_len; i++)
        if (is_listed(&known, asked->faults[i]))
            add(c, "--fault", asked->faults[i]);
    return true;
}

static bool start(mt_loop *l, const command_line *c, mt_embedded *out, mt_diag *d)
{
    char error[200];
    out->child = mt_child_start(l, c->words, error);
    if (out->child == NULL) {
        mt_diag_add(d, (mt_place){0}, "the embedded reference server: %s", error);
        return false;
    }
    const char *address = mt_child_wait_line(out->child, "ready ", READY_US);
    if (address == NULL) {
        mt_diag_add(d, (mt_place){0}, "the embedded reference server did not get ready");
        mt_embedded_stop(out);
        return false;
    }
    snprintf(out->url, sizeof out->url, "https://%.100s", address);
    return true;
}

bool mt_embedded_start(mt_loop *l, mt_pki *pki, const mt_embedded_asked *asked, mt_embedded *out, mt_diag *d)
{
    command_line c = {.arena = mt_arena_new()};
    *out = (mt_embedded){0};
    begin(&c, asked->kind);
    add(&c, "--policy", asked->policy);
    bool ok = asked->kind == MT_EMBEDDED_SM2 ? equip_sm2(&c, pki, asked, d) : equip_refserver(&c, pki, asked, d);
    ok = ok && add_faults(l, &c, asked, d) && start(l, &c, out, d);
    mt_arena_free(c.arena);
    return ok;
}

void mt_embedded_stop(mt_embedded *e)
{
    mt_child_stop(e->child);
    e->child = NULL;
}
