"""The step that moves a trigger of PostgreSQL behind what it guards: it refuses the same and locks no row."""

from pathlib import Path

import pytest

from host.db import engine
from host.db.connection import Connection, breaches
from host.ledger.books import book
from tests.host.db.test_schema import content, migrate

COUNT = 10
GUARDED = ("id = id + 100", "owner = 'x'", "unit = 'x'", "kind = 'x'", "below_zero = 'yes'")


def opened(place: Path | str) -> None:
    with book(engine.Database(place)) as books:
        for number in range(COUNT):
            books.open_(f"card:0{number}:1", "card")


def log_records(connection: Connection) -> int:
    """What so many new balances write into PostgreSQL's log."""
    connection.begin(writes=True)
    sql = "EXPLAIN (ANALYZE, WAL, FORMAT JSON) UPDATE accounts SET balance = balance + 1"
    try:
        return int(connection.tuples(sql)[0][0][0]["Plan"]["WAL Records"])
    finally:
        connection.roll_back()


def test_an_account_keeps_its_name_on_either_side(place: Path | str) -> None:
    engine.create_or_open(place).close()
    opened(place)
    before = content(place)
    for version in ("0030", "head", "0030", "head"):
        migrate(place, version)
        connection = engine.connect(place)
        for change in GUARDED:
            with pytest.raises(breaches(), match="only the balance changes"):
                connection.execute(f"UPDATE accounts SET {change} WHERE id = 1")
        connection.close()
        assert content(place) == before


def test_on_postgres_a_new_balance_is_one_record(books_url: str) -> None:
    opened(books_url)
    connection = engine.connect(books_url)
    assert COUNT <= log_records(connection) < 2 * COUNT
    migrate(books_url, "0030")
    assert log_records(connection) >= 2 * COUNT, "or else the step is of no use any more"
    connection.close()
