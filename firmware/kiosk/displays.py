"""The tables of the two displays: their size, pixels and colours, and where the parts of a screen stand.

table = (width, height, pixel format, size of text, top of what flows, margin of a band, slots, colours,
fonts) slots: name -> (y, size), None for what this display leaves out; colours: the ground, then by meaning
as in screens.py.
"""

import framebuf

# RGB565, big endian, of the colour display's numbers; the contrast of each to the ground is above 7:1
RGB565 = b"\x08\x41\xff\xff\xb5\xb6\x57\xea\xfd\x14\xfe\xa0"


def colour() -> tuple:
    """240 x 240, ST7789; a pixel is the number of its colour."""
    slots = {"head": (8, 24), "sum": (48, 64), "note": (112, 24), "after": (136, 48), "change": None}
    return 240, 240, framebuf.GS4_HMSB, 24, 48, 8, slots, (0, 1, 2, 3, 4, 5), (24, 48, 64)


def mono() -> tuple:
    """128 x 64, SSD1306, whose bytes are columns of 8 pixels; what colour tells, word, symbol and band tell
    too.
    """
    slots = {"head": (0, 16), "sum": (16, 32), "note": None, "after": None}
    return 128, 64, framebuf.MONO_VLSB, 16, 16, 0, slots, (0, 1, 1, 1, 1, 1), (16, 32)
