// SPDX-License-Identifier: Apache-2.0
#include "base/writer.h"

#include "suite.h"

static void check_hex(const mt_writer *w, const char *hex)
{
    mt_writer text = {0};
    mt_write_hex(&text, mt_written(w));
    ck_assert_str_eq(mt_writer_text(&text), hex);
    mt_writer_free(&text);
}

static const struct {
    uint64_t value;
    unsigned width;
    const char *hex;
} numbers[] = {
    {0, 0, ""}, {0, 1, "00"}, {255, 1, "ff"}, {0x0102, 2, "0102"}, {0x0102, 4, "00000102"}, {0xffffff, 3, "ffffff"},
    {UINT64_MAX, 8, "ffffffffffffffff"},
};

START_TEST(writes_a_number)
{
    mt_writer w = {0};
    mt_write_uint(&w, numbers[_i].value, numbers[_i].width);
    check_hex(&w, numbers[_i].hex);
    mt_writer_free(&w);
}
END_TEST

static const struct {
    uint64_t value;
    unsigned width;
} too_big[] = {{1, 0}, {256, 1}, {1 << 16, 2}, {1 << 24, 3}, {UINT64_C(1) << 32, 4}};

START_TEST(a_number_that_does_not_fit_dies)
{
    mt_writer w = {0};
    mt_write_uint(&w, too_big[_i].value, too_big[_i].width);
    mt_writer_free(&w);
}
END_TEST

START_TEST(closing_writes_the_lengths)
{
    mt_writer w = {0};
    mt_write_uint(&w, 0xaa, 1);
    mt_mark outer = mt_open_vec(&w, 2);
    mt_mark inner = mt_open_vec(&w, 1);
    mt_write_bytes(&w, mt_span_text("xyz"));
    mt_close_vec(&w, inner);
    mt_close_vec(&w, mt_open_vec(&w, 3));
    mt_close_vec(&w, outer);
    mt_write_vec(&w, 1, mt_span_text("q"));
    check_hex(&w, "aa" "0007" "0378797a" "000000" "0171");
    mt_writer_free(&w);
}
END_TEST

START_TEST(a_vector_over_its_width_dies)
{
    mt_writer w = {0};
    mt_mark mark = mt_open_vec(&w, 1);
    mt_write_room(&w, 256);
    mt_close_vec(&w, mark);
    mt_writer_free(&w);
}
END_TEST

START_TEST(a_vector_of_its_whole_width_fits)
{
    mt_writer w = {0};
    mt_mark mark = mt_open_vec(&w, 1);
    mt_write_room(&w, 255);
    mt_close_vec(&w, mark);
    ck_assert_uint_eq(w.len, 256);
    ck_assert_uint_eq(w.at[0], 255);
    mt_writer_free(&w);
}
END_TEST

static const struct {
    const char *before;
    size_t at, old;
    const char *with, *after;
} splices[] = {
    {"abcdef", 0, 0, "X", "Xabcdef"},    {"abcdef", 6, 0, "X", "abcdefX"}, {"abcdef", 2, 2, "", "abef"},
    {"abcdef", 2, 2, "XY", "abXYef"},    {"abcdef", 1, 4, "-", "a-f"},     {"abcdef", 0, 6, "", ""},
    {"abcdef", 3, 1, "12345", "abc12345ef"}, {"", 0, 0, "", ""},           {"", 0, 0, "new", "new"},
};

START_TEST(splices_in_place)
{
    mt_writer w = {0};
    mt_writef(&w, "%s", splices[_i].before);
    mt_writer_splice(&w, splices[_i].at, splices[_i].old, mt_span_text(splices[_i].with));
    ck_assert_str_eq(mt_writer_text(&w), splices[_i].after);
    mt_writer_free(&w);
}
END_TEST

static const struct {
    size_t at, old;
} outside[] = {{4, 0}, {0, 4}, {2, 2}, {3, 1}, {SIZE_MAX, 0}, {1, SIZE_MAX}};

