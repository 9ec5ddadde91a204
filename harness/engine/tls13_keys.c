// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

/* The key schedule of RFC 8446 7.1, without PSK. */

static mt_digest derive(const mt_engine *e, const mt_digest *secret, const char *label, mt_span hash)
{
    return mt_hkdf_expand_label(e->suite->hash, mt_digest_span(secret), label, hash, mt_hash_len(e->suite->hash));
}

/* Derive-Secret(., "derived", "") and the next HKDF-Extract. */
static void next_base(mt_engine *e, mt_span input)
{
    mt_digest nothing = mt_hash(e->suite->hash, (mt_span){0});
    mt_digest salt = derive(e, &e->secrets.base, "derived", mt_digest_span(&nothing));
    e->secrets.base = mt_hkdf_extract(e->suite->hash, mt_digest_span(&salt), input);
}

static void use(mt_engine *e, mt_role writer, const mt_digest *secret)
{
    if (writer == e->c.role)
        mt_set_writing(e, mt_schedule_traffic(e->suite, mt_digest_span(secret)));
    else
        mt_set_reading(e, mt_schedule_traffic(e->suite, mt_digest_span(secret)));
}

void mt_tls13_handshake_keys(mt_engine *e)
{
    static const uint8_t zeros[MT_HASH_MAX];
    mt_span none = mt_span_of(zeros, mt_hash_len(e->suite->hash));
    mt_digest hash = mt_transcript_hash(e->transcript);
    e->secrets.base = mt_hkdf_extract(e->suite->hash, none, none);
    next_base(e, mt_written(&e->premaster));
    e->secrets.handshake[MT_CLIENT] = derive(e, &e->secrets.base, "c hs traffic", mt_digest_span(&hash));
    e->secrets.handshake[MT_SERVER] = derive(e, &e->secrets.base, "s hs traffic", mt_digest_span(&hash));
    next_base(e, none);
    mt_keylog(e, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", mt_digest_span(&e->secrets.handshake[MT_CLIENT]));
    mt_keylog(e, "SERVER_HANDSHAKE_TRAFFIC_SECRET", mt_digest_span(&e->secrets.handshake[MT_SERVER]));
    use(e, MT_CLIENT, &e->secrets.handshake[MT_CLIENT]);
    use(e, MT_SERVER, &e->secrets.handshake[MT_SERVER]);
}

/* The server writes under its application keys at once, the client only after its own Finished. */
void mt_tls13_server_finished(mt_engine *e)
{
    mt_digest hash = mt_transcript_hash(e->transcript);
    e->secrets.traffic[MT_CLIENT] = derive(e, &e->secrets.base, "c ap traffic", mt_digest_span(&hash));
    e->secrets.traffic[MT_SERVER] = derive(e, &e->secrets.base, "s ap traffic", mt_digest_span(&hash));
    mt_keylog(e, "CLIENT_TRAFFIC_SECRET_0", mt_digest_span(&e->secrets.traffic[MT_CLIENT]));
    mt_keylog(e, "SERVER_TRAFFIC_SECRET_0", mt_digest_span(&e->secrets.traffic[MT_SERVER]));
    use(e, MT_SERVER, &e->secrets.traffic[MT_SERVER]);
}

void mt_tls13_client_finished(mt_engine *e)
{
    use(e, MT_CLIENT, &e->secrets.traffic[MT_CLIENT]);
}

void mt_tls13_update(mt_engine *e, mt_role who)
{
    e->secrets.traffic[who] = mt_schedule_next(e->suite->hash, mt_digest_span(&e->secrets.traffic[who]));
    use(e, who, &e->secrets.traffic[who]);
}

/* RFC 8446 4.4.4 */
mt_digest mt_tls13_verify_data(const mt_engine *e, mt_role who, mt_hash_id hash)
{
    mt_digest messages = mt_transcript_hash_by(e->transcript, hash);
    return mt_schedule_verify_data13(hash, mt_digest_span(&e->secrets.handshake[who]), &messages);
}
