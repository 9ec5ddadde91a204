// SPDX-License-Identifier: Apache-2.0
#ifndef MT_MSG_EXTENSION_ROWS_H
#define MT_MSG_EXTENSION_ROWS_H
/* The writers and readers of the extensions, for the table in extension.c. One file each. */
#include "msg/extension.h"

#define MT_EXTENSION_PAIR(name) \
    void mt_write_##name(const mt_extension_set *s, mt_carrier in, mt_writer *w); \
    void mt_read_##name(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
MT_EXTENSION_PAIR(server_name);
MT_EXTENSION_PAIR(flag); /* no content: extended_master_secret */
MT_EXTENSION_PAIR(renegotiation_info);
MT_EXTENSION_PAIR(supported_groups);
MT_EXTENSION_PAIR(point_formats);
MT_EXTENSION_PAIR(alpn);
MT_EXTENSION_PAIR(schemes);
MT_EXTENSION_PAIR(schemes_cert);
MT_EXTENSION_PAIR(supported_versions);
MT_EXTENSION_PAIR(cookie);
MT_EXTENSION_PAIR(key_share);
MT_EXTENSION_PAIR(authorities);
MT_EXTENSION_PAIR(session_ticket);
#undef MT_EXTENSION_PAIR
#endif
