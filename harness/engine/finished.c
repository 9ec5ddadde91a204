// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

void mt_write_finished_row(mt_engine *e, mt_msg *m)
{
    mt_digest data = e->protocol->verify_data(e, e->c.role);
    m->as.finished = mt_span_of(mt_arena_copy(e->arena, data.at, data.len), data.len);
}

void mt_read_finished_row(mt_engine *e, const mt_msg *m)
{
    mt_digest data = e->protocol->verify_data(e, mt_peer_role(e));
    bool ok = mt_span_equal(m->as.finished, mt_digest_span(&data));
    if (!ok && !mt_has_fault(e, MT_SKIP_FINISHED))
        mt_fail(e, MT_ALERT_DECRYPT_ERROR, "the peer's Finished is over another handshake than ours");
}
