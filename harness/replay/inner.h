// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REPLAY_INNER_H
#define MT_REPLAY_INNER_H
/* What the files of this module share. */
#include "crypto/key.h"
#include "crypto/schedule.h"
#include "engine/transcript.h"
#include "msg/msg.h"
#include "replay/capture.h"
#include "replay/replay.h"

typedef struct mt_log_line {
    const char *label;
    mt_span random, secret;
} mt_log_line;

struct mt_replay_keys {
    mt_arena *arena;
    mt_log_line *lines;
    size_t lines_len, lines_cap;
    mt_span *certificates;
    size_t certificates_len, certificates_cap;
    mt_key **keys; /* private */
    size_t keys_len, keys_cap;
};

/* One direction. */
typedef struct mt_side {
    mt_writer in, messages;
    bool is_protected, opened, lost; /* opened: a protected record was there; lost: no frames are to be found any more */
    bool in_clear;                   /* the record that is being read */
    mt_protection *protection;       /* NULL: in the clear, or no key */
    mt_digest handshake, traffic;    /* TLS 1.3 secrets; len 0: not known */
    const mt_span *chain;
    size_t chain_len;
    mt_key *key, *enc_key;           /* public, of the chain; enc_key: TLCP */
    bool finished;
} mt_side;

struct mt_replay {
    const mt_replay_keys *keys;
    mt_replay_sink sink;
    mt_replay_counts counts;
    mt_arena *arena;
    mt_transcript *transcript;
    mt_side sides[2]; /* client, server */
    uint16_t version; /* 0: not known yet */
    const mt_suite *suite;
    mt_randoms randoms;
    bool has_master;
    uint8_t master[MT_MASTER_LEN];
};

/* keys.c */
mt_span mt_replay_secret(const mt_replay_keys *k, const char *label, mt_span client_random);
/* mt_replay_key_of returns the private half of a public key, or NULL. */
const mt_key *mt_replay_key_of(const mt_replay_keys *k, const mt_key *public_key);

/* observe.c */
void mt_replay_note(mt_replay *r, bool server, const char *what, const char *detail);
/* mt_replay_say counts a check and reports it; mt_replay_check_quietly reports it only when it fails. */
void mt_replay_say(mt_replay *r, bool server, mt_replay_check check, bool ok);
void mt_replay_quietly(mt_replay *r, bool server, mt_replay_check check, bool ok);
/* mt_replay_use changes the keys of one direction; NULL: protected from now on, and not to be opened. */
void mt_replay_use(mt_replay *r, bool server, mt_protection *p);

/* handshake.c */
void mt_replay_message(mt_replay *r, bool server, mt_span whole);
void mt_replay_ccs(mt_replay *r, bool server);

/* proof.c: signatures. */
void mt_replay_chain(mt_replay *r, bool server, const mt_certificate_list *list);
void mt_replay_key_exchange(mt_replay *r, const mt_server_key_exchange *k);
void mt_replay_verify(mt_replay *r, bool server, const mt_certificate_verify *v);

/* capture.c */
mt_connection *mt_capture_add(mt_capture *c, const char *name);
void mt_capture_chunk(mt_connection *to, mt_chunk chunk);
/* pcap.c and tcp.c */
bool mt_is_pcap(mt_span bytes);
MT_MUST_CHECK bool mt_pcap_parse(mt_span bytes, const char *name, mt_capture *out, mt_diag *d);
typedef struct mt_tcp mt_tcp;
mt_tcp *mt_tcp_new(mt_capture *out);
/* mt_tcp_packet takes an IP packet; what is no TCP is passed over. */
void mt_tcp_packet(mt_tcp *t, mt_span packet);
void mt_tcp_free(mt_tcp *t);
#endif
