// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"
#include "engine/way.h"

/* What Finished may be computed with in the place of the suite's hash (`finished hash HASH`). */
static const struct {
    mt_way way;
    mt_hash_id hash;
} hashes[] = {{{"sha256", "SHA-256, as in most suites"}, MT_SHA256},
              {{"sha384", "SHA-384"}, MT_SHA384},
              {{"sm3", "SM3, as in the suites of SM2"}, MT_SM3}};

const mt_way *mt_finished_hash_at(size_t i)
{
    return i < MT_COUNT(hashes) ? &hashes[i].way : NULL;
}

static mt_hash_id hash_to_write(mt_engine *e)
{
    const mt_edit *edit = mt_edit_of(e, "finished", 1, MT_EDIT_HASH);
    if (edit == NULL)
        return e->suite->hash;
    if (hashes[edit->number].hash == e->suite->hash)
        e->info.edit_missed = edit->text;
    return hashes[edit->number].hash;
}

void mt_write_finished_row(mt_engine *e, mt_msg *m)
{
    mt_digest data = e->protocol->verify_data(e, e->c.role, hash_to_write(e));
    m->as.finished = mt_span_of(mt_arena_copy(e->arena, data.at, data.len), data.len);
}

static bool is_over(const mt_engine *e, mt_span finished, mt_hash_id hash)
{
    mt_digest data = e->protocol->verify_data(e, mt_peer_role(e), hash);
    return mt_span_equal(finished, mt_digest_span(&data));
}

void mt_read_finished_row(mt_engine *e, const mt_msg *m)
{
    bool ok = is_over(e, m->as.finished, e->suite->hash) || mt_has_fault(e, MT_SKIP_FINISHED) ||
              (mt_has_fault(e, MT_ACCEPT_OTHER_FINISHED_HASH) && is_over(e, m->as.finished, MT_SHA256));
    if (!ok)
        mt_fail(e, MT_ALERT_DECRYPT_ERROR, "the peer's Finished is over another handshake than ours");
}
