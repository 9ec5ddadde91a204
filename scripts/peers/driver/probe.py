# SPDX-License-Identifier: Apache-2.0
"""One request by Python's ssl module: what a client of another make sees. Writes, then always reads, so that no alert is lost."""
import socket
import ssl

VERSIONS = {"tls1.2": ssl.TLSVersion.TLSv1_2, "tls1.3": ssl.TLSVersion.TLSv1_3}
CLIENTS = ("client", "stranger", "none")
TIMEOUT = 10
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def _context(pki, client, algorithm, version):
    context = ssl.create_default_context(cafile=pki / "server-ca.pem")
    context.minimum_version = context.maximum_version = VERSIONS[version]
    if client != "none":
        context.load_cert_chain(pki / algorithm / f"{client}.pem", pki / algorithm / f"{client}.key")
    return context


def _alert(error):
    """The alert's name in RFC words, or `closed` when the error speaks of none."""
    reason = (getattr(error, "reason", None) or "").upper()
    if "_ALERT_" not in reason:
        return "closed"
    return "alert " + reason.split("_ALERT_")[1].lower()


def _answer(stream):
    """Asks and reads the first line; a failed write only means that the answer has to be read."""
    try:
        stream.sendall(REQUEST)
    except OSError:
        pass
    data = b""
    while b"\r\n" not in data:
        piece = stream.recv(4096)
        if not piece:
            return "after the handshake: closed"
        data += piece
    return "http " + data.split(b" ")[1].decode("ascii", "backslashreplace")


def probe(port, pki, client, algorithm, version):
    """Outcome words: `http 200`, `handshake: alert unknown_ca`, `after the handshake: closed`, …"""
    context = _context(pki, client, algorithm, version)
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as plain:
        try:
            stream = context.wrap_socket(plain, server_hostname="localhost")
        except OSError as error:
            return f"handshake: {_alert(error)}"
        with stream:
            try:
                return _answer(stream)
            except OSError as error:
                return f"after the handshake: {_alert(error)}"


def compare(port, pki, facts):
    """Every client, algorithm and version: pairs of a line to print, and whether the fact holds."""
    for client in CLIENTS:
        for version in VERSIONS:
            stated = facts[client][version]
            allowed = stated if isinstance(stated, list) else [stated]
            for algorithm in ("rsa", "ecc"):
                seen = probe(port, pki, client, algorithm, version)
                agrees = seen in allowed
                yield f"{client:10}{algorithm} {version}: {seen}{'' if agrees else ' (stated: ' + ' or '.join(allowed) + ')'}", agrees
