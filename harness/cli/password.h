// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CLI_PASSWORD_H
#define MT_CLI_PASSWORD_H
/* Passwords of encrypted keys: from a file, from the environment, or asked for at the terminal. Never from the command line. */
#include "base/diag.h"

typedef struct mt_password_from {
    const char *option;  /* "--key", for messages */
    const char *key;     /* the key's file, or NULL: no password is needed */
    const char *file;    /* --key-password-file, or NULL */
    const char *env;     /* name of an environment variable, or NULL */
} mt_password_from;

/* mt_password_get writes the password into `out` ("" when none is needed). False: none is to be had, or what the user
 * named is not there; `d` says it. */
MT_MUST_CHECK bool mt_password_get(const mt_password_from *from, char *out, size_t size, mt_diag *d);
#endif
