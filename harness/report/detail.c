// SPDX-License-Identifier: Apache-2.0
#include "report/detail.h"

/* Of one field: a peer may send a megabyte. */
enum { MAX_FIELD = 4096 };

/* What a user of curl sees when the server ends the connection after the handshake without a word. */
static const char *const as_curl_says[] = {
    [MT_CLOSE_FIN] = "curl calls this \"(52) Empty reply from server\"",
    [MT_CLOSE_NOTIFY] = "curl calls this \"(52) Empty reply from server\"",
    [MT_CLOSE_RESET] = "curl calls this \"(56) Recv failure: Connection reset by peer\"",
};

static void line_of(mt_writer *out, const mt_detail *how, const char *label, const char *text)
{
    if (!text || *text == 0)
        return;
    mt_writef(out, "%s%-9s ", how->indent, label);
    size_t from = out->len;
    mt_text_clean(out, text, how->form);
    mt_text_clip(out, from, MAX_FIELD, "...");
    mt_writef(out, "\n");
}

void mt_detail_lines(mt_writer *out, const mt_detail *how, const char *label, const char *text)
{
    mt_writer piece = {0};
    while (text && *text != 0) {
        size_t len = strcspn(text, "\n");
        mt_writer_clear(&piece);
        mt_write_bytes(&piece, mt_span_of(text, len));
        line_of(out, how, label, mt_writer_text(&piece));
        label = "";
        text += len + (text[len] == '\n');
    }
    mt_writer_free(&piece);
}

void mt_detail_outcome(mt_writer *out, const mt_outcome *o, mt_text_form form)
{
    mt_writer words = {0};
    mt_outcome_write(o, &words);
    size_t from = out->len;
    mt_text_clean(out, mt_writer_text(&words), form);
    mt_text_clip(out, from, MAX_FIELD, "...");
    mt_writer_free(&words);
}

static void outcome_line(mt_writer *out, const mt_detail *how, const char *label, const mt_outcome *o)
{
    mt_writef(out, "%s%-9s ", how->indent, label);
    mt_detail_outcome(out, o, how->form);
    mt_writef(out, "\n");
}

void mt_detail_clauses(mt_writer *out, const mt_result *r, mt_text_form form)
{
    for (size_t i = 0; i < r->clauses_len; i++) {
        mt_writef(out, "%s", i ? ", " : "");
        mt_text_clean(out, r->clauses[i], form);
    }
}

static void level_line(mt_writer *out, const mt_result *r, const mt_detail *how)
{
    mt_writer words = {0};
    mt_detail_clauses(&words, r, MT_TEXT_JSON);
    if (r->catalogue && *r->catalogue != 0)
        mt_writef(&words, "%s(catalogue %s)", r->clauses_len ? "  " : "", r->catalogue);
    if (words.len)
        line_of(out, how, r->level ? r->level : "", mt_writer_text(&words));
    else if (r->level)
        mt_writef(out, "%s%s\n", how->indent, r->level);
    mt_writer_free(&words);
}

static void tries_lines(mt_writer *out, const mt_step_result *step, const mt_detail *how)
{
    for (size_t i = 0; i < step->tries_len && step->tries_len > 1; i++)
        outcome_line(out, how, i ? "" : "tries", &step->tries[i]);
}

static void session_line(mt_writer *out, const mt_step_result *step, const mt_detail *how)
{
    if (!step->protocol)
        return;
    mt_writer words = {0};
    mt_writef(&words, "%s", step->protocol);
    if (step->suite)
        mt_writef(&words, ", %s", step->suite);
    if (step->group)
        mt_writef(&words, ", %s", step->group);
    line_of(out, how, "session", mt_writer_text(&words));
    mt_writer_free(&words);
}

static bool ended_silently(const mt_outcome *o)
{
    return o->kind == MT_REFUSED && o->where == MT_AFTER_HANDSHAKE && o->manner == MT_BY_CLOSE && o->close != MT_NOT_CLOSED;
}

