# SPDX-License-Identifier: Apache-2.0
"""mtlspec selftest: green as it is; red when a case, or a fault's check, is taken away."""
import re
import shutil
import signal

import pytest


@pytest.fixture
def cases(root, tmp_path):
    """A copy of the cases, to be spoiled."""
    return shutil.copytree(root / "cases", tmp_path / "cases")


def spoil(cases, file, old, new, count=1):
    path = cases / "server" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, count))


def test_part_is_green(mtlspec):
    done = mtlspec("selftest", "server/missing", timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert "OFF" not in done.stdout
    last = re.search(r"selftest: (\d+) cases, (\d+) runs, (\d+) faults; 0 findings", done.stdout)
    assert int(last[1]) >= 5 and int(last[2]) >= 100 and int(last[3]) >= 80
    assert len(re.findall(r"^honest (refserver|serve) .* 0 off$", done.stdout, re.M)) >= 8


@pytest.mark.parametrize("peer", ["refserver", "serve"])
def test_one_peer(mtlspec, peer):
    done = mtlspec("selftest", "--peer", peer, "server/missing/empty-list", timeout=300)
    assert done.returncode == 0
    assert set(re.findall(r"^honest (\w+)", done.stdout, re.M)) == {peer}


def test_case_that_catches_nothing(mtlspec, cases):
    """It names a fault that it cannot see."""
    spoil(cases, "missing.yaml", "caught-by: [accept-missing-certificate]", "caught-by: [accept-missing-certificate, skip-finished]")
    done = mtlspec("selftest", "--cases", cases, "--peer", "serve", "server/missing/empty-list", timeout=300)
    assert done.returncode == 1
    assert "OFF  server/missing/empty-list does not catch serve with 'skip-finished'" in done.stdout
    assert "1 findings" in done.stdout


def test_fault_that_nobody_knows(mtlspec, cases):
    spoil(cases, "missing.yaml", "caught-by: [accept-missing-certificate]", "caught-by: [accept-mising-certificate]")
    done = mtlspec("selftest", "--cases", cases, "server/missing/empty-list", timeout=300)
    assert done.returncode == 1 and "caught by 'accept-mising-certificate', which no peer knows" in done.stdout


def test_case_that_honest_peers_do_not_pass(mtlspec, cases):
    spoil(cases, "missing.yaml", "    present: none\n    expect: refused\n", "    present: none\n    expect: served\n")
    done = mtlspec("selftest", "--cases", cases, "--peer", "serve", "server/missing/empty-list", timeout=300)
    assert done.returncode == 1
    assert re.search(r"OFF  honest serve \(required\): server/missing/empty-list/tls1.3/rsa: fail: expected served", done.stdout)


def test_lost_case(mtlspec, cases):
    """A case is taken away that alone names a fault: a hole, and a line of the golden matrix."""
    text = (cases / "server" / "message.yaml").read_text()
    stanzas = re.split(r"(?m)^(?=  - id: )", text)
    kept = [s for s in stanzas if "[skip-finished]" not in s]
    assert len(kept) == len(stanzas) - 1
    (cases / "server" / "message.yaml").write_text("".join(kept))
    done = mtlspec("selftest", "--cases", cases, "--peer", "serve", timeout=600)
    assert done.returncode == 1
    assert "OFF  a hole: no case says that it catches 'skip-finished' of serve" in done.stdout
    assert re.search(r"OFF  the case server/message/\S+ of the golden matrix is gone", done.stdout)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(program, start, number):
    child = start(program, "selftest", "--peer", "serve", ready=r"^honest serve +required:")
    child.process.send_signal(number)
    assert child.wait(30) == 2
    assert "OFF" not in child.output


@pytest.mark.parametrize("arguments, said", [(("server/nothing",), "server/nothing"), (("--matrix", "x"), "--matrix needs --full"),
                                             (("--peer", "nginx"), "refserver"), (("--cases", "none"), "none")])
def test_usage(mtlspec, arguments, said):
    done = mtlspec("selftest", *arguments, timeout=60)
    assert done.returncode == 4 and said in done.stderr
