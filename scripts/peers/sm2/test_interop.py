# SPDX-License-Identifier: Apache-2.0
"""Measures the table anew; a step of scripts/test. A peer that cannot be built here is a visible skip, and a failure in CI."""
import json
import os
import select
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import credentials, grid, peers, process, tables  # noqa: E402  (the path comes first)

PEERS = peers.load()
GROUPS = grid.groups(PEERS)
KNOWN = grid.reasons()
RECORDED = json.loads(tables.RECORDED.read_text())


def cells(group):
    return [group.cell(client, suite) for client, suite in grid.questions(group, PEERS)]


@pytest.fixture(scope="session")
def ready():
    """The peers that are built, after a try at each; name -> why not, for the others."""
    absent = {name: peers.attempt(peer)[0] for name, peer in PEERS.items()}
    return {name: peer for name, peer in PEERS.items() if not absent[name]}, {name: why for name, why in absent.items() if why}


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    return credentials.make(tmp_path_factory.mktemp("sm2") / "pki")


@pytest.mark.parametrize("name", PEERS)
def test_peer_is_there(name, ready):
    why = ready[1].get(name)
    if why:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


@pytest.fixture(scope="session")
def measured(ready, pki):
    """group -> its results, or what went wrong. As many servers at a time as there are processors: most of it is the start of JVMs."""
    built, absent = ready
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {group: pool.submit(lambda asked: list(grid.measure(asked, built, pki)), group)
               for group in GROUPS if group.server not in absent}


@pytest.mark.parametrize("group", GROUPS, ids=lambda g: f"{g.protocol}-{g.server}-{g.mode}-{g.shape}")
def test_cells(group, ready, measured):
    if group.server in ready[1]:
        pytest.skip(ready[1][group.server])
    results = measured[group].result()
    assert results
    assert grid.complaints(results, KNOWN)[0] == []


def test_table_is_of_all_cells_and_as_the_reasons_say():
    recorded = {row["cell"]: row["varies"] or row["connects"] for row in RECORDED["cells"]}
    assert recorded == {cell: grid.varies(cell, KNOWN) or not grid.reason(cell, KNOWN) for group in GROUPS for cell in cells(group)}


def test_document_is_of_this_table():
    assert tables.DOCUMENT.read_text() == tables.text(), "scripts/peers/sm2/interop table --write"


def test_every_failure_has_one_reason_and_every_reason_a_failure():
    named = [grid.reason(cell, KNOWN) for group in GROUPS for cell in cells(group)]
    assert all(len(patterns) <= 1 for patterns in named)
    assert {pattern for patterns in named for pattern in patterns} == set(KNOWN)


def test_a_wrong_reason_is_noticed():
    failed, fine = grid.Result("tlcp/a/b/S/mutual/direct", False, "x", ""), grid.Result("tlcp/a/b/S/one-way/direct", True, "", "")
    assert grid.complaints([failed, fine], {"tlcp/a/b/S/mutual/*": {}}) == ([], [])
    assert grid.complaints([failed, fine], {"tlcp/a/b/S/*/*": {"varies": True}}) == ([], [])
    found, dead = grid.complaints([failed, fine], {"tlcp/a/b/S/one-way/*": {}, "tlcp/c/*/*/*/*": {}})
    assert len(found) == 2 and dead == ["tlcp/c/*/*/*/*"]


def test_what_chance_spoiled_is_asked_once_more(monkeypatch):
    bad, good = {"error": "handshake: malformed integer"}, {"error": ""}
    server = SimpleNamespace(address="", line=lambda: {})
    asked = (("gmsse", [bad, good], good), ("gmsse", [bad, bad], bad), ("gmsse", [good], good), ("tongsuo", [bad], bad))
    for name, answers, wanted in asked:
        again = len(answers) - 1
        monkeypatch.setattr(process, "ask", lambda *_words, left=answers: left.pop(0))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            assert grid.asked(PEERS[name], server, [])[0] is wanted and not answers
        assert len(told) == again


def ended(pid):
    """Whether a process that is nobody's child of ours ends, or has."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(handle):
        return bool(select.select([handle], [], [], 10)[0])


def test_a_build_that_takes_too_long_ends_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setenv("MTLSPEC_SM2_BUILD", str(tmp_path))
    monkeypatch.setattr(peers, "BUILD_TIMEOUT", 2)
    slow = replace(PEERS["tjfoc"], name="slow", within="@build@", build=(("sh", "-c", "sleep 600 & echo $! >child; wait"),))
    with pytest.raises(peers.PeerError, match="took more than 2 s"):
        peers.build(slow)
    assert ended(int((tmp_path / "slow" / "child").read_text()))
