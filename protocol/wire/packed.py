"""The message table as bytes, which stay in ROM; a row is unpacked while it is looked at.

    ROWS    for each message: kind u8 | direction u8 | bytes of it u16 LE | name | its fields
    field   key u8 | place in WHATS u8 | length there u8 | required u8 | number of its limits u8 | name
    name    length u8 | ASCII
    LIMITS  low i64 LE | high i64 LE
    WHATS   the kinds of fields, one after the other
The build of the image puts the table in; units are for readers of the document.
"""

import struct

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

ROWS = b""
LIMITS = b""
WHATS = ""


def row(kind: int) -> "Any":
    """As rows.row."""
    rows, at = ROWS, 0
    while at < len(rows):
        end = at + rows[at + 2] + (rows[at + 3] << 8)
        if rows[at] == kind:
            name = at + 5 + rows[at + 4]
            return str(rows[at + 5 : name], "ascii"), rows[at + 1], _fields(rows, name, end)
        at = end
    return None


def _fields(rows: bytes, at: int, end: int) -> "Generator[tuple[Any, ...], None, None]":
    while at < end:
        key, what, size, required, limits, length = struct.unpack_from("<6B", rows, at)
        at += 6 + length
        name = str(rows[at - length : at], "ascii")
        low, high = struct.unpack_from("<qq", LIMITS, limits * 16)
        yield key, name, WHATS[what : what + size], "", low, high, required == 1
