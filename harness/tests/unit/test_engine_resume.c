// SPDX-License-Identifier: Apache-2.0
/* TLCP sessions taken up again, engine to engine: by id and by ticket in every suite; and what is not taken up. */
#include "engine_pair.h"
#include "suite.h"

#define FIRST "first"
#define BACK .name = "second", .resume = FIRST

static mt_test_identity client_pair, server_pair;

/* One connection of a story: the client's side, and what of the server differs. */
typedef struct act {
    const char *name, *resume;
    bool ticket, anonymous;
    const char *sni, *edit;
    uint16_t suite; /* 0: all */
} act;

/* The parts that two connections share. */
typedef struct stage {
    mt_jar *jar;
    mt_sessions *sessions;
    uint64_t faults;
    mt_request request;
    bool refuses; /* the judge, every chain */
    mt_arena *arena;
} stage;

/* What was seen of one connection, after it is gone. */
typedef struct seen {
    mt_engine_info client, server;
    bool served;
} seen;

static bool judge(void *self, const mt_span *chain, size_t n, uint8_t *alert, char text[200])
{
    (void)chain, (void)text;
    ck_assert_uint_eq(n, 2);
    *alert = 45;
    return !((const stage *)self)->refuses;
}

static void stage_open(stage *s)
{
    *s = (stage){.jar = mt_jar_new(), .sessions = mt_sessions_new(), .arena = mt_arena_new(), .request = MT_REQUEST_REQUIRED};
}

static void stage_close(stage *s)
{
    mt_jar_free(s->jar);
    mt_sessions_free(s->sessions);
    mt_arena_free(s->arena);
}

static mt_engine *make_client(const stage *s, const act *a, const uint16_t *suites, const mt_edit *edit)
{
    mt_engine_config c = {.role = MT_CLIENT, .version = MT_TLCP, .offer = MT_OFFER_SM2, .suites = suites, .sni = a->sni, .jar = s->jar,
                          .jar_name = a->name, .resume = a->resume, .ticket = a->ticket, .edits = edit, .edits_len = edit != NULL};
    if (!a->anonymous)
        c.identity = client_pair.identity;
    return mt_engine_new(&c);
}

static mt_engine *make_server(stage *s)
{
    mt_engine_config c = {.role = MT_SERVER, .identities = &server_pair.identity, .identities_len = 1, .request = s->request,
                          .judge = {judge, s}, .faults = s->faults, .sessions = s->sessions};
    return mt_engine_new(&c);
}

static const mt_edit *parse(stage *s, const char *text)
{
    mt_diag *d = mt_diag_new();
    mt_edit *edit = MT_ARENA_NEW(s->arena, mt_edit);
    ck_assert_msg(mt_edit_parse(text, (mt_place){0}, s->arena, edit, d), "%s", mt_diag_text(d));
    mt_diag_free(d);
    return edit;
}

static seen play(stage *s, const act *a)
{
    uint16_t suites[] = {a->suite, 0};
    mt_engine *client = make_client(s, a, a->suite ? suites : NULL, a->edit ? parse(s, a->edit) : NULL), *server = make_server(s);
    mt_engine_write(client, mt_span_text("ping"));
    mt_test_pump(client, server);
    mt_engine_write(server, mt_span_text("pong"));
    mt_test_pump(client, server);
    seen out = {*mt_engine_info_of(client), *mt_engine_info_of(server), false};
    out.served = mt_span_equal(mt_engine_received(client), mt_span_text("pong")) &&
                 mt_span_equal(mt_engine_received(server), mt_span_text("ping"));
    ck_assert_msg(out.client.edit_missed == NULL, "the lie was not told");
    mt_engine_free(client);
    mt_engine_free(server);
    return out;
}

/* ---- taken up, in every suite ---- */

static const uint16_t suites[] = {0xe013, 0xe053, 0xe011, 0xe051};

START_TEST(taken_up)
{
    stage s;
    bool ticket = _i % 2 != 0;
    uint16_t suite = suites[_i / 2];
    act first = {.name = FIRST, .ticket = ticket, .suite = suite, .sni = "a.test"};
    act second = {BACK, .ticket = ticket, .anonymous = true, .suite = suite, .sni = "a.test"};
    act third = {.name = "third", .resume = "second", .ticket = ticket, .anonymous = true, .sni = "a.test"};
    stage_open(&s);
    seen one = play(&s, &first), two = play(&s, &second), three = play(&s, &third);
    ck_assert_msg(one.served && !one.client.resumed && !one.server.resumed, "%s | %s", one.client.fault, one.server.fault);
    ck_assert_uint_eq(one.client.tickets, ticket);
    ck_assert_msg(two.served && two.client.resumed && two.server.resumed, "%s | %s", two.client.fault, two.server.fault);
    ck_assert(two.server.peer_chain_len == 2 && two.server.peer_proved && !two.server.requested);
    ck_assert_uint_eq(two.server.suite, suite);
    ck_assert(two.client.finished_received && !two.client.peer_finished_last && two.server.peer_finished_last);
    ck_assert_msg(three.served && three.client.resumed, "a session is taken up more than once: %s", three.server.fault);
    stage_close(&s);
}
END_TEST

