# SPDX-License-Identifier: Apache-2.0
"""OpenSSL 4 as an HTTPS server or client over TLS 1.3 with the SM2 suites of RFC 8998.

usage: peer.py --listen PORT | --connect HOST:PORT  [--protocol tls1.3] [--suite NAME] [--mutual]
               --ca FILE [--sign-cert FILE --sign-key FILE]
Prints `ready 127.0.0.1:PORT` once it listens, and one line of JSON for each connection.
"""
import argparse
import contextlib
import json
import os
import socket
import struct
import sys
import threading
from pathlib import Path

os.environ["OPENSSL_CONF"] = str(Path(__file__).with_name("openssl.cnf"))      # read when the library is loaded
from cryptography.hazmat.backends.openssl import backend  # noqa: E402
from OpenSSL import SSL  # noqa: E402

WAIT, LINGER = 10, 2        # seconds
HEAD_MAX = 65536
NO_AUTO_CHAIN = 0x8         # SSL_MODE_NO_AUTO_CHAIN: what is sent is what the file holds, without the root
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    role = parser.add_mutually_exclusive_group(required=True)
    role.add_argument("--listen")
    role.add_argument("--connect")
    for name in ("suite", "sign-cert", "sign-key", "enc-cert", "enc-key", "ca"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--protocol", choices=["tls1.3"], default="tls1.3")
    parser.add_argument("--mutual", action="store_true")
    return parser.parse_args()


def context(options):
    made = SSL.Context(SSL.TLS_METHOD)
    made.set_min_proto_version(SSL.TLS1_3_VERSION)
    made.set_mode(NO_AUTO_CHAIN)
    made.set_tls13_ciphersuites((options.suite or "TLS_SM4_GCM_SM3:TLS_SM4_CCM_SM3").encode())
    if options.sign_cert:
        made.use_certificate_chain_file(options.sign_cert)
        made.use_privatekey_file(options.sign_key)
    made.load_verify_locations(options.ca)
    mode = SSL.VERIFY_PEER
    if options.listen:
        mode = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT if options.mutual else SSL.VERIFY_NONE
        made.load_client_ca(options.ca)
        made.set_session_id(b"sm2-peer")
    made.set_verify(mode)
    return made


def name(entries):
    return ",".join(f"{key.decode()}={value.decode(errors='backslashreplace')}" for key, value in entries.get_components())


def certificate(stream):
    """What the peer showed, or None. As libcrypto reads it: cryptography's own reader is stricter."""
    shown = stream.get_peer_certificate()
    if shown is None:
        return None
    return {"subject": name(shown.get_subject()), "issuer": name(shown.get_issuer()), "serial": f"{shown.get_serial_number():x}",
            "fingerprint_sha256": shown.digest("sha256").decode().replace(":", "").lower()}


def body(stream):
    shown, sni = certificate(stream), stream.get_servername()
    return json.dumps({"verified": shown is not None, "certificate": shown, "protocol": stream.get_protocol_version_name(),
                       "cipher": stream.get_cipher_name(), "verify_error": 0, "sni": sni.decode() if sni else None}) + "\n"


def report(role, stream, status, error):
    shown = certificate(stream)
    print(json.dumps({"role": role, "implementation": backend.openssl_version_text(), "protocol": stream.get_protocol_version_name(),
                      "suite": stream.get_cipher_name() or "", "peer_subject": shown and shown["subject"],
                      "peer_certificates": len(stream.get_peer_cert_chain() or []), "status": status,
                      "error": error}), flush=True)


def words(error):
    """An error of the library in one line; it keeps a list of (library, function, reason)."""
    listed = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return "; ".join(" ".join(entry) for entry in listed) or f"{type(error).__name__} {error}"


def read_head(stream):
    """Reads up to the empty line; returns the first one."""
    data = b""
    while b"\r\n\r\n" not in data and len(data) < HEAD_MAX:
        data += stream.recv(4096)
    return data.partition(b"\r\n")[0]


def respond(stream):
    read_head(stream)
    text = body(stream)
    verify = "SUCCESS" if certificate(stream) else "NONE"
    stream.sendall(f"HTTP/1.1 200 OK\r\nServer: openssl4-peer\r\nContent-Type: application/json\r\nX-Client-Verify: {verify}\r\n"
                   f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n{text}".encode())
    return 200


def request(stream):
    stream.sendall(REQUEST)
    return int(read_head(stream).split(b" ")[1])


def linger(plain):
    """Lets the peer read what was sent last: a close with unread bytes would reset the connection."""
    with contextlib.suppress(OSError):
        plain.shutdown(socket.SHUT_WR)
        limit(plain, LINGER)
        while plain.recv(65536):
            pass
    plain.close()


def limit(plain, seconds):
    """A deadline of the kernel's: one of Python's would make the socket non-blocking under libssl."""
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        plain.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))


def converse(role, stream, talk):
    """The handshake and what follows it; says whether all went well."""
    status, error = None, None
    try:
        stream.do_handshake()
    except (SSL.Error, OSError) as problem:
        error = f"handshake: {words(problem)}"
    if error is None:
        try:
            status = talk(stream)
            stream.shutdown()
        except (SSL.Error, OSError, IndexError, ValueError) as problem:
            error = words(problem)
    report(role, stream, status, error)
    return error is None


def serve_one(made, plain):
    limit(plain, WAIT)
    stream = SSL.Connection(made, plain)
    stream.set_accept_state()
    converse("server", stream, respond)
    linger(plain)


def serve(options):
    made = context(options)
    listener = socket.create_server(("127.0.0.1", int(options.listen)))
    print("ready {}:{}".format(*listener.getsockname()), flush=True)
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=serve_one, args=(made, plain), daemon=True).start()


def connect(options):
    host, _, port = options.connect.rpartition(":")
    with socket.create_connection((host, int(port)), WAIT) as plain:
        plain.settimeout(None)
        limit(plain, WAIT)
        stream = SSL.Connection(context(options), plain)
        stream.set_tlsext_host_name(b"localhost")
        stream.set_connect_state()
        return 0 if converse("client", stream, request) else 1


def main():
    options = parse()
    try:
        return serve(options) if options.listen else connect(options)
    except (SSL.Error, OSError) as error:
        return f"openssl4-peer: {words(error)}"


if __name__ == "__main__":
    sys.exit(main())
