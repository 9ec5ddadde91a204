# SPDX-License-Identifier: Apache-2.0
"""SM2 keys in the forms that people have."""
import os
import subprocess

import pytest

import sm2_judge
from sm2_forms import PASSWORD, gmssl_form, openssl


def sec1_form(key):
    return openssl("ec", "-in", key).decode().replace("SM2 PRIVATE", "EC PRIVATE")


FORMS = {
    "PKCS#8": lambda key: key.read_text(),
    "SEC1": sec1_form,
    "SEC1 behind its parameters": lambda key: openssl("ecparam", "-name", "SM2").decode() + sec1_form(key),
    "as openssl ec writes it": lambda key: openssl("ec", "-in", key).decode(),
    "SEC1, encrypted with SM4": lambda key: openssl("ec", "-in", key, "-sm4", "-passout", f"pass:{PASSWORD}").decode(),
    "PBES2 with AES": lambda key: openssl("pkcs8", "-topk8", "-in", key, "-passout", f"pass:{PASSWORD}").decode(),
    "PBES2 with SM4": lambda key: openssl("pkcs8", "-topk8", "-in", key, "-v2", "sm4-cbc", "-passout", f"pass:{PASSWORD}").decode(),
    "PBES2 of GmSSL": lambda key: gmssl_form(key, PASSWORD, "1.2.156.10197.1.401.2"),
    "PBES2 by GM/T 0091": lambda key: gmssl_form(key, PASSWORD, "1.2.156.10197.1.401.3.1"),
}


@pytest.fixture(scope="session")
def authority(program, tmp_path_factory):
    """A folder with an SM2 CA: sm2/root.pem and keys/sm2-ca.key."""
    folder = tmp_path_factory.mktemp("sm2-ca")
    subprocess.run([program, "pki", "make", "--algorithm", "sm2"], cwd=folder, check=True, capture_output=True, timeout=60)
    return folder / "pki"


def make(mtlspec, authority, key, password=None):
    words = ["--ca-key-password-env", "CA_PASSWORD"] if password else []
    return mtlspec("pki", "make", "--algorithm", "sm2", "--ca", authority / "sm2" / "root.pem", "--ca-key", key, *words,
                   env={**os.environ, "CA_PASSWORD": password or ""})


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_read(mtlspec, authority, tmp_path, form):
    key = tmp_path / "ca.key"
    key.write_text(FORMS[form](authority / "keys" / "sm2-ca.key"))
    encrypted = "ENCRYPTED" in key.read_text()
    done = make(mtlspec, authority, key, PASSWORD if encrypted else None)
    assert done.returncode == 0, done.stderr
    assert sm2_judge.errors(tmp_path / "pki" / "sm2" / "client.sign.pem", [authority / "sm2" / "root.pem"], None) == "0"


@pytest.mark.parametrize("form", [form for form in FORMS if "PBES2" in form or "encrypted" in form])
def test_a_wrong_password_is_said(mtlspec, authority, tmp_path, form):
    key = tmp_path / "ca.key"
    key.write_text(FORMS[form](authority / "keys" / "sm2-ca.key"))
    done = make(mtlspec, authority, key, "wrong")
    assert done.returncode == 4
    assert "ca.key" in done.stderr and "password is wrong" in done.stderr


def request(key):
    return openssl("req", "-new", "-key", key, "-subj", "/CN=x").decode()


INSTEAD = {
    "a certificate request": (request, "a certificate request"),
    "a public key": (lambda key: openssl("pkey", "-in", key, "-pubout").decode(), "a public key"),
    "curve parameters": (lambda key: openssl("ecparam", "-name", "SM2").decode(), "curve parameters"),
    "an RSA key": (lambda _: openssl("genpkey", "-algorithm", "rsa").decode(), "this key is rsa, the certificate's is sm2"),
    "a P-256 key": (lambda _: openssl("genpkey", "-algorithm", "ec", "-pkeyopt", "group:P-256").decode(), "this key is p256"),
    "another SM2 key": (lambda _: openssl("genpkey", "-algorithm", "ec", "-pkeyopt", "group:SM2").decode(), "does not belong"),
}


@pytest.mark.parametrize("what", INSTEAD)
def test_what_is_not_the_key_is_named(mtlspec, authority, tmp_path, what):
    write, said = INSTEAD[what]
    key = tmp_path / "ca.key"
    key.write_text(write(authority / "keys" / "sm2-ca.key"))
    done = make(mtlspec, authority, key)
    assert done.returncode == 4
    assert "ca.key" in done.stderr and said in done.stderr, done.stderr


def test_pkcs12_is_named_where_it_is_not_read(mtlspec, authority, tmp_path):
    """A list of CAs has no key, and no password."""
    openssl("pkcs12", "-export", "-nokeys", "-in", authority / "sm2" / "ca.pem", "-passout", "pass:", "-out", tmp_path / "ca.p12")
    done = mtlspec("serve", "--ca", "ca.p12", "--cert", authority / "sm2" / "server.pem", "--key", authority / "sm2" / "server.key")
    assert done.returncode == 4 and "ca.p12: error: is PKCS#12; wanted: PEM (openssl pkcs12 -in" in done.stderr, done.stderr


def test_what_openssl_makes_of_pkcs12_is_read(mtlspec, authority, tmp_path):
    """Certificate and key in one file, with attributes between."""
    ca, key, both = authority / "sm2" / "root.pem", authority / "keys" / "sm2-ca.key", tmp_path / "both.pem"
    openssl("pkcs12", "-export", "-in", ca, "-inkey", key, "-passout", f"pass:{PASSWORD}", "-out", tmp_path / "ca.p12")
    openssl("pkcs12", "-in", tmp_path / "ca.p12", "-nodes", "-passin", f"pass:{PASSWORD}", "-out", both)
    done = mtlspec("pki", "make", "--algorithm", "sm2", "--ca", both, "--ca-key", both)
    assert done.returncode == 0, done.stderr
