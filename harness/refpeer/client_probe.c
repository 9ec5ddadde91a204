// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "refpeer/client.h"

static int probe_index = -1;

static void end_handshake(const SSL *ssl, mt_refclient_result *r)
{
    snprintf(r->protocol, sizeof r->protocol, "%s", SSL_get_version(ssl));
    snprintf(r->cipher, sizeof r->cipher, "%s", SSL_get_cipher_name(ssl));
}

/* libssl gives an alert as level and description in two bytes. */
static void hear(const SSL *ssl, int where, int value)
{
    mt_refclient_result *r = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), probe_index);
    if (where == SSL_CB_READ_ALERT && (value & 0xff) != SSL_AD_CLOSE_NOTIFY)
        r->alert = value & 0xff;
    if (where == SSL_CB_WRITE_ALERT && (value & 0xff) != SSL_AD_CLOSE_NOTIFY)
        r->alert_sent = value & 0xff;
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0)
        end_handshake(ssl, r);
}

/* libssl calls this on a client when a CertificateRequest has come. */
static int hear_request(SSL *ssl, void *arg)
{
    mt_refclient_result *r = arg;
    const STACK_OF(X509_NAME) *names = SSL_get0_peer_CA_list(ssl);
    r->certificate_requested = true;
    r->ca_names = names != NULL ? sk_X509_NAME_num(names) : 0;
    return 1;
}

bool mt_refclient_listen(SSL_CTX *tls, mt_refclient_result *r)
{
    if (probe_index < 0)
        probe_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    if (probe_index < 0 || SSL_CTX_set_ex_data(tls, probe_index, r) != 1)
        return false;
    SSL_CTX_set_info_callback(tls, hear);
    SSL_CTX_set_cert_cb(tls, hear_request, r);
    return true;
}

void mt_refclient_fail(mt_refclient_result *r, const char *what, const char *reason)
{
    if (r->error[0] == '\0')
        snprintf(r->error, sizeof r->error, "%s: %s", what, reason != NULL ? reason : "closed");
}
