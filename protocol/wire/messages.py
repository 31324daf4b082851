"""The message table: every message, every field, its kind, unit and limit, in one place.

A message is a body {key: value} that check.py holds against its row. Numbers of messages and keys are never
used again for something else. docs/protocol.md shows the table. Reports (kiosk -> host) say what happened and
carry their own sequence epoch.counter; hello, applied (told apart by the nonce) and a journal of several
reports travel with counter 0. Host -> kiosk messages echo the hello's nonce. Requests: see online.py.
"""

from protocol.wire import config, faults, greeting, kinds, lists, online, resend, till, updates
from protocol.wire.check import MessageError as MessageError
from protocol.wire.check import body as body
from protocol.wire.check import check as check
from protocol.wire.check import fields as fields

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

UP, DOWN, AMOUNT_FEN_MAX = kinds.UP, kinds.DOWN, kinds.AMOUNT_FEN_MAX
U16, U32 = kinds.U16, kinds.U32
TIME_S_MAX = U32  # seconds since 1970-01-01 UTC

HELLO, SALE, UNSETTLED, SETTLED, APPLIED, JOURNAL = 1, 2, 3, 4, 5, 6
WELCOME, ACK, CONFIG, HOTLIST, ALLOWED = 16, 17, config.CONFIG, lists.HOTLIST, lists.ALLOWED

UPDATE, PIECE = updates.UPDATE, updates.PIECE

REPORTS = (SALE, UNSETTLED, SETTLED, online.TAKEN, online.REVERSAL, resend.ABSENT)

# Field: (key, name, kind, unit, low, high, required). kind as in kinds.py; low and high
# bound the value, the length in bytes (bytes, text) or the number of items (the others).
_CARD = (
    (1, "uid", "bytes", "", 4, 10, True),
    (2, "issue", "uint", "", 0, U16, True),
    (3, "amount_fen", "uint", "fen", 1, AMOUNT_FEN_MAX, True),
)
_HAPPENED = (9, "happened_s", "uint", "s", 0, TIME_S_MAX, True)
_VALUE = (6, "value_fen", "int", "fen", 0, AMOUNT_FEN_MAX, True)
_SOLD = (_VALUE, _HAPPENED, till.OF_ORDER)
_NONCE = (1, "nonce", "bytes", "", 8, 8, True)
_COUNTER = (4, "counter", "uint", "", 0, U32, True)  # the last number given out
_CONFIG = (5, "config", "uint", "", 0, U32, True)
_HOTLIST = (6, "hotlist", "uint", "", 0, U32, True)
_WAITING = (8, "waiting", "uint", "", 0, U32, True)
_ALLOWED = (9, "allowed", "uint", "", 0, U32, True)

_OWN = {
    HELLO: (
        "hello",
        UP,
        (
            _NONCE,
            (2, "firmware", "text", "", 1, 32, True),
            (3, "epoch", "uint", "", 0, U16, True),
            _COUNTER,
            _CONFIG,
            _HOTLIST,
            (7, "pending", "uint", "records", 0, U32, True),
            _WAITING,
            _ALLOWED,
            (10, "open", "uint", "sales", 0, U16, False),  # whose outcome it waits for
        ),
    ),
    SALE: (
        "sale",
        UP,
        _CARD
        + (
            (4, "tmc", "uint", "", 1, U32, True),
            (5, "tmv", "bytes", "", 8, 8, True),
        )
        + _SOLD,
    ),
    UNSETTLED: (
        "unsettled",
        UP,
        _CARD + ((4, "tmc", "uint", "", 0, U32, True),) + _SOLD,
    ),
    SETTLED: (
        "settled",
        UP,
        _CARD
        + (
            (4, "tmc", "uint", "", 0, U32, True),
            (5, "tmv", "bytes", "", 8, 8, False),
            _VALUE,
            (7, "ref_epoch", "uint", "", 0, U16, True),
            (8, "ref_counter", "uint", "", 1, U32, True),
            _HAPPENED,
            (10, "paid", "uint", "0 or 1", 0, 1, True),
        ),
    ),
    APPLIED: ("applied", UP, (_NONCE, _COUNTER, _CONFIG, _HOTLIST, _WAITING, _ALLOWED)),
    JOURNAL: ("journal", UP, ((1, "records", "records", "", 1, 64, True),)),
    WELCOME: (
        "welcome",
        DOWN,
        (
            _NONCE,
            (2, "epoch", "uint", "", 1, U16, True),
            (3, "now_s", "uint", "s", 0, TIME_S_MAX, True),
            _HOTLIST,
            _ALLOWED,
        ),
    ),
    ACK: (
        "ack",
        DOWN,
        (
            _NONCE,
            (2, "epoch", "uint", "", 0, U16, True),
            (3, "upto", "uint", "", 0, U32, True),
            (4, "ranges", "ranges", "", 0, 64, True),
            (5, "verdicts", "verdicts", "", 0, 64, True),
        ),
    ),
}


def _joined(*tables: "dict[int, Any]") -> "dict[int, Any]":
    # not a loop in the module: a kiosk's image leaves out names that nothing there asks for, a loop it keeps
    whole: dict[int, Any] = {}
    for table in tables:
        whole.update(table)
    return whole


MESSAGES = _joined(
    _OWN,
    config.MESSAGES,
    online.MESSAGES,
    lists.MESSAGES,
    till.MESSAGES,
    updates.MESSAGES,
    resend.MESSAGES,
    greeting.MESSAGES,
    faults.MESSAGES,
)

# What the ledger says of one report, inside an ack: counter, code, balance of the card in fen.
BOOKED, FLAGGED, BAD_TMV, HELD, REFUSED = 0, 1, 2, 3, 4
