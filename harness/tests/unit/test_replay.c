// SPDX-License-Identifier: Apache-2.0
/* Every recorded handshake is replayed, and all that its meta makes computable is computed again. One flipped bit must show. */
#include "crypto/hash.h"
#include "replay/capture.h"
#include "replay/replay.h"
#include "suite.h"
#include "wire/codes.h"

#include <dirent.h>
#include <jansson.h>

#define FOLDER MT_TEST_DATA "/vectors/sm2"
enum { NAMES_MAX = 64, FIRST = 20, STEP = 599, STEP_RESUMED = 61 };

static char *names[NAMES_MAX]; /* of transcripts, without ".json" */
static int names_len;

typedef struct recording {
    json_t *meta;
    mt_capture capture;
    mt_replay_keys *keys;
    mt_diag *d;
    mt_writer wire;    /* what was seen, a line a record or clear message, as meta's "wire" has it */
    mt_writer data[2]; /* application data, client's and server's */
    mt_replay_counts counts;
    unsigned notes;
} recording;

static void load_keys(recording *r)
{
    mt_writer log = {0};
    json_t *line;
    size_t i;
    json_array_foreach(json_object_get(r->meta, "keylog"), i, line)
        mt_writef(&log, "%s\n", json_string_value(line));
    r->keys = mt_replay_keys_new();
    ck_assert_msg(mt_replay_keys_folder(r->keys, FOLDER, r->d) && mt_replay_keys_log(r->keys, mt_written(&log), "meta", r->d), "%s",
                  mt_diag_text(r->d));
    mt_writer_free(&log);
}

static void load(recording *r, const char *name)
{
    mt_writer path = {0}, bytes = {0};
    *r = (recording){.d = mt_diag_new()};
    mt_writef(&path, FOLDER "/%s.meta.json", name);
    r->meta = json_load_file(mt_writer_text(&path), 0, NULL);
    ck_assert_msg(r->meta != NULL, "%s has no meta", name);
    mt_writer_clear(&path);
    mt_writef(&path, FOLDER "/%s.json", name);
    ck_assert(mt_replay_file(mt_writer_text(&path), &bytes, r->d));
    ck_assert_msg(mt_capture_parse(mt_written(&bytes), name, &r->capture, r->d), "%s", mt_diag_text(r->d));
    load_keys(r);
    mt_writer_free(&bytes);
    mt_writer_free(&path);
}

static void unload(recording *r)
{
    json_decref(r->meta);
    mt_capture_free(&r->capture);
    mt_replay_keys_free(r->keys);
    mt_diag_free(r->d);
    mt_writer_free(&r->wire);
    mt_writer_free(&r->data[0]);
    mt_writer_free(&r->data[1]);
}

/* ---- what was seen ---- */

