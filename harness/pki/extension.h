// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_EXTENSION_H
#define MT_PKI_EXTENSION_H
/* The extensions of a certificate, as its recipe states them. */
#include "pki/issue.h"

/* mt_extensions_write appends `[3] Extensions`; nothing if the recipe has none. */
void mt_extensions_write(mt_writer *w, const mt_issue *in);
/* Texts of recipes that only this module can judge. */
bool mt_extra_is_good(const char *text);    /* "[critical] OID" */
bool mt_alt_name_is_good(const char *text); /* "dns:..." "ip:..." "email:..." "uri:..." "none" */
#endif
