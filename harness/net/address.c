// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include "net/inside.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct lookup {
    uv_getaddrinfo_t uv;
    mt_addresses *out; /* NULL: nobody waits any more */
    mt_loop *loop;
    bool done;
} lookup;

/* The next part of `*text` up to `end`, without the brackets of an IPv6 address. False: too long, or a bracket is left open. */
static bool take_host(const char **text, const char *ends, char out[MT_HOST_MAX])
{
    const char *from = *text, *to = from + strcspn(from, ends);
    if (*from == '[') {
        to = strchr(++from, ']');
        if (to == NULL)
            return false;
        *text = to + 1;
    } else {
        *text = to;
    }
    size_t n = (size_t)(to - from);
    if (n >= MT_HOST_MAX)
        return false;
    memcpy(out, from, n);
    out[n] = 0;
    return **text == 0 || strchr(ends, **text) != NULL;
}

static bool take_port(const char **text, unsigned *out)
{
    char *end;
    unsigned long port = isdigit((unsigned char)**text) ? strtoul(*text, &end, 10) : 0;
    if (!isdigit((unsigned char)**text))
        return true; /* an empty part */
    *out = (unsigned)port;
    *text = end;
    return port >= 1 && port <= 65535;
}

static bool take_colon(const char **text)
{
    if (**text != ':')
        return false;
    ++*text;
    return true;
}

bool mt_override_resolve(const char *text, const char *option, mt_override *out, mt_diag *d)
{
    const char *at = text;
    *out = (mt_override){0};
    bool ok = take_host(&at, ":", out->host) && take_colon(&at) && take_port(&at, &out->port) && take_colon(&at);
    ok = ok && out->port != 0 && out->host[0] != 0;
    /* an address is written with or without brackets: it is the last part */
    const char *ends = *at == '[' ? ":" : "";
    ok = ok && take_host(&at, ends, out->to_host) && *at == 0 && out->to_host[0] != 0;
    if (!ok)
        mt_diag_add(d, (mt_place){0}, "%s %s: expected HOST:PORT:ADDRESS", option, text);
    return ok;
}

bool mt_override_connect(const char *text, const char *option, mt_override *out, mt_diag *d)
{
    const char *at = text;
    *out = (mt_override){0};
    bool ok = take_host(&at, ":", out->host) && take_colon(&at) && take_port(&at, &out->port) && take_colon(&at);
    ok = ok && take_host(&at, ":", out->to_host) && take_colon(&at) && take_port(&at, &out->to_port) && *at == 0;
    if (!ok)
        mt_diag_add(d, (mt_place){0}, "%s %s: expected HOST1:PORT1:HOST2:PORT2, of which any may be empty", option, text);
    return ok;
}

static bool same_host(const char *a, const char *b)
{
    for (; *a != 0 && tolower((unsigned char)*a) == tolower((unsigned char)*b); a++)
        b++;
    return *a == *b;
}

void mt_override_apply(const mt_place_asked *asked, char host[MT_HOST_MAX], unsigned *port)
{
    snprintf(host, MT_HOST_MAX, "%s", asked->host);
    *port = asked->port;
    for (size_t i = 0; i < asked->overrides_len; i++) {
        const mt_override *o = &asked->overrides[i];
        if ((o->host[0] != 0 && !same_host(o->host, asked->host)) || (o->port != 0 && o->port != asked->port))
            continue;
        if (o->to_host[0] != 0)
            snprintf(host, MT_HOST_MAX, "%s", o->to_host);
        *port = o->to_port ? o->to_port : asked->port;
        return;
    }
}

static bool is_loopback(const struct sockaddr *name)
{
    static const uint8_t v6[16] = {[15] = 1};
    if (name->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)name)->sin_addr.s_addr) >> 24 == 127;
    return memcmp(&((const struct sockaddr_in6 *)(const void *)name)->sin6_addr, v6, sizeof v6) == 0;
}

static void keep(mt_addresses *out, const struct addrinfo *found)
{
    mt_address *a = &out->rows[out->len++];
    char plain[MT_ADDRESS_TEXT - 10] = "";
    bool v6 = found->ai_family == AF_INET6;
    memcpy(&a->raw, found->ai_addr, found->ai_addrlen);
    unsigned port;
    if (v6) {
        const struct sockaddr_in6 *name = (const void *)found->ai_addr;
        uv_ip6_name(name, plain, sizeof plain);
        port = ntohs(name->sin6_port);
    } else {
        const struct sockaddr_in *name = (const void *)found->ai_addr;
        uv_ip4_name(name, plain, sizeof plain);
        port = ntohs(name->sin_port);
    }
    snprintf(a->text, sizeof a->text, v6 ? "[%s]:%u" : "%s:%u", plain, port);
    a->loopback = is_loopback(found->ai_addr);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    lookup *q = request->data;
    for (const struct addrinfo *i = found; q->out != NULL && i != NULL && q->out->len < MT_ADDRESSES_MAX; i = i->ai_next) {
        if (i->ai_family == AF_INET || i->ai_family == AF_INET6)
            keep(q->out, i);
    }
    if (q->out != NULL && q->out->len == 0)
        snprintf(q->out->error, sizeof q->out->error, "%s", status != 0 ? uv_strerror(status) : "no address");
    uv_freeaddrinfo(found);
    q->done = true;
    if (q->out == NULL) {
        q->loop->lookups_left--;
        mt_free(q);
    }
}

