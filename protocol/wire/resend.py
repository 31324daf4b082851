"""Numbers that the host misses: it asks again, the kiosk reports what it still has, or that it is absent.

A host that was restored from a copy of its books has forgotten what it acknowledged since. The kiosk keeps
acknowledged reports until their place in flash is needed, so it is asked for these numbers again.
"""

from protocol.wire.kinds import DOWN, U16, UP

RESEND, ABSENT = 24, 33
RANGES_MAX = 64

_NONCE = (1, "nonce", "bytes", "", 8, 8, True)

MESSAGES = {
    RESEND: (
        "resend",
        DOWN,
        (_NONCE, (2, "epoch", "uint", "", 0, U16, True), (3, "missing", "ranges", "", 1, RANGES_MAX, True)),
    ),
    ABSENT: ("absent", UP, ()),
}
