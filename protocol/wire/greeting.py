"""What the host tells a customer beside the sale: rows of the message table, and fields of a decision.

A greeting is for the report of its number, and travels before that report's acknowledgement.
"""

from protocol.wire.kinds import DOWN, U16, U32

GREETING, MOVES = 27, 49
ROWS_MAX = 10
TIERS = 7  # the highest; their names are the kiosk's texts (tiers)

# Fields of a greeting and of a decision alike, by the same keys.
FIELDS = (
    (9, "points", "int", "", -(2**53), 2**53, False),
    (10, "tier", "uint", "", 1, TIERS, False),
    (11, "birthday", "uint", "0 or 1", 0, 1, False),
)

MESSAGES = {
    GREETING: (
        "greeting",
        DOWN,
        (
            (1, "nonce", "bytes", "", 8, 8, True),
            (2, "epoch", "uint", "", 0, U16, True),
            (3, "counter", "uint", "", 1, U32, True),
        )
        + FIELDS,
    ),
    MOVES: (
        "moves",
        DOWN,
        (
            (1, "nonce", "bytes", "", 8, 8, True),
            (2, "request", "bytes", "", 8, 8, True),
            (3, "rows", "moves", "", 0, ROWS_MAX, True),
        ),
    ),
}
