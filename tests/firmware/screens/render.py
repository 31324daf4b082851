"""Draws every screen by the real painter, under MicroPython: render.py FOLDER-OF-FONTS [NAME-PART...] >
pictures.

Output, for each screen: a line of JSON [name, width, height, bits a pixel, bytes], then its pixels as the
display gets them.
"""

import json
import sys

from kiosk import displays
from kiosk.font import Font
from kiosk.layout import Layout
from kiosk.painter import Painter
from tests.firmware.screens import catalogue

LANGUAGES = ("zh", "en")


class Glass:
    """Takes the strips that a display would get."""

    def __init__(self, size: int, height: int) -> None:
        self.pixels, self.row = bytearray(size), size // height

    def rows(self, y: int, height: int, pixels: bytes) -> None:
        """8 rows at y."""
        self.pixels[y * self.row : (y + height) * self.row] = pixels


def render(folder: str) -> None:
    """Each screen, turn after turn, on both displays."""
    for kind, table, bits in (("colour", displays.colour(), 16), ("mono", displays.mono(), 1)):
        fonts = {size: Font(open("%s/font%d.bin" % (folder, size), "rb").read()) for size in table[-1]}
        width, height = table[:2]
        glass = Glass(width * height * bits // 8, height)
        painter = Painter(glass, Layout(table, fonts))
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
