"""What kiosk and host share about updates, and that its messages have numbers of their own."""

import importlib
import pkgutil

import pytest

from protocol import wire
from protocol.wire import image, image_file, messages, updates


def test_no_two_messages_have_one_number() -> None:
    """Tables of several modules are joined into one: a number that two have would leave one out."""
    found: dict[int, str] = {}
    for module in pkgutil.iter_modules(wire.__path__):
        if module.name == "messages":
            continue
        table = getattr(importlib.import_module(f"protocol.wire.{module.name}"), "MESSAGES", {})
        for number, row in table.items():
            assert number not in found, f"{number} is {found.get(number)} and {row[0]}"
            found[number] = row[0]
    assert all(messages.MESSAGES[number][0] == name for number, name in found.items())


def test_a_mac_is_one_kiosks_for_one_header() -> None:
    header = image_file.make(b"firmware", "1.2.3", 0b11, (1, 0b10))[: image.SIZE]
    macs = {
        updates.mac(secret, changed)
        for secret in (bytes(32), b"\1" + bytes(31))
        for changed in (header, header[:-1] + b"x")
    }
    assert len(macs) == 4 and all(len(mac) == 32 for mac in macs)


def test_a_piece_ends_at_its_row() -> None:
    assert [updates.piece_end(at) for at in (64, 1023, 1024, 2047, 4096)] == [1024, 1024, 2048, 2048, 5120]


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.0.1", 1), ("1.2.3", 1_002_003), ("0.999.999", 999_999), ("4000.999.999", 4_000_999_999)],
)
def test_versions_rise_as_their_numbers_do(text: str, number: int) -> None:
    assert image_file.number(text) == number and image_file.text(number) == text


def test_an_image_lies_in_the_first_slot_of_a_new_flash() -> None:
    content = image_file.make(bytes(image.LENGTH_MAX), "1.0.0", 0b11, (1, 0b10))
    flash = image_file.flashed(content)
    assert len(flash) == 0x80000
    assert flash[:8192] == b"\xff" * 8192 and flash[8192 : 8192 + len(content)] == content
    assert set(flash[8192 + len(content) :]) == {0xFF}
    with pytest.raises(image.ImageError, match="begin"):
        image_file.flashed(b"\xff" + content[1:])


@pytest.mark.parametrize("at", range(0, 64, 3))
def test_a_header_of_other_bytes_is_no_image(at: int) -> None:
    content = bytearray(image_file.make(b"firmware", "1.0.0", 0b11, (1, 0b10)))
    content[at] ^= 0xFF
    if at in range(4, 8) or at in (12, 13, 15) or at >= 48:
        assert image_file.check(bytes(content)), "that is another version, board, name, or other formats"
        return
    with pytest.raises(image.ImageError):
        image_file.check(bytes(content))
