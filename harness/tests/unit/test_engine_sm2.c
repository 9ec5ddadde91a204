// SPDX-License-Identifier: Apache-2.0
/* TLCP and RFC 8998 engine to engine: every suite, mutual and one-way, whole and byte by byte; and what an honest server refuses. */
#include "engine_pair.h"
#include "suite.h"

typedef struct cell {
    const char *about;
    uint16_t version, suite;
    bool mutual;
} cell;

static const cell cells[] = {
    {"ECC with CBC", MT_TLCP, 0xe013, true},         {"ECC with GCM", MT_TLCP, 0xe053, true},
    {"ECDHE with CBC", MT_TLCP, 0xe011, true},       {"ECDHE with GCM", MT_TLCP, 0xe051, true},
    {"ECC with CBC, one-way", MT_TLCP, 0xe013, false}, {"ECC with GCM, one-way", MT_TLCP, 0xe053, false},
    {"TLS 1.3 with GCM", MT_TLS13, 0x00c6, true},    {"TLS 1.3 with CCM", MT_TLS13, 0x00c7, true},
    {"TLS 1.3 with GCM, one-way", MT_TLS13, 0x00c6, false},
};

static const uint16_t sm2_groups[] = {MT_CURVE_SM2, 0}, sm2_schemes[] = {0x0708, 0};

typedef struct pair {
    mt_test_identity client, server;
    uint16_t suites[2];
} pair;

static void make_identity(mt_test_identity *t, uint16_t version)
{
    if (version == MT_TLCP)
        mt_test_pair_make(t);
    else
        mt_test_identity_make(t, MT_KEY_SM2);
}

static void make_pair(pair *p, const cell *c)
{
    make_identity(&p->client, c->version);
    make_identity(&p->server, c->version);
    p->suites[0] = c->suite;
    p->suites[1] = 0;
}

static void free_pair(pair *p)
{
    mt_test_identity_free(&p->client);
    mt_test_identity_free(&p->server);
}

static mt_engine *make_client(const pair *p, const cell *c)
{
    mt_engine_config config = {.role = MT_CLIENT, .version = c->version, .suites = p->suites, .groups = sm2_groups, .schemes = sm2_schemes};
    if (c->mutual)
        config.identity = p->client.identity;
    return mt_engine_new(&config);
}

static mt_engine *make_server(const pair *p, const cell *c)
{
    mt_engine_config config = {.role = MT_SERVER, .version = c->version, .suites = p->suites, .groups = sm2_groups, .schemes = sm2_schemes,
                               .identities = &p->server.identity, .identities_len = 1,
                               .request = c->mutual ? MT_REQUEST_REQUIRED : MT_REQUEST_OPTIONAL};
    return mt_engine_new(&config);
}

static void check_served(mt_engine *client, mt_engine *server, const cell *c)
{
    mt_engine_write(client, mt_span_text("ping"));
    mt_test_pump(client, server);
    ck_assert_msg(mt_engine_info_of(client)->phase == MT_PHASE_OPEN, "%s: client: %s", c->about, mt_engine_info_of(client)->fault);
    ck_assert_msg(mt_engine_info_of(server)->phase == MT_PHASE_OPEN, "%s: server: %s", c->about, mt_engine_info_of(server)->fault);
    ck_assert(mt_span_equal(mt_engine_received(server), mt_span_text("ping")));
    mt_engine_write(server, mt_span_text("pong"));
    mt_test_pump(client, server);
    ck_assert(mt_span_equal(mt_engine_received(client), mt_span_text("pong")));
    ck_assert(mt_engine_info_of(server)->peer_proved == c->mutual);
    ck_assert_uint_eq(mt_engine_info_of(client)->suite, c->suite);
}

START_TEST(handshakes)
{
    pair p;
    make_pair(&p, &cells[_i]);
    mt_engine *client = make_client(&p, &cells[_i]), *server = make_server(&p, &cells[_i]);
    check_served(client, server, &cells[_i]);
    mt_engine_free(client);
    mt_engine_free(server);
    free_pair(&p);
}
END_TEST

typedef struct lie {
    const char *about;
    uint16_t version, suite;
    const char *edit;
    int alert;
} lie;

