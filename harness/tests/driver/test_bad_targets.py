# SPDX-License-Identifier: Apache-2.0
"""Targets that are down, mute, hostile or no TLS at all: the run ends in bounded time with exit code 6, says why in one sentence,
and both reports are whole. Times are bounded by the timeout of the child process: nothing here measures them."""
import ssl

import hostile as h
import pytest
from conftest import Child
from refpeer_certificates import CA, SERVER, Authority
from reports import Reports

CASE = "server/missing"
NOT_JUDGED = 6
SURVEY_CONNECTIONS = 4  # without a certificate and with the good one, in two versions
UNREACHABLE = "infrastructure.unreachable"
CONTROL = "inconclusive.control"


class Credentials:
    """A server's certificate and a client's, made by openssl."""

    def __init__(self, folder):
        a = Authority(folder)
        root = a.issue("root", extensions=CA)
        self.ca, self.server, self.client = a.chain_file(root), a.issue("server", root, extensions=SERVER), a.issue("client", root)
        self.server_file, self.client_file = a.chain_file(self.server), a.chain_file(self.client)
        self.options = ("--cert", self.client_file, "--key", self.client.key, "--cacert", self.ca)


@pytest.fixture(scope="module")
def credentials(tmp_path_factory):
    return Credentials(tmp_path_factory.mktemp("credentials"))


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return tmp_path_factory.mktemp("pki") / "pki"


@pytest.fixture
def judge(mtlspec, tmp_path, pki):
    """judge(target, *options) runs some cases against the target and returns what the program said, with .reports"""
    def run(target, *options, cases=(CASE,), exits=(NOT_JUDGED,), **more):
        done = mtlspec("run", *cases, "-t", target, "--pki", pki, "--timeout", "400ms", "-j", "junit.xml", "--json", "results.json",
                       *options, **more)
        assert done.returncode in exits, done.stdout + done.stderr
        assert sorted(p.name for p in tmp_path.iterdir()) == ["junit.xml", "results.json"]
        done.reports = Reports(tmp_path / "junit.xml", tmp_path / "results.json")
        done.sentence = done.reports.data["summary"]["sentence"]
        assert done.sentence in done.stdout.splitlines()
        return done
    return run


def all_are(done, verdict, kind):
    assert done.reports.counts == {verdict: len(done.reports.rows)} and done.reports.rows
    assert done.reports.types == {kind}


# ---- no connection ----

def test_nobody_listens(judge):
    done = judge(f"https://127.0.0.1:{h.closed_port()}")
    assert "connection refused" in done.sentence
    all_are(done, "error", UNREACHABLE)


def test_name_that_does_not_resolve(judge):
    done = judge("https://nohost.invalid")
    assert "nohost.invalid does not resolve" in done.sentence
    all_are(done, "error", UNREACHABLE)


# ---- no TLS: (behaviour, what the sentence says) ----

NO_HANDSHAKE = [
    ("say nothing", h.say_nothing, "no answer in the handshake in time"),
    ("reset at once", h.reset_at_once, "reset"),
    ("close at once", h.close_at_once, "closed"),
    ("close after the hello", h.close_after_hello, "closed"),
    ("reset after the hello", h.reset_after_hello, "reset"),
    ("an alert", h.refuse_by_alert, "handshake_failure(40)"),
    ("plain HTTP", h.speak_http, "plain HTTP"),
    ("an SSH banner", h.speak_ssh, "not a TLS record"),
    ("garbage", h.send_garbage, "not a TLS record"),
    ("zeros without an end", h.flood(b"\0"), "not a TLS record"),
    ("a record of 65535 bytes", h.announce(*h.LONG_RECORD), "a record that announces more than"),
    ("a message of 2^24 - 1 bytes", h.announce(*h.LONG_MESSAGE), "a handshake message of more than"),
    ("a byte a second", h.drip, "no answer in the handshake in time"),
    ("warning alerts", h.flood(h.record(h.ALERT, b"\x01\x5a")), "warning alerts"),
    ("empty records", h.flood(h.record(h.HANDSHAKE, b"")), "an empty handshake record"),
    ("change_cipher_spec", h.flood(b"\x14\x03\x03\x00\x01\x01"), "more than 128 messages"),
    ("application data", h.flood(h.record(h.APPLICATION, bytes(100))), "in the clear"),
]


