// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "refpeer/server.h"

enum { HANDSHAKE_MS = 10000, GOODBYE_MS = 1000 };

bool mt_refserver_fill(mt_refserver_connection *c, int64_t deadline)
{
    if (c->in_len == sizeof c->in)
        return false;
    for (;;) {
        ERR_clear_error();
        int n = SSL_read(c->ssl, c->in + c->in_len, (int)(sizeof c->in - c->in_len));
        if (n > 0) {
            c->in_len += (size_t)n;
            return true;
        }
        if (!mt_ref_retry(c->ssl, n, c->server->stop_fd, deadline))
            return false;
    }
}

void mt_refserver_drop(mt_refserver_connection *c, size_t n)
{
    c->in_len -= n;
    memmove(c->in, c->in + n, c->in_len);
}

bool mt_refserver_write(mt_refserver_connection *c, const mt_ref_text *t, int64_t deadline)
{
    size_t done = 0;
    while (done < t->len) {
        ERR_clear_error();
        int n = SSL_write(c->ssl, t->at + done, (int)(t->len - done));
        if (n <= 0 && !mt_ref_retry(c->ssl, n, c->server->stop_fd, deadline))
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool shake_hands(mt_refserver_connection *c)
{
    int64_t deadline = mt_ref_now() + HANDSHAKE_MS;
    for (;;) {
        ERR_clear_error();
        int rc = SSL_accept(c->ssl);
        if (rc == 1)
            return true;
        if (!mt_ref_retry(c->ssl, rc, c->server->stop_fd, deadline))
            return false;
    }
}

static void send_close_notify(mt_refserver_connection *c)
{
    int64_t deadline = mt_ref_now() + GOODBYE_MS;
    int rc;
    do {
        ERR_clear_error();
        rc = SSL_shutdown(c->ssl);
    } while (rc < 0 && mt_ref_retry(c->ssl, rc, c->server->stop_fd, deadline));
}

/* Closing a socket that has unread bytes sends a reset, and a reset takes the alert away that the peer has not read yet. */
static void let_peer_read(const mt_refserver *s, int fd)
{
    char unread[4096];
    int64_t deadline = mt_ref_now() + GOODBYE_MS;
    shutdown(fd, SHUT_WR);
    while (mt_ref_wait(fd, POLLIN, s->stop_fd, deadline) && recv(fd, unread, sizeof unread, 0) > 0)
        continue;
}

void mt_refserver_serve(const mt_refserver *s, int fd)
{
    mt_refserver_connection c = {.server = s, .ssl = SSL_new(s->tls)};
    if (c.ssl != NULL && SSL_set_fd(c.ssl, fd) == 1 && shake_hands(&c)) {
        while (mt_refserver_answer(&c))
            continue;
        send_close_notify(&c);
    }
    SSL_free(c.ssl);
    let_peer_read(s, fd);
    close(fd);
}
