# SPDX-License-Identifier: Apache-2.0
"""The command line: what is wrong with it is said in one line, with the nearest name, exit code 4, and nothing is written;
selectors, help, versions and a reader who has seen enough."""
import os
import re
import subprocess

import pytest

OK, USAGE, NOTHING_RAN = 0, 4, 5
COMMANDS = ("run", "list", "explain", "check", "pki", "serve", "selftest", "trace")
LONG = "a" * 300
PORT = "a port is a number from 1 to 65535"
ALERT_40 = "alert handshake_failure(40)"

# the words of the command line: what the one line says
WRONG = {
    ("rnu",): "no command 'rnu'; did you mean 'run'?",
    ("--hlep",): "no command '--hlep'",
    ("run", "--polcy", "required"): "no option '--polcy'; did you mean '--policy'?",
    ("run", "--polcy=required"): "no option '--polcy'; did you mean '--policy'?",
    ("run", "-Z"): "no option '-Z'",
    ("run", "-j"): "-j wants an argument",
    ("run", "--timeout"): "--timeout wants an argument",
    ("run", "--strict=yes"): "--strict=yes takes no argument",
    ("run", "--policy", "requird"): "--policy requird: expected one of:",
    ("run", "--level", "mst"): "--level mst: expected one of:",
    ("run", "--color", "allways"): "--color allways: expected one of:",
    ("run", "--junit-style", "jenkins"): "--junit-style jenkins: expected one of:",
    ("run", "--timeout", "3"): "--timeout 3: expected a duration with its unit",
    ("run", "--timeout", "0s"): "--timeout 0s: expected a duration with its unit, from 1ms to 60m",
    ("run", "--timeout", "-3s"): "--timeout -3s: expected a duration with its unit",
    ("run", "--timeout", "2h"): "--timeout 2h: expected a duration with its unit",
    ("run", "--timeout", "nans"): "--timeout nans: expected a duration with its unit",
    ("run", "--timeout", "1e400s"): "--timeout 1e400s: expected a duration with its unit",
    ("run", "--rate", "5"): "--rate 5: expected a rate with its unit",
    ("run", "--rate", "fast"): "--rate fast: expected a rate with its unit",
    ("run", "--rate", "5/d"): "--rate 5/d: expected a rate with its unit",
    ("run", "--jobs", "0"): "--jobs 0: expected a number from 1 to 1000",
    ("run", "--jobs", "4x"): "--jobs 4x: expected a number from 1 to 1000",
    ("run", "--jobs", "99999999999999999999"): "expected a number from 1 to 1000",
    ("run", "-t", ""): "--target: its argument is empty",
    ("run", "--sni", ""): "--sni: its argument is empty",
    ("run", "--jobs="): "--jobs: its argument is empty",
    ("run", "-t", "http://localhost"): "target http://localhost: only https has client certificates",
    ("run", "-t", "ftp://localhost"): "target ftp://localhost: only https has client certificates",
    ("run", "-t", "https:/localhost"): "two slashes follow https:",
    ("run", "-t", "https://"): "the host is missing",
    ("run", "-t", "https:///path"): "the host is missing",
    ("run", "-t", "localhost:0"): PORT,
    ("run", "-t", "localhost:70000"): PORT,
    ("run", "-t", "localhost:https"): PORT,
    ("run", "-t", "localhost:+443"): PORT,
    ("run", "-t", "https://::1"): "(an IPv6 address stands in brackets)",
    ("run", "-t", "https://[::1"): "the bracket of the address is not closed",
    ("run", "-t", "https://local host"): "a character that no host name has",
    ("run", "-t", "https://localhost/a b"): "a path is written in plain ASCII",
    ("run", "-t", "https://localhost/" + 4 * LONG): "the path is longer than a kilobyte",
    ("run", "-t", "https://" + LONG): "the host name is too long",
    ("run", "-t", "https://user:hunter2@localhost"): "a user or password has no place in it",
    ("run", "https://localhost"): "https://localhost is no case; a target is named with -t",
    ("run", "server/missng"): "no case is called 'server/missng'; did you mean 'server/missing'?",
    ("run", "server/missing/emty-list"): "did you mean 'server/missing/empty-list'?",
    ("run", ""): "no case is called ''",
    ("run", LONG): "no case is called 'aaa",
    ("run", "-x", "server/missng"): "no case is called 'server/missng'; did you mean 'server/missing'?",
    ("run", "-T", "quikc"): "--tag: no run has the tag 'quikc'; did you mean 'quick'?",
    ("run", "-T", "quick and"): "--tag: a tag is wanted at the end",
    ("run", "-T", "(quick"): "--tag: a closing bracket is wanted at the end",
    ("run", "-T", "quick quick"): "--tag: 'and' or 'or' is wanted before: quick",
    ("run", "-T", "(" * 300): "--tag: too many brackets",
    ("run", "--fault", "accept-expird"): "the reference server has no such fault; did you mean 'accept-expired'?",
    ("run", "-t", "https://localhost", "--fault", "accept-expired"): "--fault is for the embedded server",
    ("run", "-t", "https://localhost", "--cert", "c.pem"): "--cert and --key belong together",
    ("run", "-t", "https://localhost", "--ca", "c.pem"): "--ca and --ca-key belong together",
    ("run", "--cert", "c.pem", "--key", "k.pem"): "--cert is for a target of yours",
    ("run", "-t", "https://localhost", "--cacert", "c", "-k"): "--cacert and --insecure exclude each other",
    ("run", "-t", "https://localhost", "--resolve", "localhost:1"): "--resolve localhost:1: expected HOST:PORT:ADDRESS",
    ("run", "-t", "https://localhost", "--connect-to", "a:b"): "--connect-to a:b: expected HOST1:PORT1:HOST2:PORT2",
    ("run", "-t", "https://localhost", "--granted", "maybe"): "--granted maybe: expected statuses",
    ("run", "-t", "https://localhost", "--granted", "99"): "--granted 99: expected statuses",
    ("run", "-j", "-", "--json", "-"): "two reports on standard output",
    ("run", "-j", "a", "--json", "a"): "two reports with the same path",
    ("run", "-j", "/"): "a report needs the path of a file",
    ("run", "--keylog", "/"): "cannot be written to",
    ("run", "--pki", "/dev/null"): "the folder cannot be made",
    ("list", "server/missng"): "did you mean 'server/missing'?",
    ("list", "--jsno"): "no option '--jsno'; did you mean '--json'?",
    ("list", "-T", "quikc"): "did you mean 'quick'?",
    ("explain",): "explain wants a case, an alert",
    ("explain", "server/missing/empty-lst"): "did you mean 'server/missing/empty-list'?",
    ("explain", "alert", "unknwon_ca"): "no alert 'unknwon_ca'; did you mean 'unknown_ca'?",
    ("explain", "alert", "300"): "no alert '300'",
    ("explain", LONG): "no case is called",
    ("check", "none.yaml"): "none.yaml: error: cannot be read",
    ("check", "--refrence"): "did you mean '--reference'?",
    ("pki",): "wanted: make, show or export",
    ("pki", "mak"): "wanted: make, show or export",
    ("pki", "show", "expird"): "did you mean 'expired'?",
    ("pki", "make", "--algorithm", "dsa"): "--algorithm dsa: expected one of:",
    ("serve", "--listen", "127.0.0.1:65536"): "ADDRESS:PORT",
    ("serve", "x"): "'x' is not wanted here",
    ("selftest", "--fulll"): "did you mean '--full'?",
    ("selftest", "server/missng"): "did you mean 'server/missing'?",
}
HINTS = {  # what stands below the line
    ("run", "--policy", "requird"): "did you mean 'required'?",
    ("run", "--color", "allways"): "did you mean 'always'?",
    ("list", "--level", "infoo"): "did you mean 'info'?",
    ("serve", "--fault", "accept-expird"): "did you mean 'accept-expired'?",
    ("pki", "export", "--for", "apche"): "did you mean 'apache'?",
}


