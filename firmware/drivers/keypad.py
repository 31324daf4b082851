"""A matrix of keys: rows are pulled low, columns have pull-ups and are read.

At rest all rows are low, so that one look at the columns says whether any key is down; only then row after
row is looked at. A key counts when two looks in a row agree, and again only after two looks without any; of
several keys at once none counts, since a matrix without diodes may then show one that nobody pressed.
"""

# Row by row, of four columns; C cancels, B takes the last digit back, D is 00, E confirms. A pad of three
# columns has * and # for B and E, and no C.
KEYS = "123C456B789D*0#E"


class Keypad:
    """Rows (open drain) and columns (inputs), as pins."""

    def __init__(self, rows, columns) -> None:  # type: ignore[no-untyped-def]
        self._rows, self._columns = rows, columns
        self._seen = self._held = ""
        for row in rows:
            row.value(0)

    def scan(self) -> str:
        """One look, every ten milliseconds or so -> the key that went down and counts now, else ""."""
        key, before = self._look(), self._seen
        self._seen = key
        if key != before or key == self._held or (key and self._held) or key == "?":
            return ""
        self._held = key
        return key

    def _look(self) -> str:
        """The key that is down, "" for none, "?" for more than one."""
        if not self._low():
            return ""
        found = ""
        for row in self._rows:
            row.value(1)
        for at, row in enumerate(self._rows):
            row.value(0)
            low = self._low()
            row.value(1)
            for column in range(len(self._columns)):
                if low >> column & 1:
                    found += KEYS[at * 4 + column]
        for row in self._rows:
            row.value(0)
        return found if len(found) < 2 else "?"

    def _low(self) -> int:
        """Bits of the columns that are low."""
        bits = 0
        for at, column in enumerate(self._columns):
            if not column.value():
                bits |= 1 << at
        return bits
