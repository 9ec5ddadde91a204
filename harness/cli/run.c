// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"
#include "cli/embedded.h"
#include "cli/options.h"
#include "cli/password.h"
#include "report/report.h"
#include "run/run.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PASSWORD_MAX = 1024 };

static const char *const policy_words[] = {"required", "optional", "request", "none", "detect", NULL};
static const char *const level_words[] = {"must", "should", "info", NULL};
static const char *const style_words[] = {"portable", "extended", NULL};
static const char *const choice_words[] = {"auto", "always", "never", NULL};
static const char system_anchors[] = "/etc/ssl/certs/ca-certificates.crt";

typedef struct run_options {
    const char *target, *granted, *cert, *key, *enc_cert, *enc_key,
        *key_password_file, *key_password_env, *cacert, *ca, *ca_key, *ca_key_password_file,
        *ca_key_password_env, *sni, *pki, *tag, *baseline, *junit, *json, *keylog;
    int policy, level, style, colour, progress;
    bool insecure, strict, verbose, quiet;
    mt_texts resolve, connect_to, exclude, fault;
    unsigned jobs;
    double rate;
    uint64_t timeout;
} run_options;

#define AT(member) offsetof(run_options, member)
static const mt_option rows[] = {
    {"target", 't', MT_OPTION_TEXT, AT(target), "URL", "https://HOST[:PORT][/PATH]; default: the embedded reference servers", NULL},
    {"policy", 0, MT_OPTION_WORD, AT(policy), "POLICY", "what the owner states: required (default), ...; or detect", policy_words},
    {"granted", 0, MT_OPTION_TEXT, AT(granted), "RULE", "what is served: 200,204 or 'header N: V' or 'body TEXT' or any-reply", NULL},
    {"cert", 0, MT_OPTION_TEXT, AT(cert), "FILE", "your own working client certificate with its chain, PEM or PKCS#12", NULL},
    {"key", 0, MT_OPTION_TEXT, AT(key), "FILE", "its private key, PEM; PKCS#12 has it within", NULL},
    {"enc-cert", 0, MT_OPTION_TEXT, AT(enc_cert), "FILE", "TLCP: its encryption certificate, unless --cert holds the pair", NULL},
    {"enc-key", 0, MT_OPTION_TEXT, AT(enc_key), "FILE", "the encryption certificate's private key, PEM", NULL},
    {"key-password-file", 0, MT_OPTION_TEXT, AT(key_password_file), "FILE", "the key's password is this file's first line", NULL},
    {"key-password-env", 0, MT_OPTION_TEXT, AT(key_password_env), "NAME", "the key's password is in this environment variable", NULL},
    {"cacert", 0, MT_OPTION_TEXT, AT(cacert), "FILE", "CAs that the server's own certificate is checked against, PEM", NULL},
    {"insecure", 'k', MT_OPTION_FLAG, AT(insecure), NULL, "do not check the server's own certificate", NULL},
    {"ca", 0, MT_OPTION_TEXT, AT(ca), "FILE", "a CA that the target trusts; it issues the client certificates", NULL},
    {"ca-key", 0, MT_OPTION_TEXT, AT(ca_key), "FILE", "its private key, PEM", NULL},
    {"ca-key-password-file", 0, MT_OPTION_TEXT, AT(ca_key_password_file), "FILE", "the CA key's password is this file's first line", NULL},
    {"ca-key-password-env", 0, MT_OPTION_TEXT, AT(ca_key_password_env), "NAME", "the CA key's password is in this variable", NULL},
    {"pki", 0, MT_OPTION_TEXT, AT(pki), "DIR", "where the generated certificates live (default pki)", NULL},
    {"sni", 0, MT_OPTION_TEXT, AT(sni), "NAME", "server name to ask for, and to find in the server's certificate", NULL},
    {"resolve", 0, MT_OPTION_LIST, AT(resolve), "H:P:ADDR", "connect to ADDR for host H and port P", NULL},
    {"connect-to", 0, MT_OPTION_LIST, AT(connect_to), "H1:P1:H2:P2", "connect to H2:P2 instead of H1:P1", NULL},
    {"jobs", 0, MT_OPTION_COUNT, AT(jobs), "N", "connections in flight (default 4 on loopback, else 1)", NULL},
    {"rate", 0, MT_OPTION_RATE, AT(rate), "N/s", "connections started a second (default 5/s, none on loopback; 0: no limit)", NULL},
    {"timeout", 0, MT_OPTION_DURATION, AT(timeout), "TIME", "for each of connect, handshake and answer (default 3s)", NULL},
    {"strict", 'S', MT_OPTION_FLAG, AT(strict), NULL, "what is only a note fails: another manner, a broken 'should'", NULL},
    {"level", 0, MT_OPTION_WORD, AT(level), "LEVEL", "leave out what is below must, should or info (default: all run)", level_words},
    {"tag", 'T', MT_OPTION_TEXT, AT(tag), "EXPR", "only runs with these tags: 'quick', 'ecc and not tls1.2'", NULL},
    {"exclude", 'x', MT_OPTION_LIST, AT(exclude), "CASE", "leave out a case or a subtree", NULL},
    {"baseline", 'b', MT_OPTION_TEXT, AT(baseline), "FILE", "known deviations", NULL},
    {"junit", 'j', MT_OPTION_TEXT, AT(junit), "FILE", "JUnit report (default reports/junit.xml; '-' is standard output)", NULL},
    {"junit-style", 0, MT_OPTION_WORD, AT(style), "STYLE", "portable (default) or extended", style_words},
    {"json", 0, MT_OPTION_TEXT, AT(json), "FILE", "JSON report", NULL},
    {"keylog", 0, MT_OPTION_TEXT, AT(keylog), "FILE", "append the TLS secrets, for Wireshark", NULL},
    {"fault", 0, MT_OPTION_LIST, AT(fault), "NAME", "without a target: the reference server leaves out this check", NULL},
    {"color", 0, MT_OPTION_WORD, AT(colour), "WHEN", "auto, always or never", choice_words},
    {"progress", 0, MT_OPTION_WORD, AT(progress), "WHEN", "the bar: auto, always or never", choice_words},
    {"verbose", 'v', MT_OPTION_FLAG, AT(verbose), NULL, "the transcript of every run", NULL},
    {"quiet", 'q', MT_OPTION_FLAG, AT(quiet), NULL, "only failures and the end", NULL},
};
static const mt_options options = {"mtlspec run [CASE...] [-t URL] [OPTION...]", rows, MT_COUNT(rows)};

