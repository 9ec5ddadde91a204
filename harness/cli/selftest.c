// SPDX-License-Identifier: Apache-2.0
#include "cli/selftest.h"

#include "cli/cli.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN_MAX = 40 /* lines of difference that are printed */ };

static const char golden_matrix[] = "reports/golden/selftest-matrix.txt";
static const char *const peer_words[] = {"refserver", "serve", "serve-sm2", "all", NULL};

typedef struct wishes {
    const char *pki, *matrix, *cases;
    int peer;
    bool full;
} wishes;

#define AT(member) offsetof(wishes, member)
static const mt_option rows[] = {
    {"full", 0, MT_OPTION_FLAG, AT(full), NULL, "all faults against all cases, compared with the golden matrix", NULL},
    {"peer", 0, MT_OPTION_WORD, AT(peer), "PEER", "only refserver, serve or serve-sm2; default: all", peer_words},
    {"pki", 0, MT_OPTION_TEXT, AT(pki), "DIR", "where the generated certificates live (default pki)", NULL},
    {"cases", 0, MT_OPTION_TEXT, AT(cases), "DIR", "cases of your own in the place of the program's", NULL},
    {"matrix", 0, MT_OPTION_TEXT, AT(matrix), "FILE", "with --full: write the matrix there", NULL},
};
static const mt_options options = {"mtlspec selftest [CASE...] [OPTION...]", rows, MT_COUNT(rows)};

void mt_finding(mt_stage *s, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (s->progress)
        fputs("\r\033[K", stderr);
    fputs("OFF  ", stdout);
    vprintf(fmt, args);
    fputc('\n', stdout);
    va_end(args);
    s->findings++;
}

static const char *under_data(mt_stage *s, const char *name)
{
    return mt_arena_printf(s->arena, "%s/%s", mt_cli_data(), name);
}

/* ---- the stage ---- */

static bool equip(mt_stage *s, mt_side *side, const mt_presentation what[2])
{
    for (size_t i = 0; i < MT_COUNT(side->identities); i++) {
        mt_credential c;
        if (!mt_pki_present(s->pki, &what[i], &c, s->d))
            return false;
        side->identities[i] = (mt_identity){.chain = c.chain, .chain_len = c.chain_len, .key = c.key, .enc_key = c.enc_key};
    }
    return true;
}

typedef const mt_span *anchors_of(mt_pki *p, size_t *n, mt_diag *d);

static const mt_span *join(mt_stage *s, anchors_of *usual_of, anchors_of *sm2_of, size_t *n)
{
    size_t usual_len = 0, sm2_len = 0;
    const mt_span *usual = usual_of(s->pki, &usual_len, s->d), *sm2 = sm2_of(s->pki, &sm2_len, s->d);
    if (usual == NULL || sm2 == NULL)
        return NULL;
    mt_span *all = MT_ARENA_ARRAY(s->arena, mt_span, usual_len + sm2_len);
    memcpy(all, usual, usual_len * sizeof *all);
    memcpy(all + usual_len, sm2, sm2_len * sizeof *all);
    *n = usual_len + sm2_len;
    return all;
}

/* Our servers trust the roots of every algorithm: that a key is of another one must be what they refuse it for. */
static bool join_anchors(mt_stage *s)
{
    s->anchors = join(s, mt_pki_anchors, mt_pki_sm2_anchors, &s->anchors_len);
    s->server_anchors = join(s, mt_pki_server_anchors, mt_pki_sm2_server_anchors, &s->server_anchors_len);
    return s->anchors != NULL && s->server_anchors != NULL;
}

static bool open_pki(mt_stage *s)
{
    static const char *const names[] = {"server"};
    static const mt_presentation usual[] = {{names, 1, true, MT_ECC, false}, {names, 1, true, MT_RSA, false}},
                                 sm2[] = {{names, 1, true, MT_SM2, false}, {names, 1, true, MT_SM2, true}};
    s->pki = mt_pki_open(&(mt_pki_config){.recipes = under_data(s, "certs"), .dir = s->pki_dir}, s->d);
    if (s->pki == NULL || !mt_pki_make(s->pki, s->d) || !mt_pki_make_sm2(s->pki, s->d))
        return false;
    return equip(s, &s->usual, usual) && equip(s, &s->sm2, sm2) && join_anchors(s);
}

/* The runs of a case stand side by side. */
static void take_unit(mt_stage *s, const mt_plan *plan)
{
    if (s->cases_len == 0 || s->cases_of[s->cases_len - 1] != plan->of)
        s->cases_of[s->cases_len++] = plan->of;
    s->units[s->units_len++] = (mt_unit){.plan = plan, .of = s->cases_len - 1};
}

