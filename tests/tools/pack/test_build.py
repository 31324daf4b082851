"""A packed program does what its sources do, in MicroPython itself, and holds no more than is used."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.micropython import micropython
from tools.compiler import compile_all, sizes
from tools.image import image
from tools.pack.build import Given, Packed, pack
from tools.retrace import Reader

PROGRAMS = Path(__file__).parent / "programs"
FIRMWARE = Path(__file__).parents[3] / "firmware"
RUN = """
import sys
if sys.argv[1].endswith(".romfs"):
    import vfs
    vfs.mount(vfs.VfsRom(open(sys.argv[1], "rb").read()), "/rom")
    sys.path[:] = [".frozen", "/rom"]
else:
    sys.path[:] = [".frozen", sys.argv[1]]
import main
main.run()
print("loaded", len([name for name in sys.modules if name in ("main", sys.argv[2])]))
"""


def run(where: Path, script: Path, module: str = "") -> str:
    """What the program prints, and how many of main and this module were loaded in the end."""
    done = subprocess.run(
        [micropython(), str(script), str(where), module], capture_output=True, text=True, cwd=script.parent
    )
    return done.stdout + done.stderr


def packed_of(files: dict[str, str]) -> Packed:
    return pack(files, Given(), sizes)


def both(tmp_path: Path, files: dict[str, str]) -> tuple[str, str]:
    """What the sources say and what the image says."""
    script = tmp_path / "run.py"
    script.write_text(RUN)
    for name, text in files.items():
        path = tmp_path / "plain" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made = packed_of(files)
    code = {f"{name}.mpy": content for name, content in compile_all(made.texts).items()}
    rom = tmp_path / "packed.romfs"
    rom.write_bytes(image(code))
    seldom = next((chunk for chunk, modules in made.members.items() if modules == ["kiosk.seldom"]), "")
    return run(tmp_path / "plain", script, "kiosk.seldom"), run(rom, script, seldom)


def program(name: str) -> dict[str, str]:
    """Path -> text, from a file that holds several sources behind lines `### path`; an empty one is the
    firmware's."""
    parts = (PROGRAMS / f"{name}.txt").read_text(encoding="utf-8").split("### ")[1:]
    files = {head: text for head, _, text in (part.partition("\n") for part in parts)}
    return {path: text or (FIRMWARE / path).read_text(encoding="utf-8") for path, text in files.items()}


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


def test_a_traceback_is_read_back(tmp_path: Path) -> None:
    files = program("traceback")
    plain, packed = both(tmp_path, files)
    made = packed_of(files)
    reader = Reader({"places": made.places, "attributes": made.attributes}, (tmp_path / "plain",))
    read = [reader.read(line) for line in packed.splitlines()]
    assert '  File "kiosk/deep.py", line 10, in dive' in read
    assert '  File "main.py", line 5, in helper' in read
    assert read[-1].endswith("has no attribute 'bottom_m'")
    assert plain.splitlines()[-1].endswith("has no attribute 'bottom_m'")


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


