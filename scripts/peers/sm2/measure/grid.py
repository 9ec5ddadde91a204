# SPDX-License-Identifier: Apache-2.0
"""The table: protocol x server x client x suite x one-way or mutual x shape of the certificates, and the reasons for what fails."""
import warnings
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from . import process
from .peers import SOURCE

PROTOCOLS = ("tlcp", "tls1.3")
MODES = ("one-way", "mutual")
SHAPES = ("direct", "chain")


@dataclass(frozen=True)
class Group:
    """The cells that one run of one server answers."""
    protocol: str
    server: str
    mode: str
    shape: str

    def cell(self, client, suite):
        return "/".join((self.protocol, self.server, client, suite, self.mode, self.shape))


@dataclass(frozen=True)
class Result:
    cell: str
    connects: bool
    client: str         # what each side said was wrong, or ""
    server: str

    def row(self):
        return {"cell": self.cell, "connects": self.connects, "client": self.client, "server": self.server}


def groups(peers):
    """Every server in every protocol, mode and shape."""
    return [Group(protocol, name, mode, shape) for protocol in PROTOCOLS for name, peer in peers.items() if protocol in peer.server
            for mode in MODES for shape in SHAPES]


def questions(group, peers):
    """(client, suite) pairs of a group: the suites that both say they have."""
    offered = peers[group.server].server[group.protocol]
    return [(name, suite) for name, peer in peers.items() for suite in peer.client.get(group.protocol, []) if suite in offered]


def _complaint(seen, suite, subject):
    """Why what one side saw is not what it should have seen, or the empty string."""
    shown = seen.get("peer_subject") or ""
    if seen["error"] or seen["status"] != 200:
        return seen["error"] or f"status {seen['status']}"
    if seen["suite"] != suite:
        return f"the suite is {seen['suite']}"
    return "" if shown.endswith(subject) and bool(shown) == bool(subject) else f"the peer is {shown or 'nobody'}"


def asked(peer, server, words):
    """What client and server saw of one connection, or of a second if chance spoiled the first."""
    seen = process.ask(peer, server.address, words), server.line()
    if peer.asked_again and peer.asked_again in (seen[0]["error"] or ""):
        warnings.warn(f"{peer.name} is asked once more: {seen[0]['error']}", stacklevel=2)
        seen = process.ask(peer, server.address, words), server.line()
    return seen


def measure(group, peers, pki):
    """Starts the group's server and asks it by every client and suite; yields a Result for each."""
    mutual = group.mode == "mutual"
    words = process.options(pki, group.shape, "server", group.protocol) + (["--mutual"] if mutual else [])
    with process.serving(peers[group.server], words) as server:
        for client, suite in questions(group, peers):
            own = process.options(pki, group.shape, "client", group.protocol, mutual)
            seen, told = asked(peers[client], server, [*own, "--suite", suite])
            wrong = (_complaint(seen, suite, "localhost"), _complaint(told, suite, "sm2 client" if mutual else ""))
            yield Result(group.cell(client, suite), not any(wrong), *wrong)


def reasons(path=SOURCE / "deviations.yaml"):
    """The known failures: pattern -> its entry."""
    entries = yaml.safe_load(Path(path).read_text())
    return {pattern: entry for entry in entries for pattern in entry["cells"]}


def varies(cell, known):
    """Whether the cell connects at one time and not at another."""
    return any(known[pattern].get("varies", False) for pattern in reason(cell, known))


def reason(cell, known):
    """The patterns of `known` that name this cell."""
    def named(pattern):
        wanted, parts = pattern.split("/"), cell.split("/")
        return len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted))
    return [pattern for pattern in known if named(pattern)]


def complaints(results, known):
    """Lines on the cells that are not as `known` says, and the patterns that name none."""
    found = []
    used = set()
    for result in results:
        named = reason(result.cell, known)
        used.update(named)
        if result.connects == bool(named) and not varies(result.cell, known):
            what = "connects, and deviations.yaml says it does not" if result.connects else "does not connect"
            found.append(f"{result.cell}: {what}: client: {result.client or 'well'}; server: {result.server or 'well'}")
    return found, [pattern for pattern in known if pattern not in used]
