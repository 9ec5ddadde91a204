# SPDX-License-Identifier: Apache-2.0
"""list, check and explain: what they say about the program's own cases and about a user's case files."""
import collections
import json
import shutil

import pytest

OK, USAGE = 0, 4
EMPTY_REPLY = "curl's words for a connection that the server closed"
ALERT_48 = "alert unknown_ca(48)"


@pytest.fixture
def listed(mtlspec):
    return json.loads(mtlspec("list", "--json").stdout)["cases"]


def test_the_three_forms_of_list_agree(mtlspec, listed):
    runs = [run["id"] for case in listed for run in case["runs"]]
    assert mtlspec("list", "--ids").stdout.split() == runs
    assert len(set(runs)) == len(runs)
    assert len({run.split("/", 2)[2] for run in runs}) == len(runs)  # Azure tells testcases by this part alone
    assert mtlspec("list").stdout.endswith(f"\n{len(listed)} cases, {len(runs)} runs\n")


def test_every_bullet_of_the_suite_has_cases(listed):
    suites = collections.Counter(case["suite"] for case in listed)
    wanted = "missing wrong-ca chain algorithm validity purpose extension signature possession request message control".split()
    wanted += "resumption sm2-signature sm2-suite sm2-mismatch tlcp-pair tlcp-key-exchange".split()
    assert set(suites) == {f"server/{name}" for name in wanted}
    assert sum(suites.values()) >= 90


def test_every_cell_has_a_control_and_every_other_run_a_twin(listed):
    controls = {run["id"] for case in listed if case["control"] for run in case["runs"]}
    cells = {(run["protocol"], run["algorithm"]) for case in listed for run in case["runs"]}
    assert len(controls) == len(cells) == 6
    assert all((run["twin"] is None) == (run["id"] in controls) for case in listed for run in case["runs"])


def test_every_case_that_may_fail_names_a_fault(listed):
    assert [case["id"] for case in listed if case["level"] != "info" and not case["control"] and not case["caught-by"]] == []


def test_paths_are_of_the_suite_and_not_of_this_machine(listed):
    assert all(case["file"].startswith("cases/server/") for case in listed)


def test_check_takes_what_the_program_has(mtlspec, root):
    for words in ((), (root / "cases",), (root / "cases/server/control.yaml",)):
        done = mtlspec("check", *words)
        assert done.returncode == OK, done.stderr
        assert done.stdout.endswith("no error\n")


def test_check_reports_everything_at_once(mtlspec, root, tmp_path):
    shutil.copy(root / "harness/tests/vectors/cases/broken.yaml", tmp_path)
    done = mtlspec("check", "broken.yaml")
    assert done.returncode == USAGE
    assert done.stderr.startswith("broken.yaml:")
    assert done.stderr.endswith("\n23 errors\n")
    assert "did you mean 'expired'?" in done.stderr


def test_check_names_an_unknown_fault(mtlspec, root):
    done = mtlspec("check", root / "harness/tests/vectors/cases/fault.yaml")
    assert done.returncode == USAGE
    assert "unknown fault 'accept-expird'" in done.stderr and "did you mean 'accept-expired'?" in done.stderr


@pytest.mark.parametrize("text,said", [("", "an empty file"), ("a: [", "did not find"), ("a: b\n", "the first line must be 'format: 1'")])
def test_check_of_what_is_no_case_file(mtlspec, tmp_path, text, said):
    (tmp_path / "x.yaml").write_text(text)
    done = mtlspec("check", "x.yaml")
    assert done.returncode == USAGE and said in done.stderr


def test_check_of_a_file_that_is_not_there(mtlspec):
    done = mtlspec("check", "nowhere.yaml")
    assert done.returncode == USAGE and done.stderr.startswith("nowhere.yaml: error: cannot be read")


def test_the_reference_names_every_key_and_verb(mtlspec):
    page = mtlspec("check", "--reference").stdout
    for word in ("caught-by", "under-test", "replace-with", "sign-with", "padding", "policy"):
        assert word in page


def test_explain_tells_all_about_a_case(mtlspec):
    done = mtlspec("explain", "server/possession/wrong-key")
    assert done.returncode == OK
    for said in ("certificate_verify sign-with other-key", "rfc8446#4.4.3 MUST", "SIG-12", "decrypt_error(51)", "skip-certificate-verify",
                 "beside server/control/trusted/tls1.3/ecc", "cases/server/possession.yaml:"):
        assert said in done.stdout
    assert mtlspec("explain", "wrong-key").stdout == done.stdout


def test_every_case_can_be_explained(mtlspec, listed):
    text = mtlspec("explain", "server").stdout
    assert [case["id"] for case in listed if f"{case['suite']}/{case['id']}\n" not in text] == []


@pytest.mark.parametrize("words,said", [
    (("alert", "48"), ALERT_48), (("alert", "unknown_ca"), ALERT_48), (("unknown_ca",), ALERT_48), (("48",), ALERT_48),
    (("alert", "200"), "alert "), (("Empty reply from server",), EMPTY_REPLY), (("empty", "reply"), EMPTY_REPLY),
])
def test_explain_alerts_and_terms(mtlspec, words, said):
    done = mtlspec("explain", *words)
    assert done.returncode == OK and said in done.stdout


@pytest.mark.parametrize("words,said", [
    (("alert", "unknwon_ca"), "did you mean 'unknown_ca'?"), (("unknwon_ca",), "did you mean 'unknown_ca'?"),
    (("server/posession",), "did you mean 'server/possession'?"), ((), "explain wants"), (("alert", "300"), "no alert '300'"),
])
def test_explain_of_what_there_is_not(mtlspec, words, said):
    done = mtlspec("explain", *words)
    assert done.returncode == USAGE and said in done.stderr and done.stdout == ""
