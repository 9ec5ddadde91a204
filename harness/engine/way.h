// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_WAY_H
#define MT_ENGINE_WAY_H
/* The words of verbs that choose one of several ways to lie. */
#include "engine/edit.h"

typedef struct mt_way {
    const char *name;
    const char *what; /* one sentence */
} mt_way;
/* mt_way_of returns the i-th way of a verb (sign-as, ...), or NULL behind the last one and for a verb that has none. */
const mt_way *mt_way_of(mt_verb verb, size_t i);
const mt_way *mt_finished_hash_at(size_t i); /* finished.c: those of `hash` */
#endif
