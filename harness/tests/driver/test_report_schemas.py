# SPDX-License-Identifier: Apache-2.0
"""The schemas of the reports: the golden files are valid, and every line that one consumer or another rejects is invalid."""
import copy
import json
import re

import jsonschema
import junitparser
import pytest
from lxml import etree

PASSED = '<testcase classname="server.possession" name="wrong-key/tls1.3/ecc" time="0.999">'
SUITES = '<testsuites name="mtlspec"'
SUITE = '<testsuite name="server/possession"'
SKIPPED = '<skipped type="unsupported" message="the target does not offer ed25519">'
FAILURE = '<failure type="expectation.manner" message="refused without an alert (--strict)">'

# What one consumer or another rejects, one change at a time to a valid file: (what, old, new).
PLANTED = [
    ("properties in a testcase", PASSED, PASSED + '<properties><property name="a" value="b"/></properties>'),
    ("file on a testcase", PASSED, PASSED.replace(" time", ' file="cases/a.yaml" time')),
    ("line on a testcase", PASSED, PASSED.replace(" time", ' line="7" time')),
    ("assertions on a testcase", PASSED, PASSED.replace(" time", ' assertions="1" time')),
    ("package on a testcase", PASSED, PASSED.replace(" time", ' package="a" time')),
    ("status on a testcase", PASSED, PASSED.replace(" time", ' status="run" time')),
    ("testcase without a name", PASSED, PASSED.replace(' name="wrong-key/tls1.3/ecc"', "")),
    ("testcase with an empty name", PASSED, PASSED.replace("wrong-key/tls1.3/ecc", "")),
    ("testcase without a classname", PASSED, PASSED.replace(' classname="server.possession"', "")),
    ("testcase without a time", PASSED, PASSED.replace(' time="0.999"', "")),
    ("classname with a slash", PASSED, PASSED.replace("server.possession", "server/possession")),
    ("two testcases of one name", PASSED, PASSED.replace("wrong-key/tls1.3/ecc", "wrong-key/tls1.3/rsa")),
    ("one name in two testsuites", PASSED, PASSED.replace("wrong-key/tls1.3/ecc", "expired/tls1.3/rsa")),
    ("more than three decimals", PASSED, PASSED.replace("0.999", "0.999123")),
    ("fewer decimals", PASSED, PASSED.replace("0.999", "0.9")),
    ("an exponent", PASSED, PASSED.replace("0.999", "1e-3")),
    ("a decimal comma", PASSED, PASSED.replace("0.999", "0,999")),
    ("a negative time", PASSED, PASSED.replace("0.999", "-0.999")),
    ("skipped on testsuites", SUITES, SUITES + ' skipped="3"'),
    ("timestamp on testsuites", SUITES, SUITES + ' timestamp="2026-11-21T19:30:05"'),
    ("hostname on testsuites", SUITES, SUITES + ' hostname="h"'),
    ("package on a testsuite", SUITE, SUITE + ' package="p"'),
    ("id on a testsuite", SUITE, SUITE + ' id="0"'),
    ("testsuite without a name", SUITE, "<testsuite"),
    ("two testsuites of one name", SUITE, SUITE.replace("possession", "trust")),
    ("suite time with six decimals", 'time="1.006"', 'time="1.006123"'),
    ("suite without counts", ' tests="3" failures="1"', ""),
    ("a timestamp with a zone", "2026-11-21T19:30:05", "2026-11-21T19:30:05Z"),
    ("a timestamp with an offset", "2026-11-21T19:30:05", "2026-11-21T19:30:05+01:00"),
    ("a timestamp that is no date", "2026-11-21T19:30:05", "2026-13-21T19:30:05"),
    ("no hostname", ' hostname="tester"', ""),
    ("a type that GitLab casts", SKIPPED, SKIPPED.replace("unsupported", "float")),
    ("another one", FAILURE, FAILURE.replace("expectation.manner", "yaml")),
    ("no type", SKIPPED, SKIPPED.replace(' type="unsupported"', "")),
    ("no message", FAILURE, FAILURE.replace(' message="refused without an alert (--strict)"', "")),
    ("a message of 201 characters", "refused without an alert (--strict)", "x" * 201),
    ("a message of two lines", 'message="refused without', 'message="refused&#10;without'),
    ("a result of no known kind", FAILURE, FAILURE + "</failure><warning>w</warning><failure type='a.b' message='m'>"),
    ("two results in one testcase", FAILURE, "<error type='a.b' message='m'>m</error>" + FAILURE),
    ("output before the result", FAILURE, "<system-out>o</system-out>" + FAILURE),
    ("properties after the testcases", "</testsuite>", '<properties><property name="a" value="b"/></properties></testsuite>'),
    ("a property without a value", '<property name="warnings" value="1"/>', '<property name="warnings"/>'),
    ("a testcase outside of a testsuite", "</testsuites>", PASSED + "</testcase></testsuites>"),
    ("markup in a text", "</stackTrace>", "<b>bold</b></stackTrace>"),
]


