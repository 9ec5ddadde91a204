# SPDX-License-Identifier: Apache-2.0
"""Cases of sessions before servers that take some up and before servers that take up none; the roots that our SM2 server trusts."""
import contextlib
import itertools
import json
import socket
import threading

import pytest

TAKES_NONE = "the target takes no session up, so this shows nothing"
FULL = "the session was not taken up: it was a full handshake"
REFUSALS = {"anonymous-id", "anonymous-ticket", "refused-id", "refused-ticket", "unproved", "other-name", "ticket-bit-flipped"}


class Balancer:
    """Sends each connection to the next of several servers, of which none knows the others' sessions."""

    def __init__(self, ports):
        self.turns, self.lock = itertools.cycle(ports), threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", next(self.turns)))
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def _copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return tmp_path_factory.mktemp("sessions") / "pki"


@pytest.fixture
def serve(start, program, pki):
    """serve(n) starts n servers of SM2 and returns their ports."""
    def begin(n):
        command = (program, "serve", "--algorithm", "sm2", "--pki", pki)
        return [int(start(*command, ready=r"^ready 127\.0\.0\.1:(\d+)$").ready[1]) for _ in range(n)]
    return begin


def judged(mtlspec, tmp_path, target, pki):
    """{case: its result} of the cases of sessions"""
    done = mtlspec("run", "server/resumption", "-t", target, "--pki", pki, "--jobs", "1", "--json", "results.json")
    assert done.returncode == 0, done.stdout + done.stderr
    return {r["case"]: r for r in json.loads((tmp_path / "results.json").read_text())["results"]}


def test_server_that_takes_no_session_up(mtlspec, tmp_path, serve, pki):
    balancer = Balancer(serve(2))
    try:
        results = judged(mtlspec, tmp_path, balancer.url, pki)
    finally:
        balancer.close()
    assert {c for c, r in results.items() if (r["verdict"], r["message"]) == ("unsupported", TAKES_NONE)} == REFUSALS
    assert {c for c, r in results.items() if r["notes"] == [FULL]} == {"by-id", "by-ticket"}
    assert {r["verdict"] for c, r in results.items() if c not in REFUSALS} == {"pass"}
    assert not any(s["resumed"] for r in results.values() for s in r["steps"])


def test_server_that_takes_sessions_up(mtlspec, tmp_path, serve, pki):
    results = judged(mtlspec, tmp_path, f"https://127.0.0.1:{serve(1)[0]}", pki)
    assert {r["verdict"] for r in results.values()} == {"pass"} and not any(r["notes"] for r in results.values())
    assert {c: [s["resumed"] for s in r["steps"]] for c, r in results.items() if any(s["resumed"] for s in r["steps"])} == {
        "by-id": [False, True], "by-ticket": [False, True], "other-name": [False, True, False]}


@pytest.mark.parametrize("options, served", [((), 0), (("--fault", "accept-sm2-under-other-ca"), 6)])
def test_sm2_server_trusts_other_roots(mtlspec, pki, options, served):
    """Else the rule that an SM2 client's CA has to be of SM2 would hold by itself."""
    done = mtlspec("run", "server/sm2-mismatch", "-T", "sm2", "--strict", "--pki", pki, *options)
    assert done.returncode == bool(served) and done.stdout.count("observed  served, HTTP 200") == served, done.stdout
