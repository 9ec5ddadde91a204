// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ENGINE_SESSION_H
#define MT_ENGINE_SESSION_H
/* What a later connection needs to go on where one left off, and the memory of a server for it. A client keeps the same in its
 * jar, as "<step>.session". */
#include "engine/engine.h"

enum { MT_SESSION_ID = 32, MT_SESSIONS_MAX = 256 /* ids that a server remembers; the oldest goes first */ };

typedef struct mt_session {
    mt_span id;     /* empty: the server gave none */
    mt_span ticket; /* of a client; empty: the server gave none */
    uint16_t suite;
    mt_span master;
    mt_span sni;          /* that the client asked for; empty: none */
    const mt_span *chain; /* of a server: what the client presented and proved to be its own; none: a stranger */
    size_t chain_len;
} mt_session;

void mt_session_write(const mt_session *s, mt_writer *out);
/* mt_session_read views `bytes`; the list of the chain is in the arena. */
MT_MUST_CHECK bool mt_session_read(mt_span bytes, mt_arena *arena, mt_session *out);

void mt_sessions_keep(mt_sessions *all, const mt_session *s); /* under its id */
void mt_sessions_forget(mt_sessions *all, mt_span id);
/* mt_sessions_find views what mt_session_write wrote, until the next call of keep or forget. */
bool mt_sessions_find(const mt_sessions *all, mt_span id, mt_span *out);

/* A ticket is the written session, encrypted and authenticated under keys that live as long as the memory does (the form is
 * that of RFC 5077 4 without a key's name). mt_sessions_seal is false for a session too long for a ticket. mt_sessions_open
 * appends the session; with `unchecked` whatever the ticket decrypts to. */
MT_MUST_CHECK bool mt_sessions_seal(const mt_sessions *all, const mt_session *s, mt_writer *ticket);
MT_MUST_CHECK bool mt_sessions_open(const mt_sessions *all, mt_span ticket, bool unchecked, mt_writer *out);
#endif
