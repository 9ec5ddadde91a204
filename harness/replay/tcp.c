// SPDX-License-Identifier: Apache-2.0
#include "replay/inner.h"

/* TCP segments put in order (RFC 9293 3.4), for a capture that holds whole connections: what was lost before the capture stays
 * lost, and the direction then stands still at the gap. */

enum { ADDRESS_MAX = 16, ENDPOINT = ADDRESS_MAX + 2, IPV4_HEADER = 20, IPV6_HEADER = 40, TCP_HEADER = 20, TCP = 6 };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
enum { CONNECTIONS_MAX = 4096, HELD_MAX = 4096, TLS_HANDSHAKE = 22 };

typedef struct segment {
    uint32_t sequence;
    bool fin;
    mt_span data;
} segment;

typedef struct stream {
    bool begun, ended;
    uint32_t next;  /* the sequence number that is due */
    segment *held;  /* came too early */
    size_t held_len, held_cap;
} stream;

typedef struct flow {
    uint8_t ends[2][ENDPOINT]; /* client, server */
    unsigned address_len;
    stream streams[2];
    bool foreign; /* does not begin with a TLS handshake record */
    size_t row;   /* of the capture, plus one; 0: none yet */
} flow;

struct mt_tcp {
    mt_capture *out;
    flow *flows;
    size_t len, cap;
};

typedef struct packet {
    uint8_t from[ENDPOINT], to[ENDPOINT];
    unsigned address_len, flags;
    segment segment;
} packet;

/* ---- reading one packet ---- */

static uint32_t number(mt_span s, size_t at, size_t width)
{
    uint32_t value = 0;
    for (size_t i = 0; i < width && at + width <= s.len; i++)
        value = value << 8 | s.at[at + i];
    return value;
}

static void take_addresses(packet *p, mt_span ip, size_t at, unsigned len)
{
    p->address_len = len;
    memcpy(p->from, ip.at + at, len);
    memcpy(p->to, ip.at + at + len, len);
}

/* What IP carries, or nothing if it is no whole TCP packet. Fragments are not put together. */
static mt_span take_ipv4(packet *p, mt_span ip)
{
    enum { LENGTH_AT = 2, FRAGMENT_AT = 6, FRAGMENTED = 0x3fff, PROTOCOL_AT = 9, ADDRESSES_AT = 12, ADDRESS = 4 };
    size_t header = ip.len >= IPV4_HEADER ? (size_t)(ip.at[0] & 0x0f) * 4 : 0, whole = number(ip, LENGTH_AT, 2);
    if (header < IPV4_HEADER || ip.at[PROTOCOL_AT] != TCP || (number(ip, FRAGMENT_AT, 2) & FRAGMENTED) != 0)
        return (mt_span){0};
    take_addresses(p, ip, ADDRESSES_AT, ADDRESS);
    /* A length of zero: the network card was to split it (segmentation offload). */
    return mt_span_skip(whole != 0 ? mt_span_first(ip, whole) : ip, header);
}

static mt_span take_ipv6(packet *p, mt_span ip)
{
    enum { LENGTH_AT = 4, NEXT_AT = 6, ADDRESSES_AT = 8 };
    if (ip.len < IPV6_HEADER || ip.at[NEXT_AT] != TCP)
        return (mt_span){0};
    size_t len = number(ip, LENGTH_AT, 2);
    take_addresses(p, ip, ADDRESSES_AT, ADDRESS_MAX);
    ip = mt_span_skip(ip, IPV6_HEADER);
    return len != 0 ? mt_span_first(ip, len) : ip;
}

static bool read_packet(mt_span ip, packet *p)
{
    enum { SEQUENCE_AT = 4, OFFSET_AT = 12, FLAGS_AT = 13 };
    unsigned version = ip.len != 0 ? ip.at[0] >> 4 : 0;
    mt_span tcp = {0};
    *p = (packet){.flags = 0};
    if (version == 4)
        tcp = take_ipv4(p, ip);
    else if (version == 6)
        tcp = take_ipv6(p, ip);
    if (tcp.len < TCP_HEADER)
        return false;
    size_t header = (size_t)(tcp.at[OFFSET_AT] >> 4) * 4;
    memcpy(p->from + ADDRESS_MAX, tcp.at, 2);
    memcpy(p->to + ADDRESS_MAX, tcp.at + 2, 2);
    p->flags = tcp.at[FLAGS_AT];
    p->segment = (segment){number(tcp, SEQUENCE_AT, 4), (p->flags & FIN) != 0, mt_span_skip(tcp, header)};
    return header >= TCP_HEADER && header <= tcp.len;
}

/* ---- connections ---- */

static bool is_between(const flow *f, const packet *p, int client)
{
    return memcmp(f->ends[client], p->from, ENDPOINT) == 0 && memcmp(f->ends[!client], p->to, ENDPOINT) == 0;
}

/* Who sends SYN without ACK is the client; without one, who speaks first. */
static flow *add_flow(mt_tcp *t, const packet *p)
{
    bool answers = (p->flags & (SYN | ACK)) == (SYN | ACK);
    if (t->len == CONNECTIONS_MAX)
        return NULL;
    MT_GROW(t->flows, t->len, t->cap);
    flow *f = &t->flows[t->len++];
    *f = (flow){.address_len = p->address_len};
    memcpy(f->ends[answers], p->from, ENDPOINT);
    memcpy(f->ends[!answers], p->to, ENDPOINT);
    return f;
}

