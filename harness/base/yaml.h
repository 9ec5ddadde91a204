// SPDX-License-Identifier: Apache-2.0
#ifndef MT_BASE_YAML_H
#define MT_BASE_YAML_H
/* YAML files that people write: cases, recipes, targets, baselines. libyaml finds the syntax, this makes a tree of it in which
 * every value knows its line and column, and a table of keys (a schema) turns the tree into a plain struct. Scalars are typed
 * by the schema and never by YAML, so `no`, `1.3` and `0x10` keep the meaning that their key gives them. As many errors as a
 * file has are reported at once, each with its source line, a caret and, where one is near, the word that was meant.
 *
 * The language is a part of YAML: one document; no anchors, aliases and tags; keys are plain words, none twice. A file has at
 * most MT_YAML_FILE_MAX bytes of UTF-8 (lines end in LF or CRLF) and MT_YAML_DEPTH_MAX levels. */
#include "base/diag.h"
#include "base/span.h"
#include "base/writer.h"

enum { MT_YAML_FILE_MAX = 1 << 20, MT_YAML_DEPTH_MAX = 16 };

typedef enum mt_yaml_kind { MT_YAML_IS_SCALAR, MT_YAML_IS_LIST, MT_YAML_IS_MAP } mt_yaml_kind;

typedef struct mt_yaml mt_yaml;
typedef struct mt_yaml_entry {
    const mt_yaml *key; /* NULL in a list */
    const mt_yaml *value;
} mt_yaml_entry;

struct mt_yaml {
    mt_yaml_kind kind;
    int line, column;             /* where it starts, from 1; columns count characters */
    const char *text;             /* of a scalar: zero-terminated, no zero inside; NULL otherwise */
    bool quoted;                  /* a scalar that was not written plain: "" is then a value and not "nothing" */
    const mt_yaml_entry *entries; /* of a list or map, in file order */
    size_t len;
};

typedef struct mt_yaml_file {
    const char *name;
    const mt_yaml *root;
    const mt_span *lines; /* the source, without line ends */
    size_t lines_len;
} mt_yaml_file;

/* mt_yaml_load reads the file `path`; mt_yaml_parse reads `bytes`, called `name` in messages. All that is returned lives in
 * `arena`. NULL: `d` says where and why. An empty file is an error. */
const mt_yaml_file *mt_yaml_load(const char *path, mt_arena *arena, mt_diag *d);
const mt_yaml_file *mt_yaml_parse(const char *name, mt_span bytes, mt_arena *arena, mt_diag *d);

/* mt_yaml_get returns the value of `key` in a map, or NULL (also when `map` is NULL or no map). */
const mt_yaml *mt_yaml_get(const mt_yaml *map, const char *key);
/* mt_yaml_place says where `at` is, for parsers that report by themselves; they call mt_yaml_point afterwards. */
mt_place mt_yaml_place(const mt_yaml_file *f, const mt_yaml *at);

/* mt_yaml_error reports at `at`, with its line and a caret. */
void mt_yaml_error(const mt_yaml_file *f, const mt_yaml *at, mt_diag *d, const char *fmt, ...) MT_PRINTF(4, 5);
/* mt_yaml_point adds the source line of `at` and a caret to the error added last; `note` (or NULL) stands behind the caret. */
void mt_yaml_point(const mt_yaml_file *f, const mt_yaml *at, mt_diag *d, const char *note);
/* mt_yaml_nearest adds the same, with "did you mean" and the word nearest to the text of `at`, or else all words. */
typedef struct mt_yaml_names {
    const char *const *at;
    size_t len;
} mt_yaml_names;
void mt_yaml_nearest(const mt_yaml_file *f, const mt_yaml *at, mt_diag *d, mt_yaml_names words);

/* ---- schemas ---- */

