"""Kinds of fields in the message table: each a test (value, low, high) -> does it fit?"""

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


def _is_list(value: object, low: int, high: int) -> bool:
    return isinstance(value, list) and low <= len(value) <= high


def _are_ranges(value: object, low: int, high: int) -> bool:
    """[[first, last], ...] rising and apart."""
    if not isinstance(value, list) or not low <= len(value) <= high:
        return False
    end = 0
    for pair in value:
        if not _is_list(pair, 2, 2) or not is_int(pair[0], end + 1, U32) or not is_int(pair[1], pair[0], U32):
            return False
        end = pair[1]
    return True


def _are_verdicts(value: object, low: int, high: int) -> bool:
    """[[counter, code, balance_fen], ...]"""
    if not isinstance(value, list) or not low <= len(value) <= high:
        return False
    for item in value:
        if not _is_list(item, 3, 3) or not is_int(item[0], 1, U32) or not is_int(item[1], 0, VERDICT_MAX):
            return False
        if not is_int(item[2], -(2**53), 2**53):
            return False
    return True


def _are_uids(value: object, low: int, high: int) -> bool:
    if not isinstance(value, list) or not low <= len(value) <= high:
        return False
    for uid in value:
        if not is_bytes(uid, 4, 10):
            return False
    return True


def _is_span(value: object, low: int, high: int) -> bool:
    """[from, to) in minutes of a day, which may go over midnight; [] where that is allowed."""
    if not _is_list(value, low, high):
        return False
    minutes: list[int] = value  # type: ignore[assignment]
    for minute in minutes:
        if not is_int(minute, 0, DAY_MIN):
            return False
    return not minutes or (len(minutes) == 2 and minutes[0] % DAY_MIN != minutes[1] % DAY_MIN)


def _are_spans(value: object, low: int, high: int) -> bool:
    """Of one day; they may touch or overlap."""
    if not isinstance(value, list) or not low <= len(value) <= high:
        return False
    for span in value:
        if not _is_span(span, 2, 2):
            return False
    return True


def _are_prices(value: object, low: int, high: int) -> bool:
    """[[label, amount_fen], ...]"""
    if not isinstance(value, list) or not low <= len(value) <= high:
        return False
    for item in value:
        if not _is_list(item, 2, 2) or not is_text(item[0], 1, LABEL_MAX):
            return False
        if not is_int(item[1], 1, AMOUNT_FEN_MAX):
            return False
    return True


def _are_frames(value: object, low: int, high: int) -> bool:
    """APDUs, or what a card answered to them."""
    if not isinstance(value, list) or not low <= len(value) <= high:
        return False
    for frame in value:
        if not is_bytes(frame, FRAME_MIN, FRAME_MAX):
            return False
    return True


CHECKS = {
    "uint": is_int,
    "int": is_int,
    "bytes": is_bytes,
    "text": is_text,
    "ranges": _are_ranges,
    "verdicts": _are_verdicts,
    "uids": _are_uids,
    "frames": _are_frames,
    "span": _is_span,
    "spans": _are_spans,
    "prices": _are_prices,
}
