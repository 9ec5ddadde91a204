# SPDX-License-Identifier: Apache-2.0
"""mtlspec pki: the folder, the bundle, an owner's CA."""
import datetime
import re
import shutil
import subprocess

import pytest

import sm2_judge


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def subjects(bundle):
    """The subjects of a PEM file, in its order."""
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", bundle, re.S)
    names = []
    for block in blocks:
        shown = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=block, capture_output=True, text=True, check=True)
        names.append(shown.stdout.split("CN = ")[1].strip())
    return names


@pytest.fixture(scope="session")
def once(program, tmp_path_factory):
    """A folder that was made once, for copies: RSA keys take their time."""
    folder = tmp_path_factory.mktemp("made")
    subprocess.run([program, "pki", "make"], cwd=folder, check=True, capture_output=True, timeout=120)
    return folder / "pki"


@pytest.fixture
def made(once, tmp_path):
    return shutil.copytree(once, tmp_path / "pki")


def test_keys_are_for_the_owner_only(made):
    keys = list(made.rglob("*.key"))
    assert len(keys) >= 8
    assert all(key.stat().st_mode & 0o777 == 0o600 for key in keys)
    assert all("PRIVATE KEY" not in file.read_text() for file in made.rglob("*.pem"))


def test_the_client_is_good_and_the_server_is_for_this_machine(made):
    for algorithm in ("rsa", "ecc"):
        client, server = made / algorithm / "client.pem", made / algorithm / "server.pem"
        openssl("verify", "-purpose", "sslclient", "-CAfile", made / "ca.pem", "-untrusted", client, client)
        for name in (["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"], ["-verify_ip", "::1"]):
            openssl("verify", "-purpose", "sslserver", *name, "-CAfile", made / "server-ca.pem", "-untrusted", server, server)
        assert openssl("x509", "-noout", "-pubkey", "-in", client) == openssl("pkey", "-pubout", "-in", client.with_suffix(".key"))


def test_dates_count_from_the_start_of_the_day(made):
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    start = openssl("x509", "-noout", "-startdate", "-in", made / "ecc" / "client.pem").strip().split("=")[1]
    assert datetime.datetime.strptime(start, "%b %d %H:%M:%S %Y %Z") in (
        (today - datetime.timedelta(days=days)).replace(tzinfo=None) for days in (1, 2))
    end = openssl("x509", "-noout", "-enddate", "-in", made / "ecc" / "root.pem")
    assert int(end.split()[-2]) - today.year in (9, 10)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\n", (made / "born").read_text())


def test_cas_are_made_once(mtlspec, made):
    fixed = ["ca.pem", "server-ca.pem", "ecc/root.pem", "ecc/intermediate.pem", "rsa/root.pem", "keys/p256-ca.key"]
    before = {name: (made / name).read_text() for name in fixed}
    assert mtlspec("pki", "make", "expired").returncode == 0
    assert {name: (made / name).read_text() for name in fixed} == before
    assert mtlspec("pki", "make", "--renew").returncode == 0
    after = {name: (made / name).read_text() for name in fixed}
    assert all(after[name] != before[name] for name in fixed)


def test_a_ca_that_lost_its_key_is_not_replaced_in_silence(mtlspec, made):
    (made / "keys" / "p256-ca.key").unlink()
    done = mtlspec("pki", "make")
    assert done.returncode == 4
    assert "ecc/root.pem" in done.stderr and "--renew" in done.stderr


@pytest.mark.parametrize("born", ["yesterday\n", "2001-01-01\n", "2999-01-01\n", ""])
def test_a_birth_date_that_cannot_be_is_said(mtlspec, made, born):
    (made / "born").write_text(born)
    done = mtlspec("pki", "make")
    assert done.returncode == 4
    assert "born" in done.stderr and "--renew" in done.stderr


def test_the_bundle_is_as_vendors_ask(mtlspec, made):
    done = mtlspec("pki", "export")
    assert done.returncode == 0, done.stderr
    text = (made / "bundle.pem").read_text()
    assert subjects(text) == ["mtlspec rsa intermediate", "mtlspec ecc intermediate", "mtlspec rsa root", "mtlspec ecc root"]
    lines = text.split("\n")
    assert lines.pop() == "" and "" not in lines
    assert max(map(len, lines)) == 64
    assert "PRIVATE" not in text
    for word in ("ssl_client_certificate", "ca-file", "SSLCACertificateFile", "cloud console", "remove it"):
        assert word in done.stdout


