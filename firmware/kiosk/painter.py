"""Draws a screen on a display in strips of 8 rows: 3840 bytes in colour, 128 in mono, never a whole frame.

Only strips that look different from what is on the glass are drawn and sent.
"""

import framebuf

from kiosk.layout import BAND


class Painter:
    """Puts screens on a display that has rows(y, height, pixels); layout: where things stand on it."""

    def __init__(self, display, layout) -> None:  # type: ignore[no-untyped-def]
        self._display = display
        self.layout = layout
        # RGB565 has 16 bits a pixel, MONO_VLSB one
        self._buffer = bytearray(layout.width * (16 if layout.format == framebuf.RGB565 else 1))
        self._strip = framebuf.FrameBuffer(self._buffer, layout.width, 8, layout.format)
        self._palette = framebuf.FrameBuffer(bytearray(4), 2, 1, layout.format)
        self._shown: list = [None] * (layout.height // 8)
        self.turns = 1  # of the screen shown last: how many it takes to show all of it

    def start(self) -> None:
        """Set the display up, whose memory holds nothing of ours. OSError when it does not answer."""
        self._display.start()
        self._shown = [None] * len(self._shown)

    def show(self, items: tuple, turn: int = 0) -> None:
        """Draw what changed."""
        for _ in self.strips(items, turn):
            pass

    def strips(self, items: tuple, turn: int = 0):  # type: ignore[no-untyped-def]
        """Draw what changed, and pause after each strip; whoever stops in between may draw something else."""
        lines, self.turns = self.layout.place(items, turn)
        for row in range(self.layout.height // 8):
            y = row * 8
            content = tuple([line for line in lines if self._touches(line, y)])
            if content == self._shown[row]:
                continue
            self._strip.fill(self.layout.colours[0])
            for line in content:
                self._draw(line, y)
            self._display.rows(y, 8, self._buffer)
            self._shown[row] = content
            yield

    def _touches(self, line: tuple, y: int) -> bool:
        """Does a line or its band reach into the strip at y?"""
        margin = self.layout.margin if line[3] & BAND else 0
        return line[0] - margin < y + 8 and line[0] + line[2] + margin > y

    def _draw(self, line: tuple, y: int) -> None:
        top, text, size, colour, x = line
        ground, paint = self.layout.colours[0], self.layout.colours[1 + (colour & ~BAND)]
        if colour & BAND:
            self._strip.fill(paint)
            paint, ground = ground, paint
        self._palette.pixel(0, 0, ground)
        self._palette.pixel(1, 0, paint)
        for character in text:
            width, bitmap = self.layout.glyph(character, size)
            if width:
                # framebuf only reads the bitmap, yet wants a writable buffer: copy, 32 to 256 bytes
                cell = framebuf.FrameBuffer(bytearray(bitmap), width, size, framebuf.MONO_HLSB)
                self._strip.blit(cell, x, top - y, -1, self._palette)
            x += width
