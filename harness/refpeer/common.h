// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REFPEER_COMMON_H
#define MT_REFPEER_COMMON_H
/* What the two reference programs share. They are built on libssl and libcurl alone and include nothing of the rest of
 * harness/, so that a mistake of ours cannot be on both sides of a test. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MT_REF_COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MT_REF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum { MT_REF_EXIT_NETWORK = 1, MT_REF_EXIT_MEMORY = 3, MT_REF_EXIT_USAGE = 4 };

/* mt_ref_die prints one line to stderr and ends the program with `code`. */
_Noreturn void mt_ref_die(int code, const char *fmt, ...) MT_REF_PRINTF(2, 3);

/* mt_ref_resize makes `p` (NULL allowed) `n` bytes long. It ends the program when there is no memory. */
void *mt_ref_resize(void *p, size_t n);
void mt_ref_free(void *p);

/* A text that grows; the zero value is empty, `at` is NULL until something is added and ends in a zero byte from then on. */
typedef struct mt_ref_text {
    char *at;
    size_t len, cap;
} mt_ref_text;
void mt_ref_add(mt_ref_text *t, const char *fmt, ...) MT_REF_PRINTF(2, 3);
void mt_ref_add_bytes(mt_ref_text *t, const void *bytes, size_t n);
/* mt_ref_add_json adds `n` bytes as a JSON string in quotes. Bytes from 0x80 on are taken for Latin-1, so that whatever a
 * peer sent stays valid JSON. A NULL `bytes` adds null. */
void mt_ref_add_json(mt_ref_text *t, const char *bytes, size_t n);
void mt_ref_add_json_text(mt_ref_text *t, const char *text);
void mt_ref_text_free(mt_ref_text *t);

/* Options. A program's options are a table; the values land in its own struct at the offset that a row names. */
typedef enum mt_ref_kind {
    MT_REF_TEXT,   /* const char * */
    MT_REF_LIST,   /* mt_ref_list: the option may be repeated */
    MT_REF_NUMBER, /* int, 0 or more */
    MT_REF_TIME,   /* int, milliseconds; written 5s or 250ms */
    MT_REF_CHOICE, /* int, index of the word in `value` */
    MT_REF_FLAG    /* bool, takes no value */
} mt_ref_kind;

typedef struct mt_ref_option {
    const char *name;  /* without the two dashes */
    const char *value; /* what the usage text shows; the words of a choice, parted by | */
    mt_ref_kind kind;
    size_t at;         /* offset of the field */
} mt_ref_option;

enum { MT_REF_LIST_MAX = 64 };
typedef struct mt_ref_list {
    const char *at[MT_REF_LIST_MAX];
    size_t len;
} mt_ref_list;

typedef struct mt_ref_program {
    const char *name;
    const mt_ref_option *options;
    size_t len;
} mt_ref_program;

/* mt_ref_read_options fills `into` from the arguments (`--name value` or `--name=value`). Whatever is wrong ends the program
 * with MT_REF_EXIT_USAGE and one line; --help prints the table and ends it with 0. Values are borrowed from `argv`. */
void mt_ref_read_options(const mt_ref_program *p, char *const *argv, void *into);

/* An address as written on the command line: HOST:PORT or [HOST]:PORT. */
typedef struct mt_ref_address {
    char host[256];
    char port[8];
} mt_ref_address;
bool mt_ref_split_address(const char *text, mt_ref_address *out);

/* mt_ref_now is a monotonic clock in milliseconds; deadlines are points on it. */
int64_t mt_ref_now(void);
/* mt_ref_wait waits until `fd` is ready for `events` of poll(2) (an error counts as ready), and no longer than `deadline`.
 * It is false when the time is over, or when `stop_fd` (-1: none) became readable. */
bool mt_ref_wait(int fd, short events, int stop_fd, int64_t deadline);
/* mt_ref_retry waits for what the last call on the SSL object `ssl` asked for and says whether to call again; `rc` is what
 * that call returned. False: the call failed for good, or the deadline is over. */
struct ssl_st;
bool mt_ref_retry(struct ssl_st *ssl, int rc, int stop_fd, int64_t deadline);
bool mt_ref_nonblocking(int fd);
/* mt_ref_tls_error is the reason of the oldest queued libssl error, or NULL if there is none. */
const char *mt_ref_tls_error(void);
/* mt_ref_no_password answers libssl's question for a key's password with none, so that nothing ever prompts. */
int mt_ref_no_password(char *out, int size, int writing, void *arg);
#endif
