"""A header of 64 bytes says what an image is, and one that cannot be true is refused."""

import struct
from typing import Any

import pytest

from protocol.wire import image

U32 = 2**32 - 1
FIELDS: dict[str, Any] = {
    "version": 0x01020304,
    "length": 0x3A0B0,
    "boards": 0x0201,
    "writes": 3,
    "reads": 0b1010,
    "sha256": bytes(range(32)),
    "name": b"kiosk" + bytes(11),
}
HEADER = b"TLU1\4\3\2\1\xb0\xa0\3\0\1\2\x03\x0a" + FIELDS["sha256"] + FIELDS["name"]


def header(**changed: Any) -> bytes:
    fields = {**FIELDS, **changed}
    journal = fields.pop("writes"), fields.pop("reads")
    return image.pack(journal=journal, **fields)


def test_each_field_has_its_place() -> None:
    assert header() == HEADER and len(HEADER) == image.SIZE == 64
    assert image.unpack(HEADER) == FIELDS


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 1),
        ("version", U32),
        ("length", 1),
        ("length", 63 * 4096 - 64),
        ("boards", 0),
        ("boards", 0xFFFF),
        ("writes", 0),
        ("writes", 7),
        ("reads", 0),
        ("reads", 255),
        ("sha256", b"\xff" * 32),
        ("name", bytes(16)),
        ("name", b"sixteen letters!"),
    ],
)
def test_what_a_field_may_be_at_most_and_at_least_comes_back(field: str, value: int | bytes) -> None:
    assert image.unpack(header(**{field: value})) == {**FIELDS, field: value}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 0),
        ("length", 0),
        ("length", 63 * 4096 - 63),
        ("length", U32),
        ("writes", 8),
        ("writes", 255),
    ],
)
def test_one_number_out_of_range_is_enough(field: str, value: int) -> None:
    with pytest.raises(image.ImageError) as refused:
        image.unpack(header(**{field: value}))
    assert str(refused.value) == "its header has numbers out of range"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEADER[:63],
        HEADER + b"\0",
        HEADER + HEADER,
        *(HEADER[:at] + bytes([HEADER[at] ^ 1]) + HEADER[at + 1 :] for at in range(4)),
        b"TLS1" + HEADER[4:],
        b"\xff" * 64,
        bytes(64),
    ],
)
def test_other_bytes_do_not_begin_as_one(data: bytes) -> None:
    with pytest.raises(image.ImageError) as refused:
        image.unpack(data)
    assert str(refused.value) == "it does not begin as one"


@pytest.mark.parametrize(
    ("field", "value"), [("version", U32 + 1), ("boards", 0x10000), ("writes", 256), ("reads", -1)]
)
def test_what_has_no_room_in_its_field_makes_no_header(field: str, value: int) -> None:
    with pytest.raises(struct.error):
        header(**{field: value})
