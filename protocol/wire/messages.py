"""The message table: every message, every field, its kind, unit and limit, in one place.

A message is a body {key: value} that `check` holds against its row. Numbers of messages and keys are never
used again for something else. docs/protocol.md shows the table. Reports (kiosk -> host) say what happened and
carry their own sequence epoch.counter; hello, applied (told apart by the nonce) and a journal of several
reports travel with counter 0. Host -> kiosk messages echo the hello's nonce. Requests: see online.py.
"""

from protocol.wire import config, greeting, kinds, lists, online, resend, till, updates

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

# Field: (key, name, kind, unit, low, high, required). kind is one of kinds.CHECKS; low and high
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

MESSAGES = {
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

for more in (config, online, lists, till, updates, resend, greeting):
    MESSAGES.update(more.MESSAGES)

# What the ledger says of one report, inside an ack: counter, code, balance of the card in fen.
BOOKED, FLAGGED, BAD_TMV, HELD, REFUSED = 0, 1, 2, 3, 4


class MessageError(ValueError):
    """A body does not fit its row of the table; str() names the field, `code` is one of envelope.CODES."""

    def __init__(self, sentence: str, code: str = "field") -> None:
        super().__init__(sentence)
        self.code = code


def check(kind: int, direction: int, body: object) -> None:
    """Raise MessageError unless body is exactly what the table's row says."""
    row = MESSAGES.get(kind)
    if row is None or row[1] != direction:
        raise MessageError("unknown message type %d" % kind)
    if not isinstance(body, dict):
        raise MessageError("%s: body is not a map" % row[0])
    known = 0
    for key, name, what, _unit, low, high, required in row[2]:
        if key not in body:
            if required:
                raise MessageError("%s: %s is missing" % (row[0], name))
            continue
        known += 1
        if not kinds.CHECKS[what](body[key], low, high):
            code = "amount" if name == "amount_fen" and isinstance(body[key], int) else "field"
            raise MessageError("%s: %s must be %s, %d to %d" % (row[0], name, what, low, high), code)
    if known != len(body):
        raise MessageError("%s: has a field the table does not know" % row[0])


def _are_records(value: object, low: int, high: int) -> bool:
    """[[counter, kind, body], ...], each a good report; MessageError names the field that spoils one."""
    if not isinstance(value, list) or not low <= len(value) <= high:
        return False
    for item in value:
        if not isinstance(item, list) or len(item) != 3 or not kinds.is_int(item[0], 1, U32):
            return False
        if item[1] not in REPORTS:
            return False
        check(item[1], UP, item[2])
    return True


kinds.CHECKS["records"] = _are_records  # the one kind that needs the table


def fields(kind: int, body: "dict[int, Any]") -> "dict[str, Any]":
    """{key: value} as it travels -> {name: value} to work with."""
    return {name: body[key] for key, name, *_ in MESSAGES[kind][2] if key in body}


def body(kind: int, **values: object) -> "dict[int, Any]":
    """Values by name -> {key: value}, checked against the table."""
    _name, direction, rows = MESSAGES[kind]
    made = {key: values.pop(name) for key, name, *_ in rows if name in values}
    if values:
        raise MessageError("no such field: " + ", ".join(values))
    check(kind, direction, made)
    return made
