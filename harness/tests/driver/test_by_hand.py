# SPDX-License-Identifier: Apache-2.0
"""The line that a failure prints for the shell shows the same thing as the failure says: it is run, as printed."""
import json
import subprocess

import pytest

# fault of the reference server, case that it fails, what the printed line then shows
ROWS = [
    ("accept-expired", "server/validity/expired", "200 OK"),
    ("accept-unknown-ca", "server/wrong-ca/unknown-ca", "200 OK"),
    ("accept-missing-certificate", "server/missing/empty-list", "200 OK"),
    ("ignore-extended-key-usage", "server/purpose/server-auth-only", "200 OK"),
    ("refuse-root-in-list", "server/chain/root-included", "alert"),
    ("refuse-without-extended-key-usage", "server/purpose/without-purposes", "alert"),
]


@pytest.fixture(scope="module")
def pki(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pki")
    subprocess.run([program, "pki", "make", "--pki", folder], check=True, capture_output=True)
    return folder


def serve(start, refserver, pki, fault):
    certificates = [word for kind in ("rsa", "ecc") for word in ("--cert", pki / kind / "server.pem", "--key", pki / kind / "server.key")]
    server = start(refserver, "--ca", pki / "ca.pem", *certificates, "--fault", fault, ready=r"ready 127\.0\.0\.1:(\d+)")
    return f"https://127.0.0.1:{server.ready[1]}"


@pytest.mark.parametrize("fault,case,shown", ROWS, ids=[row[0] for row in ROWS])
def test_printed_line_shows_the_same(mtlspec, start, refserver, pki, tmp_path, fault, case, shown):
    target = serve(start, refserver, pki, fault)
    done = mtlspec("run", case, "-t", target, "--pki", pki, "--cacert", pki / "server-ca.pem", "--json", "r.json")
    assert done.returncode == 1, done.stdout + done.stderr
    failed = [r for r in json.loads((tmp_path / "r.json").read_text())["results"] if r["verdict"] == "fail"]
    assert failed
    for result in failed:
        assert result["by_hand"], result["id"]
        assert result["by_hand"] in done.stdout
        by_hand = subprocess.run(["bash", "-c", result["by_hand"]], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, errors="replace", timeout=20, check=False)
        assert shown in by_hand.stdout, f"{result['id']}: {result['by_hand']}\n{by_hand.stdout}"
