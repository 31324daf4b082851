"""What cannot be packed safely is refused, with file and name."""

import pytest

from tests.tools.pack.packing import packed_of


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def run():\n    return f'{1}'\n", "main.py:2: an f-string"),
        ("from kiosk import a\n\n\ndef run():\n    return a.nothing\n", "kiosk/a.py has no nothing"),
        ("try:\n    x = 1\nexcept ValueError:\n    x = 2\nfinally:\n    x = 3\n", "main.py:1: only"),
        ("def run(:\n", "invalid syntax"),
        ("def run():\n    from kiosk import a\n\n    print(a.A)\n    del a\n", "main.py:5: a is nothing of"),
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
