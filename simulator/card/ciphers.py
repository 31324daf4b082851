"""The block ciphers of a DESFire card, and the CMAC whose initial value goes on from message to message.

EV1 messaging chains its CMACs, which no library's CMAC can do; so the chaining is written out here over plain
CBC (NIST SP 800-38B, with the last block of the message before in the place of the zero block).
"""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, algorithms, modes

_AES_BLOCK: Final = 16
_DES_BLOCK: Final = 8
_CMAC_CONSTANTS: Final = {_DES_BLOCK: 0x1B, _AES_BLOCK: 0x87}


@dataclass(frozen=True)
class BlockCipher:
    """A key at work. `block_bytes` is 8 for the DES family and 16 for AES."""

    algorithm: BlockCipherAlgorithm
    block_bytes: int

    @property
    def zero_iv(self) -> bytes:
        return bytes(self.block_bytes)

    def encrypt(self, iv: bytes, data: bytes) -> bytes:
        """CBC; `data` is a whole number of blocks."""
        encryptor = Cipher(self.algorithm, modes.CBC(iv)).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def decrypt(self, iv: bytes, data: bytes) -> bytes:
        """CBC; `data` is a whole number of blocks."""
        decryptor = Cipher(self.algorithm, modes.CBC(iv)).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def cmac(self, iv: bytes, message: bytes) -> bytes:
        """CMAC that begins with `iv`; one whole block, which is the initial value of what follows."""
        size = self.block_bytes
        first = self._doubled(self.encrypt(self.zero_iv, self.zero_iv))
        if not message or len(message) % size:
            message += b"\x80" + bytes(-(len(message) + 1) % size)
            first = self._doubled(first)
        last = bytes(a ^ b for a, b in zip(message[-size:], first, strict=True))
        return self.encrypt(iv, message[:-size] + last)[-size:]

    def _doubled(self, block: bytes) -> bytes:
        """The block times x in the field of its size, as CMAC makes its two keys."""
        bits = 8 * len(block)
        number = int.from_bytes(block, "big") << 1
        if number >> bits:
            number ^= 1 << bits | _CMAC_CONSTANTS[len(block)]
        return number.to_bytes(len(block), "big")


def aes(key: bytes) -> BlockCipher:
    """AES-128 with a key of 16 bytes."""
    return BlockCipher(algorithms.AES(key), _AES_BLOCK)


def des(key: bytes) -> BlockCipher:
    """DES, 2K3DES or 3K3DES, by the length of the key: 8, 16 or 24 bytes. Parity bits do not matter."""
    whole = {8: key * 3, 16: key + key[:8], 24: key}[len(key)]
    return BlockCipher(TripleDES(whole), _DES_BLOCK)
