"""Long texts of the program, which are seldom said: in ROM, one behind the other, and made when they are.

As a constant of its function a text costs 40 bytes of heap for as long as the kiosk runs. The build of the
image (tools/pack) takes them out of functions and puts them here, in the order of their numbers.
"""

import struct

TEXTS = b""
PLACES = b""  # of each text: where it ends, u16 LE; the first one is 0


def said(number: int) -> str:
    """Text number n, from 0."""
    start, end = struct.unpack_from("<HH", PLACES, 2 * number)
    return str(TEXTS[start:end], "utf-8")
