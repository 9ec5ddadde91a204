// SPDX-License-Identifier: Apache-2.0
#include "report/text.h"

enum { ESC = 0x1b, BEL = 0x07, BAD = -1 };

typedef struct character {
    int32_t code; /* BAD: the first byte is no UTF-8 */
    size_t len;
} character;

/* Ranges of characters that are written as \uXXXX. */
typedef struct range {
    int32_t first, last;
} range;

/* XML 1.0 Char; surrogates do not come out of the decoder. */
static const range not_xml[] = {{0x00, 0x08}, {0x0b, 0x0c}, {0x0e, 0x1f}, {0xfffe, 0xffff}};
/* C0, DEL, C1, and what reorders or breaks lines. */
static const range not_screen[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x200e, 0x200f}, {0x2028, 0x202e},
                                   {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xfffe, 0xffff}};

static const struct form {
    const range *hidden;
    size_t hidden_len;
    bool drops_ansi, one_line, for_screen;
} forms[MT_TEXT_FORMS] = {
    [MT_TEXT_JSON] = {NULL, 0, false, false, false},
    [MT_TEXT_XML] = {not_xml, MT_COUNT(not_xml), true, false, false},
    [MT_TEXT_XML_LINE] = {not_xml, MT_COUNT(not_xml), true, true, false},
    [MT_TEXT_SCREEN] = {not_screen, MT_COUNT(not_screen), false, false, true},
};

/* By the count of leading ones: the bits of the first byte that count, and the least code that needs this length. */
static const struct {
    uint8_t lead, mask;
    int32_t least;
} lengths[] = {{0xc0, 0x1f, 0x80}, {0xe0, 0x0f, 0x800}, {0xf0, 0x07, 0x10000}};

