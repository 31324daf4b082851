"""Rows of the message table for what happens while a card lies there: requests, APDUs, decisions.

A request asks, and nothing has happened yet. The host opens a session for it, sends APDUs in steps, and ends
it with a decision. What the kiosk then did with an answer to a payment is a report: taken or reversal, under
the number that the request carried.

Up they travel on a topic of their own, which the first intake alone follows. Down they have a stream of
numbers of their own: sequence (STREAM, session << STEP_BITS | step), which rises within a nonce.
"""

from protocol.wire import greeting
from protocol.wire.kinds import AMOUNT_FEN_MAX, DOWN, U32, UP, has_row
from protocol.wire.till import OF_ORDER

ASK, ANSWER, TAKEN, REVERSAL = 7, 8, 9, 10
RELAY, DECISION, WAITING = 20, 21, 22
ENDS = (TAKEN, REVERSAL)  # reports
RELAYED = (ASK, ANSWER)  # on the topic of their own
WORDS = (RELAY, DECISION, greeting.MOVES)  # to the request that is open

STREAM = 1  # the epoch of relay and decision on the way down; all else has 0
STEP_BITS = 12
STEPS_MAX = (1 << STEP_BITS) - 1
SESSIONS_MAX = (1 << 32 - STEP_BITS) - 1

STEP_MS = 3000  # the host waits so long for a card's answer, then the card counts as gone
SESSION_MS = 15_000  # and so long for a session that a customer waits for
DESK_MS = 20_000  # a card for a clerk counts as there so long after its terminal last said so
STILL_MS = 5000  # it says so, by the same request, so often
DECISION_MS = 6000  # a kiosk waits so long for the next word on its request, then nothing was decided for it

PAY, COLLECT, DESK, ENTER, TELL = 1, 2, 3, 4, 5  # what is asked
PURSE, ACCOUNT, PLAIN = 1, 2, 3  # what kind of card it looks like; the host decides what it is
DONE, REFUSED, UNKNOWN = 0, 1, 2  # codes of a decision
APDUS_MAX = 8  # of one step
MARK_SIZE = 4  # last bytes of a UID
MARKS_MAX = 512

_NONCE = (1, "nonce", "bytes", "", 8, 8, True)
_REQUEST = (2, "request", "bytes", "", 8, 8, True)
_ENDED = (
    (1, "uid", "bytes", "", 4, 10, True),
    (3, "amount_fen", "uint", "fen", 1, AMOUNT_FEN_MAX, True),
    (9, "happened_s", "uint", "s", 0, U32, True),
    OF_ORDER,
)

MESSAGES = {
    ASK: (
        "ask",
        UP,
        (
            _NONCE,
            _REQUEST,
            (3, "wants", "uint", "", PAY, TELL, True),
            (4, "uid", "bytes", "", 4, 10, True),
            (5, "card", "uint", "", PURSE, PLAIN, True),
            (6, "amount_fen", "uint", "fen", 1, AMOUNT_FEN_MAX, False),
            (7, "pin", "bytes", "sealed", 24, 24, False),
        ),
    ),
    ANSWER: (
        "answer",
        UP,
        (
            _NONCE,
            (2, "session", "uint", "", 0, SESSIONS_MAX, True),
            (3, "step", "uint", "", 0, STEPS_MAX, True),
            (4, "answers", "frames", "", 0, APDUS_MAX, True),
            (5, "gone", "uint", "0 or 1", 0, 1, True),
        ),
    ),
    TAKEN: ("taken", UP, _ENDED),
    REVERSAL: ("reversal", UP, _ENDED),
    RELAY: (
        "relay",
        DOWN,
        (
            _NONCE,
            _REQUEST,
            (3, "session", "uint", "", 1, SESSIONS_MAX, True),
            (4, "step", "uint", "", 1, STEPS_MAX, True),
            (5, "apdus", "frames", "", 1, APDUS_MAX, True),
        ),
    ),
    DECISION: (
        "decision",
        DOWN,
        (
            _NONCE,
            _REQUEST,
            (3, "code", "uint", "", DONE, UNKNOWN, True),
            (4, "amount_fen", "uint", "fen", 0, AMOUNT_FEN_MAX, True),
            (5, "balance_fen", "int", "fen", -(2**53), 2**53, True),
            (6, "reason", "text", "", 0, 16, True),
            (7, "left", "uint", "visits", 0, U32, False),
            (8, "until_s", "uint", "s", 0, U32, False),
        )
        + greeting.FIELDS
        + (
            (12, "left_min", "int", "min", -(2**31), 2**31, False),
            (13, "used_min", "uint", "min", 1, U32, False),
        ),
    ),
    WAITING: (
        "waiting",
        DOWN,
        (
            _NONCE,
            (2, "version", "uint", "", 1, U32, True),
            (3, "marks", "bytes", "", 0, MARK_SIZE * MARKS_MAX, True),
        ),
    ),
}


def number(session: int, step: int) -> tuple[int, int]:
    """The sequence of a relay or decision message."""
    return STREAM, session << STEP_BITS | step


def is_marked(marks: bytes, uid: bytes) -> bool:
    """Does something wait for a card whose UID ends so? Now and then for none: then the host says so."""
    return has_row(marks, uid[-MARK_SIZE:])
