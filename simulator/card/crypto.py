"""What the card computes: AES, CMAC, session keys and checksums. Keys of other kinds: see ciphers.py.

Rests on the `cryptography` package alone and shares no line with `protocol/`, so that one mistake
cannot hide in both. Sources: NXP AN12343 (EV2 secure messaging), DESFire Light data sheet (Transaction MAC),
NIST SP 800-38B (CMAC).
"""

from binascii import crc32

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

BLOCK = 16
ZERO_IV = bytes(BLOCK)


def aes_cbc_encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-128-CBC; `data` is a whole number of 16-byte blocks."""
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def aes_cbc_decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-128-CBC; `data` is a whole number of 16-byte blocks."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def aes_block(key: bytes, block: bytes) -> bytes:
    """One block without chaining, as EV2 uses it to make an IV."""
    return aes_cbc_encrypt(key, ZERO_IV, block)


def cmac(key: bytes, message: bytes) -> bytes:
    """AES-CMAC, all 16 bytes."""
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def truncate(mac: bytes) -> bytes:
    """The eight bytes of a 16-byte CMAC that travel: those at odd index (AN12343 4.3.2)."""
    return mac[1::2]


def pad(data: bytes) -> bytes:
    """ISO 9797-1 method 2: 80 00 ... always at least one byte."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK)


def unpad(data: bytes) -> bytes | None:
    """Undoes `pad`; None when the padding is not there."""
    stripped = data.rstrip(b"\x00")
    if not stripped.endswith(b"\x80") or len(data) - len(stripped) >= BLOCK:
        return None
    return stripped[:-1]


def zero_pad(data: bytes) -> bytes:
    """Fills up to whole blocks with zeros; adds nothing to whole blocks."""
    return data + bytes(-len(data) % BLOCK)


def session_keys(key: bytes, rnd_a: bytes, rnd_b: bytes) -> tuple[bytes, bytes]:
    """EV2 session keys (encryption, MAC) from both 16-byte challenges (AN12343 4.2)."""
    mixed = bytes(a ^ b for a, b in zip(rnd_a[2:8], rnd_b[0:6], strict=True))
    tail = b"\x00\x01\x00\x80" + rnd_a[0:2] + mixed + rnd_b[6:16] + rnd_a[8:16]
    return cmac(key, b"\xa5\x5a" + tail), cmac(key, b"\x5a\xa5" + tail)


def tmac_session_keys(key: bytes, uid: bytes, tmc_before: int) -> tuple[bytes, bytes]:
    """Transaction MAC session keys (MAC, encryption) of the transaction that follows counter `tmc_before`."""
    tail = b"\x00\x01\x00\x80" + (tmc_before + 1).to_bytes(4, "little") + uid
    return cmac(key, b"\x5a" + tail), cmac(key, b"\xa5" + tail)


def jamcrc(data: bytes) -> bytes:
    """DESFire's CRC32: the IEEE polynomial without the final inversion, four bytes LSB first."""
    return (crc32(data) ^ 0xFFFFFFFF).to_bytes(4, "little")


def crc16(data: bytes) -> bytes:
    """The CRC of ISO 14443-3 type A, as D40 messaging uses it: two bytes LSB first."""
    crc = 0x6363
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc.to_bytes(2, "little")


def rotate_left(block: bytes) -> bytes:
    """The challenge moved left by one byte, as each side returns it."""
    return block[1:] + block[:1]
