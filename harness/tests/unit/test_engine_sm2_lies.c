// SPDX-License-Identifier: Apache-2.0
/* SM2's own lies are told twice: an honest server refuses them, and the server that leaves out the one check serves them. So a
 * refusal comes from the lie and not from our own arithmetic. */
#include "engine/way.h"
#include "engine_pair.h"
#include "suite.h"

typedef struct lie {
    uint16_t version, suite;
    const char *edits[2];
    const char *fault; /* serves it */
    int alert;         /* of the honest server */
    bool no_certificate;
} lie;

enum { TLCP = MT_TLCP, V13 = MT_TLS13, CBC = 0xe013, GCM = 0xe053, DHE = 0xe051, DHE_CBC = 0xe011, GCM13 = 0x00c6, CCM13 = 0x00c7 };

#define OTHER_ID "accept-other-distinguishing-id"
#define TAKES_ERROR "take-signature-error-for-success"
#define UNREDUCED "accept-unreduced-signature"
#define LOOSE "accept-loose-signature-encoding"
#define FORM "accept-other-ciphertext-form"
#define POINT "accept-invalid-point"

static const lie lies[] = {
    {V13, GCM13, {"certificate_verify sign-as certificate-id"}, OTHER_ID, .alert = 51},
    {TLCP, CBC, {"certificate_verify sign-as tls13-id"}, OTHER_ID, .alert = 51},
    {V13, CCM13, {"certificate_verify sign-as empty-id"}, OTHER_ID, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as empty-id"}, OTHER_ID, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as example-id"}, OTHER_ID, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as example-id"}, OTHER_ID, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as without-z"}, "accept-signature-without-z", .alert = 51},
    {TLCP, CBC, {"certificate_verify sign-as without-z"}, "accept-signature-without-z", .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as hashed-once"}, "accept-other-hashing", .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as hashed-again"}, "accept-other-hashing", .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as hashed-again"}, "accept-other-hashing", .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as ecdsa-sm3"}, "accept-ecdsa-of-sm2-key", .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as ecdsa-sm3"}, "accept-ecdsa-of-sm2-key", .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as ecdsa-sha256"}, "accept-ecdsa-of-sm2-key", .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as ecdsa-sha256"}, "accept-ecdsa-of-sm2-key", .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as r-zero"}, TAKES_ERROR, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as r-zero"}, TAKES_ERROR, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as s-zero"}, TAKES_ERROR, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as s-zero"}, TAKES_ERROR, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as both-zero"}, TAKES_ERROR, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as both-zero"}, TAKES_ERROR, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as r-order"}, TAKES_ERROR, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as r-order"}, TAKES_ERROR, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as s-order"}, TAKES_ERROR, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as s-order"}, TAKES_ERROR, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as r-plus-order"}, UNREDUCED, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as r-plus-order"}, UNREDUCED, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as s-plus-order"}, UNREDUCED, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as s-plus-order"}, UNREDUCED, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as r-minus-order"}, UNREDUCED, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as r-minus-order"}, UNREDUCED, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as s-minus-order"}, UNREDUCED, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as s-minus-order"}, UNREDUCED, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as bare"}, LOOSE, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as bare"}, LOOSE, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as padded"}, LOOSE, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as padded"}, LOOSE, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as long-length"}, LOOSE, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as long-length"}, LOOSE, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as third-number"}, LOOSE, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as third-number"}, LOOSE, .alert = 51},
    {TLCP, GCM, {"certificate_verify sign-as raw"}, LOOSE, .alert = 51},
    {V13, GCM13, {"certificate_verify sign-as raw"}, LOOSE, .alert = 51},
    {TLCP, GCM, {"certificate_verify.signature append 00"}, LOOSE, .alert = 51},
    {TLCP, GCM, {"client_key_exchange exchange-as c1c2c3"}, FORM, .alert = 51},
    {TLCP, CBC, {"client_key_exchange exchange-as raw-c1c3c2"}, FORM, .alert = 51},
    {TLCP, GCM, {"client_key_exchange exchange-as raw-c1c2c3"}, FORM, .alert = 51},
    {TLCP, GCM, {"client_key_exchange.ciphertext.sequence.hash xor 01 at 0"}, "skip-c3", .alert = 51},
    {TLCP, GCM, {"client_key_exchange exchange-as c1-zero"}, POINT, .alert = 51},
    {TLCP, GCM, {"client_key_exchange exchange-as version-tls12"}, "skip-premaster-check", .alert = 47},
    {TLCP, CBC, {"client_key_exchange exchange-as version-0100"}, "skip-premaster-check", .alert = 47},
    {TLCP, GCM, {"client_key_exchange exchange-as premaster-47"}, "skip-premaster-check", .alert = 47},
    {TLCP, CBC, {"client_key_exchange exchange-as premaster-49"}, "skip-premaster-check", .alert = 47},
    {TLCP, GCM, {"client_key_exchange exchange-as to-signing-key"}, "decrypt-with-signing-key", .alert = 51},
    {TLCP, DHE, {"client_key_exchange.group set secp256r1"}, "ignore-curve-id", .alert = 47},
    {TLCP, DHE, {"client_key_exchange exchange-as point-compressed"}, "accept-compressed-point", .alert = 40},
    {TLCP, DHE, {"client_key_exchange exchange-as point-order-two"}, POINT, .alert = 40},
    {TLCP, DHE_CBC, {"client_key_exchange exchange-as point-zero"}, POINT, .alert = 40},
    {TLCP, DHE, {"client_key_exchange exchange-as point-infinity"}, POINT, .alert = 40},
    {TLCP, DHE, {"client_key_exchange exchange-as id-empty"}, OTHER_ID, .alert = 20},
    {TLCP, DHE_CBC, {"client_key_exchange exchange-as id-of-tls13"}, OTHER_ID, .alert = 20},
    {TLCP, DHE, {"client_key_exchange exchange-as z-swapped"}, OTHER_ID, .alert = 20},
    {TLCP, DHE, {"client_key_exchange exchange-as with-signing-key"}, "accept-signing-key-in-agreement", .alert = 20},
    {TLCP, DHE_CBC, {"client_key_exchange exchange-as with-signing-key"}, "accept-signing-key-in-agreement", .alert = 20},
    {TLCP, DHE, {"client_key_exchange exchange-as without-key"}, "agree-without-certificate", .alert = 40, .no_certificate = true},
    {TLCP, GCM, {"finished hash sha256"}, "accept-other-finished-hash", .alert = 51},
    {V13, GCM13, {"finished hash sha256"}, "accept-other-finished-hash", .alert = 51},
};

