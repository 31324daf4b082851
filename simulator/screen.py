"""Reads the text of a screen back from its pixels, with the bitmap fonts that the firmware draws with.

The firmware puts glyph cells at x a multiple of 4 and y a multiple of 8, in one colour on another, unscaled.
So the picture is cut, colour by colour, into tiles of 4 x 8 pixels; a glyph is a few tiles, found by one
dictionary lookup.
"""

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

_TILE_WIDTH: Final = 4
_TILE_HEIGHT: Final = 8
_MAGIC: Final = b"TLF1"
_HEAD: Final = struct.Struct("<BH")
_ENTRY_BYTES: Final = 8
# A gap of at least this between two glyphs of a line is read as one space.
_SPACE_WIDTH: Final = 8
# More colours than this are a photograph, not a screen of ours; the most frequent ones are tried.
_MAX_COLOURS: Final = 24


class FontError(ValueError):
    """The file is no TLF1 font."""


class Font:
    """Glyphs by their tiles: `glyphs[width_in_tiles][tiles]` is the character. Blank glyphs are left out."""

    def __init__(self, data: bytes) -> None:
        """`data`: a TLF1 file as tools/font.py writes it. Raises FontError."""
        if data[:4] != _MAGIC or len(data) < 4 + _HEAD.size:
            raise FontError("no TLF1 font: build it with `make firmware`")
        self.height, count = _HEAD.unpack_from(data, 4)
        if not self.height or self.height % _TILE_HEIGHT:
            raise FontError(
                f"glyphs of {self.height} rows can't be read back: a multiple of {_TILE_HEIGHT} is needed"
            )
        self.glyphs: dict[int, dict[str, str]] = {}
        for index in range(count):
            entry = data[7 + index * _ENTRY_BYTES :][:_ENTRY_BYTES]
            if len(entry) < _ENTRY_BYTES:
                raise FontError("the font's table is cut short")
            self._add(data, entry)

    @classmethod
    def load(cls, path: Path) -> "Font":
        return cls(path.read_bytes())

    def _add(self, data: bytes, entry: bytes) -> None:
        codepoint, width = int.from_bytes(entry[:3], "little"), entry[3]
        offset = int.from_bytes(entry[4:], "little")
        row_bytes = (width + 7) // 8
        bitmap = data[offset : offset + row_bytes * self.height]
        if len(bitmap) < row_bytes * self.height or width % _TILE_WIDTH or not width:
            raise FontError(f"glyph U+{codepoint:04X} is cut short or {width} wide")
        if not any(bitmap):
            return
        rows = [
            bitmap[at : at + row_bytes].hex()[: width // _TILE_WIDTH]
            for at in range(0, len(bitmap), row_bytes)
        ]
        tiles = "".join("".join(column) for column in zip(*rows, strict=True))
        self.glyphs.setdefault(width // _TILE_WIDTH, {})[tiles] = chr(codepoint)


@dataclass(frozen=True)
class _Cell:
    """A glyph that was found; all in tiles."""

    x: int
    y: int
    width: int
    height: int
    text: str

    def places(self) -> Iterator[tuple[int, int]]:
        return (
            (x, y) for x in range(self.x, self.x + self.width) for y in range(self.y, self.y + self.height)
        )


def screen_text(pixels: bytes, fonts: Sequence[Font], width: int = 240) -> list[str]:
    """The lines of text, top to bottom, each left to right.

    `pixels`: big-endian RGB565 rows of `width`. Glyphs of one font at one height are a line; a gap is one
    space.
    """
    if width % _TILE_WIDTH or len(pixels) % (2 * width * _TILE_HEIGHT):
        raise ValueError(
            f"{len(pixels)} bytes can't be cut into tiles of {_TILE_WIDTH} x {_TILE_HEIGHT} pixels"
        )
    found: list[_Cell] = []
    for tiles in _by_colour(pixels, width):
        for font in fonts:
            found += _cells(tiles, font)
    lines: dict[tuple[int, int], list[_Cell]] = {}
    for cell in _without_overlap(found):
        lines.setdefault((cell.y, cell.height), []).append(cell)
    return [_line(sorted(lines[key], key=lambda cell: cell.x)) for key in sorted(lines)]


def _by_colour(pixels: bytes, width: int) -> Iterator[list[list[str]]]:
    """For each colour the tiles [row][column]: 8 hex digits, one a pixel row, a set bit where the colour
    is.
    """
    values = array("H", pixels)  # the byte order does not matter: values are only compared
    names = {value: index for index, value in enumerate(set(values))}
    if not 1 < len(names) <= 256:
        return
    codes = bytes(map(names.__getitem__, values))
    order = sorted(names.values(), key=lambda code: codes.count(code), reverse=True)[:_MAX_COLOURS]
    digits = width // _TILE_WIDTH
    for code in order:
        bits = codes.translate(bytes(0x31 if index == code else 0x30 for index in range(256)))
        rows = [f"{int(bits[at : at + width], 2):0{digits}x}" for at in range(0, len(bits), width)]
        bands = (rows[at : at + _TILE_HEIGHT] for at in range(0, len(rows), _TILE_HEIGHT))
        yield [["".join(column) for column in zip(*band, strict=True)] for band in bands]


def _cells(tiles: list[list[str]], font: Font) -> Iterator[_Cell]:
    height = font.height // _TILE_HEIGHT
    empty = "0" * font.height
    for y in range(len(tiles) - height + 1):
        columns = ["".join(parts) for parts in zip(*tiles[y : y + height], strict=True)]
        if columns.count(empty) == len(columns):
            continue
        for width, glyphs in font.glyphs.items():
            for x in range(len(columns) - width + 1):
                text = glyphs.get("".join(columns[x : x + width]))
                if text:
                    yield _Cell(x, y, width, height, text)


def _without_overlap(found: list[_Cell]) -> list[_Cell]:
    """Part of a glyph may look like another, smaller one, or a dot like a raised dot of the line below:
    larger glyphs go first, then those on lines with more text.
    """
    weight: dict[tuple[int, int], int] = {}
    for cell in found:
        weight[cell.y, cell.height] = weight.get((cell.y, cell.height), 0) + cell.width
    found = sorted(found, key=lambda c: (-c.width * c.height, -weight[c.y, c.height], c.y, c.x))
    taken: set[tuple[int, int]] = set()
    kept = []
    for cell in found:
        places = set(cell.places())
        if not places & taken:
            taken |= places
            kept.append(cell)
    return kept


def _line(cells: list[_Cell]) -> str:
    text = cells[0].text
    for before, cell in pairwise(cells):
        gap = (cell.x - before.x - before.width) * _TILE_WIDTH
        text += (" " if gap >= _SPACE_WIDTH else "") + cell.text
    return text
