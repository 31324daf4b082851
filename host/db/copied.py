"""Rows as PostgreSQL's COPY takes them in its binary format (PostgreSQL manual, COPY, "Binary Format").

By columns and in parts: numbers that stand side by side are packed by one call a row, and the server takes in
one part while the next is made.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain, repeat
from struct import Struct, error
from typing import Any

import psycopg

PART = 100  # rows
HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no extension
TAIL = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_size = Struct("!i").pack


def parts(values: list[Any], width: int) -> Iterator[bytes]:
    """All that is to be sent of rows of `width` values, one row after the other.

    They are integers of 64 bits, texts, bytes or None; psycopg.DataError.
    """
    yield HEAD
    try:
        for at in range(0, len(values), PART * width):
            yield _part(values[at : at + PART * width], width)
    except (error, UnicodeError) as wrong:
        raise psycopg.DataError(str(wrong)) from None
    yield TAIL


def _part(values: list[Any], width: int) -> bytes:
    pieces: list[Iterable[bytes]] = [repeat(width.to_bytes(2, "big"), len(values) // width)]
    numbers: list[list[int]] = []
    for at in range(width):
        column = values[at::width]
        kinds = set(map(type, column))
        if kinds == {int}:
            numbers.append(column)
            continue
        if numbers:
            pieces.append(_numbers(numbers))
            numbers = []
        if kinds == {bytes}:
            pieces.append([_size(len(value)) + value for value in column])
        else:  # texts and what may be absent: few that differ
            made = {value: _field(value) for value in set(column)}
            pieces.append([made[value] for value in column])
    if numbers:
        pieces.append(_numbers(numbers))
    return b"".join(chain.from_iterable(zip(*pieces, strict=True)))


def _numbers(columns: list[list[int]]) -> Iterator[bytes]:
    sized: list[Iterable[int]] = []
    for column in columns:
        sized += (repeat(8), column)
    return map(_pack(len(columns)), *sized)


@lru_cache(maxsize=64)
def _pack(count: int) -> Callable[..., bytes]:
    return Struct("!" + "iq" * count).pack


def _field(value: Any) -> bytes:
    if value is None:
        return _NULL
    if type(value) is int:
        return _pack(1)(8, value)
    raw = value if type(value) is bytes else value.encode()
    return _size(len(raw)) + raw
