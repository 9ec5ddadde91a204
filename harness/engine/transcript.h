// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_TRANSCRIPT_H
#define MT_ENGINE_TRANSCRIPT_H
/* The handshake messages as they went over the wire, with their names. Its hash is kept running once the hash is known; it
 * can be asked for again without some of the messages (`certificate_verify transcript without ...`). */
#include "crypto/hash.h"
#include "wire/codes.h"

typedef struct mt_transcript mt_transcript;
mt_transcript *mt_transcript_new(void);
void mt_transcript_free(mt_transcript *t);
/* mt_transcript_use sets the hash, once. */
void mt_transcript_use(mt_transcript *t, mt_hash_id hash);
/* mt_transcript_add appends a whole message; `name` must outlive it, `server` says whose it is. */
void mt_transcript_add(mt_transcript *t, const char *name, bool server, mt_span whole);
/* mt_transcript_retry replaces all so far (the first ClientHello) by message_hash (RFC 8446 4.4.1). */
void mt_transcript_retry(mt_transcript *t);
mt_digest mt_transcript_hash(const mt_transcript *t);
/* mt_transcript_hash_by is the same by another hash than the transcript's. */
mt_digest mt_transcript_hash_by(const mt_transcript *t, mt_hash_id hash);
mt_hash_id mt_transcript_hash_id(const mt_transcript *t);
mt_span mt_transcript_bytes(const mt_transcript *t);
/* mt_transcript_without appends all bytes but those of the messages called `name` ("server.certificate_request"; without the
 * prefix: the client's). */
void mt_transcript_without(const mt_transcript *t, const char *name, mt_writer *out);
#endif
