# SPDX-License-Identifier: Apache-2.0
"""Recorded connections for the tests of `mtlspec trace`: made by Python's ssl on both sides, in memory, and written down as JSON
lines, pcap or pcapng. Segments of a capture can be sent twice and out of order, as networks do."""
import itertools
import json
import ssl
import struct

CLIENT, SERVER = "c2s", "s2c"
PORTS = {CLIENT: 40001, SERVER: 443}
FIN, SYN, PUSH, ACK = 1, 2, 8, 16
SEGMENT = 700
HEADERS = {0: struct.pack("<I", 2), 1: bytes(12) + b"\x08\x00", 101: b"", 113: bytes(14) + b"\x08\x00"}  # by link type
WIRE_ORDERS = {"in order": None, "swapped": 2, "reversed in fours": 4}


class Ends:
    """A client and a server of Python's ssl that hand their bytes to each other, noted on the way."""

    def __init__(self, client, server):
        self.chunks, self.sides = [], {}
        for side, context in ((CLIENT, client), (SERVER, server)):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            name = "localhost" if side == CLIENT else None
            spoken = context.wrap_bio(incoming, outgoing, server_side=side == SERVER, server_hostname=name)
            self.sides[side] = (spoken, incoming, outgoing)

    def move(self):
        for side, other in ((CLIENT, SERVER), (SERVER, CLIENT)):
            data = self.sides[side][2].read()
            if data:
                self.chunks.append((side, data))
                self.sides[other][1].write(data)

    def handshake(self):
        done = set()
        while len(done) < 2:
            for side, (spoken, _, _) in self.sides.items():
                try:
                    spoken.do_handshake()
                    done.add(side)
                except ssl.SSLWantReadError:
                    pass
                self.move()

    def say(self, side, data):
        other = SERVER if side == CLIENT else CLIENT
        self.sides[side][0].write(data)
        self.move()
        assert self.sides[other][0].read(1 << 14) == data


def talk(pki, keylog, algorithm, version, cipher=None, curve=None):
    """A mutual handshake, a question and an answer; returns [(direction, bytes)]. A server's `curve` that is not the client's first
    makes it ask for another hello in TLS 1.3."""
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for context, name in ((client, "client"), (server, "server")):
        context.minimum_version = context.maximum_version = version
        context.load_cert_chain(pki / algorithm / f"{name}.pem", pki / algorithm / f"{name}.key")
    client.load_verify_locations(pki / "server-ca.pem")
    server.load_verify_locations(pki / "ca.pem")
    server.verify_mode = ssl.CERT_REQUIRED
    client.keylog_filename = str(keylog)
    if cipher:
        client.set_ciphers(cipher)
    if curve:
        server.set_ecdh_curve(curve)
    ends = Ends(client, server)
    ends.handshake()
    ends.say(CLIENT, b"question\n")
    ends.say(SERVER, b"answer\n")
    return ends.chunks


def read_json(path):
    """The chunks of a transcript of JSON lines, and which directions ended."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [(line["dir"], bytes.fromhex(line["hex"])) for line in lines if "hex" in line]


def to_json(chunks):
    ends = [{"dir": CLIENT, "eof": True}, {"dir": SERVER, "eof": True}]
    return "".join(json.dumps(line) + "\n" for line in [{"dir": d, "hex": data.hex()} for d, data in chunks] + ends).encode()


def ip_packet(direction, sequence, flags, data, version=4):
    other = SERVER if direction == CLIENT else CLIENT
    tcp = struct.pack(">HHIIBBHHH", PORTS[direction], PORTS[other], sequence & 0xffffffff, 0, 5 << 4, flags, 65535, 0, 0) + data
    if version == 6:
        return struct.pack(">IHBB", 6 << 28, len(tcp), 6, 64) + bytes(15) + b"\x01" + bytes(15) + b"\x01" + tcp
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + b"\x7f\0\0\1" * 2 + tcp


def packets_of(chunks, order="in order", version=4):
    """The IP packets of one connection. Sequence numbers run over the end of their 32 bits on the way."""
    due, out = {CLIENT: 0xffffff00, SERVER: 1000}, []
    for direction, flags in ((CLIENT, SYN), (SERVER, SYN | ACK)):
        out.append(ip_packet(direction, due[direction], flags, b"", version))
        due[direction] += 1
    for direction, data in chunks:
        run = []
        for at in range(0, len(data), SEGMENT):
            part = data[at:at + SEGMENT]
            run.append(ip_packet(direction, due[direction], PUSH | ACK, part, version))
            due[direction] += len(part)
        out += disturb(run, WIRE_ORDERS[order])
    return out + [ip_packet(direction, due[direction], FIN | ACK, b"", version) for direction in (CLIENT, SERVER)]


def disturb(run, size):
    """Turns every `size` segments round, and sends the first of them twice."""
    if size is None:
        return run
    groups = [run[at:at + size] for at in range(0, len(run), size)]
    return list(itertools.chain.from_iterable(group[::-1] + group[:1] for group in groups))


def to_pcap(packets, link=1, order="<", magic=0xa1b2c3d4):
    frames = [HEADERS[link] + packet for packet in packets]
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 1 << 18, link)
    return head + b"".join(struct.pack(order + "IIII", n, 0, len(f), len(f)) + f for n, f in enumerate(frames))


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def to_pcapng(packets, link=1, order="<"):
    out = block(order, 0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))
    out += block(order, 1, struct.pack(order + "HHI", link, 0, 0))
    for packet in packets:
        frame = HEADERS[link] + packet
        out += block(order, 6, struct.pack(order + "IIIII", 0, 0, 0, len(frame), len(frame)) + frame)
    return out
