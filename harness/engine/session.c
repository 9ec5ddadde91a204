// SPDX-License-Identifier: Apache-2.0
#include "engine/session.h"

#include "base/reader.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/schedule.h"
#include "msg/extension.h"

enum { NONCE = 16, KEY = 32, TAG = 32, TICKET_MAX = 0xffff };

typedef struct kept {
    mt_writer id, session;
} kept;

struct mt_sessions {
    kept rows[MT_SESSIONS_MAX];
    size_t next; /* where the next one goes, over the oldest */
    uint8_t cipher_key[KEY], tag_key[KEY];
};

/* ---- as bytes ---- */

void mt_session_write(const mt_session *s, mt_writer *out)
{
    mt_write_vec(out, 1, s->id);
    mt_write_uint(out, s->suite, 2);
    mt_write_vec(out, 1, s->master);
    mt_write_vec(out, 2, s->sni);
    mt_write_vec(out, 2, s->ticket);
    mt_mark chain = mt_open_vec(out, 4);
    mt_spans_write(out, 3, (mt_spans){s->chain, s->chain_len});
    mt_close_vec(out, chain);
}

bool mt_session_read(mt_span bytes, mt_arena *arena, mt_session *out)
{
    mt_parse p;
    mt_reader r = mt_parse_start(&p, bytes, false);
    *out = (mt_session){0};
    out->id = mt_read_vec(&r, "id", 1).rest;
    out->suite = (uint16_t)mt_read_uint(&r, "suite", 2);
    out->master = mt_read_vec(&r, "master", 1).rest;
    out->sni = mt_read_vec(&r, "sni", 2).rest;
    out->ticket = mt_read_vec(&r, "ticket", 2).rest;
    mt_reader chain = mt_read_vec(&r, "chain", 4);
    mt_spans list = mt_spans_read(&chain, "certificate", 3, arena);
    out->chain = list.at;
    out->chain_len = list.len;
    bool whole = mt_read_end(&r);
    mt_parse_free(&p);
    return whole && out->master.len == MT_MASTER_LEN;
}

/* ---- a server's memory ---- */

mt_sessions *mt_sessions_new(void)
{
    mt_sessions *all = mt_alloc(sizeof *all);
    mt_random_bytes(all->cipher_key, KEY);
    mt_random_bytes(all->tag_key, KEY);
    return all;
}

static void forget(kept *k)
{
    mt_writer_free(&k->id);
    mt_writer_free(&k->session);
}

void mt_sessions_free(mt_sessions *all)
{
    if (all == NULL)
        return;
    for (size_t i = 0; i < MT_SESSIONS_MAX; i++)
        forget(&all->rows[i]);
    mt_free(all);
}

static const kept *find(const mt_sessions *all, mt_span id)
{
    for (size_t i = 0; id.len != 0 && i < MT_SESSIONS_MAX; i++)
        if (mt_span_equal(mt_written(&all->rows[i].id), id))
            return &all->rows[i];
    return NULL;
}

void mt_sessions_forget(mt_sessions *all, mt_span id)
{
    const kept *k = find(all, id);
    if (k != NULL)
        forget(&all->rows[k - all->rows]);
}

void mt_sessions_keep(mt_sessions *all, const mt_session *s)
{
    mt_sessions_forget(all, s->id);
    kept *k = &all->rows[all->next];
    all->next = (all->next + 1) % MT_SESSIONS_MAX;
    forget(k);
    mt_write_bytes(&k->id, s->id);
    mt_session_write(s, &k->session);
}

bool mt_sessions_find(const mt_sessions *all, mt_span id, mt_span *out)
{
    const kept *k = find(all, id);
    if (k != NULL)
        *out = mt_written(&k->session);
    return k != NULL;
}

/* ---- tickets ---- */

/* The text under a key stream that the nonce makes; the same again gives it back. */
static void encrypt(const mt_sessions *all, mt_span nonce, mt_span text, mt_writer *out)
{
    mt_writer stream = {0};
    mt_room room = {mt_write_room(&stream, text.len), text.len};
    mt_prf(MT_SM3, mt_span_of(all->cipher_key, KEY), "session ticket", nonce, room);
    for (size_t i = 0; i < text.len; i++)
        stream.at[i] ^= text.at[i];
    mt_write_bytes(out, mt_written(&stream));
    mt_writer_free(&stream);
}

bool mt_sessions_seal(const mt_sessions *all, const mt_session *s, mt_writer *ticket)
{
    mt_writer plain = {0};
    uint8_t nonce[NONCE];
    mt_session_write(s, &plain);
    bool fits = plain.len <= TICKET_MAX - NONCE - TAG;
    if (fits) {
        mt_random_bytes(nonce, NONCE);
        mt_write_bytes(ticket, mt_span_of(nonce, NONCE));
        encrypt(all, mt_span_of(nonce, NONCE), mt_written(&plain), ticket);
        mt_digest tag = mt_hmac(MT_SM3, mt_span_of(all->tag_key, KEY), mt_written(ticket));
        mt_write_bytes(ticket, mt_digest_span(&tag));
    }
    mt_writer_free(&plain);
    return fits;
}

bool mt_sessions_open(const mt_sessions *all, mt_span ticket, bool unchecked, mt_writer *out)
{
    if (ticket.len < NONCE + TAG)
        return false;
    mt_span sealed = mt_span_first(ticket, ticket.len - TAG);
    mt_digest tag = mt_hmac(MT_SM3, mt_span_of(all->tag_key, KEY), sealed);
    if (!unchecked && !mt_span_equal(mt_digest_span(&tag), mt_span_skip(ticket, sealed.len)))
        return false;
    encrypt(all, mt_span_first(sealed, NONCE), mt_span_skip(sealed, NONCE), out);
    return true;
}
