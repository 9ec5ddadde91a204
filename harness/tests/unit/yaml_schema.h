// SPDX-License-Identifier: Apache-2.0
#ifndef MT_TESTS_YAML_SCHEMA_H
#define MT_TESTS_YAML_SCHEMA_H
/* A small schema with a key of every type, for the unit test and the fuzz target of base/yaml.h. */
#include "base/yaml.h"

typedef struct small_limits {
    mt_yaml_head head;
    long from;
} small_limits;

typedef struct small_case {
    mt_yaml_head head;
    const char *id, *title;
    int level;
    bool alone;
    long padding;
    mt_yaml_texts tags;
    unsigned over;
    const mt_yaml *twin;
    small_limits *limits;
    const char *shout;
} small_case;

typedef struct small_file {
    mt_yaml_head head;
    mt_yaml_rows cases, named;
} small_file;

static bool small_shout(mt_yaml_walk *w, const mt_yaml *node, void *field)
{
    bool ok = node->text != NULL && strchr(node->text, '!') != NULL;
    if (!ok)
        mt_yaml_error(w->file, node, w->d, "'shout' wants a !");
    *(const char **)field = node->text;
    return ok;
}

static const mt_yaml_word small_levels[] = {{"must", 1}, {"should", 2}};
static const mt_yaml_word small_axes[] = {{"tls1.2", 0}, {"tls1.3", 1}, {"no", 2}};

#define AT(field) .offset = offsetof(small_limits, field)
static const mt_yaml_key small_limits_keys[] = {{.key = "from", .type = MT_YAML_NUMBER, AT(from), .min = -5, .max = 0x10}};
#undef AT
static const mt_yaml_schema small_limits_schema = {.what = "limits", .keys = small_limits_keys, .len = 1, .size = sizeof(small_limits)};

#define AT(field) .offset = offsetof(small_case, field)
static const mt_yaml_key small_case_keys[] = {
    {.key = "id", .type = MT_YAML_TEXT, AT(id), .required = true, .doc = "its name"},
    {.key = "title", .type = MT_YAML_TEXT, AT(title)},
    {.key = "level", .type = MT_YAML_WORD, AT(level), .words = small_levels, .words_len = MT_COUNT(small_levels)},
    {.key = "alone", .type = MT_YAML_YESNO, AT(alone)},
    {.key = "padding", .type = MT_YAML_NUMBER, AT(padding), .max = 65535},
    {.key = "tags", .type = MT_YAML_TEXTS, AT(tags)},
    {.key = "over", .type = MT_YAML_WORDS, AT(over), .words = small_axes, .words_len = MT_COUNT(small_axes)},
    {.key = "twin", .type = MT_YAML_NODE, AT(twin)},
    {.key = "limits", .type = MT_YAML_MAP, AT(limits), .sub = &small_limits_schema},
    {.key = "shout", .type = MT_YAML_READ, AT(shout), .read = small_shout},
};
#undef AT
static const mt_yaml_schema small_case_schema = {
    .what = "a case", .keys = small_case_keys, .len = MT_COUNT(small_case_keys), .size = sizeof(small_case)};

#define AT(field) .offset = offsetof(small_file, field)
static const mt_yaml_key small_file_keys[] = {
    {.key = "cases", .type = MT_YAML_MAPS, AT(cases), .required = true, .sub = &small_case_schema},
    {.key = "named", .type = MT_YAML_NAMED, AT(named), .sub = &small_limits_schema},
};
#undef AT
static const mt_yaml_schema small_schema = {
    .what = "a file", .keys = small_file_keys, .len = MT_COUNT(small_file_keys), .size = sizeof(small_file), .format = true};
#endif