static bool load_cases(mt_stage *s, const wishes *w, const mt_texts *words)
{
    mt_selection all = {.level = MT_LEVEL_INFO, .under_test = "server"}, chosen = all;
    mt_plans plans;
    chosen.cases = words->rows;
    chosen.cases_len = words->len;
    s->cases = mt_cases_load(w->cases ? w->cases : under_data(s, "cases"), s->pki, s->d);
    if (s->cases == NULL || !mt_cases_plan(s->cases, &all, &s->known, s->d) || !mt_cases_plan(s->cases, &chosen, &plans, s->d))
        return false;
    s->units = MT_ARENA_ARRAY(s->arena, mt_unit, plans.len);
    s->cases_of = MT_ARENA_ARRAY(s->arena, const mt_case *, plans.len);
    s->passed = MT_ARENA_ARRAY(s->arena, bool, plans.len);
    for (size_t i = 0; i < plans.len; i++)
        take_unit(s, plans.rows[i]);
    return true;
}

static void find_baseline(mt_stage *s)
{
    struct stat found;
    const char *file = under_data(s, "reports/golden/selftest-refserver.yaml");
    s->baseline = stat(file, &found) == 0 ? file : NULL;
}

static void clear(mt_stage *s)
{
    mt_cases_free(s->cases);
    mt_pki_free(s->pki);
    mt_loop_free(s->loop);
    mt_free(s->pairs);
    mt_free(s->known_met.rows);
    mt_free(s->survey_faults.rows);
    for (int kind = 0; kind < MT_PEERS; kind++)
        mt_free(s->faults[kind].rows);
    mt_arena_free(s->arena);
}

/* ---- the golden matrix ---- */

static bool read_file(const char *file, mt_writer *out)
{
    char part[4096];
    FILE *f = fopen(file, "r");
    if (f == NULL)
        return false;
    for (size_t n = fread(part, 1, sizeof part, f); n != 0; n = fread(part, 1, sizeof part, f))
        mt_write_bytes(out, mt_span_of(part, n));
    fclose(f);
    return true;
}

typedef struct lines {
    char **rows;
    size_t len, cap;
} lines;

/* Each line with its heading in front, so that a line says by itself what it is about. */
static lines split(mt_arena *arena, const char *text)
{
    lines l = {0};
    const char *heading = "";
    for (const char *at = text; *at != 0;) {
        size_t n = strcspn(at, "\n");
        const char *line = mt_arena_printf(arena, "%.*s", (int)n, at);
        if (line[0] != ' ')
            heading = line;
        MT_GROW(l.rows, l.len, l.cap);
        l.rows[l.len++] = mt_arena_printf(arena, "%s%s", heading, line[0] == ' ' ? line + 1 : "");
        at += n + (at[n] == '\n');
    }
    return l;
}

static bool has_line(const lines *l, const char *line)
{
    for (size_t i = 0; i < l->len; i++)
        if (strcmp(l->rows[i], line) == 0)
            return true;
    return false;
}

static void show_missing(mt_stage *s, const lines *from, const lines *in, const char *what)
{
    size_t shown = 0;
    for (size_t i = 0; i < from->len; i++) {
        if (has_line(in, from->rows[i]))
            continue;
        if (shown < SHOWN_MAX)
            mt_finding(s, "matrix: %s: %s", what, from->rows[i]);
        shown++;
    }
    if (shown > SHOWN_MAX)
        printf("     and %zu more\n", shown - SHOWN_MAX);
}

static void compare_matrix(mt_stage *s, const char *seen)
{
    mt_writer golden = {0};
    const char *file = under_data(s, golden_matrix);
    if (!read_file(file, &golden)) {
        mt_finding(s, "there is no golden matrix %s", file);
        return;
    }
    lines a = split(s->arena, mt_writer_text(&golden)), b = split(s->arena, seen);
    show_missing(s, &a, &b, "no longer");
    show_missing(s, &b, &a, "new");
    printf("matrix: %zu lines, %zu in the golden file\n", b.len, a.len);
    mt_free(a.rows);
    mt_free(b.rows);
    mt_writer_free(&golden);
}

static bool has_case(const mt_stage *s, const char *id)
{
    size_t n = strcspn(id, "\n");
    for (size_t i = 0; i < s->cases_len; i++) {
        size_t suite = strlen(s->cases_of[i]->suite);
        if (strlen(s->cases_of[i]->id) + suite + 1 == n && strncmp(id, s->cases_of[i]->suite, suite) == 0 &&
            strncmp(id + suite + 1, s->cases_of[i]->id, n - suite - 1) == 0)
            return true;
    }
    return false;
}

