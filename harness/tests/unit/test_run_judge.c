// SPDX-License-Identifier: Apache-2.0
#include "run/judge.h"
#include "wire/codes.h"
#include "suite.h"

static const uint8_t unknown_ca[] = {48};
static const int misdirected[] = {421};
static const char *const one_name[] = {"client"};
static const uint16_t both_schemes[] = {0x0403, 0x0804}, rsa_only[] = {0x0804}, pkcs1_only[] = {0x0401};
static const uint8_t both_types[] = {1, 64}, rsa_type[] = {1};

static const mt_outcome served = {.kind = MT_SERVED, .status = 200}, anonymous = {.kind = MT_SERVED_ANONYMOUS, .status = 200},
    alerted = {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_ALERT, .alert = 48},
    other_alert = {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_ALERT, .alert = 42},
    bad_request = {.kind = MT_REFUSED, .where = MT_IN_HTTP, .manner = MT_BY_STATUS, .status = 400},
    closed = {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_CLOSE, .close = MT_CLOSE_FIN},
    moved = {.kind = MT_UNDECIDED, .status = 421}, busy = {.kind = MT_UNDECIDED, .status = 503}, silent = {.kind = MT_UNANSWERED},
    gone = {.kind = MT_UNREACHABLE}, garbage = {.kind = MT_GARBLED}, distrusted = {.kind = MT_DISTRUSTED};
static const mt_edit one_edit = {.text = "certificate_verify drop", .verb = MT_EDIT_DROP, .message = "certificate_verify", .nth = 1};

#define ASKED {.version = MT_TLS13, .opened = true, .requested = true}
#define ASKED_ECHO(saw) {.version = MT_TLS13, .opened = true, .requested = true, .echo = saw}
#define NOT_ASKED {.version = MT_TLS13, .opened = true}
#define ONE {.names = one_name, .len = 1, .algorithm = MT_ECC}

typedef struct row {
    const char *what;
    mt_step_plan step;
    const mt_outcome *observed, *twin;
    mt_attempt_facts seen;
    mt_policy policy;
    mt_level level;
    bool strict;
    mt_verdict wanted;
    const char *type; /* NULL: none */
    bool note;
    size_t taken, declined; /* sessions */
} row;

#define REFUSE {.present = ONE, .expect = {.kind = MT_EXPECT_REFUSED}}
#define LIE {.present = ONE, .edits = &one_edit, .edits_len = 1, .expect = {.kind = MT_EXPECT_REFUSED}}
#define SERVE {.present = ONE, .expect = {.kind = MT_EXPECT_SERVED}}
#define OFFER {.present = ONE, .resume = "first", .expect = {.kind = MT_EXPECT_REFUSED}}
#define COME_BACK {.present = ONE, .resume = "first", .expect = {.kind = MT_EXPECT_SERVED}}
#define RESUMED {.version = MT_TLCP, .opened = true, .resumed = true}
#define UNTOLD {.opened = true, .requested = true, .edit_missed = "x xor"}
#define VERDICT "expectation.verdict"

