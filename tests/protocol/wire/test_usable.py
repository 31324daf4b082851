"""What a kiosk could not work by is named; what it could is not."""

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