/* Everything that one run needs, released together. */
typedef struct job {
    run_options o;
    mt_texts words;
    mt_diag *d;
    mt_arena *arena;
    mt_loop *loop;
    mt_pki *pki;
    mt_cases *cases;
    mt_plans plans, known;
    mt_embedded embedded, sm2_embedded;
    mt_reports *reports;
    FILE *keylog;
    mt_run_config config;
    mt_summary summary;
} job;

/* ---- from options to a configuration ---- */

static void check_words(job *j)
{
    for (size_t i = 0; i < j->words.len; i++) {
        if (strstr(j->words.rows[i], "://") != NULL)
            mt_diag_add(j->d, (mt_place){0}, "%s is no case; a target is named with -t", j->words.rows[i]);
    }
}

/* PKCS#12 has certificate and key in one file. */
static void key_within(const char *cert, const char **key)
{
    if (cert != NULL && *key == NULL && mt_pki_is_pkcs12(cert))
        *key = cert;
}

static void keys_within(run_options *o)
{
    key_within(o->cert, &o->key);
    key_within(o->enc_cert, &o->enc_key);
    key_within(o->ca, &o->ca_key);
}

static bool check_pairs(job *j)
{
    const run_options *o = &j->o;
    const struct {
        bool wrong;
        const char *what;
    } rules[] = {
        {(o->cert == NULL) != (o->key == NULL), "--cert and --key belong together"},
        {(o->enc_cert == NULL) != (o->enc_key == NULL), "--enc-cert and --enc-key belong together"},
        {o->enc_cert != NULL && o->cert == NULL, "--enc-cert is half of a pair: --cert and --key are the other"},
        {(o->ca == NULL) != (o->ca_key == NULL), "--ca and --ca-key belong together"},
        {o->key == NULL && (o->key_password_file != NULL || o->key_password_env != NULL), "a password, and no --key that it is for"},
        {o->ca_key == NULL && (o->ca_key_password_file != NULL || o->ca_key_password_env != NULL), "a password, and no --ca-key for it"},
        {o->cacert != NULL && o->insecure, "--cacert and --insecure exclude each other"},
        {o->target == NULL && o->ca != NULL, "--ca is for a target of yours: name it with -t"},
        {o->target == NULL && o->cert != NULL, "--cert is for a target of yours: name it with -t"},
        {o->target != NULL && o->fault.len != 0, "--fault is for the embedded server: leave -t out"},
    };
    check_words(j);
    for (size_t i = 0; i < MT_COUNT(rules); i++) {
        if (rules[i].wrong)
            mt_diag_add(j->d, (mt_place){0}, "%s", rules[i].what);
    }
    return mt_diag_count(j->d) == 0;
}

