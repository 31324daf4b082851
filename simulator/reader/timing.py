"""How long an exchange takes on true hardware: the serial line, the PN532, the air and the card.

What passed is heard from the emulator (`Tape`); `Model` runs a virtual clock over it. Nothing is measured
here: the figures are the parameters' and are worth as much as those. Each has its source or says "assumed".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from simulator.card.contactless import ContactlessCard
from simulator.card.iso14443 import ATS, RATES_KBITS
from simulator.card.timing import command_ms
from simulator.reader.field import Damaged

ASSUMED: Final = "assumed"


@dataclass(frozen=True)
class Parameter:
    """A time in ms unless the name says otherwise."""

    value: float
    source: str


PARAMETERS: Final = {
    "uart_bits": Parameter(10, "8N1: a start bit, eight of data, a stop bit (UM0701-02, 6.2.1)"),
    "chip_ack": Parameter(
        0.5, f"{ASSUMED}; from a command's end to its ACK, at most 15 (UM0701-02, 6.2.1.3)"
    ),
    "chip_command": Parameter(1.0, f"{ASSUMED}; what the PN532's 80C51 works on a command"),
    "chip_search": Parameter(5.0, f"{ASSUMED}; looking in vain for a second card after the first"),
    "host_command": Parameter(2.0, f"{ASSUMED}; ESP32 at 240 MHz from an answer to the next command"),
    "etu_106_us": Parameter(128 / 13.56, "128 periods of 13.56 MHz (ISO 14443-2); divided by 2, 4, 8 above"),
    "frame_delay_us": Parameter(1172 / 13.56, "least time between frames, both ways (ISO 14443-3, 6.2.1.1)"),
    "ats_guard": Parameter(
        4096 / 13_560 * 2 ** (ATS[3] & 0x0F), "after the ATS, SFGI in it (ISO 14443-4, 5.2.5)"
    ),
}
_CRC_BYTES: Final = 2
_FRAME_BITS: Final = 2  # start and end
_BYTE_BITS: Final = 9  # with parity


@dataclass(frozen=True)
class Event:
    """Of `kind` "host" or "chip" (bytes on the line), or "air" (frame there, answer back)."""

    kind: str
    data: bytes
    answer: bytes = b""


class Tape:
    """Hears line and field of a running emulator, in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def line(self, who: str, data: bytes) -> None:
        """For Pn532.line_listeners."""
        self.events.append(Event(who, data))

    def air(self, card: ContactlessCard, frame: bytes, answer: bytes | type[Damaged] | None) -> None:
        """For Field.frame_listeners."""
        self.events.append(Event("air", frame, answer if isinstance(answer, bytes) else b""))


class Model:
    """A virtual clock at one baud rate. `now_ms` rises with every event it is told."""

    def __init__(self, baud: int) -> None:
        self.now_ms = 0.0
        self._byte_ms = PARAMETERS["uart_bits"].value / baud * 1000
        self._divisor_to = self._divisor_from = 1

    def run(self, events: Iterable[Event]) -> float:
        """The duration of all of them in ms."""
        before = self.now_ms
        for event in events:
            self.hear(event)
        return self.now_ms - before

    def hear(self, event: Event) -> None:
        """One event."""
        if event.kind == "air":
            self._frame(event.data, event.answer)
            return
        self.now_ms += len(event.data) * self._byte_ms
        if event.kind == "host":
            self.now_ms += PARAMETERS["host_command"].value
            self.now_ms += PARAMETERS["chip_ack"].value + PARAMETERS["chip_command"].value

    def select(self, uid_bytes: int, second_searched: bool) -> None:
        """The anticollision of ISO 14443-3 A, which the emulator does not play frame by frame."""
        self.now_ms += self._air_ms(0, 1, 0.8) + self._air_ms(2, 1)  # REQA has seven bits; ATQA
        for _ in range({4: 1, 7: 2, 10: 3}[uid_bytes]):
            self.now_ms += self._air_ms(2, 1) + self._air_ms(5, 1)  # ANTICOLLISION, UID part
            self.now_ms += self._air_ms(7 + _CRC_BYTES, 1) + self._air_ms(1 + _CRC_BYTES, 1)  # SELECT, SAK
        if second_searched:
            self.now_ms += PARAMETERS["chip_search"].value

    def _frame(self, frame: bytes, answer: bytes) -> None:
        self.now_ms += self._air_ms(len(frame) + _CRC_BYTES, self._divisor_to)
        if not answer:
            return
        if frame[0] & 0xE2 == 0x02 and not frame[0] & 0x10:
            self.now_ms += command_ms(frame[2:] if frame[0] & 0x08 else frame[1:])
        self.now_ms += self._air_ms(len(answer) + _CRC_BYTES, self._divisor_from)
        if frame[0] == 0xE0:
            self.now_ms += PARAMETERS["ats_guard"].value
            self._divisor_to = self._divisor_from = 1
        if frame[0] & 0xF0 == 0xD0 and len(frame) == 3:
            rates = [kbits // RATES_KBITS[0] for kbits in RATES_KBITS]
            self._divisor_to, self._divisor_from = rates[frame[2] & 3], rates[frame[2] >> 2 & 3]

    @staticmethod
    def _air_ms(count: int, divisor: int, more_bytes: float = 0.0) -> float:
        """One frame and the pause after it."""
        bits = (count + more_bytes) * _BYTE_BITS + _FRAME_BITS
        etu_us = PARAMETERS["etu_106_us"].value / divisor
        return (bits * etu_us + PARAMETERS["frame_delay_us"].value) / 1000
