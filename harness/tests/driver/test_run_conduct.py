# SPDX-License-Identifier: Apache-2.0
"""How `mtlspec run` conducts itself towards a target: pace, connections in flight, second tries, and a target that begins to block."""
import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time

import pytest

OK, REFUSED, BUSY = (f"HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
                     for line in ("200 OK", "400 Bad Request", "503 Busy"))
TCP_ESTABLISHED = 1  # the first octet of TCP_INFO, tcp(7)
RUNS = ("server/wrong-ca", "server/validity")


def is_established(descriptor):
    """Whether neither side has ended this TCP connection: what the peer ended counts no more, however late a thread notices."""
    info = socket.socket(fileno=os.dup(descriptor))
    with info:
        return info.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_ESTABLISHED


class Edge:
    """An HTTPS server that wants a client certificate. `answer(number, request)` gives the reply to the n-th connection, None: FIN."""

    def __init__(self, pki, answer):
        self.answer, self.context = answer, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pki / "ecc" / "server.pem", pki / "ecc" / "server.key")
        self.context.load_verify_locations(pki / "ca.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.times, self.requests, self.open, self.most, self.lock, self.threads = [], [], set(), 0, threading.Lock(), []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.main = threading.Thread(target=self._accept, daemon=True)
        self.main.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.times.append(time.monotonic())
                self.open.add(connection.fileno())
                self.most = max(self.most, sum(map(is_established, self.open)))
            thread = threading.Thread(target=self._serve, args=(connection, len(self.times)), daemon=True)
            thread.start()
            self.threads.append(thread)

    def _serve(self, connection, number):
        spoken = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with contextlib.suppress(OSError):
            spoken.do_handshake()
            request = spoken.recv(65536).decode("ascii", "replace")
            self.requests.append(request)
            reply = self.answer(number, request)
            if reply:
                spoken.sendall(reply)
        with self.lock:  # the number of the descriptor is free for another connection only afterwards
            self.open.remove(spoken.fileno())
            spoken.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in [self.main, *self.threads]:
            thread.join(10)


@pytest.fixture(scope="module")
def pki(program, tmp_path_factory):
    """A pki folder of the program that is made once."""
    folder = tmp_path_factory.mktemp("pki")
    done = subprocess.run([program, "run", "server/control", "--pki", folder / "pki", "-j", folder / "junit.xml"], cwd=folder,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "pki"


@pytest.fixture
def edge(pki):
    """edge(answer) starts such a server; closed at the end."""
    running = []

    def begin(answer):
        running.append(Edge(pki, answer))
        return running[-1]
    yield begin
    for one in running:
        one.close()


@pytest.fixture
def judge(mtlspec, pki, tmp_path):
    def run(url, *words):
        done = mtlspec("run", "-t", url, "--pki", pki, "--json", "out.json", *words)
        assert done.returncode in (0, 1, 6), done.stdout + done.stderr
        return done, {result["id"]: result for result in json.loads((tmp_path / "out.json").read_text())["results"]}
    return run


def always(reply):
    return lambda _number, _request: reply


def verdicts(results):
    return {result["verdict"] for result in results.values()}


def test_every_request_names_its_run(edge, judge):
    running = edge(always(OK))
    _, results = judge(running.url, *RUNS)
    labels = {re.search(r"X-Mtlspec-Case: (\S+)", request).group(1) for request in running.requests}
    assert all(re.search(r"User-Agent: mtlspec/\d", request) for request in running.requests)
    assert "survey" in labels
    assert {run for run, result in results.items() if result["observed"].startswith("served")} <= labels


def test_equal_twins_run_once(edge, judge):
    running = edge(always(OK))
    _, results = judge(running.url, *RUNS)
    controls = [request for request in running.requests if "X-Mtlspec-Case: server/control/" in request]
    assert len(controls) < len(results) / 2


@pytest.mark.parametrize("jobs", [1, 3])
def test_no_more_in_flight_than_asked(jobs, edge, judge):
    running = edge(always(OK))
    judge(running.url, *RUNS, "--jobs", jobs)
    assert running.most <= jobs


def test_the_rate_is_held(edge, judge):
    running = edge(always(OK))
    judge(running.url, "server/control", "server/missing/empty-list", "--rate", "20/s", "--jobs", "4")
    surveyed = 6  # its connections come one after the other, as fast as they are answered
    times = running.times[surveyed:]
    assert len(times) >= 6
    assert (times[-1] - times[0]) / (len(times) - 1) >= 0.9 / 20


def test_an_edge_that_begins_to_block(edge, judge):
    running = edge(lambda number, _request: OK if number < 40 else REFUSED)
    done, results = judge(running.url, *RUNS, "server/possession", "--jobs", "1")
    assert done.returncode in (1, 6)
    blocked = [result for result in results.values() if result["verdict"] == "inconclusive"]
    assert len(blocked) > 10
    assert {result["type"] for result in blocked} <= {"inconclusive.control", "inconclusive.twin"}
    passed = [result for result in results.values() if result["verdict"] == "pass"]
    assert not [result["id"] for result in passed if result["observed"] == "refused over HTTP 400"]


def test_an_answer_that_decides_nothing_is_asked_for_again(edge, judge):
    asked = set()

    def answer(_number, request):
        label = re.search(r"X-Mtlspec-Case: (\S+)", request).group(1)
        first = label != "survey" and label not in asked
        asked.add(label)
        return BUSY if first else OK
    done, results = judge(edge(answer).url, "server/control")
    assert done.returncode == 0, done.stdout
    assert verdicts(results) == {"pass"}
    assert all(result["flaky"] and "flaky: the tries differ" in result["notes"] for result in results.values())


@pytest.mark.parametrize("then, wanted", [(OK, "fail"), (REFUSED, "pass")])
def test_what_comes_of_a_second_try(then, wanted, edge, judge):
    """Nothing presented, and first an answer that decides nothing: what is said then counts, and both are kept."""
    asked = set()

    def answer(_number, request):
        label = re.search(r"X-Mtlspec-Case: (\S+)", request).group(1)
        if "server/missing/" not in label:
            return OK
        first = label not in asked
        asked.add(label)
        return BUSY if first else then
    running = edge(answer)
    running.context.verify_mode = ssl.CERT_OPTIONAL
    _, results = judge(running.url, "server/missing/empty-list")
    assert verdicts(results) == {wanted}
    assert all(result["flaky"] and len(result["steps"][0]["tries"]) == 2 for result in results.values())


def test_always_busy_is_inconclusive(edge, judge):
    def answer(_number, request):
        return OK if "Case: survey" in request or "server/control" in request else BUSY
    running = edge(answer)
    running.context.verify_mode = ssl.CERT_OPTIONAL
    done, results = judge(running.url, "server/missing/empty-list")
    assert done.returncode == 6
    assert verdicts(results) == {"inconclusive"}
    assert all(len(result["steps"][0]["tries"]) == 2 for result in results.values())
