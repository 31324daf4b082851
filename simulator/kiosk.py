"""A virtual kiosk: the unmodified firmware on a simulated board, with its display, lamps and buzzer."""

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Final

from protocol.wire import device
from simulator.board import HEAP_BYTES, Board, BoardError, Display, Oled, State, keys, oled
from simulator.board.shim_rom import SHIM
from simulator.reader import PtyReader
from simulator.screen import Font, screen_text

# The pins of the reference board; firmware/hal/pins.py has the same, and a test holds them together.
READER_RESET: Final = 4
BUZZER: Final = 25
LED_GREEN: Final = 32
LED_RED: Final = 33

# of the colour and the mono display, the largest first
_FONTS: Final = (("font64.bin", "font48.bin", "font24.bin"), ("font32.bin", "font16.bin"))
_KEYS_S: Final = 10.0  # a dozen of keys take a second or two


class VirtualKiosk:
    """`rom`: firmware.img, with the font files beside it. `run_dir`: flash images and console log, kept.

    `reader`: a PN532 that is being served; it is reset when the firmware pulls RSTPD_N low and when the power
    goes, for the board feeds it. `till`: terminal of the one on its second line.
    `display`, `keypad`: what hangs on it, as its device file says.
    """

    def __init__(
        self,
        rom: Path,
        run_dir: Path,
        reader: PtyReader | None,
        till: str = "",
        *,
        display: str = "st7789",
        keypad: bool = False,
        heap_bytes: int = HEAP_BYTES,
    ) -> None:
        self._reader = reader
        self._parts = {"display": display, "keypad": int(keypad)}
        mono = display == "ssd1306"
        self._fonts = [Font.load(path) for file in _FONTS[mono] if (path := rom.parent / file).is_file()]
        self._brought: list[Font] = []  # by its configuration
        self.display: Display | Oled = Oled() if mono else Display()
        uart = Path(reader.path) if reader else None
        i2c = oled.ADDRESS if mono else None
        second = Path(till) if till else None
        self.board = Board(run_dir, rom, uart=uart, till=second, i2c=i2c, heap_bytes=heap_bytes)
        chip = self.board.chip
        chip.on_spi.append(self.display.spi)
        chip.on_i2c.append(self.display.i2c)
        chip.on_pin += [self.display.pin, self._pin]
        chip.on_pwm.append(self.display.pwm)
        chip.on_power += [self.display.power, self._power]
        self._read: tuple[int, list[str]] = (-1, [])

    def provision(self, bundle: bytes | None, **paired: object) -> None:
        """Put /bundle.cbor and /device.cbor into the kiosk's flash, as the workshop does. The kiosk must be
        off, else BoardError. bundle None: it will be paired; then the device's fields for that.
        """
        with tempfile.TemporaryDirectory() as folder:
            given = {"device": device.encode(**{**self._parts, **paired})}
            if bundle is not None:
                given["bundle"] = bundle
            for name, content in given.items():
                Path(folder, name).write_bytes(content)
            self.board.run_script(SHIM / "provision.py", *(f"{name}={folder}/{name}" for name in given))

    def power_on(self) -> None:
        """Raises BoardError when the firmware image, MicroPython or the reader's line is missing."""
        self.board.power_on()

    def power_cut(self) -> None:
        """A kiosk has no other way to be stopped than its plug."""
        self.board.power_cut()

    def press(self, pressed: str, timeout_s: float = _KEYS_S) -> None:
        """Press keys of the keypad, one after the other, each until the firmware has seen it; ValueError for
        one that it has not, BoardError when nobody looks at them.
        """
        commands = [keys.press_command(key) for key in pressed]
        chip = self.board.chip
        wanted = chip.keys_seen + len(pressed)
        for command in commands:
            self.board.tell(command)
        if not self.board.wait_for(lambda: chip.keys_seen >= wanted or not self.running, timeout_s):
            raise BoardError(
                "the kiosk does not look at its keys: has it a keypad, and a mode that wants one?"
            )

    @property
    def running(self) -> bool:
        return self.board.state is State.RUNNING

    def learn(self, fonts: list[Font]) -> None:
        """Read the screen by these fonts too, in place of those learned before."""
        self._brought, self._read = fonts, (-1, [])

    def screen_lines(self) -> list[str]:
        """The text a person reads on the display now, top to bottom."""
        version = self.display.version
        if self._read[0] != version:
            fonts = self._fonts + self._brought
            self._read = (version, screen_text(self.display.pixels(), fonts, self.display.width))
        return self._read[1]

    def wait_screen(self, text: str, timeout_s: float = 3.0) -> bool:
        """Wait until a line of the screen contains the text; False when the time is over."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            version = self.display.version
            if any(text in line for line in self.screen_lines()):
                return True
            left_s = deadline_s - time.monotonic()
            # Reading happens outside the board's lock, so that the firmware goes on painting meanwhile.
            if left_s <= 0 or not self.board.wait_for(partial(self._repainted, version), left_s):
                return any(text in line for line in self.screen_lines())

    def _repainted(self, version: int) -> bool:
        return self.display.version != version

    @property
    def green(self) -> bool:
        return bool(self.board.chip.pins.get(LED_GREEN, 0))

    @property
    def red(self) -> bool:
        return bool(self.board.chip.pins.get(LED_RED, 0))

    @property
    def buzzer_hz(self) -> int:
        """The tone that sounds now; 0 when silent."""
        freq_hz, duty_u16 = self.board.chip.pwm.get(BUZZER, (0, 0))
        return freq_hz if duty_u16 else 0

    def problems(self) -> list[str]:
        """What must never happen: crashes, what a NOR chip or a display can't do, watchdog bites."""
        chip = self.board.chip
        bites = [f"the watchdog bit {chip.watchdog_bites} times"] if chip.watchdog_bites else []
        return [*self.board.crashes, *chip.faults, *self.display.faults, *bites]

    def _pin(self, pin: int, level: int) -> None:
        if pin == READER_RESET and not level and self._reader is not None:
            self._reader.pn532.reset()

    def _power(self, on: bool) -> None:
        if not on and self._reader is not None:
            self._reader.pn532.reset()
