// SPDX-License-Identifier: Apache-2.0
/* Reads the input as a capture and replays what it holds, with the keys of the recorded handshakes; the counts must be sound. */
#include "replay/capture.h"
#include "replay/replay.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const mt_replay_keys *keys(void)
{
    static mt_replay_keys *loaded;
    mt_diag *d = mt_diag_new();
    if (loaded == NULL) {
        loaded = mt_replay_keys_new();
        if (!mt_replay_keys_folder(loaded, MT_TEST_DATA "/vectors/sm2", d))
            mt_die("%s", mt_diag_text(d));
    }
    mt_diag_free(d);
    return loaded;
}

static void see(void *self, const mt_replay_event *e)
{
    size_t *seen = self;
    assert(e->what != NULL && e->detail != NULL);
    *seen += strlen(e->what) + strlen(e->detail) + e->data.len;
}

static void replay(const mt_connection *c)
{
    size_t seen = 0;
    mt_replay *r = mt_replay_new(keys(), (mt_replay_sink){see, &seen});
    for (size_t i = 0; i < c->len; i++) {
        mt_replay_take(r, c->chunks[i].server, c->chunks[i].bytes);
        if (c->chunks[i].ended)
            mt_replay_end(r, c->chunks[i].server);
    }
    const mt_replay_counts *counts = mt_replay_counts_of(r);
    for (int i = 0; i < MT_REPLAY_CHECKS; i++)
        assert(counts->failed[i] <= counts->made[i]);
    mt_replay_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mt_capture capture;
    mt_diag *d = mt_diag_new();
    bool ok = mt_capture_parse(mt_span_of(data, size), "input", &capture, d);
    assert(ok == (mt_diag_count(d) == 0));
    for (size_t i = 0; ok && i < capture.len; i++)
        replay(&capture.rows[i]);
    mt_capture_free(&capture);
    mt_diag_free(d);
    return 0;
}
