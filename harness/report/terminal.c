// SPDX-License-Identifier: Apache-2.0
#include "report/detail.h"
#include "report/screen.h"

enum { MAX_ROWS = 3 };  /* of one reason */
enum { MAX_WHY = 120 }; /* of the message on a row; the whole follows at the end */

static const mt_detail in_full = {MT_TEXT_SCREEN, "      ", false};
static const mt_detail header = {MT_TEXT_SCREEN, "", false};

static bool is_red(mt_verdict v)
{
    return v == MT_FAIL || v == MT_ERROR || v == MT_INCONCLUSIVE;
}

static void *terminal_open(const mt_report_options *o, mt_diag *d)
{
    (void)d;
    mt_screen *s = mt_alloc(sizeof *s);
    s->o = *o;
    s->out = o->out ? o->out : stdout;
    s->progress = o->progress ? o->progress : stderr;
    return s;
}

static void write_header(const mt_screen *s, const mt_summary *summary, mt_writer *out)
{
    mt_writef(out, "mtlspec ");
    mt_text_clean(out, summary->tool, MT_TEXT_SCREEN);
    mt_writef(out, "   ");
    mt_text_clean(out, summary->openssl, MT_TEXT_SCREEN);
    mt_writef(out, "   %zu case%s, %zu run%s\n", summary->cases, summary->cases == 1 ? "" : "s", summary->planned,
              summary->planned == 1 ? "" : "s");
    mt_writef(out, "%-9s ", "target");
    mt_text_clean(out, summary->target, MT_TEXT_SCREEN);
    if (summary->address) {
        mt_writef(out, "  (");
        mt_text_clean(out, summary->address, MT_TEXT_SCREEN);
        mt_writef(out, ")");
    }
    mt_writef(out, "   policy ");
    mt_text_clean(out, summary->policy, MT_TEXT_SCREEN);
    mt_writef(out, "\n");
    mt_detail_lines(out, &header, "survey", summary->survey);
    mt_writef(out, "%s", s->o.github ? "" : "\n");
}

static void terminal_begin(void *self, const mt_summary *summary)
{
    mt_screen *s = self;
    mt_writer text = {0};
    if (summary->warning) {
        mt_text_clean(&text, summary->warning, MT_TEXT_SCREEN);
        mt_writef(&text, "\n");
    }
    if (!s->o.quiet)
        write_header(s, summary, &text);
    mt_screen_put(s, &text);
    mt_writer_free(&text);
}

static void write_suite_line(const mt_screen *s, mt_writer *out)
{
    mt_writef(out, "%s%-48s ", s->o.github ? "::group::" : "", (const char *)s->suite.at);
    for (size_t v = 0; v < MT_VERDICTS; v++) {
        if (s->counts[v] == 0)
            continue;
        mt_writef(out, "  ");
        mt_screen_count(s, out, (mt_verdict)v, s->counts[v]);
    }
    if (s->notes)
        mt_writef(out, "  (%zu with a note)", s->notes);
    mt_writef(out, "\n");
}

/* The last row says how many notes of its case stand behind it without a row. */
static void end_notes(mt_screen *s)
{
    if (s->more_notes != 0) {
        s->rows.len--;
        mt_writef(&s->rows, "  (and %zu more of this case)\n", s->more_notes);
    }
    s->more_notes = 0;
    mt_writer_clear(&s->noted);
}

/* The line of the suite that has ended, the rows below it, and a clean slate. */
static void end_suite(mt_screen *s)
{
    mt_writer text = {0};
    end_notes(s);
    if (s->suite.len && !s->o.quiet) {
        write_suite_line(s, &text);
        mt_write_bytes(&text, mt_written(&s->rows));
        mt_writef(&text, "%s", s->o.github ? "::endgroup::\n" : "");
        mt_screen_put(s, &text);
    }
    mt_writer_free(&text);
    mt_writer_clear(&s->rows);
    mt_writer_clear(&s->suite);
    memset(s->counts, 0, sizeof s->counts);
    s->notes = 0;
}

static void start_suite(mt_screen *s, const char *name)
{
    if (s->suite.len && strcmp(mt_writer_text(&s->suite), name) == 0)
        return;
    end_suite(s);
    mt_text_clean(&s->suite, name, MT_TEXT_SCREEN);
    mt_writer_text(&s->suite);
}

