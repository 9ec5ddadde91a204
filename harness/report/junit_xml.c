// SPDX-License-Identifier: Apache-2.0
#include "report/junit.h"

#include <libxml/xmlwriter.h>

typedef xmlTextWriter *xml;

/* libxml2 says no only when memory is out: every text was cleaned before. */
static void done(int result)
{
    if (result < 0)
        mt_die("out of memory for a JUnit report");
}

static const xmlChar *chars(const char *text)
{
    return (const xmlChar *)text;
}

static void open_element(xml x, const char *name)
{
    done(xmlTextWriterStartElement(x, chars(name)));
}

static void close_element(xml x)
{
    done(xmlTextWriterFullEndElement(x));
}

static void attribute(xml x, const char *name, const char *value)
{
    done(xmlTextWriterWriteAttribute(x, chars(name), chars(value)));
}

static void number(xml x, const char *name, size_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", value);
    attribute(x, name, digits);
}

/* Plain decimal with three places whatever the locale. */
static void seconds(xml x, uint64_t us)
{
    char digits[32];
    uint64_t ms = (us + 500) / 1000;
    snprintf(digits, sizeof digits, "%llu.%03llu", (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000));
    attribute(x, "time", digits);
}

static void text_element(xml x, const char *name, const char *text)
{
    done(xmlTextWriterWriteElement(x, chars(name), chars(text)));
}

static void property(xml x, const char *name, const char *value)
{
    open_element(x, "property");
    attribute(x, "name", name);
    attribute(x, "value", value);
    done(xmlTextWriterEndElement(x));
}

static void property_of(xml x, const char *name, const char *value)
{
    if (!value || *value == 0)
        return;
    mt_writer clean = {0};
    mt_text_clean(&clean, value, MT_TEXT_XML);
    property(x, name, mt_writer_text(&clean));
    mt_writer_free(&clean);
}

static void write_mark(xml x, const mt_junit_mark *mark)
{
    bool of_try = strcmp(mark->element, "failure") != 0 && strcmp(mark->element, "error") != 0 &&
                  strcmp(mark->element, "skipped") != 0;
    open_element(x, mark->element);
    attribute(x, "type", mark->type);
    attribute(x, "message", mark->message);
    if (of_try)
        text_element(x, "stackTrace", mark->text);
    else
        done(xmlTextWriterWriteString(x, chars(mark->text)));
    close_element(x);
}

static void extended_attributes(xml x, const mt_junit_case *c)
{
    if (c->file) {
        attribute(x, "file", c->file);
        number(x, "line", (size_t)c->line);
    }
    number(x, "assertions", c->assertions);
}

static void write_properties(xml x, const mt_junit_case *c)
{
    open_element(x, "properties");
    for (size_t i = 0; i < c->properties_len; i++)
        property(x, c->properties[i].name, c->properties[i].value);
    close_element(x);
}

static void write_case(xml x, const mt_junit *j, const mt_junit_suite *suite, const mt_junit_case *c)
{
    open_element(x, "testcase");
    attribute(x, "classname", suite->classname);
    attribute(x, "name", c->name);
    seconds(x, c->us);
    if (j->style == MT_JUNIT_EXTENDED) {
        extended_attributes(x, c);
        write_properties(x, c);
    }
    for (size_t i = 0; i < c->marks_len; i++)
        write_mark(x, &c->marks[i]);
    text_element(x, "system-out", c->out);
    close_element(x);
}

static void write_suite_properties(xml x, const mt_junit_suite *suite, const mt_summary *s)
{
    char warnings[24];
    snprintf(warnings, sizeof warnings, "%zu", suite->warnings);
    open_element(x, "properties");
    property_of(x, "tool", s->tool);
    property_of(x, "openssl", s->openssl);
    property_of(x, "target", s->target);
    property_of(x, "address", s->address);
    property_of(x, "policy", s->policy);
    property_of(x, "warning", s->warning);
    property_of(x, "survey", s->survey);
    property_of(x, "command", s->command);
    property_of(x, "sentence", s->sentence);
    property_of(x, "warnings", warnings);
    close_element(x);
}

static void write_suite(xml x, const mt_junit *j, const mt_junit_suite *suite, const mt_summary *s)
{
    open_element(x, "testsuite");
    attribute(x, "name", suite->name);
    number(x, "tests", suite->len);
    number(x, "failures", suite->failures);
    number(x, "errors", suite->errors);
    number(x, "skipped", suite->skipped);
    seconds(x, suite->us);
    attribute(x, "timestamp", s->started);
    attribute(x, "hostname", j->hostname);
    write_suite_properties(x, suite, s);
    for (size_t i = 0; i < suite->len; i++)
        write_case(x, j, suite, &suite->cases[i]);
    close_element(x);
}

static void write_root(xml x, const mt_junit *j, const mt_summary *s)
{
    size_t tests = 0, failures = 0, errors = 0;
    for (size_t i = 0; i < j->len; i++) {
        tests += j->suites[i].len;
        failures += j->suites[i].failures;
        errors += j->suites[i].errors;
    }
    open_element(x, "testsuites");
    attribute(x, "name", "mtlspec");
    number(x, "tests", tests);
    number(x, "failures", failures);
    number(x, "errors", errors);
    seconds(x, s->total_us);
}

void mt_junit_xml(const mt_junit *j, const mt_summary *s, mt_writer *out)
{
    xmlBuffer *buffer = xmlBufferCreate();
    if (buffer)
        xmlBufferSetAllocationScheme(buffer, XML_BUFFER_ALLOC_DOUBLEIT); /* else each write copies all */
    xml x = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    done(x ? 0 : -1);
    done(xmlTextWriterSetIndent(x, 1));
    done(xmlTextWriterStartDocument(x, NULL, "UTF-8", NULL));
    write_root(x, j, s);
    for (size_t i = 0; i < j->len; i++)
        write_suite(x, j, &j->suites[i], s);
    close_element(x);
    done(xmlTextWriterEndDocument(x));
    xmlFreeTextWriter(x);
    mt_write_bytes(out, mt_span_of(xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer)));
    mt_writef(out, "\n");
    xmlBufferFree(buffer);
}
