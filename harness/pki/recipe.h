// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_RECIPE_H
#define MT_PKI_RECIPE_H
/* Recipes as read from certs/: one stanza a certificate. A recipe takes every field from the recipe that it is `like` and
 * states what differs. What a verifier must say of it stands beside it, so that the recipe itself can be tested. */
#include "base/yaml.h"
#include "pki/asn1.h"
#include "pki/pki.h"

/* A moment: an offset from the start of this UTC day, from the birth of the pki folder, or fixed. */
typedef enum mt_when_from { MT_WHEN_TODAY, MT_WHEN_BIRTH, MT_WHEN_FIXED } mt_when_from;
typedef struct mt_when {
    mt_when_from from;
    int64_t seconds;
} mt_when;

typedef enum mt_basic { MT_BASIC_NONE, MT_BASIC_END_ENTITY, MT_BASIC_CA } mt_basic;
typedef enum mt_key_id { MT_KEY_ID_OWN, MT_KEY_ID_NONE, MT_KEY_ID_WRONG, MT_KEY_ID_WRONG_SERIAL } mt_key_id;

/* Extensions by number: the bits of `critical` and `twice`, and the order in which they are written. */
typedef enum mt_extension_id {
    MT_EXT_BASIC_CONSTRAINTS,
    MT_EXT_KEY_USAGE,
    MT_EXT_PURPOSES,
    MT_EXT_ALT_NAMES,
    MT_EXT_SUBJECT_KEY_ID,
    MT_EXT_AUTHORITY_KEY_ID,
    MT_EXTENSIONS
} mt_extension_id;

typedef enum mt_signs_as { MT_SIGNS_USUAL, MT_SIGNS_ECDSA, MT_SIGNS_LABELLED_SHA256 } mt_signs_as;
typedef enum mt_curve_label { MT_CURVE_OWN, MT_CURVE_LABEL_P256, MT_CURVE_LABEL_SM2 } mt_curve_label;

enum { MT_USAGE_NONE = 16, MT_USAGE_EMPTY = 17 }; /* bits of key_usage and purposes beside the named ones */
enum { MT_DAMAGE_SIGNATURE = 0 };                 /* bits of damage */

/* What a verifier by RFC 5280 and RFC 8446 says of the natural chain of a recipe. */
typedef enum mt_recipe_verdict { MT_RECIPE_UNSTATED, MT_RECIPE_ACCEPTED, MT_RECIPE_REFUSED, MT_RECIPE_EITHER } mt_recipe_verdict;

typedef struct mt_recipe {
    mt_yaml_head head;
    const char *name;
    const mt_yaml_file *file;
    const struct mt_recipe *parent; /* of `like`; NULL for a base recipe */
    bool only_damage;               /* states nothing but `damage`: the parent's own bytes can be edited */
    /* not inherited */
    const char *like, *about;
    mt_yaml_texts catalogue;
    int verdict;            /* mt_recipe_verdict */
    const char *openssl;    /* error number of `openssl verify` for the natural chain, or "unreadable" */
    mt_yaml_texts masked_by;  /* faults that make a verifier accept it */
    mt_yaml_texts refused_by; /* over-strict faults that make a verifier refuse it */
    /* inherited */
    const char *issuer; /* a recipe, or "self" */
    const char *signer; /* the recipe whose key signs in the issuer's place */
    const char *subject_of, *serial_of, *key_id_of;
    int issuer_algorithm; /* mt_algorithm + 1; 0: the same as of the recipe */
    int pool;             /* key of the pool, mt_pool_names[pool]; MT_POOL_OWN: of its own */
    int key_type;         /* row of mt_key_types; 0: the algorithm's usual one */
    long version;
    mt_span serial; /* content octets; empty: made from the recipe's name */
    mt_yaml_texts subject, issuer_name; /* "CN=...", root first; {algorithm} stands for its name */
    mt_when from, until;
    int time_form;
    int hash, inner_hash; /* mt_hash_id; MT_HASH_NONE: the usual one (sha256, of SM2 sm3), and the same */
    int padding;          /* mt_padding */
    int signs_as;         /* mt_signs_as: what an SM2 key lies about */
    int curve_label;      /* mt_curve_label: the curve that its SubjectPublicKeyInfo names */
    const char *distinguishing_id; /* of an SM2 signature; NULL: that of certificates */
    int basic, path_length; /* path_length - 1 is written; 0: none */
    unsigned key_usage, enc_key_usage, purposes, critical, twice, damage;
    mt_yaml_texts alt_names; /* "dns:localhost" "ip:::1" */
    int subject_key_id, authority_key_id;
    mt_yaml_texts extra;     /* "[critical] OID" of an extension that nobody knows; its value is NULL */
    int server;              /* presented by a server */
} mt_recipe;

typedef struct mt_recipes {
    mt_recipe *rows; /* sorted by name */
    size_t len;
} mt_recipes;

/* mt_recipes_load reads every *.yaml of `folder`. False: `d` has the errors. */
MT_MUST_CHECK bool mt_recipes_load(const char *folder, mt_arena *arena, mt_recipes *out, mt_diag *d);
const mt_recipe *mt_recipe_find(const mt_recipes *r, const char *name);
const mt_recipe *mt_recipe_at(const mt_pki *p, const char *name); /* of an open pki, for tests and reports */

typedef struct mt_key_type {
    const char *name;
    mt_key_kind kind;
    unsigned bits;
} mt_key_type;
extern const mt_key_type mt_key_types[]; /* row 0 is empty, the last has no name */
extern const char *const mt_pool_names[]; /* row 0 is empty */
enum { MT_POOL_OWN = 1 };

extern const mt_yaml_schema mt_recipe_schema;
#endif