static void write_row(mt_screen *s, const mt_result *r)
{
    end_notes(s);
    bool noted = r->notes_len > 0;
    const char *why = r->verdict == MT_PASS ? (noted ? r->notes[0] : "") : mt_detail_message(r);
    mt_writef(&s->rows, "  ");
    mt_screen_word(s, &s->rows, r->verdict, noted);
    mt_writef(&s->rows, " %-44s %6llu ms  ", r->name, (unsigned long long)((r->total_us + 500) / 1000));
    size_t from = s->rows.len;
    mt_text_clean(&s->rows, why, MT_TEXT_SCREEN);
    mt_text_clip(&s->rows, from, MAX_WHY, "...");
    while (s->rows.at[s->rows.len - 1] == ' ')
        s->rows.len--;
    mt_writef(&s->rows, "\n");
}

static void write_full(mt_screen *s, const mt_result *r)
{
    mt_screen_word(s, &s->details, r->verdict, false);
    mt_writef(&s->details, " ");
    mt_text_clean(&s->details, r->id, MT_TEXT_SCREEN);
    mt_writef(&s->details, "\n");
    mt_detail_write(&s->details, r, &in_full);
    mt_writef(&s->details, "\n");
}

/* All failures get a row and are told in full. Of errors and inconclusive runs each reason is told once and has some rows: when
 * a target is down, hundreds say the same. */
static void write_red(mt_screen *s, const mt_result *r, size_t seen)
{
    if (r->verdict == MT_FAIL || seen == 1)
        write_full(s, r);
    if (r->verdict == MT_FAIL || seen <= MAX_ROWS || s->o.verbose)
        write_row(s, r);
    else if (seen == MAX_ROWS + 1)
        mt_writef(&s->rows, "  ...          and more for this reason; they are counted at the end\n");
    if (s->o.github)
        mt_screen_annotate(s, r);
}

/* What is noted of one run of a case is mostly noted of the others too: one row for them. */
static void write_note(mt_screen *s, const mt_result *r)
{
    size_t n = strcspn(r->name, "/");
    if (!s->o.verbose && mt_span_equal(mt_written(&s->noted), mt_span_of(r->name, n))) {
        s->more_notes++;
        return;
    }
    write_row(s, r);
    mt_write_bytes(&s->noted, mt_span_of(r->name, n));
}

static void terminal_result(void *self, const mt_result *r)
{
    mt_screen *s = self;
    start_suite(s, r->suite);
    s->counts[r->verdict]++;
    bool noted_pass = r->verdict == MT_PASS && r->notes_len > 0;
    s->notes += noted_pass;
    s->all_notes += noted_pass;
    bool counted = r->verdict != MT_PASS && r->verdict != MT_FAIL;
    size_t seen = counted ? mt_screen_reason(s, r) : 1;
    if (is_red(r->verdict))
        write_red(s, r, seen);
    else if (noted_pass)
        write_note(s, r);
    else if (s->o.verbose || r->verdict == MT_KNOWN)
        write_row(s, r);
    if (!s->o.verbose)
        return;
    mt_detail_trace(&s->rows, r, &in_full);
    mt_screen_put(s, &s->rows);
}

static void terminal_progress(void *self, const mt_progress *p)
{
    mt_screen_progress(self, p);
}

static void terminal_wrote(void *self, const char *path)
{
    mt_screen *s = self;
    mt_writef(&s->written, "  ");
    mt_text_clean(&s->written, path, MT_TEXT_SCREEN);
}

static void terminal_drop(void *self)
{
    mt_screen *s = self;
    if (!s)
        return;
    for (size_t i = 0; i < s->reasons_len; i++)
        mt_free(s->reasons[i].message);
    for (size_t i = 0; i < s->annotations_len; i++)
        mt_free(s->annotations[i].line);
    mt_free(s->reasons);
    mt_free(s->annotations);
    mt_writer_free(&s->suite);
    mt_writer_free(&s->rows);
    mt_writer_free(&s->noted);
    mt_writer_free(&s->details);
    mt_writer_free(&s->written);
    mt_free(s);
}

static bool terminal_end(void *self, const mt_summary *summary, mt_diag *d)
{
    mt_screen *s = self;
    end_suite(s);
    mt_writer text = {0};
    mt_writef(&text, "%s", s->o.quiet ? "" : "\n");
    mt_write_bytes(&text, mt_written(&s->details));
    mt_screen_put(s, &text);
    mt_writer_free(&text);
    mt_screen_summary(s, summary);
    bool ok = s->why == 0;
    if (!ok)
        mt_diag_add(d, (mt_place){0}, "the results cannot be printed: %s", strerror(s->why));
    terminal_drop(s);
    return ok;
}

const mt_reporter mt_report_terminal = {
    .name = "terminal", .open = terminal_open, .begin = terminal_begin, .result = terminal_result,
    .progress = terminal_progress, .wrote = terminal_wrote, .end = terminal_end, .drop = terminal_drop,
};
