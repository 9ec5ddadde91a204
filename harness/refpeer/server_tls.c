// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "refpeer/server.h"

static const int protocol_versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static _Noreturn void refuse_file(const char *what, const char *file)
{
    const char *reason = mt_ref_tls_error();
    mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refserver: %s %s: %s", what, file, reason != NULL ? reason : "cannot be used");
}

static void use_credentials(SSL_CTX *tls, const mt_refserver_options *o)
{
    if (o->cert.len == 0 || o->cert.len != o->key.len)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refserver: expected --cert FILE and --key FILE, as many of the one as of the other");
    for (size_t i = 0; i < o->cert.len; i++) {
        if (SSL_CTX_use_certificate_chain_file(tls, o->cert.at[i]) != 1)
            refuse_file("--cert", o->cert.at[i]);
        if (SSL_CTX_use_PrivateKey_file(tls, o->key.at[i], SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(tls) != 1)
            refuse_file("--key", o->key.at[i]);
    }
}

/* libssl trusts what is self-signed in the store; the rest of the bundle only helps to build paths. */
static void trust(SSL_CTX *tls, const mt_refserver_options *o)
{
    for (size_t i = 0; i < o->ca.len; i++) {
        if (SSL_CTX_load_verify_file(tls, o->ca.at[i]) != 1)
            refuse_file("--ca", o->ca.at[i]);
    }
}

static void add_ca_names(STACK_OF(X509_NAME) *names, const char *option, const char *file)
{
    if (SSL_add_file_cert_subjects_to_stack(names, file) != 1)
        refuse_file(option, file);
}

static void list_ca_names(SSL_CTX *tls, const mt_refserver_options *o)
{
    STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
    if (names == NULL)
        mt_ref_die(MT_REF_EXIT_MEMORY, "mtlspec-refserver: no memory");
    for (size_t i = 0; o->ca_names == NULL && i < o->ca.len; i++)
        add_ca_names(names, "--ca", o->ca.at[i]);
    if (o->ca_names != NULL && strcmp(o->ca_names, "none") != 0)
        add_ca_names(names, "--ca-names", o->ca_names);
    SSL_CTX_set_client_CA_list(tls, names);
}

/* rfc7301#3.2: a server without a common protocol answers with the alert no_application_protocol. */
static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in, unsigned int inlen, void *arg)
{
    (void)ssl;
    const mt_refserver *s = arg;
    size_t wanted = strlen(s->alpn);
    for (unsigned int i = 0; i < inlen; i += 1u + in[i]) {
        if (in[i] == wanted && memcmp(in + i + 1, s->alpn, wanted) == 0) {
            *out = in + i + 1;
            *outlen = in[i];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void set_sessions(SSL_CTX *tls, bool tickets)
{
    static const unsigned char context[] = "mtlspec-refserver";
    SSL_CTX_set_session_id_context(tls, context, sizeof context - 1);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    if (tickets)
        return;
    SSL_CTX_set_options(tls, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(tls, 0);
}

SSL_CTX *mt_refserver_tls_new(const mt_refserver_options *o, mt_refserver *s)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls == NULL)
        mt_ref_die(MT_REF_EXIT_MEMORY, "mtlspec-refserver: libssl makes no context");
    SSL_CTX_set_min_proto_version(tls, protocol_versions[o->min_protocol]);
    SSL_CTX_set_max_proto_version(tls, protocol_versions[o->max_protocol]);
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_default_passwd_cb(tls, mt_ref_no_password);
    set_sessions(tls, o->tickets);
    use_credentials(tls, o);
    trust(tls, o);
    if (!mt_refserver_has(s, MT_FAULT_OMIT_CA_NAMES))
        list_ca_names(tls, o);
    if (s->alpn != NULL)
        SSL_CTX_set_alpn_select_cb(tls, select_alpn, s);
    SSL_CTX_set_verify_depth(tls, o->verify_depth);
    mt_refserver_judge(tls, s);
    ERR_clear_error();
    return tls;
}
