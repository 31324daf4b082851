"""ISO 14443-4, the card's side, and the states of ISO 14443-3 around it.

| state | entered by | hears |
|---|---|---|
| ACTIVE | selection, `reset` | RATS; HLTA and anything else end it |
| PROTOCOL | RATS | PPS as the first frame, blocks, S(DESELECT) |
| HALTED | HLTA, S(DESELECT), a frame it does not know in ACTIVE | nothing until it is selected again |

| block | mask | value |
|---|---|---|
| I | E2 | 02, chaining 10, CID 08, NAD 04, number 01 |
| R | E6 | A2, NAK 10 |
| S | C7 | C2: DESELECT 00, WTX 30 |
| PPS | F0 | D0, CID in the low half |

The card changes its block number with every I-block it takes and with an R(ACK) that asks for the next part
of a chain (rules D and E); it repeats its last block when asked with its own number (rule 11). A command that
takes longer than its frame waiting time is begun when the reader has granted S(WTX). Frames come and go
without CRC; a damaged frame is one that does not arrive.
"""

import math
from collections.abc import Callable
from enum import Enum
from typing import Final

from simulator.card.timing import command_ms

ATS: Final = bytes.fromhex("067577810280")
FRAME_SIZES: Final = (16, 24, 32, 40, 48, 64, 96, 128, 256)
CRC_BYTES: Final = 2
RATES_KBITS: Final = (106, 212, 424, 848)
# What the ATS says: FSCI 5 in its second byte, FWI 8 in its fourth.
FRAME_BYTES: Final = FRAME_SIZES[ATS[1] & 0x0F]
FRAME_WAIT_MS: Final = 4096 / 13_560 * 2 ** (ATS[3] >> 4)
WTXM_MAX: Final = 59
_MAX_APDU_BYTES: Final = 1024
_HLTA: Final = b"\x50\x00"
_DESELECT: Final = 0xC2
_WTX: Final = 0xF2
_CID: Final = 0x08


class State(Enum):
    ACTIVE = "active"
    PROTOCOL = "protocol"
    HALTED = "halted"


class IsoDep:
    """`exchange` answers an APDU or is silent; `delivered` hears that an answer's last block was sent.

    `busy_ms` is how long the card works on an APDU. `ats` may be set; frame size and waiting time stay.
    """

    def __init__(
        self,
        exchange: Callable[[bytes], bytes | None],
        delivered: Callable[[], None],
        busy_ms: Callable[[bytes], float] = command_ms,
    ) -> None:
        self._exchange = exchange
        self._delivered = delivered
        self._busy_ms = busy_ms
        self.ats = ATS
        self.reset()

    def reset(self) -> None:
        """The card was selected anew."""
        self.state = State.ACTIVE
        self.to_card_kbits = self.from_card_kbits = RATES_KBITS[0]
        self._fresh = False
        self._number = 1
        self._cid = 0
        self._frame_bytes = FRAME_SIZES[0]
        self._received = b""
        self._to_send = b""
        self._last: bytes | None = None
        self._waiting: bytes | None = None  # an APDU that needs more time than was granted
        self._missing_ms = 0.0
        self._asked_times = 0

    def frame(self, frame: bytes) -> bytes | None:
        """One frame in, at most one out."""
        if not frame or self.state is State.HALTED:
            return None
        if self.state is State.ACTIVE:
            return self._rats(frame)
        fresh, self._fresh = self._fresh, False
        pcb = frame[0]
        if pcb & 0xF0 == 0xD0:
            return self._pps(frame) if fresh else None
        split = self._addressed(frame)
        if split is None:
            return None
        head, body = split
        if pcb & 0xE2 == 0x02:
            return self._i_block(pcb, head, body)
        if pcb & 0xE6 == 0xA2:
            return None if body else self._r_block(pcb, head)
        if pcb & 0xF7 == _DESELECT and not body:
            self.state = State.HALTED
            return head
        if pcb & 0xF7 == _WTX:
            return self._granted(head, body)
        return None

    def _rats(self, frame: bytes) -> bytes | None:
        if len(frame) != 2 or frame[0] != 0xE0 or frame[1] & 0x0F == 0x0F:
            self.state = State.HALTED
            return None
        self.state, self._fresh = State.PROTOCOL, True
        self._cid = frame[1] & 0x0F
        self._frame_bytes = FRAME_SIZES[min(frame[1] >> 4, 8)]
        return self.ats

    def _pps(self, frame: bytes) -> bytes | None:
        """PPSS, PPS0 and, where PPS0 says so, PPS1 with the divisors of both directions."""
        if frame[0] & 0x0F != self._cid or frame[1:2] not in (b"\x01", b"\x11"):
            return None
        if len(frame) != (3 if frame[1] & 0x10 else 2) or (len(frame) == 3 and frame[2] & 0xF0):
            return None
        if len(frame) == 3:
            self.to_card_kbits = RATES_KBITS[frame[2] & 0x03]
            self.from_card_kbits = RATES_KBITS[frame[2] >> 2]
        return frame[:1]

    def _addressed(self, frame: bytes) -> tuple[bytes, bytes] | None:
        """Header to answer with and the information field; None when another card is meant."""
        if len(frame) + CRC_BYTES > FRAME_BYTES:
            return None
        if not frame[0] & _CID:
            return (frame[:1], frame[1:]) if self._cid == 0 else None
        if len(frame) < 2 or frame[1] & 0x0F != self._cid:
            return None
        return frame[:2], frame[2:]

    def _i_block(self, pcb: int, head: bytes, body: bytes) -> bytes | None:
        if pcb & 0x04 or self._waiting is not None:
            return None
        self._number ^= 1
        self._received += body
        if len(self._received) > _MAX_APDU_BYTES:
            self._received = b""
            return None
        if pcb & 0x10:
            return self._send(0xA2, head, b"")
        apdu, self._received = self._received, b""
        self._missing_ms = self._busy_ms(apdu) - FRAME_WAIT_MS
        if self._missing_ms > 0:
            self._waiting = apdu
            return self._ask_for_time(head)
        return self._run(apdu, head)

    def _ask_for_time(self, head: bytes) -> bytes:
        self._asked_times = min(WTXM_MAX, math.ceil(self._missing_ms / FRAME_WAIT_MS))
        self._last = bytes([_WTX | head[0] & _CID]) + head[1:] + bytes([self._asked_times])
        return self._last

    def _granted(self, head: bytes, body: bytes) -> bytes | None:
        """The reader's answer to S(WTX), which says how many frame waiting times it grants."""
        if self._waiting is None or body != bytes([self._asked_times]):
            return None
        self._missing_ms -= body[0] * FRAME_WAIT_MS
        if self._missing_ms > 0:
            return self._ask_for_time(head)
        apdu, self._waiting = self._waiting, None
        return self._run(apdu, head)

    def _run(self, apdu: bytes, head: bytes) -> bytes | None:
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
        room = self._frame_bytes - CRC_BYTES - len(head)
        part, self._to_send = self._to_send[:room], self._to_send[room:]
        block = self._send(0x12 if self._to_send else 0x02, head, part)
        if not self._to_send:
            self._delivered()
        return block

    def _send(self, pcb: int, head: bytes, part: bytes) -> bytes:
        self._last = bytes([pcb | head[0] & _CID | self._number]) + head[1:] + part
        return self._last
