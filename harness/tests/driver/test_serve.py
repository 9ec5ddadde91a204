# SPDX-License-Identifier: Apache-2.0
"""mtlspec serve: the engine as a server, judged by clients and certificates that are not ours."""
import json
import os
import signal
import socket
import ssl
import subprocess

import pytest
from refpeer_certificates import CA, SERVER, Authority, Presentations, openssl
from test_refpeer import LEGAL, LIBRARIES, POLICIES, PROTOCOLS, TURNS, refused_unless, verdict


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    return Presentations(Authority(tmp_path_factory.mktemp("clients")))


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """The server's own credentials: {"ca": file, algorithm: (certificate file, key file)}"""
    a = Authority(tmp_path_factory.mktemp("servers"))
    root = a.issue("server-root", extensions=CA)
    made = {n: a.issue(f"server-{n}", root, algorithm=n, extensions=SERVER) for n in ("rsa", "ecc")}
    return {"ca": a.chain_file(root), **{n: (a.chain_file(c), c.key) for n, c in made.items()}}


@pytest.fixture(scope="module")
def faults(program):
    """{name: sentence}"""
    done = subprocess.run([program, "serve", "--list-faults"], capture_output=True, text=True, check=True, timeout=10)
    return dict(line.split("\t") for line in done.stdout.splitlines())


@pytest.fixture
def serve(start, program, clients, servers):
    """serve(*options) starts a server with both its certificates and returns its port."""
    def begin(*options, algorithms=("ecc", "rsa")):
        own = [word for n in algorithms for word in ("--cert", servers[n][0], "--key", servers[n][1])]
        child = start(program, "serve", *own, "--ca", clients.anchors, *options, ready=r"^ready 127\.0\.0\.1:(\d+)$")
        begin.child = child
        return int(child.ready[1])
    return begin


@pytest.fixture
def ask(clients, servers):
    """ask(port, presentation) sends one request as Python's ssl does and returns (status, body), or (what happened, None)."""
    def request(port, presentation, protocol="tls1.3"):
        context = ssl.create_default_context(cafile=servers["ca"])
        context.minimum_version = context.maximum_version = PROTOCOLS[protocol]
        if clients.sent[presentation]:
            context.load_cert_chain(*clients.sent[presentation])
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, \
                    context.wrap_socket(plain, server_hostname="refserver.example") as tls:
                tls.sendall(b"GET / HTTP/1.1\r\nHost: refserver.example\r\nConnection: close\r\n\r\n")
                answer = b"".join(iter(lambda: tls.recv(65536), b"")).decode()
        except ssl.SSLError as error:
            return error.reason, None
        except ConnectionError as error:
            return type(error).__name__, None
        if not answer:
            return "nothing", None
        request.head, _, body = answer.partition("\r\n\r\n")
        return int(request.head.split()[1]), json.loads(body) if body else None
    return request


