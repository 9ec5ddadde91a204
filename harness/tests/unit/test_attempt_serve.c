// SPDX-License-Identifier: Apache-2.0
/* Our server and our client on one loop: every policy and every manner of refusing, as the client classifies them. */
#include "attempt/attempt.h"
#include "attempt/serve.h"
#include "attempt/serve_judge.h"
#include "pki/pki.h"
#include "pki/verify.h"
#include "suite.h"

typedef struct world {
    mt_loop *loop;
    mt_arena *arena;
    mt_diag *d;
    mt_identity identities[2];
    mt_serve_config config;
    mt_server *server;
    mt_addresses addresses;
    mt_target target;
} world;

/* Made before Check forks: keys of RSA take their time. */
static mt_pki *pki;

static bool make_pki(mt_diag *d)
{
    static const char *const server[] = {"server"};
    mt_credential c;
    size_t n;
    pki = mt_pki_open(&(mt_pki_config){.recipes = MT_TEST_DATA "/../../certs"}, d);
    return pki != NULL && mt_pki_present(pki, &(mt_presentation){server, 1, true, MT_RSA, false}, &c, d) &&
           mt_pki_present(pki, &(mt_presentation){server, 1, true, MT_ECC, false}, &c, d) && mt_pki_anchors(pki, &n, d) != NULL;
}

static mt_identity identity(world *w, const char *recipe, mt_algorithm a)
{
    mt_credential c;
    mt_presentation what = {&recipe, 1, true, a, false};
    bool ok = mt_pki_present(pki, &what, &c, w->d);
    ck_assert_msg(ok, "%s", mt_diag_text(w->d));
    return (mt_identity){.chain = c.chain, .chain_len = c.chain_len, .key = c.key};
}

static void open_world(world *w)
{
    *w = (world){.loop = mt_loop_new(), .arena = mt_arena_new(), .d = mt_diag_new()};
    w->identities[0] = identity(w, "server", MT_ECC);
    w->identities[1] = identity(w, "server", MT_RSA);
    w->config.identities = w->identities;
    w->config.identities_len = MT_COUNT(w->identities);
    w->config.anchors = mt_pki_anchors(pki, &w->config.anchors_len, w->d);
}

static void start(world *w)
{
    char error[200];
    w->server = mt_server_start(w->loop, &w->config, error);
    ck_assert_msg(w->server != NULL, "%s", error);
    mt_place_asked asked = {.host = "127.0.0.1", .port = mt_server_port(w->server)};
    ck_assert(mt_resolve(w->loop, &asked, 5000000, &w->addresses));
    w->target = (mt_target){.loop = w->loop, .address = &w->addresses.rows[0], .host = "localhost", .port = asked.port, .path = "/",
        .sni = "localhost", .timeout_us = 5000000, .settle_us = 5000};
}

static void close_world(world *w)
{
    mt_server_stop(w->server);
    mt_diag_free(w->d);
    mt_arena_free(w->arena);
    mt_loop_free(w->loop);
}

static const mt_attempt_result *attempt(world *w, uint16_t version, const char *recipe)
{
    mt_step step = {.label = "test", .version = version};
    if (recipe != NULL)
        step.identity = identity(w, recipe, MT_ECC);
    return mt_attempt_wait(&w->target, &step, w->arena);
}

typedef struct row {
    const char *what, *fault;
    mt_serve_policy policy;
    mt_serve_refuse refuse;
    const char *recipe;  /* NULL: no certificate */
    const char *in_tls13, *in_tls12;
} row;

