# SPDX-License-Identifier: Apache-2.0
"""Starts a peer as a server and reads its lines, and runs one as a client."""
import contextlib
import json
import os
import queue
import signal
import subprocess
import threading

from .peers import PeerError

READY_TIMEOUT = 60      # seconds; a JVM on a busy machine is the slowest
CLIENT_TIMEOUT = 60
LINE_TIMEOUT = 20       # seconds from the client's end to the server's line
STOP_TIMEOUT = 10
END = object()


class Server:
    """A running server: its port, and the lines that it prints for connections."""

    def __init__(self, name, process):
        self._name, self._process = name, process
        self._lines = queue.Queue()
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()
        self.address = self._await_ready()

    def _copy(self):
        for line in self._process.stdout:
            self._lines.put(line.strip())
        self._lines.put(END)

    def _next(self, timeout):
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            line = END
        return line

    def _await_ready(self):
        seen = []
        line = self._next(READY_TIMEOUT)
        while line is not END and not line.startswith("ready "):
            seen.append(line)
            line = self._next(READY_TIMEOUT)
        if line is END:
            raise PeerError(f"{self._name} was not ready: {' '.join(seen[-5:])}")
        return line.removeprefix("ready ")

    def line(self):
        """What it says of the next connection. What is not JSON is its library's chatter."""
        line = self._next(LINE_TIMEOUT)
        while line is not END and not line.startswith("{"):
            line = self._next(LINE_TIMEOUT)
        return {"status": None, "error": "no line: it ended, or is waiting"} if line is END else json.loads(line)


def _certificates(folder, side, halves):
    return [word for half in halves for word in
            (f"--{half}-cert", str(folder / side / f"{half}.pem"), f"--{half}-key", str(folder / side / f"{half}.key"))]


def options(pki, shape, side, protocol, with_certificate=True):
    """The options for one side: its protocol, the trust anchor, and its certificates."""
    halves = ("sign", "enc") if protocol == "tlcp" else ("sign",)
    own = _certificates(pki / shape, side, halves) if with_certificate else []
    return ["--protocol", protocol, "--ca", str(pki / "ca.pem"), *own]


@contextlib.contextmanager
def serving(peer, words):
    """The peer as a server with these options; it is stopped at the end."""
    process = subprocess.Popen([*peer.words(peer.start), "--listen", "0", *words], env=peer.variables(), start_new_session=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="backslashreplace")
    try:
        yield Server(peer.name, process)
    finally:
        _stop(process)


def _stop(process):
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT)


def ask(peer, address, words):
    """The peer as a client: the line that it prints."""
    try:
        done = subprocess.run([*peer.words(peer.start), "--connect", address, *words], env=peer.variables(), timeout=CLIENT_TIMEOUT,
                              check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return {"status": None, "error": f"not done after {CLIENT_TIMEOUT} s"}
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise PeerError(f"{peer.name} as a client ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return json.loads(lines[-1])