/* ---- one pair of engines ---- */

typedef struct stage {
    const lie *l;
    mt_arena *arena;
    mt_test_identity client, server;
    mt_edit edits[2];
    size_t edits_len;
    uint16_t suites[2];
} stage;

static void make_identity(mt_test_identity *t, uint16_t version)
{
    if (version == MT_TLCP)
        mt_test_pair_make(t);
    else
        mt_test_identity_make(t, MT_KEY_SM2);
}

static void set_up(stage *s, const lie *l)
{
    mt_diag *d = mt_diag_new();
    *s = (stage){.l = l, .arena = mt_arena_new(), .suites = {l->suite, 0}};
    make_identity(&s->client, l->version);
    make_identity(&s->server, l->version);
    for (; s->edits_len < MT_COUNT(l->edits) && l->edits[s->edits_len] != NULL; s->edits_len++) {
        bool ok = mt_edit_parse(l->edits[s->edits_len], (mt_place){0}, s->arena, &s->edits[s->edits_len], d);
        ck_assert_msg(ok, "%s", mt_diag_text(d));
    }
    mt_diag_free(d);
}

static void tear_down(stage *s)
{
    mt_test_identity_free(&s->client);
    mt_test_identity_free(&s->server);
    mt_arena_free(s->arena);
}

static mt_engine *make_client(const stage *s)
{
    mt_engine_config c = {.role = MT_CLIENT, .version = s->l->version, .suites = s->suites, .offer = MT_OFFER_SM2, .edits = s->edits,
                          .edits_len = s->edits_len};
    if (!s->l->no_certificate)
        c.identity = s->client.identity;
    return mt_engine_new(&c);
}

static uint64_t fault_bit(const char *name)
{
    uint64_t bit = name != NULL ? mt_engine_fault_bit(name) : 0;
    ck_assert_msg(name == NULL || bit != 0, "no fault %s", name);
    return bit;
}

