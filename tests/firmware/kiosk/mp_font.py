"""Fonts: looked up where they lie; several in a row as a configuration brings them; damaged ones are
refused.
"""

from kiosk.font import Font, fonts_in


def font(height, *glyphs):
    """A font file: glyphs of (character, width), each bitmap filled with its number."""
    table, bitmaps, start = b"", b"", 7 + 8 * len(glyphs)
    for number, (character, width) in enumerate(glyphs):
        table += ord(character).to_bytes(3, "little") + bytes([width])
        table += (start + len(bitmaps)).to_bytes(4, "little")
        bitmaps += bytes([number + 1]) * ((width + 7) // 8 * height)
    return b"TLF1" + bytes([height]) + len(glyphs).to_bytes(2, "little") + table + bitmaps


def test_each_character_is_found_and_no_other():
    found = Font(font(16, ("A", 8), ("美", 16), ("\U0002070e", 16)))
    assert found.height == 16
    assert found.find("A") == (8, b"\x01" * 16)
    assert found.find("美") == (16, b"\x02" * 32)
    assert found.find("\U0002070e") == (16, b"\x03" * 32)
    for character in "@B甲丽":
        assert found.find(character) is None


def test_fonts_of_two_sizes_stand_in_a_row():
    small, large = fonts_in(font(16, ("甲", 16)) + font(24, ("甲", 24), ("美", 24)))
    assert (small.height, large.height) == (16, 24)
    assert small.find("甲") == (16, b"\x01" * 32) and large.find("美") == (24, b"\x02" * 72)
    assert fonts_in(b"") == []


def test_what_is_no_font_is_an_error_and_a_cut_one_is_left_out():
    good = font(16, ("甲", 16), ("美", 16))
    for damaged in (b"", good[:6], b"TLF2" + good[4:]):
        try:
            Font(damaged)
        except ValueError:
            continue
        raise AssertionError(damaged)
    assert len(fonts_in(good + good[:-1])) == 1
