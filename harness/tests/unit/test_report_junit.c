// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include "report_fixture.h"
#include "suite.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA MT_TEST_DATA "/../../reports/schema/junit.xsd"

static char path[] = "junit-XXXXXX";

static void *begin(mt_diag *d)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    mt_report_options o = {.path = path};
    void *self = mt_report_junit.open(&o, d);
    ck_assert_msg(self != NULL, "%s", mt_diag_text(d));
    mt_report_junit.begin(self, &fixture_summary);
    return self;
}

/* Ends the report, holds it to the schema and gives the document; the file is gone. */
static xmlDoc *end(void *self, mt_diag *d)
{
    ck_assert_msg(mt_report_junit.end(self, &fixture_summary, d), "%s", mt_diag_text(d));
    xmlDoc *doc = xmlReadFile(path, NULL, XML_PARSE_NONET);
    unlink(path);
    ck_assert_ptr_nonnull(doc);
    xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(SCHEMA);
    xmlSchema *schema = xmlSchemaParse(parser);
    xmlSchemaValidCtxt *valid = xmlSchemaNewValidCtxt(schema);
    ck_assert_int_eq(xmlSchemaValidateDoc(valid, doc), 0);
    xmlSchemaFreeValidCtxt(valid);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    return doc;
}

static double number_at(xmlDoc *doc, const char *expression)
{
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *found = xmlXPathEvalExpression((const xmlChar *)expression, context);
    ck_assert_msg(found != NULL, "%s", expression);
    double value = xmlXPathCastToNumber(found);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return value;
}

static void expect_number(xmlDoc *doc, const char *expression, double wanted)
{
    double value = number_at(doc, expression);
    ck_assert_msg(value >= wanted && value <= wanted, "%s is %f, not %f", expression, value, wanted);
}

static xmlDoc *report_of(const mt_result *results, size_t n)
{
    mt_diag *d = mt_diag_new();
    void *self = begin(d);
    for (size_t i = 0; i < n; i++)
        mt_report_junit.result(self, &results[i]);
    xmlDoc *doc = end(self, d);
    mt_diag_free(d);
    return doc;
}

START_TEST(counts_equal_the_elements)
{
    xmlDoc *doc = report_of(fixture_results, MT_COUNT(fixture_results));
    expect_number(doc, "/testsuites/@tests - count(//testcase)", 0);
    expect_number(doc, "/testsuites/@failures - count(//failure)", 0);
    expect_number(doc, "/testsuites/@errors - count(//error)", 0);
    expect_number(doc, "count(//testsuite[@tests != count(testcase)])", 0);
    expect_number(doc, "count(//testsuite[@failures != count(testcase/failure) or @errors != count(testcase/error)])", 0);
    expect_number(doc, "count(//testsuite[@skipped != count(testcase/skipped)])", 0);
    expect_number(doc, "count(//testcase)", MT_COUNT(fixture_results));
    expect_number(doc, "count(//failure)", (double)fixture_summary.counts[MT_FAIL]);
    expect_number(doc, "count(//error)", (double)(fixture_summary.counts[MT_ERROR] + fixture_summary.counts[MT_INCONCLUSIVE]));
    expect_number(doc, "count(//testcase[not(failure or error or skipped)])", (double)fixture_summary.counts[MT_PASS]);
    expect_number(doc, "string-length(//testsuite/@hostname) > 0", 1);
    xmlFreeDoc(doc);
}
END_TEST

START_TEST(no_result_is_an_empty_suite)
{
    xmlDoc *doc = report_of(NULL, 0);
    expect_number(doc, "count(/testsuites/testsuite[@tests = 0 and not(testcase)])", 1);
    xmlFreeDoc(doc);
}
END_TEST

START_TEST(a_suite_that_comes_again_is_one)
{
    const mt_result results[] = {
        {.id = "a/x", .suite = "a", .name = "x"}, {.id = "b/z", .suite = "b", .name = "z"}, {.id = "a/y", .suite = "a", .name = "y"}};
    xmlDoc *doc = report_of(results, MT_COUNT(results));
    expect_number(doc, "count(//testsuite)", 2);
    expect_number(doc, "count(//testsuite[@name = 'a']/testcase)", 2);
    xmlFreeDoc(doc);
}
END_TEST

static const struct {
    uint64_t us;
    const char *time;
} times[] = {{0, "0.000"}, {499, "0.000"}, {500, "0.001"}, {999499, "0.999"}, {999500, "1.000"}, {12345678000, "12345.678"}};

START_TEST(time_has_three_places)
{
    const mt_result r = {.id = "a/x", .suite = "a", .name = "x", .total_us = times[_i].us};
    char expression[64];
    snprintf(expression, sizeof expression, "count(//testcase[@time = '%s'])", times[_i].time);
    xmlDoc *doc = report_of(&r, 1);
    expect_number(doc, expression, 1);
    xmlFreeDoc(doc);
}
END_TEST