/* A case that once caught something must not get lost. */
static void check_cases(mt_stage *s)
{
    mt_writer golden = {0};
    mt_names gone = {0};
    if (!read_file(under_data(s, golden_matrix), &golden))
        mt_finding(s, "there is no golden matrix %s", under_data(s, golden_matrix));
    lines l = split(s->arena, mt_writer_text(&golden));
    for (size_t i = 0; i < l.len; i++) {
        const char *id = strstr(l.rows[i], ": ");
        id = id != NULL ? id + 2 : ""; /* a heading */
        if (*id == 0 || has_case(s, id) || mt_names_has(&gone, id))
            continue;
        mt_finding(s, "the case %s of the golden matrix is gone", id);
        MT_GROW(gone.rows, gone.len, gone.cap);
        gone.rows[gone.len++] = id;
    }
    mt_free(gone.rows);
    mt_free(l.rows);
    mt_writer_free(&golden);
}

static bool write_matrix(mt_stage *s, const char *file, mt_span text)
{
    FILE *f = fopen(file, "w");
    bool ok = f != NULL && fwrite(text.at, 1, text.len, f) == text.len;
    if (f != NULL)
        ok = fclose(f) == 0 && ok;
    if (!ok)
        mt_diag_add(s->d, (mt_place){file, 0, 0}, "cannot be written");
    return ok;
}

static bool check_matrix(mt_stage *s, const wishes *w, bool whole)
{
    mt_writer matrix = {0};
    bool ok = mt_prove_matrix(s, &matrix);
    if (ok && w->matrix != NULL)
        ok = write_matrix(s, w->matrix, mt_written(&matrix));
    if (ok && whole)
        compare_matrix(s, mt_writer_text(&matrix));
    mt_writer_free(&matrix);
    return ok;
}

/* ---- the subcommand ---- */

/* A fault that several peers have is counted once. */
static size_t count_faults(const mt_stage *s)
{
    size_t n = 0;
    for (int kind = 0; kind < MT_PEERS; kind++)
        for (size_t i = 0; i < s->faults[kind].len && s->chosen[kind]; i++) {
            bool again = false;
            for (int before = 0; before < kind; before++)
                again = again || (s->chosen[before] && mt_names_has(&s->faults[before], s->faults[kind].rows[i]));
            n += again ? 0 : 1;
        }
    return n;
}

static bool prove(mt_stage *s, const wishes *w, bool whole)
{
    if (!mt_peer_faults_learn(s) || !mt_prove_honest(s) || !mt_prove_pairs(s))
        return false;
    if (whole && !mt_prove_no_holes(s))
        return false;
    if (whole)
        check_cases(s);
    return !w->full || check_matrix(s, w, whole && w->peer == MT_PEERS);
}

static int perform(mt_stage *s, const wishes *w, const mt_texts *words)
{
    mt_clock clock = mt_clock_system();
    uint64_t begun = clock.now_us(clock.self);
    bool whole = words->len == 0;
    if (!open_pki(s) || !load_cases(s, w, words))
        return MT_EXIT_USAGE;
    find_baseline(s);
    bool ok = prove(s, w, whole);
    if (mt_loop_signal(s->loop) != 0)
        return MT_EXIT_INTERRUPTED;
    if (!ok)
        return MT_EXIT_INTERNAL;
    printf("selftest: %zu cases, %zu runs, %zu faults; %zu findings; %.1f s\n", s->cases_len, s->runs, count_faults(s), s->findings,
        (double)(clock.now_us(clock.self) - begun) / 1e6);
    return s->findings == 0 ? MT_EXIT_OK : MT_EXIT_FAILED;
}

static int stage_and_perform(const wishes *w, const mt_texts *words, mt_diag *d)
{
    mt_stage s = {.loop = mt_loop_new(), .arena = mt_arena_new(), .d = d, .pki_dir = w->pki, .progress = isatty(STDERR_FILENO) == 1};
    mt_loop_watch_signals(s.loop);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int kind = 0; kind < MT_PEERS; kind++)
        s.chosen[kind] = w->peer == MT_PEERS || w->peer == kind;
    int code = perform(&s, w, words);
    clear(&s);
    return code;
}

int mt_cli_selftest(int argc, char **argv)
{
    wishes w = {.pki = "pki", .peer = MT_PEERS};
    mt_texts words = {0};
    mt_diag *d = mt_diag_new();
    mt_parsed parsed = mt_options_parse(&options, (mt_words){argc, argv}, &w, &words, d);
    if (parsed == MT_PARSED && w.matrix != NULL && !w.full)
        mt_diag_add(d, (mt_place){0}, "--matrix needs --full");
    int code = parsed == MT_PARSED_HELP ? MT_EXIT_OK : MT_EXIT_USAGE;
    if (parsed == MT_PARSED && mt_diag_count(d) == 0)
        code = stage_and_perform(&w, &words, d);
    mt_diag_print(d, stderr);
    mt_diag_free(d);
    mt_free(words.rows);
    return code;
}
