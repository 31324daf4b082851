"""Long texts of the program, which are seldom said: in ROM, one behind the other, and made when they are.

As a constant of its function a text costs 40 bytes of heap for as long as the kiosk runs. The build of the
image (tools/pack) takes them out of functions and puts them here, in the order of their numbers, and what
stands in them often side by side as one byte: they take half the room.

    TEXTS    each byte an ASCII character, or 128 + n for pair n
    PAIRS    two such bytes each
    LENGTHS  of each text in TEXTS, u8
"""

TEXTS = b""
PAIRS = b""
LENGTHS = b""


def said(number: int) -> str:
    """Text number n, from 0."""
    start = sum(LENGTHS[:number])
    text = bytearray(TEXTS[start : start + LENGTHS[number]])
    at = 0
    while at < len(text):
        pair = 2 * text[at] - 256
        if pair < 0:
            at += 1
        else:
            text[at : at + 1] = PAIRS[pair : pair + 2]
    return str(text, "ascii")
