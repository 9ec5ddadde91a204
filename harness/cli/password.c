// SPDX-License-Identifier: Apache-2.0
#include "cli/password.h"
#include "pki/pki.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 64 * 1024 };

/* The first line, without its end. */
static bool first_line(FILE *f, char *out, size_t size)
{
    if (fgets(out, (int)size, f) == NULL)
        return false;
    out[strcspn(out, "\r\n")] = 0;
    return true;
}

static bool from_file(const mt_password_from *from, char *out, size_t size, mt_diag *d)
{
    FILE *f = fopen(from->file, "r");
    bool ok = f != NULL && first_line(f, out, size);
    if (!ok)
        mt_diag_add(d, (mt_place){.file = from->file}, "no password here: %s", f && !ferror(f) ? "the file is empty" : strerror(errno));
    if (f != NULL)
        fclose(f);
    return ok;
}

static bool from_env(const mt_password_from *from, char *out, size_t size, mt_diag *d)
{
    const char *value = getenv(from->env);
    if (value == NULL) {
        mt_diag_add(d, (mt_place){0}, "%s-password-env %s: there is no such environment variable", from->option, from->env);
        return false;
    }
    snprintf(out, size, "%s", value);
    return true;
}

static bool is_encrypted(const char *file)
{
    static char text[KEY_FILE_MAX];
    FILE *f = fopen(file, "r");
    if (f == NULL)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    return strstr(text, "ENCRYPTED") != NULL || mt_pki_is_locked(file);
}

static struct termios plain;

/* A terminal that was left without echo is of no use any more. */
static void give_back(int number)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &plain);
    signal(number, SIG_DFL);
    raise(number);
}

static void read_silently(char *out, size_t size)
{
    static const int enders[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction before[MT_COUNT(enders)], during = {.sa_handler = give_back};
    struct termios silent = plain;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    for (size_t i = 0; i < MT_COUNT(enders); i++)
        sigaction(enders[i], &during, &before[i]);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    if (!first_line(stdin, out, size))
        out[0] = 0;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &plain);
    for (size_t i = 0; i < MT_COUNT(enders); i++)
        sigaction(enders[i], &before[i], NULL);
}

static void ask(const char *file, char *out, size_t size)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &plain) != 0)
        return;
    fprintf(stderr, "password of %s: ", file);
    read_silently(out, size);
    fputc('\n', stderr);
}

bool mt_password_get(const mt_password_from *from, char *out, size_t size, mt_diag *d)
{
    out[0] = 0;
    if (from->key == NULL)
        return true;
    if (from->file != NULL)
        return from_file(from, out, size, d);
    if (from->env != NULL)
        return from_env(from, out, size, d);
    if (!is_encrypted(from->key))
        return true;
    ask(from->key, out, size);
    if (out[0] == 0)
        mt_diag_add(d, (mt_place){.file = from->key}, "the private key is encrypted; %s-password-file FILE or %s-password-env NAME give "
            "its password", from->option, from->option);
    return out[0] != 0;
}
