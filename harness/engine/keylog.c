// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

/* One line of the NSS key log format: LABEL, client random, secret. */
void mt_keylog(mt_engine *e, const char *label, mt_span secret)
{
    if (e->c.keylog == NULL)
        return;
    mt_writer line = {0};
    mt_writef(&line, "%s ", label);
    mt_write_hex(&line, e->client_random);
    mt_writef(&line, " ");
    mt_write_hex(&line, secret);
    e->c.keylog(e->c.keylog_self, mt_writer_text(&line));
    mt_writer_free(&line);
}
