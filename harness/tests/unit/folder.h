// SPDX-License-Identifier: Apache-2.0
#ifndef MT_TESTS_FOLDER_H
#define MT_TESTS_FOLDER_H
/* Folders that a test makes and leaves nothing of. */
#include <sys/wait.h>
#include <unistd.h>

static inline void mt_test_remove_folder(const char *dir)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", dir, (char *)NULL);
        _exit(127);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
}

#endif
