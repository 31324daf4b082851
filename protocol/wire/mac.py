"""HMAC-SHA256 (RFC 2104) and the three keys a kiosk shares with the host.

Written out because MicroPython has hashlib.sha256 but no hmac module; CPython uses its own.
"""

import hashlib

MAC_SIZE = 16

try:
    from hmac import digest as _digest  # CPython

    def hmac_sha256(key: bytes, data: bytes) -> bytes:
        """RFC 2104 with SHA-256 -> 32 bytes."""
        return _digest(key, data, "sha256")

except ImportError:

    def hmac_sha256(key: bytes, data: bytes) -> bytes:
        """RFC 2104 with SHA-256 -> 32 bytes."""
        return hmac_by_hash(key, data)


def hmac_by_hash(key: bytes, data: bytes) -> bytes:
    """hmac_sha256 of hashes alone."""
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    key = key + bytes(64 - len(key))
    inner = hashlib.sha256(bytes([b ^ 0x36 for b in key]))
    inner.update(data)
    outer = hashlib.sha256(bytes([b ^ 0x5C for b in key]))
    outer.update(inner.digest())
    return outer.digest()


def kiosk_keys(secret: bytes) -> tuple[bytes, bytes, bytes]:
    """A kiosk's 32-byte secret -> its (up, down, seal) keys of 32, 32 and 16 bytes.

    One key a direction, so that a message can't be reflected; the seal key encrypts fields
    that the broker must not read.
    """
    return (
        hmac_sha256(secret, b"tapledger up"),
        hmac_sha256(secret, b"tapledger down"),
        hmac_sha256(secret, b"tapledger seal")[:16],
    )
