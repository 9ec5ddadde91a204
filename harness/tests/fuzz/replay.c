// SPDX-License-Identifier: Apache-2.0
/* Runs a fuzz target once over each file named on the command line (a folder: over each file in it). Used where libFuzzer
 * is not linked, so that every corpus is also a test. A corpus without a file is a failure: it would test nothing. */
#include "base/mem.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

/* An exact heap copy lets AddressSanitizer see a read past the end. */
static void replay_bytes(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = mt_alloc(size);
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    mt_free(copy);
}

static int replay_file(const char *path)
{
    static uint8_t input[INPUT_MAX];
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 0;
    }
    replay_bytes(input, fread(input, 1, sizeof input, f));
    fclose(f);
    return 1;
}

static int replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) {
        perror(path);
        return 0;
    }
    int n = 0;
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char file[4096];
        int len = snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && len > 0 && (size_t)len < sizeof file)
            n += replay_file(file);
    }
    closedir(folder);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            n += replay_folder(argv[i]);
        else
            n += replay_file(argv[i]);
    }
    printf("%d inputs\n", n);
    return n > 0 ? 0 : 1;
}
