// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_EDIT_H
#define MT_ENGINE_EDIT_H
/* Lies told on the wire. Messages are always built honestly; an edit then changes a row of the flow, a field of the finished
 * message, what a signature covers, or the records. It is written as `PLACE VERB ARGUMENTS`, PLACE being a message
 * (`certificate_verify`, `certificate_verify@2`) or a field of it (`certificate.list[0].data`): the names that readers,
 * traces and reports use. mt_edit_verbs is the reference of the verbs. */
#include "base/diag.h"
#include "crypto/key.h"

typedef enum mt_verb {
    /* rows of the flow */
    MT_EDIT_DROP, MT_EDIT_REPEAT, MT_EDIT_SWAP, MT_EDIT_INSERT,
    /* fields of a message */
    MT_EDIT_SET, MT_EDIT_XOR, MT_EDIT_TRUNCATE, MT_EDIT_APPEND, MT_EDIT_LENGTH, MT_EDIT_REPLACE_WITH,
    /* how a signature is made */
    MT_EDIT_SIGN_WITH, MT_EDIT_SCHEME, MT_EDIT_TRANSCRIPT, MT_EDIT_CONTEXT,
    /* records */
    MT_EDIT_FRAGMENT, MT_EDIT_COALESCE,
    /* SM2's own */
    MT_EDIT_SIGN_AS, MT_EDIT_EXCHANGE_AS,
    /* how Finished is made */
    MT_EDIT_HASH
} mt_verb;

typedef struct mt_verb_row {
    const char *name;
    mt_verb verb;
    const char *arguments; /* "HEX at N", "KEY" ... */
    const char *what;      /* one sentence */
} mt_verb_row;
extern const mt_verb_row mt_edit_verbs[];
extern const size_t mt_edit_verb_count;

typedef struct mt_edit {
    const char *text;      /* as written */
    mt_verb verb;
    const char *message;   /* "certificate_verify", "change_cipher_spec" */
    unsigned nth;          /* the n-th message of that name, from 1 */
    const char *field;     /* path within the message, NULL: the whole message */
    mt_span bytes;         /* set, xor, append: in the arena */
    size_t number;         /* xor at, truncate, length, repeat, fragment; sign-as, exchange-as, hash: which way (way.h) */
    int relative;          /* length +1 / -1: 1 or -1 and `number`; 0: absolute */
    const char *other;     /* swap, insert (after this message), replace-with, sign-with, transcript without ..., coalesce */
    bool before;           /* insert before */
    uint16_t scheme;       /* scheme */
    const mt_key *key;     /* sign-with: resolved by the owner before the engine runs (mt_edit.other names the recipe) */
} mt_edit;

/* mt_edit_parse reads one edit; everything it keeps is in `arena`. False: `d` says at `place` what is wrong, with the nearest
 * verb, message or code. Field paths are checked against the message at run time. */
MT_MUST_CHECK bool mt_edit_parse(const char *text, mt_place place, mt_arena *arena, mt_edit *out, mt_diag *d);
#endif