START_TEST(a_splice_outside_dies)
{
    mt_writer w = {0};
    mt_writef(&w, "abc");
    mt_writer_splice(&w, outside[_i].at, outside[_i].old, mt_span_text("x"));
    mt_writer_free(&w);
}
END_TEST

static const struct {
    size_t n;
    const char *left;
} drops[] = {{0, "abc"}, {1, "bc"}, {3, ""}, {99, ""}};

START_TEST(drops_from_the_front)
{
    mt_writer w = {0};
    mt_writef(&w, "abc");
    mt_writer_drop(&w, drops[_i].n);
    ck_assert_str_eq(mt_writer_text(&w), drops[_i].left);
    mt_writer_free(&w);
}
END_TEST

START_TEST(grows_and_keeps_its_bytes)
{
    mt_writer w = {0};
    for (uint64_t i = 0; i < 5000; i++)
        mt_write_uint(&w, i, 3);
    ck_assert_uint_eq(w.len, 15000);
    ck_assert_mem_eq(w.at + 3 * 4660, "\x00\x12\x34", 3);
    mt_writer_clear(&w);
    ck_assert_uint_eq(mt_written(&w).len, 0);
    ck_assert_uint_eq(mt_write_room(&w, 4)[2], 0); /* room is zeroed even where bytes stood before */
    mt_writer_free(&w);
    ck_assert_ptr_null(w.at);
}
END_TEST

START_TEST(an_overflowing_size_dies)
{
    mt_writer w = {0};
    mt_write_uint(&w, 1, 1);
    mt_write_room(&w, SIZE_MAX - 1);
    mt_writer_free(&w);
}
END_TEST

static const struct {
    const char *hex, *bytes; /* bytes NULL: not hexadecimal */
} hexes[] = {
    {"", ""}, {"00ff", "00ff"}, {"DEad be\n\tef", "deadbeef"}, {"0 1 02", "0102"}, {"0", NULL}, {"001", NULL}, {"0g", NULL},
    {"00 zz", NULL}, {"0x00", NULL},
};

START_TEST(reads_hexadecimal_or_nothing)
{
    mt_writer w = {0};
    mt_write_uint(&w, 0x55, 1);
    bool ok = mt_write_from_hex(&w, hexes[_i].hex);
    ck_assert_int_eq(ok, hexes[_i].bytes != NULL);
    mt_writer_drop(&w, 1);
    check_hex(&w, ok ? hexes[_i].bytes : "");
    mt_writer_free(&w);
}
END_TEST

START_TEST(formats_text_of_any_length)
{
    mt_writer w = {0};
    mt_writef(&w, "%d-", 7);
    mt_writef(&w, "%0300d", 1);
    ck_assert_uint_eq(strlen(mt_writer_text(&w)), 302);
    ck_assert_str_eq(mt_writer_text(&w) + 300, "01");
    mt_writer_free(&w);
}
END_TEST

static const suite_row tests[] = {
    {&writes_a_number, MT_COUNT(numbers), 0},
    {&a_number_that_does_not_fit_dies, MT_COUNT(too_big), 3},
    {&closing_writes_the_lengths, 0, 0},
    {&a_vector_over_its_width_dies, 0, 3},
    {&a_vector_of_its_whole_width_fits, 0, 0},
    {&splices_in_place, MT_COUNT(splices), 0},
    {&a_splice_outside_dies, MT_COUNT(outside), 3},
    {&drops_from_the_front, MT_COUNT(drops), 0},
    {&grows_and_keeps_its_bytes, 0, 0},
    {&an_overflowing_size_dies, 0, 3},
    {&reads_hexadecimal_or_nothing, MT_COUNT(hexes), 0},
    {&formats_text_of_any_length, 0, 0},
};

int main(void)
{
    return suite_run("base writer", tests, MT_COUNT(tests));
}
