"""ISO 14443-4, the reader's side, as the PN532 runs it by itself after an automatic RATS.

`transceive` sends one frame and returns the card's or None. A silent card is asked once more with R(NAK),
which recovers an answer lost in the air.
"""

from collections.abc import Callable
from typing import Final

from simulator.card.iso14443 import CRC_BYTES, FRAME_SIZES

_FSDI_64: Final = 0x50
_FSD_BYTES: Final = 64


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
        ats = self._transceive(bytes([0xE0, _FSDI_64]))
        if ats is None:
            raise CardLost
        if not ats or ats[0] != len(ats):
            raise BadBlock
        if len(ats) > 1:
            size = FRAME_SIZES[min(ats[1] & 0x0F, 8)]
            self._frame_bytes = min(size, _FSD_BYTES)
        return ats

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
        while True:
            if block[0] & 0xEE != 0x02:
                raise BadBlock
            answer += block[1:]
            if not block[0] & 0x10:
                return answer
            block = self._block(0xA2, b"")

    def deselect(self) -> None:
        """Sends the card to sleep; whether it hears that does not matter."""
        self._transceive(b"\xc2")

    def _chain_block(self, part: bytes) -> None:
        block = self._block(0x12, part)
        if block[0] & 0xFE != 0xA2:
            raise BadBlock

    def _block(self, pcb: int, data: bytes) -> bytes:
        answer = self._transceive(bytes([pcb | self._number]) + data)
        if answer is None:
            answer = self._transceive(bytes([0xB2 | self._number]))
            if answer is not None and answer[:1] == bytes([0xA2 | self._number ^ 1]):
                answer = self._transceive(bytes([pcb | self._number]) + data)
        if answer is None:
            raise CardLost
        if not answer or answer[0] & 0x01 != self._number:
            raise BadBlock
        self._number ^= 1
        return answer
