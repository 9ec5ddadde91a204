// SPDX-License-Identifier: Apache-2.0
#include "attempt/serve.h"
#include "base/diag.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/password.h"
#include "pki/pki.h"
#include "pki/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { IDENTITIES_MAX = 8, PASSWORD_MAX = 1024 };

typedef struct wishes {
    const char *listen, *pki, *ready_fd, *key_password_file, *key_password_env;
    mt_texts cert, key, ca, fault;
    int policy, refuse, version, algorithm;
    bool list_faults;
} wishes;

/* What the server is made of. */
typedef struct plan {
    mt_serve_config config;
    char host[64];
    long ready_fd;
    mt_arena *arena;
    mt_pki *pki;
    mt_identity identities[2 * IDENTITIES_MAX];
    mt_key *keys[2 * IDENTITIES_MAX]; /* loaded from files */
    size_t identities_len;
} plan;

/* ---- options ---- */

static const char *const policies[] = {"required", "optional", "request", "none", NULL};
static const char *const refusals[] = {"handshake", "http", "close", "reset", "silent", NULL};
static const char *const versions[] = {"any", "tls1.2", "tls1.3", "tlcp", NULL};
static const char *const algorithms[] = {"usual", "sm2", NULL};

#define AT(member) offsetof(wishes, member)
static const mt_option rows[] = {
    {"listen", 0, MT_OPTION_TEXT, AT(listen), "ADDRESS:PORT", "where; port 0 is chosen by the system (127.0.0.1:0)", NULL},
    {"pki", 0, MT_OPTION_TEXT, AT(pki), "DIR", "folder of our CAs and certificates, made if missing (pki)", NULL},
    {"cert", 0, MT_OPTION_LIST, AT(cert), "FILE",
     "instead of those: a server certificate with its chain, or a pair, PEM or PKCS#12; repeatable", NULL},
    {"key", 0, MT_OPTION_LIST, AT(key), "FILE", "its key, or both keys of the pair; as many as --cert, none if all are PKCS#12", NULL},
    {"key-password-file", 0, MT_OPTION_TEXT, AT(key_password_file), "FILE", "the keys' password is this file's first line", NULL},
    {"key-password-env", 0, MT_OPTION_TEXT, AT(key_password_env), "NAME", "the keys' password is in this environment variable", NULL},
    {"ca", 0, MT_OPTION_LIST, AT(ca), "FILE", "roots that client certificates are trusted under, PEM; repeatable (those of pki)", NULL},
    {"policy", 0, MT_OPTION_WORD, AT(policy), "WORD", "what is asked of clients: required (default), optional, request, none", policies},
    {"version", 0, MT_OPTION_WORD, AT(version), "WORD", "tls1.2, tls1.3, tlcp or any (default)", versions},
    {"algorithm", 0, MT_OPTION_WORD, AT(algorithm), "WORD",
     "of our own certificates: usual (RSA and ECC, default) or sm2 (TLCP, TLS 1.3 with SM4; trusts the other roots too)", algorithms},
    {"refuse", 0, MT_OPTION_WORD, AT(refuse), "WORD",
     "how: handshake (an alert, default), http (status 400), close (FIN), reset, silent (close_notify)", refusals},
    {"fault", 0, MT_OPTION_LIST, AT(fault), "NAME", "leave out, or add, one check; repeatable", NULL},
    {"list-faults", 0, MT_OPTION_FLAG, AT(list_faults), NULL, "print the faults, each with a sentence", NULL},
    {"ready-fd", 0, MT_OPTION_TEXT, AT(ready_fd), "NUMBER", "print the ready line to that file descriptor too", NULL},
};
static const mt_options options = {"mtlspec serve [OPTION...]", rows, MT_COUNT(rows)};

static void reject(mt_diag *d, const char *option, const char *value, const char *wanted)
{
    mt_diag_add(d, (mt_place){0}, "--%s wants %s, not '%s'", option, wanted, value);
}

