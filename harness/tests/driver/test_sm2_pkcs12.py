# SPDX-License-Identifier: Apache-2.0
"""An owner's credential as PKCS#12: one key with its chain, or the two keys of a TLCP pair."""
import re
import subprocess

import pytest

from pkcs12 import blocks, export, join, with_key_of_gmssl
from sm2_forms import openssl

PASSWORD, NOBODY = "geheim \u00fc", "https://127.0.0.1:1"
SERVED = "good certificate: served"


class Material:
    """PEM texts of what `mtlspec pki make` wrote."""

    def __init__(self, pki):
        self.pki = pki

    def chain(self, name):
        return blocks((self.pki / f"{name}.pem").read_text(), "CERTIFICATE")

    def key(self, name):
        return (self.pki / f"{name}.key").read_text()


@pytest.fixture(scope="module")
def material(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pkcs12")
    for names in ((), ("--algorithm", "sm2", "client", "under-two-intermediates")):
        subprocess.run([program, "pki", "make", *names], cwd=folder, check=True, capture_output=True, timeout=120)
    return Material(folder / "pki")


@pytest.fixture(scope="module")
def halves(material, tmp_path_factory):
    """Halves of a pair, each in a PKCS#12 file of its own; "far" is under other CAs, and some come with their root."""
    folder, root = tmp_path_factory.mktemp("halves"), material.chain("sm2/root")
    recipes = {"sign": ("client.sign", []), "enc": ("client.enc", []), "sign, root": ("client.sign", root),
               "far enc": ("under-two-intermediates.enc", []), "far enc, root": ("under-two-intermediates.enc", root)}
    return {half: export(folder, f"client {half}", material.chain(f"sm2/{name}") + more, material.key(f"sm2/{name}"), PASSWORD)
            for half, (name, more) in recipes.items()}


@pytest.fixture
def targets(start, program, refserver, material):
    """targets(algorithm) is the URL of a server that trusts our CAs."""
    def begin(algorithm):
        if algorithm == "sm2":
            words = [program, "serve", "--pki", material.pki, "--algorithm", "sm2"]
        else:
            words = [refserver, "--policy", "required", "--ca", material.pki / "ca.pem", "--cert", material.pki / algorithm / "server.pem",
                     "--key", material.pki / algorithm / "server.key"]
        return "https://" + start(*words, ready=r"^ready (\S+)").ready.group(1)
    return begin


@pytest.fixture
def run(mtlspec, tmp_path, monkeypatch):
    """run(url, words, content) runs the control case with what is named in words: {a} is a file of the bytes content["a"]."""
    def begin(url, words, content, password=PASSWORD):
        monkeypatch.setenv("MTLSPEC_TEST_PASSWORD", password or "")
        for name, text in content.items():
            (tmp_path / name).write_bytes(text)
        secret = ("--key-password-env", "MTLSPEC_TEST_PASSWORD") if password is not None else ()
        return mtlspec("run", "server/control", "-t", url, "--insecure", *(word.format(*content) for word in words), *secret)
    return begin


def whole(algorithm, *words):
    return lambda m, folder: export(folder, "x", m.chain(f"{algorithm}/client"), m.key(f"{algorithm}/client"), PASSWORD, *words)


def reversed_chain(m, folder):
    certificates_alone = export(folder, "ca", m.chain("sm2/client")[::-1], None, PASSWORD)
    return join([certificates_alone, export(folder, "key", [], m.key("sm2/client"), PASSWORD)], PASSWORD)


def key_of_gmssl(m, folder):
    certificates_alone = export(folder, "x", m.chain("sm2/client"), None, PASSWORD)
    return join([certificates_alone, with_key_of_gmssl(m.pki / "sm2" / "client.key", PASSWORD)], PASSWORD)


ONE_KEY = {
    "rsa": ("rsa", whole("rsa")),
    "rsa, as programs of old write it": ("rsa", whole("rsa", "-legacy")),
    "ecc": ("ecc", whole("ecc")),
    "ecc, nothing encrypted": ("ecc", whole("ecc", "-keypbe", "NONE", "-certpbe", "NONE")),
    "ecc, no MAC": ("ecc", whole("ecc", "-nomac")),
    "sm2": ("sm2", whole("sm2")),
    "sm2, all in SM4 and SM3": ("sm2", whole("sm2", "-keypbe", "SM4-CBC", "-certpbe", "SM4-CBC", "-macalg", "sm3")),
    "sm2, the chain in any order": ("sm2", reversed_chain),
    "sm2, the key as GmSSL encrypts it": ("sm2", key_of_gmssl),
}


@pytest.mark.parametrize("what", ONE_KEY)
def test_one_key(run, material, targets, tmp_path, what):
    algorithm, make = ONE_KEY[what]
    done = run(targets(algorithm), ("--cert", "{0}"), {"own.p12": make(material, tmp_path)})
    assert done.returncode == 0 and SERVED in done.stdout, done.stdout + done.stderr


def test_no_password_and_the_empty_one(run, material, targets, tmp_path):
    url = targets("ecc")
    empty = export(tmp_path, "x", material.chain("ecc/client"), material.key("ecc/client"), "")
    done = run(url, ("--cert", "{0}"), {"own.p12": empty}, password=None)
    assert done.returncode == 0 and SERVED in done.stdout, done.stdout + done.stderr


PAIRS = {
    "both keys in one file": (("--cert", "{0}"), lambda h: [join([h["sign"], h["enc"]], PASSWORD)]),
    "in the other order": (("--cert", "{0}"), lambda h: [join([h["enc"], h["sign"]], PASSWORD)]),
    "named twice": (("--cert", "{0}", "--key", "{0}"), lambda h: [join([h["sign"], h["enc"]], PASSWORD)]),
    "a file for each half": (("--cert", "{0}", "--enc-cert", "{1}"), lambda h: [h["sign"], h["enc"]]),
    "under two CAs, in one file": (("--cert", "{0}"), lambda h: [join([h["sign"], h["far enc"]], PASSWORD)]),
    "under two CAs, with the root": (("--cert", "{0}"), lambda h: [join([h["sign, root"], h["far enc, root"]], PASSWORD)]),
    "under two CAs, a file for each half": (("--cert", "{0}", "--enc-cert", "{1}"), lambda h: [h["sign"], h["far enc"]]),
}


@pytest.mark.parametrize("what", PAIRS)
def test_pair(run, halves, targets, what):
    words, make = PAIRS[what]
    done = run(targets("sm2"), words, {f"{i}.p12": text for i, text in enumerate(make(halves))})
    served = re.findall(r"^(?:survey)? +(\S+) +server key sm2.*\n.*good certificate: served", done.stdout, re.M)
    assert done.returncode == 0 and served == ["tls1.3", "tlcp"], done.stdout + done.stderr


def changed_mac(file):
    """The last octet of the MAC: behind it come the salt (8) and the rounds (2), each with its head."""
    at = len(file) - (2 + 8) - (2 + 2) - 1
    return file[:at] + bytes([file[at] ^ 1]) + file[at + 1:]


def certificates(m, folder):
    return export(folder, "x", m.chain("sm2/client"), None, PASSWORD)


def two_of(m, folder, first, second):
    return join([export(folder, name, m.chain(name)[:1], m.key(name), PASSWORD) for name in (first, second)], PASSWORD)


def keys_of_others(m, folder):
    keys = [export(folder, "key", [], m.key(f"sm2/server.{half}"), PASSWORD) for half in ("sign", "enc")]
    return join([export(folder, "x", m.chain("sm2/client-pair"), None, PASSWORD), *keys], PASSWORD)


def pair_with(half):
    """Both certificates, and the key of one."""
    return lambda m, folder: join([export(folder, "x", m.chain("sm2/client-pair"), None, PASSWORD),
                                   export(folder, "key", [], m.key(f"sm2/client.{half}"), PASSWORD)], PASSWORD)


def key_of(algorithm, name="client"):
    return lambda m, folder: export(folder, "key", [], m.key(f"{algorithm}/{name}"), PASSWORD)


def crossed(m, folder):
    """The encryption certificate is the client's, its key the server's."""
    sign = export(folder, "sign", m.chain("sm2/client.sign"), m.key("sm2/client.sign"), PASSWORD)
    enc = export(folder, "enc", m.chain("sm2/client.enc")[:1], None, PASSWORD)
    return join([sign, enc, key_of("sm2", "server.enc")(m, folder)], PASSWORD)


WRONG = {
    "cut off": (lambda m, f: whole("sm2")(m, f)[:-40], "is PKCS#12, but damaged or cut off"),
    "cut off at its head": (lambda m, f: whole("sm2")(m, f)[:12], "is PKCS#12, but damaged or cut off"),
    "its MAC changed": (lambda m, f: changed_mac(whole("sm2")(m, f)), "its MAC is wrong: the file is damaged, or was changed"),
    "certificates alone": (certificates, "is PKCS#12 with 2 certificates, but without a private key"),
    "a key alone": (key_of("sm2"), "is PKCS#12 with a private key, but without a certificate"),
    "keys of others": (keys_of_others, "none of these 2 keys belongs to the first certificate"),
    "the pair without the encryption key": (pair_with("sign"), "does not belong to the encryption certificate"),
    "the pair without the signing key": (pair_with("enc"), "but to the encryption certificate: the keys of the pair are swapped, or one"),
    "the pair with another's encryption key": (crossed, "none of these 2 keys belongs to the encryption certificate"),
    "two credentials": (lambda m, f: two_of(m, f, "rsa/client", "sm2/client"), "is PKCS#12 with 2 credentials in it (CN="),
    "the encryption half alone": (lambda m, f: export(f, "x", m.chain("sm2/client.enc"), m.key("sm2/client.enc"), PASSWORD),
                                  "the encryption half of a pair (keyUsage without digitalSignature): the signing one is missing"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said(run, material, tmp_path, what):
    make, said = WRONG[what]
    done = run(NOBODY, ("--cert", "{0}"), {"own.p12": make(material, tmp_path)})
    assert done.returncode == 4 and re.search(rf"^own\.p12: error: .*{re.escape(said)}", done.stderr), done.stderr
    assert len([line for line in done.stderr.splitlines() if line[0] != " "]) == 1, done.stderr


SHUT = [(), ("-legacy",), ("-nomac",), ("-keypbe", "NONE", "-certpbe", "NONE")]


@pytest.mark.parametrize("words", SHUT, ids=lambda words: " ".join(words) or "usual")
def test_a_wrong_password_is_said(run, material, tmp_path, words):
    content = {"own.p12": whole("ecc", *words)(material, tmp_path)}
    done = run(NOBODY, ("--cert", "{0}"), content, password="other")
    assert done.returncode == 4 and "own.p12: error: is PKCS#12, and does not open: the password is wrong" in done.stderr, done.stderr
    done = run(NOBODY, ("--cert", "{0}"), content, password=None)
    assert done.returncode == 4 and "own.p12: error: the private key is encrypted; --key-password-file" in done.stderr, done.stderr


DAMAGED = {
    "cut off": lambda file: file[:-40],
    "cut off at its head": lambda file: file[:12],
    "empty behind its head": lambda file: file[:12] + bytes(len(file) - 12),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_not_called_encrypted(run, material, tmp_path, what):
    """No password opens it, so none is asked for."""
    done = run(NOBODY, ("--cert", "{0}"), {"own.p12": DAMAGED[what](whole("ecc")(material, tmp_path))}, password=None)
    assert done.returncode == 4 and "own.p12: error: is PKCS#12, but damaged" in done.stderr, done.stderr
    assert "encrypted" not in done.stderr


def test_a_half_under_a_password_that_was_not_given(run, material, halves):
    """The key that is asked after is not the one that is shut."""
    sign = [str(material.pki / "sm2" / f"client.sign.{kind}") for kind in ("pem", "key")]
    done = run(NOBODY, ("--cert", sign[0], "--key", sign[1], "--enc-cert", "{0}"), {"enc.p12": halves["enc"]}, password=None)
    assert done.returncode == 4 and "enc.p12: error: is PKCS#12 under a password, and no password was given" in done.stderr, done.stderr


PARTS = {  # --cert, --key, --enc-cert, --enc-key, and what is said
    "swapped files": (("client.enc", "client.enc", "client.sign", "client.sign"), "the pair is swapped: by their keyUsage"),
    "swapped keys": (("client.sign", "client.enc", "client.enc", "client.sign"),
                     "does not belong to the first certificate of {0}, but to the encryption certificate: the keys of the pair are"),
    "the signing half twice": (("client.sign",) * 4, "the encryption certificate is the signing certificate once more"),
    "another's encryption key": (("client.sign", "client.sign", "client.enc", "server.enc"),
                                 "does not belong to the encryption certificate"),
    "another's encryption half": (("client.sign", "client.sign", "server.enc", "server.enc"), "is of another subject than the signing"),
    "the encryption half alone": (("client.enc", "client.enc"), "the encryption half of a pair"),
    "the key of the other half": (("client.sign", "client.enc"), "does not belong to the first certificate"),
}


@pytest.mark.parametrize("what", PARTS)
def test_halves_in_pem(run, material, what):
    names, said = PARTS[what]
    files = [material.pki / "sm2" / f"{name}.{kind}" for name, kind in zip(names, ("pem", "key", "pem", "key"))]
    words = [word for option, file in zip(("--cert", "--key", "--enc-cert", "--enc-key"), files) for word in (option, str(file))]
    done = run(NOBODY, words, {}, password=None)
    assert done.returncode == 4 and said.format(*files) in done.stderr, done.stderr


def test_an_sm2_key_where_rsa_is_named(run, material):
    done = run(NOBODY, ("--cert", str(material.pki / "rsa/client.pem"), "--key", str(material.pki / "sm2/client.key")), {}, password=None)
    assert done.returncode == 4 and "this key is sm2, the certificate's is rsa" in done.stderr, done.stderr


@pytest.mark.parametrize("form", ["PEM", "DER"])
@pytest.mark.parametrize("algorithm", ["rsa", "ecc", "sm2"])
def test_a_request_is_no_certificate(run, material, algorithm, form):
    key = material.pki / algorithm / "client.key"
    request = openssl("req", "-new", "-key", key, "-subj", "/C=CN/CN=somebody", "-outform", form)
    kind = {"rsa": "rsa", "ecc": "p256", "sm2": "sm2"}[algorithm]
    done = run(NOBODY, ("--cert", "{0}", "--key", str(key)), {"own.csr": request}, password=None)
    assert done.returncode == 4, done.stderr
    assert f"own.csr: error: is a certificate request ({kind}, CN=somebody), not yet a certificate: send it to the CA" in done.stderr


def test_a_ca(mtlspec, material, tmp_path, monkeypatch):
    """--ca FILE.p12 has its key within, too."""
    key = (material.pki / "keys" / "sm2-ca.key").read_text()
    (tmp_path / "ca.p12").write_bytes(export(tmp_path, "ca", material.chain("sm2/root"), key, PASSWORD))
    monkeypatch.setenv("CA_PASSWORD", PASSWORD)
    done = mtlspec("pki", "make", "--algorithm", "sm2", "--ca", "ca.p12", "--ca-key-password-env", "CA_PASSWORD")
    assert done.returncode == 0, done.stderr
    done = mtlspec("pki", "make", "--algorithm", "sm2", "--ca", "ca.p12")
    assert done.returncode == 4 and "--ca-key-password-file FILE or --ca-key-password-env" in done.stderr, done.stderr


def server_pair(m, folder):
    return join([export(folder, half, m.chain(f"sm2/server.{half}"), m.key(f"sm2/server.{half}"), PASSWORD) for half in ("enc", "sign")],
                PASSWORD)


@pytest.mark.parametrize("form", ["PEM", "PKCS#12"])
def test_a_pair_of_our_own_server(mtlspec, start, program, material, tmp_path, monkeypatch, form):
    monkeypatch.setenv("SERVER_PASSWORD", PASSWORD)
    sm2 = material.pki / "sm2"
    (tmp_path / "own.p12").write_bytes(server_pair(material, tmp_path))
    words = {"PEM": ("--cert", sm2 / "server-pair.pem", "--key", sm2 / "server-pair.key"),
             "PKCS#12": ("--cert", tmp_path / "own.p12", "--key-password-env", "SERVER_PASSWORD")}[form]
    server = start(program, "serve", *words, "--ca", sm2 / "ca.pem", ready=r"^ready (\S+)")
    done = mtlspec("run", "server/control", "-t", f"https://{server.ready.group(1)}", "--pki", material.pki, "--sni", "localhost",
                   "--cacert", sm2 / "server-ca.pem")
    tlcp = re.search(r"^ +(?:survey +)?tlcp .*\n.*good certificate: served", done.stdout, re.M)
    assert done.returncode == 0 and tlcp, done.stdout + done.stderr


SERVERS = {  # --cert, --key, and what is said
    "an encryption key that is missing": ("sm2/server-pair.pem", "sm2/server.sign.key", "does not belong to the encryption certificate"),
    "keys of the client": ("sm2/server-pair.pem", "sm2/client-pair.key", "none of these 2 keys belongs to the first certificate"),
    "an SM2 key for RSA": ("rsa/server.pem", "sm2/server.key", "this key is sm2, the certificate's is rsa"),
    "an RSA key for SM2": ("sm2/server.pem", "rsa/server.key", "this key is rsa, the certificate's is sm2"),
    "the encryption half alone": ("sm2/server.enc.pem", "sm2/server.enc.key", "the encryption half of a pair"),
}


@pytest.mark.parametrize("what", SERVERS)
def test_what_is_wrong_with_our_own_server_is_said(mtlspec, material, what):
    cert, key, said = SERVERS[what]
    done = mtlspec("serve", "--cert", material.pki / cert, "--key", material.pki / key, "--ca", material.pki / "sm2" / "ca.pem")
    assert done.returncode == 4 and said in done.stderr, done.stderr
