"""Text drawn with a font comes back from the pixels, as the firmware draws it: cells on a grid, one colour
on another.
"""

import random
import struct

import pytest

from simulator.screen import Font, FontError, screen_text
from tools.font import ASCII, LARGE, LARGE_48, TEXT_24, build

WIDTH = HEIGHT = 240
WHITE, GREEN, NAVY, BLACK = b"\xff\xff", b"\x57\xea", b"\x08\x41", b"\x00\x00"

CHINESE = "请刷卡已付未扣余额元欢迎光临本机服务中断稍后再试一二三口日目田工土王主卜丨丶川，。：（）¥"
FONT_24 = build(ASCII + CHINESE, TEXT_24)
FONT_48 = build(LARGE, LARGE_48)
FONTS = [Font(FONT_48), Font(FONT_24)]


def glyph(data: bytes, character: str) -> tuple[int, int, list[bytes]]:
    """Width, height and rows of a glyph, looked up in the file without the code under test."""
    height, count = struct.unpack_from("<BH", data, 4)
    for index in range(count):
        low, high, width, offset = struct.unpack_from("<HBBI", data, 7 + 8 * index)
        if low | high << 16 == ord(character):
            size = (width + 7) // 8
            return (
                width,
                height,
                [data[offset + row * size : offset + (row + 1) * size] for row in range(height)],
            )
    raise KeyError(character)


class Sheet:
    def __init__(self, background: bytes = BLACK) -> None:
        self.pixels = bytearray(background * (WIDTH * HEIGHT))

    def draw(self, font: bytes, text: str, x: int, y: int, ink: bytes = WHITE, paper: bytes = BLACK) -> int:
        for character in text:
            width, height, rows = glyph(font, character)
            for row in range(height):
                bits = int.from_bytes(rows[row], "big") >> (len(rows[row]) * 8 - width)
                line = b"".join(ink if bits >> (width - 1 - i) & 1 else paper for i in range(width))
                start = ((y + row) * WIDTH + x) * 2
                self.pixels[start : start + len(line)] = line
            x += width
        return x

    def text(self) -> list[str]:
        return screen_text(bytes(self.pixels), FONTS)


def test_lines_of_both_fonts_and_several_colours() -> None:
    sheet = Sheet(NAVY)
    sheet.draw(FONT_24, "请刷卡", 84, 16, WHITE, NAVY)
    sheet.draw(FONT_48, "75.00", 60, 88, GREEN, NAVY)
    sheet.draw(FONT_24, "余额: 1,234.50 元", 4, 200, b"\xfe\xa0", NAVY)
    assert sheet.text() == ["请刷卡", "75.00", "余额: 1,234.50 元"]


def test_blank_screens_have_no_text() -> None:
    assert Sheet().text() == []
    striped = Sheet()
    striped.pixels[: WIDTH * 2 * 30] = WHITE * (WIDTH * 30)
    assert striped.text() == []


def test_two_texts_on_one_line_are_parted_by_one_space() -> None:
    sheet = Sheet()
    end = sheet.draw(FONT_24, "K1", 0, 0)
    sheet.draw(FONT_24, "OK", end + 100, 0)
    assert sheet.text() == ["K1 OK"]


def test_dark_on_light_in_its_own_box() -> None:
    sheet = Sheet()
    sheet.draw(FONT_24, "未扣款"[:2], 40, 104, BLACK, WHITE)
    assert sheet.text() == ["未扣"]


@pytest.mark.parametrize("seed", range(25))
def test_any_text_comes_back(seed: int) -> None:
    chance = random.Random(seed)
    sheet = Sheet(NAVY)
    expected = []
    for y in range(0, HEIGHT - 24 + 1, 24):
        characters = chance.choices(ASCII.strip() + CHINESE, k=8)
        text = "".join(characters)
        sheet.draw(FONT_24, text, chance.randrange(0, 12) * 4, y, chance.choice((WHITE, GREEN)), NAVY)
        expected.append(text)
    assert sheet.text() == expected


def test_each_glyph_alone_is_itself() -> None:
    """The hardest case for confusion: nothing around it says which cell is meant."""
    for font, characters in ((FONT_24, CHINESE), (FONT_48, "0123456789¥"), (FONT_24, "0123456789:¥%+=")):
        for character in characters:
            sheet = Sheet()
            sheet.draw(font, character, 120, 120)
            assert sheet.text() == [character], character


def test_a_full_screen_is_read() -> None:
    sheet = Sheet(NAVY)
    for y in range(0, HEIGHT, 24):
        sheet.draw(FONT_24, (CHINESE * 2)[:10], 0, y, WHITE, NAVY)
    assert sheet.text() == [(CHINESE * 2)[:10]] * 10


def test_noise_and_photographs_do_not_raise() -> None:
    assert screen_text(random.Random(3).randbytes(WIDTH * HEIGHT * 2), FONTS) == []
    with pytest.raises(ValueError, match="can't be cut"):
        screen_text(b"\0" * 1000, FONTS)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no TLF1 font"),
        (b"PNG1" + FONT_24[4:], "no TLF1 font"),
        (FONT_24[:100], "cut short"),
        (FONT_24[:-1], "cut short"),
        (b"TLF1" + struct.pack("<BH", 23, 0), "multiple of 8"),
        (b"TLF1" + struct.pack("<BH", 8, 1) + b"A\0\0\x05" + struct.pack("<I", 15) + b"\xff" * 8, "5 wide"),
    ],
)
def test_broken_font_files_are_named(data: bytes, sentence: str) -> None:
    with pytest.raises(FontError, match=sentence):
        Font(data)
