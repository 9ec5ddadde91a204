# SPDX-License-Identifier: Apache-2.0
"""The reference server and client: honest by default, and each fault of the server changes exactly the answers that it names."""
import json
import signal
import socket
import ssl
import subprocess

import pytest
from refpeer_certificates import CA, SERVER, Authority, Presentations, openssl

PROTOCOLS = {"tls1.2": ssl.TLSVersion.TLSv1_2, "tls1.3": ssl.TLSVersion.TLSv1_3}
LIBRARIES = ("libssl", "libcurl")
LEGAL = {"good", "good-rsa", "direct", "with-root", "duplicate", "stray", "two-intermediates", "reversed",
         "no-extended-key-usage", "no-key-usage", "unknown-extension", "rsa-under-ecc"}

# fault: the presentations whose answer it turns around. Every other answer stays what it is without the fault.
TURNS = {
    "accept-expired": {"expired"},
    "accept-expired-intermediate": {"expired-intermediate"},
    "accept-not-yet-valid": {"not-yet-valid"},
    "accept-unknown-ca": {"unknown-ca", "unknown-ca-with-root", "unknown-ca-alone", "incomplete", "look-alike-root",
                          "look-alike-root-alone", "look-alike-intermediate", "look-alike-of-other-root", "forged-leaf"},
    "accept-incomplete-chain": {"unknown-ca-alone", "incomplete"},
    "accept-self-signed": {"self-signed"},
    "accept-bad-signature": {"flipped-leaf", "flipped-intermediate", "look-alike-root", "look-alike-root-alone",
                             "look-alike-root-unmarked", "look-alike-intermediate", "forged-leaf"},
    "accept-algorithm-mismatch": {"other-outer-algorithm", "other-inner-algorithm"},
    "ignore-extended-key-usage": {"server-auth"},
    "ignore-key-usage": {"key-encipherment", "no-cert-sign"},
    "ignore-basic-constraints": {"no-basic-constraints", "not-a-ca"},
    "ignore-path-length": {"path-length"},
    "ignore-unknown-critical-extension": {"critical-extension", "critical-extension-in-intermediate"},
    "accept-missing-certificate": {"missing"},
    "refuse-root-in-list": {"with-root"},
    "refuse-duplicate-certificate": {"duplicate"},
    "refuse-stray-certificate": {"stray"},
    "refuse-reversed-order": {"reversed"},
    "require-one-intermediate-at-most": {"two-intermediates", "reversed"},
    "refuse-without-extended-key-usage": {"no-extended-key-usage"},
    "refuse-without-key-usage": {"no-key-usage"},
    "refuse-unknown-extension": {"unknown-extension"},
    "refuse-mixed-algorithms": {"rsa-under-ecc"},
}
ELSEWHERE = {"skip-certificate-request", "omit-ca-names", "refuse-missing-certificate"}  # have a test of their own

# presentation: the alert of TLS 1.3 by which libssl refuses it
ALERTS = {
    "missing": "TLSV13_ALERT_CERTIFICATE_REQUIRED", "expired": "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "not-yet-valid": "SSLV3_ALERT_BAD_CERTIFICATE", "unknown-ca": "TLSV1_ALERT_UNKNOWN_CA", "self-signed": "TLSV1_ALERT_UNKNOWN_CA",
    "flipped-leaf": "TLSV1_ALERT_DECRYPT_ERROR", "server-auth": "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "critical-extension": "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "path-length": "TLSV1_ALERT_UNKNOWN_CA",
}


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


@pytest.fixture
def serve(start, refserver, clients, servers):
    """serve(*options) starts the reference server with both its certificates and returns its port."""
    def begin(*options, algorithms=("rsa", "ecc"), ca=True):
        own = [word for n in algorithms for word in ("--cert", servers[n][0], "--key", servers[n][1])]
        child = start(refserver, *own, *(("--ca", clients.anchors) if ca else ()), *options, ready=r"^ready 127\.0\.0\.1:(\d+)$")
        begin.child = child
        return int(child.ready[1])
    return begin


