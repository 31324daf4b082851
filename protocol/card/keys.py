"""Key diversification per NXP AN10922 (AES-128) and what enters it for each role.

    card key = CMAC(role master, 01 | M padded to 32 bytes with 80 00..), M of 1 to 31 bytes

M = UID | AID | system word; the Transaction MAC key also takes the card's issue number, so that
a former life of the card can't speak for the present one.
"""

from protocol.aes import ZERO_IV, double, encrypt_block, encrypt_cbc, xor
from protocol.card.layout import AID

SYSTEM = b"tapledger"


def an10922(master: bytes, m: bytes) -> bytes:
    """AN10922 2.2: master 16 bytes, diversification input m of 1..31 bytes -> 16 bytes.

    Unlike RFC 4493 the input is padded to two blocks even when one would do.
    """
    if not 1 <= len(m) <= 31:
        raise ValueError("diversification input must have 1 to 31 bytes")
    subkey = double(encrypt_block(master, ZERO_IV))
    data = b"\x01" + m
    if len(data) < 32:
        data = data + b"\x80" + bytes(31 - len(data))
        subkey = double(subkey)
    return encrypt_cbc(master, ZERO_IV, data[:16] + xor(data[16:], subkey))[16:]


def card_input(uid: bytes) -> bytes:
    """What enters a card's key of one role."""
    return uid + AID + SYSTEM


def tmac_input(uid: bytes, issue: int) -> bytes:
    """What enters a card's Transaction MAC key in its life number `issue` (u16, enters little endian)."""
    return uid + AID + bytes([issue & 0xFF, issue >> 8]) + SYSTEM


SHARED_INPUT = AID + SYSTEM + b"shared"  # of a key that all cards have in common


def card_key(master: bytes, uid: bytes) -> bytes:
    """A card's 16-byte key for one role, from that role's master (16 bytes)."""
    return an10922(master, card_input(uid))


def tmac_key(master: bytes, uid: bytes, issue: int) -> bytes:
    """A card's 16-byte Transaction MAC key in its life number `issue`."""
    return an10922(master, tmac_input(uid, issue))
