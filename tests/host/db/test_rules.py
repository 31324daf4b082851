"""What the database itself refuses, whoever asks: the same on both engines."""

import importlib
from typing import Any

import pytest

from host.db.connection import Connection, breaches
from host.db.engine import Database
from host.db.schema import FOLDER
from host.ledger import lots
from host.ledger.books import book
from host.ledger.terms import Transfer, Why

STEPS = [
    importlib.import_module(f"host.db.migrations.versions.{file.stem}")
    for file in sorted((FOLDER / "versions").glob("0*.py"))
]
CHANGED_IN_PLACE = {table for step in STEPS for table in getattr(step, "CHANGED_IN_PLACE", ())}
WHY = Why("try", None, "operator:desk", 0)
TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    "postgresql": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
}
OPEN = "INSERT INTO accounts (owner, unit, kind, below_zero, balance) VALUES (?, 'CNY', ?, ?, ?)"
MOVE = (
    "INSERT INTO transfers (id, transaction_id, debit_id, credit_id, amount, debit_after, credit_after)"
    " VALUES (1000, ?, ?, ?, ?, ?, ?)"
)


@pytest.fixture
def booked(database: Database) -> Database:
    """A row in every table of the ledger that refuses edits."""
    with book(database) as books:
        cash, card = books.open_("house", "cash"), books.open_("card:04:1", "card")
        books.post(WHY._replace(reference="1"), [Transfer(cash, card, 500)])
        books.plan(WHY, [Transfer(cash, card, 5)])
        points = books.open_("member:1", "points", "points")
        lots.earn(books, WHY, points, 9, None)
        lots.spend(books, WHY, points, 4)
    return database


def tables(connection: Connection) -> set[str]:
    return {row["name"] for row in connection.execute(TABLES[connection.dialect])} - {"alembic_version"}


def refused(database: Database, sql: str, parameters: tuple[Any, ...] = ()) -> str:
    """What the database says to it."""
    with pytest.raises(breaches()) as caught, database.write() as connection:
        connection.execute(sql, parameters)
    return str(caught.value)


def triggers(connection: Connection) -> dict[str, set[str]]:
    """{table: what of it is refused}"""
    found: dict[str, set[str]] = {}
    if connection.dialect == "sqlite":
        for table, sql in connection.execute(
            "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        ):
            found.setdefault(table, set()).add(sql.split("BEFORE ")[1].split(f" ON {table}")[0])
        return found
    of_all_columns = (
        "SELECT event_object_table, event_manipulation FROM information_schema.triggers t"
        " WHERE action_timing = 'BEFORE' AND NOT EXISTS (SELECT 1 FROM"
        " information_schema.triggered_update_columns c WHERE c.trigger_name = t.trigger_name)"
    )
    for table, event in connection.execute(of_all_columns):
        found.setdefault(table, set()).add(event)
    return found


def test_what_happened_can_be_neither_edited_nor_deleted(database: Database) -> None:
    with database.read() as connection:
        there, guarded = tables(connection), triggers(connection)
    assert there > CHANGED_IN_PLACE
    assert {
        table for table in there if not guarded.get(table, set()) >= {"UPDATE", "DELETE"}
    } == CHANGED_IN_PLACE


@pytest.mark.parametrize(
    "sql, said",
    [
        ("UPDATE transfers SET amount = amount + 1", "append-only"),
        ("DELETE FROM transfers", "append-only"),
        ("UPDATE transactions SET who = 'nobody'", "append-only"),
        ("DELETE FROM transactions WHERE state = 'pending'", "append-only"),
        ("UPDATE plans SET amount = 6", "append-only"),
        ("DELETE FROM lot_uses", "append-only"),
        ("DELETE FROM lots", "append-only"),
        ("UPDATE lots SET expires_s = 1", "only what remains changes"),
        ("UPDATE lots SET remaining = remaining - 100", ""),
        ("UPDATE accounts SET kind = 'cash'", "only the balance changes"),
        ("UPDATE accounts SET below_zero = 'yes'", "only the balance changes"),
        ("DELETE FROM accounts", "append-only"),
    ],
)
def test_edits_of_the_books_are_refused(booked: Database, sql: str, said: str) -> None:
    assert said in refused(booked, sql)


@pytest.mark.parametrize("table", ["transactions", "transfers", "plans", "lot_uses", "lots", "accounts"])
def test_rows_are_not_taken_away_by_a_statement_that_is_no_delete(booked: Database, table: str) -> None:
    with booked.read() as connection:
        before = connection.tuples(f"SELECT * FROM {table}")
        ways = {
            "sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            "postgresql": f"TRUNCATE {table} CASCADE",
        }
        way = ways[connection.dialect]
    assert "append-only" in refused(booked, way)
    with booked.read() as connection:
        assert connection.tuples(f"SELECT * FROM {table}") == before != []


def test_a_balance_below_zero_is_refused_where_the_kind_forbids_it(booked: Database) -> None:
    refused(booked, "UPDATE accounts SET balance = -1 WHERE kind = 'points'")
    refused(booked, OPEN, ("member:2", "refunds", "never", -1))
    refused(booked, OPEN, ("member:2", "refunds", "perhaps", 0))
    with booked.write() as connection:
        connection.execute(OPEN, ("member:2", "cash", "yes", -1))


@pytest.mark.parametrize(
    "kind, allowed", [("sale", True), ("settlement", True), ("load", False), ("reversal", False)]
)
def test_a_cards_shadow_goes_below_zero_by_reports_alone(booked: Database, kind: str, allowed: bool) -> None:
    with booked.write() as connection:
        connection.insert(
            "transactions",
            "id, state, kind, who, happened_s, booked_s, link",
            [(900, "posted", kind, "x", 0, 0, bytes(32))],
        )
    if not allowed:
        assert "by reports only" in refused(booked, MOVE, (900, 2, 1, 600, -100, 100))
    with booked.write() as connection:
        connection.execute(MOVE, (900, 1, 2, 600, -1100, 1100))  # cash may
    if allowed:
        with booked.write() as connection:
            connection.execute(MOVE.replace("1000", "1001"), (900, 2, 1, 1200, -100, 100))


@pytest.mark.parametrize("amount, debit, credit", [(0, 1, 2), (-5, 1, 2), (5, 1, 1)])
def test_a_transfer_is_of_something_between_two(
    booked: Database, amount: int, debit: int, credit: int
) -> None:
    refused(booked, MOVE, (1, debit, credit, amount, 0, 0))


def test_a_name_is_booked_once_and_a_pending_transaction_ends_once(booked: Database) -> None:
    enter = (
        "INSERT INTO transactions (id, state, ends, kind, reference, who, happened_s, booked_s, link)"
        " VALUES (?, ?, ?, 'try', ?, 'x', 0, 0, ?)"
    )
    refused(booked, enter, (900, "posted", None, "1", bytes(32)))
    with booked.write() as connection:
        connection.execute(enter, (900, "voided", 2, None, bytes(32)))
    refused(booked, enter, (901, "expired", 2, None, bytes(32)))
    refused(booked, enter, (901, "lost", None, None, bytes(32)))


def test_texts_are_no_numbers(booked: Database) -> None:
    with pytest.raises(Exception) as caught, booked.write() as connection:
        connection.execute(OPEN, ("member:3", "cash", "yes", "much"))
    assert "much" in str(caught.value) or "INTEGER" in str(caught.value)
