# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the driver tests: the built program, run as a user would run it, and children that are started, awaited and stopped.

The program is the one that MTLSPEC names, else build/mtlspec. The reference peers are found beside it."""
import os
import pathlib
import re
import subprocess
import threading
import time

import pytest
from hostile import Server

ROOT = pathlib.Path(__file__).resolve().parents[3]
READY_TIMEOUT = 20  # seconds
SANITIZER = re.compile(r"Sanitizer|runtime error:")


class Child:
    """A process with its output collected line by line. `stop` ends it by its own pid; nothing else is ever signalled."""

    def __init__(self, command, **options):
        self.command = [str(word) for word in command]
        self.lines, self.changed = [], threading.Condition()
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace", **options)
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()

    def _collect(self):
        for line in self.process.stdout:
            self._note(line.rstrip("\n"))
        self._note(None)

    def _note(self, line):
        with self.changed:
            self.lines.append(line)
            self.changed.notify_all()

    @property
    def output(self):
        with self.changed:
            return "\n".join(line for line in self.lines if line is not None)

    def wait_line(self, pattern, timeout=READY_TIMEOUT):
        """Waits for an output line that matches `pattern` and returns the match; fails at once if the process ends before."""
        seen, deadline = 0, time.monotonic() + timeout
        with self.changed:
            while True:
                for line in self.lines[seen:]:
                    found = re.search(pattern, line) if line is not None else None
                    if found:
                        return found
                seen = len(self.lines)
                ended = seen and self.lines[-1] is None
                if ended or not self.changed.wait(max(0, deadline - time.monotonic())):
                    shown = "\n".join(line for line in self.lines if line is not None)
                    pytest.fail(f"{self.command[0]}: {'ended' if ended else 'no answer'} before {pattern!r}:\n{shown}")

    def wait(self, timeout=READY_TIMEOUT):
        """Waits for the end and returns the exit code, with all output collected."""
        code = self.process.wait(timeout)
        self.reader.join(timeout)
        return code

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.wait(5)


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def program():
    path = pathlib.Path(os.environ.get("MTLSPEC", ROOT / "build" / "mtlspec")).resolve()
    assert path.is_file(), f"{path} is not built"
    return path


@pytest.fixture(scope="session")
def refserver(program):
    return program.with_name("mtlspec-refserver")


@pytest.fixture(scope="session")
def refclient(program):
    return program.with_name("mtlspec-refclient")


@pytest.fixture
def mtlspec(program, tmp_path):
    """mtlspec(*arguments, **options) runs the program to its end in an empty folder: .returncode .stdout .stderr"""
    def run(*arguments, timeout=60, **options):
        options.setdefault("cwd", tmp_path)
        options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run([str(program), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors="replace", timeout=timeout, check=False, **options)
        assert not SANITIZER.search(done.stderr), done.stderr
        return done
    return run


@pytest.fixture
def hostile():
    """hostile(behaviour, context=None) starts a server that misbehaves (hostile.py) and returns it. Stopped at the end."""
    servers = []

    def begin(behaviour, context=None):
        servers.append(Server(behaviour, context))
        return servers[-1]
    yield begin
    for server in servers:
        server.stop()


@pytest.fixture
def start(tmp_path):
    """start(*command, ready=pattern) starts a child and awaits its ready line: child.ready is the match. Stopped at the end."""
    children = []

    def begin(*command, ready=None, **options):
        options.setdefault("cwd", tmp_path)
        child = Child(command, **options)
        children.append(child)
        child.ready = child.wait_line(ready) if ready else None
        return child
    yield begin
    for child in reversed(children):
        child.stop()
