"""The font files: format, sizes, distinct glyphs, and what happens to characters that cannot be drawn."""

import struct
from pathlib import Path

import pytest

from tools import font
from tools.font import LARGE, LARGE_48, TEXT_24, Style, build, characters

Glyph = tuple[int, bytes]


def parse(data: bytes) -> tuple[int, dict[str, Glyph]]:
    """Read the format as its description says, independently of the writer."""
    assert data[:4] == b"TLF1"
    height, count = data[4], int.from_bytes(data[5:7], "little")
    glyphs, codes = {}, []
    for start in range(7, 7 + 8 * count, 8):
        code = int.from_bytes(data[start : start + 3], "little")
        width, offset = struct.unpack("<BI", data[start + 3 : start + 8])
        glyphs[chr(code)] = (width, data[offset : offset + (width + 7) // 8 * height])
        codes.append(code)
    assert codes == sorted(set(codes))
    return height, glyphs


def ink_rows(glyph: Glyph, height: int) -> list[int]:
    width, bits = glyph
    size = (width + 7) // 8
    return [int.from_bytes(bits[row * size : row * size + size], "big") for row in range(height)]


def test_text_font_holds_every_character_in_its_cell() -> None:
    chars = font.ALWAYS + "此卡已付未扣款，。：￥"
    height, glyphs = parse(build(chars, TEXT_24))
    assert height == 24
    assert set(glyphs) == set(chars)
    assert {glyphs[char][0] for char in font.ALWAYS} == {12}
    assert {glyphs[char][0] for char in "此卡，￥"} == {24}


def test_glyphs_are_distinct_and_none_is_empty_but_the_blanks() -> None:
    _, glyphs = parse(build(characters() + "\u3000", TEXT_24))
    drawn = {char: glyph for char, glyph in glyphs.items() if char not in " \u3000"}
    assert all(any(bits) for _, bits in drawn.values())
    assert len(set(drawn.values())) == len(drawn)
    assert not any(glyphs[" "][1]) and not any(glyphs["\u3000"][1])


@pytest.mark.parametrize("style", font.STYLES)
def test_each_font_can_be_read_back_from_a_grid_of_four_by_eight(style: Style) -> None:
    height, glyphs = parse(build(LARGE, style))
    assert height == style.height and height % 8 == 0
    assert all(width % 4 == 0 for width, _ in glyphs.values())


def test_large_digits() -> None:
    height, glyphs = parse(build(LARGE, LARGE_48))
    assert height == 48
    assert set(glyphs) == set("0123456789.,-¥")
    assert {char: width for char, (width, _) in glyphs.items() if width != 24} == {".": 12, ",": 12}
    inked = [row for row, bits in enumerate(ink_rows(glyphs["8"], 48)) if bits]
    assert inked[-1] - inked[0] >= 30, "a digit should fill most of its cell"


def test_padding_bits_of_a_row_are_empty() -> None:
    """12-px cells take two bytes a row; the last four bits are no pixels."""
    _, glyphs = parse(build("W@M", TEXT_24))
    assert all(row & 0xF == 0 for glyph in glyphs.values() for row in ink_rows(glyph, 24))


def test_upright_and_the_right_way_round() -> None:
    _, glyphs = parse(build("L", TEXT_24))
    rows = [row for row in ink_rows(glyphs["L"], 24) if row]
    assert rows[-1].bit_count() > rows[0].bit_count(), "the foot of an L is its last row"
    assert rows[0] > rows[-1] ^ rows[0], "the stem of an L is at its left"


def test_characters_come_from_string_constants(tmp_path: Path) -> None:
    texts = tmp_path / "texts.py"
    texts.write_text('A = "余额"\ndef f(x):\n    return f"还剩{x}次\\n"\n# 注释\n', encoding="utf-8")
    found = characters(texts)
    assert set("余额还剩次") <= set(found)
    assert not set("注释\n") & set(found)
    assert set(font.ASCII) <= set(found)


def test_without_texts_there_is_ascii(tmp_path: Path) -> None:
    assert characters(tmp_path / "none.py") == "".join(sorted(font.ALWAYS + font.SYMBOLS))


def test_a_character_that_the_typeface_lacks_is_named() -> None:
    with pytest.raises(ValueError, match=r"U\+1F4B3.*use another"):
        build("A💳", TEXT_24)


def test_glyphs_that_look_the_same_are_refused() -> None:
    tiny = Style(height=2, narrow=2, wide=2, point=2, size=3, baseline=2, threshold=60)
    with pytest.raises(ValueError, match="cannot be told from"):
        build(font.ASCII, tiny)