def short(words):
    return " ".join(word[:40] for word in words) or "nothing"


@pytest.mark.parametrize("words", WRONG, ids=short)
def test_wrong_words(mtlspec, tmp_path, words):
    done = mtlspec(*words)
    assert (done.returncode, done.stdout) == (USAGE, ""), done.stderr
    said = [line for line in done.stderr.splitlines() if "error: " in line]
    assert len(said) == 1 and WRONG[words] in said[0], done.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"pki"}  # no report, not even its folder


@pytest.mark.parametrize("words", HINTS, ids=short)
def test_nearest_word(mtlspec, words):
    done = mtlspec(*words)
    assert done.returncode == USAGE
    assert HINTS[words] in done.stderr


def test_no_words(mtlspec):
    done = mtlspec()
    assert done.returncode == USAGE and done.stdout == ""
    assert all(f"mtlspec {command}" in done.stderr for command in COMMANDS)


def test_a_password_in_a_url_is_not_repeated(mtlspec):
    assert "hunter2" not in mtlspec("run", "-t", "https://user:hunter2@localhost").stderr


@pytest.mark.parametrize("words", [("--help",), ("-h",), *[(command, "--help") for command in COMMANDS], ("run", "-h")], ids=short)
def test_help(mtlspec, tmp_path, words):
    done = mtlspec(*words)
    assert (done.returncode, done.stderr) == (OK, "")
    assert f"mtlspec {words[0] if words[0] in COMMANDS else ''}" in done.stdout
    assert not list(tmp_path.iterdir())


