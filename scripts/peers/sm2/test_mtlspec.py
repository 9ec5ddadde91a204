# SPDX-License-Identifier: Apache-2.0
"""`mtlspec serve --algorithm sm2` before clients that no one here wrote: every suite that a client has connects with a certificate,
and none without. The program is $MTLSPEC, else build/mtlspec."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from measure import judged, peers, process  # noqa: E402  (the path comes first)

PEERS = peers.load()
CELLS = peers.clients(PEERS)


@pytest.fixture(scope="module")
def program():
    return os.environ.get("MTLSPEC", str(HERE.parents[2] / "build" / "mtlspec"))


@pytest.fixture(scope="module")
def pki(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sm2") / "pki"
    subprocess.run([program, "pki", "make", "--pki", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def address(program, pki):
    server = subprocess.Popen([program, "serve", "--algorithm", "sm2", "--pki", pki], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True)
    yield server.stdout.readline().split()[1]
    server.terminate()
    assert server.wait(10) == 0
    server.stdout.close()


@pytest.fixture(scope="module")
def built():
    """name -> the peer, or why it is not there; each is tried once."""
    known = {}

    def get(name):
        if name not in known:
            known[name] = peers.attempt(PEERS[name])[0] or PEERS[name]
        if isinstance(known[name], str):
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(known[name])
        return known[name]
    return get


def words(pki, protocol, suite, with_certificate):
    own = judged.own_certificate(pki, "client", protocol)
    return ["--protocol", protocol, "--suite", suite, "--ca", str(pki / "sm2" / "server-ca.pem"), *(own if with_certificate else [])]


@pytest.mark.parametrize("name,protocol,suite", CELLS, ids=["-".join(cell) for cell in CELLS])
def test_with_a_certificate_and_without(name, protocol, suite, built, pki, address):
    peer = built(name)
    served = process.ask(peer, address, words(pki, protocol, suite, True))
    wanted = (None, served["suite"]) if PEERS[name].not_served else (200, suite)
    assert (served["status"], served["suite"]) == wanted, served
    refused = process.ask(peer, address, words(pki, protocol, suite, False))
    assert refused["status"] is None and refused["error"], refused
