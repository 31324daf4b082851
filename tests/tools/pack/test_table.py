"""The message table that a kiosk's image holds says what the written one says."""

from typing import Any

import pytest

from protocol.wire import packed
from protocol.wire.messages import MESSAGES
from tools.pack import table


@pytest.fixture
def put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for (_, name), value in table.values().items():
        monkeypatch.setattr(packed, name, value)


def without_units(row: tuple[str, int, Any]) -> tuple[str, int, list[tuple[Any, ...]]]:
    return row[0], row[1], [(*field[:3], "", *field[4:]) for field in row[2]]


@pytest.mark.parametrize("kind", MESSAGES)
@pytest.mark.usefixtures("put_in")
def test_each_row_is_the_same(kind: int) -> None:
    assert without_units(packed.row(kind)) == without_units(MESSAGES[kind])


@pytest.mark.usefixtures("put_in")
def test_what_is_in_no_row_is_none() -> None:
    assert [packed.row(kind) for kind in range(256) if kind not in MESSAGES] == [None] * (256 - len(MESSAGES))


def test_an_empty_table_has_no_row() -> None:
    assert packed.row(1) is None
