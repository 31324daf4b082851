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


@pytest.mark.parametrize(
    "bounds",
    [(0, 255), (0, 256), (-1, 127), (-1, 128), (0, 65535), (-32768, 32767), (-1, 65535), (0, 2**32 - 1)],
)
def test_bounds_of_all_sizes_come_back(bounds: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    fields = ((1, "few", "uint", "", 0, 1, True), (127, "many", "uint", "", *bounds, False))
    for (_, name), value in table.values({7: ("hello", 1, fields)}).items():
        monkeypatch.setattr(packed, name, value)
    assert without_units(packed.row(7)) == ("hello", 1, list(fields))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([(128, "far", "uint", "", 0, 1, True)], "far has key 128, of at most 127"),
        ([(-1, "far", "uint", "", 0, 1, True)], "far has key -1"),
        ([(1, "far", "uint", "", 0, 2**63, True)], "more than 64 bits"),
        ([(key, "far", "uint", "", 0, 1, True) for key in range(64)], ""),
        ([(key, "far", "uint", "", 0, 10**6 + key, True) for key in range(60)], ""),
    ],
)
def test_what_does_not_fit_is_named(fields: list[tuple[Any, ...]], reason: str) -> None:
    with pytest.raises(ValueError, match=f"message hello does not fit the packed table: .*{reason}"):
        table.values({7: ("hello", 1, tuple(fields))})
