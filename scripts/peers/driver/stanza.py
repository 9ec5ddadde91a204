# SPDX-License-Identifier: Apache-2.0
"""Reads the stanzas: one YAML file for each peer, in stanzas/. A peer is added by adding a file; nothing here names one.

Keys of a stanza
  title          what it is, one line
  packages       Debian packages that bring it
  programs       name -> places to look (a bare name is looked up in PATH); the first found becomes @name@; the environment variable
                 MTLSPEC_PEER_NAME goes before them
  requires       further files that must exist (modules)
  version        command whose first line of output names the version
  files          name -> text, written to @dir@/name with the placeholders filled
  env            environment variables for build, prepare and start
  build          commands run once for all configurations, in @build@ (compilers)
  prepare        commands run before each start, in @dir@
  start          the command; it stays in the foreground and listens on 127.0.0.1:@port@
  ready          regular expression: the line of its output that is written once it listens; a group named port, if there is one, is
                 the port that the kernel gave it (then start is not handed one)
  configurations good and bad ones by name, each
    title        what the owner did
    policy       what the owner states (default required)
    set          placeholders of this configuration
    arguments    what `mtlspec run` is told beside the rest
    must-fail    runs that mtlspec must fail: ids or id prefixes; a part may be a pattern (*); empty under a good one
    except       those of them that it must not
    baseline     as below, for this configuration alone
    facts        what a client of another make saw here: client -> {tls1.2, tls1.3} -> outcome, or a list where versions of the peer
                 differ; held by test_peers.py
  baseline       known deviations: run, observed, because, catalogue, reproduce (and until; and version, a regular expression that the
                 peer's version line must match for the entry to count). {a,b} in a run stands for one entry each
  baselines      files of baselines/ that several peers share

Placeholders of `reproduce`, a command line with $PORT and $PKI (made by `mtlspec pki make --all`): @run@, @algorithm@, @curl@ (curl
with the run's TLS version and the answer's status as its output), @ask@ (an SM2 peer as the client; the names of that peer and of the
recipe that it presents follow), @mtlspec@ (for what no other client can send).

Placeholders in texts and commands: @dir@ @build@ @servers@ @port@ @ca@ @rsa_cert@ @rsa_key@ @ecc_cert@ @ecc_key@, each program's name, and
what `set` adds. An unknown one is an error.
"""
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent.parent
PLACEHOLDER = re.compile(r"@([a-z][a-z0-9_]*)@")
PEER_KEYS = {"title", "packages", "programs", "requires", "version", "files", "env", "build", "prepare", "start", "ready",
             "configurations", "baseline", "baselines"}
PEER_NEEDS = {"title", "packages", "programs", "version", "start", "ready", "configurations"}
CONFIGURATION_KEYS = {"title", "policy", "set", "arguments", "must-fail", "except", "baseline", "facts"}
BASELINE_NEEDS = {"run", "observed", "because", "catalogue", "reproduce"}


class StanzaError(Exception):
    """A stanza that cannot be used; the text says where and why."""


@dataclass(frozen=True)
class Configuration:
    name: str
    title: str
    policy: str
    set: dict
    arguments: tuple
    must_fail: tuple
    exempt: tuple
    baseline: tuple
    facts: dict

    @property
    def good(self):
        return not self.must_fail


@dataclass(frozen=True)
class Peer:
    name: str
    title: str
    packages: tuple
    programs: dict
    requires: tuple
    version: tuple
    files: dict
    env: dict
    build: tuple
    prepare: tuple
    start: tuple
    ready: re.Pattern
    configurations: dict
    found: dict = field(compare=False)

    def missing(self):
        """Why this peer cannot be started here, or None."""
        absent = [name for name, path in self.found.items() if path is None]
        absent += [path for path in self.requires if not Path(path).exists()]
        if not absent:
            return None
        return f"{', '.join(absent)} not found: install {' '.join(self.packages)}"

    def version_line(self):
        """The first line with a figure that the version command prints."""
        words = [fill(word, self.found, self.name) for word in self.version]
        done = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return next((line.strip() for line in done.stdout.splitlines() if re.search("[0-9]", line)), "version not known")

    @property
    def picks_port(self):
        """Whether the server itself asks the kernel for a port and says which."""
        return "port" in self.ready.groupindex


def fill(text, values, where):
    """`text` with every @placeholder@ replaced."""
    def one(match):
        if match.group(1) not in values:
            raise StanzaError(f"{where}: unknown placeholder {match.group(0)}; known: {', '.join(sorted(values))}")
        return str(values[match.group(1)])
    return PLACEHOLDER.sub(one, text)


