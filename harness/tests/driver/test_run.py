# SPDX-License-Identifier: Apache-2.0
"""`mtlspec run` against the reference server: verdicts, policies, baseline, order, and what it says to wrong words."""
import datetime
import json
import signal
import subprocess
from xml.etree import ElementTree

import pytest

CONTROL = ("server/control", "server/missing")
EXPIRED = "server/validity/expired"


def report_of(path):
    """id -> result of a JSON report."""
    document = json.loads(path.read_text())
    return {result["id"]: result for result in document["results"]}


def junit_counts(path):
    """(testcases, failures, errors, skipped) as elements."""
    tree = ElementTree.parse(path)
    return tuple(len(list(tree.iter(tag))) for tag in ("testcase", "failure", "error", "skipped"))


@pytest.fixture(scope="module")
def pki(program, tmp_path_factory):
    """A pki folder of the program that is made once."""
    folder = tmp_path_factory.mktemp("pki")
    done = subprocess.run([program, "run", "server/control", "--pki", folder / "pki", "-j", folder / "junit.xml"], cwd=folder,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "pki"


@pytest.fixture
def serve(start, refserver, pki):
    """serve(*options) starts the reference server with both kinds of certificate and returns its URL."""
    def begin(*words):
        files = [word for kind in ("rsa", "ecc") for word in ("--cert", pki / kind / "server.pem", "--key", pki / kind / "server.key")]
        server = start(refserver, *files, "--ca", pki / "ca.pem", *words, ready=r"^ready (.*)$")
        return f"https://{server.ready.group(1)}"
    return begin


@pytest.fixture
def judge(mtlspec, pki, tmp_path):
    """judge(*words) -> (process, results by id)"""
    def run(*words):
        done = mtlspec("run", "--pki", pki, "--json", "out.json", *words)
        assert done.returncode in (0, 1, 5, 6), done.stdout + done.stderr
        return done, report_of(tmp_path / "out.json")
    return run


def test_an_honest_server_passes(judge):
    done, results = judge(*CONTROL)
    assert done.returncode == 0, done.stdout
    assert "requires a client certificate; refused" in done.stdout
    assert {result["verdict"] for result in results.values()} <= {"pass", "skipped"}


def test_a_fault_fails_and_says_why(judge):
    done, results = judge(EXPIRED, "--fault", "accept-expired")
    assert done.returncode == 1
    assert results and {result["verdict"] for result in results.values()} == {"fail"}
    one = next(iter(results.values()))
    assert one["observed"].startswith("served") and one["likely"] and "refused" in one["expected"]
    assert "by hand" in done.stdout and "likely" in done.stdout


def test_the_line_by_hand_shows_the_same(judge, serve):
    url = serve("--fault", "accept-expired", "--policy", "required")
    _, results = judge(EXPIRED, "-t", url)
    lines = {run: result["by_hand"] for run, result in results.items()}
    assert lines and all(lines.values())
    for run, line in lines.items():
        shown = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False, timeout=20)
        assert "HTTP/1.1 200" in shown.stdout, (run, line, shown.stdout, shown.stderr)