def test_a_call_that_was_replaced_is_in_the_traceback(tmp_path: Path) -> None:
    files = {
        "kiosk/__init__.py": "",
        "kiosk/a.py": (
            "def _check(n):\n    if n > 1:\n        raise ValueError(n)\n    return n\n\n\n"
            "def _half(n):\n    m = n // 2\n    return _check(m)\n\n\n"
            "def half(n):\n    got = n\n    if got:\n        return _half(got)\n    return 0\n"
        ),
        "main.py": "from kiosk.a import half\n\n\ndef run():\n    print(half(2))\n    half(8)\n",
    }
    plain, packed = both(tmp_path, files)
    made = packed_of(files)
    assert "".join(made.texts.values()).count("def ") == 2
    reader = Reader({"places": made.places, "attributes": made.attributes}, (tmp_path / "plain",))
    read = "\n".join(reader.read(line) for line in packed.splitlines())
    frames = re.findall(r'(\w+)\.py", lines? ([\d-]+), in (\w+)', read)
    assert frames == [
        ("main", "5-6", "run"),
        ("a", "15", "half"),
        ("a", "9", "_half"),
        ("a", "2-3", "_check"),
    ]
    assert re.findall(r", line (\d+), in (\w+)", plain)[-4:] == [
        ("6", "run"),
        ("15", "half"),
        ("9", "_half"),
        ("3", "_check"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def run():\n    return f'{1}'\n", "main.py:2: an f-string"),
        ("from kiosk import a\n\n\ndef run():\n    return a.nothing\n", "kiosk/a.py has no nothing"),
        ("try:\n    x = 1\nexcept ValueError:\n    x = 2\nfinally:\n    x = 3\n", "main.py:1: only"),
        ("def run(:\n", "invalid syntax"),
    ],
)
def test_what_cannot_be_packed_is_named(text: str, reason: str) -> None:
    with pytest.raises((ValueError, SyntaxError), match=reason):
        packed_of({"kiosk/a.py": "A = 1\n", "main.py": text})


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("len", "def first(text):\n    return len(text)\n"),  # a builtin
        ("time", "from time import time\n\n\ndef first(text):\n    return time() > 0\n"),
        ("time", "from kiosk import box\n\n\ndef first(text):\n    time = text\n    return box.time(time)\n"),
    ],
)
def test_a_name_that_stays_and_hides_another_in_its_chunk_is_named(name: str, other: str) -> None:
    files = {
        "kiosk/__init__.py": "",
        "kiosk/box.py": f"def {name}(text):\n    return text + '!'\n",
        "kiosk/other.py": other,
        "main.py": (
            "from kiosk import box, other\n\n\ndef run():\n    _use(box)\n    _use(box)\n"
            f"    print(other.first('a'))\n\n\ndef _use(holder):\n    print(holder.{name}('b'))\n"
        ),
    }
    with pytest.raises(ValueError, match=f"kiosk/other.py: {name} is also what kiosk/box.py has"):
        packed_of(files)


LAMP = "class Lamp:\n    def __init__(self):\n        self.colour, self.level = 1, 2\n"
RING = "class Ring:\n    def __init__(self):\n        self.size = 3\n"


@pytest.mark.parametrize(
    "statement",
    [
        "lamp.size = lamp.level",  # a lamp's size might be the word of its colour
        "lamp.colour = ring.lamp.size = 5",
        "lamp.colour, lamp.size = 1, 2",
        "lamp.size += lamp.level",
        "both[0].size = 5",
    ],
)
def test_what_is_stored_on_an_object_whose_class_does_not_name_it_is_named(statement: str) -> None:
    main = f"def run(lamp, ring, both):\n    print(1)\n    {statement}\n"
    with pytest.raises(ValueError, match=r"main\.py:3: .*\.(size|colour) is stored, and no class"):
        packed_of({"kiosk/lamp.py": LAMP, "kiosk/ring.py": RING, "main.py": main})


@pytest.mark.parametrize(
    "statement", ["lamp.level = ring.size", "lamp.weight = ring.size", "ring.lamp.level = 5"]
)
def test_what_its_class_or_none_names_may_be_stored_from_outside(statement: str) -> None:
    main = f"def run(lamp, ring):\n    lamp.colour = 1\n    {statement}\n"
    assert packed_of({"kiosk/lamp.py": LAMP, "kiosk/ring.py": RING, "main.py": main}).texts


def test_a_variable_that_would_hide_a_chunk_is_named() -> None:
    files = {
        "kiosk/base.py": "def one(n):\n    return n + len(str(n))\n",
        "kiosk/seldom.py": (
            "from kiosk import base\n\n\n"
            "def two(n):\n    main = base.one(n)\n    return main + base.one(main)\n"
        ),
        "main.py": (
            "from kiosk import base\n\n\ndef run():\n    from kiosk import seldom\n\n"
            "    print(seldom.two(1), base.one(2))\n"
        ),
    }
    with pytest.raises(ValueError, match=r"kiosk/seldom\.py: main is what a chunk is called"):
        packed_of(files)


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
