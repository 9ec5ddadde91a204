// SPDX-License-Identifier: Apache-2.0
// GmSSL as an HTTPS server or client over TLCP or TLS 1.3: what peer.c, peer_context.c and peer_seen.c share.
#ifndef GMSSL_PEER_H
#define GMSSL_PEER_H

#include <gmssl/tls.h>

// The command line: "--name value" pairs and the flag "--mutual". A value that was not given is NULL.
typedef struct {
    const char *listen, *connect, *protocol, *suite, *sign_cert, *sign_key, *enc_cert, *enc_key, *ca;
    int mutual;
} options_t;

// Fills `ctx` from the options; says on standard error what is wrong with them. Returns 1, or 0 for a failure.
int peer_context(TLS_CTX *ctx, const options_t *o, int is_client);

// Prints the line of JSON for one connection. `error` is NULL where `status` counts.
void peer_report(const TLS_CONNECT *conn, int shaken, int status, const char *error);

// Writes the JSON body of an answer; returns its length. The peer showed a certificate where *shown is 1.
int peer_body(const TLS_CONNECT *conn, char *out, size_t size, int *shown);

#endif