static void on_late(void *self)
{
    *(bool *)self = true;
}

/* The system's resolver runs in a helper thread and cannot be stopped: a lookup that is late is left to itself. */
static bool await(mt_loop *l, lookup *q, uint64_t timeout_us)
{
    bool late = false;
    mt_timer *t = mt_timer_new(l, on_late, &late);
    mt_timer_set(t, timeout_us);
    while (!q->done && !late && l->signal == 0)
        uv_run(&l->uv, UV_RUN_ONCE);
    mt_timer_free(t);
    return q->done;
}

bool mt_resolve(mt_loop *l, const mt_place_asked *asked, uint64_t timeout_us, mt_addresses *out)
{
    char host[MT_HOST_MAX], service[8];
    unsigned port;
    mt_override_apply(asked, host, &port);
    snprintf(service, sizeof service, "%u", port);
    *out = (mt_addresses){0};
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    lookup *q = mt_alloc(sizeof *q);
    q->out = out;
    q->loop = l;
    q->uv.data = q;
    int failed = uv_getaddrinfo(&l->uv, &q->uv, on_resolved, host, service, &hints);
    if (failed == 0 && !await(l, q, timeout_us)) {
        q->out = NULL;
        l->lookups_left++;
        uv_cancel((uv_req_t *)&q->uv);
        snprintf(out->error, sizeof out->error, "no answer in %u ms", (unsigned)(timeout_us / 1000));
        return false;
    }
    if (failed != 0)
        snprintf(out->error, sizeof out->error, "%s", uv_strerror(failed));
    mt_free(q);
    return out->len != 0;
}

/* ---- URLs: each part is taken from the front; what is wrong with it is the answer, NULL: nothing ---- */

static const char secret[] = "a user or password has no place in it"; /* and is not repeated */

static const char *take_scheme(const char **at)
{
    static const char scheme[] = "https://";
    const char *end = strstr(*at, "://");
    if (strncmp(*at, scheme, strlen(scheme)) == 0)
        *at += strlen(scheme);
    else if (strncmp(*at, "https:/", strlen("https:/")) == 0)
        return "two slashes follow https:";
    else if (end != NULL && (size_t)(end - *at) < strcspn(*at, "/?#"))
        return "only https has client certificates";
    return NULL;
}

static bool is_host_character(char c)
{
    return isalnum((unsigned char)c) || (c != 0 && strchr("-._:%", c) != NULL);
}

static const char *check_host(const char *host)
{
    if (host[0] == 0)
        return "the host is missing";
    for (const char *p = host; *p != 0; p++)
        if (!is_host_character(*p))
            return "a character that no host name has";
    return NULL;
}

/* host[:port], up to the path. */
static const char *take_authority(const char **at, mt_url *out)
{
    if (memchr(*at, '@', strcspn(*at, "/?#")) != NULL)
        return secret;
    if (**at == '[' && strchr(*at, ']') == NULL)
        return "the bracket of the address is not closed";
    if (strcspn(*at, ":/?#]") >= MT_HOST_MAX)
        return "the host name is too long";
    if (!take_host(at, ":/?#", out->host))
        return "the host is no name and no address";
    if (**at != ':')
        return check_host(out->host);
    ++*at;
    if (!isdigit((unsigned char)**at) || !take_port(at, &out->port))
        return "a port is a number from 1 to 65535 (an IPv6 address stands in brackets)";
    return check_host(out->host);
}

static const char *take_path(const char *at, mt_url *out)
{
    int n = (int)strcspn(at, "#");
    if (*at != 0 && strchr("/?#", *at) == NULL)
        return "something else than a path behind the port";
    for (int i = 0; i < n; i++)
        if (at[i] <= ' ' || at[i] > '~')
            return "a path is written in plain ASCII without blanks, the rest as %XX";
    if ((size_t)n + 1 >= sizeof out->path)
        return "the path is longer than a kilobyte";
    if (n != 0)
        snprintf(out->path, sizeof out->path, "%s%.*s", *at == '/' ? "" : "/", n, at);
    return NULL;
}

bool mt_url_parse(const char *text, mt_url *out, mt_diag *d)
{
    const char *at = text;
    *out = (mt_url){.port = 443, .path = "/"};
    const char *wrong = take_scheme(&at);
    if (wrong == NULL)
        wrong = take_authority(&at, out);
    if (wrong == NULL)
        wrong = take_path(at, out);
    if (wrong != NULL)
        mt_diag_add(d, (mt_place){0}, "target %s: %s; expected https://HOST[:PORT][/PATH]", wrong == secret ? "URL" : text, wrong);
    return wrong == NULL;
}
