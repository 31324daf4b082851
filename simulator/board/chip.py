"""What can be seen of the chip from outside: pins, PWM, flash operations, faults. Fed with the messages of
the link.
"""

import math
import time
from collections import Counter
from collections.abc import Callable
from enum import Enum

from simulator.board import link


class State(Enum):
    """Of a board's power and firmware."""

    OFF = "off"
    RUNNING = "running"
    CRASHED = "crashed"  # the firmware ended by itself: see `Board.crashes`


class Chip:
    """The lists take callbacks: `on_spi` (bytes), `on_i2c` (address, bytes), `on_pin` (pin, level),
    `on_pwm` (pin, freq_hz, duty_u16), `on_power` (bool), `on_flash` (whether it was an erase, bytes).

    They run in the board's own thread and must not call the board's power switch.
    """

    def __init__(self) -> None:
        self.on_spi: list[Callable[[bytes], None]] = []
        self.on_i2c: list[Callable[[int, bytes], None]] = []
        self.on_pin: list[Callable[[int, int], None]] = []
        self.on_pwm: list[Callable[[int, int, int], None]] = []
        self.on_power: list[Callable[[bool], None]] = []
        self.on_flash: list[Callable[[bool, int], None]] = []
        self.pins: dict[int, int] = {}
        self.pwm: dict[int, tuple[int, int]] = {}
        self.faults: list[str] = []
        self.flash_operations: Counter[str] = Counter()
        self.last_cut_operation: int | None = None
        self.keys_seen = 0  # pressed and let go before the firmware's eyes
        self.longest_step_us: int | None = None  # of a task, after link.step_command()
        self.leaps = 0  # of time, that are over
        self.resets = 0
        self.watchdog_bites = 0
        self.watchdog_most_s = math.inf  # whatever the firmware asks for: for whoever waits for a bite
        self.booted = False
        self.shim_heap_bytes = 0
        self.live_heap_bytes: int | None = None  # of the firmware alone, after link.heap_command()
        self._bite_at_s: float | None = None

    def start(self) -> None:
        """The chip comes out of reset: pins float, no watchdog; what hangs on the board keeps its power."""
        self._bite_at_s = None
        self.booted = False
        self.shim_heap_bytes = 0
        self.live_heap_bytes = None
        self.pins.clear()
        self.pwm.clear()

    def power(self, on: bool) -> None:
        """The power of the whole board comes or goes."""
        self.start()
        for callback in self.on_power:
            callback(on)

    def take(self, message: link.Message) -> str:
        """Returns "reset" or "cut" when this message ends the life of the process, else ""."""
        kind, numbers = message.kind, message.numbers
        if kind == link.SPI_WRITE:
            for on_spi in self.on_spi:
                on_spi(message.data)
        elif kind == link.I2C_WRITE:
            for on_i2c in self.on_i2c:
                on_i2c(message.data[0], message.data[1:])
        elif kind == link.STEP:
            self.longest_step_us = numbers[0]
        elif kind == link.LEAPT:
            self.leaps += 1
        elif kind == link.KEY:
            self.keys_seen += 1
        elif kind == link.PIN:
            pin, level = numbers
            self.pins[pin] = level
            for on_pin in self.on_pin:
                on_pin(pin, level)
        elif kind == link.PWM:
            pin, freq_hz, duty_u16 = numbers
            self.pwm[pin] = (freq_hz, duty_u16)
            for on_pwm in self.on_pwm:
                on_pwm(pin, freq_hz, duty_u16)
        elif kind == link.FLASH:
            _, erase, _, size = numbers
            self.flash_operations["erase" if erase else "program"] += 1
            for on_flash in self.on_flash:
                on_flash(bool(erase), size)
        elif kind == link.FLASH_FAULT:
            self.faults.append(message.data.decode(errors="replace"))
        elif kind == link.WATCHDOG:
            self._bite_at_s = time.monotonic() + min(numbers[0] / 1000, self.watchdog_most_s)
        elif kind == link.BOOTED:
            self.booted = True
            self.shim_heap_bytes = numbers[0]
        elif kind == link.HEAP:
            self.live_heap_bytes = numbers[0] - self.shim_heap_bytes
        elif kind == link.RESET:
            self.resets += 1
            return "reset"
        elif kind == link.CUT_REACHED:
            self.last_cut_operation = numbers[0]
            return "cut"
        return ""

    def watchdog_left_s(self) -> float | None:
        """Seconds until the watchdog bites; None while it has not been started."""
        return None if self._bite_at_s is None else max(0.0, self._bite_at_s - time.monotonic())

    def watchdog_bit(self) -> None:
        self._bite_at_s = None
        self.watchdog_bites += 1
