"""The panel: an ST7789 with 240 x 240 pixels, fed with what the firmware sends over SPI (CS and DC
respected).

Source: Sitronix ST7789V data sheet, chapter 9. The panel is of the IPS kind, which shows colours right only
after INVON. Whatever is unknown or malformed is recorded in `faults` and otherwise ignored, as the chip
would.
"""

import threading
from collections.abc import Callable
from typing import Final

from simulator.board.frame_memory import COLUMNS, PIXEL_BYTES, FrameMemory

WIDTH: Final = COLUMNS
HEIGHT: Final = 240

_NOP, _SWRESET, _SLPIN, _SLPOUT, _NORON = 0x00, 0x01, 0x10, 0x11, 0x13
_INVOFF, _INVON, _DISPOFF, _DISPON = 0x20, 0x21, 0x28, 0x29
_CASET, _RASET, _RAMWR, _MADCTL, _COLMOD = 0x2A, 0x2B, 0x2C, 0x36, 0x3A
# Voltages, porches and gamma: accepted with any parameters, without effect on a model.
_ANALOGUE: Final = frozenset((0xB2, 0xB7, 0xBB, 0xC0, 0xC2, 0xC3, 0xC4, 0xC6, 0xD0, 0xE0, 0xE1))

_PARAMETERS: Final = {
    **dict.fromkeys((_NOP, _SWRESET, _SLPIN, _SLPOUT, _NORON, _INVOFF, _INVON, _DISPOFF, _DISPON), 0),
    **dict.fromkeys((_MADCTL, _COLMOD), 1),
    **dict.fromkeys((_CASET, _RASET), 4),
}
_MAX_FAULTS: Final = 100
_COMPLEMENT: Final = bytes(255 - value for value in range(256))


class Display:
    """`on_change` callbacks get the first and last visible row that changed; `version` rises with each
    change.
    """

    width, height = WIDTH, HEIGHT

    def __init__(self, *, cs: int = 5, dc: int = 27, reset: int = 26, backlight: int = 14) -> None:
        self._cs, self._dc, self._reset_pin, self._backlight_pin = cs, dc, reset, backlight
        self._levels = {cs: 1, dc: 1, reset: 1}
        self._lock = threading.Lock()
        self._memory = FrameMemory()
        self.on_change: list[Callable[[int, int], None]] = []
        self.faults: list[str] = []
        self.version = 0
        self.backlight = False
        self._reset()

    def pin(self, pin: int, level: int) -> None:
        """A level of the board's pins; others than ours are ignored."""
        if pin == self._backlight_pin:
            self._set_backlight(bool(level))
        elif pin in self._levels:
            self._levels[pin] = level
            if pin == self._reset_pin and not level:
                self._reset()

    def pwm(self, pin: int, freq_hz: int, duty_u16: int) -> None:
        """The backlight may be dimmed by PWM."""
        if pin == self._backlight_pin:
            self._set_backlight(duty_u16 > 0)

    def power(self, on: bool) -> None:
        if not on:
            self._levels = dict.fromkeys(self._levels, 1)
            with self._lock:
                self._memory = FrameMemory()
            self._reset()
            self._set_backlight(False)

    def spi(self, data: bytes) -> None:
        """Bytes on the bus: seen only while CS is low and the chip isn't held in reset."""
        if self._levels[self._cs] or not self._levels[self._reset_pin]:
            return
        if not self._levels[self._dc]:
            for code in data:
                self._begin(code)
        elif self._command == _RAMWR:
            self._write_pixels(data)
        elif self._command in _PARAMETERS:
            self._take_parameters(self._command, data)
        elif self._command not in _ANALOGUE:
            self._fault(f"{len(data)} data bytes that belong to no known command")

    def i2c(self, address: int, data: bytes) -> None:
        """It hangs on another bus."""

    def pixels(self) -> bytes:
        """What a person sees: WIDTH * HEIGHT pixels RGB565 big endian; black when off, asleep or without
        backlight.
        """
        with self._lock:
            if not (self._on and self._awake and self.backlight):
                return bytes(WIDTH * HEIGHT * PIXEL_BYTES)
            seen = bytes(self._memory.data[: WIDTH * HEIGHT * PIXEL_BYTES])
        return seen if self._inverted else seen.translate(_COMPLEMENT)

    def _reset(self) -> None:
        self._command: int | None = None
        self._parameters = b""
        self._awake = self._on = self._inverted = False
        self._colmod = 0x66
        with self._lock:
            self._memory.reset()
        self._changed(0, HEIGHT - 1)

    def _begin(self, code: int) -> None:
        before = self._command
        if before is not None and len(self._parameters) < _PARAMETERS.get(before, 0):
            given = len(self._parameters)
            self._fault(f"command {before:02X} with {given} parameters, expected {_PARAMETERS[before]}")
        if before == _RAMWR and self._memory.odd:
            self._fault("RAMWR ended in the middle of a pixel")
        self._command, self._parameters = code, b""
        if code == _RAMWR:
            self._memory.rewind()
            if self._colmod & 0x07 != 0x05:
                self._fault(f"RAMWR with COLMOD {self._colmod:02X}: this model shows 16-bit pixels only")
        elif code in _PARAMETERS:
            if _PARAMETERS[code] == 0:
                self._switch(code)
        elif code not in _ANALOGUE:
            self._fault(f"unknown command {code:02X}")

    def _switch(self, code: int) -> None:
        if code == _SWRESET:
            self._reset()
            return
        if code in (_SLPIN, _SLPOUT):
            self._awake = code == _SLPOUT
        elif code in (_INVOFF, _INVON):
            self._inverted = code == _INVON
        elif code in (_DISPOFF, _DISPON):
            self._on = code == _DISPON
        self._changed(0, HEIGHT - 1)

    def _take_parameters(self, command: int, data: bytes) -> None:
        # CS may rise between a command and its parameters, or among them: the chip waits.
        wanted = _PARAMETERS[command]
        if len(self._parameters) + len(data) > wanted:
            self._fault(f"command {command:02X} with more than {wanted} parameters")
            return
        self._parameters += data
        if len(self._parameters) < wanted:
            return
        given = self._parameters
        if command == _MADCTL:
            self._memory.madctl = given[0]
        elif command == _COLMOD:
            self._colmod = given[0]
        else:
            pair = int.from_bytes(given[:2], "big"), int.from_bytes(given[2:], "big")
            try:
                if command == _CASET:
                    self._memory.set_window(columns=pair)
                else:
                    self._memory.set_window(rows=pair)
            except ValueError as error:
                self._fault(str(error))

    def _write_pixels(self, data: bytes) -> None:
        with self._lock:
            first, last, overflow = self._memory.write(data)
        if overflow:
            self._fault("RAMWR beyond its window: it starts again at the top")
        if 0 <= first < HEIGHT:
            self._changed(first, min(last, HEIGHT - 1))

    def _set_backlight(self, on: bool) -> None:
        if on != self.backlight:
            self.backlight = on
            self._changed(0, HEIGHT - 1)

    def _changed(self, first_row: int, last_row: int) -> None:
        self.version += 1
        for callback in self.on_change:
            callback(first_row, last_row)

    def _fault(self, text: str) -> None:
        if len(self.faults) < _MAX_FAULTS:
            self.faults.append(text)
