// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_FLOW_H
#define MT_ENGINE_FLOW_H
/* A handshake is rows that read from top to bottom, and a protocol is a descriptor with such a flow. One loop runs the rows
 * for both roles: a row of ours is written when its turn comes, a row of the peer's is matched against what arrives. */
#include "engine/engine.h"
#include "msg/msg.h"

typedef enum mt_need {
    MT_ABSENT, /* not part of this handshake */
    MT_MAY,    /* reading: matched by peeking; writing: left out */
    MT_MUST    /* part of it */
} mt_need;

typedef struct mt_row {
    mt_role who;
    uint8_t record;    /* MT_HANDSHAKE or MT_CHANGE_CIPHER_SPEC */
    uint8_t type;      /* handshake message */
    const char *name;  /* the name in edits and traces */
    mt_need (*need)(const mt_engine *e);              /* NULL: MT_MUST */
    bool (*is)(mt_span body);                         /* NULL: any body; tells messages of one type apart */
    void (*write)(mt_engine *e, mt_msg *m);           /* fills the message */
    void (*read)(mt_engine *e, const mt_msg *m);      /* takes it in, or fails the engine */
    void (*after)(mt_engine *e);                      /* the change of keys that follows, in both roles */
} mt_row;

/* A row in the flow of one connection, with what edits made of it. */
typedef struct mt_turn {
    mt_row row;
    bool dropped, forced;
    unsigned repeats;
} mt_turn;

typedef struct mt_protocol {
    uint16_t version;
    uint16_t wire_version;         /* that records and hellos say */
    uint16_t first_record_version; /* of the client's first record (RFC 8446 5.1) */
    size_t session_id;     /* bytes that a client sends, for compatibility (RFC 8446 D.4) */
    bool ignores_ccs;      /* RFC 8446 5: change_cipher_spec means nothing and is dropped */
    bool has_warnings;     /* RFC 5246 7.2.2: an alert of level warning does not end it */
    bool curves_bind;      /* RFC 8422 5.1: supported_groups also says which curves a certificate may have */
    bool pads_records;     /* RFC 8446 5.4 */
    bool pairs;            /* certificates come in twos, for signing and for encryption (GB/T 38636) */
    const mt_scheme *scheme; /* all signatures are made so and no message says it; NULL: messages say it */
    const mt_row *flow;
    size_t flow_len;
    const mt_row *resumption; /* the flow when a session is taken up again; NULL: none is */
    size_t resumption_len;
    bool (*is_offered)(const mt_client_hello *h);               /* server: the client speaks it */
    void (*take_hello)(mt_engine *e, const mt_client_hello *h); /* server: the choices that a ClientHello asks for */
    void (*add_extensions)(mt_engine *e, mt_extension_set *x);  /* client: those of ClientHello beside server_name and ALPN */
    void (*offer)(mt_engine *e, mt_client_hello *h); /* client: what else the hello says; NULL: nothing */
    void (*fill_request)(mt_engine *e, mt_certificate_request *c);
    const char *(*odd_request)(const mt_certificate_request *c);  /* what is wrong with it, or NULL */
    /* mt_protocol.content appends what a CertificateVerify of `signer` signs, over the handshake bytes `transcript`. */
    void (*content)(const mt_engine *e, mt_role signer, mt_span transcript, mt_writer *out);
    mt_digest (*verify_data)(const mt_engine *e, mt_role who, mt_hash_id hash); /* `hash`: the suite's, or a liar's */
    uint8_t missing_certificate; /* the alert for it */
} mt_protocol;

extern const mt_protocol mt_tls12, mt_tls13, mt_tlcp;
/* In the order in which a server prefers them. */
extern const mt_protocol *const mt_protocols[];
extern const size_t mt_protocol_count;

/* mt_flow_start copies the flow of `p` into the engine and applies the edits of rows. */
void mt_flow_start(mt_engine *e, const mt_protocol *p);
/* mt_flow_resume goes on with the flow of resumption, behind the peer's hello. */
void mt_flow_resume(mt_engine *e);
/* mt_flow_write writes our rows from where we stand until the peer has the word. */
void mt_flow_write(mt_engine *e);
/* mt_flow_read takes one message (or a change_cipher_spec, record 20) of the peer. */
void mt_flow_read(mt_engine *e, uint8_t record, const mt_message *m);
#endif
