"""Where the parts of a screen stand: the same description on either display, by that display's table.

    item = (slot, text, colour)         top to bottom, as kiosk/screens.py gives them
    line = (y, text, size, colour, x)   what the painter draws; y a multiple of 8, x of 4, size in pixels

A slot that the table has stands where it says, in its size; one that it has as None is left out. Any other
flows: it shares the space between the slots above and below, is broken where it is too wide, and what has
no room comes at the next turn. A text of two parts, (left, right), is pushed apart to the edges; what
stands behind a "|" in the left one is there where it has room.
"""

BAND = 8  # in a colour: the text stands in a band of it across the whole screen


class Layout:
    """A table of kiosk/displays.py with the fonts that belong to it."""

    def __init__(self, table: tuple, fonts: dict, more: list) -> None:
        """fonts: height in pixels -> Font; more: fonts for characters that these lack."""
        self.width, self.height, _, self.text, self.top, self.margin, *rest = table
        self._slots, self.colours = rest[:2]
        self._fonts, self._more = fonts, more

    def glyph(self, character: str, size: int):  # type: ignore[no-untyped-def]
        """(width in pixels, bitmap view); the question mark stands for what is missing."""
        found = self._fonts[size].find(character)
        if found is None:
            for font in self._more:
                if font.height == size:
                    found = found or font.find(character)
        return found or self._fonts[size].find("?") or (0, b"")

    def length(self, text: str, size: int) -> int:
        """Of a text, in pixels."""
        if size == self.text and len(text.encode()) == len(text):
            return len(text) * (size // 2)  # ASCII, nearly always: no look into the font
        pixels = 0
        for at in range(len(text)):  # a slice: what a loop over a text gives stays on the heap for ever
            pixels += self.glyph(text[at : at + 1], size)[0]
        return pixels

    def place(self, items: tuple, turn: int = 0) -> tuple:
        """-> (lines, number of turns it takes to show all)."""
        lines: list = []
        flow: list = []
        top, turns = self.top, 1
        for slot, text, colour in items:
            place, text = self._slots.get(slot, ()), self._row(text)
            if place is None:
                continue
            if not place or self.length(text, self.text) > self.width:
                flow.extend([(part, colour) for part in self._broken(text)])
                continue
            y, size = place
            if flow:
                turns = max(turns, self._flow(lines, flow, top, y, turn))
                flow = []
            top = max(y + size, self.top)
            if self.length(text, size) > self.width:
                size = self.text  # too much for large digits
            lines.append(self._line(y, text, size, colour))
        if flow:
            turns = max(turns, self._flow(lines, flow, top, self.height, turn))
        return tuple(lines), turns

    def touches(self, line: tuple, y: int) -> bool:
        """Does a line or its band reach into the 8 rows at y?"""
        margin = self.margin if line[3] & BAND else 0
        return line[0] - margin < y + 8 and line[0] + line[2] + margin > y

    def _flow(self, lines: list, flow: list, top: int, bottom: int, turn: int) -> int:
        """Put as many as fit between two heights, evenly -> turns."""
        size = self.text
        room = max((bottom - top) // size, 1)
        turns = (len(flow) + room - 1) // room
        at = turn % turns * room
        flow = flow[at : at + room]
        step = min((bottom - top) // len(flow), size + size // 3) // 8 * 8
        y = top + (bottom - top - step * (len(flow) - 1) - size) // 16 * 8
        for text, colour in flow:
            lines.append(self._line(y, text, size, colour))
            y += step
        return turns

    def _line(self, y: int, text: str, size: int, colour: int) -> tuple:
        return y, text, size, colour, max(self.width - self.length(text, size), 0) // 8 * 4

    def _row(self, text) -> str:  # type: ignore[no-untyped-def]
        """Two parts pushed apart by blanks; the left one gives way."""
        if isinstance(text, str):
            return text
        size, blank = self.text, self.text // 2
        left, right = text
        room = self.width - self.margin - self.length(right, size)
        left, _, more = left.partition("|")
        if self.length(left + more, size) <= room - blank:
            left += more
        while left and self.length(left, size) > room - blank:
            left = left[:-1]
        return left + " " * ((room - self.length(left, size)) // blank) + right

    def _broken(self, text: str) -> list:
        """A text's lines: broken at a blank where there is one, else wherever the display ends."""
        found = []
        for rest in text.split("|"):
            while len(rest) > 1 and self.length(rest, self.text) > self.width:
                cut = len(rest) - 1
                while cut > 1 and self.length(rest[:cut], self.text) > self.width:
                    cut -= 1
                blank = rest.rfind(" ", 0, cut + 1)
                cut = blank if blank > 0 else cut
                found.append(rest[:cut])
                rest = rest[cut:].lstrip(" ")
            found.append(rest)
        return found
