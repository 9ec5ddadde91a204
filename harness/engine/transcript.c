// SPDX-License-Identifier: Apache-2.0
#include "engine/transcript.h"

typedef struct entry {
    const char *name;
    bool server;
    size_t at, len;
} entry;

struct mt_transcript {
    mt_writer bytes;
    entry *entries;
    size_t len, cap;
    mt_hash_id id;
    mt_running_hash *hash;
};

mt_transcript *mt_transcript_new(void)
{
    return mt_alloc(sizeof(mt_transcript));
}

void mt_transcript_free(mt_transcript *t)
{
    mt_writer_free(&t->bytes);
    mt_free(t->entries);
    if (t->hash != NULL)
        mt_running_hash_free(t->hash);
    mt_free(t);
}

static void start_hash(mt_transcript *t)
{
    if (t->hash != NULL)
        mt_running_hash_free(t->hash);
    t->hash = mt_running_hash_new(t->id);
    mt_running_hash_add(t->hash, mt_written(&t->bytes));
}

void mt_transcript_use(mt_transcript *t, mt_hash_id hash)
{
    if (t->id == hash)
        return;
    t->id = hash;
    start_hash(t);
}

void mt_transcript_add(mt_transcript *t, const char *name, bool server, mt_span whole)
{
    MT_GROW(t->entries, t->len, t->cap);
    t->entries[t->len++] = (entry){name, server, t->bytes.len, whole.len};
    mt_write_bytes(&t->bytes, whole);
    if (t->hash != NULL)
        mt_running_hash_add(t->hash, whole);
}

void mt_transcript_retry(mt_transcript *t)
{
    mt_digest first = mt_hash(t->id, mt_written(&t->bytes));
    mt_writer_clear(&t->bytes);
    t->len = 0;
    mt_write_uint(&t->bytes, MT_MESSAGE_HASH, 1);
    mt_write_vec(&t->bytes, 3, mt_digest_span(&first));
    MT_GROW(t->entries, t->len, t->cap);
    t->entries[t->len++] = (entry){"message_hash", false, 0, t->bytes.len};
    start_hash(t);
}

mt_digest mt_transcript_hash(const mt_transcript *t)
{
    return mt_running_hash_value(t->hash);
}

mt_digest mt_transcript_hash_by(const mt_transcript *t, mt_hash_id hash)
{
    return hash == t->id ? mt_transcript_hash(t) : mt_hash(hash, mt_written(&t->bytes));
}

mt_hash_id mt_transcript_hash_id(const mt_transcript *t)
{
    return t->id;
}

mt_span mt_transcript_bytes(const mt_transcript *t)
{
    return mt_written(&t->bytes);
}

static bool is_called(const entry *e, const char *name)
{
    static const char prefix[] = "server.";
    bool server = strncmp(name, prefix, sizeof prefix - 1) == 0;
    return e->server == server && strcmp(e->name, server ? name + sizeof prefix - 1 : name) == 0;
}

void mt_transcript_without(const mt_transcript *t, const char *name, mt_writer *out)
{
    for (size_t i = 0; i < t->len; i++)
        if (!is_called(&t->entries[i], name))
            mt_write_bytes(out, mt_span_of(t->bytes.at + t->entries[i].at, t->entries[i].len));
}