def test_the_bundle_can_be_piped_and_narrowed(mtlspec, made):
    done = mtlspec("pki", "export", "-o", "-", "--algorithm", "ecc", "--for", "nginx")
    assert subjects(done.stdout) == ["mtlspec ecc intermediate", "mtlspec ecc root"] and not (made / "bundle.pem").exists()
    assert done.stdout.startswith("-----BEGIN") and done.stdout.endswith("-----END CERTIFICATE-----\n")
    assert "ssl_client_certificate" in done.stderr and "haproxy" not in done.stderr


def test_sm2_stands_by_itself(mtlspec, made):
    """Go, Java and others refuse a whole file for one curve that they do not know."""
    assert subjects((made / "ca.pem").read_text()) == ["mtlspec rsa root", "mtlspec ecc root"]
    assert subjects((made / "sm2" / "ca.pem").read_text()) == ["mtlspec sm2 root"]
    assert subjects((made / "sm2" / "server-ca.pem").read_text()) == ["mtlspec sm2 server root"]
    assert mtlspec("pki", "export").returncode == 0
    assert subjects((made / "sm2" / "bundle.pem").read_text()) == ["mtlspec sm2 intermediate", "mtlspec sm2 root"]
    done = mtlspec("pki", "export", "-o", "-", "--algorithm", "sm2")
    assert done.stdout == (made / "sm2" / "bundle.pem").read_text()
    assert "sm2/ca.pem" in done.stderr and "nginx" not in done.stderr


def test_who_wants_no_sm2_gets_none(mtlspec, tmp_path):
    for words in (("pki", "make", "--algorithm", "ecc"), ("run", "server/possession", "-T", "ecc")):
        done = mtlspec(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not (tmp_path / "pki" / "sm2").exists() and not list((tmp_path / "pki" / "keys").glob("sm2-*"))


def test_a_recipe_without_its_like_over_sm2(mtlspec, made):
    assert mtlspec("pki", "make", "signed-with-sha384").returncode == 0
    assert (made / "ecc" / "signed-with-sha384.pem").exists() and not (made / "sm2" / "signed-with-sha384.pem").exists()
    done = mtlspec("pki", "make", "signed-with-sha384", "--algorithm", "sm2")
    assert done.returncode == 4 and "SM3" in done.stderr
    assert "SM3" in mtlspec("pki", "show", "signed-with-sha384").stdout


def test_the_owners_sm2_ca_issues_pairs(mtlspec, sm2_owner, made):
    assert mtlspec("pki", "make", "--ca", "owner.pem", "--ca-key", "owner.key").returncode == 0
    for half in ("sign", "enc"):
        assert sm2_judge.errors(made / "sm2" / f"client.{half}.pem", [sm2_owner / "owner.pem"], None) == "0"
    assert subjects((made / "sm2" / "ca.pem").read_text()) == ["Owner CA"]


def test_the_owners_ca_of_another_algorithm_issues_no_sm2(mtlspec, owner, made):
    before = (made / "sm2" / "client-pair.pem").read_text()
    done = mtlspec("pki", "make", "--ca", "owner.pem", "--ca-key", "owner.key")
    assert done.returncode == 0 and "sm2" not in done.stdout
    assert (made / "sm2" / "client-pair.pem").read_text() == before
    assert subjects((made / "sm2" / "ca.pem").read_text()) == ["mtlspec sm2 root"]
    done = mtlspec("pki", "make", "client", "--algorithm", "sm2", "--ca", "owner.pem", "--ca-key", "owner.key")
    assert done.returncode == 4 and "needs a CA of SM2" in done.stderr


@pytest.fixture
def sm2_owner(tmp_path):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", tmp_path / "owner.key")
    openssl("req", "-x509", "-key", tmp_path / "owner.key", "-sm3", "-sigopt", "distid:1234567812345678", "-days", "30",
            "-subj", "/CN=Owner CA", "-out", tmp_path / "owner.pem")
    return tmp_path


@pytest.fixture
def owner(tmp_path):
    """A CA of the target's owner: key, certificate."""
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=Owner CA",
            "-keyout", tmp_path / "owner.key", "-out", tmp_path / "owner.pem")
    return tmp_path


