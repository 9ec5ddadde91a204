// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "refpeer/server.h"

enum { REQUEST_MS = 10000, BODY_MAX = 1 << 20 };

typedef struct reason {
    int status;
    const char *phrase;
} reason;

static const reason reasons[] = {
    {200, "OK"},          {301, "Moved Permanently"},  {302, "Found"},      {304, "Not Modified"},
    {400, "Bad Request"}, {401, "Unauthorized"},       {403, "Forbidden"},  {404, "Not Found"},
    {405, "Method Not Allowed"}, {413, "Content Too Large"}, {421, "Misdirected Request"}, {429, "Too Many Requests"},
    {500, "Internal Server Error"}, {501, "Not Implemented"}, {503, "Service Unavailable"},
};

static const char *const methods[] = {"GET", "HEAD", "POST"};

static const char *phrase(int status)
{
    for (size_t i = 0; i < MT_REF_COUNT(reasons); i++) {
        if (reasons[i].status == status)
            return reasons[i].phrase;
    }
    return "";
}

/* The length of the head in `in` without its empty line, or 0 if it has not come yet. */
static size_t head_length(const mt_refserver_connection *c)
{
    for (size_t i = 0; i + 4 <= c->in_len; i++) {
        if (memcmp(c->in + i, "\r\n\r\n", 4) == 0)
            return i;
    }
    return 0;
}

static bool skip_body(mt_refserver_connection *c, size_t n, int64_t deadline)
{
    while (n > c->in_len) {
        n -= c->in_len;
        c->in_len = 0;
        if (!mt_refserver_fill(c, deadline))
            return false;
    }
    mt_refserver_drop(c, n);
    return true;
}

/* As nginx does it: the handshake was good with any chain, and the judgement is a status of every request. */
static bool is_refused(const mt_refserver_connection *c)
{
    const mt_refserver *s = c->server;
    if (!s->refuses_over_http || s->policy == MT_POLICY_REQUEST || s->policy == MT_POLICY_NONE)
        return false;
    if (SSL_get0_peer_certificate(c->ssl) == NULL)
        return s->wants_certificate;
    return SSL_get_verify_result(c->ssl) != X509_V_OK;
}

static bool knows_method(const char *method)
{
    for (size_t i = 0; i < MT_REF_COUNT(methods); i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

/* /status/NNN asks for that status; interim ones are none that a request can end with. */
static int status_of_path(const char *path)
{
    static const char prefix[] = "/status/";
    const char *digits = path + sizeof prefix - 1;
    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return 200;
    if (strlen(digits) != 3 || strspn(digits, "0123456789") != 3 || digits[0] < '2' || digits[0] > '5')
        return 404;
    return 100 * (digits[0] - '0') + 10 * (digits[1] - '0') + (digits[2] - '0');
}

static int choose_status(const mt_refserver_connection *c, const mt_refserver_request *r)
{
    if (is_refused(c))
        return 400;
    if (r->coded)
        return 501;
    if (r->body > BODY_MAX)
        return 413;
    return knows_method(r->method) ? status_of_path(r->path) : 405;
}

static bool respond(mt_refserver_connection *c, int status, bool keep_alive, bool head_only, int64_t deadline)
{
    mt_ref_text answer = {0}, body = {0};
    bool bodiless = status == 204 || status == 304;
    mt_ref_add(&answer, "HTTP/1.1 %d %s\r\nServer: mtlspec-refserver\r\nContent-Type: application/json\r\n", status, phrase(status));
    mt_refserver_add_identity(&answer, &body, c->ssl);
    if (!bodiless)
        mt_ref_add(&answer, "Content-Length: %zu\r\n", body.len);
    mt_ref_add(&answer, "Connection: %s\r\n\r\n", keep_alive ? "keep-alive" : "close");
    if (!bodiless && !head_only)
        mt_ref_add_bytes(&answer, body.at, body.len);
    bool written = mt_refserver_write(c, &answer, deadline);
    mt_ref_text_free(&answer);
    mt_ref_text_free(&body);
    return written && keep_alive;
}

bool mt_refserver_answer(mt_refserver_connection *c)
{
    mt_refserver_request r;
    int64_t deadline = mt_ref_now() + REQUEST_MS;
    while (head_length(c) == 0) {
        if (!mt_refserver_fill(c, deadline))
            return c->in_len == sizeof c->in && respond(c, 431, false, false, deadline);
    }
    size_t head = head_length(c);
    if (!mt_refserver_parse(&r, c->in, head))
        return respond(c, 400, false, false, deadline);
    mt_refserver_drop(c, head + 4);
    int status = choose_status(c, &r);
    bool fits = !r.coded && r.body <= BODY_MAX;
    bool keep_alive = fits && r.keep_alive && !is_refused(c) && skip_body(c, r.body, deadline);
    return respond(c, status, keep_alive, strcmp(r.method, "HEAD") == 0, deadline);
}
