"""The header of a firmware image, 64 bytes before its ROM file system.

    "TLU1" | version u32 | length u32 | boards u16 | writes u8 | reads u8 | SHA-256 | name, 16 bytes

Little endian. length and SHA-256 are of the ROM file system. boards: bit n = it runs on boards of kind n.
writes: the format of the journal that it writes; reads: bit n = it can read format n. A kiosk takes an image
only when each of old and new can read what the other writes, so a journal survives an update and its way
back.
"""

import struct

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

MAGIC = b"TLU1"
SIZE = 64
LENGTH_MAX = 63 * 4096 - SIZE  # what a slot holds
_FORM = "<4sIIHBB32s16s"


class ImageError(ValueError):
    """These bytes are no header of a firmware image."""


def unpack(header: bytes) -> "dict[str, Any]":
    """64 bytes -> {version, length, boards, writes, reads, sha256, name}; ImageError."""
    if len(header) != SIZE or header[:4] != MAGIC:
        raise ImageError("it does not begin as one")
    _, version, length, boards, writes, reads, sha256, name = struct.unpack(_FORM, header)
    if not version or not 0 < length <= LENGTH_MAX or writes > 7:
        raise ImageError("its header has numbers out of range")
    return {
        "version": version,
        "length": length,
        "boards": boards,
        "writes": writes,
        "reads": reads,
        "sha256": sha256,
        "name": name,
    }


def pack(
    version: int, length: int, boards: int, journal: tuple[int, int], sha256: bytes, name: bytes
) -> bytes:
    """The header with these fields; journal: (writes, reads)."""
    return struct.pack(_FORM, MAGIC, version, length, boards, journal[0], journal[1], sha256, name)