static character decode_long(const uint8_t *at, size_t extra)
{
    int32_t code = at[0] & lengths[extra - 1].mask;
    for (size_t i = 1; i <= extra; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return (character){BAD, 1};
        code = code << 6 | (at[i] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < lengths[extra - 1].least || code > 0x10ffff || surrogate)
        return (character){BAD, 1};
    return (character){code, extra + 1};
}

/* The text ends in a zero byte, which is no continuation: nothing is read past it. */
static character decode(const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    if (at[0] < 0x80)
        return (character){at[0], 1};
    for (size_t extra = MT_COUNT(lengths); extra > 0; extra--) {
        uint8_t ones = (uint8_t)(lengths[extra - 1].lead | lengths[extra - 1].lead >> 1);
        if ((at[0] & ones) == lengths[extra - 1].lead)
            return decode_long(at, extra);
    }
    return (character){BAD, 1};
}

static size_t span_between(const char *at, char first, char last)
{
    size_t n = 0;
    while (at[n] >= first && at[n] <= last)
        n++;
    return n;
}

/* Of a control sequence from its parameters on (ECMA-48 5.4); 0: it has no end. */
static size_t csi_length(const char *at)
{
    size_t n = span_between(at, 0x30, 0x3f);
    n += span_between(at + n, 0x20, 0x2f);
    return at[n] >= 0x40 && at[n] <= 0x7e ? n + 1 : 0;
}

/* Of a control string (title, clipboard, device) up to BEL or ESC \. */
static size_t string_length(const char *at)
{
    for (size_t n = 0; at[n] != 0; n++) {
        if (at[n] == BEL)
            return n + 1;
        if (at[n] == ESC && at[n + 1] == '\\')
            return n + 2;
    }
    return 0;
}

/* The length of the ANSI sequence at `at`, or 0 if there is none or it never ends. */
static size_t ansi_length(const char *at)
{
    bool c1 = at[0] == '\xc2' && at[1] == '\x9b';
    if (at[0] != ESC && !c1)
        return 0;
    size_t inner = 0, lead = 2;
    if (c1 || at[1] == '[') {
        inner = csi_length(at + lead);
    } else if (at[1] != 0 && strchr("]PX^_", at[1])) {
        inner = string_length(at + lead);
    } else {
        lead = 1 + span_between(at + 1, 0x20, 0x2f);
        inner = at[lead] >= 0x30 && at[lead] <= 0x7e;
    }
    return inner ? lead + inner : 0;
}

/* The length of a PEM block of a private key at `at`, up to its end line or, without one, all. */
static size_t private_key_length(const char *at)
{
    static const char begin[] = "-----BEGIN", key[] = "PRIVATE KEY", end[] = "-----END", dashes[] = "-----";
    if (strncmp(at, begin, sizeof begin - 1) != 0)
        return 0;
    const char *label = at + sizeof begin - 1;
    const char *closed = strstr(label, dashes), *found = strstr(label, key);
    if (!closed || !found || found > closed)
        return 0;
    const char *last = strstr(closed, end);
    const char *past = last ? strstr(last + sizeof end - 1, dashes) : NULL;
    return past ? (size_t)(past - at) + sizeof dashes - 1 : strlen(at);
}

static bool hidden_in(const struct form *form, int32_t code)
{
    for (size_t i = 0; i < form->hidden_len; i++) {
        if (code >= form->hidden[i].first && code <= form->hidden[i].last)
            return true;
    }
    return false;
}

static void write_character(mt_writer *out, const char *at, character c, const struct form *form)
{
    if (c.code == BAD)
        mt_writef(out, "\\x%02X", *(const uint8_t *)at);
    else if (form->one_line && (c.code == '\n' || c.code == '\r' || c.code == '\t'))
        mt_writef(out, " ");
    else if (hidden_in(form, c.code))
        mt_writef(out, "\\u%04X", (unsigned)c.code);
    else
        mt_write_bytes(out, mt_span_of(at, c.len));
}

/* How much is left out at `at`, with what stands for it. */
static size_t write_instead(mt_writer *out, const char *at, const struct form *form)
{
    size_t key = private_key_length(at);
    if (key) {
        mt_writef(out, "(private key removed)");
        return key;
    }
    if (form->drops_ansi)
        return ansi_length(at);
    /* And "##[" wherever it stands in a line. */
    if (form->for_screen && strncmp(at, "##[", 3) == 0) {
        mt_writef(out, "##\\u005B");
        return 3;
    }
    return 0;
}

/* GitHub's runner takes a line that starts with "::", also behind spaces, for a command. */
static const char *write_start(mt_writer *out, const char *text)
{
    size_t spaces = strspn(text, " ");
    if (strncmp(text + spaces, "::", 2) != 0)
        return text;
    mt_write_bytes(out, mt_span_of(text, spaces));
    mt_writef(out, "\\u003A:");
    return text + spaces + 2;
}

/* How many characters from `at` on are the same in every form. */
static size_t plain_length(const char *at)
{
    size_t n = 0;
    while (at[n] >= ' ' && at[n] <= '~' && at[n] != '-' && at[n] != '#')
        n++;
    return n;
}

/* Writes what the characters at `at` become and returns how many they were. */
static size_t write_next(mt_writer *out, const char *at, const struct form *form)
{
    size_t n = plain_length(at);
    if (n) {
        mt_write_bytes(out, mt_span_of(at, n));
        return n;
    }
    n = write_instead(out, at, form);
    if (n)
        return n;
    character c = decode(at);
    write_character(out, at, c, form);
    return c.len;
}

void mt_text_clean(mt_writer *out, const char *text, mt_text_form form)
{
    if (text && forms[form].for_screen)
        text = write_start(out, text);
    while (text && *text != 0)
        text += write_next(out, text, &forms[form]);
}

void mt_text_clip(mt_writer *out, size_t from, size_t max, const char *tail)
{
    if (out->len - from <= max)
        return;
    size_t room = max > strlen(tail) ? max - strlen(tail) : 0;
    while (room > 0 && (out->at[from + room] & 0xc0) == 0x80)
        room--;
    out->len = from + room;
    mt_writef(out, "%s", tail);
}

const char *mt_text_copy(mt_arena *arena, const char *text, mt_text_form form, size_t max)
{
    mt_writer w = {0};
    mt_text_clean(&w, text, form);
    if (max)
        mt_text_clip(&w, 0, max, "...");
    const char *copy = mt_arena_strdup(arena, mt_writer_text(&w));
    mt_writer_free(&w);
    return copy;
}
