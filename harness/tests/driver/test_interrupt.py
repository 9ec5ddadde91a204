# SPDX-License-Identifier: Apache-2.0
"""SIGINT and SIGTERM wherever a run may be, a second signal, and reports that cannot be written: exit code 2 (or 3), whole reports or
none, no half file, and no child left behind."""
import pathlib
import resource
import signal
import subprocess

import hostile as h
import pytest
from conftest import Child
from reports import Reports

INTERRUPTED, INTERNAL = 2, 3
SIGNALS = [signal.SIGINT, signal.SIGTERM]
NAMES = [number.name for number in SIGNALS]
FILES = ("-j", "junit.xml", "--json", "results.json")
STOPPED = "infrastructure.interrupted"


@pytest.fixture(scope="module")
def pki(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pki")
    subprocess.run([program, "pki", "make", "--pki", folder / "pki"], check=True, capture_output=True, timeout=60)
    return folder / "pki"


@pytest.fixture
def running(program, pki, tmp_path):
    """running(*words) starts a run that is ended by the test, or by its end"""
    children = []

    def begin(*words, **options):
        children.append(Child([program, "run", *words, "--pki", pki, *FILES], cwd=tmp_path, **options))
        return children[-1]
    yield begin
    for child in children:
        child.stop()


def children_of(pid):
    """The processes that `pid` has started and not yet buried."""
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def is_gone(pid):
    """Buried, or dead and not yet buried by whom it fell to."""
    stat = pathlib.Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] in ("Z", "X")


def end_of(child, number, tmp_path):
    """The reports of a run that was sent a signal."""
    child.process.send_signal(number)
    assert child.wait() == INTERRUPTED, child.output
    assert "Sanitizer" not in child.output and "runtime error" not in child.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["junit.xml", "results.json"]
    reports = Reports(tmp_path / "junit.xml", tmp_path / "results.json")
    summary = reports.data["summary"]
    assert summary["interrupted"] is True and summary["exit_code"] == INTERRUPTED
    assert summary["runs"] == summary["planned"] == len(reports.rows)  # what was not judged says so
    assert summary["sentence"].endswith("interrupted")
    return reports


@pytest.mark.parametrize("number", SIGNALS, ids=NAMES)
@pytest.mark.parametrize("behaviour", [h.say_nothing, h.drip], ids=["silent", "dripping"])
def test_in_the_survey(running, hostile, tmp_path, behaviour, number):
    server = hostile(behaviour)
    child = running("-t", f"https://127.0.0.1:{server.port}", "--timeout", "30m")
    server.wait_connections(1)
    reports = end_of(child, number, tmp_path)
    assert reports.counts == {"error": len(reports.rows)} and reports.types == {STOPPED}


@pytest.mark.parametrize("number", SIGNALS, ids=NAMES)
def test_between_cases(running, tmp_path, number):
    child = running("--rate", "200/s")
    child.wait_line(r"server/algorithm ")
    server = children_of(child.process.pid)
    assert server
    reports = end_of(child, number, tmp_path)
    assert reports.counts["pass"] > 0 and reports.counts["error"] > 0
    assert {kind for verdict, kind, _ in reports.rows.values() if verdict == "error"} == {STOPPED}
    assert all(is_gone(pid) for pid in server)


def test_while_it_waits_for_its_turn(running, hostile, pki, refserver, tmp_path):
    """At one connection a minute the signal comes in a pause."""
    own = [word for a in ("rsa", "ecc") for word in ("--cert", pki / a / "server.pem", "--key", pki / a / "server.key")]
    honest = Child([refserver, *own, "--ca", pki / "ca.pem"])
    port = int(honest.wait_line(r"^ready 127\.0\.0\.1:(\d+)$")[1])
    proxy = hostile(h.CutLater(port, honest=1 << 20, step=1))
    child = running("-t", f"https://127.0.0.1:{proxy.port}", "--rate", "1/m")
    proxy.wait_connections(5)  # the survey's, and the first of a case
    reports = end_of(child, signal.SIGINT, tmp_path)
    honest.stop()
    assert reports.counts["error"] > 0


def test_while_a_name_is_looked_up(running, tmp_path):
    """However far the start has come: nothing is left half done."""
    child = running("-t", "https://nohost.invalid")
    child.process.send_signal(signal.SIGTERM)
    assert child.wait() in (-signal.SIGTERM, INTERRUPTED, 6), child.output
    for name in {p.name for p in tmp_path.iterdir()}:
        assert name in ("junit.xml", "results.json")


