"""What a kiosk could not work by is named; what it could is not."""

import struct
from typing import Any

import pytest

from host.terminals.fleet import font
from protocol.wire.config import DEFAULTS
from protocol.wire.usable import MODES, REASON_MAX, fault, font_end

FONT = font.build("美甲", font.TEXT_24)
SMALL = font.build("美", font.TEXT_16)


def test_what_is_usual_is_usable_in_every_mode_but_the_list() -> None:
    assert fault({}) == fault(DEFAULTS) == fault({"glyphs": FONT}) == ""
    for mode in MODES:
        assert fault({**DEFAULTS, "mode": mode, "prices": [["x", 1]]}) == ""
    assert fault({"mode": "list"}) == "mode list has no prices"
    assert fault({"mode": "list", "prices": []}) == "mode list has no prices"


def test_fonts_for_both_displays_stand_one_after_the_other() -> None:
    assert fault({"glyphs": FONT + SMALL}) == ""
    assert font_end(FONT + SMALL) == font_end(memoryview(FONT)) == len(FONT)
    for broken in (FONT + SMALL[:-1], FONT + b"x" + SMALL, SMALL + FONT[:20]):
        assert fault({"glyphs": broken}) == "glyphs are no font"


def test_an_unknown_mode_is_named() -> None:
    assert fault({"mode": "lottery"}) == "mode lottery is not known"
    assert len(fault({"mode": "x" * 8}).encode()) <= REASON_MAX


@pytest.mark.parametrize(
    "data", [b"T", FONT[:6], b"X" + FONT[1:], FONT[:-1], FONT[:9], FONT[:4] + b"\0" + FONT[5:]]
)
def test_a_damaged_font_is_none(data: bytes) -> None:
    assert fault({"glyphs": data}) == "glyphs are no font"


def test_every_glyph_lies_inside_and_they_rise() -> None:
    first, second = FONT[7:15], FONT[15:23]
    for table in (
        second + first,
        first + first,
        first[:4] + bytes(4) + second,
        first[:4] + b"\xff" * 4 + second,
    ):
        values: dict[str, Any] = {"glyphs": FONT[:7] + table + FONT[23:]}
        assert fault(values) == "glyphs are no font"


def font_of(height: int, *glyphs: tuple[int, int, int], size: int) -> bytes:
    """A font file of this many bytes; glyphs: (code point, width in pixels, offset)."""
    table = b"".join(struct.pack("<II", code | width << 24, offset) for code, width, offset in glyphs)
    return (b"TLF1" + struct.pack("<BH", height, len(glyphs)) + table).ljust(size, b"\xa5")


@pytest.mark.parametrize("height", [1, 16, 255])
@pytest.mark.parametrize(
    ("width", "row_bytes"), [(0, 0), (1, 1), (7, 1), (8, 1), (9, 2), (16, 2), (17, 3), (248, 31), (255, 32)]
)
def test_a_font_ends_behind_the_last_row_of_its_glyph(width: int, row_bytes: int, height: int) -> None:
    end = 15 + row_bytes * height
    data = font_of(height, (0x7F8E, width, 15), size=end)
    assert font_end(data) == font_end(data + b"what follows") == end
    assert font_end(data[:-1]) == 0


@pytest.mark.parametrize(
    ("offsets", "end"),
    [
        ((23, 25), 27),
        ((25, 23), 27),  # in another order than their glyphs
        ((23, 24), 26),  # they share a row
        ((23, 23), 25),  # two characters of one look
        ((40, 30), 42),  # with something between them
    ],
)
def test_the_glyph_that_reaches_furthest_ends_a_font(offsets: tuple[int, int], end: int) -> None:
    first, second = offsets
    data = font_of(2, (65, 8, first), (66, 8, second), size=end)
    assert font_end(data) == font_end(data + FONT) == end
    assert fault({"glyphs": data + FONT}) == ""
    assert font_end(data[:-1]) == 0


@pytest.mark.parametrize("offset", [0, 7, 22])
def test_no_glyph_lies_in_the_table(offset: int) -> None:
    assert font_end(font_of(2, (65, 8, 23), (66, 8, offset), size=99)) == 0


def test_all_code_points_may_stand_in_a_font_as_long_as_they_rise() -> None:
    codes = [0, *(1 << bit for bit in range(21)), 0x10FFFF]
    start = 7 + 8 * len(codes)
    data = font_of(1, *((code, 8, start) for code in sorted(codes)), size=start + 1)
    assert font_end(data) == start + 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (0, 0),
        (1, 0),
        (0x100, 0xFF),
        (0x7FFF, 0x7F00),
        (0x10000, 0xFFFF),
        (0x20000, 0x1FF00),
        (0x10FFFF, 0x10FFFF),
    ],
)
def test_a_code_point_that_does_not_rise_is_found(before: int, after: int) -> None:
    """The kiosk looks for a character by halves: it would miss those that stand out of order."""
    assert font_end(font_of(1, (before, 8, 23), (after, 8, 23), size=24)) == 0


@pytest.mark.parametrize("offset", [0xFF, 0x100, 0x1FF, 0x200, 0x8000, 0xFFFF, 0x10000, 0x18000, 0x20100])
def test_a_glyph_lies_where_its_offset_says(offset: int) -> None:
    data = font_of(3, (65, 16, offset), size=offset + 6)
    assert font_end(data) == offset + 6
    assert font_end(data[:-1]) == 0


@pytest.mark.parametrize("byte", [1, 2, 3])
def test_a_glyph_far_behind_the_end_is_found(byte: int) -> None:
    assert font_end(font_of(1, (65, 8, 15 + (1 << 8 * byte)), size=64)) == 0


@pytest.mark.parametrize("count", [1, 255, 256, 257, 375])
def test_a_font_has_as_many_glyphs_as_it_says(count: int) -> None:
    start = 7 + 8 * count
    data = font_of(1, *((code, 8, start) for code in range(count)), size=start + 1)
    assert font_end(data) == start + 1
    assert font_end(data[:start]) == font_end(data[: start - 1]) == 0


def test_a_font_without_glyphs_or_height_is_none() -> None:
    assert font_end(font_of(16, size=64)) == font_end(font_of(16, size=7)) == 0
    assert font_end(font_of(0, (65, 8, 15), size=64)) == 0


def test_fonts_are_whole_at_their_ends_alone() -> None:
    both = FONT + SMALL
    whole = [cut for cut in range(len(both) + 1) if not fault({"glyphs": both[:cut]})]
    assert whole == [0, len(FONT), len(both)]


@pytest.mark.parametrize("at", range(4))
def test_a_file_that_begins_otherwise_is_no_font(at: int) -> None:
    assert font_end(FONT[:at] + bytes([FONT[at] ^ 0x20]) + FONT[at + 1 :]) == 0
