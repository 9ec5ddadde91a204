# SPDX-License-Identifier: Apache-2.0
"""The reports of real runs: they agree with each other and with their schemas, come also when a run goes wrong, and say nothing secret."""
import json
import os
import re
import signal
import socket
import stat

import jsonschema
import junitparser
import pytest
from lxml import etree

SELECTED = ["server/control", "server/wrong-ca"]  # enough for passes and, with the fault, failures
FAULT = "accept-unknown-ca"
COUNTS = re.compile(r"^(?:interrupted: )?(\d+) runs? in [\d.]+ s[^:]*: (.*?)(?: \(\d+ with a note\))?   exit (\d)$", re.M)
WORDS = {"ok": "pass", "failed": "fail", "inconclusive": "inconclusive", "unsupported": "unsupported", "skipped": "skipped",
         "error": "error", "errors": "error", "known deviation": "known", "known deviations": "known"}


@pytest.fixture(scope="module")
def schemas(root):
    folder = root / "reports" / "schema"
    junit = etree.XMLSchema(etree.parse(str(folder / "junit.xsd")))
    return junit, jsonschema.Draft202012Validator(json.loads((folder / "results-1.json").read_text()))


@pytest.fixture(scope="module")
def pki(program, tmp_path_factory):
    """One folder of generated keys for all tests here."""
    return tmp_path_factory.mktemp("pki") / "pki"


