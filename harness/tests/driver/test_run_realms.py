# SPDX-License-Identifier: Apache-2.0
"""What runs against a target that speaks only a part: RSA and ECC, TLS 1.3 with SM2, or TLCP."""
import json
import socket
import subprocess
import threading

import pytest

READY = r"^ready 127\.0\.0\.1:(\d+)$"
TLCP_HELLO = b"\x16\x01\x01"


@pytest.fixture(scope="module")
def pki(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("realms") / "pki"
    subprocess.run([program, "pki", "make", "--pki", folder], check=True, capture_output=True, timeout=60)
    return folder


@pytest.fixture
def judge(mtlspec, pki, tmp_path):
    """judge(port, *words) runs the suite and returns (what was printed, {run: result}, exit code)."""
    def run(port, *words):
        done = mtlspec("run", "-t", f"https://127.0.0.1:{port}", "--pki", pki, "--json", "out.json", *words)
        results = json.loads((tmp_path / "out.json").read_text())["results"]
        return done.stdout, {result["id"]: result for result in results}, done.returncode
    return run


@pytest.fixture
def serve(start, program, pki):
    def begin(*options):
        return int(start(program, "serve", "--pki", pki, *options, ready=READY).ready[1])
    return begin


CONTROL = "server/control/trusted"
USUAL = {f"{CONTROL}/{cell}" for cell in ("tls1.2/rsa", "tls1.2/ecc", "tls1.3/rsa", "tls1.3/ecc")}
TARGETS = {
    "rsa and ecc": ((), USUAL, ["1 run over TLS 1.3 with SM2 left out", "1 run over TLCP left out"]),
    "sm2": (("--algorithm", "sm2"), {f"{CONTROL}/tls1.3/sm2", f"{CONTROL}/tlcp/sm2"}, ["4 runs over TLS with RSA or ECC left out"]),
    "tlcp": (("--algorithm", "sm2", "--version", "tlcp"), {f"{CONTROL}/tlcp/sm2"}, ["4 runs over", "1 run over TLS 1.3 with SM2 left out"]),
    "tls1.3 sm2": (("--algorithm", "sm2", "--version", "tls1.3"), {f"{CONTROL}/tls1.3/sm2"}, ["4 runs over", "1 run over TLCP left out"]),
}


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_not_spoken_is_left_out_and_told(serve, judge, target):
    options, wanted, lines = TARGETS[target]
    shown, results, code = judge(serve(*options), "server/control")
    assert code == 0 and set(results) == wanted, shown
    assert {result["verdict"] for result in results.values()} == {"pass"}
    assert all(line in shown for line in lines), shown


def test_what_was_named_is_not_left_out(serve, judge):
    port = serve()
    named = [f"{CONTROL}/tlcp/sm2", f"{CONTROL}/tls1.3/ecc", "server/tlcp-pair/swapped"]
    _, results, code = judge(port, *named)
    assert code == 0 and results[named[1]]["verdict"] == "pass"
    assert results[named[0]]["verdict"] == results[f"{named[2]}/tlcp/sm2"]["verdict"] == "unsupported"
    shown, results, code = judge(port, "server/tlcp-pair")
    assert code == 5 and {result["verdict"] for result in results.values()} == {"unsupported"}, shown


def test_a_baseline_names_too(serve, judge, tmp_path):
    (tmp_path / "b.yaml").write_text(f"- {{run: {CONTROL}/tlcp/sm2, observed: refused, because: it once was}}\n")
    _, results, code = judge(serve(), "server/control", "-b", "b.yaml")
    assert code == 0 and results[f"{CONTROL}/tlcp/sm2"]["verdict"] == "unsupported"
    assert f"{CONTROL}/tls1.3/sm2" not in results


def test_one_certificate_that_is_not_trusted_does_not_stop_the_others(serve, judge, program, pki, tmp_path):
    subprocess.run([program, "pki", "make", "--pki", "strangers"], check=True, capture_output=True, timeout=60, cwd=tmp_path)
    strange = tmp_path / "strangers" / "sm2" / "server"
    port = serve("--cert", pki / "ecc" / "server.pem", "--key", pki / "ecc" / "server.key", "--cert", f"{strange}.pem",
                 "--key", f"{strange}.key", "--ca", pki / "ca.pem", "--ca", pki / "sm2" / "ca.pem")
    shown, results, code = judge(port, "server/control")
    assert code == 6 and all(results[run]["verdict"] == "pass" for run in USUAL), shown
    sm2 = results[f"{CONTROL}/tls1.3/sm2"]
    assert (sm2["verdict"], sm2["type"]) == ("error", "infrastructure.distrusted") and "over TLS 1.3 with SM2" in sm2["message"]


class Proxy:
    """Passes connections on to a port; the first one that begins with TLCP's record is closed without a word."""

    def __init__(self, port):
        self.behind, self.closed, self.hellos = port, 0, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.take, args=(client,), daemon=True).start()

    def take(self, client):
        first = client.recv(65536)
        if first.startswith(TLCP_HELLO):
            self.hellos.append(first)
        if first.startswith(TLCP_HELLO) and not self.closed:
            self.closed += 1
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", self.behind))
        server.sendall(first)
        threading.Thread(target=self.pipe, args=(server, client), daemon=True).start()
        self.pipe(client, server)

    @staticmethod
    def pipe(source, sink):
        try:
            for piece in iter(lambda: source.recv(65536), b""):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()


def test_a_close_without_a_word_is_no_answer_yet(serve, judge):
    proxy = Proxy(serve("--algorithm", "sm2"))
    shown, results, code = judge(proxy.port, "server/control")
    proxy.listener.close()
    assert proxy.closed == 1 and code == 0 and results[f"{CONTROL}/tlcp/sm2"]["verdict"] == "pass", shown


def test_a_hello_of_tlcp_has_no_extension_that_nobody_needs(serve, judge):
    """Some servers of TLCP refuse what they do not know; behind an address there is not even a server name."""
    proxy = Proxy(serve("--algorithm", "sm2"))
    judge(proxy.port, "server/control")
    proxy.listener.close()
    assert proxy.hellos
    for hello in proxy.hellos:
        at = 5 + 4 + 2 + 32                                 # record, message, version, random
        at += 1 + hello[at]                                 # session_id
        at += 2 + int.from_bytes(hello[at:at + 2], "big")   # cipher_suites
        at += 1 + hello[at]                                 # compression_methods
        assert hello[at:] in (b"", b"\x00\x00"), hello[at:].hex()


def test_an_owners_signing_certificate_alone_reaches_no_pair_that_copies_it(serve, judge, pki):
    own = pki / "sm2" / "client"
    _, results, code = judge(serve("--algorithm", "sm2"), "server/wrong-ca/forged-copy", "--cert", f"{own}.pem", "--key", f"{own}.key")
    verdicts = {run.split("/")[-2]: result["verdict"] for run, result in results.items()}
    assert code == 0 and verdicts == {"tls1.3": "pass", "tlcp": "unsupported"}
