"""EV1 secure messaging, after authentication with 1A or AA: one IV chained through all that is said.

Every command and every answer moves the IV: by its CMAC, or, where it is encrypted, by its last block. A CMAC
travels with every answer that is not encrypted, and with those commands that bring data for a file under MAC.
Sources: libfreefare (mifare_desfire_crypto.c), python-desfire.
"""

from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from simulator.card import crypto, status
from simulator.card.ciphers import BlockCipher
from simulator.card.messaging.checksummed import padded, padded_bytes, split
from simulator.card.messaging.session import CommMode, Session
from simulator.card.status import Refused

_MAC_BYTES: Final = 8
_CRC_BYTES: Final = 4


@dataclass
class Ev1Session(Session):
    """`iv` is what the last message left."""

    cipher: BlockCipher
    iv: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.iv = self.cipher.zero_iv

    def body_bytes(self, size: int, mode: CommMode) -> int:
        if mode is CommMode.MAC and size:
            return size + _MAC_BYTES
        if mode is CommMode.FULL and size:
            return padded_bytes(size + _CRC_BYTES, self.cipher.block_bytes)
        return size

    def unwrap(
        self, cmd: int, header: bytes, body: bytes, mode: CommMode, size: int | None = None, tail: int = 0
    ) -> bytes:
        if size is not None and len(body) != self.body_bytes(size + tail, mode):
            raise Refused(status.LENGTH_ERROR)
        message = bytes([cmd]) + header
        if mode is CommMode.FULL and size != 0:
            return self._decrypted(message, body, size, tail)
        if mode is CommMode.MAC and size != 0:
            return self._verified(message, body)
        self.iv = self.cipher.cmac(self.iv, message + body)
        return body

    def _verified(self, message: bytes, body: bytes) -> bytes:
        data, mac = body[:-_MAC_BYTES], body[-_MAC_BYTES:]
        whole = self.cipher.cmac(self.iv, message + data)
        if not compare_digest(whole[:_MAC_BYTES], mac):
            raise Refused(status.INTEGRITY_ERROR)
        self.iv = whole
        return data

    def _decrypted(self, message: bytes, body: bytes, size: int | None, tail: int) -> bytes:
        if not body or len(body) % self.cipher.block_bytes:
            raise Refused(status.LENGTH_ERROR)
        plain = self.cipher.decrypt(self.iv, body)
        data, crc, rest = split(plain, size, _CRC_BYTES, tail)
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
        return data + self.iv[:_MAC_BYTES]

    def checksum(self, data: bytes) -> bytes:
        return crypto.jamcrc(data)
