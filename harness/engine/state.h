// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_STATE_H
#define MT_ENGINE_STATE_H
/* The inside of a connection, for the files of this module only. */
#include "crypto/schedule.h"
#include "engine/fault.h"
#include "engine/flow.h"
#include "engine/session.h"
#include "engine/transcript.h"

enum { MT_EXCHANGES = 4, MT_WARNINGS_MAX = 4, MT_KEY_UPDATES_MAX = 16, MT_TAKEN_MAX = 128, MT_OTHERS_MAX = 8 };

typedef struct mt_trace_entry {
    char who;
    const char *what;
    uint8_t type;
    uint16_t version;
    mt_span bytes;      /* of a message: header and body */
    const char *remark; /* of all else */
} mt_trace_entry;

/* One direction's traffic secret (TLS 1.3), kept for KeyUpdate. */
typedef struct mt_secrets {
    mt_digest handshake[2], traffic[2]; /* by mt_role */
    mt_digest base;                     /* the last HKDF-Extract */
    uint8_t master[MT_MASTER_LEN];      /* TLS 1.2 */
} mt_secrets;

/* A CertificateVerify that came before its Certificate (fault accept-early-certificate-verify). */
typedef struct mt_early_verify {
    bool seen;
    uint16_t scheme;
    mt_span signature, transcript;
} mt_early_verify;

struct mt_engine {
    mt_engine_config c;
    mt_engine_info info;
    mt_arena *arena;
    const mt_protocol *protocol; /* a server has none before ClientHello */
    mt_turn *turns;
    size_t turns_len, turn;
    mt_transcript *transcript;

    mt_writer in, messages;      /* raw bytes; handshake bytes that are not a whole message yet */
    mt_writer out, held;         /* to send; handshake bytes that wait to share a record */
    mt_writer received, waiting; /* application data: arrived; to write once we may */
    mt_protection *reading, *writing;
    bool read_protected;         /* a protected record of the peer has opened */
    bool hello_sent;
    size_t warnings, key_updates, taken; /* taken: messages, alerts and change_cipher_specs read */

    mt_span client_random, server_random, session_id, cookie;
    mt_client_hello hello;       /* as sent (client) or received (server) */
    mt_exchange *exchanges[MT_EXCHANGES];
    size_t exchanges_len;
    uint16_t retry_group;        /* asked for by HelloRetryRequest */
    mt_span peer_share;
    mt_writer premaster;
    mt_span others[MT_OTHERS_MAX]; /* secrets that the client may mean instead (exchange_way.h) */
    size_t others_len;
    const mt_suite *suite;
    mt_secrets secrets;
    bool extended_master_secret;
    mt_session offered;          /* client: the session that its hello offers */
    mt_span ticket;              /* client: of the last NewSessionTicket */
    bool ticket_due;             /* server: the client asks for one */
    uint8_t late_alert;          /* server: the client is refused when all is done (faults resume-...) */
    const char *late_text;       /* NULL: it is not */

    mt_identity identity;        /* ours, on a server the one chosen */
    const mt_scheme *scheme;     /* a server signs under it */
    mt_u16s peer_schemes;        /* what our CertificateVerify may use */
    mt_key *peer_key, *peer_enc_key;
    bool certificate_read;       /* the peer's Certificate, be it empty */
    mt_early_verify early;

    mt_trace_entry *trace;
    size_t trace_len, trace_cap, trace_next;
    mt_writer trace_detail;
};

/* mt_fail ends the connection: the peer broke the protocol. The alert is sent unless it is -1. */
void mt_fail(mt_engine *e, int alert, const char *fmt, ...) MT_PRINTF(3, 4);
/* mt_refuse ends it because of whom the peer says to be. */
void mt_refuse(mt_engine *e, uint8_t alert, const char *text);
static inline bool mt_ended(const mt_engine *e)
{
    return e->info.phase == MT_PHASE_ENDED;
}
static inline bool mt_has_fault(const mt_engine *e, mt_fault_id f)
{
    return (e->c.faults >> f & 1) != 0;
}
static inline mt_msg_form mt_form(const mt_engine *e)
{
    return (mt_msg_form){e->protocol ? e->protocol->version : e->c.version, e->arena};
}
static inline mt_role mt_peer_role(const mt_engine *e)
{
    return e->c.role == MT_CLIENT ? MT_SERVER : MT_CLIENT;
}

/* record.c: records out and in. */
void mt_send(mt_engine *e, uint8_t type, mt_span plain, size_t fragment); /* fragment 0: as large as may be */
void mt_send_alert(mt_engine *e, uint8_t level, uint8_t code);
void mt_flush_held(mt_engine *e);
void mt_take_records(mt_engine *e);
void mt_set_reading(mt_engine *e, mt_protection *p); /* takes ownership */
void mt_set_writing(mt_engine *e, mt_protection *p);

/* trace.c */
void mt_trace_message(mt_engine *e, char who, const char *name, mt_span whole);
void mt_trace_remark(mt_engine *e, char who, const char *what, const char *fmt, ...) MT_PRINTF(4, 5);

