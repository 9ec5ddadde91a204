// SPDX-License-Identifier: Apache-2.0
#ifndef MT_BASE_DIAG_H
#define MT_BASE_DIAG_H
/* Diagnostics: what is wrong with something that a user gave us (an option, a case file, a key). Each has a place, a
 * sentence and perhaps a line of the source with a caret. Several may be collected before anybody prints them. */
#include "base/mem.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct mt_place {
    const char *file; /* borrowed; NULL: no file (a command line option) */
    int line, column; /* from 1; 0: unknown */
} mt_place;

typedef struct mt_diag mt_diag;
mt_diag *mt_diag_new(void);
void mt_diag_free(mt_diag *d);
/* mt_diag_add records "file:line:column: error: text" (without the parts that are unknown). */
void mt_diag_add(mt_diag *d, mt_place place, const char *fmt, ...) MT_PRINTF(3, 4);
/* mt_diag_hint appends a line that belongs to the error added last (a source line, a caret, a suggestion). */
void mt_diag_hint(mt_diag *d, const char *fmt, ...) MT_PRINTF(2, 3);
size_t mt_diag_count(const mt_diag *d);
void mt_diag_print(const mt_diag *d, FILE *to);
/* mt_diag_text returns everything as one string, valid until the next call on `d`. */
const char *mt_diag_text(mt_diag *d);

/* mt_nearest returns the word of `words` (n of them) nearest to `wrong`, or NULL if none is near enough to suggest. Who makes
 * more than one mistake still gets the first letter right. */
const char *mt_nearest(const char *wrong, const char *const *words, size_t n);
#endif
