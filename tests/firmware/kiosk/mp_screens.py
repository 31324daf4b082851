"""Screens: complete in both languages, and every line fits 240 pixels."""

from kiosk import screens
from kiosk.texts import TEXTS


def width(line):
    _y, text, size, _colour = line
    if size == 48:
        return 24 * len(text)
    return sum([12 if ord(c) < 0x2E80 else 24 for c in text])


def every_screen(language):
    yield screens.idle(language, 500000, True)
    yield screens.idle(language, 1, False)
    yield screens.idle(language, 500000, True, True)
    yield screens.reading(language, 2500)
    yield screens.paid(language, 500000, 0, False)
    yield screens.paid(language, 2500, 500000, True)
    yield screens.paid(language, 2500, 500000, False, 500000)
    yield screens.reading(language, 2500, "collecting")
    yield screens.notice(language, "not_charged", "unreadable", 500000, 500000)
    yield screens.notice(language, "unknown", "again")
    yield screens.notice(language, "unknown", "undecided")
    yield screens.notice(language, "rejected", "forged")
    for name, words in TEXTS[language].items():
        if isinstance(words, tuple):
            yield screens.notice(language, "not_charged", name, 1200)
            yield screens.notice(language, "out", name)


def test_the_languages_have_the_same_words():
    assert sorted(TEXTS["zh"]) == sorted(TEXTS["en"])


def test_every_line_fits_the_glass_and_no_two_overlap():
    for language in TEXTS:
        for lines in every_screen(language):
            end = 0
            for line in lines:
                assert width(line) <= 240, line
                assert line[0] % 8 == 0 and line[0] >= end, line
                end = line[0] + line[2]
            assert end <= 240


def test_amounts_are_yuan_with_two_digits():
    assert screens.yuan(2500) == "25.00"
    assert screens.yuan(5) == "0.05"
    assert screens.yuan(-1205) == "-12.05"
