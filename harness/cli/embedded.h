// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CLI_EMBEDDED_H
#define MT_CLI_EMBEDDED_H
/* The embedded servers, as children on ports of the kernel's choice: mtlspec-refserver, found beside this program, for RSA and ECC,
 * and for SM2, which libssl does not speak, this program itself as `serve`. */
#include "net/child.h"
#include "pki/pki.h"

typedef enum mt_embedded_kind { MT_EMBEDDED_REFSERVER, MT_EMBEDDED_SM2, MT_EMBEDDED_KINDS } mt_embedded_kind;

typedef struct mt_embedded_asked {
    mt_embedded_kind kind;
    const char *policy;          /* "required" ... */
    const char *const *faults;   /* names; those that a server does not have are not for it */
    size_t faults_len;
    const char *pki_dir;
} mt_embedded_asked;

typedef struct mt_embedded {
    mt_child *child;
    char url[128];               /* https://127.0.0.1:PORT */
} mt_embedded;

/* mt_embedded_has_faults asks the servers, of either kind, for the faults that they know. False: `d` names one that neither
 * knows, and the nearest. */
MT_MUST_CHECK bool mt_embedded_has_faults(mt_loop *l, const mt_embedded_asked *asked, mt_diag *d);
/* mt_embedded_start writes the server's credentials and the CAs into the pki folder and starts the server. False: `d` says why. */
MT_MUST_CHECK bool mt_embedded_start(mt_loop *l, mt_pki *pki, const mt_embedded_asked *asked, mt_embedded *out, mt_diag *d);
void mt_embedded_stop(mt_embedded *e);
#endif
