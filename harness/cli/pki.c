// SPDX-License-Identifier: Apache-2.0
#include "pki/pki.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/password.h"
#include "pki/recipe.h"

enum { PASSWORD_MAX = 256 };

static const char *const target_words[] = {"all", "nginx", "haproxy", "apache", "cloud", NULL};
static const char *const algorithm_words[] = {"all", "rsa", "ecc", "sm2", NULL};

typedef struct pki_options {
    const char *pki, *ca, *ca_key, *ca_key_password_file, *ca_key_password_env, *out;
    int target, algorithm; /* 0: all */
    bool renew, all;
} pki_options;

#define AT(member) offsetof(pki_options, member)
static const mt_option rows[] = {
    {"pki", 0, MT_OPTION_TEXT, AT(pki), "DIR", "the folder of keys and certificates (default pki)", NULL},
    {"renew", 0, MT_OPTION_FLAG, AT(renew), NULL, "make: throw the CAs away and make new ones; targets must be told", NULL},
    {"all", 0, MT_OPTION_FLAG, AT(all), NULL, "make: write the files of every recipe", NULL},
    {"ca", 0, MT_OPTION_TEXT, AT(ca), "FILE", "make: a CA that the target trusts already; it issues in place of ours", NULL},
    {"ca-key", 0, MT_OPTION_TEXT, AT(ca_key), "FILE", "make: its private key, PEM", NULL},
    {"ca-key-password-file", 0, MT_OPTION_TEXT, AT(ca_key_password_file), "FILE", "the CA key's password is this file's first line", NULL},
    {"ca-key-password-env", 0, MT_OPTION_TEXT, AT(ca_key_password_env), "NAME", "the CA key's password is in this variable", NULL},
    {"algorithm", 0, MT_OPTION_WORD, AT(algorithm), "NAME", "rsa, ecc, sm2 or all (default)", algorithm_words},
    {"for", 0, MT_OPTION_WORD, AT(target), "KIND", "export: instructions for nginx, haproxy, apache, cloud or all (default)", target_words},
    {"out", 'o', MT_OPTION_TEXT, AT(out), "FILE", "export: roots and intermediates (default DIR/bundle.pem; '-': standard output)", NULL},
};
static const mt_options options = {"mtlspec pki make [RECIPE...] | show [RECIPE...] | export  [OPTION...]", rows, MT_COUNT(rows)};

typedef struct job {
    pki_options o;
    mt_texts words; /* behind the verb */
    mt_diag *d;
    mt_arena *arena;
    mt_pki *pki;
} job;

static bool open_pki(job *j)
{
    pki_options *o = &j->o;
    char password[PASSWORD_MAX];
    if (o->ca != NULL && o->ca_key == NULL && mt_pki_is_pkcs12(o->ca))
        o->ca_key = o->ca;
    mt_password_from from = {"--ca-key", o->ca_key, o->ca_key_password_file, o->ca_key_password_env};
    if ((o->ca == NULL) != (o->ca_key == NULL))
        mt_diag_add(j->d, (mt_place){0}, "--ca and --ca-key belong together");
    if (mt_diag_count(j->d) != 0 || !mt_password_get(&from, password, sizeof password, j->d))
        return false;
    mt_pki_config c = {.recipes = mt_arena_printf(j->arena, "%s/certs", mt_cli_data()),
                       .dir = o->pki,
                       .renew = o->renew,
                       .ca = o->ca,
                       .ca_key = o->ca_key,
                       .ca_password = password[0] ? password : NULL};
    j->pki = mt_pki_open(&c, j->d);
    return j->pki != NULL;
}

static bool wants(const job *j, mt_algorithm a)
{
    return j->o.algorithm == 0 || strcmp(algorithm_words[j->o.algorithm], mt_algorithm_name(a)) == 0;
}

static const mt_recipe *find(const job *j, const char *name)
{
    size_t n;
    const char *const *names = mt_pki_names(j->pki, &n);
    const mt_recipe *r = mt_recipe_at(j->pki, name);
    if (r != NULL)
        return r;
    const char *near = mt_nearest(name, names, n);
    mt_diag_add(j->d, (mt_place){0}, "no recipe '%s'%s%s%s (see mtlspec pki show)", name, near ? "; did you mean '" : "", near ? near : "",
                near ? "'?" : "");
    return NULL;
}