/* apply.c: edits of the fields of a finished body; `header_length` gets what the message header must say, if that is edited. */
typedef struct mt_built {
    mt_writer body;
    bool edited;
    int64_t header_length; /* -1: the true one */
} mt_built;
void mt_apply_edits(mt_engine *e, const char *message, unsigned nth, uint8_t type, mt_built *b);
/* mt_edit_of returns the first edit of that verb on the n-th message of that name, or NULL. */
const mt_edit *mt_edit_of(const mt_engine *e, const char *message, unsigned nth, mt_verb verb);
unsigned mt_turn_nth(const mt_engine *e, size_t turn); /* which message of its name it is, among the sender's */

/* open.c: messages after the handshake. */
void mt_open_read(mt_engine *e, const mt_message *m);

/* hello.c, certificate.c, finished.c: what the rows do, for every protocol. */
void mt_write_hello(mt_engine *e, mt_msg *m);
void mt_random_fill(mt_engine *e, uint8_t *out, size_t n);
mt_span mt_random_span(mt_engine *e, size_t n);
mt_exchange *mt_exchange_of(const mt_engine *e, uint16_t group); /* ours in that group, or NULL */
mt_exchange *mt_exchange_add(mt_engine *e, uint16_t group);
/* mt_add_shares puts a key_share of ours for each group that the configuration or a HelloRetryRequest names. */
void mt_add_shares(mt_engine *e, mt_extension_set *x);
/* mt_add_groups_and_schemes adds supported_groups and signature_algorithms. */
void mt_add_groups_and_schemes(mt_engine *e, mt_extension_set *x);
bool mt_group_allowed(const mt_engine *e, uint16_t group);
void mt_use_suite(mt_engine *e, uint16_t code);
bool mt_suite_offered(const mt_engine *e, const mt_suite *s);
mt_u16s mt_our_schemes(const mt_engine *e);
/* mt_read_first_hello is the first row of every flow: it binds the protocol, which then takes the hello. */
void mt_read_first_hello(mt_engine *e, const mt_msg *m);
bool mt_choose_identity(mt_engine *e, mt_auth auth);

mt_need mt_need_request(const mt_engine *e);
mt_spans mt_names_to_list(mt_engine *e); /* of CAs, in CertificateRequest */
void mt_fill_request12(mt_engine *e, mt_certificate_request *c);
void mt_fill_request13(mt_engine *e, mt_certificate_request *c);
const char *mt_odd_request12(const mt_certificate_request *c);
const char *mt_odd_request13(const mt_certificate_request *c);
mt_need mt_need_client_certificate(const mt_engine *e);
mt_need mt_need_client_verify(const mt_engine *e);
void mt_write_certificate_row(mt_engine *e, mt_msg *m);
void mt_read_certificate_row(mt_engine *e, const mt_msg *m);
void mt_write_verify_row(mt_engine *e, mt_msg *m);
void mt_read_verify_row(mt_engine *e, const mt_msg *m);
void mt_write_request_row(mt_engine *e, mt_msg *m);
void mt_read_request_row(mt_engine *e, const mt_msg *m);
void mt_write_finished_row(mt_engine *e, mt_msg *m);
void mt_read_finished_row(mt_engine *e, const mt_msg *m);
/* mt_stash_early_verify keeps a CertificateVerify that came too early (fault). */
void mt_stash_early_verify(mt_engine *e, const mt_msg *m);

/* chain.c: mt_chain_reorder does to the list of a peer what our faults do; mt_chain_keep_keys reads its keys, or fails. */
void mt_chain_reorder(const mt_engine *e, mt_span *chain, size_t n);
void mt_chain_keep_keys(mt_engine *e);

/* tls13_keys.c */
void mt_tls13_handshake_keys(mt_engine *e);
void mt_tls13_server_finished(mt_engine *e);
void mt_tls13_client_finished(mt_engine *e);
mt_digest mt_tls13_verify_data(const mt_engine *e, mt_role who, mt_hash_id hash);
void mt_tls13_update(mt_engine *e, mt_role who); /* KeyUpdate of that side's traffic secret */
/* tls12.c: what TLCP has in common with it. */
mt_need mt_need_from_server(const mt_engine *e); /* MT_MAY for a client */
void mt_write_server_hello12(mt_engine *e, mt_msg *m);
void mt_read_server_hello12(mt_engine *e, const mt_msg *m);
/* mt_keep returns a copy of what `w` holds that lives as long as the engine, and frees `w`. */
mt_span mt_keep(mt_engine *e, mt_writer *w);
/* tls12_keys.c */
void mt_tls12_master(mt_engine *e);
void mt_tls12_client_keys(mt_engine *e);
void mt_tls12_server_keys(mt_engine *e);
mt_digest mt_tls12_verify_data(const mt_engine *e, mt_role who, mt_hash_id hash);
void mt_keylog(mt_engine *e, const char *label, mt_span secret);
#endif
