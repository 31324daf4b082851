"""Draws every screen by the real painter, under MicroPython: render.py FOLDER-OF-FONTS [NAME-PART...] >
pictures.

Output, for each screen: a line of JSON [name, width, height, bits a pixel, bytes], then its pixels as the
display gets them.
"""

import json
import sys

from drivers.ssd1306 import Ssd1306
from drivers.st7789 import St7789
from kiosk import displays
from kiosk.painter import Painter
from tests.firmware.screens import catalogue

LANGUAGES = ("zh", "en")


class Glass:
    """Bus and pins of either display: keeps the pixels that go over it, each in its place."""

    def __init__(self, size: int) -> None:
        self.pixels, self._at = bytearray(size), 0

    def value(self, _level: int) -> None:
        """No matter which pin."""

    def write(self, data: bytes) -> None:
        """To the ST7789: a command, the window's rows, or a row of 480 bytes."""
        if len(data) == 4:
            self._at = data[1] * 480
        elif len(data) == 480:
            self._put(data)

    def writeto(self, _address: int, data: bytes) -> None:
        """To the SSD1306: the window, whose first page is the sixth byte."""
        self._at = data[5] * 128

    def writevto(self, _address: int, parts: tuple) -> None:
        """Its pixels."""
        self._put(bytes(parts[1]))

    def _put(self, data: bytes) -> None:
        self.pixels[self._at : self._at + len(data)] = data
        self._at += len(data)


def render(folder: str) -> None:
    """Each screen, turn after turn, on both displays."""
    for kind, table, bits in (("colour", displays.colour(), 16), ("mono", displays.mono(), 1)):
        fonts = {size: open("%s/font%d.bin" % (folder, size), "rb").read() for size in table[-1]}
        width, height = table[:2]
        glass = Glass(width * height * bits // 8)
        display = St7789(glass, glass, glass, glass, displays.RGB565) if bits == 16 else Ssd1306(glass)
        painter = Painter(display, table, fonts)
        for language in LANGUAGES:
            for name, items in catalogue.of(language):
                name, turn, turns = "%s %s %s" % (kind, language, name), 0, 1
                while turn < turns:
                    painter.show(items, turn)
                    turns, turn = painter.turns, turn + 1
                    full = name if turns == 1 else "%s %d" % (name, turn)
                    print(json.dumps([full, width, height, bits, len(glass.pixels)]))
                    sys.stdout.buffer.write(glass.pixels)


render(sys.argv[1])
