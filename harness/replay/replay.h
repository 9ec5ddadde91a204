// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REPLAY_REPLAY_H
#define MT_REPLAY_REPLAY_H
/* A connection seen from outside: the bytes of both directions, and what is known of its keys. The observer frames, opens and
 * reads all that it can with the engine's own reader and crypto, and checks everything that can be recomputed. TLS 1.2, TLS 1.3
 * and TLCP. It does not follow early data, renegotiation or post-handshake authentication. */
#include "base/diag.h"
#include "base/writer.h"

/* ---- what is known ---- */

typedef struct mt_replay_keys mt_replay_keys;
mt_replay_keys *mt_replay_keys_new(void);
void mt_replay_keys_free(mt_replay_keys *k); /* NULL is legal */
/* mt_replay_keys_log adds the lines of a key log: LABEL, client random, secret (the format of NSS); # starts a comment. False: `d`
 * names the first line that is none. */
MT_MUST_CHECK bool mt_replay_keys_log(mt_replay_keys *k, mt_span text, const char *name, mt_diag *d);
/* mt_replay_keys_folder adds the PEM certificates and private keys of a folder's files; other files are passed over. The private key
 * of a TLCP server's encryption certificate opens the ECC suites; certificates serve as issuers. False: the folder cannot be
 * read, or holds neither. */
MT_MUST_CHECK bool mt_replay_keys_folder(mt_replay_keys *k, const char *folder, mt_diag *d);
/* mt_replay_file reads a whole file, at most 64 MiB. */
MT_MUST_CHECK bool mt_replay_file(const char *file, mt_writer *out, mt_diag *d);

/* ---- what is seen ---- */

typedef enum mt_replay_check {
    MT_REPLAY_FORM,         /* a record's header; a message that reads to its end */
    MT_REPLAY_CERTIFICATE,  /* the signature of a certificate, where an issuer of that name is at hand */
    MT_REPLAY_KEY_EXCHANGE, /* the signature of ServerKeyExchange */
    MT_REPLAY_PREMASTER,    /* TLCP ECC: ClientKeyExchange decrypts to 48 bytes that begin with the version */
    MT_REPLAY_MASTER,       /* the master secret made of it is that of the key log */
    MT_REPLAY_VERIFY,       /* the signature of CertificateVerify */
    MT_REPLAY_FINISHED,
    MT_REPLAY_RECORD,       /* the MAC or tag of a record */
    MT_REPLAY_CHECKS
} mt_replay_check;
const char *mt_replay_check_name(mt_replay_check check);

typedef struct mt_replay_counts {
    unsigned made[MT_REPLAY_CHECKS], failed[MT_REPLAY_CHECKS];
    unsigned sealed; /* protected records without a key */
} mt_replay_counts;
unsigned mt_replay_made(const mt_replay_counts *c);
unsigned mt_replay_failed(const mt_replay_counts *c);

typedef enum mt_replay_kind {
    MT_REPLAY_SAW_RECORD,  /* every record as it comes: `type`, `len` of its body, `is_protected` */
    MT_REPLAY_SAW_MESSAGE, /* a handshake message: `what` is its name, `detail` its fields */
    MT_REPLAY_SAW_OTHER,   /* another record: change_cipher_spec, alert, application_data; `data`, or `detail` of a sealed one */
    MT_REPLAY_SAW_CHECK,   /* `what` was checked: `ok` or not; records only when they fail */
    MT_REPLAY_SAW_NOTE     /* what cannot be done, and why */
} mt_replay_kind;

typedef struct mt_replay_event {
    mt_replay_kind kind;
    bool server, is_protected, ok;
    uint8_t type;
    size_t len;
    const char *what, *detail; /* never NULL; all of an event is valid during the call only */
    mt_span data;
} mt_replay_event;

typedef struct mt_replay_sink {
    void (*see)(void *self, const mt_replay_event *e);
    void *self;
} mt_replay_sink;

typedef struct mt_replay mt_replay;
/* mt_replay_new borrows the keys for its life. */
mt_replay *mt_replay_new(const mt_replay_keys *k, mt_replay_sink sink);
void mt_replay_free(mt_replay *r); /* NULL is legal */
/* mt_replay_take is given the bytes in the order in which they were seen, cut anywhere. */
void mt_replay_take(mt_replay *r, bool server, mt_span bytes);
/* mt_replay_end: a direction has ended; half a record is a failure. */
void mt_replay_end(mt_replay *r, bool server);
const mt_replay_counts *mt_replay_counts_of(const mt_replay *r);
#endif
