"""The PN532 behind its host interface, without any I/O: bytes in, bytes out (UM0701-02).

On the serial line, after power on, a pulse on RSTPD_N or PowerDown, the chip sleeps until five rising edges:
a 55 has five, other bytes as many as their bits have. SPI and I2C (see buses.py) wake it by addressing it.
PowerDown names the interfaces that may. The chip acknowledges a good command frame, stays silent on a broken
one, answers what it does not understand with the error frame. A new command or an ACK from the host ends one
that waits; an ACK after SetSerialBaudRate makes the new rate hold.
"""

import time
from collections.abc import Callable, Iterator
from threading import RLock
from typing import Final

from simulator.reader import hsu
from simulator.reader.faults import Faults
from simulator.reader.field import Field
from simulator.reader.targets import OK, Targets
from simulator.reader.upkeep import FIFO_DATA, FOREVER, Upkeep

# Bits of PowerDown's wake-up sources, and what a bus asks `wake` with.
HSU, SPI, I2C = 0x10, 0x20, 0x80
_ANY: Final = 0xFF
_HOST_TO_CHIP: Final = 0xD4
_WAKE_EDGES: Final = 5
_REQA: Final = 0x26
_LIST_PASSIVE: Final = 0x4A

# Hears "host" or "chip" and the bytes that passed, as they are on the line.
LineListener = Callable[[str, bytes], None]


class Pn532:
    """`try_s` is how long one attempt to find a card takes, from the next search on; `clock` counts in the
    same seconds.
    """

    def __init__(
        self, field: Field, clock: Callable[[], float] = time.monotonic, try_s: float = 0.005
    ) -> None:
        self.field = field
        self.faults = Faults()
        self.resets = 0
        self.line_listeners: list[LineListener] = []
        self._clock = clock
        self.try_s = try_s
        self._lock = RLock()
        self._parser = hsu.Parser()
        self._targets = Targets(field)
        self.upkeep = Upkeep(self._field_off)
        self._commands: dict[int, Callable[[bytes], bytes | None]] = {
            **self.upkeep.commands,
            0x04: lambda data: None if data else b"\x00\x01" + self._targets.status() + b"\x00",
            0x16: self._power_down,
            0x40: self._targets.data_exchange,
            0x42: self._targets.communicate_thru,
            0x44: self._targets.deselect,
            0x4E: self._targets.set_rates,
            0x52: self._targets.release,
            0x54: self._targets.select,
        }
        self.reset()

    def reset(self) -> None:
        """A pulse on RSTPD_N, which also ends a hang."""
        with self._lock:
            self.resets += 1
            self.faults.hanging = False
            self._parser.clear()
            self.upkeep.reset()
            self._edges = 0
            self._asleep = True
            self._wake_sources = _ANY
            self._last_answer = b""
            self._waiting: bytes | None = None
            self._deadline: float | None = None
            self._field_off()

    def feed(self, data: bytes) -> bytes:
        """Takes what the host sent and returns what the chip sends at once."""
        return b"".join(self.answers(data))

    def answers(self, data: bytes) -> Iterator[bytes]:
        """From the serial line; like feed(), piece by piece: an ACK is out before the chip works on the
        command. Use it up.
        """
        with self._lock:
            self._tell("host", data)
            yield from self.frames(self._awake_part(data))

    def frames(self, data: bytes) -> Iterator[bytes]:
        """From an interface that needs no edges: as `answers`."""
        with self._lock:
            if self.faults.hanging or self.faults.dead or self._asleep:
                return
            for item in self._parser.feed(data):
                for piece in self._item(item):
                    self._tell("chip", piece)
                    yield piece
                if self._asleep:
                    self._parser.clear()
                    break

    def wake(self, source: int) -> None:
        """An interface (HSU, SPI or I2C) has seen its sign; nothing when PowerDown did not name it."""
        with self._lock:
            if self._wake_sources & source:
                self._asleep = False

    def poll(self) -> bytes:
        """What the chip sends now because a card came or time is up; empty in most cases."""
        with self._lock:
            answer = self._found()
            self._tell("chip", answer)
            return answer

    def due_s(self) -> float | None:
        """Seconds until `poll` has something to say at the latest; None when only a card can bring it."""
        with self._lock:
            if self._waiting is None or self._deadline is None or self.faults.hanging:
                return None
            return max(0.0, self._deadline - self._clock())

    def _tell(self, who: str, data: bytes) -> None:
        if data:
            for listener in self.line_listeners:
                listener(who, data)

    def _awake_part(self, data: bytes) -> bytes:
        if not self._asleep or self.faults.hanging:
            return data
        for at, byte in enumerate(data):
            self._edges += hsu.rising_edges(byte)
            if self._edges >= _WAKE_EDGES:
                self.wake(HSU)
                return data[at + 1 :]
        return b""

    def _item(self, item: bytes) -> Iterator[bytes]:
        if item == hsu.NACK:
            yield self._last_answer
            return
        self._waiting = None
        if item == hsu.ACK:
            self.upkeep.acknowledged()
            return
        self.upkeep.next_baud = None
        if item[0] != _HOST_TO_CHIP or len(item) < 2:
            yield hsu.ACK + hsu.ERROR
            return
        yield self.faults.acknowledge(hsu.ACK)
        yield self._command(item[1], item[2:])

    def _command(self, code: int, data: bytes) -> bytes:
        if code == _LIST_PASSIVE and self._targets.valid_list(data):
            self._waiting = data
            tries = self.upkeep.retries + 1
            self._deadline = None if tries > FOREVER else self._clock() + tries * self.try_s
            return self._found()
        handler = self._commands.get(code)
        answer = handler(data) if handler else None
        return hsu.ERROR if answer is None else self._answer(code, answer)

    def _found(self) -> bytes:
        """The answer to InListPassiveTarget when there is a card or no time left, else empty."""
        if self._waiting is None or self.faults.hanging:
            return b""
        answer = self._targets.list_passive(self._waiting, self.upkeep.automatic_rats)
        if answer == b"\x00":
            if self._deadline is None or self._clock() < self._deadline:
                return b""
            self.upkeep.registers[FIFO_DATA] = _REQA
        self._waiting = None
        return self._answer(_LIST_PASSIVE, answer)

    def _answer(self, code: int, data: bytes) -> bytes:
        self._last_answer = hsu.build(bytes([_HOST_TO_CHIP + 1, code + 1]) + data)
        return self.faults.answer(self._last_answer)

    def _power_down(self, data: bytes) -> bytes | None:
        """The interfaces that may wake the chip, and whether that raises an interrupt."""
        if len(data) not in (1, 2) or not data[0]:
            return None
        self._asleep, self._edges, self._wake_sources = True, 0, data[0]
        self._field_off()
        return OK

    def _field_off(self) -> None:
        self._targets.clear()
        self.field.power_off()
