// SPDX-License-Identifier: Apache-2.0
#define _XOPEN_SOURCE 700 /* realpath */
#include "report/file.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0755, FILE_MODE = 0644 };

static bool complain(const char *path, const char *what, mt_diag *d)
{
    int why = errno;
    mt_diag_add(d, (mt_place){path, 0, 0}, "%s: %s", what, strerror(why));
    return false;
}

static bool is_stdout(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* A device or a pipe; /dev/stdout too, unless that is a file. */
static bool is_stream(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder of `path` without the final slash ("." without one), for mt_free. */
static char *folder_of(const char *path)
{
    char *folder = mt_strdup(path);
    char *slash = strrchr(folder, '/');
    if (slash) {
        slash[slash == folder] = 0;
        return folder;
    }
    mt_free(folder);
    return mt_strdup(".");
}

static bool is_made(const char *folder)
{
    if (mkdir(folder, FOLDER_MODE) == 0)
        return true;
    int why = errno;
    if (is_folder(folder))
        return true;
    errno = why == EEXIST ? ENOTDIR : why;
    return false;
}

static bool make_folders(char *folder)
{
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        bool made = is_made(folder);
        *slash = '/';
        if (!made)
            return false;
    }
    return is_made(folder);
}

bool mt_report_prepare(const char *path, mt_diag *d)
{
    if (is_stdout(path) || is_stream(path))
        return true;
    size_t len = strlen(path);
    if (len == 0 || path[len - 1] == '/' || is_folder(path)) {
        mt_diag_add(d, (mt_place){path, 0, 0}, "a report needs the path of a file, this is a folder");
        return false;
    }
    char *folder = folder_of(path);
    bool ok = make_folders(folder) || complain(path, "cannot make its folder", d);
    ok = ok && (access(folder, W_OK | X_OK) == 0 || complain(path, "cannot be written, its folder", d));
    mt_free(folder);
    return ok;
}

void mt_report_forget(const char *path)
{
    struct stat st;
    if (!is_stdout(path) && lstat(path, &st) == 0 && S_ISREG(st.st_mode))
        unlink(path);
}

static bool put(FILE *to, mt_span bytes)
{
    return fwrite(bytes.at, 1, bytes.len, to) == bytes.len && fflush(to) == 0;
}

static bool write_stream(const char *path, mt_span bytes, mt_diag *d)
{
    if (is_stdout(path))
        return put(stdout, bytes) || complain("standard output", "the report cannot be written", d);
    FILE *to = fopen(path, "w");
    if (!to)
        return complain(path, "the report cannot be written", d);
    bool ok = put(to, bytes) || complain(path, "the report cannot be written", d);
    bool closed = fclose(to) == 0;
    return ok && (closed || complain(path, "the report cannot be written", d));
}

/* Takes `fd` in any case. */
static bool fill(int fd, mt_span bytes)
{
    FILE *to = fdopen(fd, "w");
    if (!to) {
        close(fd);
        return false;
    }
    bool ok = put(to, bytes) && fchmod(fd, FILE_MODE) == 0 && fsync(fd) == 0;
    int why = errno;
    bool closed = fclose(to) == 0;
    if (!ok)
        errno = why;
    return ok && closed;
}

/* `temporary` ends in XXXXXX and lies beside `target`. */
static bool replace(char *temporary, const char *target, mt_span bytes)
{
    int fd = mkstemp(temporary);
    if (fd < 0)
        return false;
    if (fill(fd, bytes) && rename(temporary, target) == 0)
        return true;
    int why = errno;
    unlink(temporary);
    errno = why;
    return false;
}

static bool write_file(const char *path, mt_span bytes, mt_diag *d)
{
    /* A link stays, the file that it names is replaced. */
    char *real = realpath(path, NULL);
    const char *target = real ? real : path;
    char *folder = folder_of(target);
    mt_writer temporary = {0};
    mt_writef(&temporary, "%s/.mtlspec-XXXXXX", folder);
    mt_writer_text(&temporary);
    bool ok = replace((char *)temporary.at, target, bytes) || complain(path, "the report cannot be written", d);
    mt_writer_free(&temporary);
    mt_free(folder);
    free(real);
    return ok;
}

bool mt_report_write(const char *path, mt_span bytes, mt_diag *d)
{
    /* A file that may not grow further (ulimit -f) shall be an error of the write, not the end of the process. */
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    bool ok = is_stdout(path) || is_stream(path) ? write_stream(path, bytes, d) : write_file(path, bytes, d);
    signal(SIGXFSZ, before);
    return ok;
}