/* ---- not taken up ---- */

typedef struct story {
    const char *about;
    act first, second;
    bool optional; /* a certificate */
    bool refuses, then_refuses; /* the judge, in the first and the second connection */
    const char *fault; /* with it the second is served */
} story;

static const story stories[] = {
    {.about = "no certificate in the first", .first = {.name = FIRST, .anonymous = true}, .second = {BACK, .anonymous = true},
     .fault = "resume-without-certificate"},
    {.about = "no certificate in the first, ticket", .first = {.name = FIRST, .ticket = true, .anonymous = true},
     .second = {BACK, .ticket = true, .anonymous = true}, .fault = "resume-without-certificate"},
    {.about = "a certificate that is refused", .first = {.name = FIRST}, .second = {BACK, .anonymous = true}, .refuses = true,
     .fault = "resume-refused-certificate"},
    {.about = "a certificate that is refused, ticket", .first = {.name = FIRST, .ticket = true},
     .second = {BACK, .ticket = true, .anonymous = true}, .refuses = true, .fault = "resume-refused-certificate"},
    {.about = "a signature that is wrong", .first = {.name = FIRST, .edit = "certificate_verify.signature xor 01 at 20"},
     .second = {BACK, .anonymous = true}, .fault = "resume-unproved-session"},
    {.about = "another name", .first = {.name = FIRST, .sni = "a.test"}, .second = {BACK, .anonymous = true, .sni = "b.test"},
     .fault = "resume-on-other-name"},
    {.about = "another name, ticket", .first = {.name = FIRST, .ticket = true, .sni = "a.test"},
     .second = {BACK, .ticket = true, .anonymous = true, .sni = "b.test"}, .fault = "resume-on-other-name"},
    {.about = "a name where there was none", .first = {.name = FIRST}, .second = {BACK, .anonymous = true, .sni = "b.test"},
     .fault = "resume-on-other-name"},
    {.about = "a ticket with one bit flipped", .first = {.name = FIRST, .ticket = true},
     .second = {BACK, .ticket = true, .anonymous = true, .edit = "client_hello.extensions.session_ticket xor 01 at 40"},
     .fault = "accept-forged-ticket"},
    {.about = "a ticket with its seal damaged", .first = {.name = FIRST, .ticket = true},
     .second = {BACK, .ticket = true, .anonymous = true, .edit = "client_hello.extensions.session_ticket truncate 1"}},
    {.about = "an unknown id", .first = {.name = FIRST},
     .second = {BACK, .anonymous = true, .edit = "client_hello.session_id xor 01 at 3"}},
    {.about = "its suite not in the hello", .first = {.name = FIRST, .suite = 0xe013},
     .second = {BACK, .anonymous = true, .suite = 0xe053}},
    {.about = "a chain that is no longer good", .first = {.name = FIRST}, .second = {BACK, .anonymous = true}, .then_refuses = true},
};

static seen play_story(const story *t, uint64_t faults, seen *first)
{
    stage s;
    stage_open(&s);
    s.request = t->optional ? MT_REQUEST_OPTIONAL : MT_REQUEST_REQUIRED;
    s.faults = faults;
    s.refuses = t->refuses;
    *first = play(&s, &t->first);
    s.refuses = t->then_refuses;
    seen second = play(&s, &t->second);
    stage_close(&s);
    return second;
}

START_TEST(not_taken_up)
{
    const story *t = &stories[_i];
    seen first, second = play_story(t, 0, &first);
    ck_assert_msg(!second.server.resumed && !second.client.resumed, "%s: taken up", t->about);
    ck_assert_msg(!second.served && second.server.end == MT_END_JUDGED, "%s: %s", t->about, second.server.fault);
    ck_assert_int_eq(second.server.alert_sent, 40);
    if (t->fault == NULL)
        return;
    second = play_story(t, mt_engine_fault_bit(t->fault), &first);
    ck_assert_msg(second.served && second.server.resumed, "%s with the fault: %s", t->about, second.server.fault);
    bool anonymous = strcmp(t->fault, "resume-without-certificate") == 0;
    ck_assert(second.server.peer_chain_len == (anonymous ? 0 : 2));
    ck_assert(first.served == (t->first.edit == NULL && !t->first.anonymous && !t->refuses));
}
END_TEST

