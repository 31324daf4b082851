"""The message table as bytes, which stay in ROM; a row is unpacked while it is looked at.

    ROWS    for each message: kind u8 | direction u8 | bytes of its fields u8 | word u16 LE | its fields
    field   key u8, 128 more when it is required | shape u8 | word u16 LE
    WORDS   length u8 | ASCII; a message or field says at which byte its own begins
    SHAPES  word u8 | form u8 | low, high of that form (of struct); a field says at which pair of bytes
The build of the image puts the table in; units are for readers of the document.
"""

import struct

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

ROWS = b""
WORDS = b""
SHAPES = b""


def row(kind: int) -> "Any":
    """As rows.row."""
    rows, at = ROWS, 0
    while at < len(rows):
        number, direction, size, name = struct.unpack_from("<BBBH", rows, at)
        at += 5 + size
        if number == kind:
            return _word(name), direction, _fields(rows, at - size, at)
    return None


def _fields(rows: bytes, at: int, end: int) -> "Generator[tuple[Any, ...], None, None]":
    shapes = SHAPES
    while at < end:
        key, shape, name = struct.unpack_from("<BBH", rows, at)
        at += 4
        shape *= 2
        low, high = struct.unpack_from("<2" + chr(shapes[shape + 1]), shapes, shape + 2)
        yield key & 127, _word(name), _word(shapes[shape]), "", low, high, key > 127


def _word(at: int) -> str:
    words = WORDS
    return str(words[at + 1 : at + 1 + words[at]], "ascii")
