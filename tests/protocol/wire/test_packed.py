"""The packed table, as bytes written by hand; that the build packs so: tests/tools/pack."""

import struct
from typing import Any

import pytest

from protocol.wire import packed

FAR = 0x8000  # a word may begin where a signed number of 16 bits has ended
WORDS = b"\x04uint\x05bytes\x05hello\x04sale".ljust(FAR, b"\0") + b"\x0cmoney_in_fen\x01x\x00"
UINT, BYTES, HELLO, SALE, MONEY, X, NAMELESS = 0, 5, 11, 17, FAR, FAR + 13, FAR + 15
PADDED = 0x82  # and a shape at a pair of bytes above 127
SHAPES = (
    bytes([UINT])
    + b"B"
    + struct.pack("<BB", 0, 255)
    + bytes([BYTES])
    + b"h"
    + struct.pack("<hh", -2, 300)
    + bytes([UINT])
    + b"q"
    + struct.pack("<qq", -1, 2**32)
).ljust(2 * PADDED, b"\0") + (bytes([UINT]) + b"I" + struct.pack("<II", 7, 2**31))
SALE_FIELDS = (
    (1 + 128, 0, MONEY, (1, "money_in_fen", "uint", "", 0, 255, True)),
    (127, 2, X, (127, "x", "bytes", "", -2, 300, False)),
    (128, 5, X, (0, "x", "uint", "", -1, 2**32, True)),
    (2, PADDED, NAMELESS, (2, "", "uint", "", 7, 2**31, False)),
)


def packed_row(kind: int, direction: int, word: int, fields: bytes) -> bytes:
    return struct.pack("<BBBH", kind, direction, len(fields), word) + fields


ROWS = (
    packed_row(0, 1, HELLO, b"")
    + packed_row(200, 2, SALE, b"".join(struct.pack("<BBH", *field[:3]) for field in SALE_FIELDS))
    + packed_row(3, 255, MONEY, struct.pack("<BBH", 9, 0, HELLO) * 63)
    + packed_row(255, 0, X, struct.pack("<BBH", 4, 2, SALE))
)


@pytest.fixture(autouse=True)
def put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ROWS", ROWS), ("WORDS", WORDS), ("SHAPES", SHAPES)):
        monkeypatch.setattr(packed, name, value)


@pytest.mark.parametrize(
    ("kind", "name", "direction", "fields"),
    [
        (0, "hello", 1, []),
        (200, "sale", 2, [field[3] for field in SALE_FIELDS]),
        (3, "money_in_fen", 255, [(9, "hello", "uint", "", 0, 255, False)] * 63),
        (255, "x", 0, [(4, "sale", "bytes", "", -2, 300, False)]),
    ],
)
def test_a_row_is_found_wherever_it_stands(
    kind: int, name: str, direction: int, fields: list[tuple[Any, ...]]
) -> None:
    found = packed.row(kind)
    assert (found[0], found[1], list(found[2])) == (name, direction, fields)


@pytest.mark.parametrize("kind", [1, 2, 4, 9, 199, 201, 254, 256, -1])
def test_a_message_that_has_no_row_is_none(kind: int) -> None:
    assert packed.row(kind) is None


def test_fields_of_two_messages_are_read_by_turns() -> None:
    """One message may hold another: nothing of the first is lost while the second is looked at."""
    _, _, outer = packed.row(200)
    first = next(outer)
    _, _, inner = packed.row(200)
    assert [first, *outer] == list(inner) == [field[3] for field in SALE_FIELDS]