/* ---- make ---- */

static void make_pair(job *j, const char *name)
{
    const char *files[MT_PAIR_FILES];
    size_t n = mt_pki_pair_files(j->pki, name, files, j->d);
    for (size_t i = 0; i < n; i++)
        printf("%s\n", files[i]);
}

/* Not every recipe has its like over SM2; a recipe that cannot be made at all is an error. */
static bool make_recipe(job *j, const char *name)
{
    bool made = false;
    for (int i = MT_RSA; i <= MT_SM2; i++) {
        mt_algorithm a = (mt_algorithm)i;
        mt_presentation what = {&name, 1, true, a, false};
        bool passed_over = a == MT_SM2 && made && mt_pki_reach(j->pki, name, a) != NULL;
        if (!wants(j, a) || passed_over)
            continue;
        const char *file = mt_pki_file(j->pki, &what, j->d);
        made = file != NULL;
        if (!made)
            return false;
        printf("%s\n", file);
        if (a == MT_SM2)
            make_pair(j, name);
    }
    return made;
}

static bool make_hierarchies(job *j)
{
    bool sm2 = wants(j, MT_SM2);
    if (!mt_pki_make(j->pki, j->d) || (sm2 && !mt_pki_make_sm2(j->pki, j->d)))
        return false;
    printf("%s/ca.pem          the roots that a target must trust for client certificates\n"
           "%s/server-ca.pem   the roots of our own servers\n"
           "%s/rsa, %s/ecc    certificates with their chains, and keys\n",
           j->o.pki, j->o.pki, j->o.pki, j->o.pki);
    if (sm2 && mt_pki_reach(j->pki, "client", MT_SM2) == NULL)
        printf("%s/sm2             the same over SM2, bundles too; pairs: NAME-pair.pem, NAME.sign.pem, NAME.enc.pem\n", j->o.pki);
    return true;
}

static void make(job *j)
{
    size_t n;
    const char *const *names = mt_pki_names(j->pki, &n);
    bool ok = true;
    for (size_t i = 0; i < j->words.len; i++)
        ok = find(j, j->words.rows[i]) != NULL && ok;
    ok = ok && make_hierarchies(j);
    for (size_t i = 0; ok && i < j->words.len; i++)
        ok = make_recipe(j, j->words.rows[i]);
    for (size_t i = 0; ok && j->o.all && i < n; i++)
        ok = make_recipe(j, names[i]);
}

/* ---- show ---- */

static void show_chain(job *j, const char *name, mt_algorithm a)
{
    mt_credential c;
    mt_presentation what = {&name, 1, true, a, false};
    const char *why = mt_pki_reach(j->pki, name, a);
    if (why != NULL && a == MT_SM2)
        printf("  %s  %s\n", mt_algorithm_name(a), why);
    if ((why != NULL && a == MT_SM2) || !mt_pki_present(j->pki, &what, &c, j->d))
        return;
    printf("  %s  %s\n", mt_algorithm_name(a), c.description);
    mt_digest print = mt_hash(MT_SHA256, c.chain[0]);
    mt_writer hex = {0};
    mt_write_hex(&hex, mt_digest_span(&print));
    printf("       sha256 %s\n", mt_writer_text(&hex));
    mt_writer_free(&hex);
}

static void show_list(const char *title, const mt_yaml_texts *list)
{
    if (list->len == 0)
        return;
    printf("  %s", title);
    for (size_t i = 0; i < list->len; i++)
        printf(" %s", list->rows[i]);
    putchar('\n');
}

