"""ISO 14443-4, the card's side: RATS, blocks, chaining, deselection.

| block | mask | value |
|---|---|---|
| I | E2 | 02, chaining 10, CID 08, NAD 04, number 01 |
| R | E6 | A2, NAK 10 |
| S(DESELECT) | F7 | C2 |

The card changes its block number with every I-block it takes and with an R(ACK) that asks for the next part
of a chain (rules D and E); it repeats its last block when asked with its own number (rule 11). It never asks
for more time. Frames come and go without CRC; a damaged frame is one that does not arrive.
"""

from collections.abc import Callable
from typing import Final

ATS: Final = bytes.fromhex("067577810280")
FRAME_SIZES: Final = (16, 24, 32, 40, 48, 64, 96, 128, 256)
CRC_BYTES: Final = 2
_MAX_APDU_BYTES: Final = 1024


class IsoDep:
    """`exchange` answers an APDU or is silent; `delivered` hears that an answer's last block was sent."""

    def __init__(self, exchange: Callable[[bytes], bytes | None], delivered: Callable[[], None]) -> None:
        self._exchange = exchange
        self._delivered = delivered
        self.reset()

    def reset(self) -> None:
        self._active = False
        self._number = 1
        self._cid: int | None = None
        self._frame_size = FRAME_SIZES[0]
        self._received = b""
        self._to_send = b""
        self._last: bytes | None = None

    def frame(self, frame: bytes) -> bytes | None:
        """One frame in, at most one out."""
        if not frame:
            return None
        if not self._active:
            return self._rats(frame)
        pcb = frame[0]
        if pcb & 0xF0 == 0xD0:
            return bytes([pcb])
        split = self._addressed(frame)
        if split is None:
            return None
        head, body = split
        if pcb & 0xE2 == 0x02:
            return self._i_block(pcb, head, body)
        if pcb & 0xE6 == 0xA2:
            return self._r_block(pcb, head)
        if pcb & 0xF7 == 0xC2:
            self.reset()
            return head
        return None

    def _rats(self, frame: bytes) -> bytes | None:
        if len(frame) != 2 or frame[0] != 0xE0 or frame[1] & 0x0F == 0x0F:
            return None
        self._active = True
        self._cid = frame[1] & 0x0F
        self._frame_size = FRAME_SIZES[min(frame[1] >> 4, 8)]
        return ATS

    def _addressed(self, frame: bytes) -> tuple[bytes, bytes] | None:
        """Header to answer with and the information field; None when another card is meant."""
        pcb = frame[0]
        if not pcb & 0x08:
            return (frame[:1], frame[1:]) if self._cid == 0 else None
        if len(frame) < 2 or frame[1] & 0x0F != self._cid:
            return None
        return frame[:2], frame[2:]

    def _i_block(self, pcb: int, head: bytes, body: bytes) -> bytes | None:
        if pcb & 0x04:
            return None
        self._number ^= 1
        self._received += body
        if len(self._received) > _MAX_APDU_BYTES:
            self._received = b""
            return None
        if pcb & 0x10:
            return self._send(0xA2, head, b"")
        apdu, self._received = self._received, b""
        answer = self._exchange(apdu)
        if answer is None:
            self._last = None
            return None
        self._to_send = answer
        return self._send_part(head)

    def _r_block(self, pcb: int, head: bytes) -> bytes | None:
        if pcb & 0x01 == self._number:
            return self._last
        if pcb & 0x10:
            return self._send(0xA2, head, b"")
        if not self._to_send:
            return None
        self._number ^= 1
        return self._send_part(head)

    def _send_part(self, head: bytes) -> bytes:
        room = self._frame_size - CRC_BYTES - len(head)
        part, self._to_send = self._to_send[:room], self._to_send[room:]
        block = self._send(0x12 if self._to_send else 0x02, head, part)
        if not self._to_send:
            self._delivered()
        return block

    def _send(self, pcb: int, head: bytes, part: bytes) -> bytes:
        cid_flag = 0x08 if len(head) == 2 else 0
        self._last = bytes([pcb | cid_flag | self._number]) + head[1:] + part
        return self._last
