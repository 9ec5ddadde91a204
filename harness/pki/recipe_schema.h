// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_RECIPE_SCHEMA_H
#define MT_PKI_RECIPE_SCHEMA_H
/* The schema of recipe files; only for recipe.c and the printed reference. */
#include "pki/recipe.h"

enum { MT_RECIPE_READ_SIZE = 16 }; /* what a key of type MT_YAML_READ fills */

typedef struct mt_recipe_file {
    mt_yaml_head head;
    mt_yaml_rows recipes;
} mt_recipe_file;

extern const mt_yaml_schema mt_recipe_file_schema;
#endif
