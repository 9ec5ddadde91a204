// SPDX-License-Identifier: Apache-2.0
#ifndef MT_TESTS_REPORT_FIXTURE_H
#define MT_TESTS_REPORT_FIXTURE_H
/* A run made by hand: every verdict once, retries, two steps, and the text of a peer that means harm. */
#include "report/report.h"

#define HOSTILE \
    "CN=\x1b[31mred\x1b[0m ]]> <b>&\"' \xff\xc3\x28 \xed\xa0\x80 \xef\xbf\xbe \x01\x7f \xc2\x9b" "2J\r\n::error::forged \xe2\x80\xae" "abc"
#define HOSTILE_LINES "  ::error::line one\nline\ttwo\r\n\x1b]0;title\x07three \x1b unfinished"
#define KEY_BLOCK "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49\n-----END PRIVATE KEY-----"

static const char *const fixture_clauses[] = {"rfc8446#4.4.3 MUST", "rfc5246#7.4.8 MUST"};
static const char *const fixture_note[] = {"prefers alert decrypt_error(51); got illegal_parameter(47)"};
static const char *const fixture_hostile_notes[] = {HOSTILE, HOSTILE_LINES};

static mt_event fixture_events[] = {
    {120, '.', "connected", "127.0.0.1:8443"},
    {340, '>', "client_hello", "version=tls1.3 random=0102"},
    {1250, '<', "server_hello", NULL},
    {2001, '<', "alert", "level=fatal alert=unknown_ca(48)"},
};

static mt_outcome fixture_tries[] = {
    {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_CLOSE, .close = MT_CLOSE_RESET},
    {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_ALERT, .alert = 48},
};

static mt_outcome fixture_served_tries[] = {
    {.kind = MT_REFUSED, .where = MT_IN_HANDSHAKE, .manner = MT_BY_CLOSE, .close = MT_CLOSE_RESET, .text = HOSTILE_LINES},
    {.kind = MT_SERVED, .status = 200},
};

static const mt_step_result fixture_refused[] = {{
    .expected = "refused", .sent = "client-wrong-key with its chain; certificate_verify sign-with other-key",
    .observed = {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_ALERT, .alert = 48},
    .protocol = "tls1.3", .suite = "TLS_AES_128_GCM_SHA256", .group = "x25519", .connect_us = 120, .handshake_us = 1800, .total_us = 2100,
    .events = {fixture_events, 4, 4}, .tries = fixture_tries, .tries_len = 2,
}};

static const mt_step_result fixture_served[] = {{
    .expected = "refused: in the handshake, after it, or over HTTP 400 401 403 495 496", .sent = "stranger, then " HOSTILE,
    .observed = {.kind = MT_SERVED, .status = 200, .text = HOSTILE},
    .protocol = "tls1.2", .suite = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", .group = "secp256r1", .total_us = 33900,
    .events = {fixture_events, 3, 4}, .tries = fixture_served_tries, .tries_len = 2,
}};

static const mt_step_result fixture_two_steps[] = {
    {.expected = "served", .observed = {.kind = MT_SERVED, .status = 200}, .sent = "client"},
    {.expected = "refused", .observed = {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_CLOSE, .close = MT_CLOSE_FIN},
     .sent = "no certificate", .protocol = "tls1.3", .resumed = true},
};

static const mt_step_result fixture_unreachable[] = {{
    .expected = "served", .observed = {.kind = MT_UNREACHABLE, .text = "connection refused"}, .sent = "client",
}};

static const mt_step_result fixture_undecided[] = {{
    .expected = "refused", .observed = {.kind = MT_UNDECIDED, .status = 503}, .sent = "expired, key in " KEY_BLOCK,
}};

#define FIXTURE_IN(suite_, name_) .id = suite_ "/" name_, .suite = suite_, .name = name_, .file = "cases/" suite_ ".yaml"
#define FIXTURE_AGAIN(id_) .again = "mtlspec run -t https://edge.example:8443/ " id_ " -vv"

