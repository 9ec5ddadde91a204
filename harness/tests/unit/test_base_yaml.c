// SPDX-License-Identifier: Apache-2.0
#include "suite.h"
#include "yaml_schema.h"

#include <stdio.h>

typedef struct reading {
    mt_arena *arena;
    mt_diag *d;
    small_file file;
    bool ok;
} reading;

static reading read_bytes(const char *name, mt_span bytes)
{
    reading r = {.arena = mt_arena_new(), .d = mt_diag_new()};
    mt_yaml_walk w = {mt_yaml_parse(name, bytes, r.arena, r.d), r.arena, r.d, NULL};
    r.ok = w.file != NULL && mt_yaml_read(&w, &small_schema, &r.file);
    return r;
}

static void end_reading(reading *r)
{
    mt_arena_free(r->arena);
    mt_diag_free(r->d);
}

static const small_case *one_case(const reading *r)
{
    ck_assert_msg(r->ok, "%s", mt_diag_text(r->d));
    ck_assert_uint_ge(r->file.cases.len, 1);
    return r->file.cases.rows;
}

/* ---- what is good ---- */

START_TEST(types_every_value_by_its_key)
{
    reading r = read_bytes("good.yaml", mt_span_text("format: 1\ncases:\n"
        "  - {id: no, title: '', level: should, alone: true, padding: 0x10, tags: [on, 1.3], over: [tls1.3, no], twin: {a: [b]}}\n"
        "  - id: second\n    tags: only\n    over: tls1.2\n    limits: {from: -5}\n    shout: here!\n    x-anything: {goes: here}\n"
        "named:\n  low: {from: 0}\n  high: {from: 16}\n"));
    const small_case *c = one_case(&r);
    ck_assert_str_eq(c->id, "no");
    ck_assert_str_eq(c->title, "");
    ck_assert_int_eq(c->level, 2);
    ck_assert(c->alone);
    ck_assert_int_eq(c->padding, 16);
    ck_assert_uint_eq(c->tags.len, 2);
    ck_assert_str_eq(c->tags.rows[0], "on");
    ck_assert_str_eq(c->tags.rows[1], "1.3");
    ck_assert_uint_eq(c->over, 1u << 1 | 1u << 2);
    ck_assert_str_eq(mt_yaml_get(c->twin, "a")->entries[0].value->text, "b");
    ck_assert_ptr_null(c->limits);
    ck_assert_uint_eq(c[1].tags.len, 1);
    ck_assert_uint_eq(c[1].over, 1);
    ck_assert_int_eq(c[1].limits->from, -5);
    ck_assert_str_eq(c[1].shout, "here!");
    const small_limits *named = r.file.named.rows;
    ck_assert_uint_eq(r.file.named.len, 2);
    ck_assert_str_eq(named[1].head.name->text, "high");
    ck_assert_int_eq(named[1].from, 16);
    end_reading(&r);
}
END_TEST

START_TEST(every_value_knows_its_place)
{
    reading r = read_bytes("good.yaml", mt_span_text("format: 1\r\ncases:\r\n  - id: a\r\n"
        "    title: \xc3\xa9 \xe2\x82\xac\r\n    twin: {\xc3\xbc: x}\r\n"));
    const small_case *c = one_case(&r);
    ck_assert_int_eq(c->head.node->line, 3);
    ck_assert_int_eq(c->head.node->column, 5);
    const mt_yaml *inner = c->twin->entries[0].value;
    ck_assert_int_eq(inner->line, 5);
    ck_assert_int_eq(inner->column, 15);
    end_reading(&r);
}
END_TEST

START_TEST(block_texts_keep_their_lines)
{
    reading r = read_bytes("good.yaml", mt_span_text("format: 1\ncases:\n  - id: a\n    title: |\n      one\n      two\n"));
    ck_assert_str_eq(one_case(&r)->title, "one\ntwo\n");
    end_reading(&r);
}
END_TEST

/* ---- what is not ---- */

static const char *const broken[] = {
    "01-unclosed-quote", "02-quote-until-next", "03-tab", "04-unknown-keys", "05-values", "06-duplicate", "07-alias",
    "08-two-documents", "09-not-utf8", "10-too-deep", "11-no-format", "12-tag",
};

static void read_file(const char *name, const char *ending, mt_writer *out)
{
    char path[512];
    snprintf(path, sizeof path, "%s/vectors/yaml/%s%s", MT_TEST_DATA, name, ending);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    uint8_t *room = mt_write_room(out, 8192);
    out->len = fread(room, 1, 8192, f);
    fclose(f);
}

