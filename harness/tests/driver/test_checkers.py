# SPDX-License-Identifier: Apache-2.0
"""The checkers are red when a rule is broken and green on this tree: each rule is broken once, alone, in a tree that keeps it otherwise."""
import shutil
import subprocess

import pytest

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
PYTHON_SPDX = "# SPDX-License-Identifier: Apache-2.0\n"


def function(body, name="f", parameters="int a"):
    return f"int {name}({parameters})\n{{\n{body}    return a;\n}}\n"


def long_function(lines, name="f"):
    return function("    a++;\n" * (lines - 4), name)


def short_functions(n):
    return "".join(function("", f"short{i}") for i in range(n))


@pytest.fixture
def check(root, tmp_path):
    """check(name, {path: text}) runs a checker over a tree of only these files (and LAYERS) and returns (code, output)."""
    def run(checker, files):
        for path, text in {"harness/LAYERS": (root / "harness/LAYERS").read_text(), **files}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        done = subprocess.run([root / "scripts" / checker, tmp_path], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr
    return run


@pytest.mark.parametrize("checker", ["check-layers", "check-style"])
def test_this_tree_is_green(root, checker):
    done = subprocess.run([root / "scripts" / checker], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_planted_upward_include_is_red(root, tmp_path):
    shutil.copytree(root / "harness", tmp_path / "harness", ignore=shutil.ignore_patterns("tests"))
    planted = tmp_path / "harness/base/reader.c"
    planted.write_text(planted.read_text() + '#include "engine/engine.h"\n')
    done = subprocess.run([root / "scripts/check-layers", tmp_path], capture_output=True, text=True, check=False)
    line = len(planted.read_text().splitlines())
    assert done.returncode == 1
    assert f'harness/base/reader.c:{line}: "engine/engine.h": base may not include engine' in done.stdout


LAYERS = {
    "upward": ({"harness/base/x.c": '#include "wire/w.h"\n', "harness/wire/w.h": ""},
               "base/x.c:1: \"wire/w.h\": base may not include wire"),
    "sideways": ({"harness/http/x.c": '#include "msg/m.h"\n', "harness/msg/m.h": ""}, "http may not include msg"),
    "no such header": ({"harness/wire/x.c": '#include "base/none.h"\n'}, "\"base/none.h\" does not exist"),
    "no folder": ({"harness/wire/x.c": '#include "w.h"\n', "harness/wire/w.h": ""}, "is not written \"module/file.h\""),
    "outside header": ({"harness/wire/x.c": "#include <uv.h>\n"}, "<uv.h> is not on the line of wire"),
    "posix header": ({"harness/net/x.c": "#include <sys/socket.h>\n"}, "<sys/socket.h> is not on the line of net"),
    "libssl": ({"harness/crypto/x.c": " # include <openssl/ssl.h>\n"}, "libssl belongs to refpeer alone"),
    "libssl's constants": ({"harness/pki/x.c": "#include <openssl/tls1.h>\n"}, "libssl belongs to refpeer alone"),
    "ours in refpeer": ({"harness/refpeer/x.c": '#include "base/mem.h"\n', "harness/base/mem.h": ""}, "refpeer may not include base"),
    "unknown module": ({"harness/extra/x.c": ""}, "a module without a line in LAYERS"),
    "order of LAYERS": ({"harness/LAYERS": "a | b |\nb | |\n"}, "LAYERS:1: a lists b, which does not stand above it"),
    "form of LAYERS": ({"harness/LAYERS": "a | |\nb\n"}, "LAYERS:2: not of the form"),
    "twice in LAYERS": ({"harness/LAYERS": "a | |\na | |\n"}, "LAYERS:2: a has two lines"),
}


@pytest.mark.parametrize("rule", LAYERS)
def test_each_rule_of_the_layers_is_kept(check, rule):
    files, message = LAYERS[rule]
    code, output = check("check-layers", files)
    assert code == 1 and message in output and "1 breaches" in output


def test_what_the_layers_allow_is_green(check):
    code, output = check("check-layers", {
        "harness/base/b.h": "#include <stdio.h>\n#include <yaml.h>\n",
        "harness/wire/x.c": '#include "base/b.h"\n#include <string.h>\n',
        "harness/crypto/x.c": "#include <openssl/evp.h>\n",
        "harness/refpeer/x.c": "#include <openssl/ssl.h>\n#include <netinet/in.h>\n",
        "harness/tests/unit/test_x.c": "#include <openssl/ssl.h>\n#include \"suite.h\"\n",
    })
    assert code == 0, output


SIX = "int a, int b, int c, int d, int e, int f"


def nested(depth):
    return function("    if (a)\n" * depth + "    a++;\n")


STYLE = {
    "81 lines": (long_function(81) + short_functions(9), "f: lines 81, at most 80"),
    "median": (long_function(16) * 3, "median of the functions' lines 16, at most 15"),
    "90th percentile": (short_functions(8) + long_function(41) * 2, "90th percentile of the functions' lines 41, at most 40"),
    "complexity": (function("    a = a " + "&& a " * 12 + ";\n"), "f: complexity 13, at most 12"),
    "complexity of a switch": (function("    switch (a) {\n" + "    case 0:\n" * 12 + "    }\n"), "f: complexity 13, at most 12"),
    "parameters": (function("", parameters="int a, int b, int c, int d, int e, int (*f)(int, int)"), "f: parameters 6, at most 5"),
    "parameters of our callback": (function("", "six", SIX) + function("    mt_set(six, a);\n    call(six);\n") + function("", "call"),
                                   "six: parameters 6, at most 5"),
    "nesting": (nested(4), "f: nesting 4, at most 3"),
    "nesting in braces": (function("    for (;;) {\n    while (a) {\n    do {\n    if (a) {\n    }\n    } while (a);\n    }\n    }\n"),
                          "f: nesting 4, at most 3"),
    "file": ("int a;\n" * 500, "x.c:501: 501 lines, at most 500"),
    "width": ("//" + "x" * 139 + "\n", "x.c:2: 141 columns, at most 140"),
    "no licence": (None, "x.c:1: no SPDX line"),
    "banned": (function('    sprintf(0, "%d", a);\n'), "x.c:4: sprintf is banned"),
    "allocator": (function("    free(malloc(1));\n"), "x.c:4: malloc is banned"),
    "assignment in if": (function("    if ((a = 1))\n        a--;\n"), "x.c:4: assignment in a condition"),
    "assignment in while": (function("    while ((a -= 1) > 0)\n        a--;\n"), "x.c:4: assignment in a condition"),
    "assignment in do": (function("    do\n        a--;\n    while ((a = 1));\n"), "x.c:6: assignment in a condition"),
    "assignment in for": (function("    for (int i = 0; (a = i); i += 1)\n        a--;\n"), "x.c:4: assignment in a condition"),
    "#if in a function": (function("#ifdef X\n    a++;\n#endif\n"), "x.c:4: preprocessor conditional inside a function"),
}


@pytest.mark.parametrize("rule", STYLE)
def test_each_rule_of_style_is_kept(check, rule):
    text, message = STYLE[rule]
    code, output = check("check-style", {"harness/wire/x.c": "int a;\n" if text is None else SPDX + text})
    assert code == 1 and message in output, output


def test_each_rule_breaks_alone(check):
    """The rules do not hide behind each other: a breach of one is reported once."""
    for rule in ("complexity", "parameters", "nesting", "width", "banned", "assignment in if"):
        _, output = check("check-style", {"harness/wire/x.c": SPDX + STYLE[rule][0]})
        assert "1 breaches" in output, rule + output


PYTHON = {
    "81 lines": ("def f():\n" + "    pass\n" * 80 + "".join(f"def g{i}():\n    pass\n" for i in range(9)), "f: lines 81, at most 80"),
    "width": ("#" + "x" * 140 + "\n", "columns, at most 140"),
    "does not parse": ("def f(:\n", "does not parse"),
    "file": ("a = 1\n" * 500, "x.py:501: 501 lines, at most 500"),
}


@pytest.mark.parametrize("rule", PYTHON)
def test_each_rule_of_python_is_kept(check, rule):
    text, message = PYTHON[rule]
    code, output = check("check-style", {"scripts/x.py": PYTHON_SPDX + text})
    assert code == 1 and message in output, output


def test_what_the_style_allows_is_green(check):
    allowed = SPDX + long_function(80) + short_functions(9) + nested(3) + function(
        "    /* sprintf(x) if (a = b) */\n    const char *s = \"gets( if (x = 1)\";\n"
        "    for (int i = 0, j = 1; i <= a && j != 2; i = j)\n        a += s[i] == '\\'';\n"
        "    if (a)\n        a = 1;\n    else if (a == 2)\n        a = 2;\n"
        "    else if (a == 3)\n        a = 3;\n    else\n        a = 4;\n", "g")
    code, output = check("check-style", {
        "harness/wire/x.c": allowed,
        "harness/base/m.c": SPDX + function("    free(malloc(1));\n"),
        "harness/base/n.c": SPDX + function("", "six", SIX) + function("    uv_set(0, six);\n"),
        "scripts/x": "#!/usr/bin/python3\n" + PYTHON_SPDX + "def f():\n    pass\n",
    })
    assert code == 0, output
    assert "C: 15 functions, lines median 4, p90 16, max 80; max complexity 6, parameters 1, nesting 3" in output