/* The last one counts: ports are used again. */
static flow *find_flow(mt_tcp *t, const packet *p)
{
    bool opens = (p->flags & (SYN | ACK)) == SYN;
    for (size_t i = t->len; i > 0; i--) {
        flow *f = &t->flows[i - 1];
        bool over = f->streams[0].ended && f->streams[1].ended && opens;
        if ((is_between(f, p, 0) || is_between(f, p, 1)) && !over)
            return f;
    }
    return opens || p->segment.data.len != 0 || (p->flags & SYN) != 0 ? add_flow(t, p) : NULL;
}

static void write_end(mt_writer *w, const uint8_t *end, unsigned address_len)
{
    mt_writef(w, "%s", address_len == 4 ? "" : "[");
    for (unsigned i = 0; i < address_len; i++) {
        if (address_len == 4)
            mt_writef(w, "%s%u", i ? "." : "", end[i]);
        else
            mt_writef(w, "%s%02x", i && i % 2 == 0 ? ":" : "", end[i]);
    }
    mt_writef(w, "%s:%u", address_len == 4 ? "" : "]", end[ADDRESS_MAX] << 8 | end[ADDRESS_MAX + 1]);
}

static void open_row(mt_tcp *t, flow *f)
{
    mt_writer name = {0};
    write_end(&name, f->ends[0], f->address_len);
    mt_writef(&name, " -> ");
    write_end(&name, f->ends[1], f->address_len);
    mt_capture_add(t->out, mt_writer_text(&name));
    f->row = t->out->len;
    mt_writer_free(&name);
}

static void deliver(mt_tcp *t, flow *f, bool server, mt_chunk chunk)
{
    if (f->row == 0 && chunk.bytes.len != 0) {
        f->foreign = chunk.bytes.at[0] != TLS_HANDSHAKE;
        if (!f->foreign)
            open_row(t, f);
    }
    if (f->row == 0)
        return;
    chunk.server = server;
    if (chunk.bytes.len != 0)
        chunk.bytes.at = mt_arena_copy(t->out->arena, chunk.bytes.at, chunk.bytes.len);
    mt_capture_chunk(&t->out->rows[f->row - 1], chunk);
}

/* ---- order ---- */

/* Delivers what is due of `g`; false: it is still too early. */
static bool take_due(mt_tcp *t, flow *f, bool server, const segment *g)
{
    stream *s = &f->streams[server];
    int32_t ahead = (int32_t)(g->sequence - s->next);
    if (ahead > 0)
        return false;
    uint32_t known = (uint32_t)-(int64_t)ahead;
    mt_span fresh = mt_span_skip(g->data, known);
    if (fresh.len != 0)
        deliver(t, f, server, (mt_chunk){.bytes = fresh});
    s->next += (uint32_t)fresh.len;
    if (g->fin && known <= g->data.len && !s->ended) {
        s->ended = true;
        deliver(t, f, server, (mt_chunk){.ended = true});
    }
    return true;
}

static void hold(mt_tcp *t, stream *s, const segment *g)
{
    if (s->held_len == HELD_MAX)
        return;
    segment kept = *g;
    kept.data.at = mt_arena_copy(t->out->arena, g->data.at, g->data.len);
    MT_GROW(s->held, s->held_len, s->held_cap);
    s->held[s->held_len++] = kept;
}

static void take_held(mt_tcp *t, flow *f, bool server)
{
    stream *s = &f->streams[server];
    for (size_t i = 0; i < s->held_len;) {
        if (take_due(t, f, server, &s->held[i])) {
            s->held[i] = s->held[--s->held_len];
            i = 0; /* others may be due now */
        } else {
            i++;
        }
    }
}

static void take_segment(mt_tcp *t, flow *f, bool server, const packet *p)
{
    stream *s = &f->streams[server];
    segment g = p->segment;
    if ((p->flags & SYN) != 0)
        g.sequence++;
    if (!s->begun && ((p->flags & SYN) != 0 || g.data.len != 0)) {
        s->begun = true;
        s->next = g.sequence;
    }
    if (!s->begun || s->ended || f->foreign)
        return;
    if (take_due(t, f, server, &g))
        take_held(t, f, server);
    else
        hold(t, s, &g);
}

void mt_tcp_packet(mt_tcp *t, mt_span ip)
{
    packet p;
    flow *f = read_packet(ip, &p) ? find_flow(t, &p) : NULL;
    if (f != NULL)
        take_segment(t, f, is_between(f, &p, 1), &p);
}

mt_tcp *mt_tcp_new(mt_capture *out)
{
    mt_tcp *t = mt_alloc(sizeof *t);
    t->out = out;
    return t;
}

void mt_tcp_free(mt_tcp *t)
{
    for (size_t i = 0; i < t->len; i++) {
        mt_free(t->flows[i].streams[0].held);
        mt_free(t->flows[i].streams[1].held);
    }
    mt_free(t->flows);
    mt_free(t);
}
