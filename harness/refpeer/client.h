// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REFPEER_CLIENT_H
#define MT_REFPEER_CLIENT_H
/* mtlspec-refclient: one HTTPS GET, on libssl or on libcurl, told as one JSON line. Both sides load and judge certificates as
 * their library does by default; a probe on the SSL_CTX only listens. */
#include <openssl/ssl.h>

#include "refpeer/common.h"

typedef struct mt_refclient_options {
    int library, min_protocol, max_protocol, timeout;
    const char *connect, *sni, *cert, *key, *cacert, *ciphers, *groups, *sigalgs, *path, *alpn;
    bool insecure;
    mt_ref_address address; /* `connect`, split */
} mt_refclient_options;

/* mt_refclient_name is the server's name to send and to check: --sni, else the host of --connect. */
const char *mt_refclient_name(const mt_refclient_options *o);
/* mt_refclient_is_address says whether `name` is an IP address, which is never sent as SNI. */
bool mt_refclient_is_address(const char *name);

/* The parts of --ciphers: names that begin with TLS_ are suites of TLS 1.3, all others are of TLS 1.2. Empty texts: not set. */
typedef struct mt_refclient_ciphers {
    mt_ref_text tls12, tls13;
} mt_refclient_ciphers;
void mt_refclient_split_ciphers(const char *list, mt_refclient_ciphers *out);

enum { MT_REFCLIENT_BODY_MAX = 4096 };

/* What happened. The zero value of `alert` fields is no alert (close_notify, which is 0, is never told). */
typedef struct mt_refclient_result {
    bool connected;             /* TCP */
    int status;                 /* 0: no HTTP answer came */
    char protocol[16];          /* empty until the handshake ended */
    char cipher[64];
    int alert, alert_sent;
    bool certificate_requested;
    int ca_names;
    mt_ref_text body;
    char error[256];            /* empty: none */
} mt_refclient_result;

/* mt_refclient_listen makes `r` see the alerts, the CertificateRequest and the end of every handshake under `tls`. */
bool mt_refclient_listen(SSL_CTX *tls, mt_refclient_result *r);
void mt_refclient_fail(mt_refclient_result *r, const char *what, const char *reason);

/* Each does the request and leaves what happened in `r`. Files of our own that cannot be used end the program with
 * MT_REF_EXIT_USAGE. */
typedef void mt_refclient_library(const mt_refclient_options *o, mt_refclient_result *r);
mt_refclient_library mt_refclient_libssl;
mt_refclient_library mt_refclient_libcurl;
#endif
