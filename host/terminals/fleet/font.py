"""Bitmap fonts for the displays of kiosks, drawn from Noto Sans SC (SIL Open Font License) with Pillow.

File format, all integers little-endian:
    magic b"TLF1" | height u8 | count u16
    count entries, sorted by code point: code point u24 | width u8 | offset u32 (from the start of the file)
    glyph bitmaps: row by row from the top, most significant bit left, each row padded to whole bytes

Every glyph differs from every other (blanks apart), so that text can be read back from a display's pixels.
The firmware's build draws its own fonts with this; the host draws what a shop's words have beyond those.
"""

import struct
import unicodedata
from dataclasses import dataclass

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

MAGIC = b"TLF1"
BLANK = " \u3000"
NOT_A_CHARACTER = "\uffff"


class FontError(ValueError):
    """A character cannot be drawn so that it can be read; the sentence names it."""


@dataclass(frozen=True)
class Style:
    """How a font is drawn: cell height, em size and baseline in pixels; grey above `threshold` becomes ink.
    Cells are `narrow`, `wide` (full-width characters) or `point` (full stop and comma) pixels wide.

    The thresholds were chosen by eye on the sample: lower fills the counters of dense characters, higher
    loses thin horizontal strokes.
    """

    height: int
    narrow: int
    wide: int
    point: int
    size: int
    baseline: int
    threshold: int


TEXT_24 = Style(height=24, narrow=12, wide=24, point=12, size=22, baseline=20, threshold=92)
LARGE_48 = Style(height=48, narrow=24, wide=48, point=12, size=44, baseline=41, threshold=110)
LARGE_64 = Style(height=64, narrow=32, wide=64, point=16, size=60, baseline=54, threshold=110)
TEXT_16 = Style(height=16, narrow=8, wide=16, point=8, size=15, baseline=13, threshold=100)
LARGE_32 = Style(height=32, narrow=16, wide=32, point=8, size=30, baseline=27, threshold=100)
STYLES = (TEXT_24, LARGE_48, LARGE_64, TEXT_16, LARGE_32)  # the colour display's, then the mono display's


def typeface(style: Style) -> ImageFont.FreeTypeFont:
    """Noto Sans SC in the size of a style."""
    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), style.size)


def cell_width(char: str, style: Style) -> int:
    """Full-width for what East Asian typography sets full-width, ambiguous punctuation included."""
    if char in ".,":
        return style.point
    return style.wide if unicodedata.east_asian_width(char) in "WFA" else style.narrow


def draw(char: str, style: Style, font: ImageFont.FreeTypeFont) -> Image.Image:
    """One glyph, ink 255 on 0, in its cell; squeezed sideways where its ink is wider than the cell."""
    width = cell_width(char, style)
    left, _, right, _ = font.getbbox(char, anchor="ls")
    advance = font.getlength(char)
    room = width if width == style.wide else width - 1
    ink = max(1, round(right - left))
    if ink > room:
        sheet = Image.new("L", (ink, style.height), 0)
        ImageDraw.Draw(sheet).text((-left, style.baseline), char, fill=255, font=font, anchor="ls")
        cell = Image.new("L", (width, style.height), 0)
        cell.paste(sheet.resize((room, style.height), Image.Resampling.LANCZOS), (0, 0))
    else:
        cell = Image.new("L", (width, style.height), 0)
        start = min(max((width - advance) / 2, -left), width - right)
        ImageDraw.Draw(cell).text((round(start), style.baseline), char, fill=255, font=font, anchor="ls")
    return cell.point([0 if grey <= style.threshold else 255 for grey in range(256)])


def pack(cell: Image.Image) -> bytes:
    """Rows of a glyph as bits, most significant left, padded to bytes."""
    return cell.convert("1").tobytes()


def build(chars: str, style: Style) -> bytes:
    """The font file for these characters.

    FontError for a character that the typeface lacks and for two characters that look the same.
    """
    font = typeface(style)
    missing = bytes(font.getmask(NOT_A_CHARACTER))
    seen: dict[tuple[int, bytes], str] = {}
    table, bitmaps = b"", b""
    chars = "".join(sorted(set(chars)))
    start = len(MAGIC) + 3 + 8 * len(chars)
    for char in chars:
        if char not in BLANK and bytes(font.getmask(char)) == missing:
            raise FontError(f"{char!r} (U+{ord(char):04X}) is not in Noto Sans SC: use another")
        width, bits = cell_width(char, style), pack(draw(char, style, font))
        twin = seen.setdefault((width, bits), char)
        if char not in BLANK and (twin != char or not any(bits)):
            raise FontError(f"{char!r} cannot be told from {twin!r} at {style.height} px: use another")
        table += struct.pack("<I", ord(char))[:3] + struct.pack("<BI", width, start + len(bitmaps))
        bitmaps += bits
    return MAGIC + struct.pack("<BH", style.height, len(chars)) + table + bitmaps