@pytest.fixture
def ask(clients, servers):
    """ask(port, presentation) sends one request as Python's ssl does and returns (status, body), or (alert, None)."""
    def request(port, presentation, protocol="tls1.3", line=b"GET / HTTP/1.1"):
        context = ssl.create_default_context(cafile=servers["ca"])
        context.minimum_version = context.maximum_version = PROTOCOLS[protocol]
        if clients.sent[presentation]:
            context.load_cert_chain(*clients.sent[presentation])
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, \
                    context.wrap_socket(plain, server_hostname="refserver.example") as tls:
                tls.sendall(line + b"\r\nHost: refserver.example\r\nConnection: close\r\n\r\n")
                answer = b"".join(iter(lambda: tls.recv(65536), b"")).decode()
        except ssl.SSLError as error:
            return error.reason, None
        head, _, body = answer.partition("\r\n\r\n")
        request.head = head
        return int(head.split()[1]), json.loads(body) if body else None
    return request


def verdict(answer):
    """served, served-anonymous, served-unverified or refused: what an answer says about the client."""
    status, body = answer
    if status != 200:
        return "refused"
    if body["certificate"] is None:
        return "served-anonymous"
    return "served" if body["verified"] else "served-unverified"


def refused_unless(served):
    return "served" if served else "refused"


POLICIES = {
    "required": ("served", "refused", "refused"),
    "optional": ("served", "served-anonymous", "refused"),
    "request": ("served", "served-anonymous", "served-unverified"),
    "none": ("served-anonymous", "served-anonymous", "served-anonymous"),
}


