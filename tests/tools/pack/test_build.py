"""A packed program does what its sources do, in MicroPython itself, and holds no more than is used."""

import re
from pathlib import Path

import pytest

from tests.tools.pack.packing import both, packed_of, program
from tools.compiler import compile_all


@pytest.mark.parametrize(
    "name",
    [
        "assigned_again",
        "classes",
        "constants",
        "exceptions",
        "generators",
        "lines",
        "modules_as_values",
        "one_call",
        "only_cpython",
        "parameters",
        "said",
        "shared_names",
        "tables",
        "words",
    ],
)
def test_the_image_does_what_the_sources_do(name: str, tmp_path: Path) -> None:
    plain, packed = both(tmp_path, program(name))
    assert "Traceback" not in plain
    assert packed.splitlines()[:-1] == plain.splitlines()[:-1]


def test_what_is_imported_in_a_function_is_a_chunk_of_its_own(tmp_path: Path) -> None:
    files = program("seldom")
    plain, packed = both(tmp_path, files)
    assert plain == packed == "(6, 6) (6, 6) 4\nloaded 2\n"
    assert ["kiosk.seldom"] in packed_of(files).members.values()


def test_what_nothing_uses_is_not_there() -> None:
    texts = packed_of(program("unused")).texts
    text = "".join(texts.values())
    assert "struct" not in text and "TABLE" not in text and "SPARE" not in text and "USED" not in text
    assert text.count("def ") == 3 and "import time" in text


def test_a_chunk_keeps_to_its_limit() -> None:
    body = "".join(
        f"\n\ndef f{n}(x):\n    return x + {n} * x + len('{'y' * 20}{n}') * x\n" for n in range(60)
    )
    files = {f"kiosk/m{n}.py": f"from kiosk import m{n + 1}\n{body}" if n < 5 else body for n in range(6)}
    calls = "".join(f"    m{n}.f{i}(1)\n" for n in range(6) for i in range(60))
    made = packed_of(
        {**files, "main.py": f"from kiosk import m0, m1, m2, m3, m4, m5\n\n\ndef run():\n{calls}"}
    )
    assert len(made.texts) == 3
    assert all(len(code) <= 8192 for code in compile_all(made.texts).values())


def test_what_one_statement_calls_stands_there() -> None:
    files = program("one_call")
    text = "".join(packed_of(files).texts.values())
    assert sum(source.count("def ") for source in files.values()) == 39
    # what stays: a name that a function assigns, names that the caller hides, a comprehension over such, an
    # `elif`, a call in `try` whose error's name is taken, a closure, a method that a class below has too
    assert text.count("def ") == 28


def test_what_imports_for_a_moment_is_no_part_of_who_calls_it(tmp_path: Path) -> None:
    # the caller's variable would hold the module for as long as the caller runs
    files = {
        "kiosk/__init__.py": "",
        "kiosk/seldom.py": "def turn(n):\n    print('turn', n)\n",
        "main.py": (
            "def run():\n    for n in range(2):\n        _turn(n)\n\n\n"
            "def _turn(n):\n    from kiosk import seldom\n\n    seldom.turn(n)\n"
        ),
    }
    plain, packed = both(tmp_path, files)
    assert plain == packed == "turn 0\nturn 1\nloaded 2\n"
    assert packed_of(files).texts["main"].count("def ") == 2


def test_a_variable_may_be_called_as_a_module_that_its_function_uses(tmp_path: Path) -> None:
    files = {
        "kiosk/__init__.py": "",
        "kiosk/typed.py": (
            "from kiosk.waiting import Waiting\n\n\n"
            "def ask(n):\n    waiting = Waiting(n)\n    return [waiting.n for kiosk in range(n)]\n"
        ),
        "kiosk/menu.py": (
            "from kiosk.waiting import Waiting\n\n\ndef pick(waiting):\n    return Waiting(waiting).n\n"
        ),
        "kiosk/waiting.py": "class Waiting:\n    def __init__(self, n):\n        self.n = n\n",
        "main.py": (
            "def run():\n    from kiosk.typed import ask\n    from kiosk.menu import pick\n\n"
            "    print(ask(2), pick(3))\n"
        ),
    }
    plain, packed = both(tmp_path, files)
    assert plain == packed == "[2, 2] 3\nloaded 1\n"
    assert ["kiosk.waiting"] in packed_of(files).members.values()


