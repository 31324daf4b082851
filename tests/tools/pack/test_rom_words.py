"""Words said to be in the interpreter's ROM are there; names of the chip's own objects stay."""

import re
import subprocess
from pathlib import Path

from tests.micropython import micropython
from tools.check_firmware import PACKAGES, link_stubs
from tools.firmware import FROZEN_SOURCES, ROOT, packed, sources
from tools.pack.rom_words import CHUNK_WORDS, OTHER_WORDS, ROM_WORDS, SPARE_WORDS

ASK = """
import gc, micropython
micropython.qstr_info()
for line in open("words"):
    hasattr(gc, line.strip())
micropython.qstr_info()
"""


def added(words: list[str], folder: Path) -> int:
    """How many names the interpreter did not have yet."""
    (folder / "words").write_text("\n".join(words))
    (folder / "ask.py").write_text(ASK)
    done = subprocess.run([micropython(), "ask.py"], cwd=folder, capture_output=True, text=True, check=True)
    before, after = [int(n) for n in re.findall(r"n_qstr=(\d+)", done.stdout)]
    return after - before


def test_the_interpreter_has_them_all(tmp_path: Path) -> None:
    assert added(sorted(ROM_WORDS), tmp_path) == added([], tmp_path)
    assert added(["surely_no_name_of_anything"], tmp_path) == added([], tmp_path) + 1


def test_spare_words_are_in_rom_and_none_stands_twice() -> None:
    assert len(set(SPARE_WORDS)) == len(SPARE_WORDS)
    assert set(SPARE_WORDS) <= ROM_WORDS


def test_nothing_that_the_chips_own_objects_are_asked_for_is_renamed(tmp_path: Path) -> None:
    """A method of ours may be called like one of theirs: then both keep the name."""
    link_stubs(tmp_path)
    theirs: set[str] = set()
    for module in ("machine", "network", "esp32", "vfs"):
        for path in [*tmp_path.glob(f"{module}.pyi"), *tmp_path.glob(f"{module}/*.pyi")]:
            theirs |= set(re.findall(r"def (\w+)\(", path.read_text()))
    assert {"duty_u16", "readblocks", "isconnected"} <= theirs, PACKAGES
    files = sources(ROOT)
    frozen = {name: files.pop(name) for name in FROZEN_SOURCES}
    renamed = set().union(*packed(files, frozen).attributes.values())
    assert renamed & theirs == set(), "add them to OTHER_WORDS of tools/pack/rom_words.py"
    assert not renamed & OTHER_WORDS


def test_no_chunk_is_called_like_a_module_of_the_interpreter() -> None:
    done = subprocess.run(
        [micropython(), "-c", "help('modules')"], capture_output=True, text=True, check=True
    )
    modules = set(re.findall(r"\w+", done.stdout.partition("Plus")[0]))
    assert {"re", "asyncio", "core"} <= modules
    assert modules & set(CHUNK_WORDS) == set()
    files = sources(ROOT)
    frozen = {name: files.pop(name) for name in FROZEN_SOURCES}
    assert modules & packed(files, frozen).members.keys() == set()
