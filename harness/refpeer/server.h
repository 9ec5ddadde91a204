// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REFPEER_SERVER_H
#define MT_REFPEER_SERVER_H
/* mtlspec-refserver: an HTTPS server on libssl that answers every request with the client identity it saw. With --fault it
 * leaves out, or adds, exactly one check. Whatever its options do not name is libssl's default. */
#include <openssl/ssl.h>

#include "refpeer/common.h"

typedef enum mt_refserver_policy {
    MT_POLICY_REQUIRED, /* a certificate must come, and it must be good */
    MT_POLICY_OPTIONAL, /* none may come; one that comes must be good */
    MT_POLICY_REQUEST,  /* asked for, the judgement is reported and changes nothing */
    MT_POLICY_NONE      /* not asked for */
} mt_refserver_policy;

typedef enum mt_refserver_fault {
    MT_FAULT_ACCEPT_EXPIRED,
    MT_FAULT_ACCEPT_EXPIRED_INTERMEDIATE,
    MT_FAULT_ACCEPT_NOT_YET_VALID,
    MT_FAULT_ACCEPT_UNKNOWN_CA,
    MT_FAULT_ACCEPT_INCOMPLETE_CHAIN,
    MT_FAULT_ACCEPT_SELF_SIGNED,
    MT_FAULT_ACCEPT_BAD_SIGNATURE,
    MT_FAULT_ACCEPT_ALGORITHM_MISMATCH,
    MT_FAULT_IGNORE_EXTENDED_KEY_USAGE,
    MT_FAULT_IGNORE_KEY_USAGE,
    MT_FAULT_IGNORE_BASIC_CONSTRAINTS,
    MT_FAULT_IGNORE_PATH_LENGTH,
    MT_FAULT_IGNORE_UNKNOWN_CRITICAL_EXTENSION,
    MT_FAULT_ACCEPT_MISSING_CERTIFICATE,
    MT_FAULT_SKIP_CERTIFICATE_REQUEST,
    MT_FAULT_OMIT_CA_NAMES,
    MT_FAULT_REFUSE_MISSING_CERTIFICATE,
    MT_FAULT_REFUSE_ROOT_IN_LIST,
    MT_FAULT_REFUSE_DUPLICATE_CERTIFICATE,
    MT_FAULT_REFUSE_STRAY_CERTIFICATE,
    MT_FAULT_REFUSE_REVERSED_ORDER,
    MT_FAULT_REQUIRE_ONE_INTERMEDIATE_AT_MOST,
    MT_FAULT_REFUSE_WITHOUT_EXTENDED_KEY_USAGE,
    MT_FAULT_REFUSE_WITHOUT_KEY_USAGE,
    MT_FAULT_REFUSE_UNKNOWN_EXTENSION,
    MT_FAULT_REFUSE_MIXED_ALGORITHMS,
    MT_FAULTS
} mt_refserver_fault;

typedef struct mt_refserver_fault_row {
    const char *name;
    const char *what; /* one sentence */
} mt_refserver_fault_row;
extern const mt_refserver_fault_row mt_refserver_faults[MT_FAULTS];

/* mt_refserver_fault_set turns names into a set of bits. An unknown name ends the program with MT_REF_EXIT_USAGE. */
uint64_t mt_refserver_fault_set(const mt_ref_list *names);
static inline uint64_t mt_refserver_bit(mt_refserver_fault fault)
{
    return (uint64_t)1 << fault;
}

typedef struct mt_refserver_options {
    const char *listen;
    mt_ref_list cert, key, ca, fault;
    const char *ca_names, *alpn;
    int policy, min_protocol, max_protocol, refuse_over, verify_depth, max_connections, ready_fd;
    bool tickets, list_faults;
} mt_refserver_options;

/* A server as its connections see it; nothing of it changes once the first one is accepted. */
typedef struct mt_refserver {
    SSL_CTX *tls;
    mt_refserver_policy policy; /* the policy in force, faults included */
    bool wants_certificate;     /* an empty list is refused */
    bool refuses_over_http;     /* the handshake completes with any chain; a refusal is status 400 */
    uint64_t faults;
    const char *alpn;           /* NULL: no ALPN */
    int stop_fd;                /* becomes readable, and stays so, when the program is asked to stop */
} mt_refserver;

static inline bool mt_refserver_has(const mt_refserver *s, mt_refserver_fault fault)
{
    return (s->faults & mt_refserver_bit(fault)) != 0;
}

/* mt_refserver_tls_new makes the SSL_CTX that `o` asks for, with `s` behind its callbacks. Files that cannot be used end the
 * program with MT_REF_EXIT_USAGE. */
SSL_CTX *mt_refserver_tls_new(const mt_refserver_options *o, mt_refserver *s);

/* mt_refserver_judge installs the judgement of client chains: libssl's own, with the faults of `s` left out or added. */
void mt_refserver_judge(SSL_CTX *tls, mt_refserver *s);
/* mt_refserver_is_overstrict says whether one of the over-strict faults in `faults` refuses the path that `ctx` has found good. */
bool mt_refserver_is_overstrict(X509_STORE_CTX *ctx, uint64_t faults);

/* mt_refserver_serve does the handshake on `fd`, answers requests until one side closes, lets the peer read the last alert, and
 * closes `fd`. Every wait has a deadline and ends when the server stops. */
void mt_refserver_serve(const mt_refserver *s, int fd);

/* A connection belongs to the thread that serves it. `in` holds what was read and not yet used. */
enum { MT_REFSERVER_HEAD_MAX = 16384 };
typedef struct mt_refserver_connection {
    const mt_refserver *server;
    SSL *ssl;
    size_t in_len;
    char in[MT_REFSERVER_HEAD_MAX];
} mt_refserver_connection;

/* mt_refserver_fill reads more into `in`. False: it is full, the peer closed, or the deadline is over. */
bool mt_refserver_fill(mt_refserver_connection *c, int64_t deadline);
/* mt_refserver_drop takes `n` bytes off the front of `in`. */
void mt_refserver_drop(mt_refserver_connection *c, size_t n);
bool mt_refserver_write(mt_refserver_connection *c, const mt_ref_text *t, int64_t deadline);

/* mt_refserver_answer reads one request and answers it. It says whether the connection stays open for another. */
bool mt_refserver_answer(mt_refserver_connection *c);

/* What one request asks for. */
typedef struct mt_refserver_request {
    char method[16];
    char path[1024];
    bool keep_alive;
    bool coded;       /* it has a Transfer-Encoding, which this server does not speak */
    size_t body;      /* Content-Length */
} mt_refserver_request;
/* mt_refserver_parse reads the head of a request, up to and without its empty line. False: it is not HTTP/1.x. */
bool mt_refserver_parse(mt_refserver_request *r, const char *head, size_t len);

/* mt_refserver_add_identity adds to two texts the header lines and the JSON body that tell the identity seen on `ssl`. */
void mt_refserver_add_identity(mt_ref_text *headers, mt_ref_text *body, SSL *ssl);
#endif