static const row rows[] = {
    {"refused as it must be", REFUSE, &alerted, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = false},
    {"an edit that changed nothing", REFUSE, &alerted, &served, {.opened = true, .requested = true, .edit_missed = "x drop"},
        MT_POLICY_REQUIRED, 0, false, MT_ERROR, "internal.edit", .note = false},
    {"no scheme for our key", SERVE, &alerted, &served, {.opened = true, .requested = true, .scheme_unoffered = true},
        MT_POLICY_REQUIRED, 0, false, MT_UNSUPPORTED, "unsupported", .note = false},
    {"no scheme for our key, and refused", REFUSE, &alerted, &served, {.opened = true, .requested = true, .scheme_unoffered = true},
        MT_POLICY_REQUIRED, 0, false, MT_UNSUPPORTED, "unsupported", .note = false},
    {"no scheme for our key, and served", REFUSE, &served, &served, {.opened = true, .requested = true, .scheme_unoffered = true},
        MT_POLICY_REQUIRED, 0, false, MT_FAIL, VERDICT, .note = false},
    {"refused over HTTP", REFUSE, &bad_request, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = false},
    {"refused by a close", REFUSE, &closed, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = false},
    {"served and must not be", REFUSE, &served, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_FAIL, VERDICT, .note = false},
    {"served anonymously and must not be", REFUSE, &anonymous, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_FAIL, VERDICT,
        .note = false},
    {"refused, and so is the twin", REFUSE, &alerted, &bad_request, ASKED, MT_POLICY_REQUIRED, 0, false,
        MT_INCONCLUSIVE, "inconclusive.twin", .note = false},
    {"served, whatever the twin got", REFUSE, &served, &bad_request, ASKED, MT_POLICY_REQUIRED, 0, false, MT_FAIL, VERDICT, .note = false},
    {"served as it must be", SERVE, &served, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = false},
    {"a control that is refused", SERVE, &alerted, NULL, ASKED, MT_POLICY_REQUIRED, 0, false, MT_FAIL, VERDICT, .note = false},
    {"a legal chain that is refused", SERVE, &alerted, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_FAIL, VERDICT, .note = false},
    {"a legal chain, and the control is refused too", SERVE, &alerted, &alerted, ASKED, MT_POLICY_REQUIRED, 0, false,
        MT_INCONCLUSIVE, "inconclusive.twin", .note = false},
    {"served, but nobody was seen", SERVE, &anonymous, &served, ASKED_ECHO(MT_ECHO_UNVERIFIED), MT_POLICY_REQUIRED, 0, false,
        MT_FAIL, VERDICT, .note = false},
    {"nobody is seen under request", SERVE, &anonymous, &served, ASKED_ECHO(MT_ECHO_UNVERIFIED), MT_POLICY_REQUEST, 0, false,
        MT_PASS, NULL, .note = false},

    {"optional: a bad one was believed", REFUSE, &served, &served, ASKED_ECHO(MT_ECHO_VERIFIED), MT_POLICY_OPTIONAL, 0, false,
        MT_FAIL, VERDICT, .note = false},
    {"optional: a bad one got in as nobody", REFUSE, &anonymous, &served, ASKED_ECHO(MT_ECHO_UNVERIFIED), MT_POLICY_OPTIONAL, 0, false,
        MT_PASS, NULL, .note = false},
    {"optional: a lie on the wire got in as nobody", LIE, &anonymous, &served, ASKED_ECHO(MT_ECHO_UNVERIFIED), MT_POLICY_OPTIONAL, 0,
        false, MT_FAIL, VERDICT, .note = false},
    {"optional: who got in is not visible", REFUSE, &served, &served, ASKED, MT_POLICY_OPTIONAL, 0, false,
        MT_UNSUPPORTED, "unsupported", .note = false},
    {"request: the same", REFUSE, &served, &served, ASKED, MT_POLICY_REQUEST, 0, false, MT_UNSUPPORTED, "unsupported", .note = false},
    {"none: an unsolicited certificate is let in", REFUSE, &served, &served, NOT_ASKED, MT_POLICY_NONE, 0, false, MT_FAIL, VERDICT,
        .note = false},
    {"optional: nobody is served", {.expect = {.kind = MT_EXPECT_SERVED_ANONYMOUS}}, &served, &served, ASKED, MT_POLICY_OPTIONAL, 0,
        false, MT_PASS, NULL, .note = false},
    {"optional: nobody is refused", {.expect = {.kind = MT_EXPECT_SERVED_ANONYMOUS}}, &alerted, &served, ASKED, MT_POLICY_OPTIONAL, 0,
        false, MT_FAIL, VERDICT, .note = false},
    {"optional: nobody is seen as somebody", {.expect = {.kind = MT_EXPECT_SERVED_ANONYMOUS}}, &served, &served,
        ASKED_ECHO(MT_ECHO_VERIFIED), MT_POLICY_OPTIONAL, 0, false, MT_FAIL, VERDICT, .note = false},

    {"never asked: bad is served", REFUSE, &served, &served, NOT_ASKED, MT_POLICY_REQUIRED, 0, false, MT_UNSUPPORTED,
        "unsupported", .note = false},
    {"never asked: good is served", SERVE, &served, &served, NOT_ASKED, MT_POLICY_REQUIRED, 0, false, MT_UNSUPPORTED,
        "unsupported", .note = false},
    {"never asked: the one failure", {.present = ONE, .expect = {.kind = MT_EXPECT_SERVED}, .observe = MT_OBSERVE_REQUESTED}, &served,
        &served, NOT_ASKED, MT_POLICY_REQUIRED, 0, false, MT_FAIL, "expectation.request", .note = false},
    {"asked as stated", {.present = ONE, .expect = {.kind = MT_EXPECT_SERVED}, .observe = MT_OBSERVE_REQUESTED}, &served, &served, ASKED,
        MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = false},
    {"asked and should not", {.expect = {.kind = MT_EXPECT_SERVED}, .observe = MT_OBSERVE_NOT_REQUESTED}, &served, NULL, ASKED,
        MT_POLICY_NONE, 0, false, MT_FAIL, "expectation.request", .note = false},
    {"not asked as stated", {.expect = {.kind = MT_EXPECT_SERVED}, .observe = MT_OBSERVE_NOT_REQUESTED}, &served, NULL, NOT_ASKED,
        MT_POLICY_NONE, 0, false, MT_PASS, NULL, .note = false},
    {"an odd request", {.present = ONE, .expect = {.kind = MT_EXPECT_SERVED}, .observe = MT_OBSERVE_REQUEST_FORM}, &served, &served,
        {.opened = true, .requested = true, .oddity = "no signature_algorithms"}, MT_POLICY_REQUIRED, 0, false,
        MT_FAIL, "expectation.request", .note = false},

    {"a session is refused, and others are taken up", OFFER, &alerted, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, false,
        .taken = 1},
    {"a session is refused, and so are all", OFFER, &alerted, &served, ASKED, MT_POLICY_REQUIRED, 0, false,
        MT_UNSUPPORTED, "unsupported", false, .declined = 1},
    {"some are taken up and some are not", OFFER, &alerted, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, false,
        .taken = 1, .declined = 1},
    {"the twin got no further than the session", OFFER, &alerted, &bad_request, ASKED, MT_POLICY_REQUIRED, 0, false,
        MT_INCONCLUSIVE, "inconclusive.twin", .note = false},
    {"no ticket to change where none is given", OFFER, &alerted, &served, UNTOLD, MT_POLICY_REQUIRED, 0, false,
        MT_UNSUPPORTED, "unsupported", false, .declined = 1},
    {"no byte to change in a ticket that is taken up", OFFER, &alerted, &served, UNTOLD, MT_POLICY_REQUIRED, 0, false,
        MT_ERROR, "internal.edit", false, .taken = 1},
    {"no session is taken up, and a stranger is served", OFFER, &served, &served, UNTOLD, MT_POLICY_REQUIRED, 0, false,
        MT_FAIL, VERDICT, false, .declined = 1},
    {"refused without a session", REFUSE, &alerted, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, false, .declined = 1},
    {"known again", COME_BACK, &served, &served, RESUMED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = false},
    {"asked again is a note", COME_BACK, &served, &served, ASKED, MT_POLICY_REQUIRED, 0, true, MT_PASS, NULL, .note = true},

    {"unreachable", REFUSE, &gone, &served, {0}, MT_POLICY_REQUIRED, 0, false, MT_ERROR, "infrastructure.unreachable", .note = false},
    {"not sent anywhere", REFUSE, &distrusted, &served, {0}, MT_POLICY_REQUIRED, 0, false, MT_ERROR, "infrastructure.distrusted",
        .note = false},
    {"unanswered is no refusal", REFUSE, &silent, &served, ASKED, MT_POLICY_REQUIRED, 0, false,
        MT_INCONCLUSIVE, "inconclusive.unanswered", .note = false},
    {"503 is none", REFUSE, &busy, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_INCONCLUSIVE, "inconclusive.answer", .note = false},
    {"garbage is none", REFUSE, &garbage, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_INCONCLUSIVE, "inconclusive.garbled",
        .note = false},
    {"421 where the case expects it", {.present = ONE, .expect = {.kind = MT_EXPECT_REFUSED, .statuses = misdirected, .statuses_len = 1}},
        &moved, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = false},
    {"400 where 421 is expected", {.present = ONE, .expect = {.kind = MT_EXPECT_REFUSED, .statuses = misdirected, .statuses_len = 1}},
        &bad_request, &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_FAIL, "expectation.manner", .note = false},
    {"refused elsewhere", {.present = ONE, .expect = {.kind = MT_EXPECT_REFUSED, .where = MT_IN_HANDSHAKE}}, &alerted, &served, ASKED,
        MT_POLICY_REQUIRED, 0, false, MT_FAIL, "expectation.manner", .note = false},

    {"the preferred alert", {.present = ONE, .expect = {.kind = MT_EXPECT_REFUSED}, .prefer = {unknown_ca, 1, 0}}, &alerted, &served,
        ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = false},
    {"another alert is a note", {.present = ONE, .expect = {.kind = MT_EXPECT_REFUSED}, .prefer = {unknown_ca, 1, 0}}, &other_alert,
        &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = true},
    {"a close instead is a note", {.present = ONE, .expect = {.kind = MT_EXPECT_REFUSED}, .prefer = {unknown_ca, 1, 0}}, &closed,
        &served, ASKED, MT_POLICY_REQUIRED, 0, false, MT_PASS, NULL, .note = true},
    {"under --strict it fails", {.present = ONE, .expect = {.kind = MT_EXPECT_REFUSED}, .prefer = {unknown_ca, 1, 0}}, &other_alert,
        &served, ASKED, MT_POLICY_REQUIRED, 0, true, MT_FAIL, "expectation.manner", .note = false},

    {"should: a note", REFUSE, &served, &served, ASKED, MT_POLICY_REQUIRED, MT_LEVEL_SHOULD, false, MT_PASS, NULL, .note = true},
    {"should, strict: fails", REFUSE, &served, &served, ASKED, MT_POLICY_REQUIRED, MT_LEVEL_SHOULD, true, MT_FAIL, VERDICT, .note = false},
    {"info never fails", REFUSE, &served, &served, ASKED, MT_POLICY_REQUIRED, MT_LEVEL_INFO, true, MT_PASS, NULL, .note = true},
    {"expect info records", {.present = ONE, .expect = {.kind = MT_EXPECT_INFO}}, &alerted, &served, ASKED, MT_POLICY_REQUIRED,
        MT_LEVEL_INFO, false, MT_PASS, NULL, .note = true},
    {"expect info, unreachable", {.present = ONE, .expect = {.kind = MT_EXPECT_INFO}}, &gone, &served, {0}, MT_POLICY_REQUIRED,
        MT_LEVEL_INFO, false, MT_ERROR, "infrastructure.unreachable", .note = false},
};

