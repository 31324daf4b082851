"""What COPY is sent, read again as the manual describes it."""

from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.db import copied

INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
ROW = st.tuples(
    INT64, st.none() | INT64, st.binary(max_size=5), TEXT, st.none() | TEXT, INT64, INT64, st.none()
)


def read(said: bytes) -> list[list[bytes | None]]:
    head, rest = said[: len(copied.HEAD)], said[len(copied.HEAD) :]
    assert head == copied.HEAD
    rows: list[list[bytes | None]] = []
    while (count := int.from_bytes(rest[:2], "big", signed=True)) != -1:
        rest, row = rest[2:], []
        for _ in range(count):
            size = int.from_bytes(rest[:4], "big", signed=True)
            row.append(None if size == -1 else rest[4 : 4 + size])
            rest = rest[4 + max(size, 0) :]
        rows.append(row)
    assert rest == copied.TAIL
    return rows


def sent(rows: list[tuple[Any, ...]]) -> bytes:
    return b"".join(copied.parts([value for row in rows for value in row], len(rows[0])))


def raw(value: Any) -> bytes | None:
    if isinstance(value, int):
        return value.to_bytes(8, "big", signed=True)
    return value.encode() if isinstance(value, str) else value


@given(st.lists(ROW, min_size=1, max_size=5), st.sampled_from([1, 2, copied.PART]))
def test_every_value_stands_there(rows: list[tuple[Any, ...]], times: int) -> None:
    many = rows * times
    assert read(sent(many)) == [[raw(value) for value in row] for row in many]


@pytest.mark.parametrize("wrong", [2**63, -(2**63) - 1, "\ud800"])
def test_what_no_column_takes_is_an_error_of_the_values(wrong: int | str) -> None:
    with pytest.raises(psycopg.DataError):
        sent([(1, wrong)])
    with pytest.raises(psycopg.DataError):
        sent([(1, None), (1, wrong)])
