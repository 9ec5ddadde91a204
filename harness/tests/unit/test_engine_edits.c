// SPDX-License-Identifier: Apache-2.0
/* Every lie is told twice: an honest server refuses it, and the server that leaves out the one check serves it. So a refusal
 * comes from the lie and not from our own arithmetic. */
#include "engine_pair.h"
#include "suite.h"

typedef struct lie {
    const char *about;
    uint16_t version;
    mt_key_kind kind;        /* of the client's key */
    const char *edits[3];
    const char *fault;       /* serves it */
    int alert;               /* of the honest server */
    bool no_certificate, not_asked, optional;
} lie;

enum { V12 = MT_TLS12, V13 = MT_TLS13 };
#define EC MT_KEY_P256
#define RSA MT_KEY_RSA

static const lie lies[] = {
    {"signature bit flipped", V13, EC, {"certificate_verify.signature xor 01 at 9"}, "skip-certificate-verify", .alert = 51},
    {"signature bit flipped", V12, RSA, {"certificate_verify.signature xor 01 at 9"}, "skip-certificate-verify", .alert = 51},
    {"signature truncated", V13, RSA, {"certificate_verify.signature truncate 1"}, "skip-certificate-verify", .alert = 51},
    {"signature empty", V12, EC, {"certificate_verify.signature truncate 999"}, "skip-certificate-verify", .alert = 51},
    {"signature too long", V13, EC, {"certificate_verify.signature append 00"}, "skip-certificate-verify", .alert = 51},
    {"signed with another key", V13, EC, {"certificate_verify sign-with other"}, "skip-certificate-verify", .alert = 51},
    {"signed with another key", V12, RSA, {"certificate_verify sign-with other"}, "skip-certificate-verify", .alert = 51},
    {"replayed", V13, EC, {"certificate_verify replace-with first.certificate_verify"}, "skip-certificate-verify", .alert = 51},
    {"no certificate_verify", V13, EC, {"certificate_verify drop"}, "accept-missing-certificate-verify", .alert = 10},
    {"no certificate_verify", V12, RSA, {"certificate_verify drop"}, "accept-missing-certificate-verify", .alert = 10},
    {"no certificate message", V13, EC, {"certificate drop", "certificate_verify drop"}, "accept-omitted-certificate", .alert = 10},
    {"no certificate message", V12, EC, {"certificate drop", "certificate_verify drop"}, "accept-omitted-certificate", .alert = 10},
    {"repeated", V13, EC, {"certificate_verify repeat 1"}, "accept-repeated-certificate-verify", .alert = 10},
    {"repeated", V12, EC, {"certificate_verify repeat 1"}, "accept-repeated-certificate-verify", .alert = 10},
    {"before certificate", V13, EC, {"certificate swap certificate_verify"}, "accept-early-certificate-verify", .alert = 10},
    {"before client_key_exchange", V12, EC, {"client_key_exchange swap certificate_verify"},
     "accept-early-certificate-verify", .alert = 10},
    {"scheme not offered", V13, EC, {"certificate_verify.scheme set ecdsa_sha1"}, "skip-certificate-verify", .alert = 47},
    {"rsa_pkcs1 in 1.3", V13, RSA, {"certificate_verify scheme rsa_pkcs1_sha256"}, "accept-pkcs1-in-tls13", .alert = 47},
    {"scheme of another curve in 1.3", V13, EC, {"certificate_verify scheme ecdsa_secp384r1_sha384"}, "accept-other-curve", .alert = 47},
    {"label of another key type", V13, RSA, {"certificate_verify.scheme set ecdsa_secp256r1_sha256"}, "ignore-scheme-label", .alert = 47},
    {"hash other than its label", V13, RSA,
     {"certificate_verify scheme rsa_pss_rsae_sha384", "certificate_verify.scheme set rsa_pss_rsae_sha256"},
     "ignore-scheme-label", .alert = 51},
    {"transcript without the request", V13, EC, {"certificate_verify transcript without server.certificate_request"},
     "verify-without-certificate-request", .alert = 51},
    {"transcript without certificate", V12, EC, {"certificate_verify transcript without certificate"},
     "verify-without-certificate", .alert = 51},
    {"server's context", V13, EC, {"certificate_verify context server"}, "accept-server-context", .alert = 51},
    {"trailing byte", V13, EC, {"certificate_verify append 00"}, "accept-trailing-data", .alert = 50},
    {"trailing byte", V12, EC, {"certificate append 00"}, "accept-trailing-data", .alert = 50},
    {"extension nobody asked for", V13, EC, {"certificate.list[0].extensions append 002b0000"},
     "accept-unrequested-extension", .alert = 110},
    {"request context", V13, EC, {"certificate.context append 01"}, "ignore-request-context", .alert = 47},
    {"empty entry", V12, EC, {"certificate.list append 000000"}, "accept-empty-entry", .alert = 50},
    {"empty entry", V13, EC, {"certificate.list append 0000000000"}, "accept-empty-entry", .alert = 50},
    {"finished bit flipped", V13, EC, {"finished.verify_data xor 80 at 0"}, "skip-finished", .alert = 51},
    {"finished bit flipped", V12, EC, {"finished.verify_data xor 80 at 0"}, "skip-finished", .alert = 51},
    {"no certificate", V13, EC, {NULL}, "accept-missing-certificate", .alert = 116, .no_certificate = true},
    {"no certificate", V12, EC, {NULL}, "accept-missing-certificate", .alert = 40, .no_certificate = true},
    {"verify after an empty certificate", V13, EC,
     {"certificate_verify insert after certificate", "certificate_verify sign-with other"},
     "accept-unneeded-certificate-verify", .alert = 10, .no_certificate = true, .optional = true},
    {"certificate_verify alone", V13, EC, {"certificate drop"}, "accept-verify-without-certificate", .alert = 10},
    {"certificate_verify alone", V12, EC, {"certificate drop"}, "accept-verify-without-certificate", .alert = 10},
    {"certificate repeated", V13, EC, {"certificate repeat 1"}, "accept-repeated-certificate", .alert = 10},
    {"certificate repeated", V12, RSA, {"certificate repeat 1"}, "accept-repeated-certificate", .alert = 10},
    {"no certificate, where it is optional", V13, EC, {NULL}, "refuse-missing-certificate", .alert = -1, .no_certificate = true,
     .optional = true},
    {"unsolicited certificate", V13, EC, {"certificate insert before finished", "certificate_verify insert before finished"},
     "accept-unsolicited-certificate", .alert = 10, .not_asked = true},
    {"unsolicited certificate", V12, EC, {"certificate insert before client_key_exchange"}, "accept-unsolicited-certificate", .alert = 10,
     .not_asked = true},
    /* Legal, and refused only by a server that is too strict: here the fault refuses and the honest server serves. */
    {"fragmented", V13, EC, {"certificate fragment 10"}, "refuse-fragments", .alert = -1},
    {"coalesced", V13, EC, {"certificate coalesce certificate_verify"}, "refuse-coalesced", .alert = -1},
    {"coalesced", V12, RSA, {"certificate coalesce client_key_exchange"}, "refuse-coalesced", .alert = -1},
    {"p256 with sha384 in 1.2", V12, EC, {"certificate_verify scheme ecdsa_secp384r1_sha384"}, "refuse-other-hash-in-tls12", .alert = -1},
};

