"""D40 secure messaging, after authentication with 0A: only the data of files and keys are secured.

The card always encrypts and the reader always decrypts, so what arrives is opened by encrypting; each message
begins with an IV of zeros. MAC and CRC cover the data alone. Source: libfreefare (mifare_desfire_crypto.c).
"""

from dataclasses import dataclass
from hmac import compare_digest
from typing import ClassVar

from simulator.card import crypto, status
from simulator.card.messaging.checksummed import ChecksummedSession, padded, split
from simulator.card.messaging.session import CommMode
from simulator.card.status import Refused


@dataclass
class D40Session(ChecksummedSession):
    """Nothing but a key: no message knows of the one before, so a refused one ends nothing."""

    survives_refusal: ClassVar[bool] = True
    mac_bytes: ClassVar[int] = 4
    crc_bytes: ClassVar[int] = 2

    def unwrap(
        self, cmd: int, header: bytes, body: bytes, mode: CommMode, size: int | None = None, tail: int = 0
    ) -> bytes:
        self.need_length(body, size, tail, mode)
        if size == 0 or mode not in (CommMode.MAC, CommMode.FULL):
            return body
        if mode is CommMode.FULL:
            return self._opened(body, size, tail)
        data, mac = body[: -self.mac_bytes], body[-self.mac_bytes :]
        if not compare_digest(self._mac(data), mac):
            raise Refused(status.INTEGRITY_ERROR)
        return data

    def _opened(self, body: bytes, size: int | None, tail: int) -> bytes:
        block_bytes = self.cipher.block_bytes
        if not body or len(body) % block_bytes:
            raise Refused(status.LENGTH_ERROR)
        before, plain = self.cipher.zero_iv, b""
        for at in range(0, len(body), block_bytes):
            block = body[at : at + block_bytes]
            opened = self.cipher.encrypt(self.cipher.zero_iv, block)
            plain += bytes(a ^ b for a, b in zip(opened, before, strict=True))
            before = block
        data, crc, rest = split(plain, size, self.crc_bytes, tail)
        if not compare_digest(crypto.crc16(data), crc):
            raise Refused(status.INTEGRITY_ERROR)
        return data + rest

    def wrap(self, code: int, data: bytes, mode: CommMode, open_ended: bool = False) -> bytes:
        if mode is CommMode.MAC and data:
            return data + self._mac(data)
        if mode is CommMode.FULL and data:
            plain = padded(data + crypto.crc16(data), self.cipher.block_bytes, open_ended)
            return self.cipher.encrypt(self.cipher.zero_iv, plain)
        return data

    def checksum(self, data: bytes) -> bytes:
        return crypto.crc16(data)

    def _mac(self, data: bytes) -> bytes:
        """CBC-MAC over the data, filled up with zeros; the first half of the last block."""
        sent = self.cipher.encrypt(self.cipher.zero_iv, padded(data, self.cipher.block_bytes, False))
        return sent[-self.cipher.block_bytes :][: self.mac_bytes]
