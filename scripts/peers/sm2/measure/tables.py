# SPDX-License-Identifier: Apache-2.0
"""The recorded cells as Markdown: TABLE.md, which scripts/test shows."""
import json

from . import grid, judged
from .peers import SOURCE, clients, load

RECORDED = SOURCE / "table.json"
DOCUMENT = SOURCE / "TABLE.md"
HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Written by `scripts/peers/sm2/interop table --write` from table.json, which `interop run --write` measures. -->
# SM2: who connects with whom

Implementations that no one here wrote, each as server and client of each other, over TLCP and over TLS 1.3 with the suites of RFC 8998.
A cell connects if the handshake is done, the suite is the one asked for, each side saw the other's certificate (in a mutual one the
client's too), and a request has its answer. It is measured with certificates directly under the root and below an intermediate:
*direct only* connects without the intermediate. Numbers are reasons, below. `scripts/test` measures all of it and fails when one cell is
not as it stands here.
"""
FOUND = """## What `mtlspec run -T sm2` finds in their servers

Each server demands a certificate below `pki/sm2/ca.pem`, once by itself and once beside the roots of RSA and ECC. These are the runs that
fail either way; all others pass, or are over a suite that the server does not speak. `interop judge` runs it and fails when another one
does, or one of these no longer. The last column names a client of another make and the recipe with which it is seen as well
(`interop ask`)."""
WORDS = {(True, True): "yes", (False, False): "no", (True, False): "direct only", (False, True): "chain only"}


class Notes:
    """Reasons in the order of their first use, by number."""

    def __init__(self):
        self.texts = []

    def numbers(self, reasons):
        for text in reasons:
            if text not in self.texts:
                self.texts.append(text)
        return ", ".join(str(self.texts.index(text) + 1) for text in sorted(set(reasons), key=self.texts.index))

    def lines(self):
        return [f"{number}. {text.strip()}" for number, text in enumerate(self.texts, 1)]


def _row(*cells):
    return "| " + " | ".join(cells) + " |"


def _head(*names):
    return [_row(*names), "|---" * len(names) + "|"]


def _mark(both, notes):
    """The cell of one mode: its rows of both shapes in a few words."""
    if None in both:
        return ""
    numbers = notes.numbers([text for row in both for text in row["because"]])
    if any(row["varies"] for row in both):
        return f"varies ({numbers})"
    word = WORDS[tuple(row["connects"] for row in both)]
    return f"{word} ({numbers})" if numbers else word


def _others(recorded, notes):
    cells = {tuple(row["cell"].split("/")): row for row in recorded["cells"]}
    yield from _head("protocol", "server", "client", "suite", "one-way", "mutual")
    for key in dict.fromkeys(cell[:4] for cell in cells):
        yield _row(*key, *[_mark([cells.get((*key, mode, shape)) for shape in grid.SHAPES], notes) for mode in grid.MODES])


def _own(notes):
    """The clients before `mtlspec serve`, with certificates of `mtlspec pki make` and with an owner's; test_mtlspec.py holds each."""
    yield from _head("protocol", "client", "suite", "`pki make`", "directly below a root", "no certificate")
    for name, protocol, suite in clients(load()):
        reasons = load()[name].not_served
        shapes = [f"no ({notes.numbers([reasons[shape]])})" if shape in reasons else "yes" for shape in ("chain", "direct")]
        yield _row(protocol, name, suite, *shapes, "refused")


def _found():
    """The known deviations of each server, in the words of its baseline."""
    yield from _head("server", "run", "observed", "because", "shown by")
    for name, peer in load().items():
        if peer.not_judged and peer.server:
            yield _row(name, "", "not judged", peer.not_judged.strip(), "")
        for entry in judged.entries(name):
            shown = "mtlspec alone" if entry["reproduce"].startswith("mtlspec ") else " ".join(entry["reproduce"].split()[-2:])
            yield _row(name, entry["run"], entry["observed"], entry["because"], shown)


def lines():
    """The document, line by line."""
    recorded, notes = json.loads(RECORDED.read_text()), Notes()
    yield from HEAD.splitlines()
    yield ""
    yield from _head("name", "what", "from")
    for name, peer in load().items():
        yield _row(name, peer.title, peer.origin)
    yield from ["", "## With each other", "", *_others(recorded, notes), "", "## With `mtlspec serve --algorithm sm2`", "", *_own(notes)]
    yield from ["", "## Reasons", "", *notes.lines(), "", *FOUND.splitlines(), "", *_found()]


def text():
    return "\n".join(lines()) + "\n"