def test_the_line_to_run_it_again_does(judge, program, pki, tmp_path):
    _, results = judge(EXPIRED, "--fault", "accept-expired")
    run, again = next((run, result["again"]) for run, result in results.items())
    assert again.startswith("mtlspec run ") and run in again and "--fault accept-expired" in again and f"--pki {pki}" in again
    done = subprocess.run(["sh", "-c", again.replace("mtlspec", str(program), 1)], capture_output=True, text=True, check=False,
                          timeout=60, cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr


def test_in_flight_or_one_by_one_is_the_same(judge):
    seen = []
    for jobs in ("1", "4"):
        _, results = judge("server/validity", "server/possession", "--jobs", jobs)
        seen.append([(run, result["verdict"], result["observed"]) for run, result in results.items()])
    assert seen[0] == seen[1]
    assert len(seen[0]) > 20


def test_a_server_that_never_asks_is_one_failure(judge, serve):
    done, results = judge("-t", serve("--policy", "none"), "server/control", "server/missing", "server/request", "server/wrong-ca")
    assert done.returncode == 1
    failed = {result["id"].split("/")[2] for result in results.values() if result["verdict"] == "fail"}
    assert len(failed) == 1
    rest = {result["message"] for result in results.values() if result["verdict"] == "unsupported"}
    assert "the server never asks for a certificate, so this shows nothing" in rest
    assert "does not ask for a client certificate" in done.stdout


def test_optional_is_no_required(judge, serve):
    url = serve("--policy", "optional")
    _, stated = judge("-t", url, "server/missing", "--policy", "optional")
    assert {result["verdict"] for result in stated.values()} <= {"pass", "skipped"}
    done, results = judge("-t", url, "server/missing")
    assert done.returncode == 1
    assert "fail" in {result["verdict"] for result in results.values()}


def test_request_judges_by_the_echo(judge, serve):
    done, results = judge("-t", serve("--policy", "request"), "server/wrong-ca", "--policy", "request")
    assert done.returncode == 0, done.stdout
    assert "pass" in {result["verdict"] for result in results.values()}
    assert {result["observed"] for result in results.values() if result["verdict"] == "pass"} & {"served anonymously, HTTP 200"}


def test_detect_says_that_nothing_was_checked(judge, serve):
    done, _ = judge("-t", serve("--policy", "optional"), *CONTROL, "--policy", "detect")
    assert done.stdout.splitlines()[0].startswith("the policy was not checked")


def test_a_control_that_is_not_2xx_wants_a_rule(judge, serve):
    url = serve("--policy", "required") + "/status/404"
    done, _ = judge("-t", url, *CONTROL)
    assert done.returncode == 6
    assert "name a path that answers 2xx" in done.stdout
    done, results = judge("-t", url, *CONTROL, "--granted", "404")
    assert done.returncode == 0, done.stdout
    assert {result["verdict"] for result in results.values()} <= {"pass", "skipped"}


def test_a_target_that_trusts_another_ca(judge, start, refserver, pki):
    server = start(refserver, "--policy", "required", "--ca", pki / "server-ca.pem", "--cert", pki / "ecc" / "server.pem", "--key",
                   pki / "ecc" / "server.key", ready=r"^ready (.*)$")
    done, results = judge("-t", f"https://{server.ready.group(1)}", *CONTROL)
    assert done.returncode == 6
    assert "Install ca.pem" in done.stdout
    assert {result["type"] for result in results.values()} == {"inconclusive.control"}


def test_one_version_only(judge, serve):
    _, results = judge("-t", serve("--policy", "required", "--min-protocol", "tls1.3"), "server/control")
    assert {(result["verdict"], "tls1.2" in run) for run, result in results.items()} == {("pass", False), ("unsupported", True)}


def test_resolve_connect_to_and_sni(judge, serve):
    url = serve("--policy", "required")
    port = url.rsplit(":", 1)[1]
    done, _ = judge("-t", "https://edge.invalid", "--connect-to", f"edge.invalid:443:127.0.0.1:{port}", "--sni", "localhost",
                    "server/control")
    assert done.returncode == 0, done.stdout
    done, _ = judge("-t", f"https://localhost:{port}", "--resolve", f"localhost:{port}:127.0.0.1", "server/control")
    assert done.returncode == 0, done.stdout


# ---- the baseline ----

def entry(run, observed="served", **more):
    words = {"run": run, "observed": observed, "because": "ticket 1", **more}
    return "- {" + ", ".join(f"{key}: '{value}'" for key, value in words.items()) + "}\n"


def runs_of(results):
    return sorted(results)


@pytest.fixture
def with_baseline(judge, tmp_path):
    def run(text, *words):
        (tmp_path / "known.yaml").write_text(text)
        return judge(EXPIRED, "--baseline", "known.yaml", *words)
    return run


def test_baseline(judge, with_baseline):
    _, results = judge(EXPIRED)
    runs = runs_of(results)
    day = datetime.date.today()
    fault = ("--fault", "accept-expired")
    done, results = with_baseline("".join(map(entry, runs)), *fault)
    assert done.returncode == 0 and {result["verdict"] for result in results.values()} == {"known"}
    done, results = with_baseline("".join(entry(run, until=day - datetime.timedelta(days=2)) for run in runs), *fault)
    assert done.returncode == 1 and {result["verdict"] for result in results.values()} == {"fail"}
    done, results = with_baseline("".join(entry(run, "refused over HTTP") for run in runs), *fault)
    assert done.returncode == 1
    done, results = with_baseline("".join(map(entry, runs)))
    assert done.returncode == 0
    assert all(any("unexpected pass" in note for note in result["notes"]) for result in results.values())


WRONG = {
    "unknown option": (("run", "--timout", "3s"), "did you mean '--timeout'"),
    "unknown case": (("run", "server/validty"), "did you mean 'server/validity"),
    "unknown excluded case": (("run", "-x", "server/nothing-like-it"), "nothing-like-it"),
    "unknown policy": (("run", "--policy", "requird"), "did you mean 'required'"),
    "no unit": (("run", "--timeout", "3"), "with its unit"),
    "no rate": (("run", "--rate", "fast"), "with its unit"),
    "no number": (("run", "--jobs", "many"), "a number from"),
    "no argument": (("run", "--target"), "wants an argument"),
    "no URL": (("run", "-t", "http://localhost"), "expected https://"),
    "half a credential": (("run", "-t", "https://localhost", "--cert", "x.pem"), "--cert and --key belong together"),
    "half a CA": (("run", "-t", "https://localhost", "--ca", "x.pem"), "--ca and --ca-key belong together"),
    "no rule": (("run", "--granted", "often"), "--granted"),
    "no override": (("run", "-t", "https://localhost", "--resolve", "localhost"), "HOST:PORT:ADDRESS"),
    "no such baseline": (("run", "--baseline", "none.yaml"), "none.yaml"),
    "no such cacert": (("run", "-t", "https://localhost", "--cacert", "none.pem"), "none.pem"),
    "no such fault": (("run", "-t", "https://localhost", "--fault", "accept-expired"), "--fault is for the embedded server"),
    "no password file": (("run", "-t", "https://localhost", "--cert", "a", "--key", "b", "--key-password-file", "none"), "none"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_words(name, mtlspec, pki, tmp_path):
    words, said = WRONG[name]
    done = mtlspec(*words, "--pki", pki) if name != "no argument" else mtlspec(*words)
    assert done.returncode == 4, done.stdout + done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "reports").exists()


def test_a_baseline_of_an_unknown_run(mtlspec, pki, tmp_path):
    (tmp_path / "known.yaml").write_text(entry("server/validity/expird/tls1.3/ecc"))
    done = mtlspec("run", "--pki", pki, "--baseline", "known.yaml")
    assert done.returncode == 4
    assert "known.yaml:1: error: no run is called" in done.stderr and "expired" in done.stderr


def test_nothing_selected(mtlspec, pki):
    done = mtlspec("run", "--pki", pki, "server/validity", "-x", "server/validity")
    assert done.returncode == 5, done.stdout + done.stderr


def test_a_full_device(mtlspec, pki):
    done = mtlspec("run", "--pki", pki, "server/control", "-j", "/dev/full")
    assert done.returncode == 3
    assert "/dev/full" in done.stderr


def test_keylog(mtlspec, pki, tmp_path):
    done = mtlspec("run", "--pki", pki, "server/control", "--keylog", "keys")
    assert done.returncode == 0
    labels = {line.split()[0] for line in (tmp_path / "keys").read_text().splitlines()}
    assert {"CLIENT_RANDOM", "CLIENT_TRAFFIC_SECRET_0"} <= labels


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle(number, start, program, pki, tmp_path):
    child = start(program, "run", "--pki", pki, "--rate", "100/s", "-j", "out.xml", "--json", "out.json")
    child.wait_line(r"^server/algorithm ")
    child.process.send_signal(number)
    assert child.wait(20) == 2, child.output
    verdicts = [result["verdict"] for result in report_of(tmp_path / "out.json").values()]
    assert "pass" in verdicts and verdicts[-1] == "error"
    types = [result["type"] for result in report_of(tmp_path / "out.json").values() if result["verdict"] == "error"]
    assert set(types) == {"infrastructure.interrupted"}
    assert junit_counts(tmp_path / "out.xml")[0] == len(verdicts)


def test_the_baseline_of_openssl_is_all_that_a_server_on_it_needs(judge, serve, root):
    baseline = root / "scripts" / "peers" / "baselines" / "openssl.yaml"
    done, results = judge("-t", serve("--policy", "required"), "--insecure", "-b", baseline)
    known = sum(result["verdict"] == "known" for result in results.values())
    assert done.returncode == 0 and known == 14, done.stdout
    assert "bad ones (10 known, " in done.stdout and "good ones (4 known)" in done.stdout


def test_a_credential_that_is_refused_is_asked_for_its_chain(judge, serve, pki, tmp_path):
    chain = (pki / "rsa" / "client.pem").read_text()
    (tmp_path / "alone.pem").write_text(chain[:chain.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n")
    done, _ = judge(EXPIRED, "-t", serve("--policy", "required"), "--insecure", "--cert", "alone.pem", "--key", pki / "rsa" / "client.key")
    assert done.returncode == 6 and "hold the intermediates behind the certificate?" in done.stdout


def test_a_rule_of_what_is_granted_that_nothing_fulfils(judge, serve):
    done, _ = judge(EXPIRED, "-t", serve("--policy", "required"), "--insecure", "--granted", "body nonsense")
    assert done.returncode == 6 and "this is not what --granted describes" in done.stdout


def test_the_embedded_server_passes_but_for_what_is_known(mtlspec, tmp_path):
    done = mtlspec("run", "server/extension", "--json", "r.json")
    counts = json.loads((tmp_path / "r.json").read_text())["summary"]
    assert done.returncode == 0, done.stdout
    assert counts["known"] > 0 and counts["fail"] == 0
    with_fault = mtlspec("run", "server/extension/twice", "--fault", "accept-expired")
    assert with_fault.returncode == 1  # nothing is known about a server with a fault
