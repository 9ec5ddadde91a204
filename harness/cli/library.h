// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CLI_LIBRARY_H
#define MT_CLI_LIBRARY_H
/* The cases and recipes that come with the program, for subcommands that only look at them. */
#include "case/case.h"

typedef struct mt_library {
    mt_pki *pki; /* in memory: nothing is made and no folder touched */
    mt_cases *cases;
} mt_library;

/* mt_library_open reads recipes, and the cases below `path` (NULL: those of the program). False: `d` has the errors. */
MT_MUST_CHECK bool mt_library_open(const char *path, mt_library *out, mt_diag *d);
void mt_library_close(mt_library *l);

/* mt_cli_usage prints the diagnostics to stderr, frees them and returns MT_EXIT_USAGE. */
int mt_cli_usage(mt_diag *d);
#endif