START_TEST(verdicts)
{
    const row *r = &rows[_i];
    mt_facts f = {.level = r->level, .strict = r->strict, .policy = r->policy, .step = &r->step, .observed = r->observed,
        .seen = &r->seen, .twin = r->twin, .twin_id = "server/x/control", .taken = r->taken, .declined = r->declined};
    mt_ruling got = mt_judge_step(&f);
    ck_assert_msg(got.verdict == r->wanted, "%s: %s (%s)", r->what, mt_verdict_name(got.verdict), got.message);
    ck_assert_msg((got.type == NULL) == (r->type == NULL), "%s: type", r->what);
    if (r->type != NULL)
        ck_assert_str_eq(got.type, r->type);
    ck_assert_msg(got.note == r->note, "%s: note", r->what);
    ck_assert_msg((got.message[0] != 0) == (r->wanted != MT_PASS || r->note), "%s: message '%s'", r->what, got.message);
}
END_TEST

typedef struct scheme_row {
    const char *what;
    mt_algorithm algorithm;
    mt_attempt_facts seen;
    mt_verdict wanted;
} scheme_row;

#define SEEN13(list) {.version = MT_TLS13, .opened = true, .requested = true, .schemes = list, .schemes_len = MT_COUNT(list)}
#define SEEN12(list, t) {.version = MT_TLS12, .opened = true, .requested = true, .schemes = list, .schemes_len = MT_COUNT(list), \
        .types = t, .types_len = sizeof t}

