// SPDX-License-Identifier: Apache-2.0
#include "wire/codes.h"

#include <errno.h>
#include <stdlib.h>

/* The words that a field of a message takes, by its name; an element of a list goes by the name of the list. */
static const struct {
    const char *field;
    const mt_codes *codes;
} fields[] = {
    {"alert", &mt_alerts},     {"message", &mt_messages},   {"extension", &mt_extensions},
    {"group", &mt_groups},     {"groups", &mt_groups},      {"scheme", &mt_schemes},
    {"schemes", &mt_schemes},  {"suite", &mt_suites},       {"suites", &mt_suites},
    {"version", &mt_versions}, {"versions", &mt_versions},  {"types", &mt_certificate_types},
};

const char *mt_code_name(const mt_codes *table, unsigned code)
{
    for (size_t i = 0; i < table->len; i++) {
        if (table->rows[i].code == code)
            return table->rows[i].name;
    }
    return NULL;
}

static bool find_number(const char *text, unsigned *code)
{
    char *end = NULL;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long value = strtoul(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
    if (*end != 0 || errno != 0 || value > 0xffffff)
        return false;
    *code = (unsigned)value;
    return true;
}

bool mt_code_find(const mt_codes *table, const char *name, unsigned *code)
{
    for (size_t i = 0; i < table->len; i++) {
        if (strcmp(table->rows[i].name, name) == 0) {
            *code = table->rows[i].code;
            return true;
        }
    }
    return find_number(name, code);
}

void mt_code_write(const mt_codes *table, unsigned code, mt_writer *out)
{
    const char *name = mt_code_name(table, code);
    mt_writef(out, "%s(%u)", name ? name : "", code);
}

const mt_codes *mt_field_codes(const char *name)
{
    for (size_t i = 0; i < MT_COUNT(fields); i++) {
        if (strcmp(fields[i].field, name) == 0)
            return fields[i].codes;
    }
    return NULL;
}
