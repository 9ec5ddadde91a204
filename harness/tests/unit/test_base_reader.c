// SPDX-License-Identifier: Apache-2.0
#include "base/reader.h"

#include "suite.h"

static mt_writer input;

static mt_reader start(mt_parse *p, const char *hex, bool map)
{
    mt_writer_clear(&input);
    ck_assert(mt_write_from_hex(&input, hex));
    return mt_parse_start(p, mt_written(&input), map);
}

static void finish(mt_parse *p)
{
    mt_parse_free(p);
    mt_writer_free(&input);
}

/* The message that these tests read: u8 kind, vec16 list of { u16 type, vec16 body }, vec8 id, the rest. */
static void read_message(mt_reader *r)
{
    mt_read_uint(r, "kind", 1);
    mt_reader list = mt_read_vec(r, "list", 2);
    while (mt_read_next(&list)) {
        mt_read_uint(&list, "type", 2);
        mt_reader body = mt_read_vec(&list, "body", 2);
        mt_read_rest(&body, "data");
    }
    mt_reader id = mt_read_vec(r, "id", 1);
    mt_read_rest(&id, NULL);
    mt_read_rest(r, "rest");
}

static const struct {
    const char *hex;
    unsigned width;
    uint64_t value;
} numbers[] = {
    {"", 0, 0},
    {"ff", 1, 0xff},
    {"0102", 2, 0x0102},
    {"fffefd", 3, 0xfffefd},
    {"80000000", 4, 0x80000000},
    {"0000000000000001", 8, 1},
    {"ffffffffffffffff", 8, UINT64_MAX},
};

START_TEST(reads_a_number)
{
    mt_parse p;
    mt_reader r = start(&p, numbers[_i].hex, false);
    ck_assert_uint_eq(mt_read_uint(&r, "n", numbers[_i].width), numbers[_i].value);
    ck_assert(mt_read_end(&r));
    finish(&p);
}
END_TEST

static const struct {
    const char *hex, *fault;
} faults[] = {
    {"", "kind wants 1, 0 left"},
    {"01", "list wants 2, 0 left"},
    {"01 00", "list wants 2, 1 left"},
    {"01 0004 aaaa", "list wants 4, 2 left"},
    {"01 0001 aa", "type wants 2, 1 left"},
    {"01 0003 0001 00", "body wants 2, 1 left"},
    {"01 0005 0001 0002 aa 00", "body wants 2, 1 left"}, /* the byte behind the list is not the element's */
    {"01 ffff", "list wants 65535, 0 left"},
    {"01 0000", "id wants 1, 0 left"},
    {"01 0000 02 aa", "id wants 2, 1 left"},
};

START_TEST(names_what_does_not_fit)
{
    mt_parse p;
    mt_reader r = start(&p, faults[_i].hex, _i % 2);
    read_message(&r);
    ck_assert(p.failed);
    ck_assert_str_eq(p.fault, faults[_i].fault);
    ck_assert(!mt_read_end(&r));
    finish(&p);
}
END_TEST

START_TEST(a_fault_sticks)
{
    mt_parse p;
    mt_reader r = start(&p, "ff ff ff", true);
    mt_reader list = mt_read_vec(&r, "list", 1);
    size_t rows = p.fields.len;
    ck_assert(!mt_read_next(&list));
    ck_assert_uint_eq(mt_read_uint(&r, "n", 1), 0);
    ck_assert_uint_eq(mt_read_bytes(&r, "bytes", 0).len, 0);
    ck_assert_uint_eq(mt_read_rest(&r, "rest").len, 0);
    ck_assert_uint_eq(mt_read_vec(&r, "vec", 1).rest.len, 0);
    mt_parse_fail(&p, "a later fault");
    ck_assert_str_eq(p.fault, "list wants 255, 2 left");
    ck_assert_uint_eq(p.fields.len, rows);
    finish(&p);
}
END_TEST

START_TEST(bytes_left_over_are_a_fault)
{
    mt_parse p;
    mt_reader r = start(&p, "01 02 03", false);
    mt_read_uint(&r, "n", 1);
    ck_assert(!mt_read_end(&r));
    ck_assert_str_eq(p.fault, "2 bytes too many");
    finish(&p);
}
END_TEST

START_TEST(an_inner_view_ends_with_its_vector)
{
    mt_parse p;
    mt_reader r = start(&p, "02 aabb cc", false);
    mt_reader inner = mt_read_vec(&r, "inner", 1);
    ck_assert_uint_eq(mt_read_uint(&inner, "n", 2), 0xaabb);
    ck_assert(mt_read_end(&inner));
    ck_assert_uint_eq(mt_read_uint(&inner, "more", 1), 0);
    ck_assert_str_eq(p.fault, "more wants 1, 0 left");
    finish(&p);
}
END_TEST

START_TEST(a_fault_of_the_caller_fails_the_parse)
{
    mt_parse p;
    mt_reader r = start(&p, "", false);
    mt_parse_fail(&p, "version %04x is unknown", 0x0305u);
    ck_assert(!mt_read_end(&r));
    ck_assert_str_eq(p.fault, "version 0305 is unknown");
    finish(&p);
}
END_TEST

