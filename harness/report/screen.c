// SPDX-License-Identifier: Apache-2.0
#include "report/screen.h"

#include "report/detail.h"

#include <errno.h>

enum { MAX_REASONS = 200, SHOWN_REASONS = 20, MAX_ANNOTATIONS = 10, BAR = 28, WIDTH = 80 };
enum { REDRAW_US = 100 * 1000, LINE_US = 30 * 1000 * 1000, NOTED_US = 100 * 1000 };

static const struct face {
    const char *row, *one, *many;
    const char *colour; /* select graphic rendition */
} faces[MT_VERDICTS] = {
    [MT_PASS] = {"ok", "ok", "ok", "32"},
    [MT_FAIL] = {"FAIL", "failed", "failed", "1;31"},
    [MT_INCONCLUSIVE] = {"inconclusive", "inconclusive", "inconclusive", "33"},
    [MT_UNSUPPORTED] = {"unsupported", "unsupported", "unsupported", "36"},
    [MT_SKIPPED] = {"skipped", "skipped", "skipped", "36"},
    [MT_ERROR] = {"ERROR", "error", "errors", "1;33"},
    [MT_KNOWN] = {"known", "known deviation", "known deviations", "36"},
};

static void paint(const mt_screen *s, mt_writer *out, const char *colour, const char *text)
{
    if (s->o.colour)
        mt_writef(out, "\x1b[%sm%s\x1b[0m", colour, text);
    else
        mt_writef(out, "%s", text);
}

void mt_screen_count(const mt_screen *s, mt_writer *out, mt_verdict v, size_t n)
{
    mt_writer words = {0};
    mt_writef(&words, "%zu %s", n, n == 1 ? faces[v].one : faces[v].many);
    paint(s, out, n ? faces[v].colour : "0", mt_writer_text(&words));
    mt_writer_free(&words);
}

void mt_screen_word(const mt_screen *s, mt_writer *out, mt_verdict v, bool noted)
{
    char padded[16];
    snprintf(padded, sizeof padded, "%-12s", v == MT_PASS && noted ? "note" : faces[v].row);
    paint(s, out, faces[v].colour, padded);
}

static void hide_bar(mt_screen *s)
{
    if (!s->bar_shown)
        return;
    fputs("\r\x1b[K", s->progress);
    fflush(s->progress);
    s->bar_shown = false;
}

void mt_screen_put(mt_screen *s, mt_writer *text)
{
    hide_bar(s);
    if (text->len == 0)
        return;
    bool ok = fwrite(text->at, 1, text->len, s->out) == text->len && fflush(s->out) == 0;
    if (!ok && s->why == 0)
        s->why = errno;
    mt_writer_clear(text);
}

size_t mt_screen_reason(mt_screen *s, const mt_result *r)
{
    const char *message = mt_detail_message(r);
    for (size_t i = 0; i < s->reasons_len; i++) {
        if (s->reasons[i].verdict == r->verdict && strcmp(s->reasons[i].message, message) == 0)
            return ++s->reasons[i].count;
    }
    if (s->reasons_len == MAX_REASONS)
        return MAX_REASONS;
    MT_GROW(s->reasons, s->reasons_len, s->reasons_cap);
    s->reasons[s->reasons_len++] = (mt_reason){r->verdict, mt_strdup(message), 1};
    return 1;
}

/* GitHub's runner wants % and line ends as %XX, in the part before the second colon : and , as well. */
static void write_escaped(mt_writer *out, const char *text, const char *special)
{
    mt_writer clean = {0};
    mt_text_clean(&clean, text, MT_TEXT_SCREEN);
    for (const char *at = mt_writer_text(&clean); *at != 0; at++)
        mt_writef(out, strchr(special, *at) ? "%%%02X" : "%c", (unsigned)(uint8_t)*at);
    mt_writer_free(&clean);
}

void mt_screen_annotate(mt_screen *s, const mt_result *r)
{
    mt_writer line = {0};
    mt_writef(&line, "::error ");
    if (r->file) {
        mt_writef(&line, "file=");
        write_escaped(&line, r->file, "%:,");
        mt_writef(&line, ",line=%d,", r->line);
    }
    mt_writef(&line, "title=");
    write_escaped(&line, r->id, "%:,");
    mt_writef(&line, "::");
    write_escaped(&line, mt_detail_message(r), "%");
    mt_writef(&line, "\n");
    MT_GROW(s->annotations, s->annotations_len, s->annotations_cap);
    s->annotations[s->annotations_len++] = (mt_annotation){r->verdict == MT_FAIL, mt_strdup(mt_writer_text(&line))};
    mt_writer_free(&line);
}

static void write_annotations(const mt_screen *s, mt_writer *out)
{
    size_t shown = 0;
    for (int failed = 1; failed >= 0; failed--) {
        for (size_t i = 0; i < s->annotations_len && shown < MAX_ANNOTATIONS; i++) {
            if (s->annotations[i].failed == failed) {
                mt_writef(out, "%s", s->annotations[i].line);
                shown++;
            }
        }
    }
}

