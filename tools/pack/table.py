"""The message table in the form that a kiosk's image holds: see protocol/wire/packed.py."""

import struct
from contextlib import suppress
from typing import Any

from protocol.wire.messages import MESSAGES

INSTEAD = {("protocol.wire.rows", "row"): ("protocol.wire.packed", "row")}
KEY_MAX = 127
FORMS = "BhHIq"  # of struct, the smallest first


def values(table: dict[int, tuple[str, int, tuple[Any, ...]]] = MESSAGES) -> dict[tuple[str, str], Any]:
    """What the names in packed.py stand for. ValueError for a table that does not fit its bytes."""
    whats = {field[2] for _, _, fields in table.values() for field in fields}
    names = {name for name, *_ in table.values()} | {field[1] for row in table.values() for field in row[2]}
    words, places = b"", {}
    for word in [*sorted(whats), *sorted(names - whats)]:  # a shape says in a byte where its word begins
        places[word] = len(words)
        words += bytes([len(word)]) + word.encode("ascii")
    rows, shapes = b"", _Shapes(places)
    for kind, (name, direction, fields) in sorted(table.items()):
        try:
            content = b""
            for key, word, what, _unit, low, high, required in fields:
                if not 0 <= key <= KEY_MAX:
                    raise ValueError(f"{word} has key {key}, of at most {KEY_MAX}")
                shape = shapes.number(what, low, high)
                content += struct.pack("<BBH", key + 128 * required, shape, places[word])
            rows += struct.pack("<BBBH", kind, direction, len(content), places[name]) + content
        except (struct.error, ValueError) as error:
            raise ValueError(f"message {name} does not fit the packed table: {error}") from error
    packed = {"ROWS": rows, "WORDS": words, "SHAPES": shapes.whole}
    return {("protocol.wire.packed", name): value for name, value in packed.items()}


class _Shapes:
    """Each kind and bounds of a field once."""

    def __init__(self, places: dict[str, int]) -> None:
        self.whole = b""
        self._places = places
        self._numbers: dict[bytes, int] = {}

    def number(self, what: str, low: int, high: int) -> int:
        """At which pair of bytes it stands. ValueError, struct.error."""
        shape = bytes([self._places[what]]) + _bounds(low, high)
        if shape not in self._numbers:
            self._numbers[shape] = len(self.whole) // 2
            self.whole += shape
        return self._numbers[shape]


def _bounds(low: int, high: int) -> bytes:
    """Their form and both, an even number of bytes with the one that stands before. ValueError."""
    for form in FORMS:
        with suppress(struct.error):
            return form.encode() + struct.pack("<2" + form, low, high)
    raise ValueError(f"a bound of {low} to {high} has more than 64 bits")
