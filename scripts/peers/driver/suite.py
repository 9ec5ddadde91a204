# SPDX-License-Identifier: Apache-2.0
"""Lets mtlspec judge peers: makes its certificates once, starts a peer, runs, compares."""
import json
import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from .judge import Report, complaints
from .server import started
from .stanza import HERE

RUN_TIMEOUT = 900       # seconds for one run of the whole suite


class ToolError(Exception):
    """mtlspec is not there, or did not leave a report."""


def binary():
    """The program: $MTLSPEC, else build/mtlspec of this checkout."""
    path = Path(os.environ.get("MTLSPEC") or HERE.parent.parent / "build" / "mtlspec")
    if not os.access(path, os.X_OK):
        raise ToolError(f"{path} is not there: build it, or name it in MTLSPEC")
    return path


def make_pki(directory):
    """The hierarchy that the peers are configured with and mtlspec presents."""
    done = subprocess.run([binary(), "pki", "make", "--pki", directory], capture_output=True, text=True, check=False,
                          timeout=RUN_TIMEOUT)
    if done.returncode != 0:
        raise ToolError(f"mtlspec pki make ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return Path(directory)


def baseline_for(peer, configuration):
    """The entries that count for the installed version, without our own key."""
    line = peer.version_line()
    counting = [entry for entry in configuration.baseline if re.search(entry.get("version", ""), line)]
    return [{key: value for key, value in entry.items() if key != "version"} for entry in counting]


def _command(running, configuration, pki, out, baseline, words):
    command = [binary(), "run", "-t", running.url, "--pki", pki, "--cacert", pki / "server-ca.pem",
               "--policy", configuration.policy, "--json", out / "report.json", "-j", out / "junit.xml"]
    if baseline:
        (out / "baseline.yaml").write_text(yaml.safe_dump(baseline, sort_keys=False))
        command += ["--baseline", out / "baseline.yaml"]
    return command + list(configuration.arguments) + list(words)


def run_once(running, configuration, pki, baseline, words=()):
    """One `mtlspec run` against a running peer; `words` are further arguments. Returns a Report."""
    with tempfile.TemporaryDirectory(prefix="mtlspec-run-") as name:
        out = Path(name)
        command = _command(running, configuration, pki, out, baseline, words)
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=out,
                              stdin=subprocess.DEVNULL, timeout=RUN_TIMEOUT)
        if not (out / "report.json").exists():
            raise ToolError(f"mtlspec run ended with {done.returncode} and no report:\n{done.stdout}{done.stderr}")
        return Report.of(done.returncode, json.loads((out / "report.json").read_text()))


@dataclass(frozen=True)
class Outcome:
    peer: str
    configuration: str
    report: Report
    complaints: list
    seconds: float

    def row(self):
        counts = {verdict: len(self.report.ids(verdict)) for verdict in
                  ("pass", "fail", "known", "skipped", "unsupported", "inconclusive", "error")}
        return {"peer": self.peer, "configuration": self.configuration, "as-stated": not self.complaints, "runs": len(self.report.runs),
                **counts, "judged": round(self.report.share(), 3), "exit": self.report.code, "seconds": round(self.seconds, 1),
                "sentence": self.report.sentence, "complaints": self.complaints}


def judge_peer(peer, configuration, pki, workshop, words=()):
    """Starts `peer` as `configuration`, runs the suite once, and returns the Outcome."""
    baseline = baseline_for(peer, configuration)
    with started(peer, configuration, pki, workshop) as running:
        began = time.monotonic()
        report = run_once(running, configuration, pki, baseline, words)
        took = time.monotonic() - began
    return Outcome(peer.name, configuration.name, report, complaints(configuration, baseline, report), took)
