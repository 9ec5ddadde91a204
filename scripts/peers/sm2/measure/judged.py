# SPDX-License-Identifier: Apache-2.0
"""`mtlspec run -T sm2` against the servers of the peers, held against their baselines in ../baselines/sm2-NAME.yaml."""
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from . import process
from .peers import SOURCE

sys.path.insert(0, str(SOURCE.parent))

from driver import judge, stanza, suite  # noqa: E402  (the path comes first)


@dataclass(frozen=True)
class Configuration:
    """What the owner of a server did: well, or badly with the runs that must then fail."""
    name: str
    words: tuple
    must_fail: tuple = ()
    exempt: tuple = ()

    @property
    def good(self):
        return not self.must_fail


GOOD = Configuration("good", ("--mutual",))
CONFIGURATIONS = (GOOD, Configuration("one-way", (), ("server/request/asks",)))


def servers(known):
    """(name, protocol) of every server that can be judged."""
    return [(name, protocol) for name, peer in known.items() if not peer.not_judged for protocol in peer.server]


def own_certificate(pki, recipe, protocol):
    """The options by which a peer presents this recipe's certificate, or its pair."""
    halves = ("sign", "enc") if protocol == "tlcp" else ("sign",)
    return [word for half in halves for word in (f"--{half}-cert", str(pki / "sm2" / f"{recipe}.{half}.pem"),
                                                f"--{half}-key", str(pki / "sm2" / f"{recipe}.{half}.key"))]


def serving(peer, protocol, pki, configuration):
    """The peer as a server with the certificates of `mtlspec pki make`: a context manager."""
    anchors = ["--protocol", protocol, "--ca", str(pki / "sm2" / "ca.pem")]
    return process.serving(peer, [*anchors, *own_certificate(pki, "server", protocol), *configuration.words])


def entries(name):
    """The known deviations of this peer as a server."""
    file = stanza.HERE / "baselines" / f"sm2-{name}.yaml"
    return stanza.shared([file.stem]) if file.exists() else ()


def baseline(name, protocol):
    """Those in this protocol."""
    return [entry for entry in entries(name) if entry["run"].endswith(f"/{protocol}/sm2")]


def _run(address, protocol, pki, known, out):
    (out / "baseline.yaml").write_text(yaml.safe_dump(list(known), sort_keys=False))
    command = [suite.binary(), "run", "-t", f"https://{address}", "-T", "sm2", "--pki", pki, "--cacert", pki / "sm2" / "server-ca.pem",
               "--policy", "required", "--json", out / "report.json", "-j", out / "junit.xml"]
    command += ["--baseline", out / "baseline.yaml"] if known else []
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, cwd=out, stdin=subprocess.DEVNULL,
                          timeout=suite.RUN_TIMEOUT)
    if not (out / "report.json").exists():
        raise suite.ToolError(f"mtlspec run ended with {done.returncode} and no report:\n{done.stdout}{done.stderr}")
    report = judge.Report.of(done.returncode, json.loads((out / "report.json").read_text()))
    other = [run for run in report.runs if not run.endswith(f"/{protocol}/sm2")]
    if other:
        raise suite.ToolError(f"asked for {protocol} and SM2, mtlspec judged {', '.join(other[:3])}")
    return report


def complaints(configuration, known, report):
    """As the driver's; where the owner did badly, only what must fail counts: most of the suite then makes no sense."""
    if configuration.good:
        return judge.complaints(configuration, known, report)
    expected, failed = judge.expected_failures(configuration, report.runs), set(report.ids("fail"))
    found = [f"must fail and did not: {run}" for run in sorted(expected - failed)]
    found += [f"failed and must not: {run}" for run in sorted(failed - expected)]
    found += [] if expected else ["no run of the plan must fail"]
    return found + ([] if report.code == 1 else [f"mtlspec ended with {report.code}, not 1"])


def judged(peer, protocol, configuration, pki):
    """Starts the peer, runs the suite once; the driver's Outcome."""
    known = baseline(peer.name, protocol) if configuration.good else []
    with serving(peer, protocol, pki, configuration) as server, tempfile.TemporaryDirectory(prefix="mtlspec-run-") as name:
        began = time.monotonic()
        report = _run(server.address, protocol, pki, known, Path(name))
        took = time.monotonic() - began
    return suite.Outcome(f"{peer.name} {protocol}", configuration.name, report, complaints(configuration, known, report), took)
