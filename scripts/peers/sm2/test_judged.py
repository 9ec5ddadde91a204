# SPDX-License-Identifier: Apache-2.0
"""What the baselines of the SM2 peers say, seen without mtlspec where another client can show it. What mtlspec itself says of these
servers: `interop judge`, a step of scripts/test."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from measure import judged, peers  # noqa: E402  (the path comes first)

PEERS = peers.load()
CELLS = judged.servers(PEERS)
judge, suite = judged.judge, judged.suite


def built(name):
    """The peer; one that cannot be built is a visible skip, and a failure in CI."""
    why, _ = peers.attempt(PEERS[name])
    if why:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
    return PEERS[name]


@pytest.fixture(scope="module")
def every_recipe(tmp_path_factory):
    pki = suite.make_pki(tmp_path_factory.mktemp("mtlspec") / "pki")
    subprocess.run([suite.binary(), "pki", "make", "--all", "--pki", pki], check=True, capture_output=True)
    return pki


def shows_the_same(entry, environment):
    """A client's exit code says whether it was served; what only mtlspec can send fails without a baseline."""
    done = subprocess.run(["sh", "-c", entry["reproduce"]], cwd=HERE.parents[2], env=environment, capture_output=True, text=True,
                          check=False, timeout=60)
    return done.returncode == (1 if entry["observed"] != "served" or entry["reproduce"].startswith("mtlspec ") else 0)


def with_controls(entries):
    """The entries, and for each client that they name one more: that it is served with a good certificate."""
    asking = [entry["reproduce"] for entry in entries if entry["reproduce"].startswith("scripts/")]
    controls = {line.rpartition(" ")[0] + " client" for line in asking}
    return [*entries, *({"reproduce": line, "observed": "served"} for line in sorted(controls))]


@pytest.mark.parametrize("name, protocol", CELLS, ids=["-".join(cell) for cell in CELLS])
def test_baseline_lines_show_the_same(name, protocol, every_recipe, tmp_path):
    (tmp_path / "mtlspec").symlink_to(suite.binary())
    entries = judged.baseline(name, protocol)
    assert entries
    with judged.serving(built(name), protocol, every_recipe, judged.GOOD) as server:
        environment = os.environ | {"PORT": server.address.rpartition(":")[2], "PKI": str(every_recipe),
                                    "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        wrong = [entry["reproduce"] for entry in with_controls(entries) if not shows_the_same(entry, environment)]
    assert wrong == []


def report(code, **verdicts):
    runs = {f"server/{run}/tlcp/sm2": (verdict, "served") for run, verdict in verdicts.items()}
    return judge.Report(code, runs, "")


ONE_WAY = judged.Configuration("bad", (), ("server/asks",))


@pytest.mark.parametrize("configuration, known, given, said", [
    (ONE_WAY, [], report(1, asks="fail", other="unsupported"), None),
    (ONE_WAY, [], report(0, asks="pass"), "must fail and did not: server/asks/tlcp/sm2"),
    (ONE_WAY, [], report(1, asks="fail", other="fail"), "failed and must not: server/other/tlcp/sm2"),
    (ONE_WAY, [], report(6, asks="fail"), "mtlspec ended with 6, not 1"),
    (ONE_WAY, [], report(1, other="unsupported"), "no run of the plan must fail"),
    (judged.GOOD, [], report(0, asks="pass"), None),
    (judged.GOOD, [], report(1, asks="fail"), "failed and must not: server/asks/tlcp/sm2: served"),
    (judged.GOOD, [{"run": "server/asks/tlcp/sm2"}], report(0, asks="pass"),
     "baseline entry that is not needed: server/asks/tlcp/sm2: pass served"),
])
def test_comparison(configuration, known, given, said):
    found = judged.complaints(configuration, known, given)
    assert (found == []) if said is None else (said in found)
