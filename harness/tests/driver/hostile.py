# SPDX-License-Identifier: Apache-2.0
"""Servers that misbehave, each in one way, on loopback and a port of the kernel's choice. A behaviour is a function of one
connection and its server; connections are served in threads, and all of them end when the server is stopped."""
import contextlib
import random
import select
import socket
import ssl
import struct
import threading

CHUNK = 1 << 16
RESPONSE = b"HTTP/1.1 200 OK\r\n"
HANDSHAKE, ALERT, APPLICATION = 22, 21, 23
SERVER_HELLO = 2


def record(kind, body, length=None):
    return bytes([kind]) + b"\x03\x03" + struct.pack(">H", len(body) if length is None else length) + body


def reset(connection):
    """Closes so that the other side sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Server:
    """Accepts on 127.0.0.1 and hands each connection to `behave(connection, server)`. `stopping` is set when the test is over."""

    def __init__(self, behave, context=None):
        self.behave, self.context, self.stopping = behave, context, threading.Event()
        self.changed, self.accepted, self.open, self.threads = threading.Condition(), 0, set(), []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.start(self._accept)

    def start(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        while not self.stopping.is_set():
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a reset must not take back what was sent
            with self.changed:
                self.accepted += 1
                self.open.add(connection)
                self.changed.notify_all()
            self.start(self._serve, connection)

    def _serve(self, connection):
        with contextlib.suppress(OSError):  # the other side may be gone at any time
            spoken = self.context.wrap_socket(connection, server_side=True) if self.context else connection
            self.behave(spoken, self)
            spoken.close()
        connection.close()

    def wait_connections(self, count, timeout=20):
        with self.changed:
            assert self.changed.wait_for(lambda: self.accepted >= count, timeout), f"{self.accepted} connections, wanted {count}"

    def stop(self):
        self.stopping.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self.threads):
            thread.join(5)


def closed_port():
    """A port on which nobody listens: the kernel just gave it out and took it back."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


# ---- below TLS ----

def say_nothing(connection, server):
    server.stopping.wait()


def reset_at_once(connection, server):
    reset(connection)


def close_at_once(connection, server):
    connection.close()


def close_after_hello(connection, server):
    connection.recv(CHUNK)


def reset_after_hello(connection, server):
    connection.recv(CHUNK)
    reset(connection)


def speak_http(connection, server):
    connection.recv(CHUNK)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def speak_ssh(connection, server):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    server.stopping.wait()


def send_garbage(connection, server):
    connection.recv(CHUNK)
    connection.sendall(random.Random(7).randbytes(4096))
    server.stopping.wait()