#define OK "served, HTTP 200"
#define ANON "served anonymously, HTTP 200"
static const row rows[] = {
    {"good", NULL, MT_SERVE_REQUIRED, MT_SERVE_BY_ALERT, "client", OK, OK},
    {"good", NULL, MT_SERVE_REQUIRED, MT_SERVE_BY_HTTP, "client", OK, OK},
    {"good", NULL, MT_SERVE_OPTIONAL, MT_SERVE_BY_ALERT, "client", OK, OK},
    {"good", NULL, MT_SERVE_REQUEST, MT_SERVE_BY_ALERT, "client", OK, OK},
    {"expired", NULL, MT_SERVE_REQUIRED, MT_SERVE_BY_ALERT, "expired", "refused after the handshake, alert certificate_expired(45)",
     "refused in the handshake, alert certificate_expired(45)"},
    {"expired", NULL, MT_SERVE_OPTIONAL, MT_SERVE_BY_ALERT, "expired", "refused after the handshake, alert certificate_expired(45)",
     "refused in the handshake, alert certificate_expired(45)"},
    {"expired", NULL, MT_SERVE_REQUIRED, MT_SERVE_BY_HTTP, "expired", "refused over HTTP 400", "refused over HTTP 400"},
    {"expired", NULL, MT_SERVE_REQUIRED, MT_SERVE_BY_CLOSE, "expired", "refused after the handshake, closed (FIN)",
     "refused in the handshake, closed (FIN)"},
    {"expired", NULL, MT_SERVE_REQUIRED, MT_SERVE_BY_RESET, "expired", "refused after the handshake, closed (reset)",
     "refused in the handshake, closed (reset)"},
    {"expired", NULL, MT_SERVE_REQUIRED, MT_SERVE_SILENTLY, "expired", "refused after the handshake, closed (close_notify)",
     "refused in the handshake, closed (close_notify)"},
    {"missing", NULL, MT_SERVE_REQUIRED, MT_SERVE_BY_ALERT, NULL, "refused after the handshake, alert certificate_required(116)",
     "refused in the handshake, alert handshake_failure(40)"},
    {"missing", NULL, MT_SERVE_REQUIRED, MT_SERVE_BY_HTTP, NULL, "refused over HTTP 400", "refused over HTTP 400"},
    {"missing", "accept-missing-certificate", MT_SERVE_REQUIRED, MT_SERVE_BY_HTTP, NULL, ANON, ANON},
    {"missing", "accept-missing-certificate", MT_SERVE_REQUIRED, MT_SERVE_BY_ALERT, NULL, ANON, ANON},
    {"skipped", "skip-certificate-request", MT_SERVE_REQUIRED, MT_SERVE_BY_HTTP, NULL, ANON, ANON},
    {"missing", NULL, MT_SERVE_OPTIONAL, MT_SERVE_BY_ALERT, NULL, ANON, ANON},
    {"expired", NULL, MT_SERVE_REQUEST, MT_SERVE_BY_ALERT, "expired", ANON, ANON},
    {"expired", NULL, MT_SERVE_REQUEST, MT_SERVE_BY_HTTP, "expired", ANON, ANON},
    {"not asked", NULL, MT_SERVE_NONE, MT_SERVE_BY_ALERT, "expired", ANON, ANON},
    {"path fault", "accept-expired", MT_SERVE_REQUIRED, MT_SERVE_BY_ALERT, "expired", OK, OK},
};

static void check(world *w, const row *r, uint16_t version, const char *wanted)
{
    mt_writer text = {0};
    const mt_attempt_result *got = attempt(w, version, r->recipe);
    mt_outcome_write(&got->outcome, &text);
    ck_assert_msg(strcmp(mt_writer_text(&text), wanted) == 0, "%s, policy %d, manner %d: %s, wanted: %s", r->what, r->policy, r->refuse,
        mt_writer_text(&text), wanted);
    mt_writer_free(&text);
}

START_TEST(policies_and_manners)
{
    const row *r = &rows[_i];
    world w;
    open_world(&w);
    w.config.policy = r->policy;
    w.config.refuse = r->refuse;
    ck_assert(r->fault == NULL || mt_serve_fault(&w.config, r->fault));
    start(&w);
    check(&w, r, MT_TLS13, r->in_tls13);
    check(&w, r, MT_TLS12, r->in_tls12);
    close_world(&w);
}
END_TEST

START_TEST(names_of_faults)
{
    mt_serve_config c = {0};
    ck_assert(!mt_serve_fault(&c, "no-such-fault"));
    ck_assert(!mt_serve_fault(&c, "accept-other-host"));
    ck_assert(c.wire_faults == 0 && c.path_faults == 0);
    for (size_t i = 0; i < mt_engine_fault_count; i++)
        ck_assert_msg(mt_path_fault_bit(mt_engine_faults[i].name) == 0, "%s means two things", mt_engine_faults[i].name);
    ck_assert(mt_serve_fault(&c, "skip-finished") && mt_serve_fault(&c, "accept-expired"));
    ck_assert(c.wire_faults == mt_engine_fault_bit("skip-finished") && c.path_faults == mt_path_fault_bit("accept-expired"));
}
END_TEST

