"""What a broker must not read, under the kiosk's seal key: role keys and PINs, by AES key wrap.

Only inside an envelope, whose MAC covers them. Key wrap is RFC 3394: a token can do it with a key that never
leaves it in the clear.
"""

from protocol import aes
from protocol.same import same

WRAP_IV = b"\xa6" * 8  # RFC 3394 2.2.3.1
WRAPPED_SIZE = 24
ROLE_KEY_SIZE = 1 + 4 + WRAPPED_SIZE
ROLE_NUMBERS = {"read": 1, "debit": 2}  # as they travel


def wrap(wrapping_key: bytes, key: bytes) -> bytes:
    """RFC 3394 2.2.1 of a 16-byte key -> 24 bytes."""
    a, r = WRAP_IV, [key[:8], key[8:]]
    for t in range(1, 13):
        at = (t - 1) % 2
        block = aes.encrypt_block(wrapping_key, a + r[at])
        a, r[at] = block[:7] + bytes([block[7] ^ t]), block[8:]
    return a + r[0] + r[1]


def unwrap(wrapping_key: bytes, wrapped: bytes) -> bytes:
    """The inverse; ValueError when it was wrapped by another key, or changed."""
    if len(wrapped) != WRAPPED_SIZE:
        raise ValueError("a wrapped key has %d bytes" % WRAPPED_SIZE)
    a, r = wrapped[:8], [wrapped[8:16], wrapped[16:]]
    for t in range(12, 0, -1):
        at = (t - 1) % 2
        block = aes.decrypt_cbc(wrapping_key, aes.ZERO_IV, a[:7] + bytes([a[7] ^ t]) + r[at])
        a, r[at] = block[:8], block[8:]
    if not same(a, WRAP_IV):
        raise ValueError("the key was wrapped by another one, or was changed")
    return r[0] + r[1]


def role_keys(wrapped: "list[tuple[str, int, bytes]]") -> bytes:
    """What a kiosk gets of the card keys: of each (role, version, wrapped) u8, u32, 24 bytes."""
    return b"".join(
        [bytes([ROLE_NUMBERS[role]]) + version.to_bytes(4, "little") + key for role, version, key in wrapped]
    )


def open_role_keys(seal_key: bytes, packed: bytes) -> "dict[str, dict[int, bytes]]":
    """The inverse -> {role: {version: master}}; ValueError. A newer host's roles are left out."""
    if not packed or len(packed) % ROLE_KEY_SIZE:
        raise ValueError("role keys of %d bytes" % len(packed))
    found: dict[str, dict[int, bytes]] = {role: {} for role in ROLE_NUMBERS}
    for at in range(0, len(packed), ROLE_KEY_SIZE):
        for role, number in ROLE_NUMBERS.items():
            if packed[at] == number:
                version = int.from_bytes(packed[at + 1 : at + 5], "little")
                found[role][version] = unwrap(seal_key, packed[at + 5 : at + ROLE_KEY_SIZE])
    return found


def pin(seal_key: bytes, request: bytes, digits: bytes) -> bytes:
    """A PIN, 4 to 8 digits, for one request (8 bytes): in the next the same one looks different."""
    return wrap(seal_key, request + digits + bytes(8 - len(digits)))


def open_pin(seal_key: bytes, request: bytes, sealed: bytes) -> str:
    """The inverse; ValueError when it is of another kiosk or request, or no PIN."""
    opened = unwrap(seal_key, sealed)
    digits = opened[8:].rstrip(b"\0")
    if not same(opened[:8], request) or len(digits) < 4 or digits.strip(b"0123456789"):
        raise ValueError("a PIN of another request, or none")
    return digits.decode()