static mt_engine *make_server(const stage *s, uint64_t faults)
{
    mt_engine_config c = {.role = MT_SERVER, .identities = &s->server.identity, .identities_len = 1, .request = MT_REQUEST_REQUIRED,
                          .faults = faults};
    return mt_engine_new(&c);
}

static void check(const stage *s, uint64_t faults, bool served)
{
    mt_engine *client = make_client(s), *server = make_server(s, faults);
    bool got = mt_test_is_served(client, server);
    const char *about = s->l->edits[0] ? s->l->edits[0] : "honest", *missed = mt_engine_info_of(client)->edit_missed;
    const mt_engine_info *info = mt_engine_info_of(server);
    ck_assert_msg(missed == NULL, "%s: not told", about);
    ck_assert_msg(got == served, "%s with faults %llx: served is %d; server: %s", about, (unsigned long long)faults, got, info->fault);
    if (!served && faults == 0)
        ck_assert_msg(info->alert_sent == s->l->alert, "%s: alert %d, not %d (%s)", about, info->alert_sent, s->l->alert, info->fault);
    mt_engine_free(client);
    mt_engine_free(server);
}

START_TEST(lie_is_caught_and_served)
{
    stage s;
    set_up(&s, &lies[_i]);
    check(&s, 0, false);
    check(&s, fault_bit(lies[_i].fault), true);
    tear_down(&s);
}
END_TEST

/* A fault is one check less, and no more: who is honest is served with each of them. */
START_TEST(fault_serves_the_honest)
{
    stage s;
    set_up(&s, &(lie){.version = lies[_i].version, .suite = lies[_i].suite});
    check(&s, fault_bit(lies[_i].fault), true);
    tear_down(&s);
}
END_TEST

/* All faults but the right one together do not take a lie. */
START_TEST(other_faults_refuse)
{
    static const char *const faults[] = {OTHER_ID, "accept-signature-without-z", "accept-other-hashing", "accept-ecdsa-of-sm2-key",
                                         UNREDUCED, LOOSE, FORM, "skip-c3", POINT, "skip-premaster-check",
                                         "decrypt-with-signing-key", "ignore-curve-id",
                                         "accept-compressed-point", "accept-signing-key-in-agreement", "agree-without-certificate",
                                         "accept-other-finished-hash"};
    uint64_t others = 0;
    stage s;
    set_up(&s, &lies[_i]);
    for (size_t i = 0; i < MT_COUNT(faults); i++)
        if (strcmp(faults[i], lies[_i].fault) != 0)
            others |= fault_bit(faults[i]);
    check(&s, others, false);
    tear_down(&s);
}
END_TEST

/* A point of order two gives one of two secrets, by the lowest bit of the server's key: a guess at each is one lie that is served. */
START_TEST(order_two)
{
    static const lie guesses[] = {{TLCP, GCM, {"client_key_exchange exchange-as c1-order-two-odd"}, POINT, .alert = 51},
                                  {TLCP, GCM, {"client_key_exchange exchange-as c1-order-two-even"}, POINT, .alert = 51}};
    int served = 0;
    stage s;
    set_up(&s, &guesses[0]);
    for (size_t i = 0; i < MT_COUNT(guesses); i++) {
        mt_diag *d = mt_diag_new();
        ck_assert(mt_edit_parse(guesses[i].edits[0], (mt_place){0}, s.arena, &s.edits[0], d));
        check(&s, 0, false);
        mt_engine *client = make_client(&s), *server = make_server(&s, fault_bit(POINT));
        served += mt_test_is_served(client, server);
        mt_engine_free(client);
        mt_engine_free(server);
        mt_diag_free(d);
    }
    ck_assert_int_eq(served, 1);
    tear_down(&s);
}
END_TEST

static bool is_told(const char *word)
{
    if (strncmp(word, "c1-order-two-", 13) == 0) /* order_two */
        return true;
    for (size_t i = 0; i < MT_COUNT(lies); i++) {
        const char *last = strrchr(lies[i].edits[0], ' ');
        if (last != NULL && strcmp(last + 1, word) == 0)
            return true;
    }
    return false;
}

