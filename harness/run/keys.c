// SPDX-License-Identifier: Apache-2.0
#include "run/run.h"

static void want_of_step(mt_pki *pki, const mt_step_plan *s, mt_algorithm a)
{
    for (size_t i = 0; i < s->present.len; i++)
        mt_pki_want(pki, s->present.names[i], a);
    for (size_t i = 0; i < s->edits_len; i++)
        if (s->edits[i].verb == MT_EDIT_SIGN_WITH)
            mt_pki_want(pki, s->edits[i].other, a);
}

static void want_of_plan(mt_pki *pki, const mt_plan *p)
{
    for (size_t i = 0; i < p->steps_len; i++)
        want_of_step(pki, &p->steps[i], p->algorithm);
}

void mt_run_make_keys(mt_pki *pki, const mt_plans *plans)
{
    for (size_t i = 0; i < plans->len; i++) {
        want_of_plan(pki, plans->rows[i]);
        if (plans->rows[i]->twin != NULL)
            want_of_plan(pki, plans->rows[i]->twin);
    }
    mt_pki_make_wanted(pki);
}