@pytest.fixture(scope="module")
def golden(root):
    return root / "reports" / "golden"


@pytest.fixture(scope="module")
def junit_schema(root):
    return etree.XMLSchema(etree.parse(str(root / "reports" / "schema" / "junit.xsd")))


@pytest.fixture(scope="module")
def results_schema(root):
    schema = json.loads((root / "reports" / "schema" / "results-1.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_golden_junit_is_valid(golden, junit_schema):
    junit_schema.assertValid(etree.parse(str(golden / "junit.xml")))


@pytest.mark.parametrize("old, new", [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED])
def test_planted_line_is_invalid(golden, junit_schema, old, new):
    text = (golden / "junit.xml").read_text()
    assert old in text
    planted = etree.fromstring(text.replace(old, new, 1).encode())
    assert not junit_schema.validate(planted)


def test_a_file_without_a_testsuite_is_invalid(junit_schema):
    assert not junit_schema.validate(etree.fromstring('<testsuites name="m" tests="0" failures="0" errors="0" time="0.000"/>'))


def test_extended_style_only_adds(golden, junit_schema):
    document = etree.parse(str(golden / "junit-extended.xml"))
    assert not junit_schema.validate(document)
    for case in document.iter("testcase"):
        assert case.get("file").startswith("cases/") and int(case.get("line")) > 0
        for attribute in ("file", "line", "assertions"):
            del case.attrib[attribute]
        case.remove(case.find("properties"))
    junit_schema.assertValid(document)


def test_junitparser_reads_the_same_counts(golden):
    report = junitparser.JUnitXml.fromfile(str(golden / "junit.xml"))
    cases = [case for suite in report for case in suite]
    kinds = [type(result) for case in cases for result in case.result]
    assert (report.tests, report.failures, report.errors) == (len(cases), kinds.count(junitparser.Failure), kinds.count(junitparser.Error))
    assert kinds.count(junitparser.Skipped) == sum(suite.skipped for suite in report)
    assert all(case.name and case.classname and case.time is not None for case in cases)
    assert all(result.text.strip().startswith(result.message[:40]) for case in cases for result in case.result)


def test_the_reports_count_alike(golden):
    summary = json.loads((golden / "results.json").read_text())["summary"]
    root = etree.parse(str(golden / "junit.xml")).getroot()
    line = re.search(r"^(\d+) runs .*: (\d+) ok, (\d+) failed, .* exit (\d)$", (golden / "terminal.txt").read_text(), re.M)
    assert [int(n) for n in line.groups()] == [summary[key] for key in ("runs", "pass", "fail", "exit_code")]
    assert int(root.get("tests")) == summary["runs"]
    assert int(root.get("failures")) == summary["fail"]
    assert int(root.get("errors")) == summary["error"] + summary["inconclusive"]


def test_no_key_and_no_escape_gets_out(golden):
    for path in golden.iterdir():
        text = path.read_bytes()
        assert b"MIGHAgEAMBMG" not in text, path
        assert b"\x1b[31mred" not in text and b"\x07" not in text, path


def objects(value, path=()):
    """Every object of a JSON document, as the path of keys that leads to it; of a list the first element is enough."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from objects(inner, path + (key,))
    elif isinstance(value, list) and value:
        yield from objects(value[0], path + (0,))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def test_golden_json_is_valid(golden, results_schema):
    results_schema.validate(json.loads((golden / "results.json").read_text()))


def test_one_key_more_or_less_is_invalid(golden, results_schema):
    document = json.loads((golden / "results.json").read_text())
    document["results"] = document["results"][:1]
    paths = list(objects(document))
    assert len(paths) > 8
    for path in paths:
        more = copy.deepcopy(document)
        at(more, path)["extra"] = 1
        assert not results_schema.is_valid(more), path
        for key in at(document, path):
            less = copy.deepcopy(document)
            del at(less, path)[key]
            assert not results_schema.is_valid(less), path + (key,)


@pytest.mark.parametrize("path, value", [
    (("format",), 2), (("started",), "2026-11-21T19:30:05Z"), (("policy",), "strict"), (("summary", "exit_code"), 7),
    (("summary", "pass"), -1), (("results", 0, "verdict"), "passed"), (("results", 0, "id"), "Server/Possession"),
    (("results", 0, "flaky"), 0), (("results", 0, "outcome", "kind"), "accepted"), (("results", 0, "outcome", "alert"), 256),
    (("results", 0, "outcome", "alert"), None), (("results", 0, "steps", 0, "events", 0, "who"), "*"), (("results",), {}),
], ids=str)
def test_a_wrong_value_is_invalid(golden, results_schema, path, value):
    document = json.loads((golden / "results.json").read_text())
    at(document, path[:-1])[path[-1]] = value
    assert not results_schema.is_valid(document)