typedef struct crowd {
    size_t left, served;
    bool done;
} crowd;

static void count(void *self, const mt_attempt_result *result)
{
    crowd *c = self;
    c->left--;
    c->served += result->outcome.kind == MT_SERVED;
    c->done = c->left == 0;
}

START_TEST(many_at_once)
{
    enum { MANY = 60 };
    world w;
    open_world(&w);
    start(&w);
    crowd c = {.left = MANY};
    mt_identity good = identity(&w, "client", MT_ECC);
    for (int i = 0; i < MANY; i++) {
        mt_step step = {.label = "test", .version = i % 2 ? MT_TLS12 : MT_TLS13, .identity = good};
        mt_attempt_asker asker = {count, &c, w.arena};
        mt_attempt_start(&w.target, &step, &asker);
    }
    ck_assert(mt_loop_until(w.loop, &c.done));
    ck_assert_uint_eq(c.served, MANY);
    close_world(&w);
}
END_TEST

typedef struct idler {
    bool connected, ended;
} idler;

static void idle_connected(void *self)
{
    ((idler *)self)->connected = true;
}

static void idle_data(void *self, mt_span bytes)
{
    (void)self, (void)bytes;
}

static void idle_ended(void *self, mt_net_end how, const char *text)
{
    (void)how, (void)text;
    ((idler *)self)->ended = true;
}

/* Who says nothing is shown the door, and who is still there when the server stops is no trouble. */
START_TEST(deadlines)
{
    world w;
    open_world(&w);
    w.config.timeout_us = 50000;
    start(&w);
    idler a = {0}, b = {0};
    mt_conn_events of_a = {idle_connected, idle_data, idle_ended, NULL, &a}, of_b = {idle_connected, idle_data, idle_ended, NULL, &b};
    mt_conn *first = mt_conn_open(w.loop, w.target.address, &of_a);
    ck_assert(mt_loop_until(w.loop, &a.ended));
    mt_conn_close(first);
    mt_conn *second = mt_conn_open(w.loop, w.target.address, &of_b);
    ck_assert(mt_loop_until(w.loop, &b.connected));
    mt_server_stop(w.server);
    w.server = NULL;
    mt_conn_close(second);
    close_world(&w);
}
END_TEST

/* Judgements are shared while they are held, and forgotten when there are too many. */
START_TEST(judgements)
{
    enum { CHAINS = 600 };
    mt_serve_config c = {0};
    mt_bench *b = mt_bench_new(&c);
    const mt_judged *held = NULL;
    for (uint32_t i = 0; i < CHAINS; i++) {
        mt_span junk[] = {mt_span_of(&i, sizeof i)};
        const mt_judged *j = mt_bench_judge(b, junk, 1, MT_LEAF_SIGNS);
        ck_assert(!j->verdict.ok && j->who.subject == NULL);
        ck_assert_ptr_eq(mt_bench_judge(b, junk, 1, MT_LEAF_SIGNS), j);
        mt_bench_drop(b, j);
        if (i == 0)
            held = j;
        else
            mt_bench_drop(b, j);
    }
    uint32_t first = 0;
    mt_span junk[] = {mt_span_of(&first, sizeof first)};
    ck_assert_ptr_eq(mt_bench_judge(b, junk, 1, MT_LEAF_SIGNS), held);
    mt_bench_free(b);
}
END_TEST

START_TEST(a_taken_port)
{
    world w;
    char error[200] = "";
    open_world(&w);
    start(&w);
    w.config.port = mt_server_port(w.server);
    ck_assert_ptr_null(mt_server_start(w.loop, &w.config, error));
    ck_assert_ptr_nonnull(strstr(error, "in use"));
    close_world(&w);
}
END_TEST

int main(void)
{
    const suite_row tests[] = {
        {&policies_and_manners, MT_COUNT(rows), 0}, {&names_of_faults, 0, 0}, {&many_at_once, 0, 0}, {&deadlines, 0, 0},
        {&judgements, 0, 0}, {&a_taken_port, 0, 0},
    };
    mt_diag *d = mt_diag_new();
    int failed = make_pki(d) ? suite_run("attempt serve", tests, MT_COUNT(tests)) : 1;
    mt_diag_print(d, stderr);
    mt_pki_free(pki);
    mt_diag_free(d);
    return failed;
}
