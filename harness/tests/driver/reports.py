# SPDX-License-Identifier: Apache-2.0
"""Reads the two reports of one run, each held to its schema, and each to the other."""
import json
import pathlib

import jsonschema
from lxml import etree

SCHEMAS = pathlib.Path(__file__).resolve().parents[3] / "reports" / "schema"
JUNIT = etree.XMLSchema(etree.parse(str(SCHEMAS / "junit.xsd")))
RESULTS = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "results-1.json").read_text()))
IN_JUNIT = {"fail": "failure", "error": "error", "inconclusive": "error",
            "skipped": "skipped", "unsupported": "skipped", "known": "skipped"}


class Reports:
    """.rows maps the id of a run to (verdict, type or None, message); .counts counts the verdicts."""

    def __init__(self, junit, results):
        self.tree = etree.parse(str(junit))
        JUNIT.assertValid(self.tree)
        self.data = json.loads(pathlib.Path(results).read_text())
        RESULTS.validate(self.data)
        self.rows = {r["id"]: (r["verdict"], r.get("type"), r.get("message", "")) for r in self.data["results"]}
        self.counts = {}
        for verdict, _, _ in self.rows.values():
            self.counts[verdict] = self.counts.get(verdict, 0) + 1
        self._agree()

    def _agree(self):
        for case in self.tree.iter("testcase"):
            name = case.get("classname").replace(".", "/") + "/" + case.get("name")
            verdict = self.rows[name][0]
            shown = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
            assert shown == ([IN_JUNIT[verdict]] if verdict in IN_JUNIT else []), name
        assert len(list(self.tree.iter("testcase"))) == len(self.rows)

    @property
    def types(self):
        return {kind for _, kind, _ in self.rows.values()}
