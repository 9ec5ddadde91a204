# SPDX-License-Identifier: Apache-2.0
"""The peers of peers.yaml: what each needs, how it is built once and kept, how its program is called."""
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().parent.parent
BUILD_TIMEOUT = 1500    # seconds for one build command; Tongsuo's libssl and libcrypto are the longest, 3 minutes on two idle cores
PLACEHOLDER = re.compile(r"@([a-z]+)@")


class PeerError(Exception):
    """A peer that cannot be built or does not behave like one; the text says why."""


@dataclass(frozen=True)
class Peer:
    name: str
    title: str
    origin: str
    needs: tuple
    within: str
    environment: dict
    build: tuple
    start: tuple
    server: dict        # protocol -> suites
    client: dict
    not_served: dict    # chain or direct -> why our server cannot serve its client
    not_judged: str     # why our suite has nothing to say of its server, or ""
    asked_again: str    # the error of its client upon which it is asked once more, or ""

    def missing(self):
        """Why this peer cannot be built here, or None."""
        absent = [program for program in self.needs if shutil.which(program) is None]
        return f"{', '.join(absent)} not found" if absent else None

    def folder(self):
        """Where its build is kept from run to run: $MTLSPEC_SM2_BUILD, else build-peers-sm2 of this checkout."""
        kept = os.environ.get("MTLSPEC_SM2_BUILD") or SOURCE.parents[2] / "build-peers-sm2"
        return Path(kept).resolve() / self.name

    def fill(self, text):
        values = {"source": SOURCE, "build": self.folder(), "peer": self.name}
        return PLACEHOLDER.sub(lambda found: str(values[found.group(1)]), text)

    def words(self, command):
        return [self.fill(word) for word in command]

    def variables(self):
        return os.environ | {name: self.fill(value) for name, value in self.environment.items()}


def load(path=SOURCE / "peers.yaml"):
    """Every peer by name."""
    raw = yaml.safe_load(Path(path).read_text())
    return {name: Peer(name=name, title=entry["title"], origin=entry["from"], needs=tuple(entry["needs"]),
                       within=entry.get("within", "@build@"), environment=entry.get("environment", {}),
                       build=tuple(map(tuple, entry["build"])), start=tuple(entry["start"]), server=entry["server"],
                       client=entry["client"], not_served=entry.get("not-served", {}),
                       not_judged=entry.get("not-judged", "").strip(), asked_again=entry.get("asked-again", ""))
            for name, entry in raw.items()}


def clients(known):
    """(name, protocol, suite) for every suite that a client says it has."""
    return [(name, protocol, suite) for name, peer in known.items() for protocol, suites in peer.client.items() for suite in suites]


def _folder(place):
    return place if place.is_dir() else place.parent


def _fingerprint(peer):
    """Of all that the build reads here, so that a change builds anew."""
    digest = hashlib.sha256(repr((peer.within, peer.environment, peer.build)).encode())
    folders = {_folder(Path(peer.fill(part))) for command in peer.build for word in command for part in word.split(":")
               if "@source@" in part}
    folders |= {Path(peer.fill(peer.within))} - {peer.folder()}
    for file in sorted(file for folder in folders for file in folder.rglob("*") if file.is_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def _ending(process):
    """Ends a build command with the compilers that it started, should we not get to its end."""
    try:
        yield
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def _run(peer, command):
    words = peer.words(command)
    process = subprocess.Popen(words, cwd=peer.fill(peer.within), env=peer.variables(), start_new_session=True, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        with _ending(process):
            said, _ = process.communicate(timeout=BUILD_TIMEOUT)
    except subprocess.TimeoutExpired as late:
        raise PeerError(f"{peer.name}: {' '.join(words)} took more than {BUILD_TIMEOUT} s") from late
    if process.returncode != 0:
        raise PeerError(f"{peer.name}: {' '.join(words)} ended with {process.returncode}:\n{said[-2000:]}")


def build(peer):
    """Builds what is not there, or not of these sources; says whether it did. One process at a time."""
    folder = peer.folder()
    folder.mkdir(parents=True, exist_ok=True)
    stamp, wanted = folder / "built-from", _fingerprint(peer)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return False
        for command in peer.build:
            _run(peer, command)
        stamp.write_text(wanted)
    return True


def attempt(peer):
    """(why it cannot be used here, or None; whether it was built just now)"""
    why, fresh = peer.missing(), False
    if not why:
        try:
            fresh = build(peer)
        except PeerError as problem:
            why = str(problem)
    return why, fresh
