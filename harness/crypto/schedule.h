// SPDX-License-Identifier: Apache-2.0
#ifndef MT_CRYPTO_SCHEDULE_H
#define MT_CRYPTO_SCHEDULE_H
/* What follows from a secret alone, for whoever holds it: an end of the connection, or an observer with its key log. The
 * functions of TLS 1.2 (RFC 5246 6.3, 7.4.9) are those of TLCP too. */
#include "crypto/suite.h"

enum { MT_MASTER_LEN = 48 };

typedef struct mt_randoms {
    mt_span client, server;
} mt_randoms;

/* mt_schedule_master writes PRF(premaster, "master secret", both randoms), MT_MASTER_LEN bytes. */
void mt_schedule_master(mt_hash_id hash, mt_span premaster, mt_randoms r, uint8_t *master);
/* mt_schedule_block makes the protection of one direction out of the key_block. */
mt_protection *mt_schedule_block(const mt_suite *s, mt_span master, mt_randoms r, bool server_writes);
/* mt_schedule_verify_data is Finished of TLS 1.2: 12 bytes over the hash of the messages before it. */
mt_digest mt_schedule_verify_data(mt_hash_id hash, mt_span master, bool server, const mt_digest *messages);

/* TLS 1.3 (RFC 8446 7.3, 7.2, 4.4.4), from a traffic secret. */
mt_protection *mt_schedule_traffic(const mt_suite *s, mt_span secret);
mt_digest mt_schedule_next(mt_hash_id hash, mt_span secret); /* after key_update */
mt_digest mt_schedule_verify_data13(mt_hash_id hash, mt_span secret, const mt_digest *messages);
/* mt_schedule_signed13 appends what CertificateVerify signs (RFC 8446 4.4.3). */
void mt_schedule_signed13(bool server, const mt_digest *messages, mt_writer *out);
#endif
