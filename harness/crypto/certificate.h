// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_CERTIFICATE_H
#define MT_CRYPTO_CERTIFICATE_H
#include "base/span.h"

/* mt_certificate_spki finds the SubjectPublicKeyInfo within a DER certificate (RFC 5280 4.1) without reading the rest.
 * False: the bytes before it are not those of a certificate. `out` points into `der`. */
bool mt_certificate_spki(mt_span der, mt_span *out);
#endif
