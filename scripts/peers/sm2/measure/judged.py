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
    anchors: tuple = ("sm2/ca.pem",)    # files of `mtlspec pki make` that it trusts

    @property
    def good(self):
        return not self.must_fail


UNSPOKEN = "the target does not speak "
GOOD = Configuration("good", ("--mutual",))
EVERY_ROOT = Configuration("every root", ("--mutual",), anchors=("sm2/ca.pem", "ca.pem"))      # those of RSA and ECC too
CONFIGURATIONS = (GOOD, EVERY_ROOT, Configuration("one-way", (), ("server/request/asks",)))


def servers(known):
    """(name, protocol) of every server that can be judged."""
    return [(name, protocol) for name, peer in known.items() if not peer.not_judged for protocol in peer.server]


def own_certificate(pki, recipe, protocol):
    """The options by which a peer presents this recipe's certificate, or its pair; NAME+OTHER is a pair whose second half is of OTHER."""
    sign, _, enc = recipe.partition("+")
    names = {"sign": sign, "enc": enc or sign} if protocol == "tlcp" else {"sign": sign}
    return [word for half, name in names.items() for word in (f"--{half}-cert", str(pki / "sm2" / f"{name}.{half}.pem"),
                                                             f"--{half}-key", str(pki / "sm2" / f"{name}.{half}.key"))]


def serving(peer, protocol, pki, configuration):
    """The peer as a server with the certificates of `mtlspec pki make`: a context manager."""
    anchors = pki / f"anchors-{'-'.join(configuration.name.split())}.pem"
    anchors.write_text("".join((pki / file).read_text() for file in configuration.anchors))
    own = own_certificate(pki, "server", protocol)
    return process.serving(peer, ["--protocol", protocol, "--ca", str(anchors), *own, *configuration.words])


def entries(name):
    """The known deviations of this peer as a server."""
    file = stanza.HERE / "baselines" / f"sm2-{name}.yaml"
    return stanza.shared([file.stem]) if file.exists() else ()


def baseline(name, protocol):
    """Those in this protocol."""
    return [entry for entry in entries(name) if entry["run"].endswith(f"/{protocol}/sm2")]


def spoken(name, protocol):
    """The suites in which anybody connects with this server, as the table has it."""
    cells = [row["cell"].split("/") for row in json.loads((SOURCE / "table.json").read_text())["cells"] if row["connects"]]
    return {suite for has, server, _, suite, mode, _ in cells if (has, server, mode) == (protocol, name, "mutual")}


def _makes_sense(entry, suites):
    """Whether a run is about what the server has: not of a suite that it cannot speak with anybody."""
    missing = (entry.get("message") or "").removeprefix(UNSPOKEN)
    return entry["verdict"] != "unsupported" or missing == entry.get("message") or missing in suites


def _run(address, pki, known, out):
    """One `mtlspec run`: its exit code and its JSON report."""
    command = [suite.binary(), "run", "-t", f"https://{address}", "-T", "sm2", "--pki", pki, "--cacert", pki / "sm2" / "server-ca.pem",
               "--policy", "required", "--json", out / "report.json", "-j", out / "junit.xml"]
    if known:
        (out / "baseline.yaml").write_text(yaml.safe_dump(known, sort_keys=False))
        command += ["--baseline", out / "baseline.yaml"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, cwd=out, stdin=subprocess.DEVNULL,
                          timeout=suite.RUN_TIMEOUT)
    if not (out / "report.json").exists():
        raise suite.ToolError(f"mtlspec run ended with {done.returncode} and no report:\n{done.stdout}{done.stderr}")
    return done.returncode, json.loads((out / "report.json").read_text())


def _report(code, document, protocol, suites):
    """A Report of the runs that make sense here; all have to be of this protocol."""
    document["results"] = [entry for entry in document["results"] if _makes_sense(entry, suites)]
    other = [entry["id"] for entry in document["results"] if not entry["id"].endswith(f"/{protocol}/sm2")]
    if other:
        raise suite.ToolError(f"asked for {protocol} and SM2, mtlspec judged {', '.join(other[:3])}")
    return judge.Report.of(code, document)


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
        code, document = _run(server.address, pki, known, Path(name))
        took = time.monotonic() - began
    report = _report(code, document, protocol, spoken(peer.name, protocol))
    return suite.Outcome(f"{peer.name} {protocol}", configuration.name, report, complaints(configuration, known, report), took)
