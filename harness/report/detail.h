// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REPORT_DETAIL_H
#define MT_REPORT_DETAIL_H
/* What a person reads about one result, the same words in every report. */
#include "report/text.h"
#include "result/result.h"

typedef struct mt_detail {
    mt_text_form form;
    const char *indent; /* before each line */
    bool told;          /* the message was said already */
} mt_detail;

/* mt_detail_write appends one "label     text" line for each thing that is known: title, clauses, message, expected, observed,
 * sent, notes, twin, likely cause, case, again, by hand. */
void mt_detail_write(mt_writer *out, const mt_result *r, const mt_detail *how);
/* mt_detail_facts appends "key: value" lines for machines: id, title, level, clause, verdict, outcome. */
void mt_detail_facts(mt_writer *out, const mt_result *r, const mt_detail *how);
/* mt_detail_trace appends a line for each event of each step: time, direction, message, fields. */
void mt_detail_trace(mt_writer *out, const mt_result *r, const mt_detail *how);
/* mt_detail_outcome appends an outcome in words, cleaned. */
void mt_detail_outcome(mt_writer *out, const mt_outcome *o, mt_text_form form);
/* mt_detail_lines appends each line of `text` behind the indentation and, on the first, the label. */
void mt_detail_lines(mt_writer *out, const mt_detail *how, const char *label, const char *text);
/* mt_detail_clauses appends "rfc8446#4.4.3 MUST, rfc5246#7.4.8 MUST". */
void mt_detail_clauses(mt_writer *out, const mt_result *r, mt_text_form form);
/* mt_detail_message returns the message of `r` or, without one, its verdict; never NULL. */
const char *mt_detail_message(const mt_result *r);
#endif
