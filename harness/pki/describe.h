// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_DESCRIBE_H
#define MT_PKI_DESCRIBE_H
/* What a log or an answer says about a certificate that a peer sent. */
#include "base/mem.h"
#include "base/span.h"

typedef struct mt_described {
    const char *subject, *issuer; /* as RFC 2253 writes names, all but printable ASCII escaped */
    const char *serial;           /* hexadecimal octets, a minus in front of a negative one */
    const char *fingerprint;      /* SHA-256 of the DER, hexadecimal */
    mt_span subject_name;         /* DER Name */
} mt_described;

/* mt_certificate_describe: all of `out` lives in `arena`. False: the bytes are no certificate. */
MT_MUST_CHECK bool mt_certificate_describe(mt_span der, mt_arena *arena, mt_described *out);
#endif
