// SPDX-License-Identifier: Apache-2.0
#include "cli/library.h"

#include "cli/cli.h"

static char *under_data(mt_arena *arena, const char *name)
{
    return mt_arena_printf(arena, "%s/%s", mt_cli_data(), name);
}

bool mt_library_open(const char *path, mt_library *out, mt_diag *d)
{
    mt_arena *arena = mt_arena_new();
    mt_pki_config config = {.recipes = under_data(arena, "certs")};
    *out = (mt_library){.pki = mt_pki_open(&config, d)};
    if (out->pki != NULL)
        out->cases = mt_cases_load(path ? path : under_data(arena, "cases"), out->pki, d);
    mt_arena_free(arena);
    if (out->cases == NULL)
        mt_library_close(out);
    return out->cases != NULL;
}

void mt_library_close(mt_library *l)
{
    mt_cases_free(l->cases);
    mt_pki_free(l->pki);
    *l = (mt_library){0};
}

int mt_cli_usage(mt_diag *d)
{
    mt_diag_print(d, stderr);
    mt_diag_free(d);
    return MT_EXIT_USAGE;
}
