"""The characters of a shop's own words, drawn for a kiosk whose fonts were made before it knew them.

Twice, for either display: which one a kiosk has is its own board's word. All beyond ASCII is sent, whatever
the kiosk's own font holds: that differs from one firmware to the next.
"""

from functools import lru_cache

from protocol.wire.config import GLYPHS_MAX

COLUMN_PX = 12  # of a Latin character; a Chinese one takes two columns
OWN = {chr(code) for code in range(32, 127)} | {"¥"}  # every firmware's font has these


class TooMany(ValueError):
    """More characters than a configuration carries; str() says by how many."""


@lru_cache(maxsize=256)
def of(words: str) -> bytes:
    """TLF1 fonts, one after the other, of what these words have beyond ASCII; b"" for nothing. FontError,
    TooMany.
    """
    wanted = sorted(set(words) - OWN)
    if not wanted:
        return b""
    from host.terminals.fleet import font  # Pillow is loaded when the first shop has words of its own

    made = b"".join(font.build("".join(wanted), style) for style in (font.TEXT_24, font.TEXT_16))
    if len(made) > GLYPHS_MAX:
        raise TooMany(
            f"title and labels have {len(wanted)} different characters beyond ASCII, too many by "
            f"about {-(-(len(made) - GLYPHS_MAX) * len(wanted) // len(made))}"
        )
    return made


def columns(text: str) -> int:
    """How many columns of a display a text takes."""
    from host.terminals.fleet import font

    return sum(font.cell_width(char, font.TEXT_24) // COLUMN_PX for char in text)
