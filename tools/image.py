"""A kiosk's firmware as images: a ROM file system, and the header before it that a slot and an update
have.
"""

import re
from pathlib import Path
from typing import Any

from protocol.wire import device, image_file

# Of the image's header. It runs on every kind of board. The journal's format has a
# number: it rises when an older firmware could not read what a newer one wrote, and an image says which it
# can read.
BOARDS = (1 << len(device.BOARDS)) - 1
JOURNAL = (1, 0b10)  # writes, reads
SAYS = "firmware/net/link.py"
_SAID = re.compile(r'^FIRMWARE = "([^"]+)"$', re.M)


def image(files: dict[str, bytes]) -> bytes:
    """A ROM file system (the format VfsRom mounts) that holds these files."""
    from mpremote.romfs import VfsRomWriter

    tree: dict[str, Any] = {}
    for name, content in files.items():
        *folders, leaf = name.split("/")
        here = tree
        for folder in folders:
            here = here.setdefault(folder, {})
        here[leaf] = content

    writer = VfsRomWriter()

    def add(folder: dict[str, Any]) -> None:
        for name, content in sorted(folder.items()):
            if isinstance(content, dict):
                writer.opendir(name)
                add(content)
                writer.closedir()
            else:
                writer.mkfile(name, content)

    add(tree)
    return bytes(writer.finalise())


def version(root: Path) -> str:
    """Of the release, x.y.z: what the firmware itself says in its hello. A header with another would bring a
    kiosk to a version that it never says it has. ValueError when it says none.
    """
    said = _SAID.findall((root / SAYS).read_text(encoding="utf-8"))
    if len(said) != 1:
        raise ValueError(f'{SAYS} must say the version once, as FIRMWARE = "1.2.3"')
    return str(said[0])


def with_header(rom: bytes, release: str) -> bytes:
    """An image of this release, as a slot holds it. ValueError when it does not fit one."""
    return image_file.make(rom, release, BOARDS, JOURNAL)