@pytest.mark.parametrize("over", ["handshake", "http"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("policy", POLICIES)
def test_policies(serve, ask, policy, protocol, over):
    port = serve("--policy", policy, "--refuse-over", over)
    for good in ("good", "good-rsa"):
        seen = tuple(verdict(ask(port, p, protocol)) for p in (good, "missing", "expired"))
        assert seen == POLICIES[policy]
    assert serve.child.stop() == 0


@pytest.mark.parametrize("algorithm", ["rsa", "ecc"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_answer_tells_what_was_seen(serve, ask, clients, protocol, algorithm):
    port = serve(algorithms=[algorithm])
    status, body = ask(port, "good", protocol)
    file = clients.sent["good"][0]
    shown = openssl("x509", "-in", file, "-noout", "-subject", "-issuer", "-serial", "-fingerprint", "-sha256", "-nameopt", "RFC2253",
                    text=True).replace(":", "").splitlines()
    serial, fingerprint = (line.split("=")[1].lower() for line in shown[2:])
    assert status == 200
    assert body["certificate"] == {"subject": "CN=client", "issuer": "CN=intermediate", "serial": serial, "fingerprint_sha256": fingerprint}
    assert (body["protocol"], body["sni"], body["verify_error"]) == ("TLSv" + protocol[3:], "refserver.example", 0)
    assert protocol == "tls1.3" or ("ECDSA" in body["cipher"]) == (algorithm == "ecc")
    assert "X-Client-Verify: SUCCESS\r\n" in ask.head and "X-Client-Subject: CN=client\r\n" in ask.head


def test_refusal_over_http_names_its_reason(serve, ask):
    port = serve("--refuse-over", "http")
    status, body = ask(port, "expired")
    assert (status, body["verified"], body["verify_error"]) == (400, False, 10)
    assert "X-Client-Verify: FAILED:certificate has expired\r\n" in ask.head
    assert ask(port, "missing")[0] == 400 and "X-Client-Verify: NONE\r\n" in ask.head


def test_alerts_are_those_of_libssl(serve, ask):
    port = serve()
    for presentation, alert in ALERTS.items():
        assert ask(port, presentation) == (alert, None), presentation


def test_tables_of_this_test_are_complete(refserver):
    lines = subprocess.run([refserver, "--list-faults"], capture_output=True, text=True, check=True, timeout=10).stdout.splitlines()
    names = [line.split("\t")[0] for line in lines]
    assert all(line.split("\t")[1].endswith(".") for line in lines)
    assert set(names) == set(TURNS) | ELSEWHERE and len(names) == len(set(names))
    assert not set(TURNS) & ELSEWHERE


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("over", ["handshake", "http"])
def test_honest_server_refuses_all_that_is_not_legal(serve, ask, clients, over, protocol):
    port = serve("--refuse-over", over)
    seen = {p: verdict(ask(port, p, protocol)) for p in clients.sent}
    assert seen == {p: refused_unless(p in LEGAL) for p in clients.sent}


@pytest.mark.parametrize("fault", TURNS)
def test_fault_changes_only_what_it_names(serve, ask, clients, fault):
    port = serve("--fault", fault)
    seen = {p: verdict(ask(port, p)).removesuffix("-anonymous") for p in clients.sent}
    assert seen == {p: refused_unless((p in LEGAL) != (p in TURNS[fault])) for p in clients.sent}


@pytest.mark.parametrize("fault", TURNS)
def test_fault_over_http_and_tls12(serve, ask, fault):
    port = serve("--fault", fault, "--refuse-over", "http")
    for presentation in TURNS[fault]:
        expected = refused_unless(presentation not in LEGAL)
        assert verdict(ask(port, presentation, "tls1.2")).removesuffix("-anonymous") == expected
    assert verdict(ask(port, "good", "tls1.2")) == "served"


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


def test_intermediate_in_bundle_builds_but_is_not_trusted(serve, ask, clients):
    both = clients.authority.chain_file(clients.root, clients.between)
    assert verdict(ask(serve("--ca", both), "incomplete")) == "served"
    alone = clients.authority.chain_file(clients.between)
    assert verdict(ask(serve("--ca", alone, ca=False), "incomplete")) == "refused"


@pytest.fixture
def get(refclient, servers, clients):
    """get(port, presentation, *options) runs the reference client: (exit code, its JSON)."""
    def run(port, presentation, *options, library="libssl"):
        sent = clients.sent[presentation]
        own = ("--cert", sent[0], "--key", sent[1]) if sent else ()
        words = [refclient, "--library", library, "--connect", f"127.0.0.1:{port}", "--cacert", servers["ca"], *own, *options]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=30, check=False)
        assert done.stderr == ""
        return done.returncode, json.loads(done.stdout)
    return run


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("algorithm", ["rsa", "ecc"])
def test_client_is_served(serve, get, library, protocol, algorithm):
    port = serve("--alpn", "http/1.1", algorithms=[algorithm])
    code, seen = get(port, "good-rsa" if algorithm == "rsa" else "good", "--sni", "localhost", "--alpn", "http/1.1",
                     "--min-protocol", protocol, "--max-protocol", protocol, library=library)
    body = json.loads(seen["body"])
    assert (code, seen["status"], seen["library"], seen["connected"]) == (0, 200, library, True)
    assert (seen["error"], seen["alert"], seen["alert_sent"]) == (None, None, None)
    assert (seen["certificate_requested"], seen["ca_names"]) == (True, 2)
    assert (body["verified"], body["sni"]) == (True, "localhost")
    assert (body["protocol"], body["cipher"]) == (seen["protocol"], seen["cipher"]) and seen["protocol"] == "TLSv" + protocol[3:]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("protocol, presentation, alert", [("tls1.3", "missing", 116), ("tls1.2", "missing", 40), ("tls1.3", "expired", 45),
                                                           ("tls1.2", "expired", 45), ("tls1.3", "unknown-ca", 48)])
def test_client_tells_the_alert(serve, get, library, protocol, presentation, alert):
    code, seen = get(serve(), presentation, "--max-protocol", protocol, library=library)
    assert (code, seen["connected"], seen["status"], seen["alert"]) == (1, True, None, alert)
    assert seen["error"] and seen["body"] is None


@pytest.mark.parametrize("library", LIBRARIES)
def test_client_counts_ca_names(serve, get, clients, library):
    assert get(serve("--fault", "omit-ca-names"), "good", library=library)[1]["ca_names"] == 0
    assert get(serve("--ca-names", "none"), "good", library=library)[1]["ca_names"] == 0
    assert get(serve("--ca-names", clients.authority.chain_file(clients.root)), "good", library=library)[1]["ca_names"] == 1
    assert get(serve("--policy", "none"), "good", library=library)[1]["certificate_requested"] is False


@pytest.mark.parametrize("library", LIBRARIES)
def test_client_keeps_to_its_lists(serve, get, library):
    options = ("--ciphers", "ECDHE-RSA-AES128-GCM-SHA256:TLS_CHACHA20_POLY1305_SHA256", "--groups", "P-384", "--sigalgs",
               "rsa_pss_rsae_sha256:RSA+SHA256")
    assert get(serve(), "good-rsa", *options, library=library)[1]["cipher"] == "TLS_CHACHA20_POLY1305_SHA256"
    code, seen = get(serve(), "good-rsa", "--max-protocol", "tls1.2", *options, library=library)
    assert (code, seen["cipher"]) == (0, "ECDHE-RSA-AES128-GCM-SHA256")
    assert get(serve(algorithms=["ecc"]), "good", *options, library=library)[1]["alert"] == 40


@pytest.mark.parametrize("library", LIBRARIES)
def test_client_judges_the_server(serve, get, clients, library):
    code, seen = get(serve(), "good", "--sni", "wrong.example", library=library)
    assert (code, seen["status"], seen["connected"]) == (1, None, True)
    code, seen = get(serve(), "good", "--cacert", clients.anchors, library=library)
    assert (code, seen["alert_sent"]) == (1, 48) and "certificate" in seen["error"]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("path, status", [("/status/403", 403), ("/status/503", 503), ("/status/999", 404), ("/x", 200)])
def test_status_on_demand(serve, get, library, path, status):
    assert get(serve(), "good", "--path", path, library=library)[1]["status"] == status


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_client_against_s_server(start, get, clients, servers, library, protocol):
    def listen(*verify):
        child = start("openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", servers["ecc"][0], "-key", servers["ecc"][1],
                      "-CAfile", clients.anchors, "-verify_return_error", "-www", *verify, ready=r"^ACCEPT 127\.0\.0\.1:(\d+)$")
        return int(child.ready[1])
    code, seen = get(listen("-Verify", "5"), "good", "--max-protocol", protocol, library=library)
    assert (code, seen["status"], seen["certificate_requested"]) == (0, 200, True) and "s_server" in seen["body"]
    code, seen = get(listen("-Verify", "5"), "missing", "--max-protocol", protocol, library=library)
    assert (code, seen["status"]) == (1, None) and seen["error"]
    code, seen = get(listen(), "missing", "--max-protocol", protocol, library=library)
    assert (code, seen["status"], seen["certificate_requested"]) == (0, 200, False)


@pytest.mark.parametrize("library", LIBRARIES)
def test_client_has_a_deadline(get, library):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        code, seen = get(silent.getsockname()[1], "good", "--timeout", "300ms", library=library)
    assert (code, seen["connected"], seen["status"]) == (1, True, None)
    assert "time" in seen["error"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_client_tells_a_dead_port(get, library):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        code, seen = get(bound.getsockname()[1], "good", library=library)
    assert (code, seen["connected"]) == (1, False) and "onnect" in seen["error"]


def test_connections_wait_for_nobody(serve, ask):
    """A client that never speaks, and one that stops in the middle of a request, hold up neither another client nor the end."""
    port = serve("--policy", "none")
    with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)) as plain:
        context = ssl._create_unverified_context()  # noqa: SLF001 - the name that the standard library documents in PEP 476
        with context.wrap_socket(plain) as tls:
            tls.sendall(b"GET / HT")
            assert verdict(ask(port, "missing")) == "served-anonymous"
            assert serve.child.stop() == 0


def test_keep_alive_head_and_post(serve, servers):
    context = ssl.create_default_context(cafile=servers["ca"])
    with socket.create_connection(("127.0.0.1", serve("--policy", "none")), timeout=10) as plain, \
            context.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(b"HEAD /status/404 HTTP/1.1\r\n\r\nPOST /status/201 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
                    b"DELETE / HTTP/1.1\r\nConnection: CLOSE\r\n\r\n")
        answers = b"".join(iter(lambda: tls.recv(65536), b"")).decode()
    assert [line.split()[1] for line in answers.splitlines() if line.startswith("HTTP/1.1")] == ["404", "201", "405"]
    assert answers.count('{"verified"') == 2


@pytest.mark.parametrize("request_bytes, status", [(b"nonsense\r\n\r\n", "400"), (b"GET / HTTP/2.0\r\n\r\n", "400"),
                                                   (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"),
                                                   (b"GET /" + b"a" * 20000, "431"),
                                                   (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "501"),
                                                   (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "413")])
def test_bad_requests(serve, servers, request_bytes, status):
    context = ssl.create_default_context(cafile=servers["ca"])
    with socket.create_connection(("127.0.0.1", serve("--policy", "none")), timeout=10) as plain, \
            context.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(request_bytes)
        assert b"".join(iter(lambda: tls.recv(65536), b"")).split()[1].decode() == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_the_server(serve, number):
    serve()
    serve.child.process.send_signal(number)
    assert serve.child.wait(5) == 0


def test_max_connections(serve, ask):
    port = serve("--max-connections", "2")
    assert [verdict(ask(port, p)) for p in ("good", "missing")] == ["served", "refused"]
    assert serve.child.wait(5) == 0


def test_tickets_only_when_asked_for(serve, servers):
    def sessions(*options):
        port = serve("--policy", "none", *options)
        context = ssl.create_default_context(cafile=servers["ca"])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
            return tls.session.has_ticket
    assert (sessions(), sessions("--tickets")) == (False, True)


def test_alpn(serve, servers):
    def selected(port, *offered):
        context = ssl.create_default_context(cafile=servers["ca"])
        context.set_alpn_protocols(offered)
        with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
            return tls.selected_alpn_protocol()
    port = serve("--policy", "none", "--alpn", "http/1.1")
    assert selected(port, "h2", "http/1.1") == "http/1.1" and selected(port) is None
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        selected(port, "h2")


SERVER_WRONG = [(("--fault", "none"), "no fault 'none'"), (("--policy", "strict"), "wants required|optional|request|none, not 'strict'"),
                (("--cert", "{missing}", "--key", "{missing}"), "--cert {missing}"), (("--frob",), "unknown option --frob"),
                ((), "expected --cert FILE and --key FILE"), (("--listen", "nowhere"), "--listen wants ADDR:PORT"),
                (("--min-protocol", "tls1.3", "--max-protocol", "tls1.2"), "--min-protocol is above --max-protocol")]
CLIENT_WRONG = [((), "expected --library"), (("--library", "libssl"), "expected --connect"), (("--library", "nss"), "libssl|libcurl"),
                (("--library", "libssl", "--connect", "a:1", "--cert", "x"), "--cert and --key go together"),
                (("--library", "libssl", "--connect", "127.0.0.1:1", "--cert", "{missing}", "--key", "{missing}"), "{missing}"),
                (("--library", "libcurl", "--connect", "127.0.0.1:1", "--timeout", "5"), "--timeout wants")]


def check_usage(program, options, said, tmp_path):
    fill = {"missing": str(tmp_path / "none.pem")}
    words = [str(program), *(option.format(**fill) for option in options)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)
    assert said.format(**fill) in done.stderr


@pytest.mark.parametrize("options, said", SERVER_WRONG)
def test_server_usage(refserver, clients, servers, tmp_path, options, said):
    own = () if not options or options[0] == "--cert" else ("--cert", str(servers["ecc"][0]), "--key", str(servers["ecc"][1]))
    check_usage(refserver, ("--ca", str(clients.anchors), *own, *options), said, tmp_path)


@pytest.mark.parametrize("options, said", CLIENT_WRONG)
def test_client_usage(refclient, tmp_path, options, said):
    check_usage(refclient, options, said, tmp_path)