static void print_faults(void)
{
    for (size_t i = 0; i < mt_engine_fault_count; i++)
        printf("%s\t%s\n", mt_engine_faults[i].name, mt_engine_faults[i].what);
    for (size_t i = 0; i < mt_path_fault_count; i++)
        if (mt_serve_fault(&(mt_serve_config){0}, mt_path_faults[i].name))
            printf("%s\t%s\n", mt_path_faults[i].name, mt_path_faults[i].what);
}

/* ADDRESS:PORT; an IPv6 address stands in brackets. */
static bool take_address(const wishes *w, plan *p, mt_diag *d)
{
    const char *colon = strrchr(w->listen, ':');
    size_t n = colon != NULL ? (size_t)(colon - w->listen) : 0;
    size_t skip = n > 1 && w->listen[0] == '[' && w->listen[n - 1] == ']' ? 1 : 0;
    char *end = NULL;
    unsigned long port = colon != NULL ? strtoul(colon + 1, &end, 10) : 0;
    if (n <= 2 * skip || n >= sizeof p->host || end == colon + 1 || *end != 0 || port > 65535) {
        reject(d, "listen", w->listen, "ADDRESS:PORT");
        return false;
    }
    memcpy(p->host, w->listen + skip, n - 2 * skip);
    p->host[n - 2 * skip] = 0;
    p->config.host = p->host;
    p->config.port = (unsigned)port;
    return true;
}

static bool take_ready_fd(const wishes *w, plan *p, mt_diag *d)
{
    char *end = NULL;
    p->ready_fd = w->ready_fd != NULL ? strtol(w->ready_fd, &end, 10) : -1;
    if (w->ready_fd == NULL || (end != w->ready_fd && *end == 0 && p->ready_fd >= 0))
        return true;
    reject(d, "ready-fd", w->ready_fd, "a number");
    return false;
}

static const char *nearest_fault(const char *name)
{
    const char *names[128];
    size_t n = 0;
    for (size_t i = 0; i < mt_engine_fault_count; i++)
        names[n++] = mt_engine_faults[i].name;
    for (size_t i = 0; i < mt_path_fault_count && n < MT_COUNT(names); i++)
        names[n++] = mt_path_faults[i].name;
    return mt_nearest(name, names, n);
}

static bool take_faults(const wishes *w, plan *p, mt_diag *d)
{
    for (size_t i = 0; i < w->fault.len; i++) {
        const char *name = w->fault.rows[i];
        if (mt_serve_fault(&p->config, name))
            continue;
        const char *near = nearest_fault(name);
        reject(d, "fault", name, "one of those that --list-faults prints");
        if (near != NULL)
            mt_diag_hint(d, "did you mean '%s'?", near);
        return false;
    }
    return true;
}

/* PKCS#12 has the key within. */
static bool all_have_keys(const wishes *w)
{
    for (size_t i = 0; i < w->cert.len; i++)
        if (!mt_pki_is_pkcs12(w->cert.rows[i]))
            return false;
    return true;
}

static bool take_files(const wishes *w, mt_diag *d)
{
    if (w->cert.len != w->key.len && (w->key.len != 0 || !all_have_keys(w)))
        mt_diag_add(d, (mt_place){0}, "%zu times --cert and %zu times --key: each certificate needs its key", w->cert.len, w->key.len);
    if (w->cert.len > IDENTITIES_MAX)
        mt_diag_add(d, (mt_place){0}, "more than %d times --cert", IDENTITIES_MAX);
    if (w->cert.len != 0 && w->ca.len == 0 && w->policy != MT_SERVE_NONE)
        mt_diag_add(d, (mt_place){0}, "--cert without --ca: under which roots are clients trusted?");
    return mt_diag_count(d) == 0;
}

static bool take_wishes(const wishes *w, plan *p, mt_diag *d)
{
    static const uint16_t codes[] = {0, MT_TLS12, MT_TLS13, MT_TLCP};
    p->config.policy = (mt_serve_policy)w->policy;
    p->config.refuse = (mt_serve_refuse)w->refuse;
    p->config.version = codes[w->version];
    return take_address(w, p, d) && take_ready_fd(w, p, d) && take_faults(w, p, d) && take_files(w, d);
}

