# SPDX-License-Identifier: Apache-2.0
"""A small certificate hierarchy in the layout of `mtlspec pki make`, by the openssl command line alone.

With it a peer's facts are checked by tools that share nothing with mtlspec. For rsa and ecc: root -> intermediate -> server and client,
and a stranger, a client whose root the peer does not know.
"""
import subprocess
from pathlib import Path

KEYS = {"rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "ecc": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}
CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
LEAF = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={eku}\n"
SERVER = LEAF.format(eku="serverAuth") + "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n"
CLIENT = LEAF.format(eku="clientAuth")

# name, issuer, extensions; an issuer comes before what it signs
HIERARCHY = [
    ("root", None, CA),
    ("intermediate", "root", CA),
    ("other-root", None, CA),
    ("server-root", None, CA),
    ("server-intermediate", "server-root", CA),
    ("server", "server-intermediate", SERVER),
    ("client", "intermediate", CLIENT),
    ("stranger", "other-root", CLIENT),
]
CHAINS = {"server": "server-intermediate", "client": "intermediate"}


def _openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def _certificate(folder, name, issuer, extensions):
    key, request, config = folder / f"{name}.key", folder / f"{name}.csr", folder / f"{name}.ext"
    config.write_text(extensions)
    _openssl("genpkey", *KEYS[folder.name], "-out", key)
    subject = "/CN=localhost" if name == "server" else f"/CN={folder.name} {name}"
    _openssl("req", "-new", "-key", key, "-subj", subject, "-out", request)
    signer = ["-signkey", key] if issuer is None else ["-CA", folder / f"{issuer}.crt", "-CAkey", folder / f"{issuer}.key"]
    _openssl("x509", "-req", "-in", request, "-days", "30", "-sha256", *signer, "-extfile", config, "-out", folder / f"{name}.crt")


def make(directory):
    """Fills `directory`; returns it as a Path."""
    directory = Path(directory)
    for algorithm in KEYS:
        folder = directory / algorithm
        folder.mkdir(parents=True)
        for name, issuer, extensions in HIERARCHY:
            _certificate(folder, name, issuer, extensions)
            chain = (folder / f"{CHAINS[name]}.crt").read_text() if name in CHAINS else ""
            (folder / f"{name}.pem").write_text((folder / f"{name}.crt").read_text() + chain)
    for bundle, root in (("ca.pem", "root"), ("server-ca.pem", "server-root")):
        (directory / bundle).write_text("".join((directory / a / f"{root}.crt").read_text() for a in KEYS))
    return directory
