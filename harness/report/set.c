// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

typedef struct member {
    const mt_reporter *reporter;
    void *self; /* NULL once it has ended */
    char *path; /* NULL: the terminal */
} member;

struct mt_reports {
    member *rows;
    size_t len, cap;
};

mt_reports *mt_reports_new(void)
{
    return mt_alloc(sizeof(mt_reports));
}

void mt_reports_free(mt_reports *all)
{
    if (!all)
        return;
    for (size_t i = 0; i < all->len; i++) {
        all->rows[i].reporter->drop(all->rows[i].self);
        mt_free(all->rows[i].path);
    }
    mt_free(all->rows);
    mt_free(all);
}

static bool same_path(const mt_reports *all, const char *path)
{
    for (size_t i = 0; i < all->len && path; i++) {
        if (all->rows[i].path && strcmp(all->rows[i].path, path) == 0)
            return true;
    }
    return false;
}

bool mt_reports_add(mt_reports *all, const mt_reporter *reporter, const mt_report_options *o, mt_diag *d)
{
    const char *path = reporter == &mt_report_terminal ? NULL : o->path;
    if (same_path(all, path)) {
        const char *what = strcmp(path, "-") == 0 ? "two reports on standard output" : "two reports with the same path";
        mt_diag_add(d, (mt_place){path, 0, 0}, "%s", what);
        return false;
    }
    mt_report_options used = *o;
    if (!path && !used.out)
        used.out = same_path(all, "-") ? stderr : stdout;
    void *self = reporter->open(&used, d);
    if (!self)
        return false;
    MT_GROW(all->rows, all->len, all->cap);
    all->rows[all->len++] = (member){reporter, self, path ? mt_strdup(path) : NULL};
    return true;
}

void mt_reports_begin(mt_reports *all, const mt_summary *s)
{
    for (size_t i = 0; i < all->len; i++)
        all->rows[i].reporter->begin(all->rows[i].self, s);
}

void mt_reports_result(mt_reports *all, const mt_result *r)
{
    for (size_t i = 0; i < all->len; i++)
        all->rows[i].reporter->result(all->rows[i].self, r);
}

void mt_reports_progress(mt_reports *all, const mt_progress *p)
{
    for (size_t i = 0; i < all->len; i++) {
        if (all->rows[i].reporter->progress)
            all->rows[i].reporter->progress(all->rows[i].self, p);
    }
}

static void tell_written(mt_reports *all, const char *path)
{
    for (size_t i = 0; i < all->len && strcmp(path, "-") != 0; i++) {
        if (all->rows[i].reporter->wrote && all->rows[i].self)
            all->rows[i].reporter->wrote(all->rows[i].self, path);
    }
}

static bool end_row(mt_reports *all, member *row, const mt_summary *s, mt_diag *d)
{
    void *self = row->self;
    if (!self)
        return true;
    row->self = NULL;
    bool ok = row->reporter->end(self, s, d);
    if (ok && row->path)
        tell_written(all, row->path);
    return ok;
}

bool mt_reports_end_files(mt_reports *all, const mt_summary *s, mt_diag *d)
{
    bool ok = true;
    for (size_t i = 0; i < all->len; i++) {
        if (all->rows[i].path)
            ok = end_row(all, &all->rows[i], s, d) && ok;
    }
    return ok;
}

bool mt_reports_end_terminal(mt_reports *all, const mt_summary *s, mt_diag *d)
{
    bool ok = true;
    for (size_t i = 0; i < all->len; i++) {
        if (!all->rows[i].path)
            ok = end_row(all, &all->rows[i], s, d) && ok;
    }
    return ok;
}
