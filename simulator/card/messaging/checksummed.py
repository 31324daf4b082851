"""What D40 and EV1 messaging share: data, a checksum, a tail, padding; encrypted in whole blocks.

data | checksum | tail | 00 ...          where the length is known from the command
data | checksum | 80 | 00 ...            where it is not
"""

from dataclasses import dataclass
from typing import ClassVar

from simulator.card import status
from simulator.card.ciphers import BlockCipher
from simulator.card.messaging.session import CommMode, Session
from simulator.card.status import Refused


@dataclass
class ChecksummedSession(Session):
    """How long messages are; what is in them, D40 and EV1 say. `mac_bytes`, `crc_bytes`: as they travel."""

    mac_bytes: ClassVar[int]
    crc_bytes: ClassVar[int]
    cipher: BlockCipher

    def body_bytes(self, size: int, mode: CommMode) -> int:
        if mode is CommMode.MAC and size:
            return size + self.mac_bytes
        if mode is CommMode.FULL and size:
            return padded_bytes(size + self.crc_bytes, self.cipher.block_bytes)
        return size

    def need_length(self, body: bytes, size: int | None, tail: int, mode: CommMode) -> None:
        """Refuses another length than `size` and `tail` come to; size None: the padding will say."""
        if size is not None and len(body) != self.body_bytes(size + tail, mode):
            raise Refused(status.LENGTH_ERROR)


def padded_bytes(size: int, block_bytes: int) -> int:
    return -(-size // block_bytes) * block_bytes


def padded(data: bytes, block_bytes: int, open_ended: bool) -> bytes:
    """Fills up to whole blocks; an open end is marked with 80, unless the blocks are full already."""
    missing = -len(data) % block_bytes
    mark = b"\x80" if open_ended and missing else b""
    return data + mark + bytes(missing - len(mark))


def split(plain: bytes, size: int | None, checksum_bytes: int, tail: int) -> tuple[bytes, bytes, bytes]:
    """Data, checksum and tail of decrypted blocks; raises Refused(INTEGRITY_ERROR) for anything else."""
    if size is None:
        stripped = plain.rstrip(b"\x00")
        if not stripped.endswith(b"\x80"):
            raise Refused(status.INTEGRITY_ERROR)
        plain = stripped[:-1]
        size = len(plain) - checksum_bytes - tail
    end = size + checksum_bytes
    if size < 0 or any(plain[end + tail :]):
        raise Refused(status.INTEGRITY_ERROR)
    return plain[:size], plain[size:end], plain[end : end + tail]
