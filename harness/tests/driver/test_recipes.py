# SPDX-License-Identifier: Apache-2.0
"""Every recipe before an independent judge: OpenSSL's command line sees the defect that the recipe states, and no other."""
import functools
import re
import subprocess

import pytest
import yaml

import sm2_judge

ALGORITHMS = ("rsa", "ecc", "sm2")
AKI, SKI = "X509v3 Authority Key Identifier", "X509v3 Subject Key Identifier"
SIGNATURE = {"Signature Algorithm", "Outer Signature Algorithm"}

# Which parts of the printed certificate a key of a recipe may change. The serial number and the signature always differ.
CHANGES = {
    "issuer": {"Issuer", AKI} | SIGNATURE, "issuer-algorithm": {"Issuer", AKI} | SIGNATURE, "signer": set(), "damage": set(),
    "issuer-name": {"Issuer"}, "key": {"Subject Public Key Info", SKI}, "key-type": {"Subject Public Key Info", SKI},
    "version": {"Version"}, "serial": set(), "serial-of": set(), "subject": {"Subject"}, "subject-of": {"Subject"},
    "valid-from": {"Validity"}, "valid-until": {"Validity"}, "time-form": set(), "hash": SIGNATURE, "padding": SIGNATURE,
    "signature": SIGNATURE, "distinguishing-id": set(), "curve-label": {"Subject Public Key Info"},
    "inner-hash": {"Signature Algorithm"}, "basic-constraints": {"X509v3 Basic Constraints"},
    "path-length": {"X509v3 Basic Constraints"}, "key-usage": {"X509v3 Key Usage"},
    "extended-key-usage": {"X509v3 Extended Key Usage"}, "enc-key-usage": set(),
    "alt-names": {"X509v3 Subject Alternative Name"},
    "subject-key-id": {SKI}, "authority-key-id": {AKI}, "key-id-of": {SKI}, "extra": {"1.3.6.1.4.1.32473.1"},
    "critical": {"X509v3 Basic Constraints", "X509v3 Key Usage", "X509v3 Extended Key Usage", SKI, AKI},
    "twice": {"X509v3 Extended Key Usage"},
}
INNER_LINES = {"Not Before", "Not After ", "Public Key Algorithm", "Hash Algorithm", "Mask Algorithm", "Trailer Field"}
ALWAYS_OTHER = {"Serial Number", "Outer Signature Value", "X509v3 extensions"}
NOT_FIELDS = {"like", "about", "catalogue", "verdict", "openssl", "masked-by", "refused-by", "for"}

# Defects that `openssl verify` passes over: what the printed certificate shows in their place.
SHOWN = {
    "ca-as-leaf": r"CA:TRUE",
    "extension-twice": r"(?s)32473\.1: \n.*32473\.1: \n", "generalized-time": None, "key-agreement-only": r"\n +Key Agreement\n",
    "leaf-with-cert-sign": r"Digital Signature, Certificate Sign", "leaf-with-path-length": r"CA:FALSE, pathlen:0",
    "serial-21-octets": r"(?i)01:02:03:04:05:06:07:08:09:10:11:12:13:14:15:16:17:18:19:20:21", "serial-negative": r"-75 \(-0x4b\)",
    "sm2-under-ecc": r"(?s)Signature Algorithm: ecdsa-with-SHA256.*ASN1 OID: SM2",
    "sm2-under-rsa": r"(?s)Signature Algorithm: sha256WithRSAEncryption.*ASN1 OID: SM2",
    "under-sm2-intermediate-under-rsa": None,
    "serial-zero": r"Serial Number: 0 \(0x0\)", "version-1": r"Version: 1 \(0x0\)",
    "version-1-with-extensions": r"(?s)Version: 1 \(0x0\).*X509v3 extensions",
    "version-2-with-extensions": r"(?s)Version: 2 \(0x1\).*X509v3 e",
    "version-4": r"Version: Unknown \(3\)",
}


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture(scope="session")
def recipes(root):
    rows = {}
    for file in sorted((root / "certs").glob("*.yaml")):
        rows.update(yaml.safe_load(file.read_text())["recipes"])
    return rows


