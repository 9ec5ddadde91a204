# SPDX-License-Identifier: Apache-2.0
"""`mtlspec trace`: recorded connections of other programs are decrypted and checked, from each kind of file, and damage shows."""
import json
import re
import ssl
import subprocess

import captures
import pytest

OK, FAILED, USAGE, NOTHING_RAN, NOT_JUDGED = 0, 1, 4, 5, 6
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
ECC, AGREED, TLS_SM = "tlcp-ecc-cbc-gotlcp-tongsuo", "tlcp-ecdhe-gcm-tongsuo-tongsuo", "tls13-sm4ccm-openssl4-openssl4-certcomp"

# Connections of Python's ssl: algorithm, version, ciphers of TLS 1.2, what the trace must show
SPOKEN = [
    ("rsa", TLS12, "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256(49199)"),
    ("ecc", TLS12, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384(49196)"),
    ("ecc", TLS12, "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256(52393)"),
    ("rsa", TLS13, None, "TLS_AES_256_GCM_SHA384(4866)"),
    ("ecc", TLS13, None, "TLS_AES_256_GCM_SHA384(4866)"),
]

FORMS = {
    "json": captures.to_json,
    "pcap": lambda chunks: captures.to_pcap(captures.packets_of(chunks)),
    "pcap, big-endian, nanoseconds, loopback": lambda chunks: captures.to_pcap(captures.packets_of(chunks), 0, ">", 0xa1b23c4d),
    "pcap, cooked, segments swapped": lambda chunks: captures.to_pcap(captures.packets_of(chunks, "swapped"), 113),
    "pcap, raw, IPv6, segments reversed": lambda chunks: captures.to_pcap(captures.packets_of(chunks, "reversed in fours", 6), 101),
    "pcapng": lambda chunks: captures.to_pcapng(captures.packets_of(chunks, "swapped")),
    "pcapng, big-endian, raw": lambda chunks: captures.to_pcapng(captures.packets_of(chunks), 101, ">"),
}


@pytest.fixture(scope="module")
def pki(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pki")
    subprocess.run([program, "pki", "make", "--pki", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def vectors(root):
    return root / "harness" / "tests" / "vectors" / "sm2"


def write_keylog(vectors, name, path):
    path.write_text("\n".join(json.loads((vectors / f"{name}.meta.json").read_text())["keylog"]) + "\n")
    return path


def body(done):
    """The trace without its first line, which names the source."""
    return done.stdout.split("\n", 1)[1]


@pytest.mark.parametrize("algorithm,version,cipher,suite", SPOKEN, ids=[f"{r[0]}-{r[3]}" for r in SPOKEN])
def test_tls_of_others_is_decrypted(mtlspec, pki, tmp_path, algorithm, version, cipher, suite):
    chunks = captures.talk(pki, tmp_path / "keys.log", algorithm, version, cipher)
    (tmp_path / "t.json").write_bytes(captures.to_json(chunks))
    done = mtlspec("trace", "t.json", "--keylog", "keys.log", "--keys", pki)
    assert done.returncode == OK, done.stdout + done.stderr
    assert suite in done.stdout
    assert 'application_data     9 bytes "question\\n"' in done.stdout and 'application_data     7 bytes "answer\\n"' in done.stdout
    assert "finished 2" in done.stdout and "0 failed; 0 records without a key" in done.stdout
    proofs = {TLS12: "signature of server_key_exchange 1, signature of certificate_verify 1", TLS13: "signature of certificate_verify 2"}
    assert proofs[version] in done.stdout


def test_second_hello_is_followed(mtlspec, pki, tmp_path):
    chunks = captures.talk(pki, tmp_path / "keys.log", "ecc", TLS13, curve="secp384r1")
    (tmp_path / "t.json").write_bytes(captures.to_json(chunks))
    done = mtlspec("trace", "t.json", "--keylog", "keys.log", "--keys", pki)
    assert done.returncode == OK, done.stdout + done.stderr
    assert len(re.findall("^> . client_hello", done.stdout, re.M)) == 2 and "finished 2" in done.stdout


def test_suite_that_cannot_be_opened_is_said(mtlspec, pki, tmp_path):
    chunks = captures.talk(pki, tmp_path / "keys.log", "ecc", TLS12, "ECDHE-ECDSA-AES128-SHA256")
    (tmp_path / "t.json").write_bytes(captures.to_json(chunks))
    done = mtlspec("trace", "t.json", "--keylog", "keys.log", "--keys", pki)
    assert done.returncode == NOT_JUDGED, done.stdout + done.stderr
    assert "is none that can be opened here" in done.stdout and "question" not in done.stdout


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [ECC, AGREED, TLS_SM])
def test_forms_of_files_say_the_same(mtlspec, vectors, tmp_path, name, form):
    keys = ("--keys", vectors, "--keylog", write_keylog(vectors, name, tmp_path / "keys.log"))
    expected = mtlspec("trace", vectors / f"{name}.json", *keys)
    assert expected.returncode == OK, expected.stdout + expected.stderr
    (tmp_path / "capture").write_bytes(FORMS[form](captures.read_json(vectors / f"{name}.json")))
    done = mtlspec("trace", "capture", *keys)
    assert done.returncode == OK, done.stdout + done.stderr
    assert body(done) == body(expected)


def test_server_key_alone_opens_ecc_suites(mtlspec, vectors):
    done = mtlspec("trace", vectors / f"{ECC}.json", "--keys", vectors)
    assert done.returncode == OK, done.stdout + done.stderr
    assert "pre-master secret: holds" in done.stdout and "PINGPONG" in done.stdout


@pytest.mark.parametrize("name,keys", [(AGREED, "--keys"), (TLS_SM, "--keys"), (ECC, "--keylog")])
def test_what_has_no_key_is_said(mtlspec, vectors, tmp_path, name, keys):
    given = vectors if keys == "--keys" else write_keylog(vectors, AGREED, tmp_path / "other.log")
    done = mtlspec("trace", vectors / f"{name}.json", keys, given)
    assert done.returncode == NOT_JUDGED, done.stdout + done.stderr
    assert "no key" in done.stdout and "client_hello" in done.stdout and "PINGPONG" not in done.stdout


def test_damage_shows(mtlspec, vectors, tmp_path):
    chunks = captures.read_json(vectors / f"{ECC}.json")
    at = max(range(len(chunks)), key=lambda i: len(chunks[i][1]))
    direction, data = chunks[at]
    chunks[at] = (direction, data[:-200] + bytes([data[-200] ^ 1]) + data[-199:])
    (tmp_path / "t.json").write_bytes(captures.to_json(chunks))
    done = mtlspec("trace", "t.json", "--keys", vectors)
    assert done.returncode == FAILED, done.stdout + done.stderr
    assert "DOES NOT HOLD" in done.stdout


def test_connection_cut_off_is_told(mtlspec, vectors, tmp_path):
    whole = captures.to_pcap(captures.packets_of(captures.read_json(vectors / f"{ECC}.json")))
    (tmp_path / "t.pcap").write_bytes(whole[:len(whole) // 2])
    done = mtlspec("trace", "t.pcap", "--keys", vectors)
    assert done.returncode == USAGE
    assert "t.pcap: error: is cut off within a packet" in done.stderr


# content of the file "t", what is said about it
UNREADABLE = [
    (b"", "is neither a pcap nor"),
    (b"GET / HTTP/1.1\r\n", "is neither a pcap nor"),
    (b'{"dir": "c2s", "hex": "16"}\n{"dir": "up", "hex": "16"}\n', 't:2: error: has no "dir" of "c2s" or "s2c"'),
    (b'{"dir": "c2s", "hex": "161"}\n', 't:1: error: has no "hex" of at least one whole byte'),
    (b'{"dir": "c2s", \n', "t:1:"),
    (bytes.fromhex("d4c3b2a10200"), "is cut off within its header"),
    (bytes.fromhex("0a0d0d0a1c0000004d3c2b1a"), "is cut off within a block"),
]


@pytest.mark.parametrize("content,said", UNREADABLE, ids=[row[1] + str(n) for n, row in enumerate(UNREADABLE)])
def test_unreadable_file_is_told(mtlspec, vectors, tmp_path, content, said):
    (tmp_path / "t").write_bytes(content)
    done = mtlspec("trace", "t", "--keys", vectors)
    assert done.returncode == USAGE and said in done.stderr, done.stderr


# words of the command line behind FILE, what is said
WRONG_KEYS = [
    ((), "nothing to open it with"),
    (("--keys", "nowhere"), "nowhere: error: cannot be read"),
    (("--keys", "."), "holds no certificate and no private key"),
    (("--keylog", "nowhere"), "nowhere: error: cannot be read"),
    (("--keylog", "bad.log"), "bad.log:3: error: is no line of a key log"),
]


@pytest.mark.parametrize("words,said", WRONG_KEYS, ids=[" ".join(row[0]) or "none" for row in WRONG_KEYS])
def test_wrong_keys_are_told(mtlspec, vectors, tmp_path, words, said):
    (tmp_path / "bad.log").write_text("# a comment\n\nCLIENT_RANDOM 00 11\n")
    done = mtlspec("trace", vectors / f"{ECC}.json", *words)
    assert done.returncode == USAGE and said in done.stderr, done.stderr


def test_capture_without_tls(mtlspec, vectors, tmp_path):
    chunks = [(captures.CLIENT, b"GET / HTTP/1.1\r\n\r\n"), (captures.SERVER, b"HTTP/1.1 200 OK\r\n\r\n")]
    (tmp_path / "t.pcap").write_bytes(captures.to_pcap(captures.packets_of(chunks)))
    done = mtlspec("trace", "t.pcap", "--keys", vectors)
    assert done.returncode == NOTHING_RAN and "no TLS or TLCP connection" in done.stderr
