// SPDX-License-Identifier: Apache-2.0
#include "cli/embedded.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 64, READY_US = 10000000, PATH_TEXT = 4096 };

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

static bool fill(command_line *c, mt_pki *pki, const mt_embedded_asked *asked, mt_diag *d)
{
    char folder[PATH_TEXT];
    mt_program_folder(folder, sizeof folder);
    c->words[c->len++] = mt_arena_printf(c->arena, "%s/mtlspec-refserver", folder);
    if (!mt_pki_make(pki, d) || !add_certificate(c, pki, MT_RSA, d) || !add_certificate(c, pki, MT_ECC, d))
        return false;
    add(c, "--ca", mt_arena_printf(c->arena, "%s/ca.pem", asked->pki_dir));
    add(c, "--policy", asked->policy);
    for (size_t i = 0; i < asked->faults_len; i++)
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
    bool ok = fill(&c, pki, asked, d) && start(l, &c, out, d);
    mt_arena_free(c.arena);
    return ok;
}

void mt_embedded_stop(mt_embedded *e)
{
    mt_child_stop(e->child);
    e->child = NULL;
}
