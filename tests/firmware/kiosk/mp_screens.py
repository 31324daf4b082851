"""Screens: complete in both languages, and on both displays no line runs over an edge or another line."""

MICROPYTHON_ONLY = True  # framebuf

from kiosk import displays, screens, screens_told, texts
from kiosk.font import Font
from kiosk.layout import BAND, Layout
from tests.firmware.screens import catalogue


class Cells:
    """Stands for a font of the build: the widths that tools/font.py gives, no pictures. Knows every
    character.
    """

    def __init__(self, size):
        self.size = size

    def find(self, character):
        wide = (ord(character) > 0x2000 and character != "✓") or character == "×"
        return (self.size if wide else self.size // 2), b""


def layouts():
    for table in (displays.colour(), displays.mono()):
        yield Layout(table, {size: Cells(size) for size in table[-1]}, [])


def every_text():
    """(language, key) of all texts."""
    for language, words in (("zh", texts.ZH), ("en", texts.EN)):
        for line in words.strip("\n").split("\n"):
            yield language, line.split(" ")[0]


def every_screen():
    for language in ("zh", "en"):
        for _name, items in catalogue.of(language):
            yield items
    for language, key in every_text():
        yield screens.notice(language, "not_charged", key)
        yield screens.notice(language, "out", key, 500000, 500000)


def test_the_languages_have_the_same_words():
    keys = {"zh": [], "en": []}
    for language, key in every_text():
        keys[language].append(key)
        assert texts.say(language, key).strip(" |"), key
    assert sorted(keys["zh"]) == sorted(keys["en"])
    assert len(set(keys["zh"])) == len(keys["zh"])


def test_a_word_that_is_missing_is_an_error_and_a_foreign_language_speaks_chinese():
    assert texts.say("fr", "tap") == texts.say("zh", "tap") != texts.say("en", "tap")
    for key in ("", "ta", "ap", "刷卡"):
        try:
            said = texts.say("zh", key)
        except KeyError:
            continue
        raise AssertionError((key, said))


def test_every_line_fits_the_glass_and_no_two_overlap():
    for layout in layouts():
        for items in every_screen():
            turn, turns = 0, 1
            while turn < turns:
                lines, turns = layout.place(items, turn)
                turn, end = turn + 1, 0
                for y, text, size, colour, x in sorted(lines):
                    margin = layout.margin if colour & BAND else 0
                    assert y % 8 == 0 and y - margin >= end, (items, lines)
                    assert x % 4 == 0 and x >= 0 and x + layout.length(text, size) <= layout.width, text
                    end = y + size + margin
                assert end <= layout.height, lines


def test_on_the_colour_display_no_text_is_broken():
    colour, mono = layouts()
    for language, key in every_text():
        for line in texts.say(language, key).split("|"):
            assert colour.length(line, 24) <= 240, line
    for head in screens.NOTICES:
        for language in ("zh", "en"):
            items = screens.notice(language, head, "desk")
            assert mono.length(items[0][1], 16) <= 128, items[0]


def test_all_of_a_screen_is_shown_in_turns():
    _, mono = layouts()
    items = screens.paid("en", 2500, 10000, 7500, False, 500, 8, 3, True)
    seen = set()
    _, turns = mono.place(items)
    for turn in range(turns):
        lines, _ = mono.place(items, turn)
        assert [line[1] for line in lines[:2]] == ["✓Approved", "¥25.00"]
        seen.update([line[1] for line in lines[2:]])
    assert seen == {"100.00→75.00", "Loaded 5.00", "Happy birthday!", "Gold Points 8"}
    assert mono.place(items, turns) == mono.place(items, 0)


def test_long_texts_are_broken_at_blanks_and_two_parts_stand_at_the_edges():
    _, mono = layouts()
    lines, turns = mono.place((("act", "Tap this card again|and " + "x" * 20, 0),))
    assert [line[1] for line in lines] == ["Tap this card", "again", "and"] and turns == 2
    lines, _ = mono.place((("head", ("A shop of a long name", "offline"), 0),))
    assert lines[0][1] == "A shop o offline" and lines[0][4] == 0
    lines, _ = mono.place((("row", ("11-26| 12:30", "-5.00"), 0),))
    assert lines[0][1] == "11-26      -5.00"
    lines, _ = mono.place((("row", ("11| 26", "-5.00"), 0),))
    assert lines[0][1] == "11 26      -5.00"
    lines, _ = mono.place((("head", ("", "online"), 0),))
    assert lines[0][1] == " " * 10 + "online"


def test_dates_are_those_of_the_calendar():
    assert screens_told.date(0) == (1970, 1, 1, 0)
    assert screens_told.date(951_782_399) == (2000, 2, 28, 1439)
    assert screens_told.date(951_782_400) == (2000, 2, 29, 0)
    assert screens_told.date(1_800_000_000) == (2027, 1, 15, 480)
    assert screens_told.date(4_107_542_400) == (2100, 3, 1, 0)
    days = [screens_told.date(86_400 * day)[:3] for day in range(20_000, 22_000)]
    assert len(set(days)) == 2000 and days == sorted(days)


def test_amounts_are_yuan_with_two_digits():
    assert screens.yuan(2500) == "25.00"
    assert screens.yuan(5) == "0.05"
    assert screens.yuan(-1205) == "-12.05"


def test_what_is_too_long_for_large_digits_is_smaller_and_what_is_too_long_at_all_is_broken():
    colour, _ = layouts()
    lines, _ = colour.place((("sum", "9" * 15, 0),))
    assert lines[0][2] == 24
    lines, _ = colour.place((("sum", "9" * 25, 0),))
    assert [line[1] for line in lines] == ["9" * 20, "9" * 5]


def test_a_character_that_is_wider_than_the_glass_does_not_stop_the_kiosk():
    """As a configuration may bring one: its font says up to 255 pixels."""
    for layout in layouts():
        wide = layout._fonts[layout.text].find
        layout._fonts[layout.text].find = lambda c, find=wide: (255, b"") if c == "宽" else find(c)
        for text in ("宽", "宽宽", "a宽b", "a 宽 b"):
            lines, _ = layout.place((("flow", text, 0),))
            assert lines, text


def test_a_character_of_the_configuration_stands_beside_the_built_in_ones():
    glyph = b"\x80" * 32
    blob = b"TLF1" + bytes([16, 1, 0]) + bytes([0x8E, 0x7F, 0, 16]) + (15).to_bytes(4, "little") + glyph
    narrow = b"TLF1" + bytes([16, 1, 0]) + bytes([63, 0, 0, 8]) + (15).to_bytes(4, "little") + glyph[:16]
    more: list = []
    layout = Layout(displays.mono(), {16: Font(narrow), 32: Cells(32)}, more)
    assert layout.glyph("美", 16)[0] == 8  # the question mark
    more.append(Font(blob))
    assert layout.glyph("美", 16) == (16, glyph)
    assert layout.glyph("甲", 16)[0] == 8