static void write_bar(const mt_screen *s, const mt_progress *p, mt_writer *out)
{
    size_t full = p->planned ? BAR * p->done / p->planned : 0;
    mt_writef(out, "  [");
    for (size_t i = 0; i < BAR; i++)
        mt_writef(out, "%c", i < full ? '#' : '.');
    mt_writef(out, "]  %zu/%zu", p->done, p->planned);
    if (p->left_us)
        mt_writef(out, "  %llu s left", (unsigned long long)((p->left_us + 999999) / 1000000));
    mt_writef(out, "   ");
    mt_text_clean(out, p->running, MT_TEXT_SCREEN);
    mt_text_clip(out, 0, (s->o.width ? s->o.width : WIDTH) - 1, "...");
}

static void write_line(const mt_progress *p, mt_writer *out)
{
    mt_writef(out, "running %zu/%zu  ", p->done, p->planned);
    mt_text_clean(out, p->running ? p->running : "between two runs", MT_TEXT_SCREEN);
    mt_writef(out, "\n");
}

void mt_screen_progress(mt_screen *s, const mt_progress *p)
{
    uint64_t pace = s->o.live ? REDRAW_US : LINE_US;
    bool first = !s->paced;
    if (!first && p->now_us - s->told_us < pace)
        return;
    s->paced = true;
    s->told_us = p->now_us;
    if (s->o.quiet || (first && !s->o.live))
        return;
    mt_writer text = {0};
    hide_bar(s);
    if (s->o.live)
        write_bar(s, p, &text);
    else
        write_line(p, &text);
    fwrite(text.at, 1, text.len, s->progress);
    fflush(s->progress);
    s->bar_shown = s->o.live;
    mt_writer_free(&text);
}

/* Failures are told in full, errors and inconclusive runs once for each reason: the reasons that stand for more than what was
 * told are listed with their number. */
static bool is_listed(const mt_reason *reason)
{
    bool in_full = reason->verdict == MT_ERROR || reason->verdict == MT_INCONCLUSIVE;
    return !in_full || reason->count > 1;
}

static void write_reasons(const mt_screen *s, mt_writer *out)
{
    size_t shown = 0, more = 0;
    for (size_t i = 0; i < s->reasons_len; i++) {
        const mt_reason *reason = &s->reasons[i];
        if (!is_listed(reason))
            continue;
        if (shown++ >= SHOWN_REASONS) {
            more += reason->count;
            continue;
        }
        mt_screen_word(s, out, reason->verdict, false);
        mt_writef(out, " %5zu  ", reason->count);
        mt_text_clean(out, reason->message, MT_TEXT_SCREEN);
        mt_writef(out, "\n");
    }
    if (more)
        mt_writef(out, "%-12s %5zu  for other reasons\n", "", more);
    if (shown)
        mt_writef(out, "\n");
}

static void write_seconds(mt_writer *out, uint64_t us)
{
    uint64_t tenths = (us + 50000) / 100000;
    mt_writef(out, "%llu.%llu s", (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10));
}

static void write_counts(const mt_screen *s, const mt_summary *summary, mt_writer *out)
{
    size_t runs = mt_summary_runs(summary);
    mt_writef(out, "%s%zu run%s in ", summary->interrupted ? "interrupted: " : "", runs, runs == 1 ? "" : "s");
    write_seconds(out, summary->total_us);
    if (summary->waiting_us >= NOTED_US) {
        mt_writef(out, " (");
        write_seconds(out, summary->waiting_us);
        mt_writef(out, " waiting)");
    }
    mt_writef(out, ":");
    const char *sep = " ";
    for (size_t v = 0; v < MT_VERDICTS; v++) {
        if (summary->counts[v] == 0 && v != MT_PASS && v != MT_FAIL)
            continue;
        mt_writef(out, "%s", sep);
        mt_screen_count(s, out, (mt_verdict)v, summary->counts[v]);
        sep = ", ";
    }
    if (s->all_notes)
        mt_writef(out, " (%zu with a note)", s->all_notes);
    mt_writef(out, "   exit %d\n", summary->exit_code);
}

void mt_screen_summary(mt_screen *s, const mt_summary *summary)
{
    mt_writer text = {0};
    if (s->o.github)
        write_annotations(s, &text);
    if (!s->o.quiet)
        write_reasons(s, &text);
    if (summary->sentence) {
        mt_text_clean(&text, summary->sentence, MT_TEXT_SCREEN);
        mt_writef(&text, "\n");
    }
    write_counts(s, summary, &text);
    if (s->written.len && !s->o.quiet)
        mt_writef(&text, "reports:%s\n", mt_writer_text(&s->written));
    mt_screen_put(s, &text);
    mt_writer_free(&text);
}
