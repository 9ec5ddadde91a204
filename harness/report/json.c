// SPDX-License-Identifier: Apache-2.0
#include "report/file.h"
#include "report/report.h"
#include "report/text.h"

#include <jansson.h>

enum { FORMAT = 1, INDENT = 1, DIGITS = 12 };

typedef struct json_report {
    char *path;
    json_t *results;
} json_report;

/* jansson gives NULL only when memory is out. */
static json_t *made(json_t *value)
{
    if (!value)
        mt_die("out of memory");
    return value;
}

static json_t *text_or_null(const char *text)
{
    if (!text)
        return json_null();
    mt_writer w = {0};
    mt_text_clean(&w, text, MT_TEXT_JSON);
    json_t *value = made(json_stringn((const char *)w.at, w.len));
    mt_writer_free(&w);
    return value;
}

static json_t *seconds(uint64_t us)
{
    return made(json_real((double)us / 1e6));
}

static json_t *texts(const char *const *rows, size_t n)
{
    json_t *list = made(json_array());
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, text_or_null(rows[i]));
    return list;
}

static json_t *lines_of(const char *text)
{
    json_t *list = made(json_array());
    mt_writer line = {0};
    while (text && *text != 0) {
        size_t len = strcspn(text, "\n");
        mt_writer_clear(&line);
        mt_write_bytes(&line, mt_span_of(text, len));
        json_array_append_new(list, text_or_null(mt_writer_text(&line)));
        text += len + (text[len] == '\n');
    }
    mt_writer_free(&line);
    return list;
}

static json_t *outcome_words(const mt_outcome *o)
{
    mt_writer w = {0};
    mt_outcome_write(o, &w);
    json_t *value = text_or_null(mt_writer_text(&w));
    mt_writer_free(&w);
    return value;
}

static json_t *outcome_object(const mt_outcome *o)
{
    bool alert = o->manner == MT_BY_ALERT;
    return made(json_pack("{ss ss ss so ss so so}", "kind", mt_outcome_kind_name(o->kind), "where", mt_where_name(o->where), "manner",
                          mt_manner_name(o->manner), "alert", alert ? json_integer(o->alert) : json_null(), "close",
                          mt_close_name(o->close), "status", o->status ? json_integer(o->status) : json_null(), "text",
                          text_or_null(o->text)));
}

static json_t *events_array(const mt_events *events)
{
    json_t *list = made(json_array());
    for (size_t i = 0; i < events->len; i++) {
        const mt_event *e = &events->rows[i];
        char who[2] = {e->who, 0};
        json_array_append_new(list, made(json_pack("{sI so so so}", "us", (json_int_t)e->us, "who", text_or_null(who), "what",
                                                   text_or_null(e->what), "detail", text_or_null(e->detail))));
    }
    return list;
}

static json_t *step_object(const mt_step_result *s)
{
    json_t *tries = made(json_array());
    for (size_t i = 0; i < s->tries_len; i++)
        json_array_append_new(tries, outcome_object(&s->tries[i]));
    return made(json_pack("{so so so so so so so sb so so sI sI sI}", "expected", text_or_null(s->expected), "observed",
                          outcome_words(&s->observed), "outcome", outcome_object(&s->observed), "sent", text_or_null(s->sent),
                          "protocol", text_or_null(s->protocol), "suite", text_or_null(s->suite), "group", text_or_null(s->group),
                          "resumed", (int)s->resumed, "tries", tries, "events", events_array(&s->events), "connect_us",
                          (json_int_t)s->connect_us, "handshake_us", (json_int_t)s->handshake_us, "total_us",
                          (json_int_t)s->total_us));
}

/* "case/cell" in its two parts; a case without axes has no cell. */
static void put_name(json_t *object, const char *name)
{
    size_t len = strcspn(name, "/");
    json_object_set_new(object, "case", made(json_stringn(name, len)));
    json_object_set_new(object, "cell", text_or_null(name[len] == '/' ? name + len + 1 : ""));
}

static void put_steps(json_t *object, const mt_result *r)
{
    static const mt_step_result none;
    const mt_step_result *last = r->steps_len ? &r->steps[r->steps_len - 1] : &none;
    json_t *steps = made(json_array());
    for (size_t i = 0; i < r->steps_len; i++)
        json_array_append_new(steps, step_object(&r->steps[i]));
    json_object_set_new(object, "expected", text_or_null(last->expected));
    json_object_set_new(object, "observed", outcome_words(&last->observed));
    json_object_set_new(object, "outcome", outcome_object(&last->observed));
    json_object_set_new(object, "steps", steps);
}

