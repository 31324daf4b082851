"""The frame memory of an ST7789: 240 columns, 320 rows, RGB565; a window and the way it is scanned
(MADCTL).
"""

from typing import Final

COLUMNS: Final = 240
ROWS: Final = 320
PIXEL_BYTES: Final = 2

_MIRROR_Y, _MIRROR_X, _EXCHANGE = 0x80, 0x40, 0x20


class FrameMemory:
    """Holds pixels as sent (big endian). Not thread safe; the display locks."""

    def __init__(self) -> None:
        self.data = bytearray(COLUMNS * ROWS * PIXEL_BYTES)
        self.reset()

    def reset(self) -> None:
        """Window and direction at their reset values; the pixels stay, as in the chip."""
        self.madctl = 0
        self.columns = (0, COLUMNS - 1)
        self.rows = (0, ROWS - 1)
        self.rewind()

    def rewind(self) -> None:
        """RAMWR: the next pixel is the first of the window."""
        self._at = 0
        self.odd = b""

    def set_window(
        self, *, columns: tuple[int, int] | None = None, rows: tuple[int, int] | None = None
    ) -> None:
        """Raises ValueError for an order or a limit that does not fit the scan direction."""
        exchanged = bool(self.madctl & _EXCHANGE)
        for name, pair, limit in (
            ("CASET", columns, ROWS if exchanged else COLUMNS),
            ("RASET", rows, COLUMNS if exchanged else ROWS),
        ):
            if pair is not None and (pair[0] > pair[1] or pair[1] >= limit):
                raise ValueError(f"{name} {pair[0]}..{pair[1]} is outside 0..{limit - 1}")
        self.columns = columns or self.columns
        self.rows = rows or self.rows

    def write(self, data: bytes) -> tuple[int, int, bool]:
        """Bytes of RAMWR: first and last memory row touched (-1, -1 for none), and whether the window
        overflowed.
        """
        data = self.odd + data
        even = len(data) & ~1
        self.odd = data[even:]
        left, right = self.columns
        width = right - left + 1
        total = width * (self.rows[1] - self.rows[0] + 1)
        touched: list[int] = []
        overflow = False
        done = 0
        while done < even:
            if self._at >= total:
                overflow = True
                self._at = 0
            row, column = divmod(self._at, width)
            count = min(width - column, (even - done) // PIXEL_BYTES)
            touched += self._store(left + column, self.rows[0] + row, data[done : done + count * PIXEL_BYTES])
            self._at += count
            done += count * PIXEL_BYTES
        return min(touched, default=-1), max(touched, default=-1), overflow

    def _store(self, x: int, y: int, run: bytes) -> tuple[int, int]:
        """One run of a row of the window; returns the first and last memory row touched."""
        if not self.madctl & (_MIRROR_X | _MIRROR_Y | _EXCHANGE):
            start = (y * COLUMNS + x) * PIXEL_BYTES
            self.data[start : start + len(run)] = run
            return y, y
        rows = []
        for index in range(len(run) // PIXEL_BYTES):
            column, row = (y, x + index) if self.madctl & _EXCHANGE else (x + index, y)
            column = COLUMNS - 1 - column if self.madctl & _MIRROR_X else column
            row = ROWS - 1 - row if self.madctl & _MIRROR_Y else row
            start = (row * COLUMNS + column) * PIXEL_BYTES
            self.data[start : start + PIXEL_BYTES] = run[index * PIXEL_BYTES : (index + 1) * PIXEL_BYTES]
            rows.append(row)
        return min(rows), max(rows)