/* With a certificate the same stories end well: a session that is not taken up costs a whole handshake and nothing else. */
START_TEST(falls_back)
{
    story t = stories[_i];
    seen first;
    t.second.anonymous = false;
    t.second.edit = NULL;
    t.then_refuses = false;
    seen second = play_story(&t, 0, &first);
    ck_assert_msg(second.served && second.server.peer_proved, "%s: %s | %s", t.about, second.client.fault, second.server.fault);
    ck_assert(second.client.resumed == second.server.resumed);
}
END_TEST

/* ---- single ones ---- */

START_TEST(strangers_come_back)
{
    static const story t = {.about = "no certificate, where none is required", .first = {.name = FIRST, .anonymous = true},
                            .second = {BACK, .anonymous = true}, .optional = true};
    seen first, second = play_story(&t, 0, &first);
    ck_assert(first.served && second.served && second.server.resumed && second.client.resumed);
    ck_assert(second.server.peer_chain_len == 0 && !second.server.peer_proved);
}
END_TEST

START_TEST(client_forgotten)
{
    static const story t = {.about = "by id", .first = {.name = FIRST}, .second = {BACK}};
    seen first, second = play_story(&t, mt_engine_fault_bit("forget-client-on-resumption"), &first);
    ck_assert(second.served && second.server.resumed && second.server.peer_chain_len == 0 && !second.server.peer_proved);
}
END_TEST

START_TEST(unknown_refused)
{
    static const act a = {.name = FIRST, .edit = "client_hello.session_id set 0102030405060708"};
    stage s;
    stage_open(&s);
    seen one = play(&s, &a);
    ck_assert_msg(one.served && !one.server.resumed, "%s", one.server.fault);
    s.faults = mt_engine_fault_bit("refuse-unknown-session");
    one = play(&s, &a);
    ck_assert(!one.served && one.server.end == MT_END_FAULT);
    stage_close(&s);
}
END_TEST

/* What the client says it has must be what the server has: another secret ends at Finished. */
START_TEST(wrong_secret)
{
    stage s;
    mt_span kept;
    uint8_t forged[512];
    stage_open(&s);
    ck_assert(play(&s, &(act){.name = FIRST}).served);
    ck_assert(mt_jar_get(s.jar, "first.session", &kept) && kept.len < sizeof forged);
    memcpy(forged, kept.at, kept.len);
    forged[1 + 32 + 2 + 1] ^= 1; /* the first byte of the master secret */
    mt_jar_put(s.jar, "forged.session", mt_span_of(forged, kept.len));
    seen two = play(&s, &(act){.name = "second", .resume = "forged"});
    ck_assert(!two.served && !two.server.finished_received && two.client.end == MT_END_FAULT);
    two = play(&s, &(act){.name = "third", .resume = FIRST, .anonymous = true});
    ck_assert_msg(!two.server.resumed, "the session of a connection that ended in an alert is gone");
    stage_close(&s);
}
END_TEST

/* The memory is bounded: the oldest session makes room. */
START_TEST(oldest_goes_first)
{
    enum { MORE = 256 };
    stage s;
    stage_open(&s);
    s.request = MT_REQUEST_NONE;
    ck_assert(play(&s, &(act){.name = FIRST, .anonymous = true}).served);
    ck_assert(play(&s, &(act){.name = "again", .resume = FIRST, .anonymous = true}).server.resumed);
    for (int i = 0; i < MORE; i++)
        ck_assert(play(&s, &(act){.name = "other", .anonymous = true}).served);
    ck_assert(play(&s, &(act){.name = "again", .resume = "other", .anonymous = true}).server.resumed);
    ck_assert(!play(&s, &(act){.name = "late", .resume = FIRST, .anonymous = true}).server.resumed);
    stage_close(&s);
}
END_TEST

int main(void)
{
    static const suite_row rows[] = {
        {&taken_up, 2 * MT_COUNT(suites), 0},  {&not_taken_up, MT_COUNT(stories), 0}, {&falls_back, MT_COUNT(stories), 0},
        {&strangers_come_back, 1, 0},          {&client_forgotten, 1, 0},             {&unknown_refused, 1, 0},
        {&wrong_secret, 1, 0},                 {&oldest_goes_first, 1, 0},
    };
    mt_test_pair_make(&client_pair);
    mt_test_pair_make(&server_pair);
    int code = suite_run("engine_resume", rows, MT_COUNT(rows));
    mt_test_identity_free(&client_pair);
    mt_test_identity_free(&server_pair);
    return code;
}