@pytest.mark.parametrize("behaviour, says", [row[1:] for row in NO_HANDSHAKE], ids=[row[0] for row in NO_HANDSHAKE])
def test_no_handshake(judge, hostile, behaviour, says):
    done = judge(f"https://127.0.0.1:{hostile(behaviour).port}")
    assert done.sentence.startswith("could not be judged: ") and says in done.sentence
    # a reset may overtake the end of connect
    kind = UNREACHABLE if behaviour is h.reset_at_once and "unreachable" in done.sentence else "infrastructure.no-handshake"
    all_are(done, "error", kind)


# ---- TLS, and then no HTTP ----

NO_ANSWER = [
    ("nothing", h.answering(then=h.say_nothing), "no answer to the request in time"),
    ("close", h.answering(), "closed"),
    ("reset", h.answering(then=h.reset), "reset"),
    ("garbage", h.answering(b"\x16\x03\x01\x02\0\x01\0\xff" * 50), "the answer is no HTTP"),
    ("close in the header", h.answering(h.RESPONSE + b"X-Half"), "the answer ended within its header"),
    ("reset in the header", h.answering(h.RESPONSE + b"X-Half", then=h.reset), "the answer ended within its header"),
    ("endless header", h.answering(h.RESPONSE, then=h.flood(b"X-More: and more\r\n")), "longer than 64 KiB"),
    ("one endless field", h.answering(h.RESPONSE + b"X-Long: ", then=h.flood(b"z")), "longer than 64 KiB"),
    ("endless 100", h.answering(then=h.flood(b"HTTP/1.1 100 Continue\r\n\r\n")), "longer than 64 KiB"),
    ("a byte a second", h.answering(then=h.drip_body), "no answer to the request in time"),
    ("HTTP/2 all the same", h.answering(b"\0\0\x12\x04\0\0\0\0\0" + bytes(18)), "the answer is no HTTP"),
]


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["tls1.2", "tls1.3"])
@pytest.mark.parametrize("behaviour, says", [row[1:] for row in NO_ANSWER], ids=[row[0] for row in NO_ANSWER])
def test_no_answer(judge, hostile, credentials, behaviour, says, newest):
    # python's server answers the control and never gets as far with a client that has no certificate
    context = h.tls_context(credentials.server_file, credentials.server.key, credentials.ca, newest)
    done = judge(f"https://127.0.0.1:{hostile(behaviour, context).port}", *credentials.options)
    assert done.sentence.startswith("could not be judged: the good certificate was not served") and says in done.sentence
    all_are(done, "inconclusive", CONTROL)


def test_huge_body_is_served(judge, hostile, credentials):
    """A body without an end is no reason to wait for its end."""
    context = h.tls_context(credentials.server_file, credentials.server.key, credentials.ca)
    server = hostile(h.answering(h.RESPONSE + b"Content-Type: application/json\r\n\r\n", then=h.flood(b"z")), context)
    done = judge(f"https://127.0.0.1:{server.port}", *credentials.options, exits=(0,))
    assert done.reports.counts["pass"] > 0


def test_untrusted_server(judge, hostile, credentials):
    """No credential is sent to a server that does not prove who it is."""
    server = hostile(h.answering(h.RESPONSE + b"\r\n"), h.tls_context(credentials.server_file, credentials.server.key, credentials.ca))
    done = judge(f"https://127.0.0.1:{server.port}", *credentials.options[:4])
    assert "the server's own certificate did not verify" in done.sentence and "--insecure" in done.sentence
    all_are(done, "error", "infrastructure.distrusted")


# ---- an honest server, cut off ----

@pytest.fixture(scope="module")
def honest(refserver, credentials, tmp_path_factory):
    """honest(newest) starts the reference server with that newest version once and returns its port."""
    children = {}

    def begin(newest):
        if newest not in children:
            child = Child([refserver, "--cert", credentials.server_file, "--key", credentials.server.key, "--ca", credentials.ca,
                           "--max-protocol", newest], cwd=tmp_path_factory.mktemp("honest"))
            children[newest] = (child, int(child.wait_line(r"^ready 127\.0\.0\.1:(\d+)$")[1]))
        return children[newest][1]
    yield begin
    for child, _ in children.values():
        child.stop()