/* ---- certificates ---- */

/* In TLS 1.3 the signing certificate of a pair stands by itself. */
static void add_signing_half(plan *p, const mt_own *own)
{
    mt_span *chain = MT_ARENA_ARRAY(p->arena, mt_span, own->chain.len);
    size_t len = 0;
    for (size_t i = 0; i < own->chain.len; i++)
        if (i != 1)
            chain[len++] = own->chain.rows[i];
    p->identities[p->identities_len++] = (mt_identity){.chain = chain, .chain_len = len, .key = own->key};
}

static bool load_identity(plan *p, const wishes *w, size_t i, mt_diag *d)
{
    char password[PASSWORD_MAX];
    const char *cert = w->cert.rows[i], *key = w->key.len != 0 ? w->key.rows[i] : cert;
    const mt_password_from from = {"--key", key, w->key_password_file, w->key_password_env};
    mt_own own;
    if (!mt_password_get(&from, password, sizeof password, d))
        return false;
    const mt_own_files files = {.cert = cert, .key = key, .password = password[0] ? password : NULL};
    bool ok = mt_own_load(&files, p->arena, &own, d);
    p->keys[2 * i] = own.key;
    p->keys[2 * i + 1] = own.enc_key;
    p->identities[p->identities_len++] =
        (mt_identity){.chain = own.chain.rows, .chain_len = own.chain.len, .key = own.key, .enc_key = own.enc_key};
    if (ok && own.enc_key != NULL)
        add_signing_half(p, &own);
    return ok;
}

static bool load_identities(plan *p, const wishes *w, mt_diag *d)
{
    for (size_t i = 0; i < w->cert.len; i++)
        if (!load_identity(p, w, i, d))
            return false;
    return true;
}

static bool load_anchors(plan *p, const wishes *w, mt_diag *d)
{
    mt_span *all = NULL;
    size_t len = 0;
    for (size_t i = 0; i < w->ca.len; i++) {
        mt_der_list list;
        if (!mt_pem_certificates(w->ca.rows[i], p->arena, &list, d))
            return false;
        mt_span *joined = MT_ARENA_ARRAY(p->arena, mt_span, len + list.len);
        if (len != 0)
            memcpy(joined, all, len * sizeof *all);
        memcpy(joined + len, list.rows, list.len * sizeof *list.rows);
        all = joined;
        len += list.len;
    }
    p->config.anchors = all;
    p->config.anchors_len = len;
    return true;
}

/* Our own pki stands in for what was not given as files. */
static bool open_pki(plan *p, const wishes *w, mt_diag *d)
{
    char recipes[4096];
    snprintf(recipes, sizeof recipes, "%s/certs", mt_cli_data());
    p->pki = mt_pki_open(&(mt_pki_config){.recipes = recipes, .dir = w->pki}, d);
    return p->pki != NULL && mt_pki_make(p->pki, d);
}

/* What stands side by side: for SM2 a single certificate (TLS 1.3) and a pair (TLCP). */
static bool make_identities(plan *p, bool sm2, mt_diag *d)
{
    static const char *const names[] = {"server"};
    static const mt_presentation usual[] = {{names, 1, true, MT_ECC, false}, {names, 1, true, MT_RSA, false}},
                                 of_sm2[] = {{names, 1, true, MT_SM2, false}, {names, 1, true, MT_SM2, true}};
    for (size_t i = 0; i < MT_COUNT(usual); i++) {
        mt_credential c;
        if (!mt_pki_present(p->pki, sm2 ? &of_sm2[i] : &usual[i], &c, d))
            return false;
        p->identities[p->identities_len++] =
            (mt_identity){.chain = c.chain, .chain_len = c.chain_len, .key = c.key, .enc_key = c.enc_key};
    }
    return true;
}

