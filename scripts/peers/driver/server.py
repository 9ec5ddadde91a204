# SPDX-License-Identifier: Apache-2.0
"""Starts one peer in one configuration, waits for its ready line, and stops exactly what it started."""
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from .stanza import HERE, fill

READY_TIMEOUT = 60      # seconds until the ready line; a JVM on a busy machine is the slowest
BUILD_TIMEOUT = 300     # seconds for one build command
STOP_TIMEOUT = 10       # seconds between SIGTERM and SIGKILL
PORT_TRIES = 5          # a port handed on may be taken by somebody else meanwhile


class StartError(Exception):
    """The peer did not start; the text holds the end of its output."""


@dataclass(frozen=True)
class Running:
    url: str
    port: int
    pid: int
    directory: Path
    log: Path


class Output:
    """Copies a child's output to a file, line by line, and tells when a line matches."""

    def __init__(self, stream, log, pattern):
        self._stream, self._log, self._pattern = stream, log, pattern
        self._seen = threading.Event()
        self.match = None
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def _copy(self):
        with self._log.open("w") as log:
            for line in self._stream:
                log.write(line)
                log.flush()
                if self.match is None:
                    self.match = self._pattern.search(line)
                    if self.match:
                        self._seen.set()
        self._seen.set()

    def await_line(self):
        """The match, or None if the output ended or time ran out first."""
        self._seen.wait(READY_TIMEOUT)
        return self.match

    def finish(self):
        self._thread.join(STOP_TIMEOUT)


def free_port():
    """A port of 127.0.0.1 that the kernel says is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stop(process):
    """Ends the process group that was started as `process`: asks, waits, then kills."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _values(peer, configuration, pki, build, directory):
    values = {name: path for name, path in peer.found.items()}
    values |= {"dir": directory, "build": build, "servers": HERE / "servers", "ca": pki / "ca.pem"}
    for algorithm in ("rsa", "ecc"):
        values |= {f"{algorithm}_cert": pki / algorithm / "server.pem", f"{algorithm}_key": pki / algorithm / "server.key"}
    return values | {key: fill(str(text), values, peer.name) for key, text in configuration.set.items()}


def _environment(peer, values):
    extra = {key: fill(text, values, peer.name) for key, text in peer.env.items()}
    return os.environ | extra


def _run_all(peer, commands, values, directory):
    for command in commands:
        words = [fill(word, values, peer.name) for word in command]
        done = subprocess.run(words, cwd=directory, env=_environment(peer, values), timeout=BUILD_TIMEOUT, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise StartError(f"{peer.name}: {' '.join(words)} ended with {done.returncode}:\n{done.stdout}")


class Workshop:
    """Holds what is built once for each peer; a context manager that removes it at its end."""

    def __init__(self):
        self._holder = tempfile.TemporaryDirectory(prefix="mtlspec-build-")
        self._built = set()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._holder.cleanup()

    def build(self, peer):
        """The folder of what `peer` builds, made on first use."""
        directory = Path(self._holder.name) / peer.name
        if peer.name not in self._built:
            directory.mkdir()
            _run_all(peer, peer.build, {**peer.found, "build": directory, "servers": HERE / "servers"}, directory)
            self._built.add(peer.name)
        return directory


def _prepare(peer, values, directory):
    directory.chmod(0o755)          # nginx and apache drop root before they open what lies here
    for name, text in peer.files.items():
        (directory / name).write_text(fill(text, values, f"{peer.name}: {name}"))
    _run_all(peer, peer.prepare, values, directory)


def _launch(peer, values, directory):
    words = [fill(word, values, peer.name) for word in peer.start]
    process = subprocess.Popen(words, cwd=directory, env=_environment(peer, values), start_new_session=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="backslashreplace")
    return process, Output(process.stdout, directory / "output.log", peer.ready)


def _tail(log):
    return "\n".join(log.read_text().splitlines()[-15:]) if log.exists() else ""


@contextlib.contextmanager
def _attempt(peer, values, directory):
    """One start. Yields the ready line's match, or None; nothing is left running afterwards."""
    process, output = _launch(peer, values, directory)
    try:
        yield process, output.await_line()
    finally:
        stop(process)
        output.finish()


def _port_was_taken(log):
    text = log.read_text().lower() if log.exists() else ""
    return "address already in use" in text or "cannot bind" in text


@contextlib.contextmanager
def started(peer, configuration, pki, workshop):
    """Runs `peer` as `configuration` (an object of its stanza) with the certificates of the folder `pki`; yields a Running."""
    build = workshop.build(peer)
    with tempfile.TemporaryDirectory(prefix=f"mtlspec-{peer.name}-") as name:
        directory = Path(name)
        log = directory / "output.log"
        for last in [False] * (PORT_TRIES - 1) + [True]:
            values = _values(peer, configuration, Path(pki).resolve(), build, directory)
            values["port"] = 0 if peer.picks_port else free_port()
            _prepare(peer, values, directory)
            with _attempt(peer, values, directory) as (process, match):
                if match:
                    port = int(match.group("port")) if peer.picks_port else values["port"]
                    yield Running(f"https://127.0.0.1:{port}", port, process.pid, directory, log)
                    return
            if last or not _port_was_taken(log):
                raise StartError(f"{peer.name} ({configuration.name}) was not ready:\n{_tail(log)}")
