"""Rows of the message table for orders of a till: an amount that a kiosk is to take, and how that went.

What was paid is told by the sale's own report, which names its order. `charged` is the kiosk's word on the
way there; by itself it pays nothing.
"""

from protocol.wire.kinds import AMOUNT_FEN_MAX, DOWN, U16, U32, UP

CHARGED, CHARGE = 12, 26
# Outcomes. ENDED: a report, by its number, tells how. The last three are final, and nothing was taken.
WAITING, CARD, ENDED, REFUSED, CANCELLED, EXPIRED = 0, 1, 2, 3, 4, 5

_NONCE = (1, "nonce", "bytes", "", 8, 8, True)
_ORDER = (2, "order", "uint", "", 1, U32, True)
OF_ORDER = (11, "order", "uint", "", 1, U32, False)  # of a report

MESSAGES = {
    CHARGE: (
        "charge",
        DOWN,
        (
            _NONCE,
            _ORDER,
            (3, "amount_fen", "uint", "fen", 1, AMOUNT_FEN_MAX, True),
            (4, "deadline_s", "uint", "s", 0, U32, True),
            (5, "cancel", "uint", "0 or 1", 0, 1, True),
        ),
    ),
    CHARGED: (
        "charged",
        UP,
        (
            _NONCE,
            _ORDER,
            (3, "outcome", "uint", "", WAITING, EXPIRED, True),
            (4, "epoch", "uint", "", 0, U16, True),
            (5, "counter", "uint", "", 0, U32, True),
            (6, "reason", "text", "", 0, 16, True),
        ),
    ),
}
