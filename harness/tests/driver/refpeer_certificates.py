# SPDX-License-Identifier: Apache-2.0
"""Certificates for the tests of the reference peers, made by the openssl command line and, where it makes none that are wrong in
the way wanted, by editing their DER. Nothing of mtlspec's own certificate code is used."""
import base64
import datetime
import pathlib
import re
import subprocess

CA = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
CLIENT = ("basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature", "extendedKeyUsage=clientAuth")
SERVER = ("basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth",
          "subjectAltName=DNS:localhost,DNS:refserver.example,IP:127.0.0.1")
KEY_OPTIONS = {"rsa": ("RSA", "rsa_keygen_bits:2048"), "ecc": ("EC", "ec_paramgen_curve:P-256")}
CONFIG = """
[ca]
default_ca=d
[d]
new_certs_dir={folder}
database={folder}/index
rand_serial=yes
default_md=sha256
policy=p
unique_subject=no
[p]
commonName=supplied
[x]
{extensions}
"""
ECDSA_SHA256, ECDSA_SHA384 = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040303")


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60, **options).stdout


def to_der(pem):
    return base64.b64decode("".join(re.search(r"-----BEGIN CERTIFICATE-----(.*?)-----END", pem, re.S)[1].split()))


def to_pem(der):
    return "-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der).decode() + "-----END CERTIFICATE-----\n"


def sequence(tag, content):
    length = len(content)
    head = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
    return bytes([tag]) + head + content


class Credential:
    """A certificate with its key, and the list of certificates (PEM) that its owner sends."""

    def __init__(self, pem, key, name, issuer=None):
        self.pem, self.key, self.name, self.issuer = pem, key, name, issuer