@pytest.fixture(scope="session")
def pki(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("recipes") / "pki"
    made = subprocess.run([program, "pki", "make", "--all", "--pki", folder], capture_output=True, text=True, timeout=120, check=False)
    assert made.returncode == 0, made.stderr
    return folder


def verify(pki, algorithm, name, recipe):
    """The error numbers of `openssl verify`, in order; "0" if there is none."""
    server = recipe.get("for") == "server"
    chain = pki / algorithm / f"{name}.pem"
    if algorithm == "sm2" or recipe.get("issuer-algorithm") == "sm2":
        bundle = "server-ca.pem" if server else "ca.pem"
        return sm2_judge.errors(chain, [pki / bundle, pki / "sm2" / bundle], "sslserver" if server else "sslclient")
    judged = openssl("verify", "-purpose", "sslserver" if server else "sslclient", "-auth_level", "2", "-CAfile",
                     pki / ("server-ca.pem" if server else "ca.pem"), "-untrusted", chain, chain)
    errors = sorted(set(re.findall(r"error (\d+) at", judged.stdout + judged.stderr)))
    assert (judged.returncode == 0) == (not errors), f"{name}: {judged.stderr}"
    return " ".join(errors) or "0"


# SM2 signs with SM3 alone: a recipe that is about another hash has no like there.
NOT_OVER_SM2 = {"algorithms-differ", "sha1-intermediate", "signed-with-sha1", "signed-with-sha384", "signed-with-sha512",
                "under-sha1-intermediate"}


def is_made(pki, algorithm, name):
    made = (pki / algorithm / f"{name}.pem").exists()
    assert made != (algorithm == "sm2" and name in NOT_OVER_SM2), name
    return made


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_sees_the_stated_defect_and_no_other(pki, recipes, algorithm):
    stated = {name: row["openssl"] for name, row in recipes.items() if "verdict" in row and is_made(pki, algorithm, name)}
    seen = {name: verify(pki, algorithm, name, recipes[name]) for name in stated}
    assert seen == stated
    assert len(stated) > 80


@functools.lru_cache(maxsize=None)
def parts(pki, algorithm, name):
    """The printed certificate, cut into its parts. An extension that stands there twice is one part with both."""
    text = openssl("x509", "-noout", "-text", "-in", pki / algorithm / f"{name}.pem").stdout
    assert text, f"{name} cannot be printed"
    found, title = {}, None
    for line in text.splitlines():
        head = re.match(r"(?: {4}| {8}| {12})(?![0-9a-f]{2}:)(\S[^:]*):", line)
        if head and head[1] not in INNER_LINES:
            title = ("Outer " if line.startswith("    S") else "") + head[1]
        if title:
            found[title] = found.get(title, "") + line + "\n"
    return {title: text for title, text in found.items() if title not in ALWAYS_OTHER}


def base_of(recipes, name, keys):
    """The recipe without `like` above this one, and all keys that are stated on the way there."""
    row = recipes[name]
    keys |= set(row) - NOT_FIELDS
    return base_of(recipes, row["like"], keys) if "like" in row else name


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_only_the_stated_fields_differ_from_the_base(pki, recipes, algorithm):
    wrong = []
    for name in recipes:
        keys = set()
        base = base_of(recipes, name, keys)
        if base == name or not is_made(pki, algorithm, name):
            continue
        mine, parent = parts(pki, algorithm, name), parts(pki, algorithm, base)
        changed = {title for title in mine.keys() | parent.keys() if mine.get(title) != parent.get(title)}
        unexpected = changed - set().union(*(CHANGES[key] for key in keys))
        if unexpected or not keys:
            wrong.append((name, sorted(unexpected)))
    assert not wrong


def test_defects_that_openssl_passes_over_have_a_row(recipes):
    passed_over = {name for name, row in recipes.items() if row.get("openssl") == "0" and row["verdict"] != "accepted"}
    assert passed_over == set(SHOWN)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("name", [name for name, pattern in SHOWN.items() if pattern])
def test_the_printed_certificate_shows_the_defect(pki, recipes, algorithm, name):
    text = openssl("x509", "-noout", "-text", "-in", pki / algorithm / f"{name}.pem").stdout
    assert re.search(SHOWN[name], text), text
    base = openssl("x509", "-noout", "-text", "-in", pki / algorithm / f"{base_of(recipes, name, set())}.pem").stdout
    assert not re.search(SHOWN[name], base)


@pytest.mark.parametrize("algorithm", ("rsa", "ecc"))
def test_the_inner_algorithm_differs_from_the_outer(pki, algorithm):
    text = openssl("x509", "-noout", "-text", "-in", pki / algorithm / "algorithms-differ.pem").stdout
    inner, outer = re.findall(r"Signature Algorithm: (\S+)", text)
    assert inner.upper().replace("384", "256") == outer.upper() and inner != outer


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("name,forms", [("client", {"UTCTIME"}), ("generalized-time", {"GENERALIZEDTIME"}),
                                        ("until-2049", {"UTCTIME"}), ("until-2050", {"UTCTIME", "GENERALIZEDTIME"})])
def test_dates_are_written_in_the_stated_form(pki, algorithm, name, forms):
    text = openssl("asn1parse", "-in", pki / algorithm / f"{name}.pem").stdout
    assert set(re.findall(r"(UTCTIME|GENERALIZEDTIME)", text)) == forms


HALVES = {"sign": {"Digital Signature"}, "enc": {"Key Encipherment", "Data Encipherment", "Key Agreement"}}


def test_the_halves_of_a_pair_differ_in_key_usage_and_key_only(pki, recipes):
    """And so does whatever defect they have: every recipe makes a pair."""
    wrong = []
    for name in recipes:
        if not (pki / "sm2" / f"{name}.enc.pem").exists():
            continue
        sign, enc = parts(pki, "sm2", f"{name}.sign"), parts(pki, "sm2", f"{name}.enc")
        changed = {title for title in sign.keys() | enc.keys() if sign.get(title) != enc.get(title)}
        if not {"Subject Public Key Info"} <= changed <= {"Subject Public Key Info", SKI, "X509v3 Key Usage"}:
            wrong.append((name, sorted(changed)))
    assert not wrong
    assert len(list((pki / "sm2").glob("*-pair.pem"))) > 80


@pytest.mark.parametrize("name", ["client", "server", "expired"])
@pytest.mark.parametrize("half", HALVES)
def test_a_half_is_what_its_peers_read(pki, name, half):
    certificate = pki / "sm2" / f"{name}.{half}.pem"
    shown = openssl("x509", "-noout", "-ext", "keyUsage", "-in", certificate).stdout.splitlines()[1]
    assert {word.strip() for word in shown.split(",")} == HALVES[half]
    key = certificate.with_suffix(".key")
    assert key.read_text().startswith("-----BEGIN PRIVATE KEY-----\n")
    assert openssl("x509", "-noout", "-pubkey", "-in", certificate).stdout == openssl("pkey", "-pubout", "-in", key).stdout
    roots = [pki / "sm2" / ("server-ca.pem" if name == "server" else "ca.pem")]
    assert sm2_judge.errors(certificate, roots, None) == ("10" if name == "expired" else "0")


def test_a_pair_is_sign_enc_and_the_cas(pki):
    blocks = re.findall(r"-----BEGIN.*?-----END [^-]*-----\n", (pki / "sm2" / "client-pair.pem").read_text(), re.S)
    sign, enc = ((pki / "sm2" / f"client.{half}.pem").read_text() for half in HALVES)
    assert blocks[0] + blocks[2] == sign and blocks[1] + blocks[2] == enc and len(blocks) == 3
    keys = (pki / "sm2" / "client-pair.key").read_text()
    assert keys == "".join((pki / "sm2" / f"client.{half}.key").read_text() for half in HALVES)