static bool open_pki(job *j)
{
    const run_options *o = &j->o;
    char key[PASSWORD_MAX], ca[PASSWORD_MAX];
    mt_password_from of_key = {"--key", o->key, o->key_password_file, o->key_password_env},
                     of_ca = {"--ca-key", o->ca_key, o->ca_key_password_file, o->ca_key_password_env};
    if (!mt_password_get(&of_key, key, sizeof key, j->d) || !mt_password_get(&of_ca, ca, sizeof ca, j->d))
        return false;
    mt_pki_config c = {
        .recipes = mt_arena_printf(j->arena, "%s/certs", mt_cli_data()), .dir = o->pki ? o->pki : "pki", .ca = o->ca, .ca_key = o->ca_key,
        .ca_password = ca[0] ? ca : NULL, .cert = o->cert, .key = o->key, .password = key[0] ? key : NULL,
        .enc_cert = o->enc_cert, .enc_key = o->enc_key,
    };
    j->pki = mt_pki_open(&c, j->d);
    return j->pki != NULL;
}

static bool load_cases(job *j)
{
    mt_selection all = {.level = MT_LEVEL_INFO, .under_test = "server"}, chosen = all;
    chosen.cases = j->words.rows;
    chosen.cases_len = j->words.len;
    chosen.tags = j->o.tag;
    chosen.exclude = j->o.exclude.rows;
    chosen.exclude_len = j->o.exclude.len;
    chosen.level = j->o.level;
    j->cases = mt_cases_load(mt_arena_printf(j->arena, "%s/cases", mt_cli_data()), j->pki, j->d);
    return j->cases != NULL && mt_cases_plan(j->cases, &all, &j->known, j->d) && mt_cases_plan(j->cases, &chosen, &j->plans, j->d);
}

typedef bool override_parse(const char *text, const char *option, mt_override *out, mt_diag *d);

static bool add_overrides(job *j, const mt_texts *texts, const char *option, override_parse *parse)
{
    mt_override *into = (mt_override *)(uintptr_t)j->config.overrides;
    for (size_t i = 0; i < texts->len; i++) {
        if (!parse(texts->rows[i], option, &into[j->config.overrides_len], j->d))
            return false;
        j->config.overrides_len++;
    }
    return true;
}

static bool set_overrides(job *j)
{
    j->config.overrides = MT_ARENA_ARRAY(j->arena, mt_override, j->o.resolve.len + j->o.connect_to.len);
    return add_overrides(j, &j->o.resolve, "--resolve", mt_override_resolve) &&
           add_overrides(j, &j->o.connect_to, "--connect-to", mt_override_connect);
}

static bool needs(const job *j, mt_algorithm a)
{
    bool needed = false;
    for (size_t i = 0; i < j->plans.len; i++)
        needed = needed || j->plans.rows[i]->algorithm == a;
    return needed;
}

static void join(job *j, const mt_der_list *lists, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += lists[i].len;
    mt_span *all = MT_ARENA_ARRAY(j->arena, mt_span, len);
    j->config.anchors = all;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < lists[i].len; k++)
            all[j->config.anchors_len++] = lists[i].rows[k];
}

typedef const mt_span *anchors_of(mt_pki *pki, size_t *n, mt_diag *d);

static bool add_ours(job *j, anchors_of *anchors, mt_der_list *out)
{
    out->rows = (mt_span *)(uintptr_t)anchors(j->pki, &out->len, j->d);
    return out->rows != NULL;
}

/* Without --cacert: what this machine trusts, and the CAs of our own servers. */
static bool set_anchors(job *j)
{
    enum { FROM_FILE, OURS, OURS_SM2, LISTS };
    mt_der_list lists[LISTS] = {{0}};
    struct stat found;
    const char *file = j->o.cacert ? j->o.cacert : stat(system_anchors, &found) == 0 && j->o.target != NULL ? system_anchors : NULL;
    bool ok = file == NULL || mt_pem_certificates(file, j->arena, &lists[FROM_FILE], j->d);
    if (j->o.cacert == NULL)
        ok = ok && add_ours(j, mt_pki_server_anchors, &lists[OURS]);
    if (j->o.cacert == NULL && needs(j, MT_SM2))
        ok = ok && add_ours(j, mt_pki_sm2_server_anchors, &lists[OURS_SM2]);
    if (ok)
        join(j, lists, LISTS);
    return ok;
}

static void write_keylog(void *self, const char *line)
{
    fprintf(self, "%s\n", line);
    fflush(self);
}