static void show_recipe(job *j, const char *name)
{
    static const char *const verdicts[] = {"", "accepted", "refused", "accepted or refused"};
    const mt_recipe *r = find(j, name);
    if (r == NULL)
        return;
    printf("%s: %s\n", r->name, r->about);
    if (r->like != NULL)
        printf("  like %s\n", r->like);
    if (r->verdict != MT_RECIPE_UNSTATED)
        printf("  by RFC 5280 and RFC 8446: %s\n", verdicts[r->verdict]);
    show_list("catalogue:", &r->catalogue);
    show_list("accepted in error by a verifier with:", &r->masked_by);
    show_list("refused in error by a verifier with:", &r->refused_by);
    for (int a = MT_RSA; a <= MT_SM2; a++)
        if (wants(j, (mt_algorithm)a))
            show_chain(j, r->name, (mt_algorithm)a);
}

static void show_all(job *j)
{
    static const char *const roots[] = {"root", "intermediate", "server-root"};
    size_t n;
    const char *const *names = mt_pki_names(j->pki, &n);
    for (size_t i = 0; i < MT_COUNT(roots); i++) {
        printf("%s: %s\n", roots[i], mt_recipe_at(j->pki, roots[i])->about);
        for (int a = MT_RSA; a <= MT_SM2; a++)
            if (wants(j, (mt_algorithm)a))
                show_chain(j, roots[i], (mt_algorithm)a);
    }
    puts("");
    for (size_t i = 0; i < n; i++)
        printf("%-46s %s\n", names[i], mt_recipe_at(j->pki, names[i])->about);
}

static void show(job *j)
{
    for (size_t i = 0; i < j->words.len; i++)
        show_recipe(j, j->words.rows[i]);
    if (j->words.len == 0)
        show_all(j);
}

/* ---- export ---- */

typedef enum bundle { OF_RSA_AND_ECC, OF_SM2 } bundle;

static bool collect(job *j, bundle which, const char *recipe, mt_writer *pem)
{
    for (int i = MT_RSA; i <= MT_SM2; i++) {
        mt_credential c;
        mt_presentation what = {&recipe, 1, false, (mt_algorithm)i, false};
        if (!wants(j, (mt_algorithm)i) || (i == MT_SM2) != (which == OF_SM2))
            continue;
        if (!mt_pki_present(j->pki, &what, &c, j->d))
            return false;
        mt_pem_write(pem, c.chain[0]);
    }
    return true;
}

static const char nginx_text[] = "nginx (http or stream):\n"
                                 "    ssl_client_certificate  %s/ca.pem;\n"
                                 "    ssl_verify_client       on;\n"
                                 "    ssl_verify_depth        6;      # the default of 1 refuses longer chains\n";
static const char haproxy_text[] = "haproxy:\n"
                                   "    bind :443 ssl crt SERVER.pem ca-file %s/ca.pem verify required\n";
static const char apache_text[] = "apache:\n"
                                  "    SSLCACertificateFile  %s/ca.pem\n"
                                  "    SSLVerifyClient       require\n"
                                  "    SSLVerifyDepth        6\n";
static const char cloud_text[] =
    "a cloud console (CDN, load balancer):\n"
    "    Upload %s/ca.pem (the roots) as the client CA. Where the console wants intermediates too, upload\n"
    "    %s: each CA before the one that issued it, the root last, lines of 64 characters,\n"
    "    no blank line, no private key in it. Wait until the change is everywhere.\n";
static const char note_text[] =
    "A target that holds our intermediate takes its own in the place of the one that is sent, and rightly so: the cases about a\n"
    "missing or bad intermediate then fail without its fault. Install the roots alone wherever that is possible.\n";
static const char warning_text[] =
    "WARNING: the keys of this CA lie unencrypted in %s/keys, and whoever has them can log in at the target. Install it\n"
    "in test environments only, and remove it from the target when the tests are done.\n";

static bool is_for(const job *j, const char *kind)
{
    return j->o.target == 0 || strcmp(target_words[j->o.target], kind) == 0;
}

static void instruct(const job *j, FILE *to, const char *file)
{
    if (is_for(j, "nginx"))
        fprintf(to, nginx_text, j->o.pki);
    if (is_for(j, "haproxy"))
        fprintf(to, haproxy_text, j->o.pki);
    if (is_for(j, "apache"))
        fprintf(to, apache_text, j->o.pki);
    if (is_for(j, "cloud"))
        fprintf(to, cloud_text, j->o.pki, file);
    fputs(note_text, to);
    fprintf(to, warning_text, j->o.pki);
}

