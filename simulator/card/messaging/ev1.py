"""EV1 secure messaging, after authentication with 1A or AA: one IV chained through all that is said.

Every command and every answer moves the IV: by its CMAC, or, where it is encrypted, by its last block. A CMAC
travels with every answer that is not encrypted, and with those commands that bring data for a file under MAC.
Sources: libfreefare (mifare_desfire_crypto.c), python-desfire.
"""

from dataclasses import dataclass, field
from hmac import compare_digest
from typing import ClassVar

from simulator.card import crypto, status
from simulator.card.messaging.checksummed import ChecksummedSession, padded, split
from simulator.card.messaging.session import CommMode
from simulator.card.status import Refused


@dataclass
class Ev1Session(ChecksummedSession):
    """`iv` is what the last message left."""

    mac_bytes: ClassVar[int] = 8
    crc_bytes: ClassVar[int] = 4
    iv: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.iv = self.cipher.zero_iv

    def unwrap(
        self, cmd: int, header: bytes, body: bytes, mode: CommMode, size: int | None = None, tail: int = 0
    ) -> bytes:
        self.need_length(body, size, tail, mode)
        message = bytes([cmd]) + header
        if mode is CommMode.FULL and size != 0:
            return self._decrypted(message, body, size, tail)
        if mode is CommMode.MAC and size != 0:
            return self._verified(message, body)
        self.iv = self.cipher.cmac(self.iv, message + body)
        return body

    def _verified(self, message: bytes, body: bytes) -> bytes:
        data, mac = body[: -self.mac_bytes], body[-self.mac_bytes :]
        whole = self.cipher.cmac(self.iv, message + data)
        if not compare_digest(whole[: self.mac_bytes], mac):
            raise Refused(status.INTEGRITY_ERROR)
        self.iv = whole
        return data

    def _decrypted(self, message: bytes, body: bytes, size: int | None, tail: int) -> bytes:
        if not body or len(body) % self.cipher.block_bytes:
            raise Refused(status.LENGTH_ERROR)
        plain = self.cipher.decrypt(self.iv, body)
        data, crc, rest = split(plain, size, self.crc_bytes, tail)
        if not compare_digest(crypto.jamcrc(message + data), crc):
            raise Refused(status.INTEGRITY_ERROR)
        self.iv = body[-self.cipher.block_bytes :]
        return data + rest

    def wrap(self, code: int, data: bytes, mode: CommMode, open_ended: bool = False) -> bytes:
        if mode is CommMode.FULL and data:
            checked = data + crypto.jamcrc(data + bytes([code]))
            plain = padded(checked, self.cipher.block_bytes, open_ended)
            sent = self.cipher.encrypt(self.iv, plain)
            self.iv = sent[-self.cipher.block_bytes :]
            return sent
        self.iv = self.cipher.cmac(self.iv, data + bytes([code]))
        return data + self.iv[: self.mac_bytes]

    def checksum(self, data: bytes) -> bytes:
        return crypto.jamcrc(data)