static const struct {
    mt_verdict verdict;
    const char *type, *written;
} types[] = {
    {MT_FAIL, "expectation.manner", "expectation.manner"},
    {MT_FAIL, NULL, "expectation.verdict"},
    {MT_FAIL, "yaml", "expectation.verdict"},
    {MT_FAIL, "Bad.Type", "expectation.verdict"},
    {MT_FAIL, "with space.x", "expectation.verdict"},
    {MT_ERROR, "infrastructure.timeout", "infrastructure.timeout"},
    {MT_ERROR, "float", "infrastructure.other"},
    {MT_INCONCLUSIVE, "", "inconclusive.other"},
    {MT_UNSUPPORTED, "unsupported", "unsupported"},
    {MT_UNSUPPORTED, "unsupported.identity", "unsupported.identity"},
    {MT_SKIPPED, "date", "skipped"},
    {MT_KNOWN, "known-deviation", "known-deviation"},
    {MT_KNOWN, NULL, "known-deviation"},
};

START_TEST(type_is_never_one_that_gitlab_casts)
{
    const mt_result r = {.id = "a/x", .suite = "a", .name = "x", .verdict = types[_i].verdict, .type = types[_i].type};
    char expression[96];
    snprintf(expression, sizeof expression, "count(//testcase/*[@type = '%s' and string-length(@message) > 0])", types[_i].written);
    xmlDoc *doc = report_of(&r, 1);
    expect_number(doc, expression, 1);
    xmlFreeDoc(doc);
}
END_TEST

enum { LONG = 40000, MANY = 1000 };

/* A result with a transcript of about 80 KiB and a megabyte in each text. */
static mt_result long_result(mt_verdict verdict, mt_step_result *step, mt_event *events, char *text)
{
    memset(text, '&', LONG);
    for (size_t i = 0; i < MANY; i++)
        events[i] = (mt_event){i, '>', "client_hello", "version=tls1.2 and sixty more characters of fields, for the sake of length"};
    *step = (mt_step_result){.expected = text, .sent = text, .observed = {.kind = MT_SERVED, .text = text}, .events = {events, MANY, MANY}};
    return (mt_result){.id = "a/x", .suite = "a", .name = "x", .verdict = verdict, .message = text, .likely = text, .by_hand = text,
                       .title = text, .steps = step, .steps_len = 1};
}

START_TEST(texts_are_capped)
{
    static mt_event events[MANY];
    static char text[LONG + 1];
    mt_step_result step;
    mt_result results[] = {long_result(MT_FAIL, &step, events, text), long_result(MT_PASS, &step, events, text)};
    results[1].name = "y";
    xmlDoc *doc = report_of(results, 2);
    expect_number(doc, "string-length(//failure/@message)", 200);
    ck_assert(number_at(doc, "string-length(//failure)") <= 16384 && number_at(doc, "string-length(//failure)") > 15000);
    ck_assert(number_at(doc, "string-length(//testcase[1]/system-out)") <= 32768);
    ck_assert(number_at(doc, "string-length(//testcase[1]/system-out)") > 30000);
    ck_assert(number_at(doc, "string-length(//testcase[2]/system-out)") <= 900);
    ck_assert(number_at(doc, "string-length(//testcase[2]/system-out)") > 800);
    xmlFreeDoc(doc);
}
END_TEST

START_TEST(the_file_stays_below_25_megabytes)
{
    static mt_event events[MANY];
    static char text[LONG + 1];
    static char names[MANY][16];
    mt_step_result step;
    mt_diag *d = mt_diag_new();
    void *self = begin(d);
    mt_result r = long_result(MT_FAIL, &step, events, text);
    memset(text, 'x', LONG);
    text[LONG / 16] = 0;
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "x%d", i);
        r.name = names[i];
        mt_report_junit.result(self, &r);
    }
    ck_assert(mt_report_junit.end(self, &fixture_summary, d));
    FILE *file = fopen(path, "r");
    unlink(path);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    ck_assert_int_lt(ftell(file), 25000000);
    ck_assert_int_gt(ftell(file), 16000000);
    fclose(file);
    mt_diag_free(d);
}
END_TEST

static const suite_row rows[] = {
    {&counts_equal_the_elements, 0, 0},
    {&no_result_is_an_empty_suite, 0, 0},
    {&a_suite_that_comes_again_is_one, 0, 0},
    {&time_has_three_places, MT_COUNT(times), 0},
    {&type_is_never_one_that_gitlab_casts, MT_COUNT(types), 0},
    {&texts_are_capped, 0, 0},
    {&the_file_stays_below_25_megabytes, 0, 0},
};

int main(void)
{
    int result = suite_run("report: JUnit", rows, MT_COUNT(rows));
    xmlCleanupParser();
    return result;
}