typedef struct stage {
    mt_arena *arena;
    mt_test_identity client, other, server;
    mt_edit edits[3];
    size_t edits_len;
    mt_jar *jar;
} stage;

static void parse_edits(stage *s, const lie *l)
{
    mt_diag *d = mt_diag_new();
    for (size_t i = 0; i < MT_COUNT(l->edits) && l->edits[i] != NULL; i++) {
        bool ok = mt_edit_parse(l->edits[i], (mt_place){0}, s->arena, &s->edits[i], d);
        ck_assert_msg(ok, "%s", mt_diag_text(d));
        s->edits[i].key = s->other.key;
        s->edits_len++;
    }
    mt_diag_free(d);
}

static mt_engine *make_client(const stage *s, const lie *l, const char *jar_name, size_t edits)
{
    mt_engine_config c = {.role = MT_CLIENT, .version = l->version, .edits = s->edits, .edits_len = edits, .jar = s->jar,
                          .jar_name = jar_name};
    if (!l->no_certificate)
        c.identity = s->client.identity;
    return mt_engine_new(&c);
}

static mt_engine *make_server(const stage *s, const lie *l, const char *fault)
{
    mt_engine_config c = {.role = MT_SERVER, .identities = &s->server.identity, .identities_len = 1,
                          .request = l->optional ? MT_REQUEST_OPTIONAL : MT_REQUEST_REQUIRED};
    if (l->not_asked)
        c.request = MT_REQUEST_NONE;
    if (fault != NULL) {
        c.faults = mt_engine_fault_bit(fault);
        ck_assert_msg(c.faults != 0, "no fault %s", fault);
    }
    return mt_engine_new(&c);
}

static void run_first(const stage *s, const lie *l)
{
    mt_engine *client = make_client(s, l, "first", 0), *server = make_server(s, l, NULL);
    mt_test_pump(client, server);
    mt_engine_free(client);
    mt_engine_free(server);
}

