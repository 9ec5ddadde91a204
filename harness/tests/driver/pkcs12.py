# SPDX-License-Identifier: Apache-2.0
"""PKCS#12 files (RFC 7292) with more than openssl's command puts into one: its parts are joined under a MAC of our own."""
import hashlib
import hmac
import os
import re

from sm2_forms import der, gmssl_der, openssl

DATA = bytes.fromhex("06092a864886f70d010701")
SHROUDED = bytes.fromhex("060b2a864886f70d010c0a0102")
SHA256 = bytes.fromhex("300d06096086480165030402010500")
BLOCK, ROUNDS, MAC_PURPOSE = 64, 2048, 3


def split(data):
    """(content of the first value, what follows it)"""
    size, start = data[1], 2
    if size & 128:
        start += size & 127
        size = int.from_bytes(data[2:start], "big")
    return data[start:start + size], data[start + size:]


def parts_of(file):
    """The ContentInfos of an AuthenticatedSafe."""
    pfx, _ = split(file)
    content, _ = split(split(pfx)[1])  # behind the version
    octets, _ = split(split(content)[1])  # behind the type
    return split(split(octets)[0])[0]


def mac_key(password, salt):
    """RFC 7292 appendix B.2, for keys that are as long as the hash."""
    secret = password.encode("utf-16-be") + b"\0\0"

    def fill(text):
        return (text * BLOCK)[:BLOCK * -(-len(text) // BLOCK)]
    key = bytes([MAC_PURPOSE]) * BLOCK + fill(salt) + fill(secret)
    for _ in range(ROUNDS):
        key = hashlib.sha256(key).digest()
    return key


def join(files, password):
    """One file with the content of them all."""
    safe, salt = der(0x30, *map(parts_of, files)), os.urandom(8)
    mac = hmac.digest(mac_key(password, salt), safe, "sha256")
    content = der(0x30, DATA, der(0xa0, der(4, safe)))
    return der(0x30, der(2, b"\3"), content, der(0x30, der(0x30, SHA256, der(4, mac)), der(4, salt), der(2, ROUNDS.to_bytes(2, "big"))))


def blocks(text, kind):
    return re.findall(rf"-----BEGIN {kind}-----.*?-----END {kind}-----\n", text, re.S)


def export(folder, name, certificates, key, password, *words):
    """A file made by openssl, of PEM texts: certificates, and a key or None."""
    (folder / "in.pem").write_text("".join(certificates) + (key or ""))
    kind = ["-nokeys"] if key is None else ["-nocerts"] if not certificates else []
    openssl("pkcs12", "-export", "-in", folder / "in.pem", *kind, "-name", name, "-passout", f"pass:{password}", *words,
            "-out", folder / "out.p12")
    return (folder / "out.p12").read_bytes()


def with_key_of_gmssl(key, password):
    """A file with one key, encrypted as GmSSL does it."""
    bag = der(0x30, SHROUDED, der(0xa0, gmssl_der(key, password, "1.2.156.10197.1.401.2")))
    part = der(0x30, DATA, der(0xa0, der(4, der(0x30, bag))))
    safe = der(0x30, part)
    return der(0x30, der(2, b"\3"), der(0x30, DATA, der(0xa0, der(4, safe))))
