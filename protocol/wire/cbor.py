"""Deterministic subset of CBOR (RFC 8949 4.2): one value has exactly one encoding.

    value = int | bytes | str | list | dict with integer keys in rising order

Decoding refuses whatever encode() would not have written: longer heads than needed, floats, tags,
indefinite lengths, duplicate or unordered keys, trailing bytes, depth above 5. Integers fit 64 bits.
"""

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

DEPTH_MAX = 5  # a record's field: envelope, body, records, record, its body, field


class CborError(ValueError):
    """The bytes are not a value of this subset; the message says why."""


def head(major: int, n: int) -> bytes:
    """The shortest head of a major type: 0 and 1 numbers, 2 bytes, 3 text, 4 list, 5 map."""
    if n < 24:
        return bytes((major << 5 | n,))
    if n < 0x100:  # the short ones without a loop: most numbers are
        return bytes((major << 5 | 24, n))
    if n < 0x10000:
        return bytes((major << 5 | 25, n >> 8, n & 0xFF))
    for info, size in ((26, 4), (27, 8)):
        if n < 1 << (8 * size):
            return bytes([major << 5 | info]) + n.to_bytes(size, "big")
    raise CborError("integer above 64 bits")


def encode(value: object, depth: int = 0) -> bytes:
    """Value -> bytes; CborError for a value outside the subset. depth: of what it stands in."""
    if depth > DEPTH_MAX:
        raise CborError("nested too deep")
    if isinstance(value, bool):
        raise CborError("bool is not in the subset: use 0 or 1")
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, (bytes, bytearray)):
        return head(2, len(value)) + bytes(value)
    if isinstance(value, str):
        try:
            raw = value.encode()
        except UnicodeError:
            raise CborError("text has half of a surrogate pair")
        return head(3, len(raw)) + raw
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join([encode(item, depth + 1) for item in value])
    if not isinstance(value, dict):
        raise CborError("no encoding for this type")
    for key in value:  # before sorting: keys of mixed types have no order
        if not isinstance(key, int) or isinstance(key, bool) or key < 0:
            raise CborError("map keys are integers from 0")
    parts = [head(5, len(value))]
    for key in sorted(value):
        parts.append(encode(key, depth + 1))
        parts.append(encode(value[key], depth + 1))
    return b"".join(parts)


def decode(data: bytes) -> object:
    """Bytes -> value; CborError when they are not exactly one value of the subset."""
    value, end = _item(data, 0, 0)
    if end != len(data):
        raise CborError("bytes after the value")
    return value


def _number(data: bytes, at: int) -> tuple[int, int, int]:
    """Head at `at` -> (major type, argument, offset after the head)."""
    if at >= len(data):
        raise CborError("cut short")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info < 24:
        return major, info, at
    if info > 27:
        raise CborError("indefinite length or reserved head")
    size = 1 << (info - 24)
    if at + size > len(data):
        raise CborError("cut short")
    n = int.from_bytes(data[at : at + size], "big")
    if n < 24 or (size > 1 and n < 1 << (4 * size)):
        raise CborError("head longer than needed")
    return major, n, at + size


def _item(data: bytes, at: int, depth: int) -> "tuple[Any, int]":
    if depth > DEPTH_MAX:
        raise CborError("nested too deep")
    major, n, at = _number(data, at)
    if major == 0:
        return n, at
    if major == 1:
        return -1 - n, at
    if major > 5:
        raise CborError("tags, floats and simple values are not in the subset")
    if n * (2 if major == 5 else 1) > len(data) - at:  # an item takes a byte at least: before allocating
        raise CborError("cut short")
    if major == 4:
        items = []
        for _ in range(n):
            item, at = _item(data, at, depth + 1)
            items.append(item)
        return items, at
    if major == 5:
        return _map(data, at, n, depth + 1)
    raw = bytes(data[at : at + n])
    try:
        return raw if major == 2 else raw.decode(), at + n
    except UnicodeError:
        raise CborError("text is not UTF-8")


def _map(data: bytes, at: int, n: int, depth: int) -> "tuple[dict[int, Any], int]":
    found: dict[int, Any] = {}
    last = -1
    for _ in range(n):
        key, at = _item(data, at, depth)
        if not isinstance(key, int) or key <= last:
            raise CborError("map keys must be integers in rising order")
        last = key
        found[key], at = _item(data, at, depth)
    return found, at