static void check_lie(const stage *s, const lie *l, const char *fault, bool served)
{
    mt_engine *client = make_client(s, l, "second", s->edits_len), *server = make_server(s, l, fault);
    bool got = mt_test_is_served(client, server);
    const mt_engine_info *info = mt_engine_info_of(server);
    ck_assert_msg(mt_engine_info_of(client)->edit_missed == NULL, "%s: not told: %s", l->about, mt_engine_info_of(client)->edit_missed);
    ck_assert_msg(got == served, "%s with %s: served is %d; server: %s", l->about, fault ? fault : "no fault", got, info->fault);
    if (!served && l->alert >= 0)
        ck_assert_msg(info->alert_sent == l->alert, "%s: alert %d instead of %d (%s)", l->about, info->alert_sent, l->alert, info->fault);
    mt_engine_free(client);
    mt_engine_free(server);
}

START_TEST(lie_is_caught_and_served)
{
    const lie *l = &lies[_i];
    stage s = {.arena = mt_arena_new(), .jar = mt_jar_new()};
    mt_test_identity_make(&s.client, l->kind);
    mt_test_identity_make(&s.other, l->kind);
    mt_test_identity_make(&s.server, MT_KEY_P256);
    parse_edits(&s, l);
    run_first(&s, l);
    bool legal = l->alert < 0;
    check_lie(&s, l, NULL, legal);
    check_lie(&s, l, l->fault, !legal);
    mt_test_identity_free(&s.client);
    mt_test_identity_free(&s.other);
    mt_test_identity_free(&s.server);
    mt_jar_free(s.jar);
    mt_arena_free(s.arena);
}
END_TEST

/* With `transcript honest` the two sides no longer agree on what was said: Finished shows it. */
START_TEST(honest_transcript_is_another)
{
    static const lie l = {"edited, and not hashed", V13, EC,
                          {"certificate_verify.signature xor 01 at 9", "certificate_verify transcript honest"},
                          "skip-certificate-verify", .alert = 51};
    stage s = {.arena = mt_arena_new(), .jar = mt_jar_new()};
    mt_test_identity_make(&s.client, l.kind);
    mt_test_identity_make(&s.other, l.kind);
    mt_test_identity_make(&s.server, MT_KEY_P256);
    parse_edits(&s, &l);
    check_lie(&s, &l, l.fault, false);
    s.edits_len = 1;
    check_lie(&s, &l, l.fault, true);
    mt_test_identity_free(&s.client);
    mt_test_identity_free(&s.other);
    mt_test_identity_free(&s.server);
    mt_jar_free(s.jar);
    mt_arena_free(s.arena);
}
END_TEST

/* An edit that finds nothing to change is told of: a server that serves, or refuses, has not been lied to. */
static const lie missed[] = {
    {"behind the end of the field", V13, EC, {"certificate.context xor 01 at 0"}, NULL, .alert = -1},
    {"behind the end of the field", V12, EC, {"finished.verify_data xor 01 at 12"}, NULL, .alert = -1},
    {"behind the end of the message", V12, EC, {"finished xor 01 at 12"}, NULL, .alert = -1},
    {"no such field", V12, EC, {"certificate.context xor 01 at 0"}, NULL, .alert = -1},
};

START_TEST(lie_that_was_not_told)
{
    const lie *l = &missed[_i];
    stage s = {.arena = mt_arena_new()};
    mt_test_identity_make(&s.client, l->kind);
    mt_test_identity_make(&s.server, MT_KEY_P256);
    parse_edits(&s, l);
    mt_engine *client = make_client(&s, l, NULL, s.edits_len), *server = make_server(&s, l, NULL);
    ck_assert_msg(mt_test_is_served(client, server), "%s: %s", l->about, mt_engine_info_of(server)->fault);
    ck_assert_msg(mt_engine_info_of(client)->edit_missed != NULL, "%s: `%s` passes for told", l->about, l->edits[0]);
    ck_assert_str_eq(mt_engine_info_of(client)->edit_missed, l->edits[0]);
    mt_engine_free(client);
    mt_engine_free(server);
    mt_test_identity_free(&s.client);
    mt_test_identity_free(&s.server);
    mt_arena_free(s.arena);
}
END_TEST

int main(void)
{
    static const suite_row rows[] = {{&lie_is_caught_and_served, MT_COUNT(lies), 0}, {&honest_transcript_is_another, 0, 0},
        {&lie_that_was_not_told, MT_COUNT(missed), 0}};
    return suite_run("engine_edits", rows, MT_COUNT(rows));
}
