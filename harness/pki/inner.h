// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_INNER_H
#define MT_PKI_INNER_H
/* What the files of this module share about an open pki. */
#include "pki/issue.h"

typedef enum mt_half { MT_HALF_WHOLE, MT_HALF_SIGN, MT_HALF_ENC } mt_half;

/* A certificate that was made, or that the owner gave. Of a CA that the owner's chain only mentions, der and key are empty. */
typedef struct mt_entity {
    const mt_recipe *recipe;
    mt_algorithm algorithm;
    mt_half half;
    struct mt_entity *issuer; /* NULL: itself, or nobody knows */
    bool self_signed;
    mt_span der, subject, serial, key_id; /* the last two may be empty */
    const mt_key *key;                    /* private, or NULL */
    const char *file;                     /* where a fixed CA lives, or NULL */
} mt_entity;

typedef struct mt_pool_key {
    const char *name; /* "p256-leaf": also the name of its file */
    mt_key *key;
} mt_pool_key;

/* A key of the pool that is not there yet and will be asked for. */
typedef struct mt_wanted_key {
    const char *name;
    const mt_key_type *type;
    mt_key *key;
} mt_wanted_key;

typedef enum mt_owner_role { MT_OWNER_ROOT, MT_OWNER_INTERMEDIATE, MT_OWNER_CLIENT, MT_OWNER_ROLES } mt_owner_role;

typedef struct mt_presented {
    const char *name; /* of the file: recipes joined by '+' */
    bool natural, pair;
    mt_algorithm algorithm;
    mt_credential credential;
    const char *file; /* once written */
    struct mt_presented *next;
} mt_presented;

typedef struct mt_anchors {
    mt_algorithm first, last;
    mt_span *rows;
    size_t len;
    bool made;
} mt_anchors;

struct mt_pki {
    mt_arena *arena;
    mt_recipes recipes;
    const char **names;
    const char *dir; /* NULL: in memory */
    int64_t now, today, birth;
    mt_pool_key *keys;
    size_t keys_len, keys_cap;
    mt_wanted_key *wanted;
    size_t wanted_len, wanted_cap;
    mt_entity **entities;
    size_t entities_len, entities_cap;
    mt_entity *owner[MT_OWNER_ROLES][MT_ALGORITHMS]; /* NULL: ours */
    mt_entity *owner_enc;                            /* the encryption half of the owner's credential, SM2; NULL: ours */
    mt_key *owner_keys[3];
    mt_presented *presented;
    mt_anchors anchors, server_anchors, sm2_anchors, sm2_server_anchors;
};

/* A certificate as presentations name it. */
typedef struct mt_named {
    const mt_recipe *recipe;
    mt_half half;
} mt_named;

/* make.c */
mt_entity *mt_entity_get(mt_pki *p, const mt_recipe *r, mt_algorithm a, mt_diag *d);
mt_entity *mt_entity_half(mt_pki *p, mt_named what, mt_algorithm a, mt_diag *d);
mt_entity *mt_entity_owned(const mt_pki *p, const mt_recipe *r, mt_algorithm a);
/* pki.c: made once for each distinct presentation; NULL: `d` says why. */
mt_presented *mt_presented_of(mt_pki *p, const mt_presentation *what, mt_diag *d);
typedef const mt_span *mt_roots_of(mt_pki *p, size_t *n, mt_diag *d);
/* half.c: "client.enc" is the recipe client and the half MT_HALF_ENC; a NULL recipe: there is no such thing. */
mt_named mt_recipe_named(const mt_pki *p, const char *name);
bool mt_recipe_is_leaf(const mt_recipe *r);
const char *mt_half_suffix(mt_half half); /* "" ".sign" ".enc" */
/* mt_recipe_for is the recipe of a certificate as it is written: with the keyUsage of its half. */
const mt_recipe *mt_recipe_for(mt_pki *p, const mt_entity *e);
mt_algorithm mt_issuer_algorithm(const mt_recipe *r, mt_algorithm a);
/* reach.c */
const char *mt_recipe_reach(const mt_pki *p, mt_named what, mt_algorithm a);
/* keypool.c: the type of key that a recipe has under an algorithm; NULL: the algorithm's usual one. */
const mt_key_type *mt_recipe_key_type(const mt_recipe *r, mt_algorithm a);
/* The key of the pool that a recipe has under an algorithm; NULL: `d` says why. */
const mt_key *mt_pool_get(mt_pki *p, mt_named what, mt_algorithm a, mt_diag *d);
const mt_key *mt_pool_named(mt_pki *p, const char *name, const char *type, mt_diag *d);
/* owner.c */
MT_MUST_CHECK bool mt_owner_load(mt_pki *p, const mt_pki_config *c, mt_diag *d);
/* folder.c */
MT_MUST_CHECK bool mt_folder_open(mt_pki *p, bool renew, mt_diag *d);
MT_MUST_CHECK bool mt_file_read(const char *file, mt_writer *out, mt_diag *d);
/* mt_file_write_once writes `file` unless there is one: of two programs that make the same thing at once, the first wins, and
 * both go on with what is then in the file. */
MT_MUST_CHECK bool mt_file_write_once(const char *file, mt_span bytes, unsigned mode, mt_diag *d);
MT_MUST_CHECK bool mt_folder_make(const char *path, unsigned mode, mt_diag *d);
bool mt_file_exists(const char *file);
/* certificate.c: what an entity needs to know of a DER certificate. */
typedef struct mt_certificate_facts {
    mt_span subject, issuer, serial, key_id, issuer_key_id; /* in the arena */
    mt_key *key;                                            /* public; owned by the caller; NULL: not a key that we know */
    bool is_ca;
    long path_length; /* -1: none */
    uint32_t key_usage; /* libcrypto's KU_ bits; all of them where the extension is absent */
} mt_certificate_facts;
bool mt_usage_signs(const mt_certificate_facts *f);     /* digitalSignature or nonRepudiation */
bool mt_usage_enciphers(const mt_certificate_facts *f); /* keyEncipherment, dataEncipherment or keyAgreement */
MT_MUST_CHECK bool mt_certificate_read(mt_span der, mt_arena *arena, mt_certificate_facts *out);
#endif