class Authority:
    """Issues certificates into one folder. Keys are shared by all certificates of an algorithm unless they ask for another."""

    def __init__(self, folder):
        self.folder, self.keys, self.count = pathlib.Path(folder), {}, 0
        (self.folder / "index").write_text("")

    def file(self, suffix, text):
        self.count += 1
        path = self.folder / f"{self.count}{suffix}"
        path.write_text(text)
        return path

    def key(self, algorithm, use):
        if (algorithm, use) not in self.keys:
            kind, option = KEY_OPTIONS[algorithm]
            path = self.folder / f"{algorithm}-{use}.key"
            openssl("genpkey", "-algorithm", kind, "-pkeyopt", option, "-out", path)
            self.keys[algorithm, use] = path
        return self.keys[algorithm, use]

    def issue(self, name, issuer=None, algorithm="ecc", use=None, extensions=CLIENT, days=(-1, 30), digest="sha256"):
        """Issues to `name`; without an issuer it is self-signed. `days` are counted from now."""
        key = self.key(algorithm, use or name)
        request = self.file(".csr", openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", text=True))
        config = self.file(".cnf", CONFIG.format(folder=self.folder, extensions="\n".join(extensions)))
        now = datetime.datetime.now(datetime.timezone.utc)
        start, end = ((now + datetime.timedelta(n)).strftime("%y%m%d%H%M%SZ") for n in days)
        by = ("-selfsign", "-keyfile", key) if issuer is None else ("-cert", self.file(".pem", issuer.pem), "-keyfile", issuer.key)
        pem = openssl("ca", "-batch", "-notext", "-config", config, "-in", request, *by, "-startdate", start, "-enddate", end,
                      "-extensions", "x", "-md", digest, text=True)
        return Credential(pem, key, name, issuer)

    def chain_file(self, *credentials):
        return self.file(".pem", "".join(c.pem for c in credentials))


def with_flipped_signature(credential):
    der = bytearray(to_der(credential.pem))
    der[-1] ^= 1
    return Credential(to_pem(bytes(der)), credential.key, credential.name, credential.issuer)


def with_other_outer_algorithm(credential):
    """The outer signatureAlgorithm says SHA-384; what is signed says SHA-256, and SHA-256 it is."""
    der = to_der(credential.pem)
    at = der.rindex(ECDSA_SHA256)
    assert der.count(ECDSA_SHA256) == 2
    changed = der[:at] + ECDSA_SHA384 + der[at + len(ECDSA_SHA384):]
    return Credential(to_pem(changed), credential.key, credential.name, credential.issuer)


def with_other_inner_algorithm(credential, folder):
    """What is signed says SHA-384; the signature is of SHA-256, and the outer signatureAlgorithm says so."""
    der = to_der(credential.pem)
    body_length = 4 + int.from_bytes(der[6:8], "big")
    assert der[0:2] == der[4:6] == b"\x30\x82"
    tbs = der[4:4 + body_length].replace(ECDSA_SHA256, ECDSA_SHA384, 1)
    (folder / "tbs").write_bytes(tbs)
    signature = openssl("dgst", "-sha256", "-sign", credential.issuer.key, folder / "tbs")
    algorithm = sequence(0x30, ECDSA_SHA256)
    made = sequence(0x30, tbs + algorithm + sequence(0x03, b"\0" + signature))
    return Credential(to_pem(made), credential.key, credential.name, credential.issuer)


class Presentations:
    """What clients present to the reference server, by name: the file to send (None: nothing) and the key."""

    def __init__(self, authority):
        self.authority, self.sent = authority, {"missing": None}
        a = authority
        self.root = a.issue("root", extensions=CA)
        self.root_rsa = a.issue("root-rsa", algorithm="rsa", extensions=CA)
        self.between = a.issue("intermediate", self.root, extensions=CA)
        self.other_root = a.issue("other-root", extensions=CA)
        self.leaf = a.issue("client", self.between)
        self.anchors = a.chain_file(self.root, self.root_rsa)
        self.honest()
        self.untrusted()
        self.altered()
        self.misused()
        self.listed()

    def present(self, name, *chain):
        self.sent[name] = (self.authority.chain_file(*chain), chain[0].key)

    def leaf_with(self, name, **deviation):
        self.present(name, self.authority.issue("client", self.between, **deviation), self.between)

    def below(self, name, **deviation):
        """A good leaf under an intermediate that deviates."""
        between = self.authority.issue("intermediate", self.root, **{"extensions": CA, **deviation})
        self.present(name, self.authority.issue("client", between), between)

    def honest(self):
        a = self.authority
        rsa_between = a.issue("intermediate-rsa", self.root_rsa, algorithm="rsa", extensions=CA)
        self.present("good", self.leaf, self.between)
        self.present("good-rsa", a.issue("client-rsa", rsa_between, algorithm="rsa"), rsa_between)
        self.present("direct", a.issue("client", self.root))
        self.leaf_with("expired", days=(-30, -2))
        self.leaf_with("not-yet-valid", days=(2, 30))
        self.below("expired-intermediate", days=(-30, -2))

    def untrusted(self):
        a = self.authority
        other_between = a.issue("other-intermediate", self.other_root, extensions=CA)
        under_other = a.issue("client", other_between)
        self.present("unknown-ca", under_other, other_between)
        self.present("unknown-ca-with-root", under_other, other_between, self.other_root)
        self.present("unknown-ca-alone", a.issue("client", self.other_root))
        self.present("incomplete", self.leaf)
        self.present("self-signed", a.issue("client"))
        self.look_alikes(a)

    def look_alikes(self, a):
        """CAs with the right name and another key: found out by key identifiers where there are some, else by the signature."""
        fake_root = a.issue("root", use="fake-root", extensions=CA)
        fake_between = a.issue("intermediate", fake_root, use="fake", extensions=CA)
        foreign_between = a.issue("intermediate", self.other_root, use="fake", extensions=CA)
        under_root, under_between = a.issue("client", fake_root), a.issue("client", fake_between)
        unmarked = (*CLIENT, "authorityKeyIdentifier=none", "subjectKeyIdentifier=none")
        self.present("look-alike-root", under_root, fake_root)
        self.present("look-alike-root-alone", under_root)
        self.present("look-alike-root-unmarked", a.issue("client", fake_root, extensions=unmarked), fake_root)
        self.present("look-alike-intermediate", under_between, fake_between)
        self.present("look-alike-of-other-root", under_between, foreign_between)
        self.present("forged-leaf", under_between, self.between)

    def altered(self):
        a = self.authority
        self.present("flipped-leaf", with_flipped_signature(self.leaf), self.between)
        self.present("flipped-intermediate", self.leaf, with_flipped_signature(self.between))
        self.present("other-outer-algorithm", with_other_outer_algorithm(self.leaf), self.between)
        self.present("other-inner-algorithm", with_other_inner_algorithm(self.leaf, a.folder), self.between)

    def misused(self):
        a = self.authority
        self.leaf_with("server-auth", extensions=(*CLIENT[:2], "extendedKeyUsage=serverAuth"))
        self.leaf_with("key-encipherment", extensions=(CLIENT[0], "keyUsage=critical,keyEncipherment", CLIENT[2]))
        self.leaf_with("both-usages", extensions=(CLIENT[0], "keyUsage=critical,keyEncipherment", "extendedKeyUsage=serverAuth"))
        self.below("no-cert-sign", extensions=(CA[0], "keyUsage=critical,cRLSign"))
        self.below("no-basic-constraints", extensions=CA[1:])
        self.below("not-a-ca", extensions=("basicConstraints=critical,CA:FALSE", CA[1]))
        short = a.issue("short", self.root, extensions=("basicConstraints=critical,CA:TRUE,pathlen:0", CA[1]))
        under_short = a.issue("intermediate-2", short, extensions=CA)
        self.present("path-length", a.issue("client", under_short), under_short, short)
        self.leaf_with("critical-extension", extensions=(*CLIENT, "1.2.3.4.5=critical,DER:0500"))
        self.below("critical-extension-in-intermediate", extensions=(*CA, "1.2.3.4.5=critical,DER:0500"))

    def listed(self):
        a = self.authority
        second = a.issue("intermediate-2", self.between, extensions=CA)
        under_second = a.issue("client", second)
        self.present("with-root", self.leaf, self.between, self.root)
        self.present("duplicate", self.leaf, self.between, self.between)
        self.present("stray", self.leaf, self.between, a.issue("somebody", self.other_root))
        self.present("two-intermediates", under_second, second, self.between)
        self.present("reversed", under_second, self.between, second)
        self.leaf_with("no-extended-key-usage", extensions=CLIENT[:2])
        self.leaf_with("no-key-usage", extensions=(CLIENT[0], CLIENT[2]))
        self.leaf_with("unknown-extension", extensions=(*CLIENT, "1.2.3.4.5=DER:0500"))
        self.leaf_with("rsa-under-ecc", algorithm="rsa", use="client-rsa")
