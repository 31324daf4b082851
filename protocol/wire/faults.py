"""Rows of the message table for what went wrong with a kiosk: told until the host has noted it."""

from protocol.wire.kinds import DOWN, U32, UP

FAULT, NOTED = 13, 48

RESTART = "restart"  # the source of a restart; others: reader, display, flash, journal
CAUSE_MAX = 120

_NONCE = (1, "nonce", "bytes", "", 8, 8, True)
_FAULT = (2, "fault", "bytes", "", 8, 8, True)

MESSAGES = {
    FAULT: (
        "fault",
        UP,
        (
            _NONCE,
            _FAULT,
            (3, "source", "text", "", 1, 16, True),
            (4, "cause", "text", "", 1, CAUSE_MAX, True),
            (5, "count", "uint", "", 1, U32, True),
            (6, "uptime_s", "uint", "s", 0, U32, True),
            (7, "happened_s", "uint", "s", 0, U32, True),
            (8, "firmware", "text", "", 1, 32, True),
        ),
    ),
    NOTED: ("noted", DOWN, (_NONCE, _FAULT)),
}
