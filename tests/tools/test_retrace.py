"""A traceback of packed code names what the sources say."""

import re
from pathlib import Path

from tests.tools.pack.packing import both, packed_of, program
from tools.retrace import Reader


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
