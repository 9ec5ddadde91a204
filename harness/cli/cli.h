// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CLI_CLI_H
#define MT_CLI_CLI_H
/* The subcommands, one file each. Each gets its own words (argv[0] is the subcommand's name) and returns the exit code. */

/* The numbers are pytest's, plus 6. If several apply: 3 > 2 > 1 > 6 > 5 > 0. */
enum {
    MT_EXIT_OK = 0,
    MT_EXIT_FAILED = 1,      /* at least one case failed */
    MT_EXIT_INTERRUPTED = 2, /* SIGINT or SIGTERM; reports are written */
    MT_EXIT_INTERNAL = 3,
    MT_EXIT_USAGE = 4,       /* option, case file, key, selector that matches nothing */
    MT_EXIT_NOTHING_RAN = 5,
    MT_EXIT_NOT_JUDGED = 6   /* no failure, but cases could not be judged */
};

int mt_cli_run(int argc, char **argv);
int mt_cli_list(int argc, char **argv);
int mt_cli_explain(int argc, char **argv);
int mt_cli_check(int argc, char **argv);
int mt_cli_pki(int argc, char **argv);
int mt_cli_serve(int argc, char **argv);
int mt_cli_selftest(int argc, char **argv);
int mt_cli_trace(int argc, char **argv);

/* mt_cli_data returns the folder that holds cases/ and certs/: $MTLSPEC_DATA, or the one that the build was made for
 * (CMake's MT_DATA_DIR: the source folder unless said otherwise). */
const char *mt_cli_data(void);
#endif
