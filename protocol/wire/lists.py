"""Which cards a kiosk must not serve: the hotlist. Which purses it may serve while nobody can be asked: the
allow-list.

    seed         first 16 bytes of SHA-256(UID | card data file)    of one card in one life
    fingerprint  first 4 bytes of SHA-256(list key | seed)          of that card for one kiosk

The card data file ends with a MAC of the host's that no kiosk can make, so whoever knows a UID, or guesses
one, does not know a seed. The list key is the kiosk's own: what its flash says is of no use at another one.
Fingerprints stand in parts, each a message. Part 0 has what came last and is short, so that a new card costs
little; when it is full the host moves what is in it to the others. Part by part a kiosk takes what it lacks,
in the order of their versions: `after` is the version that it must have reached before.
"""

import hashlib

from protocol.wire.kinds import DOWN, U32
from protocol.wire.mac import hmac_sha256

HOTLIST, ALLOWED = 18, 23
SEED_SIZE, FINGERPRINT_SIZE = 16, 4
FRESH_MAX = 128  # fingerprints in part 0
PART_MAX = 960  # in each other one: the message fits one block of the kiosk's flash, 4096 bytes
PARTS = 53  # 0 to 52, so 49 920 cards and those in part 0

_NONCE = (1, "nonce", "bytes", "", 8, 8, True)
_VERSION = (2, "version", "uint", "", 1, U32, True)

MESSAGES = {
    HOTLIST: ("hotlist", DOWN, (_NONCE, _VERSION, (3, "uids", "uids", "", 0, 352, True))),
    ALLOWED: (
        "allowed",
        DOWN,
        (
            _NONCE,
            _VERSION,
            (3, "part", "uint", "", 0, PARTS - 1, True),
            (4, "after", "uint", "", 0, U32, True),
            # the last field: in the stored message it ends where the MAC begins
            (5, "fingerprints", "bytes", "", 0, FINGERPRINT_SIZE * PART_MAX, True),
        ),
    ),
}


def list_key(seal_key: bytes) -> bytes:
    """A kiosk's key for fingerprints, 32 bytes, from its seal key."""
    return hmac_sha256(seal_key, b"tapledger allowed")


def seed(uid: bytes, card_data: bytes) -> bytes:
    """16 bytes for a card, from its UID and the 32 bytes of its card data file."""
    return hashlib.sha256(uid + card_data).digest()[:SEED_SIZE]


def fingerprint(key: bytes, card_seed: bytes) -> bytes:
    """4 bytes: how a card stands in the list of the kiosk with this list key."""
    return hashlib.sha256(key + card_seed).digest()[:FINGERPRINT_SIZE]
