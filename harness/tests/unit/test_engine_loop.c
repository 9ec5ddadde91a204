// SPDX-License-Identifier: Apache-2.0
/* Every suite, group and key kind handshakes engine to engine, with a client certificate and application data both ways. */
#include "engine_pair.h"
#include "suite.h"

enum { SUITES = 16 /* at least as many as there are rows */ };

static mt_test_identity rsa, p256, p384, ed25519;

static void make_keys(void)
{
    mt_test_identity_make(&rsa, MT_KEY_RSA);
    mt_test_identity_make(&p256, MT_KEY_P256);
    mt_test_identity_make(&p384, MT_KEY_P384);
    mt_test_identity_make(&ed25519, MT_KEY_ED25519);
}

static void free_keys(void)
{
    mt_test_identity_free(&rsa);
    mt_test_identity_free(&p256);
    mt_test_identity_free(&p384);
    mt_test_identity_free(&ed25519);
}

static mt_engine_config client_config(uint16_t version, const mt_test_identity *who)
{
    mt_engine_config c = {.role = MT_CLIENT, .version = version, .sni = "example.test", .alpn = "http/1.1"};
    if (who != NULL)
        c.identity = who->identity;
    return c;
}

static mt_engine_config server_config(const mt_identity *identities, size_t n)
{
    return (mt_engine_config){.role = MT_SERVER, .identities = identities, .identities_len = n, .request = MT_REQUEST_REQUIRED,
                              .alpn = "http/1.1"};
}

/* Both are open, and a request and an answer cross. */
static void check_served(mt_engine *client, mt_engine *server)
{
    mt_engine_write(client, mt_span_text("ping"));
    mt_test_pump(client, server);
    ck_assert_msg(mt_engine_info_of(client)->phase == MT_PHASE_OPEN, "client: %s", mt_engine_info_of(client)->fault);
    ck_assert_msg(mt_engine_info_of(server)->phase == MT_PHASE_OPEN, "server: %s", mt_engine_info_of(server)->fault);
    ck_assert(mt_span_equal(mt_engine_received(server), mt_span_text("ping")));
    mt_engine_write(server, mt_span_text("pong"));
    mt_test_pump(client, server);
    ck_assert(mt_span_equal(mt_engine_received(client), mt_span_text("pong")));
}

START_TEST(suite_handshakes)
{
    if ((size_t)_i >= mt_suite_count)
        return;
    ck_assert_uint_le(mt_suite_count, SUITES);
    const mt_suite *s = &mt_suite_rows[_i];
    if (s->auth == MT_AUTH_SM2)
        return;
    uint16_t suites[] = {s->code, 0};
    mt_identity both[] = {rsa.identity, p256.identity};
    mt_engine_config c = client_config(s->version, &p256), v = server_config(both, 2);
    c.suites = suites;
    mt_engine *client = mt_engine_new(&c), *server = mt_engine_new(&v);
    check_served(client, server);
    ck_assert_uint_eq(mt_engine_info_of(client)->suite, s->code);
    ck_assert(mt_engine_info_of(server)->peer_proved);
    ck_assert(mt_engine_info_of(client)->requested);
    ck_assert_str_eq(mt_engine_info_of(server)->sni, "example.test");
    ck_assert_str_eq(mt_engine_info_of(client)->alpn, "http/1.1");
    mt_engine_free(client);
    mt_engine_free(server);
}
END_TEST

static const struct {
    const char *about;
    uint16_t version;
    const mt_test_identity *client;
    uint16_t group;
    bool retry;
    size_t padding;
} cells[] = {
    {"rsa in 1.2", MT_TLS12, &rsa, MT_X25519, false, 0},
    {"p256 in 1.2", MT_TLS12, &p256, MT_SECP256R1, false, 0},
    {"p384 in 1.2", MT_TLS12, &p384, MT_SECP384R1, false, 0},
    {"ed25519 in 1.2", MT_TLS12, &ed25519, MT_X25519, false, 0},
    {"no certificate in 1.2", MT_TLS12, NULL, MT_X25519, false, 0},
    {"rsa in 1.3", MT_TLS13, &rsa, MT_X25519, false, 0},
    {"p256 in 1.3", MT_TLS13, &p256, MT_SECP256R1, false, 0},
    {"p384 in 1.3", MT_TLS13, &p384, MT_SECP384R1, false, 0},
    {"ed25519 in 1.3, padded", MT_TLS13, &ed25519, MT_X25519, false, 100},
    {"no certificate in 1.3", MT_TLS13, NULL, MT_X25519, false, 0},
    {"HelloRetryRequest", MT_TLS13, &p256, MT_SECP384R1, true, 0},
};

START_TEST(key_handshakes)
{
    static const uint16_t none[] = {0};
    uint16_t groups[] = {cells[_i].group, 0};
    mt_engine_config c = client_config(cells[_i].version, cells[_i].client), v = server_config(&rsa.identity, 1);
    c.groups = groups;
    c.padding = cells[_i].padding;
    c.shares = cells[_i].retry ? none : NULL;
    v.request = cells[_i].client ? MT_REQUEST_REQUIRED : MT_REQUEST_OPTIONAL;
    mt_engine *client = mt_engine_new(&c), *server = mt_engine_new(&v);
    check_served(client, server);
    ck_assert_uint_eq(mt_engine_info_of(client)->group, cells[_i].group);
    ck_assert(mt_engine_info_of(client)->retried == cells[_i].retry);
    ck_assert(mt_engine_info_of(server)->peer_proved == (cells[_i].client != NULL));
    mt_engine_free(client);
    mt_engine_free(server);
}
END_TEST

START_TEST(bytes_one_by_one)
{
    mt_engine_config c = client_config(_i ? MT_TLS13 : MT_TLS12, &rsa), v = server_config(&p256.identity, 1);
    mt_engine *client = mt_engine_new(&c), *server = mt_engine_new(&v);
    for (int turn = 0; turn < 40; turn++) {
        mt_engine *from = turn % 2 ? server : client, *to = turn % 2 ? client : server;
        while (mt_engine_output(from).len != 0) {
            uint8_t byte = mt_engine_output(from).at[0];
            mt_engine_sent(from, 1);
            mt_engine_feed(to, mt_span_of(&byte, 1));
        }
    }
    check_served(client, server);
    mt_engine_free(client);
    mt_engine_free(server);
}
END_TEST

START_TEST(missing_certificate_is_refused)
{
    static const int alerts[] = {MT_ALERT_HANDSHAKE_FAILURE, MT_ALERT_CERTIFICATE_REQUIRED};
    mt_engine_config c = client_config(_i ? MT_TLS13 : MT_TLS12, NULL), v = server_config(&p256.identity, 1);
    mt_engine *client = mt_engine_new(&c), *server = mt_engine_new(&v);
    mt_test_pump(client, server);
    ck_assert_int_eq(mt_engine_info_of(server)->end, MT_END_JUDGED);
    ck_assert_int_eq(mt_engine_info_of(client)->end, MT_END_ALERT_RECEIVED);
    ck_assert_int_eq(mt_engine_info_of(client)->alert_received, alerts[_i]);
    mt_engine_free(client);
    mt_engine_free(server);
}
END_TEST

int main(void)
{
    static const suite_row rows[] = {
        {&suite_handshakes, SUITES, 0},
        {&key_handshakes, MT_COUNT(cells), 0},
        {&bytes_one_by_one, 2, 0},
        {&missing_certificate_is_refused, 2, 0},
    };
    make_keys();
    int exit_code = suite_run("engine_loop", rows, MT_COUNT(rows));
    free_keys();
    return exit_code;
}