def test_a_second_signal(running, hostile, tmp_path):
    server = hostile(h.say_nothing)
    child = running("-t", f"https://127.0.0.1:{server.port}", "--timeout", "30m")
    server.wait_connections(1)
    for _ in range(3):
        child.process.send_signal(signal.SIGINT)
    assert child.wait() in (INTERRUPTED, -signal.SIGINT), child.output
    assert {p.name for p in tmp_path.iterdir() if not p.name.startswith(".mtlspec-")} <= {"junit.xml", "results.json"}


def test_ignored_hangup_of_the_terminal(running, hostile, tmp_path):
    """Under nohup, SIGINT ignored from the start stays ignored; SIGTERM still ends the run."""
    server = hostile(h.say_nothing)
    child = running("-t", f"https://127.0.0.1:{server.port}", "--timeout", "30m",
                    preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    server.wait_connections(1)
    child.process.send_signal(signal.SIGHUP)
    end_of(child, signal.SIGTERM, tmp_path)


@pytest.mark.parametrize("number", SIGNALS, ids=NAMES)
def test_other_commands(start, program, tmp_path, number):
    """serve ends well; a self-test is interrupted, and its servers with it."""
    child = start(program, "selftest", "server/missing")
    child.wait_line(r".")
    started = children_of(child.process.pid)
    child.process.send_signal(number)
    assert child.wait() == INTERRUPTED, child.output
    assert all(is_gone(pid) for pid in started)


# ---- reports that cannot be written ----

def test_full_device(mtlspec, pki, tmp_path):
    done = mtlspec("run", "server/missing", "--pki", pki, "-j", "/dev/full", "--json", "results.json")
    assert done.returncode == INTERNAL
    assert done.stderr == "/dev/full: error: the report cannot be written: No space left on device\n"
    assert (tmp_path / "results.json").stat().st_size > 0  # the other one is whole
    assert "exit 3" in done.stdout and "reports:  results.json" in done.stdout


def limited(size):
    """No file may grow beyond `size`: as on a device that is full."""
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))}


@pytest.mark.parametrize("limit", [4096, 20000])
def test_no_room_for_a_file(mtlspec, pki, tmp_path, limit):
    """A limit on the size of files stands for a device that fills up while the report is written: nothing half is left, not even
    a temporary file, and not the report of an earlier run."""
    (tmp_path / "junit.xml").write_text("of yesterday")
    done = mtlspec("run", "server/missing", "--pki", pki, *FILES, **limited(limit))
    assert done.returncode == INTERNAL, done.stdout + done.stderr
    said = [line for line in done.stderr.splitlines() if "the report cannot be written: File too large" in line]
    assert {line.split(":")[0] for line in said} <= {"junit.xml", "results.json"} and said
    assert not any(p.stat().st_size < 1000 or p.name.startswith(".") for p in tmp_path.iterdir())
    assert not any(p.read_text() == "of yesterday" for p in tmp_path.iterdir())


@pytest.mark.parametrize("limit", [0, 10, 300, 1000])
def test_no_room_for_keys(mtlspec, tmp_path, limit):
    """A pki folder that could not be finished is finished by the next call."""
    done = mtlspec("pki", "make", **limited(limit))
    assert done.returncode == 4, done.stdout + done.stderr
    assert "cannot be written: File too large" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and p.stat().st_size in (0, limit)]
    done = mtlspec("run", "server/missing/empty-list", *FILES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_folder_that_cannot_be_written(mtlspec, pki, tmp_path):
    """Found before the run, though for root only where nobody can write."""
    (tmp_path / "file").write_text("")
    for place, says in (("file/junit.xml", "cannot make its folder: Not a directory"), (".", "this is a folder"),
                        ("/proc/mtlspec/junit.xml", "cannot make its folder: No such file or directory")):
        done = mtlspec("run", "server/missing", "--pki", pki, "-j", place)
        assert (done.returncode, done.stdout) == (4, ""), done.stdout
        assert says in done.stderr and len(done.stderr.splitlines()) == 1
        assert [p.name for p in tmp_path.iterdir()] == ["file"]



def test_full_device_for_secrets(mtlspec, pki):
    done = mtlspec("run", "server/missing", "--pki", pki, "--keylog", "/dev/full")
    assert done.returncode == INTERNAL
    assert done.stderr == "/dev/full: error: the TLS secrets could not all be written\n"
