"""EV2 secure messaging (AN12343 4.3).

The command counter stands still while a command is checked and rises by one before its answer is built; plain
commands count too. A wrong MAC, length or padding is an integrity error and moves nothing.
"""

from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from simulator.card import crypto, status
from simulator.card.messaging.session import CommMode, Session
from simulator.card.status import Refused

MAC_LENGTH: Final = 8
COUNTER_LIMIT: Final = 0xFFFF


@dataclass
class Ev2Session(Session):
    """Keys, the transaction identifier and the command counter."""

    ti: bytes
    enc_key: bytes
    mac_key: bytes
    counter: int = 0

    def body_bytes(self, size: int, mode: CommMode) -> int:
        if mode is CommMode.PLAIN:
            return size
        if mode is CommMode.FULL and size:
            size = (size // crypto.BLOCK + 1) * crypto.BLOCK
        return size + MAC_LENGTH

    def unwrap(
        self, cmd: int, header: bytes, body: bytes, mode: CommMode, size: int | None = None, tail: int = 0
    ) -> bytes:
        if self.counter >= COUNTER_LIMIT:
            raise Refused(status.INTEGRITY_ERROR)
        if size == 0 and len(body) != self.body_bytes(0, mode):
            raise Refused(status.LENGTH_ERROR)
        data = body if mode is CommMode.PLAIN else self._checked(cmd, header, body, mode)
        if size is not None and len(data) != size + tail:
            raise Refused(status.LENGTH_ERROR)
        return data

    def _checked(self, cmd: int, header: bytes, body: bytes, mode: CommMode) -> bytes:
        if len(body) < MAC_LENGTH:
            raise Refused(status.INTEGRITY_ERROR)
        sent, mac = body[:-MAC_LENGTH], body[-MAC_LENGTH:]
        if not compare_digest(self._mac(cmd, header + sent), mac):
            raise Refused(status.INTEGRITY_ERROR)
        if mode is not CommMode.FULL or not sent:
            return sent
        if len(sent) % crypto.BLOCK:
            raise Refused(status.INTEGRITY_ERROR)
        data = crypto.unpad(crypto.aes_cbc_decrypt(self.enc_key, self._iv(b"\xa5\x5a"), sent))
        if data is None:
            raise Refused(status.INTEGRITY_ERROR)
        return data

    def wrap(self, code: int, data: bytes, mode: CommMode, open_ended: bool = False) -> bytes:
        """Counts the command."""
        self.counter += 1
        if mode is CommMode.PLAIN:
            return data
        if mode is CommMode.FULL and data:
            data = crypto.aes_cbc_encrypt(self.enc_key, self._iv(b"\x5a\xa5"), crypto.pad(data))
        return data + self._mac(code, data)

    def checksum(self, data: bytes) -> bytes:
        return crypto.jamcrc(data)

    def _mac(self, first: int, rest: bytes) -> bytes:
        message = bytes([first]) + self.counter.to_bytes(2, "little") + self.ti + rest
        return crypto.truncate(crypto.cmac(self.mac_key, message))

    def _iv(self, label: bytes) -> bytes:
        block = label + self.ti + self.counter.to_bytes(2, "little") + bytes(8)
        return crypto.aes_block(self.enc_key, block)


def proved(key: bytes, rnd_b: bytes, response: bytes) -> bytes:
    """Returns RndA when the reader gave the card's own challenge back, moved left by a byte."""
    if len(response) != 2 * crypto.BLOCK:
        raise Refused(status.LENGTH_ERROR)
    plain = crypto.aes_cbc_decrypt(key, crypto.ZERO_IV, response)
    if not compare_digest(plain[16:], crypto.rotate_left(rnd_b)):
        raise Refused(status.AUTHENTICATION_ERROR)
    return plain[:16]
