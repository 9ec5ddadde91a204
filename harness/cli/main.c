// SPDX-License-Identifier: Apache-2.0
#include "base/diag.h"
#include "cli/cli.h"
#include "crypto/version.h"
#include "net/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct command {
    const char *name, *arguments, *what;
    int (*run)(int argc, char **argv);
} command;

static const command commands[] = {
    {"run", "[CASE...] -t URL", "judges a server or an edge; without -t the embedded reference servers", mt_cli_run},
    {"list", "[CASE...]", "cases and their runs, without network", mt_cli_list},
    {"explain", "CASE | ALERT | TERM", "what a case or an alert is about, how peers differ, how to fix it", mt_cli_explain},
    {"check", "FILE...", "parses and validates case files", mt_cli_check},
    {"pki", "make | show | export", "the certificates that a target has to trust", mt_cli_pki},
    {"serve", "[--fault NAME]", "a reference server of our own, honest or with named faults", mt_cli_serve},
    {"selftest", "[--full]", "proves every case by a fault that it catches", mt_cli_selftest},
    {"trace", "FILE --keylog FILE", "a recorded connection, decrypted and checked, by field name", mt_cli_trace},
};

static void print_help(FILE *to)
{
    fputs("mtlspec: the conformance suite for mutual TLS\n\n", to);
    for (size_t i = 0; i < MT_COUNT(commands); i++)
        fprintf(to, "  mtlspec %-9s%-21s %s\n", commands[i].name, commands[i].arguments, commands[i].what);
    fputs("\n  mtlspec COMMAND --help   says more        mtlspec --version   versions of the program and of libcrypto\n"
          "\nExit codes: 0 passed, 1 failed, 2 interrupted, 3 internal error, 4 usage, 5 nothing ran, 6 could not be judged\n", to);
}

static int print_version(void)
{
    printf("mtlspec %s\nbuilt with %s, running with %s\n", MT_VERSION, mt_crypto_built_with(), mt_crypto_running_with());
    return MT_EXIT_OK;
}

static int unknown_command(const char *name)
{
    const char *names[MT_COUNT(commands)];
    for (size_t i = 0; i < MT_COUNT(commands); i++)
        names[i] = commands[i].name;
    const char *near = mt_nearest(name, names, MT_COUNT(names));
    fprintf(stderr, "mtlspec: error: no command '%s'%s%s%s (see mtlspec --help)\n", name, near ? "; did you mean '" : "", near ? near : "",
            near ? "'?" : "");
    return MT_EXIT_USAGE;
}

const char *mt_cli_data(void)
{
    const char *set = getenv("MTLSPEC_DATA");
    return set != NULL && set[0] != 0 ? set : MT_DATA_DIR;
}

/* Output that did not arrive is no success. What a command has said about it itself is not said again. */
static int finish(int code)
{
    errno = 0;
    bool lost = fflush(stdout) != 0 || ferror(stdout) != 0;
    if (!lost || code == MT_EXIT_INTERNAL)
        return code;
    fprintf(stderr, "mtlspec: error: standard output cannot be written to: %s\n", errno ? strerror(errno) : "a write failed");
    return MT_EXIT_INTERNAL;
}

static int command_line(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return MT_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return MT_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0)
        return print_version();
    for (size_t i = 0; i < MT_COUNT(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return unknown_command(argv[1]);
}

/* What is opened next would take the place of a stream that was closed (`>&-`) and get what is meant for it. Standard output is
 * opened for reading: writing to it still fails, and is told. */
static void fill_gaps(void)
{
    struct stat found;
    if (fstat(STDIN_FILENO, &found) != 0 && freopen("/dev/null", "r", stdin) == NULL)
        exit(MT_EXIT_INTERNAL);
    if (fstat(STDOUT_FILENO, &found) != 0 && freopen("/dev/null", "r", stdout) == NULL)
        exit(MT_EXIT_INTERNAL);
    if (fstat(STDERR_FILENO, &found) != 0 && freopen("/dev/null", "w", stderr) == NULL)
        exit(MT_EXIT_INTERNAL);
}

int main(int argc, char **argv)
{
    fill_gaps();
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of that write */
    int code = finish(command_line(argc, argv));
    if (mt_loop_lingers())
        _Exit(code);
    return code;
}
