"""The partition table of a kiosk's flash chip, from its CSV file: ESP-IDF, Partition Tables.

32 bytes each: AA 50 | type u8 | subtype u8 | offset u32 | size u32 | label 16 | flags u32
then EB EB, 14 times FF, MD5 of all before; the rest of 0xC00 bytes is FF
"""

import hashlib
import struct
from pathlib import Path
from typing import NamedTuple

from host.errors import HostError

AT = 0x8000  # where every ESP32 looks for it
SIZE = 0xC00
SECTOR = 0x1000
LABEL_MAX = 15
TYPES = {"app": 0, "data": 1}
SUBTYPES = {"factory": 0, "nvs": 2, "phy": 1}


class Partition(NamedTuple):
    """One line of the table; offset and size in bytes."""

    label: str
    type: int
    subtype: int
    offset: int
    size: int


def read(path: Path) -> dict[str, Partition]:
    """{label: partition} of a CSV file; HostError."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeError) as error:
        raise HostError(f"The partition table {path} cannot be read: {error}.") from None
    found: dict[str, Partition] = {}
    end = AT + SECTOR
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.partition("#")[0].split(",")]
        if cells == [""]:
            continue
        try:
            label, kind, subtype, offset, size = cells
            under = SUBTYPES[subtype] if subtype in SUBTYPES else int(subtype, 0)
            made = Partition(label, TYPES[kind], under, int(offset, 0), int(size, 0))
        except (ValueError, KeyError):
            raise HostError(f"{path} line {number}: not a partition: {line}") from None
        if made.offset < end or made.offset % SECTOR or made.size % SECTOR or not 0 < len(label) <= LABEL_MAX:
            raise HostError(
                f"{path} line {number}: a partition must follow the one before, in whole sectors."
            )
        end = made.offset + made.size
        found[label] = made
    if not found:
        raise HostError(f"{path} has no partitions.")
    return found


def table(partitions: dict[str, Partition]) -> bytes:
    """The table as it lies in flash, SIZE bytes."""
    rows = b"".join(
        struct.pack(
            "<2sBBII16sI", b"\xaa\x50", one.type, one.subtype, one.offset, one.size, one.label.encode(), 0
        )
        for one in partitions.values()
    )
    check = b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(rows, usedforsecurity=False).digest()
    return (rows + check).ljust(SIZE, b"\xff")