static bool open_keylog(job *j)
{
    if (j->o.keylog == NULL)
        return true;
    j->keylog = fopen(j->o.keylog, "a");
    if (j->keylog == NULL)
        mt_diag_add(j->d, (mt_place){.file = j->o.keylog}, "cannot be written to");
    j->config.keylog = write_keylog;
    j->config.keylog_self = j->keylog;
    return j->keylog != NULL;
}

static bool open_reports(job *j)
{
    mt_report_options junit = {.path = j->o.junit ? j->o.junit : "reports/junit.xml", .style = (mt_junit_style)j->o.style},
                      json = {.path = j->o.json}, screen = {.quiet = j->o.quiet, .verbose = j->o.verbose};
    j->reports = mt_reports_new();
    bool ok = mt_reports_add(j->reports, &mt_report_junit, &junit, j->d);
    ok = ok && (json.path == NULL || mt_reports_add(j->reports, &mt_report_json, &json, j->d));
    bool taken = strcmp(junit.path, "-") == 0 || (json.path != NULL && strcmp(json.path, "-") == 0);
    screen.out = taken ? stderr : stdout;
    screen.progress = stderr;
    mt_report_surroundings(&screen, (mt_choice)j->o.colour, (mt_choice)j->o.progress);
    return ok && mt_reports_add(j->reports, &mt_report_terminal, &screen, j->d);
}

/* The words that were given, quoted where a shell would want it. There is no password among them. */
static const char *command_of(job *j, int argc, char **argv)
{
    mt_writer w = {0};
    mt_writef(&w, "mtlspec");
    for (int i = 0; i < argc; i++) {
        mt_writef(&w, " ");
        mt_write_quoted(&w, argv[i]);
    }
    const char *text = mt_arena_strdup(j->arena, mt_writer_text(&w));
    mt_writer_free(&w);
    return text;
}

/* How one run of this target is started again: what chooses runs or reports is left out. */
static const char *again_of(job *j)
{
    static const char *const without[] = {"level", "tag", "exclude", "baseline", "junit", "junit-style", "json", "keylog", "color",
        "progress", "verbose", "quiet", "jobs", "rate", NULL};
    mt_writer w = {0};
    mt_writef(&w, "mtlspec run");
    mt_options_write(&options, &j->o, without, &w);
    const char *text = mt_arena_strdup(j->arena, mt_writer_text(&w));
    mt_writer_free(&w);
    return text;
}

/* What libssl is known to do otherwise is no news about an honest embedded server; selftest holds the list to it. */
static void expect_known_deviations(job *j)
{
    if (j->o.baseline == NULL && j->o.fault.len == 0)
        j->config.baseline = mt_arena_printf(j->arena, "%s/reports/golden/selftest-refserver.yaml", mt_cli_data());
}

/* SM2 has a server of its own, where there are runs for it. */
static bool start_sm2(job *j, mt_embedded_asked asked)
{
    mt_url url;
    asked.kind = MT_EMBEDDED_SM2;
    if (!needs(j, MT_SM2))
        return true;
    bool ok = mt_embedded_start(j->loop, j->pki, &asked, &j->sm2_embedded, j->d) && mt_url_parse(j->sm2_embedded.url, &url, j->d);
    j->config.sm2_port = ok ? url.port : 0;
    return ok;
}

/* 0, or the exit code. */
static int start_embedded(job *j)
{
    mt_policy policy = (mt_policy)j->o.policy;
    mt_embedded_asked asked = {.policy = mt_policy_name(policy == MT_POLICY_DETECT ? MT_POLICY_REQUIRED : policy),
        .faults = j->o.fault.rows, .faults_len = j->o.fault.len, .pki_dir = j->o.pki ? j->o.pki : "pki"};
    bool known = mt_embedded_has_faults(j->loop, &asked, j->d);
    bool ok = known && mt_embedded_start(j->loop, j->pki, &asked, &j->embedded, j->d) && start_sm2(j, asked);
    if (mt_loop_signal(j->loop) != 0)
        return MT_EXIT_INTERRUPTED;
    j->config.target = j->embedded.url;
    expect_known_deviations(j);
    if (ok && mt_url_parse(j->embedded.url, &j->config.url, j->d))
        return MT_EXIT_OK;
    return known ? MT_EXIT_INTERNAL : MT_EXIT_USAGE;
}

