// SPDX-License-Identifier: Apache-2.0
#include "pki/inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS_OF_DAY = 86400, YEARS = 10, DAYS_OF_YEAR = 365, READ_MAX = 4 << 20 };

static bool fail(mt_diag *d, const char *file, const char *what)
{
    mt_diag_add(d, (mt_place){file, 0, 0}, "%s: %s", what, strerror(errno));
    return false;
}

bool mt_file_exists(const char *file)
{
    struct stat st;
    return stat(file, &st) == 0;
}

bool mt_file_read(const char *file, mt_writer *out, mt_diag *d)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(d, file, "cannot be read");
    ssize_t n = 1;
    while (n > 0 && out->len < READ_MAX) {
        uint8_t room[4096];
        n = read(fd, room, sizeof room);
        if (n > 0)
            mt_write_bytes(out, mt_span_of(room, (size_t)n));
    }
    if (n < 0)
        fail(d, file, "cannot be read");
    close(fd);
    return n >= 0;
}

static bool write_all(int fd, mt_span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.at, bytes.len);
        if (n < 0 && errno != EINTR)
            return false;
        bytes = mt_span_skip(bytes, n > 0 ? (size_t)n : 0);
    }
    return true;
}

typedef enum placing { REPLACE, KEEP_OLD } placing;

static bool place(const char *fresh, const char *file, placing how)
{
    if (how == REPLACE)
        return rename(fresh, file) == 0;
    bool ok = link(fresh, file) == 0 || errno == EEXIST;
    unlink(fresh);
    return ok;
}

static bool write_file(const char *file, mt_span bytes, unsigned mode, placing how)
{
    mt_writer name = {0};
    mt_writef(&name, "%s.%ld.new", file, (long)getpid());
    const char *fresh = mt_writer_text(&name);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    bool ok = fd >= 0 && fchmod(fd, (mode_t)mode) == 0 && write_all(fd, bytes);
    int why = errno;
    if (fd >= 0 && close(fd) != 0) {
        ok = false;
        why = errno;
    }
    if (ok) {
        ok = place(fresh, file, how);
        why = errno;
    }
    if (!ok && fd >= 0)
        unlink(fresh);
    mt_writer_free(&name);
    errno = why;
    return ok;
}

bool mt_file_write(const char *file, mt_span bytes, unsigned mode, mt_diag *d)
{
    return write_file(file, bytes, mode, REPLACE) || fail(d, file, "cannot be written");
}

bool mt_file_write_once(const char *file, mt_span bytes, unsigned mode, mt_diag *d)
{
    return write_file(file, bytes, mode, KEEP_OLD) || fail(d, file, "cannot be written");
}

bool mt_folder_make(const char *path, unsigned mode, mt_diag *d)
{
    mt_writer part = {0};
    bool ok = true;
    for (const char *slash = strchr(path + 1, '/'); ok && slash != NULL; slash = strchr(slash + 1, '/')) {
        mt_writer_clear(&part);
        mt_write_bytes(&part, mt_span_of(path, (size_t)(slash - path)));
        ok = mkdir(mt_writer_text(&part), 0755) == 0 || errno == EEXIST;
    }
    ok = ok && (mkdir(path, (mode_t)mode) == 0 || errno == EEXIST);
    mt_writer_free(&part);
    return ok || fail(d, path, "the folder cannot be made");
}

static bool has_end(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

/* Removes what this module writes: certificates and keys in one folder, nothing else. */
static void forget(mt_pki *p, const char *folder)
{
    const char *path = mt_arena_printf(p->arena, "%s/%s", p->dir, folder);
    DIR *dir = opendir(path);
    if (dir == NULL)
        return;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        if (has_end(e->d_name, ".pem") || has_end(e->d_name, ".key"))
            unlink(mt_arena_printf(p->arena, "%s/%s", path, e->d_name));
    closedir(dir);
}

static bool parse_birth(mt_pki *p, const char *text)
{
    mt_civil c = {0};
    unsigned year = 0;
    if (strlen(text) < 10)
        return false;
    static const struct {
        unsigned at, digits;
    } parts[] = {{0, 4}, {5, 2}, {8, 2}};
    unsigned *const values[] = {&year, &c.month, &c.day};
    for (size_t i = 0; i < MT_COUNT(parts); i++)
        for (unsigned k = 0; k < parts[i].digits; k++) {
            char digit = text[parts[i].at + k];
            if (digit < '0' || digit > '9')
                return false;
            *values[i] = *values[i] * 10 + (unsigned)(digit - '0');
        }
    c.year = year;
    p->birth = mt_time_seconds(c);
    return text[4] == '-' && text[7] == '-' && c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= 31;
}

static bool read_birth(mt_pki *p, const char *file, mt_diag *d)
{
    mt_writer text = {0};
    bool ok = mt_file_read(file, &text, d);
    if (ok && !parse_birth(p, mt_writer_text(&text))) {
        mt_diag_add(d, (mt_place){file, 1, 0}, "is not the birth date of this folder (wanted: 2026-11-21); --renew makes all CAs anew");
        ok = false;
    }
    mt_writer_free(&text);
    int64_t end = p->birth + (int64_t)YEARS * DAYS_OF_YEAR * SECONDS_OF_DAY;
    if (ok && (p->today > end - SECONDS_OF_DAY || p->birth > p->today + SECONDS_OF_DAY)) {
        mt_diag_add(d, (mt_place){file, 1, 0}, "the CAs of this folder are not valid now; --renew makes them anew");
        ok = false;
    }
    return ok;
}

static bool write_birth(mt_pki *p, const char *file, mt_diag *d)
{
    mt_civil c = mt_time_civil(p->birth);
    mt_writer text = {0};
    mt_writef(&text, "%04d-%02u-%02u\n", (int)c.year, c.month, c.day);
    bool ok = mt_file_write(file, mt_written(&text), 0644, d);
    mt_writer_free(&text);
    return ok;
}

bool mt_folder_open(mt_pki *p, bool renew, mt_diag *d)
{
    p->birth = p->today;
    if (p->dir == NULL)
        return true;
    if (!mt_folder_make(p->dir, 0755, d) || !mt_folder_make(mt_arena_printf(p->arena, "%s/keys", p->dir), 0700, d))
        return false;
    const char *file = mt_arena_printf(p->arena, "%s/born", p->dir);
    if (renew) {
        unlink(file);
        forget(p, "keys");
        for (int a = 0; a < MT_ALGORITHMS; a++)
            forget(p, mt_algorithm_name((mt_algorithm)a));
    }
    return mt_file_exists(file) ? read_birth(p, file, d) : write_birth(p, file, d);
}
