// SPDX-License-Identifier: Apache-2.0
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refpeer/common.h"

/* A setter stores one value into the field of its option; false means that the value is not of that kind. */
typedef bool setter(const mt_ref_option *option, void *field, const char *value);

static bool read_number(const char *text, const char **rest, int *out)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || n > INT_MAX)
        return false;
    *rest = end;
    *out = (int)n;
    return true;
}

static bool set_text(const mt_ref_option *option, void *field, const char *value)
{
    (void)option;
    *(const char **)field = value;
    return true;
}

static bool set_list(const mt_ref_option *option, void *field, const char *value)
{
    (void)option;
    mt_ref_list *list = field;
    if (list->len == MT_REF_LIST_MAX)
        return false;
    list->at[list->len++] = value;
    return true;
}

static bool set_number(const mt_ref_option *option, void *field, const char *value)
{
    (void)option;
    const char *rest;
    return read_number(value, &rest, field) && *rest == '\0';
}

static bool set_time(const mt_ref_option *option, void *field, const char *value)
{
    (void)option;
    const char *unit;
    int n;
    if (!read_number(value, &unit, &n))
        return false;
    if (strcmp(unit, "ms") != 0 && (strcmp(unit, "s") != 0 || n > INT_MAX / 1000))
        return false;
    *(int *)field = strcmp(unit, "s") == 0 ? n * 1000 : n;
    return true;
}

static bool set_choice(const mt_ref_option *option, void *field, const char *value)
{
    size_t len = strlen(value);
    int index = 0;
    for (const char *word = option->value; word != NULL; index++) {
        const char *end = strchr(word, '|');
        size_t n = end != NULL ? (size_t)(end - word) : strlen(word);
        if (n == len && strncmp(word, value, n) == 0) {
            *(int *)field = index;
            return true;
        }
        word = end != NULL ? end + 1 : NULL;
    }
    return false;
}

static bool set_flag(const mt_ref_option *option, void *field, const char *value)
{
    (void)option;
    *(bool *)field = true;
    return value == NULL;
}

static setter *const setters[] = {
    [MT_REF_TEXT] = set_text, [MT_REF_LIST] = set_list,     [MT_REF_NUMBER] = set_number,
    [MT_REF_TIME] = set_time, [MT_REF_CHOICE] = set_choice, [MT_REF_FLAG] = set_flag,
};

static void print_usage(const mt_ref_program *p)
{
    printf("usage: %s [option...]\n", p->name);
    for (size_t i = 0; i < p->len; i++) {
        const mt_ref_option *o = &p->options[i];
        printf("  --%s %s\n", o->name, o->value);
    }
}

static const mt_ref_option *find(const mt_ref_program *p, const char *name, size_t len)
{
    for (size_t i = 0; i < p->len; i++) {
        if (strlen(p->options[i].name) == len && strncmp(p->options[i].name, name, len) == 0)
            return &p->options[i];
    }
    mt_ref_die(MT_REF_EXIT_USAGE, "%s: unknown option --%.*s", p->name, (int)len, name);
}

/* Reads the option at `argv` and returns where the next one is. */
static char *const *read_option(const mt_ref_program *p, char *const *argv, void *into)
{
    if (strncmp(argv[0], "--", 2) != 0)
        mt_ref_die(MT_REF_EXIT_USAGE, "%s: expected an option, not '%s'", p->name, argv[0]);
    const char *name = argv[0] + 2;
    const char *equals = strchr(name, '=');
    const mt_ref_option *o = find(p, name, equals != NULL ? (size_t)(equals - name) : strlen(name));
    bool apart = equals == NULL && o->kind != MT_REF_FLAG;
    if (apart && argv[1] == NULL)
        mt_ref_die(MT_REF_EXIT_USAGE, "%s: --%s wants a value: %s", p->name, o->name, o->value);
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (apart)
        value = argv[1];
    if (!setters[o->kind](o, (char *)into + o->at, value))
        mt_ref_die(MT_REF_EXIT_USAGE, "%s: --%s wants %s, not '%s'", p->name, o->name, o->value, value);
    return argv + (apart ? 2 : 1);
}

void mt_ref_read_options(const mt_ref_program *p, char *const *argv, void *into)
{
    if (argv[0] != NULL)
        argv++;
    while (argv[0] != NULL) {
        if (strcmp(argv[0], "--help") == 0) {
            print_usage(p);
            exit(0);
        }
        argv = read_option(p, argv, into);
    }
}
