// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"
#include "cli/options.h"
#include "replay/capture.h"
#include "replay/replay.h"
#include "wire/codes.h"

typedef struct trace_options {
    mt_texts keys, logs;
} trace_options;

static const mt_option rows[] = {
    {.name = "keys", .kind = MT_OPTION_LIST, .offset = offsetof(trace_options, keys), .argument = "DIR",
        .what = "a folder of PEM files: issuers, and the key of a TLCP server's encryption certificate"},
    {.name = "keylog", .kind = MT_OPTION_LIST, .offset = offsetof(trace_options, logs), .argument = "FILE",
        .what = "a key log as SSLKEYLOGFILE makes it (mtlspec run --keylog)"},
};
static const mt_options options = {"mtlspec trace FILE --keys DIR | --keylog FILE   (a pcap, or JSON lines of \"dir\" and \"hex\")", rows,
    MT_COUNT(rows)};

enum { TEXT_MAX = 400 };

typedef struct job {
    trace_options o;
    mt_texts words;
    mt_diag *d;
    mt_replay_keys *keys;
    unsigned made, failed, sealed;
} job;

/* ---- lines ---- */

static void print_text(mt_span data)
{
    mt_span part = mt_span_first(data, TEXT_MAX);
    printf("%zu bytes \"", data.len);
    for (size_t i = 0; i < part.len; i++) {
        int c = part.at[i];
        if (c == '\n')
            fputs("\\n", stdout);
        else if (c >= ' ' && c < 0x7f && c != '\\' && c != '"')
            putchar(c);
        else
            printf("\\x%02x", (unsigned)c);
    }
    printf("\"%s\n", data.len > part.len ? "..." : "");
}

static void print_content(const mt_replay_event *e)
{
    printf("%c %c %-20s ", e->server ? '<' : '>', e->is_protected ? '*' : ' ', e->what);
    if (e->kind == MT_REPLAY_SAW_OTHER && strcmp(e->what, "application_data") == 0 && e->detail[0] == 0)
        print_text(e->data);
    else
        puts(e->detail);
}

static void see(void *self, const mt_replay_event *e)
{
    (void)self;
    if (e->kind == MT_REPLAY_SAW_MESSAGE || e->kind == MT_REPLAY_SAW_OTHER)
        print_content(e);
    else if (e->kind == MT_REPLAY_SAW_CHECK)
        printf("      %s: %s\n", e->what, e->ok ? "holds" : "DOES NOT HOLD");
    else if (e->kind == MT_REPLAY_SAW_NOTE)
        printf("      %s: %s\n", e->what, e->detail);
}

/* ---- connections ---- */

static void print_counts(const mt_replay_counts *c)
{
    printf("%u checks", mt_replay_made(c));
    for (int i = 0; i < MT_REPLAY_CHECKS; i++)
        if (c->made[i] != 0)
            printf("%s %s %u", i == 0 ? ":" : ",", mt_replay_check_name((mt_replay_check)i), c->made[i]);
    printf("; %u failed; %u records without a key\n", mt_replay_failed(c), c->sealed);
}

static void trace_connection(job *j, const mt_connection *c)
{
    mt_replay *r = mt_replay_new(j->keys, (mt_replay_sink){see, j});
    printf("%s   (> client, < server, * protected)\n", c->name);
    for (size_t i = 0; i < c->len; i++) {
        mt_replay_take(r, c->chunks[i].server, c->chunks[i].bytes);
        if (c->chunks[i].ended)
            mt_replay_end(r, c->chunks[i].server);
    }
    const mt_replay_counts *counts = mt_replay_counts_of(r);
    print_counts(counts);
    j->made += mt_replay_made(counts);
    j->failed += mt_replay_failed(counts);
    j->sealed += counts->sealed;
    mt_replay_free(r);
}

static bool load_keys(job *j)
{
    bool ok = true;
    for (size_t i = 0; ok && i < j->o.keys.len; i++)
        ok = mt_replay_keys_folder(j->keys, j->o.keys.rows[i], j->d);
    for (size_t i = 0; ok && i < j->o.logs.len; i++) {
        mt_writer text = {0};
        ok = mt_replay_file(j->o.logs.rows[i], &text, j->d) && mt_replay_keys_log(j->keys, mt_written(&text), j->o.logs.rows[i], j->d);
        mt_writer_free(&text);
    }
    return ok;
}

static void trace_file(job *j, const char *file)
{
    mt_writer bytes = {0};
    mt_capture capture = {0};
    bool ok = mt_replay_file(file, &bytes, j->d);
    if (ok && mt_capture_parse(mt_written(&bytes), file, &capture, j->d))
        for (size_t i = 0; i < capture.len; i++)
            trace_connection(j, &capture.rows[i]);
    mt_capture_free(&capture);
    mt_writer_free(&bytes);
}

static void run(job *j)
{
    if (j->words.len == 0)
        mt_diag_add(j->d, (mt_place){0}, "no file; wanted: mtlspec trace FILE --keys DIR | --keylog FILE");
    else if (j->o.keys.len + j->o.logs.len == 0)
        mt_diag_add(j->d, (mt_place){0}, "nothing to open it with; wanted: --keys DIR or --keylog FILE");
    else if (load_keys(j))
        for (size_t i = 0; i < j->words.len; i++)
            trace_file(j, j->words.rows[i]);
}

static int code_of(const job *j)
{
    if (mt_diag_count(j->d) != 0)
        return MT_EXIT_USAGE;
    if (j->failed != 0)
        return MT_EXIT_FAILED;
    if (j->made == 0) {
        fputs("mtlspec: error: no TLS or TLCP connection in it\n", stderr);
        return MT_EXIT_NOTHING_RAN;
    }
    return j->sealed != 0 ? MT_EXIT_NOT_JUDGED : MT_EXIT_OK;
}

int mt_cli_trace(int argc, char **argv)
{
    job j = {.d = mt_diag_new(), .keys = mt_replay_keys_new()};
    mt_parsed parsed = mt_options_parse(&options, (mt_words){argc, argv}, &j.o, &j.words, j.d);
    if (parsed == MT_PARSED)
        run(&j);
    int code = parsed == MT_PARSED_HELP ? MT_EXIT_OK : code_of(&j);
    mt_diag_print(j.d, stderr);
    mt_replay_keys_free(j.keys);
    mt_diag_free(j.d);
    mt_free(j.o.keys.rows);
    mt_free(j.o.logs.rows);
    mt_free(j.words.rows);
    return code;
}