static const scheme_row scheme_rows[] = {
    {"both, 1.3", MT_ECC, SEEN13(both_schemes), MT_PASS},
    {"both, 1.3, rsa", MT_RSA, SEEN13(both_schemes), MT_PASS},
    {"rsa only, 1.3", MT_ECC, SEEN13(rsa_only), MT_FAIL},
    {"PKCS#1 signs no 1.3 handshake", MT_RSA, SEEN13(pkcs1_only), MT_FAIL},
    {"PKCS#1 in 1.2", MT_RSA, SEEN12(pkcs1_only, rsa_type), MT_PASS},
    {"both, 1.2", MT_ECC, SEEN12(both_schemes, both_types), MT_PASS},
    {"the types are without ecdsa_sign", MT_ECC, SEEN12(both_schemes, rsa_type), MT_FAIL},
};

START_TEST(schemes_of_the_request)
{
    const scheme_row *r = &scheme_rows[_i];
    mt_step_plan step = {.present = {.names = one_name, .len = 1, .algorithm = r->algorithm}, .observe = MT_OBSERVE_SCHEMES};
    mt_facts f = {.step = &step, .observed = &served, .seen = &r->seen, .twin = &served};
    ck_assert_msg(mt_judge_step(&f).verdict == r->wanted, "%s", r->what);
}
END_TEST