static const lie lies[] = {
    {"signature bit flipped", MT_TLCP, 0xe053, "certificate_verify.signature xor 01 at 20", 51},
    {"signature bit flipped", MT_TLS13, 0x00c6, "certificate_verify.signature xor 01 at 20", 51},
    {"no certificate_verify", MT_TLCP, 0xe013, "certificate_verify drop", 10},
    {"certificate_verify before the key exchange", MT_TLCP, 0xe053, "client_key_exchange swap certificate_verify", 10},
    {"ciphertext damaged", MT_TLCP, 0xe053, "client_key_exchange.ciphertext xor 01 at 90", 51},
    {"point off the curve", MT_TLCP, 0xe051, "client_key_exchange.point xor 01 at 20", 40},
    {"finished damaged", MT_TLCP, 0xe013, "finished.verify_data xor 01 at 0", 51},
    {"scheme of another algorithm", MT_TLS13, 0x00c6, "certificate_verify.scheme set ecdsa_secp256r1_sha256", 47},
    {"server's context", MT_TLS13, 0x00c7, "certificate_verify context server", 51},
};

START_TEST(lie_is_refused)
{
    const lie *l = &lies[_i];
    cell c = {l->about, l->version, l->suite, true};
    pair p;
    mt_edit edit;
    mt_diag *d = mt_diag_new();
    mt_arena *arena = mt_arena_new();
    make_pair(&p, &c);
    ck_assert_msg(mt_edit_parse(l->edit, (mt_place){0}, arena, &edit, d), "%s", mt_diag_text(d));
    mt_engine_config config = {.role = MT_CLIENT, .version = l->version, .suites = p.suites, .groups = sm2_groups, .schemes = sm2_schemes,
                               .identity = p.client.identity, .edits = &edit, .edits_len = 1};
    mt_engine *client = mt_engine_new(&config), *server = make_server(&p, &c);
    mt_test_pump(client, server);
    const mt_engine_info *info = mt_engine_info_of(server);
    ck_assert_msg(mt_engine_info_of(client)->edit_missed == NULL, "%s: not told", l->about);
    ck_assert_msg(info->end == MT_END_FAULT && info->alert_sent == l->alert, "%s: alert %d (%s)", l->about, info->alert_sent, info->fault);
    mt_engine_free(client);
    mt_engine_free(server);
    mt_arena_free(arena);
    mt_diag_free(d);
    free_pair(&p);
}
END_TEST

typedef struct beside {
    uint16_t version, suite; /* negotiated */
    mt_key_kind client;
    bool pair;
} beside;

/* RSA, ECC and SM2 side by side, nothing configured but the keys: the ClientHello chooses. */
static const beside chosen[] = {
    {MT_TLS13, 0x1301, MT_KEY_RSA, false}, {MT_TLS13, 0x1301, MT_KEY_P256, false}, {MT_TLS13, 0x00c6, MT_KEY_SM2, false},
    {MT_TLCP, 0xe053, MT_KEY_SM2, true},   {MT_TLS12, 0xc02b, MT_KEY_RSA, false},
};

START_TEST(side_by_side)
{
    const beside *b = &chosen[_i];
    mt_test_identity rsa, p256, sm2, both, client;
    mt_test_identity_make(&rsa, MT_KEY_RSA);
    mt_test_identity_make(&p256, MT_KEY_P256);
    mt_test_identity_make(&sm2, MT_KEY_SM2);
    mt_test_pair_make(&both);
    if (b->pair)
        mt_test_pair_make(&client);
    else
        mt_test_identity_make(&client, b->client);
    mt_identity all[] = {rsa.identity, p256.identity, sm2.identity, both.identity};
    mt_engine_config c = {.role = MT_CLIENT, .version = b->version, .identity = client.identity},
                     v = {.role = MT_SERVER, .identities = all, .identities_len = MT_COUNT(all), .request = MT_REQUEST_REQUIRED};
    mt_engine *one = mt_engine_new(&c), *other = mt_engine_new(&v);
    check_served(one, other, &(cell){"side by side", b->version, b->suite, true});
    ck_assert_uint_eq(mt_engine_info_of(other)->version, b->version);
    mt_engine_free(one);
    mt_engine_free(other);
    mt_test_identity *made[] = {&rsa, &p256, &sm2, &both, &client};
    for (size_t i = 0; i < MT_COUNT(made); i++)
        mt_test_identity_free(made[i]);
}
END_TEST

int main(void)
{
    static const suite_row rows[] = {{&handshakes, MT_COUNT(cells), 0}, {&lie_is_refused, MT_COUNT(lies), 0},
                                     {&side_by_side, MT_COUNT(chosen), 0}};
    return suite_run("engine_sm2", rows, MT_COUNT(rows));
}