/* Everything that can be wrong with what was given is found here, before anything is connected to or written. */
static bool prepare(job *j)
{
    mt_run_config *c = &j->config;
    c->target = j->o.target;
    c->policy = (mt_policy)j->o.policy;
    c->granted = j->o.granted;
    c->sni = j->o.sni;
    c->insecure = j->o.insecure;
    c->timeout_us = j->o.timeout;
    c->jobs = j->o.jobs;
    c->rate = j->o.rate;
    c->strict = j->o.strict;
    c->baseline = j->o.baseline;
    c->known = &j->known;
    c->chosen = j->words.rows;
    c->chosen_len = j->words.len;
    c->again = again_of(j);
    keys_within(&j->o);
    c->own_key = j->o.ca ? NULL : j->o.key;
    if (j->o.target != NULL && !mt_url_parse(j->o.target, &c->url, j->d))
        return false;
    return check_pairs(j) && set_overrides(j) && open_pki(j) && load_cases(j) && set_anchors(j);
}

/* ---- the run ---- */

static void on_begin(void *self, const mt_summary *s)
{
    mt_reports_begin(((job *)self)->reports, s);
}

static void on_result(void *self, const mt_result *r)
{
    mt_reports_result(((job *)self)->reports, r);
}

static void on_end(void *self, const mt_summary *s)
{
    ((job *)self)->summary = *s;
}

static void on_progress(void *self, const mt_run_progress *p)
{
    mt_progress now = {.done = p->done, .planned = p->planned, .running = p->running, .now_us = p->now_us, .left_us = p->left_us};
    mt_reports_progress(((job *)self)->reports, &now);
}

static bool keylog_is_whole(const job *j)
{
    bool ok = j->keylog == NULL || ferror(j->keylog) == 0;
    if (!ok)
        mt_diag_add(j->d, (mt_place){.file = j->o.keylog}, "the TLS secrets could not all be written");
    return ok;
}

static int finish(job *j)
{
    if (!keylog_is_whole(j))
        j->summary.exit_code = MT_EXIT_INTERNAL;
    if (!mt_reports_end_files(j->reports, &j->summary, j->d))
        j->summary.exit_code = MT_EXIT_INTERNAL;
    if (!mt_reports_end_terminal(j->reports, &j->summary, j->d))
        j->summary.exit_code = MT_EXIT_INTERNAL;
    return j->summary.exit_code;
}

static int judge(job *j)
{
    mt_run_sink sink = {on_begin, on_result, on_end, on_progress, j};
    mt_run *r = open_keylog(j) ? mt_run_new(j->loop, &j->config, j->pki, &j->plans, j->d) : NULL;
    if (r == NULL || !open_reports(j)) {
        mt_run_free(r);
        return MT_EXIT_USAGE;
    }
    mt_run_all(r, &sink);
    int code = finish(j);
    mt_run_free(r);
    return code;
}

static void make_keys(job *j)
{
    for (mt_algorithm a = MT_RSA; a < MT_ALGORITHMS && j->o.target == NULL; a++) {
        if (a == MT_SM2 && !needs(j, a))
            continue;
        mt_pki_want(j->pki, "server", a);
        mt_pki_want(j->pki, "root", a);
    }
    mt_run_make_keys(j->pki, &j->plans);
}

static int run(job *j, int argc, char **argv)
{
    mt_parsed parsed = mt_options_parse(&options, (mt_words){argc, argv}, &j->o, &j->words, j->d);
    if (parsed != MT_PARSED)
        return parsed == MT_PARSED_HELP ? MT_EXIT_OK : MT_EXIT_USAGE;
    j->config.command = command_of(j, argc, argv);
    if (!prepare(j))
        return MT_EXIT_USAGE;
    make_keys(j);
    j->loop = mt_loop_new();
    mt_loop_watch_signals(j->loop);
    int code = j->o.target == NULL ? start_embedded(j) : MT_EXIT_OK;
    return code == MT_EXIT_OK ? judge(j) : code;
}

static void release(job *j)
{
    if (j->loop != NULL) {
        mt_embedded_stop(&j->embedded);
        mt_embedded_stop(&j->sm2_embedded);
        mt_loop_free(j->loop);
    }
    if (j->keylog != NULL)
        fclose(j->keylog);
    mt_reports_free(j->reports);
    mt_cases_free(j->cases);
    mt_pki_free(j->pki);
    mt_free(j->words.rows);
    mt_free(j->o.resolve.rows);
    mt_free(j->o.connect_to.rows);
    mt_free(j->o.exclude.rows);
    mt_free(j->o.fault.rows);
    mt_arena_free(j->arena);
    mt_diag_free(j->d);
}

int mt_cli_run(int argc, char **argv)
{
    job j = {.o = {.level = MT_LEVEL_INFO}, .d = mt_diag_new(), .arena = mt_arena_new()};
    int code = run(&j, argc, argv);
    mt_diag_print(j.d, stderr);
    release(&j);
    return code;
}
