// SPDX-License-Identifier: Apache-2.0
#include "msg/extension.h"

#include "msg/extension_rows.h"
#include "wire/codes.h"

enum {
    HELLOS = MT_IN_CLIENT_HELLO | MT_IN_SERVER_HELLO,
    NEGOTIATED = MT_IN_CLIENT_HELLO | MT_IN_SERVER_HELLO | MT_IN_ENCRYPTED_EXTENSIONS
};

/* In the order in which we write them. */
const mt_extension_row mt_extension_rows[] = {
    {MT_EXT_SERVER_NAME, NEGOTIATED, mt_write_server_name, mt_read_server_name},
    {MT_EXT_EXTENDED_MASTER_SECRET, HELLOS, mt_write_flag, mt_read_flag},
    {MT_EXT_RENEGOTIATION_INFO, HELLOS, mt_write_renegotiation_info, mt_read_renegotiation_info},
    {MT_EXT_SUPPORTED_GROUPS, MT_IN_CLIENT_HELLO | MT_IN_ENCRYPTED_EXTENSIONS, mt_write_supported_groups, mt_read_supported_groups},
    {MT_EXT_EC_POINT_FORMATS, HELLOS, mt_write_point_formats, mt_read_point_formats},
    {MT_EXT_ALPN, NEGOTIATED, mt_write_alpn, mt_read_alpn},
    {MT_EXT_SIGNATURE_ALGORITHMS, MT_IN_CLIENT_HELLO | MT_IN_CERTIFICATE_REQUEST, mt_write_schemes, mt_read_schemes},
    {MT_EXT_SIGNATURE_ALGORITHMS_CERT, MT_IN_CLIENT_HELLO | MT_IN_CERTIFICATE_REQUEST, mt_write_schemes_cert, mt_read_schemes_cert},
    {MT_EXT_SUPPORTED_VERSIONS, HELLOS | MT_IN_RETRY_REQUEST, mt_write_supported_versions, mt_read_supported_versions},
    {MT_EXT_COOKIE, MT_IN_CLIENT_HELLO | MT_IN_RETRY_REQUEST, mt_write_cookie, mt_read_cookie},
    {MT_EXT_KEY_SHARE, HELLOS | MT_IN_RETRY_REQUEST, mt_write_key_share, mt_read_key_share},
    {MT_EXT_CERTIFICATE_AUTHORITIES, MT_IN_CLIENT_HELLO | MT_IN_CERTIFICATE_REQUEST, mt_write_authorities, mt_read_authorities},
    {MT_EXT_SESSION_TICKET, HELLOS, mt_write_session_ticket, mt_read_session_ticket},
};
const size_t mt_extension_row_count = MT_COUNT(mt_extension_rows);

static int row_of(uint16_t code)
{
    for (size_t i = 0; i < mt_extension_row_count; i++)
        if (mt_extension_rows[i].code == code)
            return (int)i;
    return -1;
}

void mt_extension_add(mt_extension_set *s, uint16_t code)
{
    int row = row_of(code);
    if (row < 0)
        mt_die("no extension %u", code);
    s->present |= UINT64_C(1) << row;
}

bool mt_extension_has(const mt_extension_set *s, uint16_t code)
{
    int row = row_of(code);
    return row >= 0 && (s->present >> row & 1) != 0;
}

int mt_extension_forbidden(const mt_extension_set *s, mt_carrier in)
{
    for (size_t i = 0; i < s->codes.len; i++) {
        int row = row_of(s->codes.at[i]);
        if (row >= 0 && (mt_extension_rows[row].messages & in) == 0)
            return s->codes.at[i];
    }
    return -1;
}

void mt_msg_extensions_write(const mt_extension_set *s, mt_carrier in, mt_writer *w)
{
    mt_mark all = mt_open_vec(w, 2);
    for (size_t i = 0; i < mt_extension_row_count; i++) {
        if ((s->present >> i & 1) == 0)
            continue;
        mt_write_uint(w, mt_extension_rows[i].code, 2);
        mt_mark one = mt_open_vec(w, 2);
        mt_extension_rows[i].write(s, in, w);
        mt_close_vec(w, one);
    }
    mt_close_vec(w, all);
}

static void read_content(mt_reader *content, uint16_t code, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    int row = row_of(code);
    if (row < 0) {
        mt_read_rest(content, "data");
        return;
    }
    if ((out->present >> row & 1) != 0)
        mt_parse_fail(content->parse, "extension %u twice", code);
    /* Where it may not stand its form is unknown: the owner judges by `codes`. */
    if ((mt_extension_rows[row].messages & in) == 0) {
        mt_read_rest(content, "data");
        return;
    }
    out->present |= UINT64_C(1) << row;
    mt_extension_rows[row].read(content, in, a, out);
    mt_read_finish(content);
}

void mt_msg_extensions_read(mt_reader *r, mt_carrier in, mt_arena *a, mt_extension_set *out)
{
    mt_reader list = mt_read_vec(r, "extensions", 2);
    uint16_t *codes = MT_ARENA_ARRAY(a, uint16_t, list.rest.len / 4 + 1);
    size_t n = 0;
    while (mt_read_next(&list)) {
        uint16_t code = (uint16_t)mt_read_uint(&list, "type", 2);
        int index = list.index;
        list.index = -1; /* the content goes by its name alone: extensions.server_name */
        const char *name = mt_code_name(&mt_extensions, code);
        mt_reader content = mt_read_vec(&list, name ? name : "unknown", 2);
        list.index = index;
        read_content(&content, code, in, a, out);
        if (!list.parse->failed)
            codes[n++] = code;
    }
    out->codes = (mt_u16s){codes, n};
}

mt_u16s mt_u16s_read(mt_reader *list, mt_arena *a)
{
    uint16_t *at = MT_ARENA_ARRAY(a, uint16_t, list->rest.len / 2 + 1);
    size_t n = 0;
    while (mt_read_next(list))
        at[n++] = (uint16_t)mt_read_uint(list, NULL, 2);
    return (mt_u16s){at, n};
}

void mt_u16s_write(mt_writer *w, unsigned width, mt_u16s list)
{
    mt_mark vec = mt_open_vec(w, width);
    for (size_t i = 0; i < list.len; i++)
        mt_write_uint(w, list.at[i], 2);
    mt_close_vec(w, vec);
}

bool mt_u16s_has(mt_u16s list, uint16_t code)
{
    for (size_t i = 0; i < list.len; i++)
        if (list.at[i] == code)
            return true;
    return false;
}

mt_spans mt_spans_read(mt_reader *list, const char *name, unsigned width, mt_arena *a)
{
    mt_span *at = MT_ARENA_ARRAY(a, mt_span, list->rest.len / width + 1);
    size_t n = 0;
    while (mt_read_next(list))
        at[n++] = mt_read_vec(list, name, width).rest;
    return (mt_spans){at, n};
}

void mt_spans_write(mt_writer *w, unsigned width, mt_spans list)
{
    for (size_t i = 0; i < list.len; i++)
        mt_write_vec(w, width, list.at[i]);
}