static void step_lines(mt_writer *out, const mt_result *r, size_t i, const mt_detail *how)
{
    const mt_step_result *step = &r->steps[i];
    if (r->steps_len > 1)
        mt_writef(out, "%sstep %zu of %zu\n", how->indent, i + 1, r->steps_len);
    line_of(out, how, "expected", step->expected);
    outcome_line(out, how, "observed", &step->observed);
    if (ended_silently(&step->observed))
        line_of(out, how, "", as_curl_says[step->observed.close]);
    tries_lines(out, step, how);
    line_of(out, how, "sent", step->sent);
    session_line(out, step, how);
}

static void case_line(mt_writer *out, const mt_result *r, const mt_detail *how)
{
    if (!r->file)
        return;
    mt_writer place = {0};
    mt_writef(&place, "%s:%d", r->file, r->line);
    line_of(out, how, "case", mt_writer_text(&place));
    mt_writer_free(&place);
}

void mt_detail_write(mt_writer *out, const mt_result *r, const mt_detail *how)
{
    line_of(out, how, "title", r->title);
    level_line(out, r, how);
    line_of(out, how, "verdict", how->told ? NULL : mt_detail_message(r));
    for (size_t i = 0; i < r->steps_len; i++)
        step_lines(out, r, i, how);
    for (size_t i = 0; i < r->notes_len; i++)
        line_of(out, how, i ? "" : "note", r->notes[i]);
    line_of(out, how, "twin", r->twin);
    line_of(out, how, "likely", r->likely);
    case_line(out, r, how);
    line_of(out, how, "again", r->again);
    mt_detail_lines(out, how, "by hand", r->by_hand);
}

static void fact(mt_writer *out, const mt_detail *how, const char *key, const char *value)
{
    if (!value || *value == 0)
        return;
    mt_writef(out, "%s%s: ", how->indent, key);
    mt_text_clean(out, value, how->form);
    mt_writef(out, "\n");
}

void mt_detail_facts(mt_writer *out, const mt_result *r, const mt_detail *how)
{
    fact(out, how, "id", r->id);
    fact(out, how, "verdict", mt_verdict_name(r->verdict));
    for (size_t i = 0; i < r->notes_len; i++)
        fact(out, how, "warning", r->notes[i]);
    for (size_t i = 0; i < r->steps_len; i++) {
        mt_writef(out, "%soutcome: ", how->indent);
        mt_detail_outcome(out, &r->steps[i].observed, how->form);
        mt_writef(out, "\n");
    }
    fact(out, how, "title", r->title);
    fact(out, how, "level", r->level);
    for (size_t i = 0; i < r->clauses_len; i++)
        fact(out, how, "clause", r->clauses[i]);
    fact(out, how, "twin", r->twin);
    fact(out, how, "flaky", r->flaky ? "yes" : NULL);
}

static void event_line(mt_writer *out, const mt_event *e, const mt_detail *how)
{
    mt_writef(out, "%s%6llu.%03llu ms %c ", how->indent, (unsigned long long)(e->us / 1000), (unsigned long long)(e->us % 1000), e->who);
    mt_text_clean(out, e->what, how->form);
    mt_writef(out, "%s", e->detail ? "  " : "");
    mt_text_clean(out, e->detail, how->form);
    mt_writef(out, "\n");
}

void mt_detail_trace(mt_writer *out, const mt_result *r, const mt_detail *how)
{
    for (size_t i = 0; i < r->steps_len; i++) {
        const mt_events *events = &r->steps[i].events;
        if (r->steps_len > 1)
            mt_writef(out, "%sstep %zu of %zu\n", how->indent, i + 1, r->steps_len);
        for (size_t e = 0; e < events->len; e++)
            event_line(out, &events->rows[e], how);
    }
}

const char *mt_detail_message(const mt_result *r)
{
    return r->message && *r->message != 0 ? r->message : mt_verdict_name(r->verdict);
}
