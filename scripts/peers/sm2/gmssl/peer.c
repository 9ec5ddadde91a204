// SPDX-License-Identifier: Apache-2.0
// GmSSL as an HTTPS server or client over TLCP or TLS 1.3 with the SM2 suites.
// usage: gmssl-peer --listen PORT | --connect HOST:PORT  [--protocol tlcp|tls1.3] [--suite NAME] [--mutual]
//        --ca FILE [--sign-cert FILE --sign-key FILE [--enc-cert FILE --enc-key FILE]]
// Prints "ready 127.0.0.1:PORT" once it listens, and one line of JSON for each connection. Each connection has a process of its own: this
// library copies what it is sent into fields of fixed size.
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { WAIT_S = 10, LINGER_S = 2, HEAD_MAX = 65536 };
static const char REQUEST[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

static int parse(options_t *o, int argc, char **argv)
{
    struct { const char *name; const char **value; } known[] = {
        {"--listen", &o->listen}, {"--connect", &o->connect}, {"--protocol", &o->protocol}, {"--suite", &o->suite},
        {"--sign-cert", &o->sign_cert}, {"--sign-key", &o->sign_key}, {"--enc-cert", &o->enc_cert}, {"--enc-key", &o->enc_key},
        {"--ca", &o->ca}};
    for (int i = 1; i < argc; i++) {
        size_t n = 0;
        if (strcmp(argv[i], "--mutual") == 0) {
            o->mutual = 1;
            continue;
        }
        while (n < sizeof(known) / sizeof(known[0]) && strcmp(argv[i], known[n].name) != 0) {
            n++;
        }
        if (n == sizeof(known) / sizeof(known[0]) || i + 1 == argc) {
            fprintf(stderr, "gmssl-peer: unknown option, or one without its value: %s\n", argv[i]);
            return 0;
        }
        *known[n].value = argv[++i];
    }
    return (o->listen != NULL) != (o->connect != NULL);
}

static void limit(int fd, int seconds)
{
    struct timeval wait = {.tv_sec = seconds};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
}

static int send_all(TLS_CONNECT *conn, const char *text, size_t len)
{
    size_t sent = 0;
    return conn->protocol == TLS_protocol_tls13 ? tls13_send(conn, (const uint8_t *)text, len, &sent)
                                                : tls_send(conn, (const uint8_t *)text, len, &sent);
}

// Reads up to the empty line; 1, or 0 if it does not come.
static int read_head(TLS_CONNECT *conn, char *head)
{
    size_t used = 0;
    head[0] = '\0';
    while (!strstr(head, "\r\n\r\n") && used + 1 < HEAD_MAX) {
        size_t got = 0;
        uint8_t *place = (uint8_t *)head + used;
        int good = conn->protocol == TLS_protocol_tls13 ? tls13_recv(conn, place, HEAD_MAX - 1 - used, &got)
                                                        : tls_recv(conn, place, HEAD_MAX - 1 - used, &got);
        if (good != 1) {
            return 0;
        }
        used += got;
        head[used] = '\0';
    }
    return strstr(head, "\r\n\r\n") != NULL;
}

// Lets the peer read what was sent last: a close with unread bytes would reset the connection.
static void linger(int fd)
{
    char rest[4096];
    shutdown(fd, SHUT_WR);
    limit(fd, LINGER_S);
    while (read(fd, rest, sizeof(rest)) > 0) {
        continue;
    }
    close(fd);
}

static int respond(TLS_CONNECT *conn, char *head)
{
    char body[512];
    char answer[1024];
    int shown = 0;
    if (!read_head(conn, head)) {
        return 0;
    }
    int len = peer_body(conn, body, sizeof(body), &shown);
    int total = snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\nServer: gmssl-peer\r\nContent-Type: application/json\r\n"
                         "X-Client-Verify: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", shown ? "SUCCESS" : "NONE", len, body);
    return send_all(conn, answer, (size_t)total) == 1 ? 200 : 0;
}

static int request(TLS_CONNECT *conn, char *head)
{
    if (send_all(conn, REQUEST, sizeof(REQUEST) - 1) != 1 || !read_head(conn, head)) {
        return 0;
    }
    const char *status = strchr(head, ' ');
    return status ? (int)strtol(status, NULL, 10) : 0;
}

// The handshake and what follows it; 1 if all went well.
static int converse(const TLS_CTX *ctx, int fd)
{
    static TLS_CONNECT conn;
    static char head[HEAD_MAX];
    limit(fd, WAIT_S);
    if (tls_init(&conn, ctx) != 1 || tls_set_socket(&conn, fd) != 1) {
        peer_report(&conn, 0, 0, "no connection could be set up");
        return 0;
    }
    int shaken = tls_do_handshake(&conn) == 1;
    int status = shaken ? (ctx->is_client ? request(&conn, head) : respond(&conn, head)) : 0;
    peer_report(&conn, shaken, status, status ? NULL : shaken ? "closed without a message" : "handshake: failed");
    if (shaken && conn.protocol == TLS_protocol_tlcp) {
        tls_send_alert(&conn, TLS_alert_close_notify);
    }
    linger(fd);
    return status != 0;
}

static int serve(const TLS_CTX *ctx, const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) != 0) {
        fprintf(stderr, "gmssl-peer: %s\n", strerror(errno));
        return 2;
    }
    signal(SIGCHLD, SIG_IGN);
    printf("ready 127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0 && fork() == 0) {
            close(listener);
            _exit(converse(ctx, fd) ? 0 : 1);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
}

static int connect_to(const TLS_CTX *ctx, const char *target)
{
    const char *colon = strrchr(target, ':');
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(colon ? colon + 1 : "0", NULL, 10)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        fprintf(stderr, "gmssl-peer: %s\n", strerror(errno));
        return 2;
    }
    return converse(ctx, fd) ? 0 : 1;
}

int main(int argc, char **argv)
{
    options_t o = {0};
    static TLS_CTX ctx;
    signal(SIGPIPE, SIG_IGN);
    if (!parse(&o, argc, argv) || !peer_context(&ctx, &o, o.connect != NULL)) {
        fprintf(stderr, "usage: gmssl-peer --listen PORT | --connect HOST:PORT ...\n");
        return 2;
    }
    return o.listen ? serve(&ctx, o.listen) : connect_to(&ctx, o.connect);
}