def test_help_of_run_names_what_the_issue_asks_for(mtlspec):
    page = mtlspec("run", "--help").stdout
    for name in ("policy granted cert key cacert insecure ca ca-key sni resolve connect-to jobs rate timeout strict level tag exclude "
                 "baseline junit json verbose keylog").split():
        assert f"--{name} " in page or f"--{name}\n" in page, name


def test_version(mtlspec):
    done = mtlspec("--version")
    assert done.returncode == OK
    assert re.match(r"mtlspec \d+\.\d+\.\d+\nbuilt with OpenSSL 3\S* .*, running with OpenSSL 3", done.stdout)


def test_an_option_may_be_cut_short_where_it_is_clear(mtlspec):
    assert mtlspec("run", "--timeo", "1s", "--help").returncode == OK
    done = mtlspec("run", "--ca-key-password", "x", "--help")  # -file or -env?
    assert done.returncode == USAGE and "--ca-key-password" in done.stderr


def test_everything_excluded(mtlspec, tmp_path):
    done = mtlspec("run", "server/missing", "-x", "server/missing")
    assert done.returncode == NOTHING_RAN, done.stdout + done.stderr
    assert "0 runs" in done.stdout
    assert (tmp_path / "reports" / "junit.xml").exists()


def test_everything_skipped(mtlspec):
    done = mtlspec("run", "server/missing/empty-list-optional")
    assert done.returncode == NOTHING_RAN, done.stdout + done.stderr
    assert "6 skipped" in done.stdout


def test_explain_finds_an_alert_by_number_and_name(mtlspec):
    for words in (("40",), ("alert", "40"), ("handshake_failure",)):
        done = mtlspec("explain", *words)
        assert done.returncode == OK and done.stdout.startswith(ALERT_40)


def test_list_agrees_with_itself(mtlspec):
    ids = mtlspec("list", "--ids").stdout.split()
    assert len(ids) == len(set(ids)) > 100
    assert f"{len(ids)} runs" in mtlspec("list").stdout.splitlines()[-1]
    assert mtlspec("list", "--ids", "server/missing").stdout.split() == [i for i in ids if i.startswith("server/missing/")]


# ---- a reader who has seen enough, and one who cannot be written to ----

@pytest.mark.parametrize("words, code", [(("list", "--ids"), -13), (("pki", "show"), -13), (("run", "server/missing"), 3)], ids=str)
def test_reader_goes_away(program, tmp_path, words, code):
    """As with `| head -1`: the rest of the world's programs end without a word; a run still writes its report."""
    reading, writing = os.pipe()
    child = subprocess.Popen([program, *words], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    os.close(reading)
    said = child.communicate(timeout=60)[1]
    assert "Sanitizer" not in said and "runtime error" not in said
    assert child.returncode == code, said
    assert (tmp_path / "reports" / "junit.xml").exists() == (words[0] == "run")


@pytest.mark.parametrize("words", [("list", "--ids"), ("run", "server/missing"), ("explain", "40"), ("pki", "show"), ("--version",)],
                         ids=short)
def test_full_standard_output(program, tmp_path, words):
    with open("/dev/full", "w") as full:
        done = subprocess.run([program, *words], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=60, check=False)
    assert done.returncode == 3, done.stderr
    assert len([line for line in done.stderr.splitlines() if "No space left on device" in line]) == 1, done.stderr


@pytest.mark.parametrize("closed, code", [(0, OK), (1, 3), (2, OK)])
def test_a_standard_stream_is_closed(program, tmp_path, closed, code):
    """Nothing that is opened later (a socket, the report) takes its place."""
    done = subprocess.run([program, "run", "server/missing", "-j", "junit.xml"], cwd=tmp_path, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, check=False, preexec_fn=lambda: os.close(closed))
    assert done.returncode == code, done.stdout + done.stderr
    assert (tmp_path / "junit.xml").read_text().rstrip().endswith("</testsuites>")
    assert (done.stdout == "") is (closed == 1)
    assert ("Bad file descriptor" in done.stderr) is (closed == 1)
