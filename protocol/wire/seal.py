"""Fields that a broker must not read: AES-CBC under the kiosk's seal key.

Only inside an envelope, whose MAC covers IV and ciphertext (encrypt, then MAC); lengths are fixed by the
message table, so there is no padding to attack.
"""

from protocol import aes


def close(seal_key: bytes, iv: bytes, plain: bytes) -> bytes:
    """plain: a multiple of 16 bytes; iv: 16 fresh random bytes -> ciphertext of the same length."""
    return aes.encrypt_cbc(seal_key, iv, plain)


def open_(seal_key: bytes, iv: bytes, sealed: bytes) -> bytes:
    """The inverse of close."""
    return aes.decrypt_cbc(seal_key, iv, sealed)


def role_keys(read_master: bytes, debit_master: bytes, version: int) -> bytes:
    """What a kiosk gets of the card keys, 48 bytes: read master, debit master, version u32, zeros."""
    return read_master + debit_master + version.to_bytes(4, "little") + bytes(12)


def open_role_keys(plain: bytes) -> tuple[bytes, bytes, int]:
    """48 bytes -> (read master, debit master, version)."""
    return plain[:16], plain[16:32], int.from_bytes(plain[32:36], "little")
