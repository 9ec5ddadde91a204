// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_ENGINE_H
#define MT_ENGINE_ENGINE_H
/* The TLS engine: bytes in, bytes out. It touches no socket and no clock of its own. A connection is made from a
 * configuration; its owner feeds what the transport received, sends what mt_engine_output shows, and reads what happened
 * from mt_engine_info. A failed handshake is a result and not an error: nothing here returns an error code.
 *
 * A protocol is a descriptor with flows (flow.h): rows that read from top to bottom. Both roles run the same rows. */
#include "base/env.h"
#include "crypto/group.h"
#include "crypto/suite.h"
#include "engine/edit.h"
#include "wire/codes.h"

typedef enum mt_role { MT_CLIENT, MT_SERVER } mt_role;

/* What a client's hello is about: the algorithm of its key (without one RSA and ECC), or this, whatever key it has. */
typedef enum mt_offer { MT_OFFER_BY_KEY, MT_OFFER_USUAL, MT_OFFER_SM2 } mt_offer;

typedef enum mt_request { MT_REQUEST_NONE, MT_REQUEST_OPTIONAL, MT_REQUEST_REQUIRED } mt_request;

/* Who somebody says to be: a chain in wire order and the key that signs (not owned; must outlive the engine). */
typedef struct mt_identity {
    const mt_span *chain; /* DER */
    size_t chain_len;
    const mt_key *key;    /* NULL with an empty chain */
    const mt_key *enc_key; /* TLCP: of the second certificate, for encryption */
} mt_identity;

/* mt_judge asks the owner about the peer's chain (n > 0; in TLCP a pair and the CAs of both, n > 1). False: refuse
 * with `*alert`; `text` (size bytes) may say why. */
typedef struct mt_judge {
    bool (*accepts)(void *self, const mt_span *chain, size_t n, uint8_t *alert, char text[200]);
    void *self;
} mt_judge;

/* Bytes that the steps of a run share, by name ("first.certificate_verify" is what step `first` sent, "first.session" what a
 * later step needs to take up its session). */
typedef struct mt_jar mt_jar;
mt_jar *mt_jar_new(void);
void mt_jar_free(mt_jar *j);
void mt_jar_put(mt_jar *j, const char *name, mt_span bytes); /* copies */
bool mt_jar_get(const mt_jar *j, const char *name, mt_span *out);

/* What a server remembers of TLCP connections that ended well, for clients that go on where they left off: a bounded number by
 * id, and the keys under which tickets are sealed. It serves any number of connections, one after the other or at once. */
typedef struct mt_sessions mt_sessions;
mt_sessions *mt_sessions_new(void);
void mt_sessions_free(mt_sessions *s); /* NULL is legal */

typedef struct mt_engine_config {
    mt_role role;
    uint16_t version;             /* client: the one that it offers. server: the only one, or 0 for all */
    mt_offer offer;               /* client */
    const uint16_t *suites;       /* 0-terminated; NULL: all of the version; SM2 for SM2 keys (a client: by `offer`) */
    const uint16_t *groups;       /* 0-terminated; NULL: x25519, secp256r1, secp384r1; with an SM2 suite curveSM2 alone */
    const uint16_t *shares;       /* client, TLS 1.3: groups that get a key_share; NULL: the first; {0}: none, to be asked again */
    const uint16_t *schemes;      /* 0-terminated: accepted; NULL: the usual ones, with an SM2 suite sm2sig_sm3 alone */
    const char *sni;              /* client; NULL: none */
    const char *alpn;             /* client: the one offered; server: the one selected when offered; NULL: none */
    mt_identity identity;         /* client */
    const mt_identity *identities;/* server: certificates side by side, chosen by ClientHello */
    size_t identities_len;
    mt_request request;           /* server */
    const mt_span *ca_names;      /* server: DER Names listed in CertificateRequest */
    size_t ca_names_len;
    mt_judge judge;               /* accepts == NULL: any chain is fine */
    const mt_edit *edits;
    size_t edits_len;
    uint64_t faults;              /* server: mt_engine_fault_bit */
    bool quiet;                   /* close_notify is sent in the place of every fatal alert (as s2n-tls does) */
    mt_random random;             /* fill == NULL: libcrypto's */
    void (*keylog)(void *self, const char *line); /* NSS key log lines; NULL: none */
    void *keylog_self;
    mt_jar *jar;                  /* NULL: none */
    const char *jar_name;         /* the step's name: what it sends is put as "<name>.<message>" */
    const char *resume;           /* client, TLCP: the step whose session (in the jar) is offered; NULL: none */
    bool ticket;                  /* client, TLCP: by ticket and not by id; without a session: a ticket is asked for */
    mt_sessions *sessions;        /* server, TLCP: NULL: none is remembered or taken up */
    size_t padding;               /* TLS 1.3 record padding that we add */
} mt_engine_config;

