// SPDX-License-Identifier: Apache-2.0
#include "report/junit.h"

#include "report/file.h"

#include <unistd.h>

static const char *hostname_of(mt_arena *arena, const char *given)
{
    char name[256] = "";
    if (!given && gethostname(name, sizeof name - 1) != 0)
        given = "localhost";
    return mt_text_copy(arena, given ? given : name, MT_TEXT_XML_LINE, 0);
}

static void *junit_open(const mt_report_options *o, mt_diag *d)
{
    if (!mt_report_prepare(o->path, d))
        return NULL;
    mt_junit *j = mt_alloc(sizeof *j);
    j->arena = mt_arena_new();
    j->path = mt_strdup(o->path);
    j->hostname = hostname_of(j->arena, o->hostname);
    j->style = o->style;
    return j;
}

static void junit_begin(void *self, const mt_summary *s)
{
    (void)s;
    mt_report_forget(((mt_junit *)self)->path);
}

static void junit_result(void *self, const mt_result *r)
{
    mt_junit_add(self, r);
}

static void free_suite(mt_junit_suite *suite)
{
    for (size_t i = 0; i < suite->len; i++)
        mt_free(suite->cases[i].marks);
    mt_free(suite->cases);
}

static void junit_drop(void *self)
{
    mt_junit *j = self;
    if (!j)
        return;
    for (size_t i = 0; i < j->len; i++)
        free_suite(&j->suites[i]);
    mt_free(j->suites);
    mt_free(j->path);
    mt_arena_free(j->arena);
    mt_free(j);
}

static bool junit_end(void *self, const mt_summary *s, mt_diag *d)
{
    mt_junit *j = self;
    mt_writer out = {0};
    if (j->len == 0)
        mt_junit_no_results(j);
    mt_junit_xml(j, s, &out);
    bool ok = mt_report_write(j->path, mt_written(&out), d);
    mt_writer_free(&out);
    junit_drop(j);
    return ok;
}

const mt_reporter mt_report_junit = {
    .name = "junit", .open = junit_open, .begin = junit_begin, .result = junit_result, .end = junit_end, .drop = junit_drop,
};
