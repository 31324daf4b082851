"""Rows of the message table for a kiosk's configuration: what it sells, when, in which words and limits.

Fields from 13 on may be absent, and mean DEFAULTS then. A kiosk passes over fields that it does not know: a
firmware that took over again after a newer one failed its trial finds the newer one's configuration in flash,
and the host tells it no other. What must not be passed over is a new mode, which it rejects.
Clock times are minutes of the local day, 0 to 1440.
"""

from protocol.wire.kinds import AMOUNT_FEN_MAX, DOWN, U32, UP
from protocol.wire.seal import ROLE_KEY_SIZE

CONFIG, REJECTED = 19, 34
VERSIONS_MAX = 4  # of a role key that a kiosk holds
AGE_H_MAX = 8784  # a year
PRICES_MAX = 12  # buttons of a price list
HOURS_MAX = 7  # spans of a day in which a kiosk sells
TITLE_MAX = 30  # bytes: ten Chinese characters
GLYPHS_MAX = 3000  # bytes: 24 Chinese characters for both displays; the whole message stays below 4 KB

DEFAULTS = {
    "mode": "fixed",
    "prices": [],
    "max_fen": AMOUNT_FEN_MAX,
    "quiet": [],
    "hours": [],
    "utc_offset_min": 480,
    "title": "",
    "glyphs": b"",
}

_NONCE = (1, "nonce", "bytes", "", 8, 8, True)

MESSAGES = {
    CONFIG: (
        "config",
        DOWN,
        (
            _NONCE,
            (2, "version", "uint", "", 1, U32, True),
            (3, "price_fen", "uint", "fen", 1, AMOUNT_FEN_MAX, True),
            (4, "language", "text", "", 2, 5, True),
            (5, "verdict_wait_ms", "uint", "ms", 0, 5000, True),
            (6, "offline_total_fen", "uint", "fen", 0, U32, True),
            (9, "role_keys", "bytes", "", ROLE_KEY_SIZE, 2 * VERSIONS_MAX * ROLE_KEY_SIZE, True),
            (10, "offline_card_fen", "uint", "fen", 0, U32, True),
            (11, "offline_card_count", "uint", "sales", 0, U32, True),
            (12, "offline_max_age_h", "uint", "h", 0, AGE_H_MAX, True),
            (13, "mode", "text", "", 2, 8, False),
            (14, "prices", "prices", "", 0, PRICES_MAX, False),
            (15, "max_fen", "uint", "fen", 1, AMOUNT_FEN_MAX, False),
            (16, "quiet", "span", "", 0, 2, False),
            (17, "hours", "spans", "", 0, HOURS_MAX, False),
            (18, "utc_offset_min", "int", "min", -720, 840, False),
            (19, "title", "text", "", 0, TITLE_MAX, False),
            (20, "glyphs", "bytes", "", 0, GLYPHS_MAX, False),
        ),
    ),
    REJECTED: (
        "rejected",
        UP,
        (_NONCE, (2, "version", "uint", "", 1, U32, True), (3, "reason", "text", "", 1, 64, True)),
    ),
}
