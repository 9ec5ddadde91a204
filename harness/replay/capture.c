// SPDX-License-Identifier: Apache-2.0
#include "replay/inner.h"

#include <jansson.h>

void mt_capture_free(mt_capture *c)
{
    for (size_t i = 0; i < c->len; i++)
        mt_free(c->rows[i].chunks);
    mt_free(c->rows);
    mt_arena_free(c->arena);
    *c = (mt_capture){0};
}

mt_connection *mt_capture_add(mt_capture *c, const char *name)
{
    MT_GROW(c->rows, c->len, c->cap);
    c->rows[c->len] = (mt_connection){.name = mt_arena_strdup(c->arena, name)};
    return &c->rows[c->len++];
}

void mt_capture_chunk(mt_connection *to, mt_chunk chunk)
{
    MT_GROW(to->chunks, to->len, to->cap);
    to->chunks[to->len++] = chunk;
}

/* ---- JSON lines ---- */

static bool take_hex(const char *hex, mt_capture *c, mt_chunk *out)
{
    mt_writer bytes = {0};
    bool ok = mt_write_from_hex(&bytes, hex) && bytes.len != 0;
    if (ok)
        out->bytes = mt_span_of(mt_arena_copy(c->arena, bytes.at, bytes.len), bytes.len);
    mt_writer_free(&bytes);
    return ok;
}

/* Says what is wrong, or NULL. */
static const char *take_object(const json_t *o, mt_capture *c)
{
    mt_chunk chunk = {0};
    const char *dir = json_string_value(json_object_get(o, "dir")), *hex = json_string_value(json_object_get(o, "hex"));
    if (dir == NULL || (strcmp(dir, "c2s") != 0 && strcmp(dir, "s2c") != 0))
        return "has no \"dir\" of \"c2s\" or \"s2c\"";
    chunk.server = strcmp(dir, "s2c") == 0;
    chunk.ended = json_is_true(json_object_get(o, "eof"));
    if (!chunk.ended && (hex == NULL || !take_hex(hex, c, &chunk)))
        return "has no \"hex\" of at least one whole byte, and no \"eof\": true";
    mt_capture_chunk(&c->rows[0], chunk);
    return NULL;
}

static bool take_line(mt_span line, mt_capture *c, mt_place place, mt_diag *d)
{
    json_error_t error;
    json_t *o = json_loadb((const char *)line.at, line.len, JSON_REJECT_DUPLICATES, &error);
    const char *wrong = o != NULL ? take_object(o, c) : error.text;
    if (wrong != NULL) {
        place.column = o == NULL && error.column > 0 ? error.column : 0;
        mt_diag_add(d, place, "%s", wrong);
    }
    json_decref(o);
    return wrong == NULL;
}

static bool is_blank(mt_span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (memchr(" \t\r", line.at[i], 3) == NULL)
            return false;
    return true;
}

static bool parse_json(mt_span text, const char *name, mt_capture *c, mt_diag *d)
{
    mt_capture_add(c, name);
    for (int number = 1; text.len != 0; number++) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        mt_span line = mt_span_first(text, end != NULL ? (size_t)(end - text.at) : text.len);
        if (!is_blank(line) && !take_line(line, c, (mt_place){name, number, 0}, d))
            return false;
        text = mt_span_skip(text, line.len + 1);
    }
    return true;
}

bool mt_capture_parse(mt_span bytes, const char *name, mt_capture *out, mt_diag *d)
{
    *out = (mt_capture){.arena = mt_arena_new()};
    if (mt_is_pcap(bytes))
        return mt_pcap_parse(bytes, name, out, d);
    if (bytes.len == 0 || bytes.at[0] != '{') {
        mt_diag_add(d, (mt_place){name, 0, 0}, "is neither a pcap nor a transcript of JSON lines {\"dir\": \"c2s\", \"hex\": \"...\"}");
        return false;
    }
    return parse_json(bytes, name, out, d);
}