/* A server of SM2 trusts the other roots too: only then is it its own doing that an SM2 client under one of them is refused. */
static bool make_anchors(plan *p, bool sm2, mt_diag *d)
{
    size_t usual_len, sm2_len = 0;
    const mt_span *usual = mt_pki_anchors(p->pki, &usual_len, d);
    const mt_span *more = sm2 ? mt_pki_sm2_anchors(p->pki, &sm2_len, d) : NULL;
    if (usual == NULL || (sm2 && more == NULL))
        return false;
    mt_span *all = MT_ARENA_ARRAY(p->arena, mt_span, usual_len + sm2_len);
    memcpy(all, usual, usual_len * sizeof *all);
    if (sm2_len != 0)
        memcpy(all + usual_len, more, sm2_len * sizeof *all);
    p->config.anchors = all;
    p->config.anchors_len = usual_len + sm2_len;
    return true;
}

static bool equip(plan *p, const wishes *w, mt_diag *d)
{
    bool own = w->cert.len == 0, sm2 = w->algorithm != 0;
    if (own && !open_pki(p, w, d))
        return false;
    if (own ? !make_identities(p, sm2, d) : !load_identities(p, w, d))
        return false;
    p->config.identities = p->identities;
    p->config.identities_len = p->identities_len;
    return own && w->ca.len == 0 ? make_anchors(p, sm2, d) : load_anchors(p, w, d);
}

static void clear(plan *p)
{
    for (size_t i = 0; i < MT_COUNT(p->keys); i++)
        mt_key_free(p->keys[i]);
    mt_pki_free(p->pki);
    mt_arena_free(p->arena);
}

/* ---- serving ---- */

static bool say_ready(const plan *p, unsigned port, mt_diag *d)
{
    char line[128];
    bool v6 = strchr(p->host, ':') != NULL;
    int n = snprintf(line, sizeof line, "ready %s%s%s:%u\n", v6 ? "[" : "", p->host, v6 ? "]" : "", port);
    fputs(line, stdout);
    fflush(stdout);
    if (p->ready_fd < 0 || write((int)p->ready_fd, line, (size_t)n) == n)
        return true;
    mt_diag_add(d, (mt_place){0}, "--ready-fd %ld: %s", p->ready_fd, strerror(errno));
    return false;
}

static void serve(const plan *p, mt_diag *d)
{
    char error[200];
    const bool never = false;
    mt_loop *loop = mt_loop_new();
    mt_loop_watch_signals(loop);
    mt_server *server = mt_server_start(loop, &p->config, error);
    if (server == NULL)
        mt_diag_add(d, (mt_place){0}, "cannot listen on %s", error);
    else if (say_ready(p, mt_server_port(server), d))
        mt_loop_until(loop, &never);
    mt_server_stop(server);
    mt_loop_free(loop);
}

static void run(const wishes *w, mt_diag *d)
{
    plan p = {.arena = mt_arena_new()};
    if (take_wishes(w, &p, d) && equip(&p, w, d))
        serve(&p, d);
    clear(&p);
}

int mt_cli_serve(int argc, char **argv)
{
    wishes w = {.listen = "127.0.0.1:0", .pki = "pki"};
    mt_texts more = {0};
    mt_diag *d = mt_diag_new();
    mt_parsed parsed = mt_options_parse(&options, (mt_words){argc, argv}, &w, &more, d);
    if (parsed == MT_PARSED && more.len != 0)
        mt_diag_add(d, (mt_place){0}, "'%s' is not wanted here (see mtlspec serve --help)", more.rows[0]);
    else if (parsed == MT_PARSED && w.list_faults)
        print_faults();
    else if (parsed == MT_PARSED)
        run(&w, d);
    int code = mt_diag_count(d) == 0 ? MT_EXIT_OK : MT_EXIT_USAGE;
    mt_diag_print(d, stderr);
    mt_diag_free(d);
    mt_texts *const lists[] = {&w.cert, &w.key, &w.ca, &w.fault, &more};
    for (size_t i = 0; i < MT_COUNT(lists); i++)
        mt_free(lists[i]->rows);
    return code;
}