START_TEST(ca_names_of_the_request)
{
    mt_span ours = mt_span_text("ours"), names[] = {mt_span_text("theirs"), mt_span_text("ours")};
    mt_step_plan step = {.present = ONE, .observe = MT_OBSERVE_CA_NAMES};
    for (size_t n = 0; n <= 2; n++) {
        mt_attempt_facts seen = {.opened = true, .requested = true, .names = names, .names_len = n};
        mt_facts f = {.step = &step, .observed = &served, .seen = &seen, .twin = &served, .anchor_name = ours};
        ck_assert_int_eq(mt_judge_step(&f).verdict, n == 1 ? MT_FAIL : MT_PASS);
    }
}
END_TEST

typedef struct exit_row {
    mt_summary summary;
    int code;
} exit_row;

static const exit_row exits[] = {
    {{.counts = {[MT_PASS] = 1}}, 0},
    {{.counts = {[MT_KNOWN] = 1}}, 0},
    {{.counts = {[MT_PASS] = 1, [MT_UNSUPPORTED] = 1, [MT_SKIPPED] = 1}}, 0},
    {{.counts = {[MT_PASS] = 1, [MT_FAIL] = 1, [MT_ERROR] = 1}}, 1},
    {{.counts = {[MT_PASS] = 1, [MT_INCONCLUSIVE] = 1}}, 6},
    {{.counts = {[MT_ERROR] = 1}}, 6},
    {{.counts = {[MT_UNSUPPORTED] = 3, [MT_SKIPPED] = 1}}, 5},
    {{.counts = {0}}, 5},
    {{.counts = {[MT_FAIL] = 1, [MT_ERROR] = 4}, .interrupted = true}, 2},
    {{.counts = {[MT_FAIL] = 1, [MT_ERROR] = 1}, .internal = 1, .interrupted = true}, 3},
};

