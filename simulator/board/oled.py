"""The mono panel: an SSD1306 with 128 x 64 pixels on I2C, wired as the usual module is (upright after A1,
C8).

Source: Solomon Systech SSD1306 data sheet, chapters 8 to 10, and its application note. Whatever is unknown or
malformed is recorded in `faults` and otherwise ignored, as the chip would.
"""

import threading
from collections.abc import Callable
from typing import Final

ADDRESS: Final = 0x3C
WIDTH: Final = 128
HEIGHT: Final = 64
_PAGES: Final = HEIGHT // 8
_MAX_FAULTS: Final = 100

_COLUMNS, _ROWS, _ADDRESSING, _PUMP = 0x21, 0x22, 0x20, 0x8D
# Commands with parameters; those of voltages, clock and pins have no effect on a model.
_PARAMETERS: Final = {
    _ADDRESSING: 1,
    _COLUMNS: 2,
    _ROWS: 2,
    _PUMP: 1,
    **dict.fromkeys((0x81, 0xA8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB), 1),
}
_WANTED: Final = {0xA8: 0x3F, 0xD3: 0, 0xDA: 0x12}  # what a module of 128 x 64 needs
_SWITCHES: Final = frozenset((0xA0, 0xA1, 0xA4, 0xA5, 0xA6, 0xA7, 0xAE, 0xAF, 0xC0, 0xC8, 0x2E, 0xE3))


class Oled:
    """`on_change` callbacks get the first and last row that changed; `version` rises with each change."""

    width, height = WIDTH, HEIGHT

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.on_change: list[Callable[[int, int], None]] = []
        self.faults: list[str] = []
        self.version = 0
        self._reset()

    def pin(self, pin: int, level: int) -> None:
        """The module has no pin but its bus."""

    def pwm(self, pin: int, freq_hz: int, duty_u16: int) -> None:
        """Nor a backlight."""

    def spi(self, data: bytes) -> None:
        """It hangs on another bus."""

    def power(self, on: bool) -> None:
        if not on:
            self._reset()

    def i2c(self, address: int, data: bytes) -> None:
        """One transfer: a control byte, then commands (00) or pixels (40); 80 is one command and another
        control byte."""
        if address != ADDRESS:
            return
        while data:
            control, data = data[0], data[1:]
            if control == 0x40:
                self._write(data)
                return
            if control == 0x00:
                for code in data:
                    self._command(code)
                return
            if control != 0x80 or not data:
                self._fault(f"control byte {control:02X}")
                return
            self._command(data[0])
            data = data[1:]

    def pixels(self) -> bytes:
        """What a person sees: WIDTH * HEIGHT pixels as RGB565, white on black; black when off or
        unpowered.
        """
        with self._lock:
            on, memory = self._on and self._pump, bytes(self._memory)
            inverted, remapped, turned = self._inverted, self._remapped, self._turned
        if not on:
            return bytes(WIDTH * HEIGHT * 2)
        rows = []
        for y in range(HEIGHT):
            row = y if turned else HEIGHT - 1 - y
            page = memory[row // 8 * WIDTH : row // 8 * WIDTH + WIDTH]
            lit = [bool(byte >> row % 8 & 1) != inverted for byte in (page if remapped else page[::-1])]
            rows.append(b"".join(b"\xff\xff" if bit else b"\0\0" for bit in lit))
        return b"".join(rows)

    def _reset(self) -> None:
        with self._lock:
            self._memory = bytearray(WIDTH * _PAGES)
        self._on = self._pump = self._inverted = self._remapped = self._turned = False
        self._mode = 2
        self._columns, self._rows = (0, WIDTH - 1), (0, _PAGES - 1)
        self._column = self._page = 0
        self._pending: list[int] = []
        self._changed(0, HEIGHT - 1)

    def _command(self, code: int) -> None:
        if self._pending:
            self._pending.append(code)
            if len(self._pending) > _PARAMETERS[self._pending[0]]:
                command, *given = self._pending
                self._pending = []
                self._take(command, given)
        elif code in _PARAMETERS:
            self._pending = [code]
        elif code in _SWITCHES:
            self._switch(code)
        elif code <= 0x1F:
            low, high = self._column & 0xF, self._column >> 4
            low, high = (code, high) if code < 0x10 else (low, code & 7)
            self._column = high << 4 | low
        elif 0xB0 <= code <= 0xB7:
            self._page = code & 7
        elif code != 0x40:  # start line 0
            self._fault(f"unknown command {code:02X}")

    def _take(self, command: int, given: list[int]) -> None:
        if command in _WANTED and given[0] != _WANTED[command]:
            self._fault(
                f"command {command:02X} with {given[0]:02X}: a module of 128 x 64 wants another value"
            )
        elif command == _ADDRESSING:
            self._mode = given[0] & 3
        elif command == _PUMP:
            self._pump = bool(given[0] & 4)
            self._changed(0, HEIGHT - 1)
        elif command in (_COLUMNS, _ROWS):
            first, last = given
            if first > last or last >= (WIDTH if command == _COLUMNS else _PAGES):
                self._fault(f"command {command:02X} {first}..{last} is outside the panel")
            elif command == _COLUMNS:
                self._columns, self._column = (first, last), first
            else:
                self._rows, self._page = (first, last), first

    def _switch(self, code: int) -> None:
        if code in (0xAE, 0xAF):
            self._on = code == 0xAF
        elif code in (0xA6, 0xA7):
            self._inverted = code == 0xA7
        elif code in (0xA0, 0xA1):
            self._remapped = code == 0xA1
        elif code in (0xC0, 0xC8):
            self._turned = code == 0xC8
        elif code == 0xA5:
            self._fault("A5 lights every pixel: a test, no picture")
        self._changed(0, HEIGHT - 1)

    def _write(self, data: bytes) -> None:
        if self._mode == 1:
            self._fault("this model has no vertical addressing")
            return
        touched = set()
        with self._lock:
            for byte in data:
                self._memory[self._page * WIDTH + self._column] = byte
                touched.add(self._page)
                self._step()
        if touched:
            self._changed(min(touched) * 8, max(touched) * 8 + 7)

    def _step(self) -> None:
        if self._mode == 2:  # page addressing stays on its page
            self._column = (self._column + 1) % WIDTH
        elif self._column < self._columns[1]:
            self._column += 1
        else:
            self._column = self._columns[0]
            self._page = self._page + 1 if self._page < self._rows[1] else self._rows[0]

    def _changed(self, first_row: int, last_row: int) -> None:
        self.version += 1
        for callback in self.on_change:
            callback(first_row, last_row)

    def _fault(self, text: str) -> None:
        if len(self.faults) < _MAX_FAULTS:
            self.faults.append(text)
