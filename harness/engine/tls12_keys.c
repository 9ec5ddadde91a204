// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

/* The keys of RFC 5246 6.3 and 8.1, with the extended master secret of RFC 7627. */

static mt_randoms randoms(const mt_engine *e)
{
    return (mt_randoms){e->client_random, e->server_random};
}

static mt_span master_of(const mt_engine *e)
{
    return mt_span_of(e->secrets.master, MT_MASTER_LEN);
}

void mt_tls12_master(mt_engine *e)
{
    mt_room master = {e->secrets.master, MT_MASTER_LEN};
    mt_span premaster = mt_written(&e->premaster);
    mt_digest session = mt_transcript_hash(e->transcript);
    if (e->extended_master_secret)
        mt_prf(e->suite->hash, premaster, "extended master secret", mt_digest_span(&session), master);
    else
        mt_schedule_master(e->suite->hash, premaster, randoms(e), e->secrets.master);
    mt_keylog(e, "CLIENT_RANDOM", master_of(e));
}

static void use(mt_engine *e, mt_role writer)
{
    mt_protection *p = mt_schedule_block(e->suite, master_of(e), randoms(e), writer == MT_SERVER);
    if (writer == e->c.role)
        mt_set_writing(e, p);
    else
        mt_set_reading(e, p);
}

void mt_tls12_client_keys(mt_engine *e)
{
    use(e, MT_CLIENT);
}

void mt_tls12_server_keys(mt_engine *e)
{
    use(e, MT_SERVER);
}

/* RFC 5246 7.4.9 */
mt_digest mt_tls12_verify_data(const mt_engine *e, mt_role who, mt_hash_id hash)
{
    mt_digest messages = mt_transcript_hash_by(e->transcript, hash);
    return mt_schedule_verify_data(hash, master_of(e), who == MT_SERVER, &messages);
}
