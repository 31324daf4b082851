"""Bodies of messages against their rows of the table."""

from protocol.wire import config, kinds, rows

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any


class MessageError(ValueError):
    """A body does not fit its row of the table; str() names the field, `code` is one of envelope.CODES."""

    def __init__(self, sentence: str, code: str = "field") -> None:
        super().__init__(sentence)
        self.code = code


def check(kind: int, direction: int, body: object) -> None:
    """Raise MessageError unless body is exactly what the table's row says; a configuration may say more."""
    row = rows.row(kind)
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
        value = body[key]
        good = _are_records(value, low, high) if what == "records" else kinds.fits(what, value, low, high)
        if not good:
            code = "amount" if name == "amount_fen" and isinstance(value, int) else "field"
            raise MessageError("%s: %s must be %s, %d to %d" % (row[0], name, what, low, high), code)
    if known != len(body) and kind != config.CONFIG:  # of which a kiosk takes what its firmware knows
        raise MessageError("%s: has a field the table does not know" % row[0])


def _are_records(value: object, low: int, high: int) -> bool:
    """The one kind that needs the table: [[counter, kind, body], ...], each a good report; MessageError names
    the field that spoils one.
    """
    if not isinstance(value, list) or not low <= len(value) <= high:
        return False
    from protocol.wire.messages import REPORTS  # which imports this

    for item in value:
        if not isinstance(item, list) or len(item) != 3 or not kinds.is_int(item[0], 1, kinds.U32):
            return False
        if item[1] not in REPORTS:
            return False
        check(item[1], kinds.UP, item[2])
    return True


def fields(kind: int, body: "dict[int, Any]") -> "dict[str, Any]":
    """{key: value} as it travels -> {name: value} to work with."""
    return {name: body[key] for key, name, *_ in rows.row(kind)[2] if key in body}


def body(kind: int, **values: object) -> "dict[int, Any]":
    """Values by name -> {key: value}, checked against the table."""
    _name, direction, columns = rows.row(kind)
    made = {key: values.pop(name) for key, name, *_ in columns if name in values}
    if values:
        raise MessageError("no such field: " + ", ".join(values))
    check(kind, direction, made)
    return made
