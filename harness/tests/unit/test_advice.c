// SPDX-License-Identifier: Apache-2.0
#include "advice/advice.h"
#include "suite.h"
#include "wire/codes.h"

#include <string.h>

/* The alerts that refuse a client certificate in one of the stacks that we know. */
static const unsigned refusing[] = {0, 10, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 80, 110, 116};

START_TEST(every_refusing_alert_is_explained)
{
    const mt_alert_advice *a = mt_advice_of_alert(refusing[_i]);
    ck_assert_ptr_nonnull(a);
    ck_assert_uint_eq(a->alert, refusing[_i]);
    ck_assert_ptr_nonnull(mt_code_name(&mt_alerts, a->alert));
    ck_assert(*a->meaning && *a->stacks && *a->remedy);
}
END_TEST

START_TEST(other_alerts_have_no_row)
{
    ck_assert_ptr_null(mt_advice_of_alert(200));
    ck_assert_ptr_null(mt_advice_of_alert(256));
}
END_TEST

static const struct {
    const char *text, *term; /* NULL: none */
} texts[] = {
    {"Empty reply from server", "Empty reply from server"},
    {"empty reply", "Empty reply from server"},
    {"curl: (52) Empty reply from server", "Empty reply from server"},
    {"curl: (55) getpeername() failed with errno 107", "getpeername() failed with errno 107"},
    {"400 No required SSL certificate was sent", "No required SSL certificate was sent"},
    {"remote error: tls: bad certificate", "Bad certificate"},
    {"write: Broken pipe", "connection reset by peer"},
    {"error:num=20:unable to get local issuer certificate", "unable to get local issuer certificate"},
    {"optional_no_ca", "optional_no_ca"},
    {"xyz", NULL},
    {"e", NULL},
    {"", NULL},
    {"nothing that anybody ever said", NULL},
};

START_TEST(knows_what_other_programs_say)
{
    const mt_term_advice *t = mt_advice_of_term(texts[_i].text);
    if (texts[_i].term == NULL)
        ck_assert_msg(t == NULL, "%s: %s", texts[_i].text, t ? t->term : "");
    else
        ck_assert_msg(t != NULL && strcmp(t->term, texts[_i].term) == 0, "%s: %s", texts[_i].text, t ? t->term : "nothing");
}
END_TEST

static const suite_row tests[] = {
    {&every_refusing_alert_is_explained, MT_COUNT(refusing), 0},
    {&other_alerts_have_no_row, 0, 0},
    {&knows_what_other_programs_say, MT_COUNT(texts), 0},
};

int main(void)
{
    return suite_run("advice", tests, MT_COUNT(tests));
}