START_TEST(every_way_is_told)
{
    static const mt_verb verbs[] = {MT_EDIT_SIGN_AS, MT_EDIT_EXCHANGE_AS};
    for (size_t i = 0; mt_way_of(verbs[_i], i) != NULL; i++)
        ck_assert_msg(is_told(mt_way_of(verbs[_i], i)->name), "no row tells %s", mt_way_of(verbs[_i], i)->name);
}
END_TEST

/* Where a way is the honest one, or the key is of another kind, nobody lied, and the run says so. */
START_TEST(not_told)
{
    static const lie rows[] = {
        {TLCP, GCM, {"certificate_verify sign-as certificate-id"}, NULL, .alert = 0},
        {V13, GCM13, {"certificate_verify sign-as tls13-id"}, NULL, .alert = 0},
        {V13, GCM13, {"certificate_verify sign-as hashed-once"}, NULL, .alert = 0},
        {TLCP, GCM, {"finished hash sm3"}, NULL, .alert = 0},
        {TLCP, GCM, {"client_key_exchange exchange-as point-zero"}, NULL, .alert = 0},
        {TLCP, DHE, {"client_key_exchange exchange-as c1c2c3"}, NULL, .alert = 0},
    };
    for (size_t i = 0; i < MT_COUNT(rows); i++) {
        stage s;
        set_up(&s, &rows[i]);
        mt_engine *client = make_client(&s), *server = make_server(&s, 0);
        ck_assert_msg(mt_test_is_served(client, server), "%s", mt_engine_info_of(server)->fault);
        ck_assert_str_eq(mt_engine_info_of(client)->edit_missed, rows[i].edits[0]);
        mt_engine_free(client);
        mt_engine_free(server);
        tear_down(&s);
    }
}
END_TEST

/* ---- the server's CertificateRequest in TLCP ---- */

static const struct {
    const char *fault; /* NULL: honest */
    mt_request policy;
    bool requested, odd;
    size_t names;
    bool trusted; /* the name is that of the CA that the server trusts */
} requests[] = {
    {NULL, MT_REQUEST_REQUIRED, true, false, 1, true},
    {NULL, MT_REQUEST_NONE, false, false, 0, false},
    {"skip-certificate-request", MT_REQUEST_REQUIRED, false, false, 0, false},
    {"always-request", MT_REQUEST_NONE, true, false, 1, true},
    {"request-contradicting-types", MT_REQUEST_REQUIRED, true, true, 1, true},
    {"request-wrong-ca-names", MT_REQUEST_REQUIRED, true, false, 1, false},
    {"omit-ca-names", MT_REQUEST_REQUIRED, true, false, 0, false},
};

START_TEST(request_of_tlcp)
{
    static const lie honest = {TLCP, GCM, {NULL}, .alert = 0};
    static const uint8_t name[] = {0x30, 0x00};
    const mt_span names[] = {mt_span_of(name, sizeof name)};
    stage s;
    set_up(&s, &honest);
    mt_engine_config c = {.role = MT_SERVER, .identities = &s.server.identity, .identities_len = 1, .request = requests[_i].policy,
                          .ca_names = names, .ca_names_len = 1};
    c.faults = fault_bit(requests[_i].fault);
    mt_engine *client = make_client(&s), *server = mt_engine_new(&c);
    mt_test_pump(client, server);
    const mt_engine_info *info = mt_engine_info_of(client);
    ck_assert(info->requested == requests[_i].requested && (info->request_oddity != NULL) == requests[_i].odd);
    ck_assert_uint_eq(info->request_names_len, requests[_i].names);
    ck_assert(info->request_names_len == 0 || mt_span_equal(info->request_names[0], names[0]) == requests[_i].trusted);
    mt_engine_free(client);
    mt_engine_free(server);
    tear_down(&s);
}
END_TEST

int main(void)
{
    static const suite_row rows[] = {
        {&lie_is_caught_and_served, MT_COUNT(lies), 0},
        {&fault_serves_the_honest, MT_COUNT(lies), 0},
        {&other_faults_refuse, MT_COUNT(lies), 0},
        {&every_way_is_told, 2, 0},
        {&order_two, 8, 0},
        {&not_told, 0, 0},
        {&request_of_tlcp, MT_COUNT(requests), 0},
    };
    return suite_run("engine_sm2_lies", rows, MT_COUNT(rows));
}
