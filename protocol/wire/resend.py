"""What the host says of a kiosk's numbers beside acknowledgements: which it misses, which are closed.

Missing: the kiosk reports what it still has, or that it is absent. A host that was restored from a copy of
its books has forgotten what it acknowledged since; the kiosk keeps acknowledged reports until their place in
flash is needed, so it is asked for these numbers again. Closed: open sales that it need not remember.
"""

from protocol.wire.kinds import DOWN, U16, UP

RESEND, CLOSED, ABSENT = 24, 28, 33
RANGES_MAX = 64

_NONCE = (1, "nonce", "bytes", "", 8, 8, True)

MESSAGES = {
    RESEND: (
        "resend",
        DOWN,
        (_NONCE, (2, "epoch", "uint", "", 0, U16, True), (3, "missing", "ranges", "", 1, RANGES_MAX, True)),
    ),
    CLOSED: (
        "closed",
        DOWN,
        (_NONCE, (2, "epoch", "uint", "", 0, U16, True), (3, "sales", "ranges", "", 1, RANGES_MAX, True)),
    ),
    ABSENT: ("absent", UP, ()),
}