static const char sm2_text[] =
    "a target that speaks SM2 (TLCP, RFC 8998): %s/sm2/ca.pem as its client CA, and no other program: most refuse a whole file for\n"
    "    one curve that they do not know. Its own certificates, if it has none: %s/sm2/server.sign.pem, server.enc.pem and their keys.\n";

/* Nearest issuers first, roots last. */
static void write_bundle(job *j, bundle which, const char *file)
{
    mt_writer pem = {0};
    const char *folder = mt_arena_printf(j->arena, "%s%s", j->o.pki, which == OF_SM2 ? "/sm2" : "");
    bool made = which == OF_SM2 ? mt_pki_make_sm2(j->pki, j->d) : mt_pki_make(j->pki, j->d);
    file = file ? file : mt_arena_printf(j->arena, "%s/bundle.pem", folder);
    if (made && collect(j, which, "intermediate", &pem) && collect(j, which, "root", &pem)) {
        if (strcmp(file, "-") == 0)
            fwrite(pem.at, 1, pem.len, stdout);
        else if (mt_file_write(file, mt_written(&pem), 0644, j->d))
            printf("%s/ca.pem       the roots\n%s   the roots and the intermediates\n\n", folder, file);
    }
    mt_writer_free(&pem);
}

/* One file holds one bundle: SM2 goes there only when nothing else does. */
static void write_bundles(job *j, bool sm2_alone)
{
    if (!sm2_alone)
        write_bundle(j, OF_RSA_AND_ECC, j->o.out);
    bool sm2 = sm2_alone || (wants(j, MT_SM2) && j->o.out == NULL);
    if (sm2 && mt_diag_count(j->d) == 0)
        write_bundle(j, OF_SM2, j->o.out);
}

static void export(job *j)
{
    bool sm2_alone = j->o.algorithm != 0 && wants(j, MT_SM2), to_stdout = j->o.out != NULL && strcmp(j->o.out, "-") == 0;
    FILE *to = to_stdout ? stderr : stdout;
    if (j->words.len != 0)
        mt_diag_add(j->d, (mt_place){0}, "'%s' is not wanted here: export writes the CAs only", j->words.rows[0]);
    else
        write_bundles(j, sm2_alone);
    if (mt_diag_count(j->d) != 0)
        return;
    const char *file = j->o.out ? j->o.out : mt_arena_printf(j->arena, "%s/bundle.pem", j->o.pki);
    if (!sm2_alone)
        instruct(j, to, to_stdout ? "BUNDLE.pem" : file);
    if (wants(j, MT_SM2))
        fprintf(to, sm2_text, j->o.pki, j->o.pki);
}

/* ---- the command ---- */

static const struct {
    const char *name;
    void (*run)(job *j);
} verbs[] = {{"make", make}, {"show", show}, {"export", export}};

static void run(job *j)
{
    const char *verb = j->words.len ? j->words.rows[0] : "";
    size_t i = 0;
    while (i < MT_COUNT(verbs) && strcmp(verbs[i].name, verb) != 0)
        i++;
    if (i == MT_COUNT(verbs)) {
        mt_diag_add(j->d, (mt_place){0}, "%s%s%s; wanted: make, show or export", *verb ? "'" : "nothing to do", verb,
                    *verb ? "' is no verb" : "");
        return;
    }
    mt_texts all = j->words;
    j->words.rows++;
    j->words.len--;
    if (open_pki(j))
        verbs[i].run(j);
    j->words = all;
}

int mt_cli_pki(int argc, char **argv)
{
    job j = {.o = {.pki = "pki"}, .d = mt_diag_new(), .arena = mt_arena_new()};
    if (mt_options_parse(&options, (mt_words){argc, argv}, &j.o, &j.words, j.d) == MT_PARSED)
        run(&j);
    int code = mt_diag_count(j.d) == 0 ? MT_EXIT_OK : MT_EXIT_USAGE;
    mt_diag_print(j.d, stderr);
    mt_pki_free(j.pki);
    mt_arena_free(j.arena);
    mt_diag_free(j.d);
    mt_free(j.words.rows);
    return code;
}
