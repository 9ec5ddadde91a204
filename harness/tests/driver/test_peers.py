# SPDX-License-Identifier: Apache-2.0
"""The driver of the real peers, and the facts that their stanzas state. What mtlspec says of them: scripts/peers/peers run."""
import contextlib
import importlib.machinery
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PEERS_SCRIPT = ROOT / "scripts" / "peers" / "peers"
sys.path.insert(0, str(PEERS_SCRIPT.parent))

from driver import judge, opensslpki, probe, server, stanza, suite  # noqa: E402  (the path comes first)

PEERS = stanza.load()
CELLS = [(peer, name) for peer in PEERS.values() for name in peer.configurations]
CELL_IDS = [f"{peer.name}-{name}" for peer, name in CELLS]


def need(peer):
    """A peer that is not installed is a visible skip, but a failure in CI."""
    if peer.missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(peer.missing())


@pytest.fixture(scope="session")
def workshop():
    with server.Workshop() as made:
        yield made


@pytest.fixture(scope="session")
def openssl_pki(tmp_path_factory):
    return opensslpki.make(tmp_path_factory.mktemp("openssl") / "pki")


# What the stanzas state, seen by Python's ssl and certificates made by openssl: nothing of mtlspec takes part.

@pytest.mark.parametrize("peer, name", CELLS, ids=CELL_IDS)
def test_facts(peer, name, openssl_pki, workshop):
    need(peer)
    configuration = peer.configurations[name]
    with server.started(peer, configuration, openssl_pki, workshop) as running:
        wrong = [line for line, agrees in probe.compare(running.port, openssl_pki, configuration.facts) if not agrees]
    assert not wrong


def test_every_peer_is_wrong_in_two_ways():
    for peer in PEERS.values():
        assert len([c for c in peer.configurations.values() if not c.good]) >= 2, peer.name


# The driver itself.

def make_peer(script, ready="^ready$", **changes):
    """A peer that is a few lines of Python."""
    raw = {"title": "t", "packages": ["p"], "programs": {"python": [sys.executable]}, "version": ["@python@", "--version"],
           "start": ["@python@", "-u", "-c", script, "@port@"], "ready": ready,
           "configurations": {"good": {"title": "g", "facts": {}}}}
    return stanza.parse("tiny", raw | changes)


LISTENER = """
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", s.getsockname()[1])
s.accept()
"""

CHILD_OF_LISTENER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); "
                          "signal.pause()"], stdout=subprocess.PIPE)
child.stdout.readline()
print("ready", child.pid)
child.wait()
"""

TAKEN_ONCE = """
import pathlib, sys
seen = pathlib.Path("seen")
if not seen.exists():
    seen.touch()
    sys.exit("bind: Address already in use")