START_TEST(exit_codes)
{
    ck_assert_int_eq(mt_exit_code(&exits[_i].summary), exits[_i].code);
}
END_TEST

START_TEST(expectations_in_words)
{
    mt_writer w = {0};
    mt_expect e = {.kind = MT_EXPECT_REFUSED, .where = MT_IN_HTTP, .statuses = misdirected, .statuses_len = 1};
    mt_expect_words(&e, &(mt_prefer){unknown_ca, 1, MT_IN_HANDSHAKE}, &w);
    ck_assert_str_eq(mt_writer_text(&w), "refused over HTTP with 421, preferably in the handshake by alert unknown_ca(48)");
    mt_writer_free(&w);
}
END_TEST

static void expect_likely(const mt_outcome *o, mt_expected expected, const mt_attempt_facts *seen, const char *part)
{
    static const char *const tags[] = {"possession"};
    mt_case c = {.suite = "server/x", .id = "y", .tags = tags, .tags_len = 1};
    mt_step_plan step = {.expect = {.kind = expected}};
    mt_facts f = {.step = &step, .observed = o, .seen = seen, .policy = MT_POLICY_REQUIRED};
    const char *got = mt_likely(&c, &f);
    ck_assert_msg(got != NULL && strstr(got, part) != NULL, "%s, not %s", got ? got : "nothing", part);
}

START_TEST(likely_causes_by_suite)
{
    static const struct {
        const char *suite, *id, *part;
    } causes[] = {
        {"server/tlcp-pair", "intermediate-of-the-encryption-certificate-missing", "encryption certificate are not looked at"},
        {"server/tlcp-pair", "swapped", "not told apart"},
        {"server/sm2-mismatch", "rsa-client", "held to the suite"},
        {"server/sm2-signature", "r-zero", "the range of r and s"},
        {"server/tlcp-key-exchange", "point", "ClientKeyExchange"},
        {"server/resumption", "other-name", "taken up again"},
        {"server/missing", "empty-list", "asked for but not required"},
    };
    const mt_attempt_facts seen = {.opened = true, .resumed = true};
    mt_step_plan step = {.expect = {.kind = MT_EXPECT_REFUSED}};
    mt_facts f = {.step = &step, .observed = &served, .seen = &seen, .policy = MT_POLICY_REQUIRED};
    for (size_t i = 0; i < MT_COUNT(causes); i++) {
        const char *got = mt_likely(&(mt_case){.suite = causes[i].suite, .id = causes[i].id}, &f);
        ck_assert_msg(got != NULL && strstr(got, causes[i].part) != NULL, "%s: %s", causes[i].id, got ? got : "nothing");
    }
}
END_TEST

START_TEST(likely_causes)
{
    mt_attempt_facts asked = ASKED, unasked = NOT_ASKED;
    expect_likely(&served, MT_EXPECT_REFUSED, &asked, "without its key");
    expect_likely(&served, MT_EXPECT_REFUSED, &unasked, "does not ask");
    expect_likely(&alerted, MT_EXPECT_SERVED, &asked, "does not trust the CA");
    expect_likely(&closed, MT_EXPECT_SERVED, &asked, "Empty reply from server");
    expect_likely(&bad_request, MT_EXPECT_SERVED, &asked, "error log");
}
END_TEST

int main(void)
{
    static const suite_row tests[] = {
        {&verdicts, MT_COUNT(rows), 0},
        {&schemes_of_the_request, MT_COUNT(scheme_rows), 0},
        {&ca_names_of_the_request, 0, 0},
        {&exit_codes, MT_COUNT(exits), 0},
        {&expectations_in_words, 0, 0},
        {&likely_causes, 0, 0},
    {&likely_causes_by_suite, 0, 0},
    };
    return suite_run("run_judge", tests, MT_COUNT(tests));
}
