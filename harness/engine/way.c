// SPDX-License-Identifier: Apache-2.0
#include "engine/exchange_way.h"
#include "engine/sign_way.h"

static const struct {
    mt_verb verb;
    const mt_way *(*at)(size_t i);
} verbs[] = {{MT_EDIT_SIGN_AS, mt_sign_way_at}, {MT_EDIT_EXCHANGE_AS, mt_exchange_way_at}, {MT_EDIT_HASH, mt_finished_hash_at}};

const mt_way *mt_way_of(mt_verb verb, size_t i)
{
    for (size_t row = 0; row < MT_COUNT(verbs); row++)
        if (verbs[row].verb == verb)
            return verbs[row].at(i);
    return NULL;
}