def test_modules_of_the_chip_are_imported_once_in_a_chunk(tmp_path: Path) -> None:
    size = "def {0}(n):\n    return len(struct.pack('<H', n)) + {1}\n"
    files = {
        "kiosk/__init__.py": "",
        "kiosk/a.py": "import struct\n\n\n" + size.format("one", 1),
        "kiosk/b.py": "import struct, os\nfrom time import sleep, time\n\n\n"
        + size.format("two", "(time() > 0)"),
        "main.py": (
            "from kiosk import a, b\n\n\ndef run():\n    print(a.one(1), b.two(2))\n"
            "    print(a.one(3), b.two(4))\n"
        ),
    }
    plain, packed = both(tmp_path, files)
    assert plain == packed == "3 3\n3 3\nloaded 1\n"
    assert packed_of(files).texts["main"].startswith("import struct\n")
    assert packed_of(files).texts["main"].count("import ") == 2


def test_a_module_that_is_let_go_of_is_not_handed_around(tmp_path: Path) -> None:
    files = {
        "kiosk/__init__.py": "",
        "kiosk/seldom.py": (
            "class Line:\n    def connect(self):\n        return 'connected'\n\n\n"
            "def connect(line):\n    return line.connect()\n\n\n"
            "def greet(line):\n    said = connect(line)\n    return said + '!'\n"
        ),
        "main.py": (
            "def run():\n    from kiosk import seldom\n\n    line = seldom.Line()\n"
            "    print(seldom.greet(line))\n    print(seldom.greet(line))\n    del seldom\n"
        ),
    }
    plain, packed = both(tmp_path, files)
    assert plain.startswith("connected!\nconnected!\n") and packed.startswith("connected!\nconnected!\n")
    assert "".join(packed_of(files).texts.values()).count("def ") == 3  # connect() stands in greet() alone


def test_a_module_that_may_not_be_there_is_imported_where_it_stands(tmp_path: Path) -> None:
    main = "print('begun')\nimport no_such_module\n\n\ndef run():\n    no_such_module.run()\n"
    plain, packed = both(tmp_path, {"main.py": main})
    assert plain.startswith("begun\n") and packed.startswith("begun\n")
    assert "no module named 'no_such_module'" in packed


def test_long_texts_stand_in_one_place_once() -> None:
    made = packed_of(program("said"))
    calls = re.findall(r"\w+\((\d+)\)", made.texts["main"])
    assert len(calls) > len(set(calls)) > 3  # one of them twice
    assert "said twice" not in made.texts["main"].split("def ")[-1]
    assert "a default that is long" in made.texts["main"] and "余额不足" in made.texts["main"]


def test_seldom_used_modules_of_the_same_last_name_are_both_there(tmp_path: Path) -> None:
    files = {
        "kiosk/__init__.py": "",
        "net/__init__.py": "",
        "kiosk/pairing.py": "def show():\n    print('a code')\n",
        "net/pairing.py": "def ask():\n    print('a bundle')\n",
        "main.py": (
            "def run():\n    from kiosk.pairing import show\n    from net.pairing import ask\n\n"
            "    show()\n    ask()\n"
        ),
    }
    plain, packed = both(tmp_path, files)
    assert plain.startswith("a code\na bundle\n") and packed.startswith("a code\na bundle\n")


def test_what_the_same_imports_bring_shares_a_chunk(tmp_path: Path) -> None:
    files = {
        "deep.py": "def one(value):\n    return value + 1\n",
        "shared.py": "import deep\n\n\ndef two(value):\n    return deep.one(value) * 2\n",
        "buy.py": "import shared\n\n\ndef buy():\n    print(shared.two(1))\n",
        "ask.py": "import shared\n\n\ndef ask():\n    print(shared.two(2))\n",
        "main.py": "def run():\n    from buy import buy\n    from ask import ask\n\n    buy()\n    ask()\n",
    }
    plain, packed = both(tmp_path, files)
    assert plain.startswith("4\n6\n") and packed.startswith("4\n6\n")
    held = {tuple(modules) for modules in packed_of(files).members.values()}
    assert held == {("main",), ("buy",), ("ask",), ("deep", "shared")}
