// SPDX-License-Identifier: Apache-2.0
#ifndef MT_MSG_MSG_H
#define MT_MSG_MSG_H
/* Handshake messages: the content of each as a plain struct, written honestly and read strictly, by field name. No keys, no
 * state. One file a message (and one an extension); mt_msg_rows is the list. What is read points into the message's bytes or
 * into the arena of the form. */
#include "base/reader.h"
#include "msg/extension.h"
#include "wire/codes.h"

enum { MT_RANDOM = 32, MT_SESSION_ID_MAX = 32 };

/* The form of a message may depend on the version. */
typedef struct mt_msg_form {
    uint16_t version;
    mt_arena *arena; /* for lists that are read */
} mt_msg_form;

typedef struct mt_client_hello { /* RFC 8446 4.1.2, RFC 5246 7.4.1.2 */
    uint16_t legacy_version;
    mt_span random, session_id;
    mt_u16s suites;
    mt_span compression;
    mt_extension_set extensions;
} mt_client_hello;

typedef struct mt_server_hello { /* RFC 8446 4.1.3; HelloRetryRequest has a random of its own (4.1.4) */
    uint16_t legacy_version;
    mt_span random, session_id;
    uint16_t suite;
    uint8_t compression;
    mt_extension_set extensions;
} mt_server_hello;
bool mt_is_retry(const mt_server_hello *h);
extern const uint8_t mt_retry_random[MT_RANDOM];

typedef struct mt_certificate_entry {
    mt_span data;
    mt_span extensions; /* TLS 1.3, undecoded */
} mt_certificate_entry;

typedef struct mt_certificate_list { /* RFC 8446 4.4.2, RFC 5246 7.4.2 */
    mt_span context;                 /* TLS 1.3 */
    const mt_certificate_entry *at;
    size_t len;
} mt_certificate_list;

typedef struct mt_certificate_request { /* RFC 8446 4.3.2, RFC 5246 7.4.4 */
    mt_span context;                    /* TLS 1.3 */
    mt_span types;                      /* TLS 1.2 */
    mt_u16s schemes;                    /* TLS 1.3, read: those of the extension */
    mt_spans names;                     /* the same */
    mt_extension_set extensions;        /* TLS 1.3 */
} mt_certificate_request;

typedef struct mt_certificate_verify { /* RFC 8446 4.4.3, RFC 5246 7.4.8 */
    uint16_t scheme;
    mt_span signature;
} mt_certificate_verify;

typedef struct mt_server_key_exchange { /* RFC 8422 5.4, named_curve only */
    uint8_t curve_type;
    uint16_t group;
    mt_span point;
    uint16_t scheme;
    mt_span signature;
    mt_span params; /* read: the bytes that are signed */
} mt_server_key_exchange;

typedef struct mt_tlcp_key_exchange { /* GB/T 38636, ClientKeyExchange: one of the two */
    uint16_t group;
    mt_span point;      /* ECDHE suites */
    mt_span ciphertext; /* ECC suites: the pre-master secret under SM2 */
} mt_tlcp_key_exchange;

typedef struct mt_new_session_ticket { /* RFC 5077 3.3 */
    uint32_t lifetime; /* seconds; 0: not said */
    mt_span ticket;
} mt_new_session_ticket;

typedef struct mt_msg {
    uint8_t type;
    union {
        mt_client_hello client_hello;
        mt_server_hello server_hello;
        mt_extension_set encrypted_extensions;
        mt_certificate_list certificate;
        mt_certificate_request certificate_request;
        mt_certificate_verify certificate_verify;
        mt_server_key_exchange server_key_exchange;
        mt_span client_key_exchange; /* the point, RFC 8422 5.7 */
        mt_tlcp_key_exchange tlcp_key_exchange;
        mt_new_session_ticket new_session_ticket;
        mt_span finished;            /* verify_data */
        uint8_t key_update;          /* request_update */
        mt_span opaque;              /* messages that are read but not used */
    } as;
} mt_msg;

typedef struct mt_msg_row {
    uint8_t type;
    uint16_t version; /* the only one that has this form, or 0: every other */
    void (*write)(const mt_msg *m, const mt_msg_form *f, mt_writer *w);
    void (*read)(mt_reader *r, const mt_msg_form *f, mt_msg *out);
} mt_msg_row;
extern const mt_msg_row mt_msg_rows[];
extern const size_t mt_msg_row_count;

/* mt_msg_write appends the body (without the header of type and length). */
void mt_msg_write(const mt_msg *m, const mt_msg_form *f, mt_writer *w);
/* mt_msg_read reads a body of `type`; the caller has started `p` (with or without map) and frees it. False: p->fault says why. */
MT_MUST_CHECK bool mt_msg_read(uint8_t type, mt_span body, const mt_msg_form *f, mt_msg *out, mt_parse *p);
/* mt_msg_describe appends the fields of a body by name: "scheme ecdsa_secp256r1_sha256(1027), signature 71 bytes". A body that
 * does not read is described as far as it goes, with the fault. */
void mt_msg_describe(uint8_t type, mt_span body, const mt_msg_form *f, mt_writer *out);

/* The writers and readers, one file each. */
#define MT_MSG_PAIR(name) \
    void mt_write_##name(const mt_msg *m, const mt_msg_form *f, mt_writer *w); \
    void mt_read_##name(mt_reader *r, const mt_msg_form *f, mt_msg *out)
MT_MSG_PAIR(client_hello);
MT_MSG_PAIR(server_hello);
MT_MSG_PAIR(encrypted_extensions);
MT_MSG_PAIR(certificate);
MT_MSG_PAIR(certificate13);
MT_MSG_PAIR(certificate_request);
MT_MSG_PAIR(certificate_request13);
MT_MSG_PAIR(certificate_verify);
MT_MSG_PAIR(tlcp_certificate_request);
MT_MSG_PAIR(tlcp_certificate_verify);
MT_MSG_PAIR(tlcp_server_key_exchange);
MT_MSG_PAIR(tlcp_client_key_exchange);
MT_MSG_PAIR(server_key_exchange);
MT_MSG_PAIR(client_key_exchange);
MT_MSG_PAIR(new_session_ticket);
MT_MSG_PAIR(finished);
MT_MSG_PAIR(key_update);
MT_MSG_PAIR(opaque);
MT_MSG_PAIR(empty);
#undef MT_MSG_PAIR
#endif