static const mt_result fixture_results[] = {
    {FIXTURE_IN("server/possession", "wrong-key/tls1.3/rsa"), .line = 12, .level = "must",
     .title = "a certificate presented without its private key is refused", .clauses = fixture_clauses, .clauses_len = 2,
     .catalogue = "G11, SIG-12", .verdict = MT_PASS, .steps = fixture_refused, .steps_len = 1, .flaky = true, .total_us = 2500,
     .twin = "server/possession/control/tls1.3/rsa: served, HTTP 200", FIXTURE_AGAIN("server/possession/wrong-key/tls1.3/rsa")},
    {FIXTURE_IN("server/possession", "wrong-key/tls1.3/ecc"), .line = 12, .level = "must", .title = "noted", .verdict = MT_PASS,
     .notes = fixture_note, .notes_len = 1, .steps = fixture_refused, .steps_len = 1, .total_us = 999499,
     FIXTURE_AGAIN("server/possession/wrong-key/tls1.3/ecc")},
    {FIXTURE_IN("server/possession", "silent/tls1.3/ecc"), .line = 30, .level = "should", .title = "two connections",
     .verdict = MT_FAIL, .type = "expectation.manner", .message = "refused without an alert (--strict)", .steps = fixture_two_steps,
     .steps_len = 2, .total_us = 4000, FIXTURE_AGAIN("server/possession/silent/tls1.3/ecc")},
    {FIXTURE_IN("server/trust", "unknown-root/tls1.2/ecc"), .line = 41, .level = "must",
     .title = "a certificate of an unknown CA is refused", .clauses = fixture_clauses, .clauses_len = 1, .catalogue = "A1",
     .verdict = MT_FAIL, .type = "expectation.verdict", .message = "expected refused, observed served: " HOSTILE,
     .notes = fixture_hostile_notes, .notes_len = 2, .steps = fixture_served, .steps_len = 1,
     .likely = "the edge asks for a certificate but does not verify it (optional_no_ca or crt-ignore-err)",
     .by_hand = "openssl s_client -connect 203.0.113.5:8443 -servername edge.example -tls1_2 \\\n"
                "  -cert pki/stranger.pem -key pki/stranger.key",
     FIXTURE_AGAIN("server/trust/unknown-root/tls1.2/ecc"), .total_us = 34000},
    {FIXTURE_IN("server/trust", "expired/tls1.3/rsa"), .line = 60, .level = "must", .title = "an expired certificate is refused",
     .verdict = MT_INCONCLUSIVE, .type = "inconclusive.twin", .message = "its twin was not served", .steps = fixture_undecided,
     .steps_len = 1, .total_us = 1000},
    {FIXTURE_IN("server/trust", "expired/tls1.3/ecc"), .line = 60, .level = "must", .title = "an expired certificate is refused",
     .verdict = MT_INCONCLUSIVE, .type = "inconclusive.twin", .message = "its twin was not served", .steps = fixture_undecided,
     .steps_len = 1, .total_us = 1000},
    {FIXTURE_IN("server/trust", "ed25519/tls1.2"), .line = 80, .level = "info", .title = "Ed25519 in TLS 1.2", .verdict = MT_UNSUPPORTED,
     .type = "unsupported", .message = "the target does not offer ed25519"},
    {FIXTURE_IN("server/trust", "revoked/tls1.3/rsa"), .line = 90, .level = "must", .title = "a revoked certificate is refused",
     .verdict = MT_SKIPPED, .type = "float", .message = "needs a CRL of the target's CA"},
    {FIXTURE_IN("server/trust", "server-eku/tls1.3/rsa"), .line = 95, .level = "must", .title = "serverAuth only", .verdict = MT_KNOWN,
     .type = "known-deviation", .message = "vendor ticket 4711, until 2027-03-01", .steps = fixture_served, .steps_len = 1,
     .total_us = 12},
    {FIXTURE_IN("server/trust", "control/tls1.3/rsa"), .line = 5, .level = "must", .title = "a good certificate is served",
     .verdict = MT_ERROR, .type = "infrastructure.refused", .message = "no connection: connection refused",
     .steps = fixture_unreachable, .steps_len = 1, .total_us = 12345678},
};

static const mt_summary fixture_summary = {
    .tool = "0.1.0", .openssl = "OpenSSL 3.0.22", .target = "https://edge.example:8443/", .address = "203.0.113.5:8443",
    .policy = "required", .survey = "TLS 1.2 and 1.3; a client certificate is asked for\nrefuses over HTTP 400 after a complete handshake",
    .command = "mtlspec run -t https://edge.example:8443/", .started = "2026-11-21T19:30:05", .planned = 10, .cases = 8,
    .counts = {2, 2, 2, 1, 1, 1, 1}, .total_us = 13400000, .waiting_us = 9100000, .exit_code = 1,
    .sentence = "asks for a client certificate but does not verify it; refused 1 of 2 bad ones, after the handshake",
};
#endif
