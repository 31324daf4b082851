"""The step that lets reports lie as they came: the same rows up and down, each number once, none edited."""

from pathlib import Path
from typing import Any

import pytest

from host.db import engine
from host.db.connection import Connection, breaches
from tests.host.db.test_schema import migrate

COLUMNS = "kiosk, epoch, counter, kind, sha256, body, code, balance_fen, transaction_id, received_s"
ROWS = [
    (kiosk, 1, counter, 2, b"h", b"body", 0, 7, None, 100 - counter) for kiosk in (2, 1) for counter in (2, 1)
]


def rows(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.tuples(f"SELECT {COLUMNS} FROM reports ORDER BY kiosk, epoch, counter")


def test_reports_stay_and_are_guarded_on_either_side(place: Path | str) -> None:
    engine.create_or_open(place).close()
    migrate(place, "0023")
    before = engine.connect(place)
    before.insert("reports", COLUMNS, ROWS)
    before.close()
    for version in ("0023", "head", "0023", "head"):
        migrate(place, version)
        connection = engine.connect(place)
        assert rows(connection) == sorted(ROWS)
        for statement in ("UPDATE reports SET code = 1", "DELETE FROM reports"):
            with pytest.raises(breaches(), match="append-only"):
                connection.execute(statement)
        for wrong in (ROWS[0], (None, *ROWS[0][1:]), (9, *ROWS[0][1:4], None, *ROWS[0][5:])):
            with pytest.raises(breaches()):
                connection.insert("reports", COLUMNS, [wrong])
        if connection.dialect == "sqlite":
            assert [row[0] for row in connection.execute("PRAGMA integrity_check")] == ["ok"]
            with pytest.raises(breaches()):  # STRICT still
                connection.insert("reports", COLUMNS, [(9, "x", *ROWS[0][2:])])
            (names,) = connection.execute(
                "SELECT group_concat(name) FROM sqlite_schema WHERE name LIKE '%in_order%'"
            )
            assert names[0] is None
        connection.close()


def test_they_lie_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    place = tmp_path / "books.db"
    engine.create_or_open(place).close()
    migrate(place, "0023")
    before = engine.connect(place)
    before.insert("reports", COLUMNS, ROWS)
    before.close()
    database = engine.create_or_open(place)
    with database.write() as connection:
        connection.insert("reports", COLUMNS, [(1, 1, 3, 2, b"h", b"body", 0, 7, None, 0)])
    with database.read() as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT code FROM reports WHERE kiosk=1 AND epoch=1 AND counter=1"
        )
        assert "USING INDEX" in plan.fetchone()["detail"]
        counters = [row[0] for row in connection.execute("SELECT counter FROM reports ORDER BY rowid")]
    assert counters == [2, 2, 1, 1, 3]
