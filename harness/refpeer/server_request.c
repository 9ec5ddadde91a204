// SPDX-License-Identifier: Apache-2.0
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "refpeer/server.h"

typedef struct piece {
    const char *at;
    size_t len;
} piece;

/* A header that changes what the server does; false: its value makes no sense. */
typedef struct header {
    const char *name;
    bool (*set)(mt_refserver_request *r, piece value);
} header;

static bool is(piece p, const char *word)
{
    return p.len == strlen(word) && OPENSSL_strncasecmp(p.at, word, p.len) == 0;
}

static bool set_connection(mt_refserver_request *r, piece value)
{
    if (is(value, "close"))
        r->keep_alive = false;
    if (is(value, "keep-alive"))
        r->keep_alive = true;
    return true;
}

static bool set_length(mt_refserver_request *r, piece value)
{
    char digits[12] = "";
    if (value.len == 0 || value.len >= sizeof digits)
        return false;
    memcpy(digits, value.at, value.len);
    r->body = strtoul(digits, NULL, 10);
    return strspn(digits, "0123456789") == value.len;
}

static bool set_coding(mt_refserver_request *r, piece value)
{
    (void)value;
    r->coded = true;
    return true;
}

static const header headers[] = {
    {"connection", set_connection},
    {"content-length", set_length},
    {"transfer-encoding", set_coding},
};

/* Takes what comes before `end` off the front of `rest`, or all of it. */
static piece take(piece *rest, const char *end)
{
    size_t n = 0, skip = strlen(end);
    while (n + skip <= rest->len && memcmp(rest->at + n, end, skip) != 0)
        n++;
    if (n + skip > rest->len)
        n = rest->len, skip = 0;
    piece taken = {rest->at, n};
    *rest = (piece){rest->at + n + skip, rest->len - n - skip};
    return taken;
}

static piece trim(piece p)
{
    while (p.len > 0 && (p.at[0] == ' ' || p.at[0] == '\t'))
        p = (piece){p.at + 1, p.len - 1};
    while (p.len > 0 && (p.at[p.len - 1] == ' ' || p.at[p.len - 1] == '\t'))
        p.len--;
    return p;
}

static bool copy(char *out, size_t size, piece p)
{
    if (p.len == 0 || p.len >= size)
        return false;
    memcpy(out, p.at, p.len);
    out[p.len] = '\0';
    return true;
}

static bool parse_first_line(mt_refserver_request *r, piece line)
{
    piece method = take(&line, " ");
    piece path = take(&line, " ");
    r->keep_alive = is(line, "HTTP/1.1");
    return copy(r->method, sizeof r->method, method) && copy(r->path, sizeof r->path, path) &&
        (r->keep_alive || is(line, "HTTP/1.0"));
}

static bool parse_header(mt_refserver_request *r, piece line)
{
    piece value = line;
    piece name = take(&value, ":");
    if (name.len == 0 || name.len == line.len)
        return false;
    for (size_t i = 0; i < MT_REF_COUNT(headers); i++) {
        if (is(name, headers[i].name))
            return headers[i].set(r, trim(value));
    }
    return true;
}

bool mt_refserver_parse(mt_refserver_request *r, const char *head, size_t len)
{
    piece rest = {head, len};
    *r = (mt_refserver_request){0};
    bool good = parse_first_line(r, take(&rest, "\r\n"));
    while (good && rest.len > 0)
        good = parse_header(r, take(&rest, "\r\n"));
    return good;
}
