# SPDX-License-Identifier: Apache-2.0
"""SM2 certificates by the openssl command line: a signing and an encryption one for each side, directly under a root and under an
intermediate. Made at run time, valid for 30 days, nothing of mtlspec takes part. The leaves have no basicConstraints, and the intermediate
has a path length of 0: GmSSL wants it so.

  ca.pem       the root                              ca-all.pem    root and intermediate, for a peer that sends no intermediates
  direct/ and chain/, each with {server,client}/{sign,enc}.{pem,key}; in chain/ the intermediate follows the leaf in sign.pem
"""
import subprocess
from pathlib import Path

DISTID = "distid:1234567812345678"
CA = "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nbasicConstraints=critical,CA:TRUE"
USAGE = {"sign": "digitalSignature", "enc": "keyEncipherment,dataEncipherment,keyAgreement"}
PURPOSE = {"server": "serverAuth", "client": "clientAuth"}
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"


def _openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"openssl {words[0]}: {done.stderr.strip()}")


def _issue(place, subject, extensions, issuer=None):
    """place.key and place.pem, signed by issuer.key or by itself."""
    key, request, config = place.with_suffix(".key"), place.with_suffix(".csr"), place.with_suffix(".ext")
    config.write_text(extensions)
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", key)
    _openssl("req", "-new", "-key", key, "-sm3", "-sigopt", DISTID, "-subj", subject, "-out", request)
    signer = ["-signkey", key] if issuer is None else ["-CA", issuer.with_suffix(".pem"), "-CAkey", issuer.with_suffix(".key")]
    _openssl("x509", "-req", "-in", request, "-vfyopt", DISTID, "-days", "30", "-sm3", "-sigopt", DISTID, *signer,
             "-extfile", config, "-out", place.with_suffix(".pem"))


def _side(folder, side, issuer, rest):
    folder.mkdir(parents=True)
    subject = "/CN=localhost" if side == "server" else "/CN=sm2 client"
    for half, usage in USAGE.items():
        extensions = (f"keyUsage=critical,{usage}\nextendedKeyUsage={PURPOSE[side]}\n"
                      + (NAMES if side == "server" else ""))
        _issue(folder / half, subject, extensions, issuer)
    sign = folder / "sign.pem"
    sign.write_text(sign.read_text() + rest)


def make(directory):
    """Fills `directory`; returns it as a Path."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    root, intermediate = directory / "root", directory / "intermediate"
    _issue(root, "/CN=sm2 root", CA + "\n")
    _issue(intermediate, "/CN=sm2 intermediate", CA + ",pathlen:0\n", root)
    below = intermediate.with_suffix(".pem").read_text()
    for shape, issuer, rest in (("direct", root, ""), ("chain", intermediate, below)):
        for side in PURPOSE:
            _side(directory / shape / side, side, issuer, rest)
    anchor = root.with_suffix(".pem").read_text()
    (directory / "ca.pem").write_text(anchor)
    (directory / "ca-all.pem").write_text(anchor + below)
    return directory
