// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "refpeer/client.h"

/* A server that refuses a certificate in TLS 1.3 says so after our handshake ended. Who writes at once may be answered by a
 * reset that eats the alert; so we listen this long before the request. */
enum { SETTLE_MS = 50, ANSWER_MAX = 1 << 20 };

typedef struct session {
    const mt_refclient_options *o;
    mt_refclient_result *r;
    SSL *ssl;
    int64_t deadline;
} session;

static const int protocol_versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static void must(int rc, const char *option, const char *value)
{
    if (rc != 1)
        mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refclient: %s %s: %s", option, value, mt_ref_tls_error());
}

static void set_credentials(SSL_CTX *tls, const mt_refclient_options *o)
{
    SSL_CTX_set_default_passwd_cb(tls, mt_ref_no_password);
    if (o->cert != NULL) {
        must(SSL_CTX_use_certificate_chain_file(tls, o->cert), "--cert", o->cert);
        must(SSL_CTX_use_PrivateKey_file(tls, o->key, SSL_FILETYPE_PEM), "--key", o->key);
    }
    if (o->cacert != NULL)
        must(SSL_CTX_load_verify_file(tls, o->cacert), "--cacert", o->cacert);
    else
        SSL_CTX_set_default_verify_paths(tls);
    SSL_CTX_set_verify(tls, o->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
}

static void set_lists(SSL_CTX *tls, const mt_refclient_options *o)
{
    mt_refclient_ciphers ciphers = {0};
    mt_refclient_split_ciphers(o->ciphers, &ciphers);
    if (ciphers.tls12.len > 0)
        must(SSL_CTX_set_cipher_list(tls, ciphers.tls12.at), "--ciphers", ciphers.tls12.at);
    if (ciphers.tls13.len > 0)
        must(SSL_CTX_set_ciphersuites(tls, ciphers.tls13.at), "--ciphers", ciphers.tls13.at);
    if (o->groups != NULL)
        must((int)SSL_CTX_set1_groups_list(tls, o->groups), "--groups", o->groups);
    if (o->sigalgs != NULL)
        must((int)SSL_CTX_set1_sigalgs_list(tls, o->sigalgs), "--sigalgs", o->sigalgs);
    mt_ref_text_free(&ciphers.tls12);
    mt_ref_text_free(&ciphers.tls13);
}

static void set_alpn(SSL_CTX *tls, const char *alpn)
{
    unsigned char list[256];
    size_t n = strlen(alpn);
    list[0] = (unsigned char)n;
    memcpy(list + 1, alpn, n);
    SSL_CTX_set_alpn_protos(tls, list, (unsigned int)n + 1);
}

static SSL_CTX *make_context(const mt_refclient_options *o, mt_refclient_result *r)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (tls == NULL || !mt_refclient_listen(tls, r))
        mt_ref_die(MT_REF_EXIT_MEMORY, "mtlspec-refclient: libssl makes no context");
    SSL_CTX_set_min_proto_version(tls, protocol_versions[o->min_protocol]);
    SSL_CTX_set_max_proto_version(tls, protocol_versions[o->max_protocol]);
    set_credentials(tls, o);
    set_lists(tls, o);
    if (o->alpn != NULL)
        set_alpn(tls, o->alpn);
    return tls;
}

static bool name_server(SSL *ssl, const char *name)
{
    if (mt_refclient_is_address(name))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    return SSL_set_tlsext_host_name(ssl, name) == 1 && SSL_set1_host(ssl, name) == 1;
}

static int connect_one(const struct addrinfo *to, int64_t deadline, int *error)
{
    socklen_t len = sizeof *error;
    int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
    if (fd < 0)
        return -1;
    bool begun = mt_ref_nonblocking(fd) && (connect(fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS);
    *error = begun ? ETIMEDOUT : errno;
    if (begun && mt_ref_wait(fd, POLLOUT, -1, deadline) && getsockopt(fd, SOL_SOCKET, SO_ERROR, error, &len) == 0 && *error == 0)
        return fd;
    close(fd);
    return -1;
}

static int connect_to(const session *s)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int rc = getaddrinfo(s->o->address.host, s->o->address.port, &hints, &found);
    int fd = -1, error = 0;
    if (rc != 0) {
        mt_refclient_fail(s->r, "cannot resolve", gai_strerror(rc));
        return -1;
    }
    for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next)
        fd = connect_one(a, s->deadline, &error);
    freeaddrinfo(found);
    if (fd < 0)
        mt_refclient_fail(s->r, "cannot connect", strerror(error));
    return fd;
}

static const char *reason_of(const session *s)
{
    const char *reason = mt_ref_tls_error();
    if (reason == NULL && mt_ref_now() >= s->deadline)
        reason = "timeout";
    return reason;
}

