"""ISO 14443-4, the reader's side, as the PN532 runs it by itself after an automatic RATS.

`transceive` sends one frame and returns the card's, None for silence, or raises Damaged. A card that was not
heard is asked again with R(NAK), which recovers an answer lost in the air; one that wants more time is
granted it. How much a card may chain and how often it may ask is bounded, as it may be hostile.
"""

from collections.abc import Callable
from typing import Final

from simulator.card.iso14443 import CRC_BYTES, FRAME_SIZES
from simulator.reader.field import Damaged

_FSDI_64: Final = 0x50
_FSD_BYTES: Final = 64
_WTX: Final = 0xF2
_ASKED_AGAIN: Final = 2
_GRANTS_MAX: Final = 64  # of more time, in one answer
_PARTS_MAX: Final = 256  # of a chained answer


class CardLost(Exception):
    """The card does not answer any more."""


class BadBlock(Exception):
    """The card answers, but not what the protocol allows."""


class Initiator:
    """One activated card. `activate` must come first."""

    def __init__(self, transceive: Callable[[bytes], bytes | None]) -> None:
        self._transceive = transceive
        self._number = 0
        self._frame_bytes = FRAME_SIZES[2]

    def activate(self) -> bytes:
        """Sends RATS and returns the ATS; raises CardLost or BadBlock."""
        self._number = 0
        ats = self._heard(bytes([0xE0, _FSDI_64]))
        if ats is None:
            raise CardLost
        if not ats or ats[0] != len(ats):
            raise BadBlock
        if len(ats) > 1:
            size = FRAME_SIZES[min(ats[1] & 0x0F, 8)]
            self._frame_bytes = min(size, _FSD_BYTES)
        return ats

    def set_rates(self, to_card: int, from_card: int) -> None:
        """PPS: both rates as powers of two times 106 kbit/s; raises CardLost or BadBlock."""
        answer = self._heard(bytes([0xD0, 0x11, from_card << 2 | to_card]))
        if answer is None:
            raise CardLost
        if answer != b"\xd0":
            raise BadBlock

    def send(self, data: bytes) -> None:
        """Sends data as the first part of a longer APDU, all of it chained."""
        room = self._frame_bytes - CRC_BYTES - 1
        for at in range(0, len(data), room):
            self._chain_block(data[at : at + room])

    def exchange(self, data: bytes) -> bytes:
        """Sends the (last part of the) APDU and returns the whole answer."""
        room = self._frame_bytes - CRC_BYTES - 1
        while len(data) > room:
            self._chain_block(data[:room])
            data = data[room:]
        block = self._block(0x02, data)
        answer = b""
        for _ in range(_PARTS_MAX):
            if block[0] & 0xEE != 0x02:
                raise BadBlock
            answer += block[1:]
            if not block[0] & 0x10:
                return answer
            block = self._block(0xA2, b"")
        raise BadBlock

    def deselect(self) -> None:
        """Sends the card to sleep; whether it hears that does not matter."""
        self._heard(b"\xc2")

    def _chain_block(self, part: bytes) -> None:
        block = self._block(0x12, part)
        if block[0] & 0xFE != 0xA2:
            raise BadBlock

    def _block(self, pcb: int, data: bytes) -> bytes:
        block = bytes([pcb | self._number]) + data
        answer = self._heard(block)
        asked, grants = 0, 0
        while True:
            if answer is None:
                if asked == _ASKED_AGAIN:
                    raise CardLost
                asked += 1
                answer = self._heard(bytes([0xB2 | self._number]))
                # the card never had this block: it acknowledges the one before
                if answer == bytes([0xA2 | self._number ^ 1]):
                    answer = self._heard(block)
            elif len(answer) == 2 and answer[0] == _WTX and grants < _GRANTS_MAX:
                grants += 1
                answer = self._heard(bytes([_WTX, answer[1] & 0x3F]))
            else:
                break
        if not answer or answer[0] & 0x01 != self._number or answer[0] & 0xC0 == 0xC0:
            raise BadBlock
        self._number ^= 1
        return answer

    def _heard(self, frame: bytes) -> bytes | None:
        try:
            return self._transceive(frame)
        except Damaged:
            return None
