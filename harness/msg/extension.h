// SPDX-License-Identifier: Apache-2.0
#ifndef MT_MSG_EXTENSION_H
#define MT_MSG_EXTENSION_H
/* Extensions (RFC 8446 4.2, RFC 6066, RFC 7627, RFC 5746, RFC 7301, RFC 8422): one row and one file each. A set holds the
 * content of all that a message carries. */
#include "base/reader.h"

typedef struct mt_u16s {
    const uint16_t *at;
    size_t len;
} mt_u16s;

typedef struct mt_spans {
    const mt_span *at;
    size_t len;
} mt_spans;

typedef struct mt_key_share {
    uint16_t group;
    mt_span share;
} mt_key_share;

typedef struct mt_key_shares {
    const mt_key_share *at;
    size_t len;
} mt_key_shares;

/* The message that carries the set: some extensions have another form in each. Bits, for the column `messages`. */
typedef enum mt_carrier {
    MT_IN_CLIENT_HELLO = 1,
    MT_IN_SERVER_HELLO = 2,
    MT_IN_RETRY_REQUEST = 4,
    MT_IN_ENCRYPTED_EXTENSIONS = 8,
    MT_IN_CERTIFICATE_REQUEST = 16,
    MT_IN_CERTIFICATE = 32
} mt_carrier;

enum {
    MT_EXT_SERVER_NAME = 0, MT_EXT_SUPPORTED_GROUPS = 10, MT_EXT_EC_POINT_FORMATS = 11, MT_EXT_SIGNATURE_ALGORITHMS = 13,
    MT_EXT_ALPN = 16, MT_EXT_EXTENDED_MASTER_SECRET = 23, MT_EXT_SESSION_TICKET = 35, MT_EXT_SUPPORTED_VERSIONS = 43, MT_EXT_COOKIE = 44,
    MT_EXT_CERTIFICATE_AUTHORITIES = 47, MT_EXT_SIGNATURE_ALGORITHMS_CERT = 50, MT_EXT_KEY_SHARE = 51,
    MT_EXT_RENEGOTIATION_INFO = 65281
};

typedef struct mt_extension_set {
    uint64_t present;         /* bit i: row i of mt_extension_rows; to write, or as read */
    mt_u16s codes;            /* read: every code in order, known or not */
    mt_span server_name;
    mt_spans alpn;            /* client_hello: offered; else: the one selected */
    mt_u16s groups, schemes, schemes_cert;
    mt_u16s versions;         /* server_hello: the one selected */
    mt_key_shares shares;     /* server_hello: the one chosen; retry: a group with an empty share */
    mt_span cookie;
    mt_spans names;           /* certificate_authorities, DER Names */
    mt_span renegotiated;     /* renegotiation_info */
    mt_span ticket;           /* session_ticket of a client_hello; empty: one is asked for */
} mt_extension_set;

typedef struct mt_extension_row {
    uint16_t code;
    unsigned messages; /* mt_carrier bits: where RFC 8446 4.2 and the older RFCs allow it */
    void (*write)(const mt_extension_set *s, mt_carrier in, mt_writer *w);
    void (*read)(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out);
} mt_extension_row;
extern const mt_extension_row mt_extension_rows[];
extern const size_t mt_extension_row_count;

void mt_extension_add(mt_extension_set *s, uint16_t code); /* marks it as present; the row must exist */
bool mt_extension_has(const mt_extension_set *s, uint16_t code);
/* mt_extension_forbidden returns the first code of a set that was read which may not stand in that message, or -1. Codes that
 * we do not know are allowed. */
int mt_extension_forbidden(const mt_extension_set *s, mt_carrier in);

/* The whole extensions vector of a message, with its length of two bytes. */
void mt_msg_extensions_write(const mt_extension_set *s, mt_carrier in, mt_writer *w);
void mt_msg_extensions_read(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out);

/* Shared by the files of this module: lists. */
mt_u16s mt_u16s_read(mt_reader *list, mt_arena *a);
void mt_u16s_write(mt_writer *w, unsigned width, mt_u16s list);
bool mt_u16s_has(mt_u16s list, uint16_t code);
mt_spans mt_spans_read(mt_reader *list, const char *name, unsigned width, mt_arena *a);
void mt_spans_write(mt_writer *w, unsigned width, mt_spans list);
#endif
