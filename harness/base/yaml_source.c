// SPDX-License-Identifier: Apache-2.0
#include "base/yaml_source.h"

enum { SHOWN_MAX = 160 };

/* utf8_length returns the bytes of the character at the start of `s` (RFC 3629 table 3-7: no overlong form, no surrogate),
 * or 0 if there is none. */
static size_t utf8_length(mt_span s, uint32_t *code)
{
    static const struct {
        uint8_t mask, lead;
        size_t len;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 1, 0}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};
    size_t form = 0;
    while (form < MT_COUNT(forms) && (s.at[0] & forms[form].mask) != forms[form].lead)
        form++;
    if (form == MT_COUNT(forms) || s.len < forms[form].len)
        return 0;
    uint32_t value = s.at[0] & (uint8_t)~forms[form].mask;
    for (size_t i = 1; i < forms[form].len; i++) {
        if ((s.at[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (s.at[i] & 0x3f);
    }
    *code = value;
    bool surrogate = value >= 0xd800 && value <= 0xdfff;
    return value >= forms[form].least && value <= 0x10ffff && !surrogate ? forms[form].len : 0;
}

/* Characters that YAML does not allow, and those that would count as line ends for libyaml but for no editor. */
static bool is_allowed(uint32_t code, mt_span s)
{
    static const struct {
        uint32_t from, to;
    } refused[] = {{0, 8}, {11, 12}, {14, 31}, {0x7f, 0x9f}, {0x2028, 0x2029}, {0xfeff, 0xfeff}, {0xfffe, 0xffff}};
    if (code == '\r')
        return s.len > 1 && s.at[1] == '\n';
    for (size_t i = 0; i < MT_COUNT(refused); i++)
        if (code >= refused[i].from && code <= refused[i].to)
            return false;
    return true;
}

static bool check_characters(const char *name, mt_span bytes, mt_diag *d)
{
    mt_place place = {name, 1, 1};
    while (bytes.len > 0) {
        uint32_t code = 0;
        size_t len = utf8_length(bytes, &code);
        if (len == 0) {
            mt_diag_add(d, place, "byte 0x%02x is not UTF-8", bytes.at[0]);
            return false;
        }
        if (!is_allowed(code, bytes)) {
            mt_diag_add(d, place, "character U+%04X is not allowed", (unsigned)code);
            return false;
        }
        place.line += code == '\n';
        place.column = code == '\n' ? 1 : place.column + 1;
        bytes = mt_span_skip(bytes, len);
    }
    return true;
}

static mt_span line_at(mt_span rest)
{
    const uint8_t *end = rest.len ? memchr(rest.at, '\n', rest.len) : NULL;
    return mt_span_first(rest, end ? (size_t)(end - rest.at) : rest.len);
}

static void cut_lines(mt_yaml_file *file, mt_span rest, mt_arena *arena)
{
    size_t n = 1;
    for (size_t i = 0; i < rest.len; i++)
        n += rest.at[i] == '\n';
    mt_span *lines = MT_ARENA_ARRAY(arena, mt_span, n);
    for (size_t i = 0; i < n; i++) {
        lines[i] = line_at(rest);
        rest = mt_span_skip(rest, lines[i].len + 1);
        if (lines[i].len > 0 && lines[i].at[lines[i].len - 1] == '\r')
            lines[i].len--;
    }
    file->lines = lines;
    file->lines_len = n;
}

mt_yaml_file *mt_yaml_source(const char *name, mt_span bytes, mt_arena *arena, mt_diag *d)
{
    mt_place place = {name, 0, 0};
    if (bytes.len > MT_YAML_FILE_MAX) {
        mt_diag_add(d, place, "larger than 1 MiB");
        return NULL;
    }
    if (!check_characters(name, bytes, d))
        return NULL;
    mt_yaml_file *file = MT_ARENA_NEW(arena, mt_yaml_file);
    file->name = mt_arena_strdup(arena, name);
    cut_lines(file, mt_span_of(mt_arena_copy(arena, bytes.at, bytes.len), bytes.len), arena);
    return file;
}

/* How many bytes the first `n` characters of a line take. */
static size_t bytes_of(mt_span line, size_t n)
{
    size_t at = 0;
    while (at < line.len && n > 0) {
        at++;
        while (at < line.len && (line.at[at] & 0xc0) == 0x80)
            at++;
        n--;
    }
    return at;
}

static void write_blank(mt_writer *w, mt_span before)
{
    for (size_t i = 0; i < before.len; i++)
        if ((before.at[i] & 0xc0) != 0x80)
            mt_writef(w, "%c", before.at[i] == '\t' ? '\t' : ' ');
}

void mt_yaml_caret(const mt_yaml_file *f, mt_place place, size_t width, const char *note, mt_diag *d)
{
    if (place.line < 1 || (size_t)place.line > f->lines_len)
        return;
    mt_span line = f->lines[place.line - 1];
    mt_span before = mt_span_first(line, bytes_of(line, (size_t)(place.column > 0 ? place.column - 1 : 0)));
    if (before.len >= SHOWN_MAX)
        return;
    mt_span shown = mt_span_first(line, bytes_of(line, SHOWN_MAX));
    mt_diag_hint(d, "%5d | %.*s", place.line, (int)shown.len, shown.len ? (const char *)shown.at : "");
    mt_writer under = {0};
    write_blank(&under, before);
    for (size_t i = 0; i < (width ? width : 1) && i < SHOWN_MAX; i++)
        mt_writef(&under, "^");
    mt_diag_hint(d, "      | %s%s%s", mt_writer_text(&under), note ? " " : "", note ? note : "");
    mt_writer_free(&under);
}
