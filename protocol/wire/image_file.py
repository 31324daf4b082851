"""Firmware images as files: made by the build, read by the host, laid into a flash chip by the workshop."""

import hashlib
import re

from protocol.wire import image

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

PARTITION_BYTES = 0x80000  # of the partition `romfs`
SLOTS_AT = 2 * 4096  # in it: two blocks for the slot record, then the slots
PARTS_MAX = 999  # of a version x.y.z, for y and z
MAJOR_MAX = 4000
_NUMBER = re.compile("0|[1-9][0-9]{0,8}")  # isdigit() takes ³ too, which is no number to int()


def number(version: str) -> int:
    """ "1.2.3" -> 1002003, by which a kiosk tells older from newer; ValueError."""
    parts = version.split(".")
    if len(parts) != 3 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ValueError("a version is three numbers, such as 1.2.3")
    major, minor, patch = [int(part) for part in parts]
    if major > MAJOR_MAX or minor > PARTS_MAX or patch > PARTS_MAX or not major + minor + patch:
        raise ValueError("a version is 0.0.1 to %d.%d.%d" % (MAJOR_MAX, PARTS_MAX, PARTS_MAX))
    return (major * 1000 + minor) * 1000 + patch


def text(version: int) -> str:
    """The inverse of number()."""
    return "%d.%d.%d" % (version // 1_000_000, version // 1000 % 1000, version % 1000)


def make(romfs: bytes, version: str, boards: int, journal: tuple[int, int], name: str = "kiosk") -> bytes:
    """Header and ROM file system; ValueError when it does not fit a slot."""
    if not 0 < len(romfs) <= image.LENGTH_MAX:
        raise ValueError("a firmware of %d bytes; a slot holds %d" % (len(romfs), image.LENGTH_MAX))
    digest = hashlib.sha256(romfs).digest()
    return image.pack(number(version), len(romfs), boards, journal, digest, name.encode()) + romfs


def check(content: bytes) -> "dict[str, Any]":
    """Fields of the header of a whole image file; image.ImageError when it is another file, cut short or
    damaged.
    """
    found = image.unpack(content[: image.SIZE])
    romfs = content[image.SIZE :]
    if len(romfs) != found["length"]:
        raise image.ImageError(
            "the image has %d bytes behind its header, which says %d" % (len(romfs), found["length"])
        )
    if hashlib.sha256(romfs).digest() != found["sha256"]:
        raise image.ImageError("the image is damaged: its SHA-256 is another")
    return found


def flashed(content: bytes) -> bytes:
    """The partition `romfs` of a kiosk from the workshop: this image in the first slot, all else erased."""
    check(content)
    head = b"\xff" * SLOTS_AT + content
    return head + b"\xff" * (PARTITION_BYTES - len(head))
