# SPDX-License-Identifier: Apache-2.0
"""Holds a report of mtlspec against what the stanza says must happen."""
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

JUDGED = {"pass", "fail", "known"}
BROKEN = {"inconclusive", "error"}
JUDGED_SHARE = 0.9      # of the planned runs, at least


def _place(entry):
    """Outcome, place and manner, without what the network may do to a bare close (FIN or reset)."""
    outcome = entry.get("outcome") or {}
    words = [outcome.get(key) for key in ("kind", "where", "manner", "alert", "status")]
    return " ".join([entry["verdict"]] + [str(word) for word in words if word not in (None, "none", -1)])


@dataclass(frozen=True)
class Report:
    """What one `mtlspec run` left: its exit code, id -> (verdict, observed), and id -> outcome with its place, in words."""
    code: int
    runs: dict
    sentence: str
    places: dict = field(default_factory=dict)

    @classmethod
    def of(cls, code, document):
        entries = document["results"]
        runs = {entry["id"]: (entry["verdict"], entry.get("observed") or entry.get("message") or "") for entry in entries}
        return cls(code, runs, document["summary"].get("sentence", ""), {entry["id"]: _place(entry) for entry in entries})

    def ids(self, *verdicts):
        return sorted(run for run, (verdict, _) in self.runs.items() if verdict in verdicts)

    def share(self):
        """How much of the plan was judged, 0 to 1."""
        return len(self.ids(*JUDGED)) / len(self.runs) if self.runs else 0.0


def matches(pattern, run):
    """Whether `pattern` names `run` or a subtree that holds it; each part may be a pattern of its own."""
    wanted, parts = pattern.split("/"), run.split("/")
    return len(wanted) <= len(parts) and all(fnmatchcase(part, want) for want, part in zip(wanted, parts))


def expected_failures(configuration, runs):
    """The runs of a plan that must fail under this configuration."""
    def any_of(patterns, run):
        return any(matches(pattern, run) for pattern in patterns)
    return {run for run in runs if any_of(configuration.must_fail, run) and not any_of(configuration.exempt, run)}


def _difference(configuration, report):
    expected, failed = expected_failures(configuration, report.runs), set(report.ids("fail"))
    for run in sorted(expected - failed):
        yield f"must fail and did not: {run}: {': '.join(report.runs[run])}"
    for run in sorted(failed - expected):
        yield f"failed and must not: {run}: {report.runs[run][1]}"


def _dead_patterns(configuration, report):
    for pattern in configuration.must_fail + configuration.exempt:
        if not any(matches(pattern, run) for run in report.runs):
            yield f"the stanza names no run of the plan: {pattern}"


def _unused_baseline(baseline, report):
    for entry in baseline:
        verdict, observed = report.runs.get(entry["run"], ("not a run", ""))
        if verdict != "known":
            yield f"baseline entry that is not needed: {entry['run']}: {verdict} {observed}"


def complaints(configuration, baseline, report):
    """Everything that is not as the stanza says, one line each; empty when all is well. `baseline` is what mtlspec was given."""
    found = list(_difference(configuration, report))
    found += [f"not judged: {run}: {': '.join(report.runs[run])}" for run in report.ids(*BROKEN)]
    found += list(_dead_patterns(configuration, report))
    if configuration.good:
        found += list(_unused_baseline(baseline, report))
    if report.share() < JUDGED_SHARE:
        found.append(f"only {report.share():.0%} of {len(report.runs)} runs were judged")
    wanted = 0 if configuration.good else 1
    if report.code != wanted:
        found.append(f"mtlspec ended with {report.code}, not {wanted}")
    return found
