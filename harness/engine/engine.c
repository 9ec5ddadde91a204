// SPDX-License-Identifier: Apache-2.0
#include "engine/resume.h"
#include "engine/state.h"

#include <stdio.h>

const mt_protocol *const mt_protocols[] = {&mt_tls13, &mt_tls12, &mt_tlcp};
const size_t mt_protocol_count = MT_COUNT(mt_protocols);

static void start(mt_engine *e)
{
    /* A server of several versions starts with the first: ClientHello, the first row of every flow, chooses. */
    const mt_protocol *p = mt_protocols[0];
    for (size_t i = 0; i < mt_protocol_count; i++)
        if (mt_protocols[i]->version == e->c.version)
            p = mt_protocols[i];
    mt_flow_start(e, p);
    mt_flow_write(e);
}

mt_engine *mt_engine_new(const mt_engine_config *c)
{
    mt_engine *e = mt_alloc(sizeof *e);
    e->c = *c;
    e->arena = mt_arena_new();
    e->transcript = mt_transcript_new();
    e->info.alert_received = e->info.alert_sent = -1;
    if (c->role == MT_CLIENT)
        e->identity = c->identity;
    start(e);
    return e;
}

static void free_writers(mt_engine *e)
{
    mt_writer *all[] = {&e->in, &e->messages, &e->out, &e->held, &e->received, &e->waiting, &e->premaster, &e->trace_detail};
    for (size_t i = 0; i < MT_COUNT(all); i++)
        mt_writer_free(all[i]);
}

void mt_engine_free(mt_engine *e)
{
    if (e == NULL)
        return;
    free_writers(e);
    for (size_t i = 0; i < e->exchanges_len; i++)
        mt_exchange_free(e->exchanges[i]);
    mt_set_reading(e, NULL);
    mt_set_writing(e, NULL);
    mt_key_free(e->peer_key);
    mt_key_free(e->peer_enc_key);
    mt_transcript_free(e->transcript);
    mt_free(e->turns);
    mt_free(e->trace);
    mt_arena_free(e->arena);
    mt_free(e);
}

static void end(mt_engine *e, mt_end how, int alert)
{
    if (mt_ended(e))
        return;
    if (alert >= 0 && e->c.quiet)
        mt_send_alert(e, 1, MT_ALERT_CLOSE_NOTIFY);
    else if (alert >= 0)
        mt_send_alert(e, 2, (uint8_t)alert);
    mt_session_broken(e);
    e->info.alert_sent = alert;
    e->info.end = how;
    e->info.phase = MT_PHASE_ENDED;
}

void mt_fail(mt_engine *e, int alert, const char *fmt, ...)
{
    if (mt_ended(e))
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->info.fault, sizeof e->info.fault, fmt, args);
    va_end(args);
    mt_trace_remark(e, '.', "fault", "%s", e->info.fault);
    end(e, MT_END_FAULT, alert);
}

void mt_refuse(mt_engine *e, uint8_t alert, const char *text)
{
    if (mt_ended(e))
        return;
    snprintf(e->info.fault, sizeof e->info.fault, "%s", text);
    mt_trace_remark(e, '.', "refused", "%s", text);
    end(e, MT_END_JUDGED, alert);
}

mt_span mt_keep(mt_engine *e, mt_writer *w)
{
    mt_span kept = mt_span_of(mt_arena_copy(e->arena, w->at, w->len), w->len);
    mt_writer_free(w);
    return kept;
}

void mt_engine_feed(mt_engine *e, mt_span in)
{
    if (mt_ended(e))
        return;
    mt_write_bytes(&e->in, in);
    mt_take_records(e);
}

void mt_engine_feed_end(mt_engine *e)
{
    if (mt_ended(e))
        return;
    e->info.end = MT_END_TRANSPORT;
    e->info.phase = MT_PHASE_ENDED;
}

mt_span mt_engine_output(const mt_engine *e)
{
    return mt_written(&e->out);
}

void mt_engine_sent(mt_engine *e, size_t n)
{
    mt_writer_drop(&e->out, n);
}

void mt_engine_write(mt_engine *e, mt_span plain)
{
    if (e->info.phase == MT_PHASE_OPEN)
        mt_send(e, MT_APPLICATION_DATA, plain, 0);
    else
        mt_write_bytes(&e->waiting, plain);
}

mt_span mt_engine_received(const mt_engine *e)
{
    return mt_written(&e->received);
}

void mt_engine_read(mt_engine *e, size_t n)
{
    mt_writer_drop(&e->received, n);
}

void mt_engine_close(mt_engine *e)
{
    if (!mt_ended(e))
        mt_send_alert(e, 1, MT_ALERT_CLOSE_NOTIFY);
}

const mt_engine_info *mt_engine_info_of(const mt_engine *e)
{
    return &e->info;
}
