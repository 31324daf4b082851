"""The message table in the form that a kiosk's image holds: see protocol/wire/packed.py."""

import struct
from typing import Any

from protocol.wire.messages import MESSAGES

INSTEAD = {("protocol.wire.rows", "row"): ("protocol.wire.packed", "row")}


def values(table: dict[int, tuple[str, int, tuple[Any, ...]]] = MESSAGES) -> dict[tuple[str, str], Any]:
    """What the names in packed.py stand for."""
    whats, limits, rows = "", [], b""
    for kind, (name, direction, fields) in sorted(table.items()):
        content = _name(name)
        for key, word, what, _unit, low, high, required in fields:
            if what not in whats:
                whats += what
            if (low, high) not in limits:
                limits.append((low, high))
            place = bytes([whats.index(what), len(what), required, limits.index((low, high))])
            content += bytes([key]) + place + _name(word)
        rows += bytes([kind, direction]) + (4 + len(content)).to_bytes(2, "little") + content
    packed = {"ROWS": rows, "LIMITS": b"".join(struct.pack("<qq", *pair) for pair in limits), "WHATS": whats}
    return {("protocol.wire.packed", name): value for name, value in packed.items()}


def _name(word: str) -> bytes:
    return bytes([len(word)]) + word.encode("ascii")
