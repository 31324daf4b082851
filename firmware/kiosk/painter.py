"""Draws a screen's lines on the display in strips of 8 rows: 3840 bytes, never a whole frame.

Only strips that look different from what is on the glass are drawn and sent.
"""

import framebuf

from kiosk.screens import BAND

WIDTH, HEIGHT, STRIP = 240, 240, 8
MARGIN = 8  # of a band above and below its text


def _swap(rgb565: int) -> int:
    """The display wants big-endian pixels, framebuf writes little-endian ones."""
    return (rgb565 & 0xFF) << 8 | rgb565 >> 8


BACKGROUND = _swap(0x0841)
# by meaning: ink, dim, good, bad, warn (see screens.py); contrast on the background is above 7:1
COLOURS = (_swap(0xFFFF), _swap(0xB5B6), _swap(0x57EA), _swap(0xFD14), _swap(0xFEA0))


class Font:
    """A bitmap font made by the build: "TLF1", height u8, count u16, table, glyphs (docs/firmware.md)."""

    def __init__(self, data) -> None:  # type: ignore[no-untyped-def]
        self._data = memoryview(data)
        if bytes(self._data[:4]) != b"TLF1":
            raise ValueError("not a font file")
        self.height = self._data[4]
        self._count = self._data[5] | self._data[6] << 8

    def glyph(self, character: str):  # type: ignore[no-untyped-def]
        """(width in pixels, bitmap view); the question mark stands for what is missing."""
        data, wanted = self._data, ord(character)
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            at = 7 + middle * 8
            code = data[at] | data[at + 1] << 8 | data[at + 2] << 16
            if code == wanted:
                width = data[at + 3]
                offset = data[at + 4] | data[at + 5] << 8 | data[at + 6] << 16 | data[at + 7] << 24
                return width, data[offset : offset + (width + 7) // 8 * self.height]
            if code < wanted:
                low = middle + 1
            else:
                high = middle
        return self.glyph("?") if character != "?" else (0, data[:0])


def touches(line: tuple, y: int) -> bool:
    """Does a line or its band reach into the strip at y?"""
    margin = MARGIN if line[3] & BAND else 0
    return line[0] - margin < y + STRIP and line[0] + line[2] + margin > y


class Painter:
    """Puts screens on a display that has rows(y, height, pixels)."""

    def __init__(self, display, fonts: dict) -> None:  # type: ignore[no-untyped-def]
        self._display = display
        self._fonts = fonts  # height in pixels -> Font
        self._buffer = bytearray(WIDTH * STRIP * 2)
        self._strip = framebuf.FrameBuffer(self._buffer, WIDTH, STRIP, framebuf.RGB565)
        self._palette = framebuf.FrameBuffer(bytearray(4), 2, 1, framebuf.RGB565)
        self._shown: list = [None] * (HEIGHT // STRIP)

    def show(self, lines: tuple) -> None:
        """Draw what changed."""
        for _ in self.strips(lines):
            pass

    def strips(self, lines: tuple):  # type: ignore[no-untyped-def]
        """Draw what changed, and pause after each strip; whoever stops in between may draw something else."""
        for row in range(HEIGHT // STRIP):
            y = row * STRIP
            content = tuple([line for line in lines if touches(line, y)])
            if content == self._shown[row]:
                continue
            self._strip.fill(BACKGROUND)
            for line in content:
                self._draw(line, y)
            self._display.rows(y, STRIP, self._buffer)
            self._shown[row] = content
            yield

    def _draw(self, line: tuple, y: int) -> None:
        top, text, size, colour = line
        font = self._fonts[size]
        paint, ground = COLOURS[colour & ~BAND], BACKGROUND
        if colour & BAND:
            self._strip.fill(paint)
            paint, ground = ground, paint
        self._palette.pixel(0, 0, ground)
        self._palette.pixel(1, 0, paint)
        glyphs = [font.glyph(character) for character in text]
        x = (WIDTH - sum([width for width, _ in glyphs])) // 2 // 4 * 4
        for width, bitmap in glyphs:
            if width:
                # framebuf only reads the bitmap, yet wants a writable buffer: copy, 72 to 144 bytes
                cell = framebuf.FrameBuffer(bytearray(bitmap), width, font.height, framebuf.MONO_HLSB)
                self._strip.blit(cell, x, top - y, -1, self._palette)
            x += width