@pytest.fixture
def run(mtlspec, pki):
    """run(*arguments) judges with quick settings; the environment of a CI machine is left out unless `env` gives it."""
    def begin(*arguments, env=None, **options):
        clean = {k: v for k, v in os.environ.items() if k not in ("CI", "GITHUB_ACTIONS", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR")}
        return mtlspec("run", "--pki", pki, *arguments, env={**clean, **(env or {})}, **options)
    return begin


@pytest.fixture
def dead_port():
    """A port that nobody listens on: bound and not listening, so that nobody else gets it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def counts_of(text):
    """The verdict counts and the exit code of the terminal's last lines."""
    found = COUNTS.search(text)
    assert found, text
    counts = dict.fromkeys(set(WORDS.values()), 0)
    for part in found.group(2).split(", "):
        number, word = part.split(" ", 1)
        counts[WORDS[word]] = int(number)
    assert int(found.group(1)) == sum(counts.values())
    return counts, int(found.group(3))


def assert_agree(text, junit_path, json_path, schemas):
    """All three tell the same, and the files hold to their schemas."""
    counts, code = counts_of(text)
    junit = etree.parse(str(junit_path))
    schemas[0].assertValid(junit)
    document = json.loads(json_path.read_text())
    schemas[1].validate(document)
    summary = document["summary"]
    assert {word: summary[word] for word in counts} == counts
    assert (summary["runs"], summary["exit_code"]) == (sum(counts.values()), code)
    verdicts = [result["verdict"] for result in document["results"]]
    assert {word: verdicts.count(word) for word in counts} == counts
    suites = list(junitparser.JUnitXml.fromfile(str(junit_path)))
    assert sum(suite.tests for suite in suites) == summary["runs"]
    assert sum(suite.failures for suite in suites) == counts["fail"]
    assert sum(suite.errors for suite in suites) == counts["error"] + counts["inconclusive"]
    assert sum(suite.skipped for suite in suites) == counts["skipped"] + counts["unsupported"] + counts["known"]
    names = [f"{case.classname.replace('.', '/', 1)}/{case.name}" for suite in suites for case in suite]
    assert names == [result["id"] for result in document["results"]]
    return document


@pytest.mark.parametrize("fault", [None, FAULT])
def test_all_reports_agree(run, schemas, tmp_path, fault):
    done = run(*SELECTED, *(["--fault", fault] if fault else []), "-j", "a/b/out.xml", "--json", "out.json")
    document = assert_agree(done.stdout, tmp_path / "a/b/out.xml", tmp_path / "out.json", schemas)
    assert done.returncode == document["summary"]["exit_code"] == (1 if fault else 0), done.stdout + done.stderr
    assert document["summary"]["pass"] > 0 and (document["summary"]["fail"] > 0) == bool(fault)
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o644
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "out.json"]
    assert done.stdout.splitlines()[-1].split() == ["reports:", "a/b/out.xml", "out.json"]


def test_a_failure_tells_all(run, tmp_path):
    done = run(*SELECTED, "--fault", FAULT, "--json", "out.json")
    failed = [r for r in json.loads((tmp_path / "out.json").read_text())["results"] if r["verdict"] == "fail"]
    by_openssl = [r for r in failed if not r["id"].endswith("/sm2")]
    assert by_openssl and all("openssl s_client" in r["by_hand"] for r in by_openssl)
    assert failed and (tmp_path / "reports/junit.xml").is_file()
    junit = (tmp_path / "reports/junit.xml").read_text()
    for result in failed:
        assert result["message"] and len(result["message"]) <= 200 and result["likely"]
        full = done.stdout.split(result["id"] + "\n", 1)[1].split("\n\n")[0]
        for label in ("expected", "observed", "sent", "likely", "case", "again") + (("by hand",) if result in by_openssl else ()):
            assert re.search(rf"^ +{label} +\S", full, re.M), (label, full)
        assert f"{result['file']}:{result['line']}" in full and f"{result['file']}:{result['line']}" in junit
        assert result["steps"][-1]["events"]


def test_no_private_key_in_any_report(run, pki, tmp_path):
    done = run(*SELECTED, "-v", "--json", "out.json")
    text = done.stdout + done.stderr + (tmp_path / "out.json").read_text() + (tmp_path / "reports/junit.xml").read_text()
    keys = [path for path in pki.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    assert keys
    secret = {line for path in keys for line in path.read_text().splitlines() if len(line) > 40 and "-----" not in line}
    assert secret and not [line for line in secret if line in text]
    assert "PRIVATE KEY" not in text


def test_dead_target_still_reports(run, schemas, tmp_path, dead_port):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/junit.xml").write_text("stale")
    done = run(*SELECTED, "-t", f"https://127.0.0.1:{dead_port}/", "-k", "--json", "out.json")
    document = assert_agree(done.stdout, tmp_path / "reports/junit.xml", tmp_path / "out.json", schemas)
    assert done.returncode == 6 and document["summary"]["pass"] == 0 and document["summary"]["error"] > 0


def test_interrupt_still_reports(start, program, pki, schemas, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        child = start(program, "run", *SELECTED, "-t", target, "-k", "--pki", pki, "--timeout", "60s", "--json", "out.json")
        silent.settimeout(60)
        connection, _ = silent.accept()  # the run is under way, and nobody will ever answer
        with connection:
            os.kill(child.process.pid, signal.SIGINT)
            assert child.wait() == 2, child.output
    document = assert_agree(child.output, tmp_path / "reports/junit.xml", tmp_path / "out.json", schemas)
    assert document["summary"]["interrupted"] and {r["type"] for r in document["results"]} == {"infrastructure.interrupted"}


def test_full_device(run, tmp_path, schemas):
    done = run(*SELECTED, "-j", "/dev/full", "--json", "out.json")
    assert done.returncode == 3
    assert done.stderr.count("No space left on device") == 1 and "/dev/full" in done.stderr
    schemas[1].validate(json.loads((tmp_path / "out.json").read_text()))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.json"]
    assert "/dev/full" not in done.stdout


@pytest.mark.parametrize("path, says", [
    (".", "this is a folder"), ("plain/out.xml", "Not a directory"), ("/proc/none/x.xml", "cannot make")])
def test_unusable_path_is_found_before_the_run(run, tmp_path, path, says):
    (tmp_path / "plain").write_text("")
    done = run(*SELECTED, "-j", path)
    assert done.returncode == 4 and says in done.stderr and done.stdout == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plain"]


def test_report_on_standard_output_stands_alone(run, schemas):
    done = run(*SELECTED, "-j", "-")
    assert done.returncode == 0, done.stderr
    schemas[0].assertValid(etree.ElementTree(etree.fromstring(done.stdout.encode())))
    assert counts_of(done.stderr)[1] == 0


def test_two_reports_on_standard_output(run):
    done = run(*SELECTED, "-j", "-", "--json", "-")
    assert done.returncode == 4 and "two reports on standard output" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("env, arguments, coloured", [
    ({}, [], False), ({"CLICOLOR_FORCE": "1"}, [], True), ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, [], False),
    ({"NO_COLOR": "1"}, ["--color", "always"], True), ({"FORCE_COLOR": "1"}, ["--color", "never"], False)])
def test_colour(run, env, arguments, coloured):
    done = run("server/control", *arguments, env=env)
    assert ("\x1b[" in done.stdout) == coloured
    assert "\r" not in done.stdout + done.stderr


def test_github_groups_and_annotations(run):
    done = run(*SELECTED, "--fault", FAULT, env={"GITHUB_ACTIONS": "true", "CI": "true"})
    lines = done.stdout.splitlines()
    groups = [line for line in lines if line.startswith("::group::")]
    assert [line.split()[0] for line in groups] == ["::group::" + suite for suite in SELECTED]
    assert lines.count("::endgroup::") == len(groups)
    errors = [line for line in lines if line.startswith("::error ")]
    assert 0 < len(errors) <= 10
    assert all(re.match(r"::error file=cases/[\w/.-]+,line=\d+,title=server/[\w/.-]+::.", line) for line in errors)


def test_quiet_says_only_the_end(run):
    done = run(*SELECTED, "-q")
    assert len(done.stdout.splitlines()) == 2 and counts_of(done.stdout)[1] == 0 and done.stderr == ""


def test_verbose_names_the_messages(run):
    done = run("server/control", "-v")
    for line in (r"> client_hello", r"< server_hello", r"> certificate_verify", r"< certificate_request"):
        assert re.search(rf"^ +\d+\.\d{{3}} ms {line}\b", done.stdout, re.M), done.stdout


def test_extended_style(run, tmp_path):
    run("server/control", "--junit-style", "extended", "-j", "out.xml")
    cases = list(etree.parse(str(tmp_path / "out.xml")).iter("testcase"))
    assert cases and all(case.get("file") == "cases/server/control.yaml" and int(case.get("line")) > 0 for case in cases)
    names = {p.get("name") for p in cases[0].find("properties")}
    assert {"id", "title", "level", "refs", "verdict", "outcome"} <= names