/* The meta's names are those of the RFCs' structures: server_key_exchange is ServerKeyExchange. */
static void write_camel(mt_writer *out, const char *name)
{
    for (const char *p = name; *p != 0; p++) {
        bool first = p == name || p[-1] == '_';
        if (*p != '_')
            mt_writef(out, "%c", first && *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
}

static void see_record(recording *r, const mt_replay_event *e)
{
    mt_writer *w = &r->wire;
    const char *dir = e->server ? "s2c" : "c2s";
    if (e->type == MT_CHANGE_CIPHER_SPEC)
        mt_writef(w, "%s:CCS\n", dir);
    else if (e->type == MT_ALERT && e->is_protected)
        mt_writef(w, "%s:alert-encrypted\n", dir);
    else if (e->type == MT_APPLICATION_DATA)
        mt_writef(w, "%s:appdata[%zu]\n", dir, e->len);
    else if (e->is_protected)
        mt_writef(w, "%s:hs-encrypted[%zu]\n", dir, e->len);
}

static void see_message(recording *r, const mt_replay_event *e)
{
    mt_writef(&r->wire, "%s:", e->server ? "s2c" : "c2s");
    write_camel(&r->wire, e->what);
    mt_writef(&r->wire, "\n");
}

static void see_other(recording *r, const mt_replay_event *e)
{
    if (strcmp(e->what, "application_data") == 0)
        mt_write_bytes(&r->data[e->server], e->data);
    else if (strcmp(e->what, "alert") == 0 && !e->is_protected && e->data.len == 2)
        mt_writef(&r->wire, "%s:ALERT(%u,%u %s)\n", e->server ? "s2c" : "c2s", e->data.at[0], e->data.at[1],
                  mt_code_name(&mt_alerts, e->data.at[1]));
}

static void see(void *self, const mt_replay_event *e)
{
    recording *r = self;
    if (e->kind == MT_REPLAY_SAW_RECORD)
        see_record(r, e);
    else if (e->kind == MT_REPLAY_SAW_MESSAGE && !e->is_protected)
        see_message(r, e);
    else if (e->kind == MT_REPLAY_SAW_OTHER)
        see_other(r, e);
    else if (e->kind == MT_REPLAY_SAW_NOTE)
        r->notes++;
}

static void replay(recording *r)
{
    mt_replay *p = mt_replay_new(r->keys, (mt_replay_sink){see, r});
    const mt_connection *c = &r->capture.rows[0];
    mt_writer_clear(&r->wire);
    mt_writer_clear(&r->data[0]);
    mt_writer_clear(&r->data[1]);
    r->notes = 0;
    for (size_t i = 0; i < c->len; i++) {
        mt_replay_take(p, c->chunks[i].server, c->chunks[i].bytes);
        if (c->chunks[i].ended) {
            mt_replay_end(p, c->chunks[i].server);
            mt_writef(&r->wire, "%s:EOF\n", c->chunks[i].server ? "s2c" : "c2s");
        }
    }
    r->counts = *mt_replay_counts_of(p);
    mt_replay_free(p);
}

/* ---- what must have been seen ---- */

static bool has(const char *name, const char *part)
{
    return strstr(name, part) != NULL;
}

/* How many checks the kind of the recording makes possible. A session taken up again has nothing but Finished. */
static void count_wanted(const char *name, unsigned want[MT_REPLAY_CHECKS])
{
    bool tlcp = has(name, "tlcp"), ecc = has(name, "-ecc-"), failed = has(name, "neg-");
    bool anonymous = has(name, "-oneway") || has(name, "-nocert");
    want[MT_REPLAY_FINISHED] = tlcp && failed ? 1 : 2;
    if (has(name, "-resumed"))
        return;
    want[MT_REPLAY_KEY_EXCHANGE] = tlcp;
    want[MT_REPLAY_PREMASTER] = ecc;
    want[MT_REPLAY_MASTER] = ecc && !failed;
    want[MT_REPLAY_VERIFY] = !tlcp + !anonymous;
}

/* Each of them was made: none fell out in silence. */
static bool made_all(const recording *r, const char *name)
{
    unsigned want[MT_REPLAY_CHECKS] = {0};
    const unsigned *made = r->counts.made, chain = has(name, "-resumed") ? 0 : 2;
    count_wanted(name, want);
    for (int i = MT_REPLAY_KEY_EXCHANGE; i < MT_REPLAY_RECORD; i++)
        if (made[i] != want[i])
            return false;
    return made[MT_REPLAY_CERTIFICATE] >= chain && r->counts.sealed == 0 && r->notes == 0;
}

static bool wire_is_as_noted(const recording *r)
{
    mt_writer noted = {0};
    json_t *line;
    size_t i;
    json_array_foreach(json_object_get(r->meta, "wire"), i, line)
        mt_writef(&noted, "%s\n", json_string_value(line));
    bool same = mt_span_equal(mt_written(&noted), mt_written(&r->wire));
    mt_writer_free(&noted);
    return same;
}

static void write_reversed(mt_writer *out, mt_span text)
{
    while (text.len != 0) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        size_t len = end != NULL ? (size_t)(end - text.at) : text.len;
        for (size_t i = len; i > 0; i--)
            mt_write_uint(out, text.at[i - 1], 1);
        mt_write_bytes(out, mt_span_first(mt_span_skip(text, len), 1));
        text = mt_span_skip(text, len + 1);
    }
}

/* The servers turned each line round or sent it back behind a word; refused clients had said nothing. */
static bool answer_fits(const recording *r, bool refused)
{
    mt_writer echo = {0}, reversed = {0};
    mt_span said = mt_written(&r->data[0]), answered = mt_written(&r->data[1]);
    mt_writef(&echo, "ECHO:");
    mt_write_bytes(&echo, said);
    write_reversed(&reversed, said);
    bool fits = mt_span_equal(answered, mt_written(&echo)) || mt_span_equal(answered, mt_written(&reversed));
    mt_writer_free(&echo);
    mt_writer_free(&reversed);
    return fits && refused == (said.len == 0);
}

/* NULL: everything was computed again and holds. */
static const char *wrong(const recording *r, const char *name)
{
    if (mt_replay_failed(&r->counts) != 0)
        return "a check fails";
    if (!made_all(r, name))
        return "a check was not made";
    if (!wire_is_as_noted(r))
        return "the records are not those that were noted";
    return answer_fits(r, has(name, "neg-")) ? NULL : "the server's answer is not made of what the client said";
}

static void print_counts(const char *name, const recording *r)
{
    printf("%s: %u checks (", name, mt_replay_made(&r->counts));
    for (int i = 0; i < MT_REPLAY_CHECKS; i++)
        if (r->counts.made[i] != 0)
            printf("%s%u %s", i ? ", " : "", r->counts.made[i], mt_replay_check_name((mt_replay_check)i));
    printf("), %zu bytes of plaintext\n", r->data[0].len + r->data[1].len);
    fflush(stdout);
}

START_TEST(recomputes)
{
    recording r;
    load(&r, names[_i]);
    replay(&r);
    print_counts(names[_i], &r);
    const char *what = wrong(&r, names[_i]);
    ck_assert_msg(what == NULL, "%s: %s; seen:\n%s", names[_i], what, mt_writer_text(&r.wire));
    unload(&r);
}
END_TEST

static void replay_damaged(recording *r, mt_chunk *c, size_t at, unsigned bit)
{
    mt_writer damaged = {0};
    mt_span whole = c->bytes;
    mt_write_bytes(&damaged, whole);
    damaged.at[at] ^= (uint8_t)(1U << bit);
    c->bytes = mt_written(&damaged);
    replay(r);
    c->bytes = whole;
    mt_writer_free(&damaged);
}

START_TEST(one_bit_shows)
{
    recording r;
    load(&r, names[_i]);
    mt_connection *c = &r.capture.rows[0];
    size_t next = FIRST, flipped = 0, step = has(names[_i], "-resumed") ? STEP_RESUMED : STEP;
    for (size_t i = 0; i < c->len; i++) {
        size_t len = c->chunks[i].bytes.len;
        for (; next < len; next += step, flipped++) {
            replay_damaged(&r, &c->chunks[i], next, (unsigned)flipped % 8);
            ck_assert_msg(wrong(&r, names[_i]) != NULL, "%s: bit %zu of byte %zu of read %zu", names[_i], flipped % 8, next, i);
        }
        next -= len;
    }
    ck_assert_uint_gt(flipped, 2);
    unload(&r);
}
END_TEST

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_names(void)
{
    DIR *dir = opendir(FOLDER);
    if (dir == NULL)
        mt_die("no folder %s", FOLDER);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        size_t len = strlen(e->d_name);
        bool meta = len > 10 && strcmp(e->d_name + len - 10, ".meta.json") == 0;
        if (meta && names_len < NAMES_MAX) {
            names[names_len] = mt_strdup(e->d_name);
            names[names_len++][len - 10] = 0;
        }
    }
    closedir(dir);
    qsort(names, (size_t)names_len, sizeof *names, compare);
}

int main(void)
{
    find_names();
    const suite_row rows[] = {{&recomputes, names_len, 0}, {&one_bit_shows, names_len, 0}};
    return suite_run("replay", rows, MT_COUNT(rows));
}
