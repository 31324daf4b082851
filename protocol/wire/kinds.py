"""Kinds of fields in the message table: does a value fit one?

uint, int   a number                            bytes, text   so many bytes
ranges      [[first, last], ...] rising and apart
verdicts    [[counter, code, balance_fen], ...]
prices      [[label, amount_fen], ...]          moves         [[time_s, amount_fen], ...], < 0: paid
uids        of cards                            frames        APDUs, or what a card answered to them
span        [from, to) in minutes of a day, which may go over midnight; [] where that is allowed
spans       of one day; they may touch or overlap
"""

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

UP, DOWN = 0, 1  # directions
AMOUNT_FEN_MAX = 500_000  # ¥5000, the most a named card may hold (cn-prepaid)
U16 = 0xFFFF
U32 = 0xFFFF_FFFF
DAY_MIN = 1440
LABEL_MAX = 24  # bytes of a label in a price list: eight Chinese characters
VERDICT_MAX = 4  # the highest verdict code of messages.py
# bytes of an APDU or its answer: header, Lc, 255 bytes, Le; data and status word
FRAME_MIN, FRAME_MAX = 2, 261


def has_row(rows: bytes, row: bytes) -> bool:
    """Is this one of the rows of its length that stand one after the other?"""
    at = rows.find(row)
    while at >= 0 and at % len(row):
        at = rows.find(row, at + 1)
    return at >= 0


def is_int(value: object, low: int, high: int) -> bool:
    """Is this a number within both bounds?"""
    # bool is an int on CPython alone, and has no encoding
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_bytes(value: object, low: int, high: int) -> bool:
    """Is this a byte string of low to high bytes?"""
    return isinstance(value, bytes) and low <= len(value) <= high


def is_text(value: object, low: int, high: int) -> bool:
    """Is this a text of low to high bytes in UTF-8, without control characters?"""
    if not isinstance(value, str):
        return False
    for c in value:
        if c < " ":  # no database takes all of them
            return False
    try:
        return low <= len(value.encode()) <= high
    except UnicodeError:  # half of a surrogate pair
        return False


def fits(what: str, value: object, low: int, high: int) -> bool:
    """Is it of this kind, and within both bounds: of its value, of its bytes, or of its items?"""
    if what in ("uint", "int"):
        return is_int(value, low, high)
    if what == "bytes":
        return is_bytes(value, low, high)
    if what == "text":
        return is_text(value, low, high)
    if not isinstance(value, list) or not low <= len(value) <= high:
        return False
    if what == "span":
        return not value or _is_span(value)
    end = 0
    for item in value:
        if not _is_item(what, item, end):
            return False
        end = item[-1]
    return True


def _is_item(what: str, item: "Any", end: int) -> bool:
    """Of a list of this kind; end: what the item before ended with."""
    if what == "uids":
        return is_bytes(item, 4, 10)
    if what == "frames":
        return is_bytes(item, FRAME_MIN, FRAME_MAX)
    if not isinstance(item, list) or len(item) != (3 if what == "verdicts" else 2):
        return False
    if what == "ranges":
        return is_int(item[0], end + 1, U32) and is_int(item[1], item[0], U32)
    if what == "spans":
        return _is_span(item)
    if what == "prices":
        return is_text(item[0], 1, LABEL_MAX) and is_int(item[1], 1, AMOUNT_FEN_MAX)
    if what == "moves":
        return is_int(item[0], 0, U32) and is_int(item[1], -(2**53), 2**53)
    return (  # verdicts
        is_int(item[0], 1, U32) and is_int(item[1], 0, VERDICT_MAX) and is_int(item[2], -(2**53), 2**53)
    )


def _is_span(value: "list[Any]") -> bool:
    if len(value) != 2 or not is_int(value[0], 0, DAY_MIN) or not is_int(value[1], 0, DAY_MIN):
        return False
    return bool(value[0] % DAY_MIN != value[1] % DAY_MIN)
