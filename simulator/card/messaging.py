"""EV2 secure messaging, the card's side (AN12343 4.3).

The command counter stands still while a command is checked and rises by one before its answer is built; plain
commands count too. A wrong MAC, length or padding is an integrity error and moves nothing.
"""

from dataclasses import dataclass
from enum import Enum
from hmac import compare_digest

from simulator.card import crypto, status
from simulator.card.status import Refused

MAC_LENGTH = 8
COUNTER_LIMIT = 0xFFFF


class CommMode(Enum):
    """How a command and its answer travel inside a session."""

    PLAIN = "plain"
    MAC = "mac"
    FULL = "full"


@dataclass
class Session:
    """Keys and counters between an authentication and its end. `key_no` is the key that was proved."""

    key_no: int
    ti: bytes
    enc_key: bytes
    mac_key: bytes
    counter: int = 0

    def unwrap(self, cmd: int, header: bytes, body: bytes, mode: CommMode) -> bytes:
        """Checks what follows the header and returns the command's data; raises Refused(INTEGRITY_ERROR)."""
        if self.counter >= COUNTER_LIMIT:
            raise Refused(status.INTEGRITY_ERROR)
        if mode is CommMode.PLAIN:
            return body
        if len(body) < MAC_LENGTH:
            raise Refused(status.INTEGRITY_ERROR)
        sent, mac = body[:-MAC_LENGTH], body[-MAC_LENGTH:]
        if not compare_digest(self._mac(cmd, header + sent), mac):
            raise Refused(status.INTEGRITY_ERROR)
        if mode is CommMode.MAC or not sent:
            return sent
        if len(sent) % crypto.BLOCK:
            raise Refused(status.INTEGRITY_ERROR)
        data = crypto.unpad(crypto.aes_cbc_decrypt(self.enc_key, self._iv(b"\xa5\x5a"), sent))
        if data is None:
            raise Refused(status.INTEGRITY_ERROR)
        return data

    def wrap(self, code: int, data: bytes, mode: CommMode) -> bytes:
        """Counts the command and returns what follows the status `code` in its answer."""
        self.counter += 1
        if mode is CommMode.PLAIN:
            return data
        if mode is CommMode.FULL and data:
            data = crypto.aes_cbc_encrypt(self.enc_key, self._iv(b"\x5a\xa5"), crypto.pad(data))
        return data + self._mac(code, data)

    def _mac(self, first: int, rest: bytes) -> bytes:
        message = bytes([first]) + self.counter.to_bytes(2, "little") + self.ti + rest
        return crypto.truncate(crypto.cmac(self.mac_key, message))

    def _iv(self, label: bytes) -> bytes:
        block = label + self.ti + self.counter.to_bytes(2, "little") + bytes(8)
        return crypto.aes_block(self.enc_key, block)
