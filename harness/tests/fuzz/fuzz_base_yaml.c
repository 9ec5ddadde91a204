// SPDX-License-Identifier: Apache-2.0
/* YAML files: whatever the bytes are, the walk ends, and a failure has a place within the file and a caret below its line. */
#include "base/yaml.h"
#include "yaml_schema.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_places(const mt_yaml *node, const mt_yaml_file *file)
{
    if (node->line < 1 || (size_t)node->line > file->lines_len || node->column < 1)
        abort();
    for (size_t i = 0; i < node->len; i++) {
        if ((node->entries[i].key != NULL) != (node->kind == MT_YAML_IS_MAP))
            abort();
        check_places(node->entries[i].value, file);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mt_arena *arena = mt_arena_new();
    mt_diag *d = mt_diag_new();
    mt_yaml_walk w = {mt_yaml_parse("fuzz", mt_span_of(data, size), arena, d), arena, d, NULL};
    small_file file;
    if (w.file != NULL)
        check_places(w.file->root, w.file);
    bool ok = w.file != NULL && mt_yaml_read(&w, &small_schema, &file);
    if (ok != (mt_diag_count(d) == 0))
        abort();
    mt_diag_free(d);
    mt_arena_free(arena);
    return 0;
}
