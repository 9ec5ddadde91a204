// SPDX-License-Identifier: Apache-2.0
/* The reference page of a schema, printed from the same tables that read the files. */
#include "base/yaml.h"

static const char *const type_words[] = {
    [MT_YAML_TEXT] = "text",         [MT_YAML_WORD] = "word",       [MT_YAML_WORDS] = "words",   [MT_YAML_NUMBER] = "number",
    [MT_YAML_YESNO] = "true, false", [MT_YAML_TEXTS] = "texts",     [MT_YAML_NODE] = "any",      [MT_YAML_MAP] = "map",
    [MT_YAML_MAPS] = "list of maps", [MT_YAML_NAMED] = "named maps", [MT_YAML_READ] = "special",
};

static void write_values(const mt_yaml_key *key, mt_writer *out)
{
    if (key->type == MT_YAML_NUMBER)
        mt_writef(out, " (%ld to %ld)", key->min, key->max);
    for (size_t i = 0; i < key->words_len; i++)
        mt_writef(out, "%s%s%s", i ? " " : " (", key->words[i].name, i + 1 == key->words_len ? ")" : "");
}

static void write_schema(const mt_yaml_schema *schema, unsigned depth, mt_writer *out)
{
    for (size_t i = 0; i < schema->len; i++) {
        const mt_yaml_key *key = &schema->keys[i];
        mt_writef(out, "%*s%-*s %-12s %s%s", (int)(2 * depth), "", (int)(20 - 2 * depth), key->key, type_words[key->type],
            key->required ? "needed; " : "", key->doc ? key->doc : "");
        write_values(key, out);
        mt_writef(out, "\n");
        if (key->sub != NULL && depth < 8)
            write_schema(key->sub, depth + 1, out);
    }
}

void mt_yaml_reference(const mt_yaml_schema *schema, mt_writer *out)
{
    mt_writef(out, "%s: %s\n", schema->what, schema->doc ? schema->doc : "");
    if (schema->format)
        mt_writef(out, "%-20s %-12s %s\n", "format", "number", "needed; 1, in the first line");
    write_schema(schema, 0, out);
}
