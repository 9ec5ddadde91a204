# SPDX-License-Identifier: Apache-2.0
"""`mtlspec serve --algorithm sm2` before clients that no one here wrote: every suite that a client has connects with a certificate,
and none without. The program is $MTLSPEC, else build/mtlspec."""
import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from measure import credentials, judged, peers, process  # noqa: E402  (the path comes first)

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
def certificates(tmp_path_factory):
    """By openssl, directly below the root; a server's pair in one file, as an owner hands it over."""
    folder = credentials.make(tmp_path_factory.mktemp("sm2") / "own")
    for end in ("pem", "key"):
        halves = [(folder / "direct" / "server" / f"{half}.{end}").read_text() for half in ("sign", "enc")]
        (folder / f"pair.{end}").write_text("".join(halves))
    return folder


@contextlib.contextmanager
def serving(program, *words):
    server = subprocess.Popen([program, "serve", "--algorithm", "sm2", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().split()[1]
    finally:
        server.terminate()
        assert server.wait(10) == 0
        server.stdout.close()


@pytest.fixture(scope="module")
def address(program, pki):
    with serving(program, "--pki", pki) as where:
        yield where


@pytest.fixture(scope="module")
def own_address(program, certificates):
    pair = ("--cert", certificates / "pair.pem", "--key", certificates / "pair.key")  # TLCP
    sign = certificates / "direct" / "server" / "sign.pem"
    single = ("--cert", sign, "--key", sign.with_suffix(".key"))  # TLS 1.3
    with serving(program, *pair, *single, "--ca", certificates / "ca.pem") as where:
        yield where


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


def refused(peer, address, asked):
    answer = process.ask(peer, address, asked)
    return answer["status"] is None and answer["error"]


@pytest.mark.parametrize("name,protocol,suite", CELLS, ids=["-".join(cell) for cell in CELLS])
def test_with_a_certificate_and_without(name, protocol, suite, built, pki, address):
    peer = built(name)
    served = process.ask(peer, address, words(pki, protocol, suite, True))
    wanted = (None, served["suite"]) if "chain" in PEERS[name].not_served else (200, suite)
    assert (served["status"], served["suite"]) == wanted, served
    assert refused(peer, address, words(pki, protocol, suite, False))


@pytest.mark.parametrize("name,protocol,suite", CELLS, ids=["-".join(cell) for cell in CELLS])
def test_with_certificates_of_an_owner(name, protocol, suite, built, certificates, own_address):
    peer = built(name)
    asked = process.options(certificates, "direct", "client", protocol)
    served = process.ask(peer, own_address, [*asked, "--suite", suite])
    wanted = (None, served["suite"]) if "direct" in PEERS[name].not_served else (200, suite)
    assert (served["status"], served["suite"]) == wanted, served
    assert refused(peer, own_address, [*process.options(certificates, "direct", "client", protocol, False), "--suite", suite])
