"""Firmware images as files: versions, whole images, what is damaged, and a flash chip's partition."""

import hashlib
from collections.abc import Callable

import pytest

from protocol.wire import image, image_file

ROM = bytes(range(256)) * 3 + b"end"
CONTENT = image_file.make(ROM, "1.2.3", 0b11, (1, 0b10))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.0.1", 1),
        ("0.0.999", 999),
        ("0.1.0", 1000),
        ("1.0.0", 1_000_000),
        ("1.2.3", 1_002_003),
        ("0.999.999", 999_999),
        ("7.999.999", 7_999_999),
        ("3999.0.0", 3_999_000_000),
        ("4000.999.999", 4_000_999_999),
    ],
)
def test_a_version_and_its_number_say_each_other(text: str, number: int) -> None:
    assert image_file.number(text) == number and image_file.text(number) == text


def test_any_number_that_a_header_holds_has_a_text() -> None:
    assert [image_file.text(number) for number in (0, 2**32 - 1)] == ["0.0.0", "4294.967.295"]


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..", "1", "1.2", "1.2.", ".1.2", "1..2", "1.2.3.4", "1.2.3."),
        *("01.2.3", "1.00.3", "1.2.03", "-1.2.3", "1.+2.3", " 1.2.3", "1.2.3\n", "1. 2.3", "v1.2.3"),
        *("1.2.3a", "a.b.c", "1,2,3", "1.2.1_0", "0x1.0.0", "1e3.0.0"),
        *("1.2.³", "١.٢.٣", "１.2.3", "①.0.0", "1.2." + "9" * 5000),
    ],
)
def test_what_is_not_three_numbers_is_no_version(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        image_file.number(text)
    assert str(refused.value) == "a version is three numbers, such as 1.2.3"


@pytest.mark.parametrize(
    "text", ["0.0.0", "4001.0.0", "1.1000.0", "1.0.1000", "4001.1000.1000", "0.1000.0", "0.0.999999999"]
)
def test_each_number_of_a_version_has_a_most(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        image_file.number(text)
    assert str(refused.value) == "a version is 0.0.1 to 4000.999.999"


def test_an_image_says_what_it_is_made_of() -> None:
    assert image_file.check(CONTENT) == {
        "version": 1_002_003,
        "length": len(ROM),
        "boards": 0b11,
        "writes": 1,
        "reads": 0b10,
        "sha256": hashlib.sha256(ROM).digest(),
        "name": b"kiosk" + bytes(11),
    }
    assert CONTENT[64:] == ROM
    other = image_file.make(ROM, "1.2.3", 0b11, (1, 0b10), "test")
    assert image_file.check(other)["name"] == b"test" + bytes(12)


@pytest.mark.parametrize("size", [1, 2, 63 * 4096 - 64])
def test_a_firmware_that_fits_a_slot_is_an_image(size: int) -> None:
    assert image_file.check(image_file.make(bytes(size), "1.0.0", 1, (1, 2)))["length"] == size


@pytest.mark.parametrize("size", [0, 63 * 4096 - 63])
def test_a_firmware_that_does_not_is_refused_with_its_size(size: int) -> None:
    with pytest.raises(ValueError) as refused:
        image_file.make(bytes(size), "1.0.0", 1, (1, 2))
    assert str(refused.value) == f"a firmware of {size} bytes; a slot holds 257984"


def test_an_image_has_a_version() -> None:
    with pytest.raises(ValueError, match=r"^a version is 0\.0\.1 to"):
        image_file.make(ROM, "0.0.0", 1, (1, 2))


@pytest.mark.parametrize("read", [image_file.check, image_file.flashed])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it does not begin as one"),
        (CONTENT[:63], "it does not begin as one"),
        (b"\xff" + CONTENT[1:], "it does not begin as one"),
        (CONTENT[:4] + bytes(4) + CONTENT[8:], "its header has numbers out of range"),
        (CONTENT[:64], "the image has 0 bytes behind its header, which says 771"),
        (CONTENT[:-1], "the image has 770 bytes behind its header, which says 771"),
        (CONTENT + b"\xff", "the image has 772 bytes behind its header, which says 771"),
        (CONTENT[:8] + b"\x02" + CONTENT[9:], "the image has 771 bytes behind its header, which says 770"),
    ],
)
def test_another_file_or_one_cut_short_is_refused(
    read: Callable[[bytes], object], content: bytes, sentence: str
) -> None:
    with pytest.raises(image.ImageError) as refused:
        read(content)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("bit", [1, 0x80])
@pytest.mark.parametrize("at", [16, 31, 47, 64, 65, 64 + len(ROM) // 2, 63 + len(ROM)])
def test_a_bit_of_the_firmware_or_of_its_hash_is_damage(at: int, bit: int) -> None:
    with pytest.raises(image.ImageError) as refused:
        image_file.check(CONTENT[:at] + bytes([CONTENT[at] ^ bit]) + CONTENT[at + 1 :])
    assert str(refused.value) == "the image is damaged: its SHA-256 is another"


@pytest.mark.parametrize("at", [*range(4, 8), 12, 13, 15, *range(48, 64)])
def test_a_header_has_no_hash_of_its_own(at: int) -> None:
    """That is another version, board, name, or other formats: an offer to a kiosk has a MAC of the header."""
    content = CONTENT[:at] + bytes([CONTENT[at] ^ 0xFF]) + CONTENT[at + 1 :]
    assert image_file.check(content) != image_file.check(CONTENT)


@pytest.mark.parametrize("rom", [b"x", ROM, bytes(63 * 4096 - 64)])
def test_an_image_lies_in_the_first_slot_of_a_new_flash(rom: bytes) -> None:
    content = image_file.make(rom, "1.0.0", 0b11, (1, 0b10))
    flash = image_file.flashed(content)
    assert len(flash) == 0x80000
    assert flash[:8192] == b"\xff" * 8192 and flash[8192 : 8192 + len(content)] == content
    assert set(flash[8192 + len(content) :]) == {0xFF}