def flood(piece):
    """`piece` again and again without an end."""
    def behave(connection, server):
        while not server.stopping.is_set():
            connection.sendall(piece * (CHUNK // len(piece)))
    return behave


def announce(head, body):
    """After the hello, `head`, which announces more than anybody wants, and then what it announces."""
    def behave(connection, server):
        connection.recv(CHUNK)
        connection.sendall(head)
        flood(body)(connection, server)
    return behave


LONG_RECORD = (record(HANDSHAKE, b"", length=0xffff), b"\0")
LONG_MESSAGE = (record(HANDSHAKE, bytes([SERVER_HELLO]) + b"\xff\xff\xff"), record(HANDSHAKE, bytes(1 << 14)))


def drip(connection, server):
    """A ServerHello that goes on for two minutes, a byte a second."""
    for byte in record(HANDSHAKE, bytes([SERVER_HELLO]) + b"\x00\x00\x70\x03\x03" + bytes(110)):
        connection.sendall(bytes([byte]))
        if server.stopping.wait(1):
            return


def refuse_by_alert(connection, server):
    connection.recv(CHUNK)
    connection.sendall(record(ALERT, b"\x02\x28"))


# ---- inside TLS: after a whole handshake, once the request is there ----

def answering(*pieces, then=None):
    """Answers a request with `pieces` and then `then`: None (close), reset, or a behaviour."""
    def behave(connection, server):
        if not connection.recv(CHUNK):
            return
        for piece in pieces:
            connection.sendall(piece)
        if then is reset:
            connection.detach_and_reset()
        elif then:
            then(connection, server)
    return behave


def drip_body(connection, server):
    for byte in RESPONSE + b"X-Slow: " + b"z" * 100:
        connection.sendall(bytes([byte]))
        if server.stopping.wait(1):
            return


class ResettableSocket(ssl.SSLSocket):
    def detach_and_reset(self):
        """Closes with a reset and without close_notify."""
        reset(socket.socket(fileno=self.detach()))


def tls_context(certificate, key, ca, newest=ssl.TLSVersion.TLSv1_3):
    """A server that requires a client certificate of `ca`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslsocket_class = ResettableSocket
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = newest
    return context


# ---- in front of an honest server ----

class Cut:
    """Lets `count` bytes or whole records pass in one direction, then ends the connection by FIN or reset."""

    def __init__(self, port, to_client=True, records=None, bytes_=None, by_reset=False):
        self.port, self.to_client, self.by_reset = port, to_client, by_reset
        self.in_records, self.count = records is not None, bytes_ if records is None else records

    def limit(self, server):
        return self.count

    def passing(self, held, left):
        """(what passes of the bytes `held`, how much is then left)"""
        if not self.in_records:
            return held[:left], left - min(left, len(held))
        at = 0
        while left and len(held) >= at + 5 and len(held) >= at + 5 + int.from_bytes(held[at + 3:at + 5], "big"):
            at += 5 + int.from_bytes(held[at + 3:at + 5], "big")
            left -= 1
        return held[:at], left

    def __call__(self, connection, server):
        left, held = self.limit(server), b""
        with socket.create_connection(("127.0.0.1", self.port)) as upstream:
            while left and not server.stopping.is_set():
                for ready in select.select([connection, upstream], [], [], 0.2)[0]:
                    data = ready.recv(CHUNK)
                    if not data:
                        return False
                    if (ready is upstream) is not self.to_client:
                        (connection if ready is upstream else upstream).sendall(data)
                        continue
                    passed, left = self.passing(held + data, left)
                    held = (held + data)[len(passed):]
                    (connection if ready is upstream else upstream).sendall(passed)
        if self.by_reset:
            reset(connection)
        return True


class CutLater(Cut):
    """Lets the first `honest` connections live, then cuts each one a little later than the one before."""

    def __init__(self, port, honest, step, **options):
        super().__init__(port, bytes_=0, **options)
        self.honest, self.step = honest, step

    def limit(self, server):
        return 1 << 40 if server.accepted <= self.honest else (server.accepted - self.honest) * self.step


class Changing(CutLater):
    """Lets the first `honest` connections be; in each later one it changes one byte, a little further on than in the one before."""

    def __init__(self, port, honest, step, mask, **options):
        super().__init__(port, honest, step, **options)
        self.mask = mask

    def passing(self, held, left):
        if left > len(held):
            return held, left - len(held)
        return held[:left - 1] + bytes([held[left - 1] ^ self.mask]) + held[left:], 1 << 40


class DroppingAlerts(Cut):
    """An edge that refuses by not answering: where the server sends an alert in the clear, nobody hears anything any more."""

    def __init__(self, port):
        super().__init__(port, bytes_=1 << 40)

    def passing(self, held, left):
        return (b"", 0) if held[0] == ALERT else (held, left)

    def __call__(self, connection, server):
        if super().__call__(connection, server):
            server.stopping.wait()


class Fading(Cut):
    """Lets the first `honest` connections live; later ones meet `then`."""

    def __init__(self, port, honest, then):
        super().__init__(port, bytes_=1 << 40)
        self.honest, self.then = honest, then

    def __call__(self, connection, server):
        if server.accepted <= self.honest:
            super().__call__(connection, server)
        else:
            self.then(connection, server)
