// SPDX-License-Identifier: Apache-2.0
#include "result/result.h"

#include "suite.h"

static const struct phrase {
    const char *text;
    mt_outcome outcome;
} phrases[] = {
    {"nothing was observed", {0}},
    {"served", {.kind = MT_SERVED}},
    {"served, HTTP 200", {.kind = MT_SERVED, .status = 200}},
    {"served anonymously, HTTP 200", {.kind = MT_SERVED_ANONYMOUS, .status = 200}},
    {"refused in the handshake, alert unknown_ca(48)",
     {.kind = MT_REFUSED, .where = MT_IN_HANDSHAKE, .manner = MT_BY_ALERT, .alert = 48}},
    {"refused after the handshake, alert (250)",
     {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_ALERT, .alert = 250}},
    {"refused after the handshake, closed (FIN)",
     {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_CLOSE, .close = MT_CLOSE_FIN}},
    {"refused in the handshake, closed (reset)",
     {.kind = MT_REFUSED, .where = MT_IN_HANDSHAKE, .manner = MT_BY_CLOSE, .close = MT_CLOSE_RESET}},
    {"refused after the handshake, closed (close_notify)",
     {.kind = MT_REFUSED, .where = MT_AFTER_HANDSHAKE, .manner = MT_BY_CLOSE, .close = MT_CLOSE_NOTIFY}},
    {"refused over HTTP 400", {.kind = MT_REFUSED, .where = MT_IN_HTTP, .manner = MT_BY_STATUS, .status = 400}},
    {"refused over HTTP 400: No required SSL certificate was sent",
     {.kind = MT_REFUSED, .where = MT_IN_HTTP, .manner = MT_BY_STATUS, .status = 400, .text = "No required SSL certificate was sent"}},
    {"undecided, HTTP 503", {.kind = MT_UNDECIDED, .status = 503}},
    {"unanswered", {.kind = MT_UNANSWERED}},
    {"unreachable: connection refused", {.kind = MT_UNREACHABLE, .text = "connection refused"}},
    {"broke the protocol: record of 2^14 + 257 bytes", {.kind = MT_GARBLED, .text = "record of 2^14 + 257 bytes"}},
    {"ended by us, the server's own certificate did not verify: self-signed", {.kind = MT_DISTRUSTED, .text = "self-signed"}},
};

START_TEST(outcome_in_words)
{
    mt_writer w = {0};
    mt_outcome_write(&phrases[_i].outcome, &w);
    ck_assert_str_eq(mt_writer_text(&w), phrases[_i].text);
    mt_writer_free(&w);
}
END_TEST

START_TEST(outcomes_differ_unless_same)
{
    for (size_t i = 0; i < MT_COUNT(phrases); i++) {
        bool alike = i == (size_t)_i || (phrases[i].outcome.status == 400 && phrases[_i].outcome.status == 400);
        ck_assert_int_eq(mt_outcome_same(&phrases[i].outcome, &phrases[_i].outcome), alike);
    }
}
END_TEST

START_TEST(verdict_words_go_both_ways)
{
    mt_verdict v = MT_VERDICTS;
    ck_assert(mt_verdict_find(mt_verdict_name((mt_verdict)_i), &v));
    ck_assert_int_eq(v, _i);
}
END_TEST

START_TEST(kind_words_go_both_ways)
{
    mt_outcome_kind k = MT_OUTCOME_NONE;
    ck_assert(mt_outcome_kind_find(mt_outcome_kind_name((mt_outcome_kind)_i), &k));
    ck_assert_int_eq((int)k, _i);
}
END_TEST

START_TEST(where_words_go_both_ways)
{
    mt_where w = MT_NOWHERE;
    ck_assert(mt_where_find(mt_where_name((mt_where)_i), &w));
    ck_assert_int_eq((int)w, _i);
}
END_TEST

START_TEST(unknown_words_change_nothing)
{
    mt_verdict v = MT_KNOWN;
    mt_outcome_kind k = MT_GARBLED;
    mt_where w = MT_IN_HTTP;
    ck_assert(!mt_verdict_find("passed", &v) && !mt_outcome_kind_find("serve", &k) && !mt_where_find("", &w));
    ck_assert(v == MT_KNOWN && k == MT_GARBLED && w == MT_IN_HTTP);
    ck_assert_str_eq(mt_verdict_name(MT_VERDICTS), "unknown");
}
END_TEST

START_TEST(manner_and_close_have_words)
{
    ck_assert_str_eq(mt_manner_name(MT_NO_MANNER), "none");
    ck_assert_str_eq(mt_manner_name(MT_BY_ALERT), "alert");
    ck_assert_str_eq(mt_manner_name(MT_BY_CLOSE), "closed");
    ck_assert_str_eq(mt_manner_name(MT_BY_STATUS), "status");
    ck_assert_str_eq(mt_close_name(MT_NOT_CLOSED), "none");
    ck_assert_str_eq(mt_close_name(MT_CLOSE_FIN), "fin");
    ck_assert_str_eq(mt_close_name(MT_CLOSE_NOTIFY), "close_notify");
    ck_assert_str_eq(mt_close_name(MT_CLOSE_RESET), "reset");
}
END_TEST

START_TEST(runs_are_the_sum_of_the_verdicts)
{
    mt_summary s = {.counts = {1, 2, 3, 4, 5, 6, 7}};
    ck_assert_uint_eq(mt_summary_runs(&s), 28);
}
END_TEST

static const suite_row rows[] = {
    {&outcome_in_words, MT_COUNT(phrases), 0},
    {&outcomes_differ_unless_same, MT_COUNT(phrases), 0},
    {&verdict_words_go_both_ways, MT_VERDICTS, 0},
    {&kind_words_go_both_ways, MT_DISTRUSTED + 1, 0},
    {&where_words_go_both_ways, MT_IN_HTTP + 1, 0},
    {&unknown_words_change_nothing, 0, 0},
    {&manner_and_close_have_words, 0, 0},
    {&runs_are_the_sum_of_the_verdicts, 0, 0},
};

int main(void)
{
    return suite_run("result", rows, MT_COUNT(rows));
}
