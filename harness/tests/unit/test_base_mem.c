// SPDX-License-Identifier: Apache-2.0
#include "base/env.h"
#include "base/mem.h"
#include "base/span.h"

#include "suite.h"

static const size_t sizes[] = {0, 1, 7, 8, 100, 16 * 1024, 16 * 1024 + 1, 1 << 20};

START_TEST(an_arena_gives_zeroed_aligned_memory)
{
    mt_arena *a = mt_arena_new();
    for (int turn = 0; turn < 3; turn++) {
        unsigned char *p = mt_arena_alloc(a, sizes[_i]);
        ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
        size_t dirty = 0;
        for (size_t i = 0; i < sizes[_i]; i++)
            dirty += p[i] != 0;
        ck_assert_uint_eq(dirty, 0);
        memset(p, 0xff, sizes[_i]);
    }
    mt_arena_free(a);
}
END_TEST

START_TEST(an_arena_keeps_what_it_gave)
{
    enum { N = 3000 };
    mt_arena *a = mt_arena_new();
    const char *texts[N];
    for (int i = 0; i < N; i++)
        texts[i] = mt_arena_printf(a, "text number %d", i);
    ck_assert_str_eq(texts[0], "text number 0");
    ck_assert_str_eq(texts[1234], "text number 1234");
    ck_assert_str_eq(texts[N - 1], "text number 2999");
    mt_arena_free(a);
    mt_arena_free(NULL);
}
END_TEST

START_TEST(copies_are_copies)
{
    mt_arena *a = mt_arena_new();
    char text[] = "abc";
    char *copy = mt_arena_strdup(a, text), *bytes = mt_arena_copy(a, text, 2);
    text[0] = 'X';
    ck_assert_str_eq(copy, "abc");
    ck_assert_str_eq(bytes, "ab"); /* a copy ends with a zero that is not counted */
    ck_assert_ptr_null(mt_arena_strdup(a, NULL));
    ck_assert_ptr_nonnull(mt_arena_copy(a, NULL, 0));
    mt_arena_free(a);
}
END_TEST

START_TEST(an_array_grows_one_by_one)
{
    int *at = NULL;
    size_t len = 0, cap = 0;
    for (int i = 0; i < 1000; i++) {
        MT_GROW(at, len, cap);
        at[len++] = i;
    }
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(at[i], i);
    mt_free(at);
}
END_TEST

START_TEST(an_overflowing_array_dies)
{
    mt_free(mt_realloc(NULL, SIZE_MAX / 2, 4));
}
END_TEST

START_TEST(an_overflowing_arena_dies)
{
    mt_arena *a = mt_arena_new();
    mt_arena_alloc(a, SIZE_MAX - 4);
    mt_arena_free(a);
}
END_TEST

START_TEST(dying_ends_with_three)
{
    mt_die("the test asked for %s", "it");
}
END_TEST

static const struct {
    const char *text;
    size_t n;
    const char *first, *rest;
} splits[] = {{"abc", 0, "", "abc"}, {"abc", 2, "ab", "c"}, {"abc", 3, "abc", ""}, {"abc", 99, "abc", ""}, {"", 1, "", ""}};

START_TEST(a_span_splits_within_its_end)
{
    mt_span s = mt_span_text(splits[_i].text);
    ck_assert(mt_span_equal(mt_span_first(s, splits[_i].n), mt_span_text(splits[_i].first)));
    ck_assert(mt_span_equal(mt_span_skip(s, splits[_i].n), mt_span_text(splits[_i].rest)));
}
END_TEST

START_TEST(spans_differ_by_length_or_bytes)
{
    ck_assert(mt_span_equal((mt_span){0}, mt_span_text("")));
    ck_assert(!mt_span_equal(mt_span_text("ab"), mt_span_text("abc")));
    ck_assert(!mt_span_equal(mt_span_text("ab"), mt_span_text("ac")));
}
END_TEST

START_TEST(the_clock_does_not_go_back)
{
    mt_clock clock = mt_clock_system();
    uint64_t before = clock.now_us(clock.self);
    for (int i = 0; i < 1000; i++) {
        uint64_t now = clock.now_us(clock.self);
        ck_assert_uint_ge(now, before);
        before = now;
    }
}
END_TEST

START_TEST(the_time_is_written_in_iso_8601)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    char text[20];
    mt_clock_text(text);
    ck_assert_uint_eq(strlen(text), strlen(form));
    for (size_t i = 0; form[i] != 0; i++)
        ck_assert(form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i]);
}
END_TEST

static const suite_row tests[] = {
    {&an_arena_gives_zeroed_aligned_memory, MT_COUNT(sizes), 0},
    {&an_arena_keeps_what_it_gave, 0, 0},
    {&copies_are_copies, 0, 0},
    {&an_array_grows_one_by_one, 0, 0},
    {&an_overflowing_array_dies, 0, 3},
    {&an_overflowing_arena_dies, 0, 3},
    {&dying_ends_with_three, 0, 3},
    {&a_span_splits_within_its_end, MT_COUNT(splits), 0},
    {&spans_differ_by_length_or_bytes, 0, 0},
    {&the_clock_does_not_go_back, 0, 0},
    {&the_time_is_written_in_iso_8601, 0, 0},
};

int main(void)
{
    return suite_run("base mem", tests, MT_COUNT(tests));
}
