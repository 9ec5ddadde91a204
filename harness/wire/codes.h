// SPDX-License-Identifier: Apache-2.0
#ifndef MT_WIRE_CODES_H
#define MT_WIRE_CODES_H
/* The numbers of the protocols and their words, one row each, used in both directions: reports, traces and case files say
 * `unknown_ca`, the wire says 48. Names are those of the IANA TLS registries (and GB/T 38636 for TLCP). */
#include "base/mem.h"
#include "base/writer.h"

typedef struct mt_code {
    const char *name;
    unsigned code;
} mt_code;

typedef struct mt_codes {
    const char *what; /* "alert", "signature scheme" */
    const mt_code *rows;
    size_t len;
} mt_codes;

extern const mt_codes mt_alerts, mt_messages, mt_extensions, mt_groups, mt_schemes, mt_suites, mt_versions, mt_record_types,
    mt_certificate_types;

/* mt_code_name returns the word of `code`, or NULL. */
const char *mt_code_name(const mt_codes *table, unsigned code);
/* mt_code_find looks `name` up; a plain number ("0x1234", "51") is also accepted. */
MT_MUST_CHECK bool mt_code_find(const mt_codes *table, const char *name, unsigned *code);
/* mt_code_write appends "unknown_ca(48)"; without a word "(231)". */
void mt_code_write(const mt_codes *table, unsigned code, mt_writer *out);
/* mt_field_codes returns the table whose words the field or the list called `name` takes ("scheme", "suites", "alert"), or NULL. */
const mt_codes *mt_field_codes(const char *name);

/* Record types (RFC 8446 5.1). */
enum { MT_CHANGE_CIPHER_SPEC = 20, MT_ALERT = 21, MT_HANDSHAKE = 22, MT_APPLICATION_DATA = 23 };
/* Versions on the wire. */
enum { MT_TLCP = 0x0101, MT_TLS12 = 0x0303, MT_TLS13 = 0x0304 };
/* Handshake messages (RFC 8446 4, RFC 5246 7.4). */
enum {
    MT_HELLO_REQUEST = 0, MT_CLIENT_HELLO = 1, MT_SERVER_HELLO = 2, MT_NEW_SESSION_TICKET = 4, MT_ENCRYPTED_EXTENSIONS = 8,
    MT_CERTIFICATE = 11, MT_SERVER_KEY_EXCHANGE = 12, MT_CERTIFICATE_REQUEST = 13, MT_SERVER_HELLO_DONE = 14,
    MT_CERTIFICATE_VERIFY = 15, MT_CLIENT_KEY_EXCHANGE = 16, MT_FINISHED = 20, MT_CERTIFICATE_STATUS = 22, MT_KEY_UPDATE = 24,
    MT_MESSAGE_HASH = 254
};
enum {
    MT_ALERT_CLOSE_NOTIFY = 0, MT_ALERT_UNEXPECTED_MESSAGE = 10, MT_ALERT_BAD_RECORD_MAC = 20, MT_ALERT_RECORD_OVERFLOW = 22,
    MT_ALERT_HANDSHAKE_FAILURE = 40, MT_ALERT_BAD_CERTIFICATE = 42, MT_ALERT_UNSUPPORTED_CERTIFICATE = 43,
    MT_ALERT_CERTIFICATE_REVOKED = 44, MT_ALERT_CERTIFICATE_EXPIRED = 45, MT_ALERT_CERTIFICATE_UNKNOWN = 46,
    MT_ALERT_ILLEGAL_PARAMETER = 47, MT_ALERT_UNKNOWN_CA = 48, MT_ALERT_ACCESS_DENIED = 49, MT_ALERT_DECODE_ERROR = 50,
    MT_ALERT_DECRYPT_ERROR = 51, MT_ALERT_PROTOCOL_VERSION = 70, MT_ALERT_INSUFFICIENT_SECURITY = 71,
    MT_ALERT_INTERNAL_ERROR = 80, MT_ALERT_USER_CANCELED = 90, MT_ALERT_NO_RENEGOTIATION = 100,
    MT_ALERT_MISSING_EXTENSION = 109, MT_ALERT_UNSUPPORTED_EXTENSION = 110, MT_ALERT_UNRECOGNIZED_NAME = 112,
    MT_ALERT_CERTIFICATE_REQUIRED = 116, MT_ALERT_NO_APPLICATION_PROTOCOL = 120
};
#endif