def test_the_owners_ca_issues(mtlspec, owner, made):
    for name in ("client", "expired", "under-five-intermediates"):
        done = mtlspec("pki", "make", name, "--ca", "owner.pem", "--ca-key", "owner.key")
        assert done.returncode == 0, done.stderr
        chain = made / "rsa" / f"{name}.pem"
        judged = subprocess.run(["openssl", "verify", "-CAfile", owner / "owner.pem", "-untrusted", chain, chain],
                                capture_output=True, text=True, check=False)
        assert ("error 10 at" in judged.stderr) if name == "expired" else judged.returncode == 0, judged.stderr
    assert subjects((made / "ca.pem").read_text()) == ["Owner CA"]


def test_an_owners_ca_leaves_ours_alone(mtlspec, owner, made):
    before = (made / "ecc" / "intermediate.pem").read_text()
    assert mtlspec("pki", "make", "--ca", "owner.pem", "--ca-key", "owner.key").returncode == 0
    assert (made / "ecc" / "intermediate.pem").read_text() == before
    assert mtlspec("pki", "make").returncode == 0
    assert subjects((made / "ca.pem").read_text()) == ["mtlspec rsa root", "mtlspec ecc root"]


OWN_KEY = ["--ca-key", "owner.key"]
BAD_INPUT = [
    (["make", "--ca", "owner.pem"], "--ca-key"),
    (["make", "--ca", "nothing.pem", *OWN_KEY], "nothing.pem"),
    (["make", "--ca", "owner.key", *OWN_KEY], "no certificate"),
    (["make", "--ca", "owner.pem", "--ca-key", "owner.pem"], "owner.pem"),
    (["make", "--ca", "owner.pem", "--ca-key", "other.key"], "does not belong"),
    (["make", "--ca", "owner.der", *OWN_KEY], "is DER"),
    (["make", "--ca", "empty.pem", *OWN_KEY], "is empty"),
    (["make", "--ca", "cut.pem", *OWN_KEY], "cut off"),
    (["make", "--ca", "leaf.pem", *OWN_KEY], "not that of a CA"),
    (["make", "expird"], "did you mean 'expired'"),
    (["show", "expird"], "did you mean 'expired'"),
    (["bake"], "wanted: make"),
    ([], "wanted: make"),
    (["export", "client"], "not wanted"),
]


@pytest.mark.parametrize("words,said", BAD_INPUT)
def test_bad_input_is_named(mtlspec, owner, words, said):
    openssl("genpkey", "-algorithm", "ed25519", "-out", owner / "other.key")
    openssl("x509", "-in", owner / "owner.pem", "-outform", "der", "-out", owner / "owner.der")
    openssl("req", "-x509", "-key", owner / "owner.key", "-subj", "/CN=leaf", "-addext", "basicConstraints=critical,CA:false", "-out",
            owner / "leaf.pem")
    (owner / "empty.pem").write_text("")
    (owner / "cut.pem").write_text((owner / "owner.pem").read_text()[:300])
    done = mtlspec("pki", *words)
    assert done.returncode == 4
    assert said in done.stderr, done.stderr


@pytest.mark.usefixtures("made")
def test_show_describes_a_recipe(mtlspec):
    done = mtlspec("pki", "show", "expired")
    assert done.returncode == 0
    for word in ("the certificate has expired", "like client", "refused", "VAL-01", "accept-expired", "CN=mtlspec client"):
        assert word in done.stdout


def test_programs_that_start_together_share_the_folder(program, tmp_path):
    started = [subprocess.Popen([program, "pki", "make", "expired"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
               for _ in range(4)]
    assert [(child.communicate(timeout=120)[1], child.returncode) for child in started] == [(b"", 0)] * 4
    for algorithm in ("rsa", "ecc"):
        client = tmp_path / "pki" / algorithm / "client.pem"
        openssl("verify", "-CAfile", tmp_path / "pki" / "ca.pem", "-untrusted", client, client)
    assert not list((tmp_path / "pki").rglob("*.new"))