static void json_result(void *self, const mt_result *r)
{
    json_report *report = self;
    json_t *o = made(json_pack("{so so so so so so so si ss so so so}", "id", text_or_null(r->id), "suite", text_or_null(r->suite),
                               "title", text_or_null(r->title), "level", text_or_null(r->level), "clauses",
                               texts(r->clauses, r->clauses_len), "catalogue", text_or_null(r->catalogue), "file",
                               text_or_null(r->file), "line", r->line, "verdict", mt_verdict_name(r->verdict), "type",
                               text_or_null(r->type), "message", text_or_null(r->message), "notes", texts(r->notes, r->notes_len)));
    put_name(o, r->name);
    put_steps(o, r);
    json_t *rest = made(json_pack("{so so so so sb so}", "likely", text_or_null(r->likely), "by_hand", text_or_null(r->by_hand),
                                  "again", text_or_null(r->again), "twin", text_or_null(r->twin), "flaky", (int)r->flaky, "seconds",
                                  seconds(r->total_us)));
    json_object_update(o, rest);
    json_decref(rest);
    json_array_append_new(report->results, o);
}

static json_t *summary_object(const mt_summary *s)
{
    json_t *o = made(json_pack("{sI sI sI so sI so so sb}", "planned", (json_int_t)s->planned, "cases", (json_int_t)s->cases, "runs",
                               (json_int_t)mt_summary_runs(s), "sentence", text_or_null(s->sentence), "exit_code",
                               (json_int_t)s->exit_code, "seconds", seconds(s->total_us), "waiting_seconds", seconds(s->waiting_us),
                               "interrupted", (int)s->interrupted));
    for (size_t v = 0; v < MT_VERDICTS; v++)
        json_object_set_new(o, mt_verdict_name((mt_verdict)v), json_integer((json_int_t)s->counts[v]));
    return o;
}

static json_t *document(const json_report *report, const mt_summary *s)
{
    json_t *tool = made(json_pack("{ss so so}", "name", "mtlspec", "version", text_or_null(s->tool), "openssl",
                                  text_or_null(s->openssl)));
    json_t *target = made(json_pack("{so so}", "url", text_or_null(s->target), "address", text_or_null(s->address)));
    return made(json_pack("{si so so so so ss so so so sO}", "format", FORMAT, "tool", tool, "target", target, "policy",
                          text_or_null(s->policy), "warning", text_or_null(s->warning), "started", s->started, "command",
                          text_or_null(s->command), "survey", lines_of(s->survey), "summary", summary_object(s), "results",
                          report->results));
}

static int append(const char *bytes, size_t n, void *to)
{
    mt_write_bytes(to, mt_span_of(bytes, n));
    return 0;
}

static void json_drop(void *self)
{
    json_report *report = self;
    if (!report)
        return;
    json_decref(report->results);
    mt_free(report->path);
    mt_free(report);
}

static bool json_end(void *self, const mt_summary *s, mt_diag *d)
{
    json_report *report = self;
    json_t *all = document(report, s);
    mt_writer out = {0};
    if (json_dump_callback(all, append, &out, JSON_INDENT(INDENT) | JSON_REAL_PRECISION(DIGITS)) != 0)
        mt_die("a JSON report cannot be written as text");
    mt_writef(&out, "\n");
    bool ok = mt_report_write(report->path, mt_written(&out), d);
    mt_writer_free(&out);
    json_decref(all);
    json_drop(report);
    return ok;
}

static void *json_open(const mt_report_options *o, mt_diag *d)
{
    if (!mt_report_prepare(o->path, d))
        return NULL;
    json_report *report = mt_alloc(sizeof *report);
    report->path = mt_strdup(o->path);
    report->results = made(json_array());
    return report;
}

static void json_begin(void *self, const mt_summary *s)
{
    (void)s;
    mt_report_forget(((json_report *)self)->path);
}

const mt_reporter mt_report_json = {
    .name = "json", .open = json_open, .begin = json_begin, .result = json_result, .end = json_end, .drop = json_drop,
};
