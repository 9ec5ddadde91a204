# SPDX-License-Identifier: Apache-2.0
"""Files that a user gives and that are wrong: keys, certificates, passwords, baselines, case files, recipes. Exit code 4, lines
that name file and cause, no report, and no trace of a sanitizer, also when a file is cut or changed at random (fixed seeds)."""
import os
import pty
import random
import re
import signal
import socket
import subprocess
import termios

import pytest
from refpeer_certificates import CA, Authority, openssl

USAGE = 4
TARGET = ("-t", "https://127.0.0.1:1")  # never spoken to: what is given is looked at first
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with good files, cert.pem key.pem ca.pem ca.key, and with what can be wrong with them."""
    folder = tmp_path_factory.mktemp("files")
    a = Authority(folder)
    root = a.issue("root", extensions=CA)
    leaf = a.issue("leaf", root)
    made = {"cert.pem": leaf.pem, "key.pem": leaf.key.read_text(), "ca.pem": root.pem, "ca.key": root.key.read_text()}
    made |= {"empty": "", "blank": " \n\n", "words": "this is no PEM\n" * 20, "nul": "\0" * 500, "large": "x" * (1 << 21),
             "half.pem": leaf.pem[:len(leaf.pem) // 2], "half.key": made["key.pem"][:100],
             "no-end.pem": leaf.pem.replace("-----END CERTIFICATE-----", ""),
             "bad-base64.pem": leaf.pem.replace("\nMI", "\n*I"),
             "not-asn1.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
             "not-asn1.key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
             "wrong-password": "wrong horse\n", "right-password": PASSWORD + "\n"}
    for name, text in made.items():
        (folder / name).write_text(text)
    openssl("x509", "-in", folder / "cert.pem", "-outform", "der", "-out", folder / "cert.der")
    openssl("pkey", "-in", folder / "key.pem", "-outform", "der", "-out", folder / "key.der")
    openssl("genpkey", "-algorithm", "ed25519", "-out", folder / "other.key")
    openssl("genpkey", "-algorithm", "x25519", "-out", folder / "x25519.key")
    openssl("pkey", "-in", folder / "key.pem", "-aes256", "-passout", f"pass:{PASSWORD}", "-out", folder / "encrypted.key")
    (folder / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as nobody:
        nobody.bind(str(folder / "socket"))
    return folder


@pytest.fixture
def refused(mtlspec, files, tmp_path):
    """refused(*words) runs, expects a usage error and returns what was said. {file} in a word stands for that file."""
    def run(*words, command="run", **options):
        done = mtlspec(command, *paths(files, words), **options)
        assert (done.returncode, done.stdout) == (USAGE, ""), done.stdout + done.stderr
        assert not (tmp_path / "reports").exists()
        return done.stderr
    return run


def paths(folder, words):
    return [re.sub(r"^\{(.*)\}$", lambda found: str(folder / found[1]), word) for word in words]


# What stands in a place for certificates, or for a key: what is said of it.
NO_FILE = {"{none}": "cannot be read: No such file or directory", "{folder}": "cannot be read: Is a directory",
           "{socket}": "cannot be read: No such device or address", "{empty}": "is empty"}
NO_CERTIFICATE = NO_FILE | {
    "{blank}": "has no PEM in it", "{words}": "has no PEM in it", "{nul}": "has no PEM in it", "{large}": "is larger than a mebibyte",
    "{half.pem}": "damaged or cut off", "{no-end.pem}": "damaged or cut off", "{bad-base64.pem}": "damaged or cut off",
    "{not-asn1.pem}": "its certificate number 1 cannot be read", "{cert.der}": "is DER; wanted: PEM",
    "{key.pem}": "has no certificate in it"}
NO_KEY = NO_FILE | {
    "{blank}": "PEM", "{words}": "PEM", "{nul}": "PEM", "{large}": "PEM", "{half.key}": "cut off", "{not-asn1.key}": "does not decode",
    "{key.der}": "is DER; a private key in PEM was expected", "{cert.pem}": "certificate", "{other.key}": "this key does not belong to",
    "{x25519.key}": "kind", "{encrypted.key}": "password"}
PLACES = {"--cert": NO_CERTIFICATE, "--key": NO_KEY, "--ca": NO_CERTIFICATE, "--ca-key": NO_KEY, "--cacert": NO_CERTIFICATE}
GIVEN = [(option, file, says) for option, rows in PLACES.items() for file, says in rows.items()]


@pytest.mark.parametrize("option, file, says", GIVEN, ids=[f"{o[2:]} {f[1:-1]}" for o, f, _ in GIVEN])
def test_credentials(refused, option, file, says):
    words = {"--cert": "{cert.pem}", "--key": "{key.pem}"} if option in ("--cert", "--key") else {}
    words |= {"--ca": "{ca.pem}", "--ca-key": "{ca.key}"} if option.startswith("--ca") and option != "--cacert" else {}
    words[option] = file
    said = [line for line in refused(*TARGET, *(word for pair in words.items() for word in pair)).splitlines() if line[0] != " "]
    assert len(said) == 1, said
    assert re.search(rf"/{re.escape(file[1:-1])}(:\d+)?: error: .*{re.escape(says)}", said[0]), said[0]


def test_a_leaf_is_no_ca(refused):
    assert "its first certificate is not that of a CA" in refused(*TARGET, "--ca", "{cert.pem}", "--ca-key", "{key.pem}")


KEY = ("--cert", "{cert.pem}", "--key", "{encrypted.key}")
PASSWORDS = {
    ("--key-password-file", "{wrong-password}"): "the password is wrong",
    ("--key-password-file", "{none}"): "no password here: No such file or directory",
    ("--key-password-file", "{empty}"): "no password here: the file is empty",
    ("--key-password-file", "{folder}"): "no password here: Is a directory",
    ("--key-password-env", "MTLSPEC_TEST_NONE"): "there is no such environment variable",
    ("--key-password-env", "MTLSPEC_TEST_WRONG"): "the password is wrong",
}


@pytest.mark.parametrize("words", PASSWORDS, ids=" ".join)
def test_passwords(refused, monkeypatch, words):
    monkeypatch.setenv("MTLSPEC_TEST_WRONG", "wrong horse")
    said = refused(*TARGET, *KEY, *words)
    assert PASSWORDS[words] in said and len(said.splitlines()) == 1, said
    assert "horse" not in said


@pytest.mark.parametrize("words", [("--key-password-file", "{right-password}"), ("--key-password-env", "MTLSPEC_TEST_RIGHT")], ids=" ".join)
def test_right_password(mtlspec, files, monkeypatch, words):
    monkeypatch.setenv("MTLSPEC_TEST_RIGHT", PASSWORD)
    done = mtlspec("run", "server/missing", *TARGET, *paths(files, (*KEY, *words)))
    assert done.returncode == 6, done.stderr  # the target is down, the key was read


class Terminal:
    """The program at a terminal, up to its question for the password."""

    def __init__(self, program, files, folder):
        self.master, slave = pty.openpty()
        words = [program, "run", "server/missing", *TARGET, *paths(files, KEY)]
        self.child = subprocess.Popen(words, cwd=folder, stdin=slave, stdout=subprocess.PIPE, stderr=slave, text=True)
        self.slave, self.seen = slave, b""
        self.wait_for(b"encrypted.key: ")
        while self.echoes():  # it asks, and then shuts its eyes
            assert self.child.poll() is None

    def wait_for(self, text):
        while text not in self.seen:
            self.seen += os.read(self.master, 1000)

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def end(self):
        self.child.communicate(timeout=30)
        echoes = self.echoes()
        os.close(self.slave)
        os.close(self.master)
        return self.child.returncode, echoes


@pytest.mark.parametrize("typed, code", [(PASSWORD, 6), ("wrong horse", USAGE), ("", USAGE)])
def test_password_is_asked_for(program, files, tmp_path, typed, code):
    terminal = Terminal(program, files, tmp_path)
    os.write(terminal.master, typed.encode() + b"\n")
    terminal.wait_for(b"\r\n")
    assert terminal.end() == (code, True)
    assert b"horse" not in terminal.seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_terminal_is_given_back(program, files, tmp_path, number):
    terminal = Terminal(program, files, tmp_path)
    terminal.child.send_signal(number)
    assert terminal.end() == (-number, True)


# ---- case files ----

CASES = """\
format: 1
suite: server/example
title: An example
under-test: server
over: {protocol: [tls1.3], algorithm: [ecc]}

