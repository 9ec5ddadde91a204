// SPDX-License-Identifier: Apache-2.0
#include "report/text.h"

#include "suite.h"

static const struct {
    const char *what, *in;
    mt_text_form form;
    const char *out;
} cleanings[] = {
    {"plain", "CN=good", MT_TEXT_JSON, "CN=good"},
    {"nothing", NULL, MT_TEXT_SCREEN, ""},
    {"two, three and four bytes stay", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x91", MT_TEXT_JSON, "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x91"},
    {"a byte that starts nothing", "a\xff\x80z", MT_TEXT_JSON, "a\\xFF\\x80z"},
    {"cut off in the middle", "\xe2\x82", MT_TEXT_XML, "\\xE2\\x82"},
    {"over-long", "\xc0\xaf\xe0\x80\xaf", MT_TEXT_XML, "\\xC0\\xAF\\xE0\\x80\\xAF"},
    {"surrogate", "\xed\xa0\x80", MT_TEXT_XML, "\\xED\\xA0\\x80"},
    {"past the last plane", "\xf4\x90\x80\x80", MT_TEXT_JSON, "\\xF4\\x90\\x80\\x80"},
    {"JSON keeps controls for its own escapes", "\x1b[31m\x01", MT_TEXT_JSON, "\x1b[31m\x01"},
    {"XML drops colours", "\x1b[1;31mred\x1b[0m", MT_TEXT_XML, "red"},
    {"XML drops a title set by BEL or ST", "a\x1b]0;t\x07" "b\x1b]8;;u\x1b\\c", MT_TEXT_XML, "abc"},
    {"XML drops one-byte CSI", "a\xc2\x9b" "31mb", MT_TEXT_XML, "ab"},
    {"XML drops charset and reset", "a\x1b(Bb\x1b" "cd", MT_TEXT_XML, "abd"},
    {"XML shows an escape that never ends", "a\x1b[31", MT_TEXT_XML, "a\\u001B[31"},
    {"XML shows a title that never ends", "\x1b]0;t", MT_TEXT_XML, "\\u001B]0;t"},
    {"XML shows what it may not hold", "\x01\x08\x0b\x0c\x1f \xef\xbf\xbe\xef\xbf\xbf", MT_TEXT_XML,
     "\\u0001\\u0008\\u000B\\u000C\\u001F \\uFFFE\\uFFFF"},
    {"XML keeps line ends and tabs", "a\r\n\tb", MT_TEXT_XML, "a\r\n\tb"},
    {"one XML line", "a\r\n\tb", MT_TEXT_XML_LINE, "a   b"},
    {"entities are the writer's work", "<&>\"]]>", MT_TEXT_XML, "<&>\"]]>"},
    {"screen shows every control", "\x1b[2J\r\n\t\x7f\xc2\x9b", MT_TEXT_SCREEN, "\\u001B[2J\\u000D\\u000A\\u0009\\u007F\\u009B"},
    {"screen shows what reorders", "\xe2\x80\xae\xe2\x81\xa6\xe2\x80\xa8\xef\xbb\xbf", MT_TEXT_SCREEN, "\\u202E\\u2066\\u2028\\uFEFF"},
    {"no command for GitHub at the start", "::error::x ::y", MT_TEXT_SCREEN, "\\u003A:error::x ::y"},
    {"nor behind spaces", "  ::stop-commands::t", MT_TEXT_SCREEN, "  \\u003A:stop-commands::t"},
    {"nor of the older form", "a ##[error]b", MT_TEXT_SCREEN, "a ##\\u005Berror]b"},
    {"a private key", "key -----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY----- end", MT_TEXT_JSON,
     "key (private key removed) end"},
    {"a private key without end", "-----BEGIN PRIVATE KEY-----\nMIGH", MT_TEXT_XML, "(private key removed)"},
    {"an encrypted one", "-----BEGIN ENCRYPTED PRIVATE KEY-----\\nMIG\\n-----END ENCRYPTED PRIVATE KEY-----", MT_TEXT_SCREEN,
     "(private key removed)"},
    {"a certificate stays", "-----BEGIN CERTIFICATE-----", MT_TEXT_JSON, "-----BEGIN CERTIFICATE-----"},
    {"a certificate before a key", "-----BEGIN CERTIFICATE----- -----BEGIN PRIVATE KEY-----", MT_TEXT_JSON,
     "-----BEGIN CERTIFICATE----- (private key removed)"},
};

START_TEST(text_is_made_harmless)
{
    mt_writer w = {0};
    mt_text_clean(&w, cleanings[_i].in, cleanings[_i].form);
    ck_assert_msg(strcmp(mt_writer_text(&w), cleanings[_i].out) == 0, "%s: %s", cleanings[_i].what, mt_writer_text(&w));
    mt_writer_free(&w);
}
END_TEST

/* Every pair of bytes: none leaves a control character for a screen. */
START_TEST(no_control_gets_through)
{
    mt_writer w = {0};
    for (unsigned first = 1; first < 256; first++) {
        for (unsigned second = 1; second < 256; second++) {
            char in[] = {'a', (char)first, (char)second, 'z', 0};
            mt_writer_clear(&w);
            mt_text_clean(&w, in, MT_TEXT_SCREEN);
            for (const char *at = mt_writer_text(&w); *at != 0; at++)
                ck_assert_msg((*at < 0 || *at >= ' ') && *at != 0x7f, "%02x %02x", first, second);
        }
    }
    mt_writer_free(&w);
}
END_TEST

static const struct {
    const char *in;
    size_t max;
    const char *out;
} clips[] = {
    {"short", 5, "short"},
    {"shorter", 6, "sho..."},
    {"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 8, "\xe2\x82\xac..."},
    {"abc", 2, "..."},
};

START_TEST(clipped_between_characters)
{
    mt_writer w = {0};
    mt_writef(&w, "before %s", clips[_i].in);
    mt_text_clip(&w, strlen("before "), clips[_i].max, "...");
    ck_assert_str_eq(mt_writer_text(&w) + strlen("before "), clips[_i].out);
    mt_writer_free(&w);
}
END_TEST

START_TEST(copy_is_cleaned_and_cut)
{
    mt_arena *arena = mt_arena_new();
    ck_assert_str_eq(mt_text_copy(arena, "a\x1b[0mb\ncdefgh", MT_TEXT_XML_LINE, 6), "ab ...");
    ck_assert_str_eq(mt_text_copy(arena, "whole", MT_TEXT_XML, 0), "whole");
    mt_arena_free(arena);
}
END_TEST

static const suite_row rows[] = {
    {&text_is_made_harmless, MT_COUNT(cleanings), 0},
    {&no_control_gets_through, 0, 0},
    {&clipped_between_characters, MT_COUNT(clips), 0},
    {&copy_is_cleaned_and_cut, 0, 0},
};

int main(void)
{
    return suite_run("report: text", rows, MT_COUNT(rows));
}
