"""Draws a screen on a display in strips of 8 rows, never a whole frame: 960 bytes in colour, 128 in mono.

Only strips that look different from what is on the glass are drawn and sent.
"""

import framebuf

from kiosk.layout import BAND


class Painter:
    """Puts screens on a display that has rows(y, height, strip); table: of kiosk/displays.py, which says what
    a pixel is; fonts: height in pixels -> the file in memory.
    """

    def __init__(self, display, table: tuple, fonts: dict) -> None:  # type: ignore[no-untyped-def]
        self._display, self._table, self._fonts = display, table, fonts
        width, height, pixels = table[:3]
        # two pixels of a colour's number are a byte, or eight of MONO_VLSB
        buffer = bytearray(width * 4 if pixels == framebuf.GS4_HMSB else width)
        self._strip = framebuf.FrameBuffer(buffer, width, 8, pixels)
        self._palette = framebuf.FrameBuffer(bytearray(2), 2, 1, pixels)
        self._shown: list = [None] * (height // 8)
        self.more: list = []  # fonts of the configuration, for characters that the built-in ones lack
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
        from kiosk.font import Font  # gone again until the next screen, both
        from kiosk.layout import Layout

        fonts = {size: Font(self._fonts[size]) for size in self._fonts}
        layout = Layout(self._table, fonts, self.more)
        lines, self.turns = layout.place(items, turn)
        for row in range(len(self._shown)):
            y = row * 8
            content = tuple([line for line in lines if layout.touches(line, y)])
            if content == self._shown[row]:
                continue
            if row and content == self._shown[row - 1]:
                content = self._shown[row - 1]  # one tuple for all strips of a text
            self._strip.fill(layout.colours[0])
            for line in content:
                self._draw(layout, line, y)
            self._display.rows(y, 8, self._strip)
            self._shown[row] = content
            yield

    def _draw(self, layout, line: tuple, y: int) -> None:  # type: ignore[no-untyped-def]
        top, text, size, colour, x = line
        ground, paint = layout.colours[0], layout.colours[1 + (colour & ~BAND)]
        if colour & BAND:
            self._strip.fill(paint)
            paint, ground = ground, paint
        self._palette.pixel(0, 0, ground)
        self._palette.pixel(1, 0, paint)
        for at in range(len(text)):
            width, bitmap = layout.glyph(text[at : at + 1], size)
            if width:
                # framebuf only reads the bitmap, yet wants a writable buffer: copy, 32 to 256 bytes
                cell = framebuf.FrameBuffer(bytearray(bitmap), width, size, framebuf.MONO_HLSB)
                self._strip.blit(cell, x, top - y, -1, self._palette)
            x += width
