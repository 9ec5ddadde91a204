// SPDX-License-Identifier: Apache-2.0
#include "replay/inner.h"

/* The two file formats of packet captures, as far as whole packets go: pcap (draft-ietf-opsawg-pcap) in both byte orders and with
 * micro- or nanoseconds, pcapng (draft-ietf-opsawg-pcapng) with any number of interfaces. Times are not needed. */

enum {
    LINK_NULL = 0, LINK_ETHERNET = 1, LINK_RAW_OLD = 12, LINK_RAW_BSD = 14, LINK_RAW = 101, LINK_LOOP = 108, LINK_SLL = 113,
    LINK_IPV4 = 228, LINK_IPV6 = 229, LINK_SLL2 = 276
};
enum { VLAN = 0x8100, VLAN_OUTER = 0x88a8, ETHERNET_HEADER = 14, VLAN_TAG = 4, INTERFACES_MAX = 64 };
enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, SIMPLE_PACKET = 3, ENHANCED_PACKET = 6 };
static const uint32_t microseconds = 0xa1b2c3d4, nanoseconds = 0xa1b23c4d, byte_order = 0x1a2b3c4d;

typedef struct walk {
    bool swapped; /* numbers are little-endian */
    mt_tcp *tcp;
    unsigned links[INTERFACES_MAX];
    size_t links_len;
} walk;

static uint32_t number(mt_span s, size_t at, size_t width, bool swapped)
{
    uint32_t value = 0;
    for (size_t i = 0; i < width && at + width <= s.len; i++)
        value = value << 8 | s.at[at + (swapped ? width - 1 - i : i)];
    return value;
}

/* ---- from the link to IP ---- */

static mt_span from_ethernet(mt_span frame)
{
    size_t header = ETHERNET_HEADER;
    uint32_t type = number(frame, header - 2, 2, false);
    while (type == VLAN || type == VLAN_OUTER) {
        header += VLAN_TAG;
        type = number(frame, header - 2, 2, false);
    }
    return mt_span_skip(frame, header);
}

static void take_packet(const walk *w, unsigned link, mt_span frame)
{
    static const struct {
        unsigned link;
        size_t header;
    } rows[] = {{LINK_NULL, 4}, {LINK_LOOP, 4}, {LINK_RAW, 0}, {LINK_RAW_OLD, 0}, {LINK_RAW_BSD, 0}, {LINK_IPV4, 0}, {LINK_IPV6, 0},
                {LINK_SLL, 16}, {LINK_SLL2, 20}};
    if (link == LINK_ETHERNET)
        mt_tcp_packet(w->tcp, from_ethernet(frame));
    for (size_t i = 0; i < MT_COUNT(rows); i++)
        if (rows[i].link == link)
            mt_tcp_packet(w->tcp, mt_span_skip(frame, rows[i].header));
}

/* ---- pcap ---- */

static bool is_magic(uint32_t magic)
{
    return magic == microseconds || magic == nanoseconds;
}

/* Says what is wrong, or NULL. */
static const char *walk_classic(walk *w, mt_span rest)
{
    enum { FILE_HEADER = 24, LINK_AT = 20, PACKET_HEADER = 16, LENGTH_AT = 8, LINK_MASK = 0xffff };
    w->swapped = is_magic(number(rest, 0, 4, true));
    unsigned link = number(rest, LINK_AT, 4, w->swapped) & LINK_MASK;
    if (rest.len < FILE_HEADER)
        return "is cut off within its header";
    rest = mt_span_skip(rest, FILE_HEADER);
    while (rest.len != 0) {
        size_t len = number(rest, LENGTH_AT, 4, w->swapped);
        if (rest.len < PACKET_HEADER || rest.len - PACKET_HEADER < len)
            return "is cut off within a packet";
        take_packet(w, link, mt_span_first(mt_span_skip(rest, PACKET_HEADER), len));
        rest = mt_span_skip(rest, PACKET_HEADER + len);
    }
    return NULL;
}

/* ---- pcapng ---- */

static void take_block(walk *w, uint32_t type, mt_span body)
{
    enum { LENGTH_AT = 12, ENHANCED_HEADER = 20, SIMPLE_HEADER = 4 };
    if (type == INTERFACE && w->links_len < INTERFACES_MAX) {
        w->links[w->links_len++] = number(body, 0, 2, w->swapped);
    } else if (type == ENHANCED_PACKET) {
        uint32_t interface = number(body, 0, 4, w->swapped);
        if (interface < w->links_len)
            take_packet(w, w->links[interface], mt_span_first(mt_span_skip(body, ENHANCED_HEADER), number(body, LENGTH_AT, 4, w->swapped)));
    } else if (type == SIMPLE_PACKET && w->links_len != 0) {
        take_packet(w, w->links[0], mt_span_first(mt_span_skip(body, SIMPLE_HEADER), number(body, 0, 4, w->swapped)));
    }
}

static const char *walk_blocks(walk *w, mt_span rest)
{
    enum { BLOCK_HEADER = 8, BLOCK_MIN = 12, ALIGNMENT = 4 };
    while (rest.len != 0) {
        uint32_t type = number(rest, 0, 4, w->swapped);
        if (type == SECTION) { /* reads the same in both orders */
            w->swapped = number(rest, BLOCK_HEADER, 4, true) == byte_order;
            w->links_len = 0;
        }
        size_t len = number(rest, 4, 4, w->swapped);
        if (len < BLOCK_MIN || len % ALIGNMENT != 0 || len > rest.len)
            return "is cut off within a block, or damaged";
        take_block(w, type, mt_span_first(mt_span_skip(rest, BLOCK_HEADER), len - BLOCK_MIN));
        rest = mt_span_skip(rest, len);
    }
    return NULL;
}

bool mt_is_pcap(mt_span bytes)
{
    uint32_t magic = number(bytes, 0, 4, false);
    return is_magic(magic) || is_magic(number(bytes, 0, 4, true)) || magic == SECTION;
}

bool mt_pcap_parse(mt_span bytes, const char *name, mt_capture *out, mt_diag *d)
{
    walk w = {.tcp = mt_tcp_new(out)};
    const char *wrong = number(bytes, 0, 4, false) == SECTION ? walk_blocks(&w, bytes) : walk_classic(&w, bytes);
    mt_tcp_free(w.tcp);
    if (wrong != NULL)
        mt_diag_add(d, (mt_place){name, 0, 0}, "%s", wrong);
    return wrong == NULL;
}