START_TEST(a_long_fault_is_cut)
{
    mt_parse p;
    mt_reader r = start(&p, "", false);
    mt_parse_fail(&p, "%0500d", 7);
    ck_assert_uint_eq(strlen(p.fault), MT_FAULT_MAX - 1);
    ck_assert(!mt_read_end(&r));
    finish(&p);
}
END_TEST

typedef struct place {
    const char *path;
    size_t at, len;
    unsigned width;
    bool is_uint;
} place;

enum { PLACES_MAX = 12 };

static const struct {
    const char *hex;
    place places[PLACES_MAX];
} maps[] = {
    /* two elements, the second with an empty body */
    {"01 000a 0010 0002 aabb 0011 0000 01 cc dddd",
     {{"kind", 0, 1, 0, true}, {"list", 3, 10, 2, false}, {"list[0].type", 3, 2, 0, true}, {"list[0].body", 7, 2, 2, false},
      {"list[0].body.data", 7, 2, 0, false}, {"list[1].type", 9, 2, 0, true}, {"list[1].body", 13, 0, 2, false},
      {"list[1].body.data", 13, 0, 0, false}, {"id", 14, 1, 1, false}, {"rest", 15, 2, 0, false}}},
    /* everything empty: each field still lies right behind its own length */
    {"01 0000 00", {{"kind", 0, 1, 0, true}, {"list", 3, 0, 2, false}, {"id", 4, 0, 1, false}, {"rest", 4, 0, 0, false}}},
    {"01 0004 0010 0000 00",
     {{"list", 3, 4, 2, false}, {"list[0].body", 7, 0, 2, false}, {"list[0].body.data", 7, 0, 0, false}, {"id", 8, 0, 1, false}}},
};

static void check_place(const mt_parse *p, const place *want)
{
    int i = mt_field_find(&p->fields, want->path);
    ck_assert_msg(i >= 0, "no field %s", want->path);
    const mt_field *row = &p->fields.rows[i];
    ck_assert_msg(row->at == want->at && row->len == want->len, "%s lies at %zu+%zu", want->path, row->at, row->len);
    ck_assert_uint_eq(row->width, want->width);
    ck_assert_int_eq(row->is_uint, want->is_uint);
}

START_TEST(maps_every_field)
{
    mt_parse p;
    mt_reader r = start(&p, maps[_i].hex, true);
    read_message(&r);
    ck_assert_msg(mt_read_end(&r), "%s", p.fault);
    for (const place *want = maps[_i].places; want < maps[_i].places + PLACES_MAX && want->path; want++)
        check_place(&p, want);
    finish(&p);
}
END_TEST

START_TEST(finds_no_field_that_is_not_there)
{
    static const char *const missing[] = {"", "lis", "list[2].type", "list[0]", "body", "list[0].body.data.x", "type"};
    mt_parse p;
    mt_reader r = start(&p, maps[0].hex, true);
    read_message(&r);
    for (size_t i = 0; i < MT_COUNT(missing); i++)
        ck_assert_int_eq(mt_field_find(&p.fields, missing[i]), -1);
    finish(&p);
}
END_TEST

START_TEST(an_element_may_have_no_name)
{
    mt_parse p;
    mt_reader r = start(&p, "02 0a 0b", true);
    mt_reader list = mt_read_vec(&r, "suites", 1);
    while (mt_read_next(&list))
        mt_read_uint(&list, NULL, 1);
    ck_assert(mt_read_end(&list) && mt_read_end(&r));
    ck_assert_int_eq(mt_field_find(&p.fields, "suites[1]"), 2);
    ck_assert_uint_eq(p.fields.rows[2].at, 2);
    finish(&p);
}
END_TEST

START_TEST(without_a_map_there_are_no_rows)
{
    mt_parse p;
    mt_reader r = start(&p, maps[0].hex, false);
    read_message(&r);
    ck_assert(mt_read_end(&r));
    ck_assert_uint_eq(p.fields.len, 0);
    finish(&p);
}
END_TEST

static const suite_row tests[] = {
    {&reads_a_number, MT_COUNT(numbers), 0},
    {&names_what_does_not_fit, MT_COUNT(faults), 0},
    {&a_fault_sticks, 0, 0},
    {&bytes_left_over_are_a_fault, 0, 0},
    {&an_inner_view_ends_with_its_vector, 0, 0},
    {&a_fault_of_the_caller_fails_the_parse, 0, 0},
    {&a_long_fault_is_cut, 0, 0},
    {&maps_every_field, MT_COUNT(maps), 0},
    {&finds_no_field_that_is_not_there, 0, 0},
    {&an_element_may_have_no_name, 0, 0},
    {&without_a_map_there_are_no_rows, 0, 0},
};

int main(void)
{
    return suite_run("base reader", tests, MT_COUNT(tests));
}
