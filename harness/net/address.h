// SPDX-License-Identifier: Apache-2.0
#ifndef MT_NET_ADDRESS_H
#define MT_NET_ADDRESS_H
/* Where to connect: a host and port become addresses, by way of the user's overrides (--resolve, --connect-to: curl's). */
#include "base/diag.h"
#include "net/loop.h"

enum { MT_HOST_MAX = 254, MT_ADDRESS_TEXT = 64 };

typedef struct mt_address {
    char text[MT_ADDRESS_TEXT]; /* "127.0.0.1:8443", "[::1]:8443" */
    bool loopback;
    union {
        uint8_t bytes[128];     /* a struct sockaddr_storage */
        uint64_t align;
    } raw;
} mt_address;

typedef struct mt_override {
    char host[MT_HOST_MAX];     /* what is asked for; "": any host */
    unsigned port;              /* 0: any port */
    char to_host[MT_HOST_MAX];  /* "": unchanged */
    unsigned to_port;           /* 0: unchanged */
} mt_override;

/* mt_override_resolve reads HOST:PORT:ADDRESS, mt_override_connect HOST1:PORT1:HOST2:PORT2 (empty parts: any, or unchanged).
 * IPv6 addresses stand in brackets. False: `d` says what was expected of `option`. */
MT_MUST_CHECK bool mt_override_resolve(const char *text, const char *option, mt_override *out, mt_diag *d);
MT_MUST_CHECK bool mt_override_connect(const char *text, const char *option, mt_override *out, mt_diag *d);

typedef struct mt_place_asked {
    const char *host;
    unsigned port;
    const mt_override *overrides; /* the first that matches counts */
    size_t overrides_len;
} mt_place_asked;

/* mt_override_apply says which host and port are really connected to. */
void mt_override_apply(const mt_place_asked *asked, char host[MT_HOST_MAX], unsigned *port);

enum { MT_ADDRESSES_MAX = 8 };
typedef struct mt_addresses {
    mt_address rows[MT_ADDRESSES_MAX]; /* in the resolver's order of preference */
    size_t len;
    char error[200];                   /* when there are none: why */
} mt_addresses;

/* mt_resolve looks the host up (system resolver), waiting at most `timeout_us`, and is true if there are addresses. Runs the loop. */
MT_MUST_CHECK bool mt_resolve(mt_loop *l, const mt_place_asked *asked, uint64_t timeout_us, mt_addresses *out);

/* mt_url is an https URL (or host:port) in parts. */
typedef struct mt_url {
    char host[MT_HOST_MAX]; /* without brackets */
    unsigned port;          /* 443 when not given */
    char path[1024];        /* with the query; "/" when not given */
} mt_url;
MT_MUST_CHECK bool mt_url_parse(const char *text, mt_url *out, mt_diag *d);
#endif
