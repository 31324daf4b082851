"""Rows of the message table for a new firmware: the host offers, the kiosk asks for pieces and says what came
of it.

An offer is the image's header (image.py) with a MAC under a key that only this kiosk and the host have, so
what one kiosk was offered is worth nothing to another. Pieces need none of their own: the header has the hash
of all.
"""

from protocol.wire.image import LENGTH_MAX, SIZE
from protocol.wire.kinds import DOWN, U32, UP
from protocol.wire.mac import hmac_sha256

UPDATED, UPDATE, WANTED, PIECE = 11, 25, 32, 50
PIECE_MAX = 1024  # bytes
PIECES_MAX = 4  # for one question: a block of flash

# States. STEADY: never updated. The last three are how a roll-out ended for this kiosk.
STEADY, FETCHING, SWITCHING, TRYING, CONFIRMED, REFUSED, BACK = 0, 1, 2, 3, 4, 5, 6

_NONCE = (1, "nonce", "bytes", "", 8, 8, True)
_ROLLOUT = (2, "rollout", "uint", "", 1, U32, True)
_OFFSET = (3, "offset", "uint", "bytes", SIZE, SIZE + LENGTH_MAX, True)

MESSAGES = {
    UPDATE: (
        "update",
        DOWN,
        (
            _NONCE,
            _ROLLOUT,
            (3, "header", "bytes", "", SIZE, SIZE, True),
            (4, "mac", "bytes", "", 32, 32, True),
        ),
    ),
    PIECE: ("piece", DOWN, (_NONCE, _ROLLOUT, _OFFSET, (4, "data", "bytes", "", 1, PIECE_MAX, True))),
    WANTED: ("wanted", UP, (_NONCE, _ROLLOUT, _OFFSET, (4, "pieces", "uint", "", 1, PIECES_MAX, True))),
    UPDATED: (
        "updated",
        UP,
        (
            _NONCE,
            (2, "rollout", "uint", "", 0, U32, True),
            (3, "state", "uint", "", STEADY, BACK, True),
            (4, "runs", "uint", "", 0, U32, True),
            (5, "image", "uint", "", 0, U32, True),
            (6, "reason", "text", "", 0, 16, True),
        ),
    ),
}


def mac(secret: bytes, header: bytes) -> bytes:
    """Of an offer to the kiosk with this secret: HMAC-SHA256 under a key for nothing else, all 32 bytes."""
    return hmac_sha256(hmac_sha256(secret, b"tapledger update"), header)


def piece_end(offset: int) -> int:
    """Where the piece that begins here ends at most: a piece lies within one row of PIECE_MAX bytes."""
    return (offset // PIECE_MAX + 1) * PIECE_MAX