/* What stands behind a key, and what is stored at its offset. An absent key leaves the field zero. */
typedef enum mt_yaml_type {
    MT_YAML_TEXT,    /* const char *       any scalar that is not empty */
    MT_YAML_WORD,    /* int                one of `words`: its value */
    MT_YAML_WORDS,   /* unsigned           a list of `words` (or one): 1 << value for each */
    MT_YAML_NUMBER,  /* long               decimal or 0x..., from `min` to `max` */
    MT_YAML_YESNO,   /* bool               true or false */
    MT_YAML_TEXTS,   /* mt_yaml_texts      a list of scalars (or one) */
    MT_YAML_NODE,    /* const mt_yaml *    anything, unread */
    MT_YAML_MAP,     /* T *                a map by `sub`; NULL when absent */
    MT_YAML_MAPS,    /* mt_yaml_rows       a list of maps by `sub` */
    MT_YAML_NAMED,   /* mt_yaml_rows       a map of free names to maps by `sub` (head.name is the name) */
    MT_YAML_READ     /* whatever `read` stores */
} mt_yaml_type;

typedef struct mt_yaml_texts {
    const char *const *rows;
    const mt_yaml *const *nodes; /* where each stands */
    size_t len;
} mt_yaml_texts;

typedef struct mt_yaml_rows {
    void *rows; /* array of the sub-schema's struct */
    size_t len;
} mt_yaml_rows;

/* Every struct that a schema fills begins with this. */
typedef struct mt_yaml_head {
    const mt_yaml *node; /* the map it was read from */
    const mt_yaml *name; /* MT_YAML_NAMED: the key in front of it */
    bool sound;          /* nothing was wrong with it: worth a look even if other parts of the file are not */
} mt_yaml_head;

typedef struct mt_yaml_word {
    const char *name;
    int value;
} mt_yaml_word;

typedef struct mt_yaml_walk {
    const mt_yaml_file *file;
    mt_arena *arena;
    mt_diag *d;
    void *owner; /* for handlers */
} mt_yaml_walk;

typedef struct mt_yaml_schema mt_yaml_schema;
typedef struct mt_yaml_key {
    const char *key;
    mt_yaml_type type;
    size_t offset; /* offsetof */
    bool required;
    const mt_yaml_word *words; /* MT_YAML_WORD, MT_YAML_WORDS */
    size_t words_len;
    const mt_yaml_schema *sub; /* MT_YAML_MAP, MT_YAML_MAPS, MT_YAML_NAMED */
    bool (*read)(mt_yaml_walk *w, const mt_yaml *node, void *field); /* MT_YAML_READ; false: has reported */
    long min, max;             /* MT_YAML_NUMBER */
    const char *doc;           /* one sentence, for the reference page */
} mt_yaml_key;

struct mt_yaml_schema {
    const char *what; /* with its article: "a case" */
    const mt_yaml_key *keys;
    size_t len;
    size_t size;      /* of the struct */
    bool format;      /* the first key must be `format: 1` (it is not in `keys`) */
    const char *doc;
};

/* mt_yaml_read fills `out` (zeroed first) from the root of `w->file`. False: at least one error is in `w->d`; all that could be
 * found were. Keys that begin with `x-` are free. */
MT_MUST_CHECK bool mt_yaml_read(mt_yaml_walk *w, const mt_yaml_schema *schema, void *out);
/* mt_yaml_read_map does the same for one map within a handler. */
MT_MUST_CHECK bool mt_yaml_read_map(mt_yaml_walk *w, const mt_yaml *map, const mt_yaml_schema *schema, void *out);
/* mt_yaml_read_texts reads a list of scalars, or one scalar, within a handler. */
MT_MUST_CHECK bool mt_yaml_read_texts(mt_yaml_walk *w, const mt_yaml *node, mt_yaml_texts *out);

/* mt_yaml_reference appends the page that describes all keys of a schema. */
void mt_yaml_reference(const mt_yaml_schema *schema, mt_writer *out);
#endif