static bool shake_hands(session *s)
{
    for (;;) {
        ERR_clear_error();
        int rc = SSL_connect(s->ssl);
        if (rc == 1)
            return true;
        if (!mt_ref_retry(s->ssl, rc, -1, s->deadline)) {
            mt_refclient_fail(s->r, "handshake", reason_of(s));
            return false;
        }
    }
}

static void settle(const session *s)
{
    if (s->r->certificate_requested && SSL_version(s->ssl) == TLS1_3_VERSION)
        mt_ref_wait(SSL_get_fd(s->ssl), POLLIN, -1, mt_ref_now() + SETTLE_MS);
}

/* A write that fails says less than what the server may have sent before: the reading goes on either way. */
static void write_request(session *s)
{
    mt_ref_text request = {0};
    size_t done = 0;
    bool open = true;
    const char *name = mt_refclient_name(s->o);
    bool v6 = strchr(name, ':') != NULL;
    mt_ref_add(&request, "GET %s HTTP/1.1\r\nHost: %s%s%s:%s\r\n", s->o->path, v6 ? "[" : "", name, v6 ? "]" : "", s->o->address.port);
    mt_ref_add(&request, "User-Agent: mtlspec-refclient\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    while (open && done < request.len) {
        ERR_clear_error();
        int n = SSL_write(s->ssl, request.at + done, (int)(request.len - done));
        done += n > 0 ? (size_t)n : 0;
        open = n > 0 || mt_ref_retry(s->ssl, n, -1, s->deadline);
    }
    mt_ref_text_free(&request);
}

/* Where the body begins in an answer whose head has come; 0 before. Interim (1xx) heads are taken off the front. */
static size_t body_start(mt_ref_text *answer)
{
    for (;;) {
        char *end = answer->len > 0 ? strstr(answer->at, "\r\n\r\n") : NULL;
        if (end == NULL)
            return 0;
        size_t n = (size_t)(end - answer->at) + 4;
        if (n < 12 || strncmp(answer->at, "HTTP/1.", 7) != 0 || answer->at[9] != '1')
            return n;
        answer->len -= n;
        memmove(answer->at, answer->at + n, answer->len + 1);
    }
}

static bool is_length(const char *line)
{
    static const char name[] = "content-length:";
    return OPENSSL_strncasecmp(line, name, sizeof name - 1) == 0;
}

static bool has_all(mt_ref_text *answer)
{
    size_t body = body_start(answer);
    if (body == 0)
        return false;
    for (const char *line = answer->at; line < answer->at + body; line = strstr(line, "\r\n") + 2) {
        if (is_length(line))
            return answer->len - body >= strtoul(strchr(line, ':') + 1, NULL, 10);
    }
    return false; // the end of the connection is the end of the body
}

static void read_answer(session *s, mt_ref_text *answer)
{
    char part[4096];
    while (!has_all(answer) && answer->len < ANSWER_MAX) {
        ERR_clear_error();
        int n = SSL_read(s->ssl, part, sizeof part);
        if (n > 0) {
            mt_ref_add_bytes(answer, part, (size_t)n);
            continue;
        }
        if (!mt_ref_retry(s->ssl, n, -1, s->deadline)) {
            bool ended = body_start(answer) > 0 && SSL_get_error(s->ssl, n) == SSL_ERROR_ZERO_RETURN;
            if (!ended)
                mt_refclient_fail(s->r, "reading the answer", reason_of(s));
            return;
        }
    }
}

static void take_answer(mt_refclient_result *r, mt_ref_text *answer)
{
    size_t body = body_start(answer);
    if (body < 16 || strncmp(answer->at, "HTTP/1.", 7) != 0)
        return;
    r->status = (int)strtoul(answer->at + 9, NULL, 10);
    size_t n = answer->len - body;
    mt_ref_add_bytes(&r->body, answer->at + body, n < MT_REFCLIENT_BODY_MAX ? n : MT_REFCLIENT_BODY_MAX);
}

static void converse(session *s)
{
    mt_ref_text answer = {0};
    settle(s);
    write_request(s);
    read_answer(s, &answer);
    take_answer(s->r, &answer);
    mt_ref_text_free(&answer);
    SSL_shutdown(s->ssl);
}

void mt_refclient_libssl(const mt_refclient_options *o, mt_refclient_result *r)
{
    SSL_CTX *tls = make_context(o, r);
    session s = {o, r, SSL_new(tls), mt_ref_now() + o->timeout};
    int fd = connect_to(&s);
    r->connected = fd >= 0;
    if (fd >= 0 && name_server(s.ssl, mt_refclient_name(o)) && SSL_set_fd(s.ssl, fd) == 1 && shake_hands(&s))
        converse(&s);
    if (r->status == 0)
        mt_refclient_fail(r, "no HTTP answer", NULL);
    if (fd >= 0)
        close(fd);
    SSL_free(s.ssl);
    SSL_CTX_free(tls);
}
