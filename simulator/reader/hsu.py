"""Frames on the PN532's serial line (user manual UM0701-02, 6.2.1).

    normal    00 00 FF LEN LCS          TFI data DCS 00        LEN + LCS = 0, sum(TFI..DCS) = 0 (mod 256)
    extended  00 00 FF FF FF LENM LENL LCS TFI data DCS 00     for more than 255 bytes
    ACK       00 00 FF 00 FF 00         NACK 00 00 FF FF 00 00      error 00 00 FF 01 FF 7F 81 00

What is no frame is passed over byte by byte, so that a good frame after a torn one is still found.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

ACK: Final = bytes.fromhex("0000FF00FF00")
NACK: Final = bytes.fromhex("0000FFFF0000")
ERROR: Final = bytes.fromhex("0000FF01FF7F8100")
MAX_BODY_BYTES: Final = 265
_START: Final = b"\x00\xff"


def build(body: bytes) -> bytes:
    """A frame around TFI and data; extended where it must be. Raises ValueError outside 1..265 bytes."""
    if not 1 <= len(body) <= MAX_BODY_BYTES:
        raise ValueError(f"a frame carries 1 to {MAX_BODY_BYTES} bytes, not {len(body)}")
    if len(body) <= 255:
        head = bytes([len(body), -len(body) & 0xFF])
    else:
        size = len(body).to_bytes(2, "big")
        head = b"\xff\xff" + size + bytes([-sum(size) & 0xFF])
    return b"\x00\x00\xff" + head + body + bytes([-sum(body) & 0xFF, 0])


class Parser:
    """Bytes in; ACK, NACK and the bodies of good frames out."""

    def __init__(self) -> None:
        self._buffer = b""

    def clear(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yields ACK or NACK as such, and TFI and data of every other frame."""
        self._buffer += data
        while True:
            at = self._buffer.find(_START)
            if at < 0:
                self._buffer = self._buffer[-1:] if self._buffer.endswith(b"\x00") else b""
                return
            self._buffer = self._buffer[at:]
            taken, item = _take(self._buffer)
            if taken == 0:
                return
            self._buffer = self._buffer[taken:]
            if item:
                yield item


def _take(buffer: bytes) -> tuple[int, bytes]:
    """Bytes used up and what they were: (0, empty) for a part of a frame, (1, empty) for no frame."""
    incomplete, broken = (0, b""), (1, b"")
    if len(buffer) < 4:
        return incomplete
    first, second = buffer[2], buffer[3]
    if (first, second) == (0x00, 0xFF):
        return 4, ACK
    if (first, second) == (0xFF, 0x00):
        return 4, NACK
    if (first, second) == (0xFF, 0xFF):
        if len(buffer) < 7:
            return incomplete
        start, size, check = 7, int.from_bytes(buffer[4:6], "big"), sum(buffer[4:7])
    else:
        start, size, check = 4, first, first + second
    if check & 0xFF or not 1 <= size <= MAX_BODY_BYTES:
        return broken
    end = start + size + 1
    if len(buffer) < end:
        return incomplete
    if sum(buffer[start:end]) & 0xFF:
        return broken
    return end, buffer[start : end - 1]


def rising_edges(byte: int) -> int:
    """How often the line goes up while this byte passes: start bit low, LSB first, stop bit high."""
    bits = [0, *((byte >> n) & 1 for n in range(8)), 1]
    return sum(1 for before, after in pairwise(bits) if after > before)
