// SPDX-License-Identifier: Apache-2.0
/* The language of edits: any text is an edit or exactly one error. */
#include "engine/edit.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mt_arena *arena = mt_arena_new();
    mt_diag *d = mt_diag_new();
    mt_edit edit;
    bool ok = mt_edit_parse(mt_arena_copy(arena, data, size), (mt_place){"fuzz", 1, 1}, arena, &edit, d);
    if (mt_diag_count(d) != (ok ? 0 : 1) || (ok && edit.message == NULL))
        abort();
    mt_diag_free(d);
    mt_arena_free(arena);
    return 0;
}
