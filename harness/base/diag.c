// SPDX-License-Identifier: Apache-2.0
#include "base/diag.h"

#include "base/writer.h"

#include <ctype.h>
#include <string.h>

struct mt_diag {
    mt_writer text;
    size_t count;
};

mt_diag *mt_diag_new(void)
{
    return mt_alloc(sizeof(mt_diag));
}

void mt_diag_free(mt_diag *d)
{
    if (d == NULL)
        return;
    mt_writer_free(&d->text);
    mt_free(d);
}

MT_PRINTF(2, 0) static void append(mt_diag *d, const char *fmt, va_list args)
{
    char line[2048];
    vsnprintf(line, sizeof line, fmt, args);
    mt_writef(&d->text, "%s\n", line);
}

void mt_diag_add(mt_diag *d, mt_place place, const char *fmt, ...)
{
    if (place.file != NULL)
        mt_writef(&d->text, "%s:", place.file);
    if (place.file != NULL && place.line > 0)
        mt_writef(&d->text, "%d:", place.line);
    if (place.file != NULL && place.line > 0 && place.column > 0)
        mt_writef(&d->text, "%d:", place.column);
    mt_writef(&d->text, "%serror: ", place.file ? " " : "");
    va_list args;
    va_start(args, fmt);
    append(d, fmt, args);
    va_end(args);
    d->count++;
}

void mt_diag_hint(mt_diag *d, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    append(d, fmt, args);
    va_end(args);
}

size_t mt_diag_count(const mt_diag *d)
{
    return d->count;
}

void mt_diag_print(const mt_diag *d, FILE *to)
{
    if (d->text.len != 0)
        fwrite(d->text.at, 1, d->text.len, to);
}

const char *mt_diag_text(mt_diag *d)
{
    return mt_writer_text(&d->text);
}

enum { NEAREST_MAX = 64 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein distance, one row kept; words longer than NEAREST_MAX are never near. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NEAREST_MAX + 1], n = strlen(b);
    if (n > NEAREST_MAX || strlen(a) > NEAREST_MAX)
        return NEAREST_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != 0; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t above = row[j + 1];
            row[j + 1] = smallest(row[j] + 1, above + 1, diagonal + (a[i] != b[j]));
            diagonal = above;
        }
    }
    return row[n];
}

const char *mt_nearest(const char *wrong, const char *const *words, size_t n)
{
    const char *best = NULL;
    size_t limit = strlen(wrong) / 3 + 1;
    for (size_t i = 0; i < n && limit <= NEAREST_MAX / 3 + 1; i++) {
        size_t d = distance(wrong, words[i]);
        bool slip = d < 2 || tolower((unsigned char)wrong[0]) == tolower((unsigned char)words[i][0]);
        if (d <= limit && slip) {
            limit = d - (d > 0);
            best = words[i];
        }
        if (d == 0)
            break;
    }
    return best;
}
