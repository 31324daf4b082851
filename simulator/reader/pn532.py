"""The PN532 on its serial line, without any I/O: bytes in, bytes out (UM0701-02).

After power on or a pulse on RSTPD_N the chip sleeps until five rising edges on the line: a 55 has five, other
bytes as many as their bits have. It acknowledges a good command frame, stays silent on a broken one, answers
what it does not understand with the error frame. A new command or an ACK from the host ends one that waits.
"""

import time
from collections.abc import Callable, Iterator
from threading import RLock
from typing import Final

from simulator.reader import hsu
from simulator.reader.faults import Faults
from simulator.reader.field import Field
from simulator.reader.targets import OK, Targets

_HOST_TO_CHIP: Final = 0xD4
_FOREVER: Final = 0xFF
_WAKE_EDGES: Final = 5
_AUTOMATIC_RATS: Final = 0x10
_DEFAULT_PARAMETERS: Final = 0x14
_FIFO_DATA: Final = 0x6339
_REQA: Final = 0x26
_BAUD_RATES: Final = 9
_RF_ITEM_BYTES: Final = {1: 1, 2: 3, 4: 1, 5: 3, 0x0A: 11, 0x0B: 8, 0x0C: 3, 0x0D: 9}
_LIST_PASSIVE: Final = 0x4A


class Pn532:
    """`try_s` is how long one attempt to find a card takes; `clock` counts in the same seconds."""

    def __init__(
        self, field: Field, clock: Callable[[], float] = time.monotonic, try_s: float = 0.005
    ) -> None:
        self.field = field
        self.faults = Faults()
        self._clock = clock
        self._try_s = try_s
        self._lock = RLock()
        self._parser = hsu.Parser()
        self._targets = Targets(field)
        self._commands: dict[int, Callable[[bytes], bytes | None]] = {
            0x00: self._diagnose,
            0x02: lambda data: None if data else b"\x32\x01\x06\x07",
            0x04: lambda data: None if data else b"\x00\x01" + self._targets.status() + b"\x00",
            0x06: self._read_register,
            0x08: self._write_register,
            0x10: self._set_baud_rate,
            0x12: self._set_parameters,
            0x14: lambda data: b"" if 1 <= len(data) <= 3 and 1 <= data[0] <= 4 else None,
            0x16: self._power_down,
            0x32: self._rf_configuration,
            0x40: self._targets.data_exchange,
            0x42: self._targets.communicate_thru,
            0x44: self._targets.deselect,
            0x52: self._targets.release,
            0x54: self._targets.select,
        }
        self.reset()

    def reset(self) -> None:
        """A pulse on RSTPD_N, which also ends a hang."""
        with self._lock:
            self.faults.hanging = False
            self._parser.clear()
            self._targets.clear()
            self._edges = 0
            self._asleep = True
            self._parameters = _DEFAULT_PARAMETERS
            self._retries = _FOREVER
            self._registers: dict[int, int] = {}
            self._last_answer = b""
            self._waiting: bytes | None = None
            self._deadline: float | None = None
        self.field.power_off()

    def feed(self, data: bytes) -> bytes:
        """Takes what the host sent and returns what the chip sends at once."""
        return b"".join(self.answers(data))

    def answers(self, data: bytes) -> Iterator[bytes]:
        """Like feed(), piece by piece: an ACK is out before the chip works on the command. Use it up."""
        with self._lock:
            if self.faults.hanging:
                return
            for item in self._parser.feed(self._awake_part(data)):
                yield from self._item(item)
                if self._asleep:
                    self._parser.clear()
                    break

    def poll(self) -> bytes:
        """What the chip sends now because a card came or time is up; empty in most cases."""
        with self._lock:
            if self._waiting is None or self.faults.hanging:
                return b""
            answer = self._targets.list_passive(self._waiting, bool(self._parameters & _AUTOMATIC_RATS))
            if answer == b"\x00" and (self._deadline is None or self._clock() < self._deadline):
                return b""
            if answer == b"\x00":
                self._registers[_FIFO_DATA] = _REQA
            self._waiting = None
            return self._answer(_LIST_PASSIVE, answer)

    def due_s(self) -> float | None:
        """Seconds until `poll` has something to say at the latest; None when only a card can bring it."""
        with self._lock:
            if self._waiting is None or self._deadline is None or self.faults.hanging:
                return None
            return max(0.0, self._deadline - self._clock())

    def _awake_part(self, data: bytes) -> bytes:
        if not self._asleep:
            return data
        for at, byte in enumerate(data):
            self._edges += hsu.rising_edges(byte)
            if self._edges >= _WAKE_EDGES:
                self._asleep = False
                return data[at + 1 :]
        return b""

    def _item(self, item: bytes) -> Iterator[bytes]:
        if item == hsu.NACK:
            yield self._last_answer
            return
        self._waiting = None
        if item == hsu.ACK:
            return
        if item[0] != _HOST_TO_CHIP or len(item) < 2:
            yield hsu.ACK + hsu.ERROR
            return
        yield self.faults.acknowledge(hsu.ACK)
        yield self._command(item[1], item[2:])

    def _command(self, code: int, data: bytes) -> bytes:
        if code == _LIST_PASSIVE and self._targets.valid_list(data):
            self._waiting = data
            endless = self._retries == _FOREVER
            self._deadline = None if endless else self._clock() + (self._retries + 1) * self._try_s
            return self.poll()
        handler = self._commands.get(code)
        answer = handler(data) if handler else None
        return hsu.ERROR if answer is None else self._answer(code, answer)

    def _answer(self, code: int, data: bytes) -> bytes:
        self._last_answer = hsu.build(bytes([_HOST_TO_CHIP + 1, code + 1]) + data)
        return self.faults.answer(self._last_answer)

    def _diagnose(self, data: bytes) -> bytes | None:
        """Test 0 gives everything back, 1 and 2 find ROM and RAM sound."""
        if data[:1] == b"\x00":
            return data
        return OK if data in (b"\x01", b"\x02") else None

    def _read_register(self, data: bytes) -> bytes | None:
        if not data or len(data) % 2:
            return None
        addresses = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
        return bytes(self._registers.get(address, 0) for address in addresses)

    def _write_register(self, data: bytes) -> bytes | None:
        if not data or len(data) % 3:
            return None
        for at in range(0, len(data), 3):
            self._registers[int.from_bytes(data[at : at + 2], "big")] = data[at + 2]
        return b""

    def _set_baud_rate(self, data: bytes) -> bytes | None:
        """Nine rates, 9600 to 1288000; a pseudo terminal carries all of them alike."""
        return b"" if len(data) == 1 and data[0] < _BAUD_RATES else None

    def _set_parameters(self, data: bytes) -> bytes | None:
        if len(data) != 1:
            return None
        self._parameters = data[0]
        return b""

    def _power_down(self, data: bytes) -> bytes | None:
        if len(data) not in (1, 2):
            return None
        self._asleep, self._edges = True, 0
        self._targets.clear()
        self.field.power_off()
        return OK

    def _rf_configuration(self, data: bytes) -> bytes | None:
        if not data or len(data) != 1 + _RF_ITEM_BYTES.get(data[0], -1):
            return None
        if data[0] == 1 and not data[1] & 1:
            self._targets.clear()
            self.field.power_off()
        if data[0] == 5:
            self._retries = data[3]
        return b""
