// SPDX-License-Identifier: Apache-2.0
#include "msg/extension_rows.h"

/* RFC 8446 4.2.8: a list from the client, one share from the server, only a group in HelloRetryRequest. */
static void write_share(mt_writer *w, const mt_key_share *k)
{
    mt_write_uint(w, k->group, 2);
    mt_write_vec(w, 2, k->share);
}

void mt_write_key_share(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    if (in == MT_IN_RETRY_REQUEST) {
        mt_write_uint(w, s->shares.at[0].group, 2);
        return;
    }
    if (in == MT_IN_SERVER_HELLO) {
        write_share(w, &s->shares.at[0]);
        return;
    }
    mt_mark list = mt_open_vec(w, 2);
    for (size_t i = 0; i < s->shares.len; i++)
        write_share(w, &s->shares.at[i]);
    mt_close_vec(w, list);
}

static mt_key_share read_share(mt_reader *r, bool group_only)
{
    mt_key_share k = {.group = (uint16_t)mt_read_uint(r, "group", 2)};
    if (!group_only)
        k.share = mt_read_vec(r, "share", 2).rest;
    return k;
}

void mt_read_key_share(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    mt_key_share *at = MT_ARENA_ARRAY(a, mt_key_share, r->rest.len / 4 + 1);
    out->shares = (mt_key_shares){at, 1};
    if (in != MT_IN_CLIENT_HELLO) {
        at[0] = read_share(r, in == MT_IN_RETRY_REQUEST);
        return;
    }
    mt_reader list = mt_read_vec(r, "list", 2);
    size_t n = 0;
    while (mt_read_next(&list))
        at[n++] = read_share(&list, false);
    out->shares.len = n;
}