HANDSHAKE_RECORDS = {"tls1.2": {True: 7, False: 6}, "tls1.3": {True: 7, False: 5}}  # to the client, to the server; with some of HTTP
CUTS = [(newest, to_client, count) for newest, counts in HANDSHAKE_RECORDS.items()
        for to_client, most in counts.items() for count in range(most)]


@pytest.mark.parametrize("by_reset", [False, True], ids=["fin", "reset"])
@pytest.mark.parametrize("newest, to_client, records", CUTS, ids=[f"{n}-{'down' if d else 'up'}-{c}" for n, d, c in CUTS])
def test_cut_behind_a_record(judge, hostile, honest, credentials, newest, to_client, records, by_reset):
    """Whatever the state in which the other side goes away: a verdict about nothing, and whole reports."""
    cut = h.Cut(honest(newest), to_client, records=records, by_reset=by_reset)
    done = judge(f"https://127.0.0.1:{hostile(cut).port}", *credentials.options)
    assert done.sentence.startswith("could not be judged: ")
    assert set(done.reports.counts) <= {"error", "inconclusive"}


@pytest.mark.parametrize("by_reset", [False, True], ids=["fin", "reset"])
@pytest.mark.parametrize("to_client, step", [(True, 13), (False, 7)], ids=["down", "up"])
def test_cut_at_every_place(judge, hostile, honest, credentials, to_client, step, by_reset):
    """The survey is served; then each connection breaks off a few bytes later than the one before. Nobody who was cut off is
    taken for refused: a bad credential whose control did not get through is inconclusive."""
    cut = h.CutLater(honest("tls1.3"), honest=SURVEY_CONNECTIONS, step=step, to_client=to_client, by_reset=by_reset)
    done = judge(f"https://127.0.0.1:{hostile(cut).port}", *credentials.options, "--jobs", "1", cases=(), exits=(1, NOT_JUDGED))
    assert done.reports.counts.get("inconclusive", 0) > 10


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xff], ids=hex)
@pytest.mark.parametrize("newest, to_client, step", [("tls1.2", True, 5), ("tls1.3", True, 5), ("tls1.2", False, 7), ("tls1.3", False, 7)])
def test_changed_at_every_place(judge, hostile, honest, credentials, newest, to_client, step, mask):
    """One byte of each connection is not what was sent. Neither side gets anywhere, and nobody is taken in."""
    change = h.Changing(honest(newest), honest=SURVEY_CONNECTIONS, step=step, mask=mask, to_client=to_client)
    done = judge(f"https://127.0.0.1:{hostile(change).port}", *credentials.options, "--jobs", "1", cases=(), exits=(1, NOT_JUDGED))
    assert done.reports.counts.get("inconclusive", 0) > 5


@pytest.mark.parametrize("then", [h.say_nothing, h.drip], ids=["silent", "dripping"])
def test_target_that_dies(judge, hostile, honest, credentials, then):
    """Nobody waits a timeout for each of hundreds of runs when the target is gone."""
    server = hostile(h.Fading(honest("tls1.3"), honest=40, then=then))
    done = judge(f"https://127.0.0.1:{server.port}", *credentials.options, cases=(), exits=(1, NOT_JUDGED))
    assert done.sentence.endswith("; then it stopped answering")
    assert done.stdout.count("the target stopped answering before this") < 10  # it is said, and not hundreds of times
    assert done.reports.counts["pass"] > 5 and done.reports.counts["error"] > 50
    assert "infrastructure.gone" in done.reports.types
    assert server.accepted < 40 + 3 * 32


def test_target_that_drops_the_bad(judge, hostile, honest, credentials):
    """An edge that does not answer those it refuses is not gone: the control is served. Inconclusive, to the end."""
    server = hostile(h.DroppingAlerts(honest("tls1.2")))
    done = judge(f"https://127.0.0.1:{server.port}", *credentials.options, cases=("server/missing", "server/possession", "server/message"))
    assert done.reports.counts["inconclusive"] >= 16 and "error" not in done.reports.counts
    assert "inconclusive.unanswered" in done.reports.types
