// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_NAME_H
#define MT_PKI_NAME_H
/* Distinguished names (RFC 5280 4.1.2.4): written from texts, and shown as text. */
#include "base/writer.h"

/* mt_name_write appends a Name of `n` attributes "CN=...", each an RDN of its own; "{algorithm}" in a text becomes
 * `algorithm`. NULL if all is well, else the text whose attribute nobody knows (and nothing was appended). */
typedef struct mt_name_texts {
    const char *const *at;
    size_t len;
} mt_name_texts;
const char *mt_name_write(mt_writer *w, mt_name_texts texts, const char *algorithm);
/* mt_name_show appends "CN=..." (the last common name) or all attributes where there is none; "(no name)" for an empty one.
 * Bytes that are not printable ASCII are shown as '?'. */
void mt_name_show(mt_writer *w, mt_span der);
#endif