START_TEST(says_what_is_wrong_and_where)
{
    mt_writer source = {0}, expected = {0};
    char name[64];
    read_file(broken[_i], ".yaml", &source);
    read_file(broken[_i], ".txt", &expected);
    snprintf(name, sizeof name, "%s.yaml", broken[_i]);
    reading r = read_bytes(name, mt_written(&source));
    ck_assert(!r.ok);
    ck_assert_str_eq(mt_diag_text(r.d), mt_writer_text(&expected));
    mt_writer_free(&source);
    mt_writer_free(&expected);
    end_reading(&r);
}
END_TEST

static const struct {
    const char *about, *bytes;
    size_t len;
    const char *error;
} characters[] = {
    {"overlong slash", "a: \xc0\xaf", 5, "x:1:4: error: byte 0xc0 is not UTF-8"},
    {"overlong in three bytes", "a: \xe0\x80\xaf", 6, "x:1:4: error: byte 0xe0 is not UTF-8"},
    {"surrogate", "a: \xed\xa0\x80", 6, "x:1:4: error: byte 0xed is not UTF-8"},
    {"past the last character", "a: \xf4\x90\x80\x80", 7, "x:1:4: error: byte 0xf4 is not UTF-8"},
    {"cut off", "a: \xe2\x82", 5, "x:1:4: error: byte 0xe2 is not UTF-8"},
    {"zero", "a: \0b", 5, "x:1:4: error: character U+0000 is not allowed"},
    {"escape", "a\n\x1b", 3, "x:2:1: error: character U+001B is not allowed"},
    {"lone carriage return", "a: b\rc", 6, "x:1:5: error: character U+000D is not allowed"},
    {"line separator", "a: \xe2\x80\xa8", 6, "x:1:4: error: character U+2028 is not allowed"},
    {"zero by escape", "a: \"\\0\"", 7, "x:1:4: error: a zero character inside a text"},
    {"nothing", "", 0, "x:1:1: error: an empty file"},
};

START_TEST(refuses_characters)
{
    reading r = read_bytes("x", mt_span_of(characters[_i].bytes, characters[_i].len));
    ck_assert_msg(!r.ok, "%s", characters[_i].about);
    ck_assert_uint_eq(mt_diag_count(r.d), 1);
    const char *text = mt_diag_text(r.d);
    ck_assert_msg(strncmp(text, characters[_i].error, strlen(characters[_i].error)) == 0, "%s: %s", characters[_i].about, text);
    end_reading(&r);
}
END_TEST

START_TEST(refuses_a_file_that_is_too_large)
{
    char *big = mt_alloc(MT_YAML_FILE_MAX + 1);
    memset(big, '#', MT_YAML_FILE_MAX + 1);
    reading r = read_bytes("big", mt_span_of(big, MT_YAML_FILE_MAX + 1));
    ck_assert_str_eq(mt_diag_text(r.d), "big: error: larger than 1 MiB\n");
    end_reading(&r);
    mt_free(big);
}
END_TEST

START_TEST(refuses_what_cannot_be_read)
{
    static const char *const paths[] = {"/nowhere/at/all.yaml", "/"};
    mt_arena *arena = mt_arena_new();
    mt_diag *d = mt_diag_new();
    ck_assert_ptr_null(mt_yaml_load(paths[_i], arena, d));
    ck_assert_uint_eq(mt_diag_count(d), 1);
    ck_assert_ptr_nonnull(strstr(mt_diag_text(d), "cannot be read: "));
    mt_arena_free(arena);
    mt_diag_free(d);
}
END_TEST

START_TEST(describes_every_key)
{
    mt_writer page = {0};
    mt_yaml_reference(&small_schema, &page);
    for (size_t i = 0; i < MT_COUNT(small_case_keys); i++)
        ck_assert_ptr_nonnull(strstr(mt_writer_text(&page), small_case_keys[i].key));
    ck_assert_ptr_nonnull(strstr(mt_writer_text(&page), "needed; its name"));
    mt_writer_free(&page);
}
END_TEST

static const suite_row tests[] = {
    {&types_every_value_by_its_key, 0, 0},
    {&every_value_knows_its_place, 0, 0},
    {&block_texts_keep_their_lines, 0, 0},
    {&says_what_is_wrong_and_where, MT_COUNT(broken), 0},
    {&refuses_characters, MT_COUNT(characters), 0},
    {&refuses_a_file_that_is_too_large, 0, 0},
    {&refuses_what_cannot_be_read, 2, 0},
    {&describes_every_key, 0, 0},
};

int main(void)
{
    return suite_run("base yaml", tests, MT_COUNT(tests));
}
