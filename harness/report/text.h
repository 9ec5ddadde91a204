// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REPORT_TEXT_H
#define MT_REPORT_TEXT_H
/* Text on its way out. What a peer sent (subjects, reason phrases, bodies) is hostile; after mt_text_clean it is valid UTF-8 and
 * can neither end an element, nor move a cursor, nor forge a line. Bytes that are no UTF-8 become \xNN, PEM blocks of private keys
 * become "(private key removed)"; the rest depends on where the text goes. */
#include "base/writer.h"

typedef enum mt_text_form {
    MT_TEXT_JSON,   /* nothing more: the JSON writer escapes */
    MT_TEXT_XML,    /* ANSI sequences are dropped, then characters that XML 1.0 does not allow become \uXXXX; no entities yet */
    MT_TEXT_XML_LINE, /* the same, with line ends and tabs as spaces */
    MT_TEXT_SCREEN, /* one line for people: every control character, ANSI or other, becomes \uXXXX and so is visible */
    MT_TEXT_FORMS
} mt_text_form;

/* mt_text_clean appends `text` (NULL: nothing). */
void mt_text_clean(mt_writer *out, const char *text, mt_text_form form);
/* mt_text_clip cuts what was appended since `from` to at most `max` bytes, `tail` included, between two characters. */
void mt_text_clip(mt_writer *out, size_t from, size_t max, const char *tail);
/* mt_text_copy returns `text` cleaned, cut to `max` bytes (0: whole), in `arena`. */
const char *mt_text_copy(mt_arena *arena, const char *text, mt_text_form form, size_t max);
#endif