typedef enum mt_phase {
    MT_PHASE_HANDSHAKE,
    MT_PHASE_OPEN,   /* both Finished are done: application data may flow */
    MT_PHASE_ENDED   /* nothing more will be read or written */
} mt_phase;

typedef enum mt_end {
    MT_END_NONE,
    MT_END_ALERT_RECEIVED, /* a fatal alert from the peer */
    MT_END_CLOSE_NOTIFY,   /* the peer's close_notify */
    MT_END_TRANSPORT,      /* the transport ended without one of these */
    MT_END_FAULT,          /* the peer broke the protocol; we sent `alert_sent` */
    MT_END_JUDGED          /* we refused the peer's chain, or its missing certificate; we sent `alert_sent` */
} mt_end;

typedef struct mt_engine_info {
    mt_phase phase;
    mt_end end;
    int alert_received, alert_sent; /* -1: none */
    char fault[200];                /* MT_END_FAULT, MT_END_JUDGED: in words */
    bool finished_sent;             /* our Finished is in the output */
    bool finished_received;
    bool peer_finished_last;        /* the peer's Finished answered ours: it has judged us */
    uint16_t version, suite, group; /* 0: not negotiated yet */
    uint16_t peer_scheme;           /* of the peer's CertificateVerify / ServerKeyExchange; 0 in TLCP, which has but one */
    mt_key_kind peer_key;           /* of the peer's first certificate; MT_KEY_NONE: none was read */
    const char *alpn;               /* selected, or NULL */
    const mt_span *peer_chain;      /* DER as received */
    size_t peer_chain_len;
    bool peer_proved;               /* possession of the peer's key was verified */
    bool requested;                 /* a CertificateRequest was received (client) or sent (server) */
    const uint16_t *request_schemes;/* client: signature_algorithms of the request */
    size_t request_schemes_len;
    const uint8_t *request_types;   /* client, TLS 1.2: certificate_types */
    size_t request_types_len;
    const mt_span *request_names;   /* client: DER Names of the CAs listed */
    size_t request_names_len;
    const char *request_oddity;     /* client: what is wrong with the CertificateRequest (RFC clause), or NULL */
    bool resumed;                   /* a session was taken up again: no certificates went over the wire */
    bool retried;                   /* HelloRetryRequest took place */
    const char *sni;                /* server: what the client asked for, or NULL */
    bool scheme_unoffered;          /* client: no scheme of the request fits our key; we signed under one all the same */
    const char *edit_missed;        /* an edit that found no such field, or byte, in the message: the lie was not told */
    size_t tickets;                 /* NewSessionTicket messages read */
} mt_engine_info;

typedef struct mt_engine mt_engine;

/* mt_engine_new copies the configuration struct, not what it points to. The client's first flight is in the output at once. */
mt_engine *mt_engine_new(const mt_engine_config *c);
void mt_engine_free(mt_engine *e);

/* mt_engine_feed takes bytes from the transport; all are consumed. */
void mt_engine_feed(mt_engine *e, mt_span in);
/* mt_engine_feed_end: the transport ended (FIN or reset). */
void mt_engine_feed_end(mt_engine *e);
/* mt_engine_output views the bytes to send; mt_engine_sent drops the first `n` of them. */
mt_span mt_engine_output(const mt_engine *e);
void mt_engine_sent(mt_engine *e, size_t n);

/* Application data. Writing is legal once our Finished is sent; what is written sooner waits for that. */
void mt_engine_write(mt_engine *e, mt_span plain);
/* mt_engine_received views the application data that arrived; mt_engine_read drops the first `n` bytes. */
mt_span mt_engine_received(const mt_engine *e);
void mt_engine_read(mt_engine *e, size_t n);
/* mt_engine_close sends close_notify; reading goes on. */
void mt_engine_close(mt_engine *e);

const mt_engine_info *mt_engine_info_of(const mt_engine *e);

/* The transcript for people: every message, alert and record oddity by field name. mt_engine_trace_next hands out each line
 * once, in order, so that the owner can stamp it with the time; false: no more for now. The texts live as long as `e`. */
typedef struct mt_trace_line {
    char who;           /* '>' sent, '<' received, '.' remark */
    const char *what;   /* "certificate_verify", "alert" */
    const char *detail; /* "scheme ecdsa_secp256r1_sha256(0x0403), signature 71 bytes" */
    mt_span bytes;      /* the whole message */
} mt_trace_line;
bool mt_engine_trace_next(mt_engine *e, mt_trace_line *out);

/* Faults of our own server: each leaves out or adds exactly one check (design: a case must be caught by one). */
typedef struct mt_engine_fault {
    const char *name;
    bool over_strict;
    const char *what;
} mt_engine_fault;
extern const mt_engine_fault mt_engine_faults[];
extern const size_t mt_engine_fault_count;
uint64_t mt_engine_fault_bit(const char *name); /* 0: no such fault */
#endif