@pytest.mark.parametrize("refuse", ["handshake", "http"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("policy", POLICIES)
def test_policies(serve, ask, policy, protocol, refuse):
    port = serve("--policy", policy, "--refuse", refuse)
    for good in ("good", "good-rsa"):
        assert tuple(verdict(ask(port, p, protocol)) for p in (good, "missing", "expired")) == POLICIES[policy]
    assert serve.child.stop() == 0


@pytest.mark.parametrize("algorithm", ["rsa", "ecc"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_answer_tells_what_was_seen(serve, ask, clients, protocol, algorithm):
    status, body = ask(serve(algorithms=[algorithm]), "good", protocol)
    shown = openssl("x509", "-in", clients.sent["good"][0], "-noout", "-serial", "-fingerprint", "-sha256", text=True)
    serial, fingerprint = (line.split("=")[1].lower() for line in shown.replace(":", "").splitlines())
    assert status == 200
    assert body["certificate"] == {"subject": "CN=client", "issuer": "CN=intermediate", "serial": serial, "fingerprint_sha256": fingerprint}
    assert (body["protocol"], body["sni"], body["verify_error"]) == ("TLSv" + protocol[3:], "refserver.example", None)
    assert protocol == "tls1.3" or ("ECDSA" in body["cipher"]) == (algorithm == "ecc")
    assert "X-Client-Verify: SUCCESS\r\n" in ask.head and "X-Client-Subject: CN=client\r\n" in ask.head


def test_refusal_over_http_names_its_reason(serve, ask):
    port = serve("--refuse", "http")
    status, body = ask(port, "expired")
    assert (status, body["verified"]) == (400, False) and "expired" in body["verify_error"]
    assert "X-Client-Verify: FAILED:" in ask.head
    assert ask(port, "missing")[0] == 400 and "X-Client-Verify: NONE\r\n" in ask.head


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("refuse", ["handshake", "http"])
def test_honest_server_refuses_all_that_is_not_legal(serve, ask, clients, refuse, protocol):
    port = serve("--refuse", refuse)
    seen = {p: verdict(ask(port, p, protocol)) for p in clients.sent}
    assert seen == {p: refused_unless(p in LEGAL) for p in clients.sent}


class Talk:
    """A TLS client that keeps apart what TLS says of a refusal and how the stream under it ends."""

    def __init__(self, plain, context):
        self.plain, self.incoming, self.outgoing = plain, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="refserver.example")

    def step(self, act):
        """None once `act` is done, else the reason why it never will be."""
        while True:
            try:
                return "close_notify" if act() == b"" else None
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLZeroReturnError:
                return "close_notify"
            except ssl.SSLError as error:
                return error.reason
            finally:
                self.plain.sendall(self.outgoing.read())
            part = self.plain.recv(65536)
            if not part:
                return "nothing"
            self.incoming.write(part)

    def refusal(self):
        told = None
        try:
            for act in (self.tls.do_handshake, lambda: self.tls.write(b"GET / HTTP/1.1\r\n\r\n"), lambda: self.tls.read(1)):
                told = told or self.step(act)
            while told != "nothing" and self.plain.recv(65536):
                pass
        except ConnectionError:
            return told or "nothing", "reset"
        return told, "fin"


MANNERS = {
    "handshake": ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "fin"),
    "close": ("nothing", "fin"),
    "reset": ("nothing", "reset"),
    "silent": ("close_notify", "fin"),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("refuse", MANNERS)
def test_manners(serve, ask, clients, servers, refuse, protocol):
    context = ssl.create_default_context(cafile=servers["ca"])
    context.minimum_version = context.maximum_version = PROTOCOLS[protocol]
    context.load_cert_chain(*clients.sent["expired"])
    port = serve("--refuse", refuse)
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            assert Talk(plain, context).refusal() == MANNERS[refuse]
    assert verdict(ask(port, "good", protocol)) == "served"


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("algorithm", ["rsa", "ecc"])
def test_reference_clients_complete(serve, refclient, servers, clients, library, protocol, algorithm):
    own = clients.sent["good-rsa" if algorithm == "rsa" else "good"]
    words = [refclient, "--library", library, "--connect", f"127.0.0.1:{serve(algorithms=[algorithm])}", "--cacert", servers["ca"],
             "--cert", own[0], "--key", own[1], "--sni", "localhost", "--alpn", "http/1.1", "--max-protocol", protocol]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=30, check=True)
    seen = json.loads(done.stdout)
    assert (seen["status"], seen["certificate_requested"], seen["ca_names"]) == (200, True, 2)
    assert (seen["error"], seen["alert"], seen["alert_sent"]) == (None, None, None)
    assert json.loads(seen["body"])["verified"] is True and seen["protocol"] == "TLSv" + protocol[3:]


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_s_client_completes(serve, clients, servers, protocol, group):
    own = clients.sent["good"]
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{serve()}", "-CAfile", servers["ca"], "-verify_return_error", "-cert", own[0],
             "-key", own[1], "-cert_chain", own[0], "-groups", group, "-" + protocol.replace(".", "_"), "-ign_eof"]
    done = subprocess.run([str(word) for word in words], input="GET / HTTP/1.0\r\n\r\n", capture_output=True, text=True, timeout=30,
                          check=True)
    assert "HTTP/1.1 200 OK" in done.stdout and '"verified": true' in done.stdout


def test_faults_are_many_and_told_apart(program, faults):
    assert len(faults) >= 60 and len(set(faults.values())) == len(faults)
    lines = subprocess.run([program, "serve", "--list-faults"], capture_output=True, text=True, check=True, timeout=10).stdout.splitlines()
    assert len(lines) == len(faults)


# Where our verifier draws the line of a fault elsewhere than libssl's error codes do.
OTHERWISE = {
    "accept-incomplete-chain": {"look-alike-root-alone", "forged-leaf"},  # no issuer with that name and key is at hand
    "accept-algorithm-mismatch": {"other-outer-algorithm"},               # the outer algorithm is what the signature is verified under
    "ignore-key-usage": {"no-cert-sign"},                                 # an issuer's keyUsage is a fault of its own: ignore-key-cert-sign
}


@pytest.mark.parametrize("fault", TURNS)
def test_shared_fault_changes_only_what_it_names(serve, ask, clients, faults, fault):
    if fault not in faults:
        pytest.skip("a fault of mtlspec-refserver alone")
    port = serve("--fault", fault)
    seen = {p: verdict(ask(port, p)).removesuffix("-anonymous") for p in clients.sent}
    assert seen == {p: refused_unless((p in LEGAL) != (p in TURNS[fault] ^ OTHERWISE.get(fault, set()))) for p in clients.sent}


def test_faults_add_up(serve, ask):
    port = serve("--fault", "ignore-key-usage", "--fault", "ignore-extended-key-usage")
    assert verdict(ask(port, "both-usages")) == "served"
    assert verdict(ask(port, "expired")) == "refused"


def test_skipped_request_serves_everybody_anonymously(serve, ask):
    port = serve("--fault", "skip-certificate-request")
    assert {verdict(ask(port, p)) for p in ("good", "missing", "expired")} == {"served-anonymous"}


def test_refused_missing_certificate_under_optional(serve, ask):
    port = serve("--policy", "optional", "--fault", "refuse-missing-certificate")
    assert [verdict(ask(port, p)) for p in ("good", "missing", "expired")] == ["served", "refused", "refused"]


def test_one_version(serve, ask):
    port = serve("--version", "tls1.2")
    assert verdict(ask(port, "good", "tls1.2")) == "served"
    assert ask(port, "good", "tls1.3") == ("TLSV1_ALERT_PROTOCOL_VERSION", None)


def test_own_pki(start, program, tmp_path):
    """Without files it makes a pki folder, whose credentials then work and stay."""
    for _ in range(2):
        child = start(program, "serve", "--pki", "own", "--listen", "[::1]:0", ready=r"^ready (\[::1\]:\d+)$")
        for algorithm in ("rsa", "ecc"):
            context = ssl.create_default_context(cafile=tmp_path / "own" / "server-ca.pem")
            context.load_cert_chain(tmp_path / "own" / algorithm / "client.pem", tmp_path / "own" / algorithm / "client.key")
            with socket.create_connection(("::1", int(child.ready[1].rpartition(":")[2])), timeout=10) as plain, \
                    context.wrap_socket(plain, server_hostname="localhost") as tls:
                tls.sendall(b"GET /status/403 HTTP/1.1\r\nConnection: close\r\n\r\n")
                answer = b"".join(iter(lambda: tls.recv(65536), b""))
            assert answer.startswith(b"HTTP/1.1 403 Forbidden") and b"X-Client-Verify: SUCCESS" in answer
        assert child.stop() == 0


def connect(serve, servers, *options):
    context = ssl.create_default_context(cafile=servers["ca"])
    plain = socket.create_connection(("127.0.0.1", serve("--policy", "none", *options)), timeout=10)
    return context.wrap_socket(plain, server_hostname="localhost")


def test_keep_alive_head_and_post(serve, servers):
    with connect(serve, servers) as tls:
        tls.sendall(b"HEAD /status/404 HTTP/1.1\r\n\r\nPOST /status/201 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
                    b"DELETE / HTTP/1.1\r\nConnection: CLOSE\r\n\r\n")
        answers = b"".join(iter(lambda: tls.recv(65536), b"")).decode()
    assert [line.split()[1] for line in answers.splitlines() if line.startswith("HTTP/1.1")] == ["404", "201", "405"]
    assert answers.count('{"verified"') == 2


@pytest.mark.parametrize("request_bytes, status", [(b"nonsense\r\n\r\n", "400"), (b"GET /" + b"a" * 20000, "414"),
                                                   (b"GET / HTTP/1.1\r\nX: " + b"a" * 100000, "431"),
                                                   (b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n" + b"a" * 2000000, "413")],
                         ids=["nonsense", "long-path", "long-header", "long-body"])
def test_bad_requests(serve, servers, request_bytes, status):
    with connect(serve, servers) as tls:
        try:
            tls.sendall(request_bytes)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it answers before it has read everything
        assert tls.recv(65536).split()[1].decode() == status


def test_connections_wait_for_nobody(serve, ask):
    """Clients that never speak, or stop in the middle of anything, hold up neither another client nor the end."""
    port = serve()
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    for i, plain in enumerate(idle):
        plain.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[:i % 12])
    assert verdict(ask(port, "good")) == "served"
    assert serve.child.stop() == 0
    for plain in idle:
        plain.close()


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x00", b"\x80" * 70000, b"\x16\x03\x01\xff\xff" + b"\0" * 9],
                         ids=["http", "empty-record", "noise", "long-record"])
def test_garbage_ends_the_connection(serve, ask, sent):
    port = serve()
    with socket.create_connection(("127.0.0.1", port), timeout=15) as plain:
        try:
            plain.sendall(sent)
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(65536):
                pass
        except ConnectionError:
            pass
    assert verdict(ask(port, "good")) == "served"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_the_server(serve, number):
    serve()
    serve.child.process.send_signal(number)
    assert serve.child.wait(5) == 0


def test_ready_fd(program, clients, servers):
    reading, writing = os.pipe()
    words = [program, "serve", "--cert", servers["ecc"][0], "--key", servers["ecc"][1], "--ca", clients.anchors, "--ready-fd", str(writing)]
    child = subprocess.Popen([str(word) for word in words], pass_fds=[writing], stdout=subprocess.PIPE, text=True)
    os.close(writing)
    with os.fdopen(reading) as ready:
        assert ready.readline() == child.stdout.readline()
    child.terminate()
    assert child.wait(5) == 0
    child.stdout.close()


WRONG = [(("--fault", "accept-expird"), "did you mean 'accept-expired'"), (("--policy", "strict"), "required"), (("--frob",), "frob"),
         (("--listen", "nowhere"), "ADDRESS:PORT"), (("--listen", "127.0.0.1:65536"), "ADDRESS:PORT"),
         (("--listen", "127.0.0.1:"), "ADDRESS:PORT"),
         (("--cert", "{none}"), "needs its key"), (("--cert", "{none}", "--key", "{none}"), "--ca"), (("--ready-fd", "x"), "a number"),
         (("--cert", "{none}", "--key", "{none}", "--ca", "{none}"), "{none}"), (("more",), "'more' is not wanted"),
         (("--listen", "192.0.2.1:0"), "cannot listen")]


@pytest.mark.parametrize("options, said", WRONG)
def test_usage(mtlspec, tmp_path, options, said):
    none = str(tmp_path / "none.pem")
    done = mtlspec("serve", *(option.format(none=none) for option in options), timeout=20)
    assert (done.returncode, done.stdout) == (4, "")
    assert said.format(none=none) in done.stderr