cases:
  - id: wrong-key
    title: a certificate presented without its private key is refused
    level: must
    clause: [rfc8446#4.4.3 MUST]
    catalogue: [G11]
    present: client
    change: [certificate_verify sign-with other-key]
    expect: refused
    prefer: {alert: decrypt_error}
    caught-by: [skip-certificate-verify]
    explain: |
      An example.
"""
# what of the good file: what instead, where (line:column), what is said, what is guessed
BROKEN = {
    "unknown key": ("    level:", "    levle:", "10:5", "unknown key 'levle'", "did you mean 'level'?"),
    "unknown key of a file": ("under-test", "undertest", "4:1", "unknown key 'undertest'", "did you mean 'under-test'?"),
    "unknown level": ("level: must", "level: mst", "10:12", "'mst' is no value of 'level'", "did you mean 'must'?"),
    "unknown expectation": ("expect: refused", "expect: refusd", "15:13", "'expect' wants a word", "did you mean 'refused'?"),
    "unknown protocol": ("[tls1.3]", "[tls1.4]", "5:19", "tls1.4", "did you mean 'tls1"),
    "unknown algorithm": ("[ecc]", "[ec]", "5:40", "'ec'", "did you mean 'ecc'?"),
    "unknown recipe": ("present: client", "present: clent", "13:14", "unknown recipe 'clent'", "did you mean 'client'?"),
    "unknown verb": ("sign-with", "sign-wiht", "14:33", "sign-wiht", "did you mean 'sign-with'?"),
    "unknown message": ("[certificate_verify sign", "[certificate_verfy sign", "14:14", "certificate_verfy",
                        "did you mean 'certificate_verify'?"),
    "unknown key of an edit": ("other-key]", "othr-key]", "14:14", "othr-key", "did you mean 'other-key'?"),
    "unknown alert": ("decrypt_error", "decript_error", "16:21", "decript_error", "did you mean 'decrypt_error'?"),
    "unknown fault": ("skip-certificate-verify", "skip-certificate-verfy", "17:17", "skip-certificate-verfy",
                      "did you mean 'skip-certificate-verify'?"),
    "no id": ("  - id: wrong-key\n    title", "  - title", "8:5", "id", None),
    "no explanation": ("    explain: |\n      An example.\n", "", "8:5", "explain", None),
    "a key twice": ("    level: must\n", "    level: must\n    level: info\n", "11:5", "stands here twice; first in line 10", None),
    "another format": ("format: 1", "format: 2", "1:9", "format", None),
    "a list for a word": ("level: must", "level: [must]", "10:12", "a list where a single value is wanted", None),
    "a missing value": ("level: must", "level:", "10:11", "a value is missing", None),
    "a quote left open": ('title: a', 'title: "a', "9:12", "the quote that opens here is", None),
    "a tab": ("    level:", "\tlevel:", "10:1", "a tab: indent with spaces", None),
    "an anchor": ("level: must", "level: &l must", "10:12", "anchors (&name) are not allowed", None),
    "an alias": ("level: must", "level: *l", "10:12", "aliases (*name) are not allowed", None),
    "a tag": ("level: must", "level: !!str must", "10:12", "tags (!name) are not allowed", None),
    "two documents": ("cases:", "---\ncases:", "7:1", "", None),
    "no UTF-8": ("An example\n", "An ex\udcffmple\n", "3:13", "byte 0xff is not UTF-8", None),
    "a control character": ("An example\n", "An ex\x07mple\n", "3:13", "character U+0007 is not allowed", None),
    "too deep": ("present: client", "present: " + "[" * 40 + "]" * 40, "13:", "nested deeper than 16 levels", None),
}


@pytest.fixture
def check(mtlspec, tmp_path):
    """check(text) lets the program check that text as a case file"""
    def run(text):
        (tmp_path / "cases.yaml").write_text(text, errors="surrogateescape")
        return mtlspec("check", "cases.yaml")
    return run


def test_the_example_is_good(check):
    done = check(CASES)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "cases.yaml: 1 cases, 1 runs, no error" in done.stdout


@pytest.mark.parametrize("name", BROKEN)
def test_broken_case_file(check, name):
    old, new, place, says, guess = BROKEN[name]
    assert CASES.count(old) == 1
    done = check(CASES.replace(old, new))
    assert (done.returncode, done.stdout) == (USAGE, ""), done.stdout + done.stderr
    errors = [line for line in done.stderr.splitlines() if "error: " in line]
    assert errors[0].startswith(f"cases.yaml:{place}") and says in errors[0], done.stderr
    assert guess is None or guess in done.stderr, done.stderr
    assert done.stderr.splitlines()[-1] == f"{len(errors)} error{'s' if len(errors) > 1 else ''}"


def test_several_errors_at_once(check):
    text = CASES.replace("    level:", "    levle:").replace("expect: refused", "expect: refusd").replace("tls1.3", "tls1.4")
    done = check(text)
    assert done.returncode == USAGE
    lines = [int(n) for n in re.findall(r"^cases\.yaml:(\d+):\d+: error:", done.stderr, re.M)]
    assert {5, 10, 15} <= set(lines), done.stderr
    assert done.stderr.splitlines()[-1] == f"{len(lines)} errors"


def test_several_files_at_once(mtlspec, tmp_path):
    for name, text in (("a.yaml", CASES.replace("level:", "levle:")), ("b.yaml", CASES), ("c.yaml", "x"), ("d.yaml", "")):
        (tmp_path / name).write_text(text)
    done = mtlspec("check", "a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml")
    assert done.returncode == USAGE and "b.yaml: 1 cases" in done.stdout
    assert all(f"{name}.yaml:" in done.stderr for name in "acde") and "b.yaml" not in done.stderr


# ---- the program's own data, broken ----

@pytest.fixture
def own_data(tmp_path):
    """own_data(cases, recipes): a data folder with these files, for MTLSPEC_DATA"""
    def make(cases, recipes):
        for folder, text in (("cases", cases), ("certs", recipes)):
            (tmp_path / "data" / folder).mkdir(parents=True)
            (tmp_path / "data" / folder / "one.yaml").write_text(text, errors="surrogateescape")
        return {"MTLSPEC_DATA": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}
    return make


def test_no_data(mtlspec, tmp_path):
    done = mtlspec("run", env={"MTLSPEC_DATA": str(tmp_path / "none"), "PATH": "/usr/bin:/bin"})
    assert done.returncode == USAGE and "none/certs: error: " in done.stderr, done.stderr


# what of the good recipes: what instead, what is said, what is guessed
WRONG_RECIPES = {
    "unknown parent": ("like: client\n", "like: clent\n", "clent", "did you mean 'client'?"),
    "its own parent": ("like: client\n", "like: other-key\n", "other-key", None),
    "unknown issuer": ("issuer: intermediate\n", "issuer: intermediat\n", "intermediat", "did you mean 'intermediate'?"),
    "unknown key": ("key: leaf\n", "kye: leaf\n", "unknown key 'kye'", "did you mean 'key'?"),
    "unknown usage": ("[digital-signature]", "[digital-signatur]", "digital-signatur", "did you mean 'digital-signature'?"),
    "unknown purpose": ("[client-auth]", "[client-aut]", "client-aut", "did you mean 'client-auth'?"),
    "unknown constraint": ("basic-constraints: end-entity", "basic-constraints: end", "basic-constraints", None),
    "a date that is none": ("valid-until: birth+10y", "valid-until: birth+10", "birth+10", None),
    "a date that there is not": ("valid-until: birth+10y", "valid-until: 2026-13-45T00:00:00Z", "not a time; wanted", None),
}


@pytest.mark.parametrize("name", WRONG_RECIPES)
def test_wrong_recipe(mtlspec, own_data, root, name):
    recipes = (root / "certs" / "base.yaml").read_text()
    old, new, says, guess = WRONG_RECIPES[name]
    assert old in recipes
    done = mtlspec("list", env=own_data(CASES, recipes.replace(old, new, 1)))
    assert (done.returncode, done.stdout) == (USAGE, ""), done.stdout
    first = done.stderr.splitlines()[0]
    assert re.search(r"/certs/one\.yaml:\d+:\d+: error: ", first) and says in first, done.stderr
    assert guess is None or guess in done.stderr, done.stderr


# ---- cut and changed at random ----

def mutations(data, seed, count):
    """`data` cut off, with bytes changed, taken out, doubled, and with pieces moved"""
    r = random.Random(seed)
    for _ in range(count):
        at, length, other = r.randrange(len(data)), r.randrange(1, 40), r.randrange(len(data))
        piece = bytes(r.choice(b"\0\xff-: \n[]{}&*!|>'\"%@`#,?AZaz09\t\r") for _ in range(r.randrange(1, 4)))
        yield r.choice([data[:at], data[:at] + piece + data[at + len(piece):], data[:at] + data[at + length:],
                        data[:at] + piece + data[at:], data[:at] + data[at:at + length] * 50 + data[at:],
                        data[:at] + data[other:other + length] + data[at + length:]])


@pytest.mark.parametrize("seed", range(4))
def test_changed_case_files(mtlspec, tmp_path, seed):
    names = []
    for number, data in enumerate(mutations(CASES.encode(), seed, 150)):
        names.append(f"{number}.yaml")
        (tmp_path / names[-1]).write_bytes(data)
    done = mtlspec("check", *names, timeout=120)
    assert done.returncode == USAGE
    good = set(re.findall(r"^(\d+\.yaml): 1 cases, \d+ runs, no error$", done.stdout, re.M))
    bad = set(re.findall(r"^(\d+\.yaml):.*error: .+$", done.stderr, re.M))
    assert good | bad == set(names) and not good & bad
    assert len(bad) > 75


@pytest.mark.parametrize("option", ["--cert", "--key", "--cacert"])
def test_changed_credentials(mtlspec, files, tmp_path, option):
    whole = (files / ("key.pem" if option == "--key" else "cert.pem")).read_bytes()
    words = {"--cert": str(files / "cert.pem"), "--key": str(files / "key.pem"), option: "changed"}
    for data in mutations(whole, option, 25):
        (tmp_path / "changed").write_bytes(data)
        done = mtlspec("run", "server/missing/empty-list", *TARGET, *(word for pair in words.items() for word in pair))
        assert done.returncode in (USAGE, 6), done.stderr
        assert done.returncode == 6 or re.fullmatch(r"changed(:\d+)?: error: [^\n]+\n", done.stderr), done.stderr


def test_baseline_that_is_no_file(refused):
    assert "/folder: error: cannot be read: Is a directory" in refused("--baseline", "{folder}")
    assert "error: " in refused("--baseline", "{words}")


BASELINE = "".join(f"- {{run: server/missing/empty-list/{cell}, observed: served, because: ticket 4711, until: 2027-03-01}}\n"
                   for cell in ("tls1.2/rsa", "tls1.3/ecc"))


def test_changed_baselines(mtlspec, tmp_path):
    for data in [BASELINE.encode(), *mutations(BASELINE.encode(), "baseline", 30)]:
        (tmp_path / "known.yaml").write_bytes(data)
        done = mtlspec("run", "server/missing/empty-list", *TARGET, "--baseline", "known.yaml")
        assert done.returncode in (USAGE, 6), done.stderr
        assert done.returncode == 6 or done.stderr.startswith("known.yaml:"), done.stderr
        assert done.returncode == 6 or data != BASELINE.encode(), done.stderr


def test_changed_recipes(mtlspec, own_data, root, tmp_path):
    recipes = (root / "certs" / "base.yaml").read_bytes()
    env = own_data(CASES, "")
    for data in mutations(recipes, "recipes", 120):
        (tmp_path / "data" / "certs" / "one.yaml").write_bytes(data)
        done = mtlspec("list", env=env)
        assert done.returncode in (0, USAGE), done.stderr
        assert done.returncode == 0 or "/certs" in done.stderr.splitlines()[0], done.stderr