def _check_keys(mapping, allowed, needed, where):
    if not isinstance(mapping, dict):
        raise StanzaError(f"{where}: expected a mapping")
    unknown, absent = set(mapping) - allowed, needed - set(mapping)
    if unknown or absent:
        raise StanzaError(f"{where}: " + "; ".join(
            [f"unknown key {k!r}" for k in sorted(unknown)] + [f"no key {k!r}" for k in sorted(absent)]))


def _alternatives(text):
    """`text` once for every choice of its {a,b} parts."""
    head, brace, rest = text.partition("{")
    if not brace:
        return [text]
    choices, _, tail = rest.partition("}")
    return [head + choice + end for choice in choices.split(",") for end in _alternatives(tail)]


def _reproduction(run):
    """What the placeholders of `reproduce` mean for this run."""
    parts = run.split("/")
    version = next((part[3:] for part in parts if part.startswith("tls1.")), "1.3")
    anchors = "$PKI/sm2/server-ca.pem" if parts[-1] == "sm2" else "$PKI/server-ca.pem"
    return {"run": run, "algorithm": parts[-1],
            "ask": f"scripts/peers/sm2/interop ask --protocol {parts[-2] if len(parts) > 1 else ''} --pki $PKI 127.0.0.1:$PORT",
            "curl": f"curl -s -o /dev/null -w '%{{http_code}}' --tlsv{version} --tls-max {version} --cacert $PKI/server-ca.pem "
                    "https://127.0.0.1:$PORT/",
            "mtlspec": f"mtlspec run -t https://127.0.0.1:$PORT --pki $PKI --cacert {anchors} {run}"}


def baseline(entries, where):
    """The entries of a baseline with every run spelt out and `reproduce` filled."""
    spelt = []
    for number, entry in enumerate(entries):
        place = f"{where}[{number}]"
        _check_keys(entry, BASELINE_NEEDS | {"until", "version"}, BASELINE_NEEDS, place)
        for run in _alternatives(entry["run"]):
            spelt.append(entry | {"run": run, "reproduce": fill(entry["reproduce"], _reproduction(run), place)})
    return tuple(spelt)


def shared(names):
    """The entries of these files of baselines/."""
    files = [HERE / "baselines" / f"{name}.yaml" for name in names]
    return tuple(entry for file in files for entry in baseline(yaml.safe_load(file.read_text()), file.stem))


def _configuration(name, raw, common, where):
    _check_keys(raw, CONFIGURATION_KEYS, {"title", "facts"}, where)
    own = baseline(raw.get("baseline", []), f"{where}.baseline")
    return Configuration(name=name, title=raw["title"], policy=raw.get("policy", "required"), set=raw.get("set", {}),
                         arguments=tuple(raw.get("arguments", [])), must_fail=tuple(raw.get("must-fail", [])),
                         exempt=tuple(raw.get("except", [])), baseline=common + own, facts=raw["facts"])


def _find(name, places):
    for place in [os.environ.get(f"MTLSPEC_PEER_{name.upper()}", ""), *places]:
        path = shutil.which(place)
        if path:
            return path
    return None


def parse(name, raw):
    """A Peer from the parsed YAML of the stanza `name`."""
    _check_keys(raw, PEER_KEYS, PEER_NEEDS, name)
    common = shared(raw.get("baselines", [])) + baseline(raw.get("baseline", []), f"{name}.baseline")
    configurations = {key: _configuration(key, value, common, f"{name}.{key}") for key, value in raw["configurations"].items()}
    if "good" not in configurations or not configurations["good"].good:
        raise StanzaError(f"{name}: needs a configuration 'good' under which nothing must fail")
    return Peer(name=name, title=raw["title"], packages=tuple(raw["packages"]), programs=raw["programs"],
                requires=tuple(raw.get("requires", [])), version=tuple(raw["version"]), files=raw.get("files", {}),
                env=raw.get("env", {}), build=tuple(map(tuple, raw.get("build", []))),
                prepare=tuple(map(tuple, raw.get("prepare", []))), start=tuple(raw["start"]), ready=re.compile(raw["ready"]),
                configurations=configurations, found={key: _find(key, places) for key, places in raw["programs"].items()})


def load(directory=HERE / "stanzas"):
    """Every peer of the directory by name, in order of names."""
    return {path.stem: parse(path.stem, yaml.safe_load(path.read_text())) for path in sorted(Path(directory).glob("*.yaml"))}
