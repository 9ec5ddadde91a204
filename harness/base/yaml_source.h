// SPDX-License-Identifier: Apache-2.0
#ifndef MT_BASE_YAML_SOURCE_H
#define MT_BASE_YAML_SOURCE_H
/* The source text of a YAML file: checked characters, lines, carets. For the yaml files of base only. */
#include "base/yaml.h"

/* mt_yaml_source checks size and characters of `bytes` and cuts them into lines (copied into `arena`). NULL: `d` has the line. */
mt_yaml_file *mt_yaml_source(const char *name, mt_span bytes, mt_arena *arena, mt_diag *d);
/* mt_yaml_caret adds the line of `place` to the last error and `width` carets below it, with `note` (or NULL) behind. */
void mt_yaml_caret(const mt_yaml_file *f, mt_place place, size_t width, const char *note, mt_diag *d);
#endif