print("ready")
sys.stdin.read()
import signal; signal.pause()
"""


def started(peer, pki, workshop):
    return server.started(peer, peer.configurations["good"], pki, workshop)


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_server_is_stopped_when_the_test_fails(tmp_path, workshop):
    peer = make_peer(LISTENER, r"^ready (?P<port>\d+)$")
    with pytest.raises(ZeroDivisionError), started(peer, tmp_path, workshop) as running:
        assert alive(running.pid)
        raise ZeroDivisionError
    assert not alive(running.pid)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", running.port), 5)
    assert not running.directory.exists()


def test_a_stubborn_grandchild_is_stopped_too(tmp_path, workshop, monkeypatch):
    monkeypatch.setattr(server, "STOP_TIMEOUT", 1)
    peer = make_peer(CHILD_OF_LISTENER, r"^ready \d+$")
    with started(peer, tmp_path, workshop) as running:
        grandchild = int(running.log.read_text().split()[1])
        assert alive(grandchild)
    assert not alive(running.pid)
    assert not alive(grandchild)


def test_a_taken_port_is_tried_again(tmp_path, workshop):
    with started(make_peer(TAKEN_ONCE), tmp_path, workshop) as running:
        assert running.port > 0


@pytest.mark.parametrize("script, said", [
    ("import sys; print('first'); sys.exit('the reason')", "the reason"),
    ("import sys; sys.exit('Address already in use')", "already in use"),
])
def test_a_server_that_ends_is_an_error_with_its_words(script, said, tmp_path, workshop):
    with pytest.raises(server.StartError, match=said), started(make_peer(script), tmp_path, workshop):
        pass


def test_a_failing_build_is_an_error_with_its_words(tmp_path):
    peer = make_peer("", build=[["@python@", "-c", "import sys; sys.exit('no compiler')"]])
    with server.Workshop() as fresh, pytest.raises(server.StartError, match="no compiler"), started(peer, tmp_path, fresh):
        pass


def test_start_command_ends_its_server_on_sigterm():
    peer = next((p for p in PEERS.values() if not p.missing()), None)
    if peer is None:
        pytest.skip("no peer is installed")
    command = subprocess.Popen([sys.executable, PEERS_SCRIPT, "start", peer.name, "good"], stdout=subprocess.PIPE, text=True)
    with contextlib.closing(command.stdout):
        port = int(command.stdout.readline().split()[0].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), 5):
            pass
        command.send_signal(signal.SIGTERM)
        assert command.wait(30) == 143
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)


# The language of the stanzas.

@pytest.mark.parametrize("changes, said", [
    ({"titel": "t"}, "unknown key 'titel'"),
    ({"configurations": {"optional": {"title": "o", "facts": {}}}}, "needs a configuration 'good'"),
    ({"configurations": {"good": {"title": "g", "facts": {}, "must-fail": ["x"]}}}, "needs a configuration 'good'"),
    ({"configurations": {"good": {"facts": {}}}}, "no key 'title'"),
    ({"baseline": [{"run": "a/b"}]}, "no key 'because'"),
])
def test_stanza_errors(changes, said):
    with pytest.raises(stanza.StanzaError, match=said):
        make_peer("", **changes)


def test_unknown_placeholder_is_named(tmp_path, workshop):
    peer = make_peer("", files={"a.conf": "verify @verfiy@"})
    with pytest.raises(stanza.StanzaError, match="a.conf: unknown placeholder @verfiy@"), started(peer, tmp_path, workshop):
        pass


def load_script(path):
    loader = importlib.machinery.SourceFileLoader(path.name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(path.name, loader))
    loader.exec_module(module)
    return module


def test_a_missing_peer_is_said_and_fails_in_ci(monkeypatch, capsys):
    absent, present = make_peer("", programs={"python": ["no-such-program-anywhere"]}), make_peer("")
    script = load_script(PEERS_SCRIPT)
    monkeypatch.delenv("CI", raising=False)
    assert script.available([absent, present]) == [present]
    assert "tiny: skipped: python not found: install p" in capsys.readouterr().err
    monkeypatch.setenv("CI", "true")
    assert script.available([present]) == [present]
    with pytest.raises(SystemExit, match="a peer is missing"):
        script.available([absent, present])


def test_missing_program_names_its_package():
    peer = make_peer("", programs={"python": ["no-such-program-anywhere"]})
    assert peer.missing() == "python not found: install p"


# The comparison of a report with a stanza: it must be able to fail.

def configuration(must_fail=(), exempt=()):
    raw = {"title": "t", "facts": {}, "must-fail": list(must_fail), "except": list(exempt)}
    good = {"title": "t", "facts": {}}
    return make_peer("", configurations={"good": good, "bad": raw}).configurations["bad"]


def report(code=0, **verdicts):
    """Runs a/b/RUN by verdict; ten passes beside them."""
    runs = {f"a/b/p{n}": ("pass", "served") for n in range(10)}
    runs |= {f"a/{run.replace('_', '/')}": (verdict, "seen") for run, verdict in verdicts.items()}
    return judge.Report(code, runs, "")


KNOWN = [{"run": "a/x/y", "observed": "seen"}]


@pytest.mark.parametrize("asked, baseline, given, said", [
    (configuration(), [], report(), None),
    (configuration(["a/x"]), [], report(1, x_y="fail", x_z="fail"), None),
    (configuration(["a/*/y"]), [], report(1, x_y="fail", x_z="pass"), None),
    (configuration(["a/x"], ["a/x/z"]), [], report(1, x_y="fail", x_z="pass"), None),
    (configuration(), KNOWN, report(x_y="known"), None),
    (configuration(["a/x"]), [], report(1, x_y="fail", x_z="pass"), "must fail and did not: a/x/z: pass: seen"),
    (configuration(["a/x"]), [], report(1, x_y="fail", x_z="skipped"), "must fail and did not: a/x/z: skipped: seen"),
    (configuration(), [], report(1, x_y="fail"), "failed and must not: a/x/y: seen"),
    (configuration(), [], report(6, x_y="inconclusive"), "not judged: a/x/y: inconclusive: seen"),
    (configuration(), [], report(6, x_y="error"), "not judged: a/x/y: error: seen"),
    (configuration(["a/x", "a/w"]), [], report(1, x_y="fail"), "the stanza names no run of the plan: a/w"),
    (configuration(), KNOWN, report(x_y="pass"), "baseline entry that is not needed: a/x/y: pass seen"),
    (configuration(), [], report(6), "mtlspec ended with 6, not 0"),
    (configuration(["a/x"]), [], report(0, x_y="fail"), "mtlspec ended with 0, not 1"),
    (configuration(), [], report(c_d="skipped", c_e="unsupported"), "only 83% of 12 runs were judged"),
    (configuration(), [], judge.Report(5, {}, ""), "only 0% of 0 runs were judged"),
])
def test_comparison(asked, baseline, given, said):
    found = judge.complaints(asked, baseline, given)
    assert (found == []) if said is None else (said in found)


@pytest.mark.parametrize("pattern, run, expected", [
    ("server/a", "server/a/b/tls1.3/ecc", True),
    ("server/a", "server/ab/tls1.3/ecc", False),
    ("server/*/b", "server/a/b/tls1.3/ecc", True),
    ("server/*/*/tls1.2", "server/a/b/tls1.3/ecc", False),
    ("server/a/b/c/d/e", "server/a/b", False),
])
def test_pattern(pattern, run, expected):
    assert judge.matches(pattern, run) is expected


def test_a_baseline_entry_spells_out_its_runs():
    entry = {"run": "a/{x,y}/tls1.2/{rsa,ecc}", "observed": "served", "because": "b", "catalogue": "X-1",
             "reproduce": "@curl@ --cert $PKI/@algorithm@/bad.pem"}
    spelt = make_peer("", baseline=[entry]).configurations["good"].baseline
    assert [each["run"] for each in spelt] == ["a/x/tls1.2/rsa", "a/x/tls1.2/ecc", "a/y/tls1.2/rsa", "a/y/tls1.2/ecc"]
    assert "--tlsv1.2 --tls-max 1.2" in spelt[3]["reproduce"] and spelt[3]["reproduce"].endswith("$PKI/ecc/bad.pem")


# Each baseline entry says how to see the same without a report, and so it is: curl gets the answer or does not; what only mtlspec can
# send fails without a baseline; other lines say yes by their exit code.

@pytest.fixture(scope="session")
def every_recipe(tmp_path_factory):
    pki = suite.make_pki(tmp_path_factory.mktemp("mtlspec") / "pki")
    subprocess.run([suite.binary(), "pki", "make", "--all", "--pki", pki], check=True, capture_output=True)
    return pki


def shows_the_same(entry, environment):
    line = entry["reproduce"]
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=60)
    if line.startswith("curl "):
        return (done.stdout == "200") == (entry["observed"] == "served")
    return done.returncode == (1 if line.startswith("mtlspec ") else 0)


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_baseline_lines_show_the_same(peer, every_recipe, workshop, tmp_path):
    need(peer)
    (tmp_path / "mtlspec").symlink_to(suite.binary())
    configuration = peer.configurations["good"]
    with server.started(peer, configuration, every_recipe, workshop) as running:
        environment = os.environ | {"PORT": str(running.port), "PKI": str(every_recipe), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        wrong = [entry["reproduce"] for entry in suite.baseline_for(peer, configuration) if not shows_the_same(entry, environment)]
    assert wrong == []


def test_baseline_entries_count_for_the_installed_version():
    entry = {"run": "a/b", "observed": "served", "because": "b", "catalogue": "X-1", "reproduce": "openssl"}
    peer = make_peer("", baseline=[entry | {"version": "^Python 3"}, entry | {"run": "a/c", "version": "^Python 2"}])
    assert suite.baseline_for(peer, peer.configurations["good"]) == [entry]


# scripts/soak

def load_soak():
    return load_script(ROOT / "scripts" / "soak")


REFUSED = {"id": "a/b", "verdict": "pass", "outcome": {"kind": "refused", "where": "handshake", "close": "fin"}}


@pytest.mark.parametrize("outcomes, flickered", [
    ([REFUSED, REFUSED | {"outcome": {"kind": "refused", "where": "handshake", "close": "reset"}}], []),
    ([REFUSED, REFUSED | {"outcome": {"kind": "refused", "where": "http", "status": 400}}], ["a/b"]),
    ([REFUSED, REFUSED | {"outcome": {"kind": "refused", "where": "handshake", "alert": 48}}], ["a/b"]),
    ([REFUSED, REFUSED | {"verdict": "fail"}], ["a/b"]),
    ([REFUSED, None], ["a/b"]),
])
def test_soak_sees_what_flickers(outcomes, flickered):
    documents = [{"summary": {}, "results": [outcome] if outcome else []} for outcome in outcomes]
    reports = [judge.Report.of(0, document) for document in documents]
    assert list(load_soak().flickers(reports)) == flickered


def test_soak_stops_its_spinners(monkeypatch):
    soak = load_soak()
    born = []
    real = soak.subprocess.Popen
    monkeypatch.setattr(soak.subprocess, "Popen", lambda words: born.append(real(words)) or born[-1])
    with pytest.raises(ZeroDivisionError), soak.busy(2):
        assert all(alive(child.pid) for child in born)
        raise ZeroDivisionError
    assert len(born) == 2
    assert not any(alive(child.pid) for child in born)
