// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "refpeer/common.h"

static bool copy(char *out, size_t size, const char *from, size_t n)
{
    if (n == 0 || n >= size)
        return false;
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

bool mt_ref_split_address(const char *text, mt_ref_address *out)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !copy(out->port, sizeof out->port, colon + 1, strlen(colon + 1)))
        return false;
    if (strspn(out->port, "0123456789") != strlen(out->port))
        return false;
    size_t n = (size_t)(colon - text);
    if (n >= 2 && text[0] == '[' && text[n - 1] == ']')
        return copy(out->host, sizeof out->host, text + 1, n - 2);
    return copy(out->host, sizeof out->host, text, n);
}

int64_t mt_ref_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool mt_ref_wait(int fd, short events, int stop_fd, int64_t deadline)
{
    struct pollfd fds[] = {{.fd = fd, .events = events}, {.fd = stop_fd, .events = POLLIN}};
    for (;;) {
        int64_t left = deadline - mt_ref_now();
        if (left <= 0)
            return false;
        int n = poll(fds, MT_REF_COUNT(fds), left < INT_MAX ? (int)left : INT_MAX);
        if (n > 0)
            return fds[1].revents == 0;
        if (n < 0 && errno != EINTR)
            return false;
    }
}

bool mt_ref_retry(SSL *ssl, int rc, int stop_fd, int64_t deadline)
{
    switch (SSL_get_error(ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return mt_ref_wait(SSL_get_fd(ssl), POLLIN, stop_fd, deadline);
    case SSL_ERROR_WANT_WRITE:
        return mt_ref_wait(SSL_get_fd(ssl), POLLOUT, stop_fd, deadline);
    default:
        return false;
    }
}

bool mt_ref_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

const char *mt_ref_tls_error(void)
{
    unsigned long code = ERR_get_error();
    const char *reason = ERR_reason_error_string(code);
    if (ERR_SYSTEM_ERROR(code))
        reason = strerror(ERR_GET_REASON(code));
    return reason;
}

int mt_ref_no_password(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}
