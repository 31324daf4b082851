"""Bitmap fonts made by the build: "TLF1", height u8, count u16, table, glyphs (docs/firmware.md)."""


class Font:
    """One font in memory: it stays where it is, in ROM or in a message, and is searched there."""

    def __init__(self, data) -> None:  # type: ignore[no-untyped-def]
        """ValueError when it is none."""
        self._data = memoryview(data)
        if len(data) < 7 or bytes(self._data[:4]) != b"TLF1":
            raise ValueError("not a font file")
        self.height = self._data[4]
        self._count = self._data[5] | self._data[6] << 8

    def find(self, character: str):  # type: ignore[no-untyped-def]
        """(width in pixels, bitmap view), or None for a character that it lacks."""
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
        return None


def fonts_in(blob: bytes) -> list:
    """Fonts that stand one after the other, as a configuration brings them, which was looked through when
    it came.
    """
    from protocol.wire.usable import font_end

    found, rest = [], memoryview(blob)
    while len(rest):
        end = font_end(rest)
        if not end:
            break
        found.append(Font(rest[:end]))
        rest = rest[end:]
    return found
