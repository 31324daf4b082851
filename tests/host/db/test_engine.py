import sqlite3
import threading
import time
from pathlib import Path

import pytest

from host.db import engine, schema
from host.errors import HostError
from tests.host.rig import Shop

# Present state, of which only the newest counts; every other table says what happened.
MUTABLE = {"settings", "operators", "accounts", "kiosks", "kiosk_sessions", "kiosk_epochs"}


@pytest.fixture
def database(tmp_path: Path) -> engine.Database:
    return engine.create_or_open(tmp_path / "books.db")


def test_a_commit_is_on_the_disk_when_it_returns(database: engine.Database) -> None:
    with database.read() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_an_exception_takes_the_whole_transaction_back(database: engine.Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute("INSERT INTO settings VALUES ('a', 'b')")
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM settings").fetchone()[0] == 0


def test_a_reader_sees_one_moment_while_another_thread_writes(database: engine.Database) -> None:
    def write() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO settings VALUES ('a', 'b')")

    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM settings").fetchone()[0] == 0
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(5)
        assert not thread.is_alive()
        assert connection.execute("SELECT count(*) FROM settings").fetchone()[0] == 0
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM settings").fetchone()[0] == 1


def test_what_happened_can_be_neither_edited_nor_deleted(shop: Shop) -> None:
    ours = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    tables = {name for (name,) in shop.query(ours)}
    assert tables > MUTABLE
    refused: dict[str, set[str]] = {}
    for table, sql in shop.query("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"):
        refused.setdefault(table, set()).add(sql.split("BEFORE ")[1].split(f" ON {table}")[0])
    open_to_edits = {table for table in tables if not refused.get(table, set()) >= {"UPDATE", "DELETE"}}
    assert open_to_edits == MUTABLE


def test_edits_of_booked_rows_are_refused(shop: Shop) -> None:
    shop.card(10_000)
    for sql in (
        "UPDATE entries SET amount = amount + 1",
        "DELETE FROM entries",
        "UPDATE transactions SET who = 'nobody'",
        "DELETE FROM transaction_states",
        "UPDATE accounts SET kind = 'cash'",
        "DELETE FROM accounts",
    ):
        with pytest.raises(sqlite3.IntegrityError), shop.opened.database.write() as connection:
            connection.execute(sql)


def test_the_bell_wakes_who_waits_and_closing_it_lets_all_go(database: engine.Database) -> None:
    seen = database.bell.count
    woken: list[bool] = []
    waiter = threading.Thread(target=lambda: woken.append(database.bell.wait(seen, 10)))
    waiter.start()
    with database.write():
        pass
    waiter.join(5)
    assert woken == [True]
    database.bell.close()
    began = time.monotonic()
    assert not database.bell.wait(database.bell.count, 10)
    assert time.monotonic() - began < 5


def test_a_database_of_a_newer_program_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    engine.create_or_open(path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version={schema.newest() + 1}")
    for attempt in (engine.create_or_open, engine.open_existing):
        with pytest.raises(HostError, match="newer Tapledger"):
            attempt(path)


def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    for attempt in (engine.create_or_open, engine.open_existing):
        with pytest.raises(HostError, match="cannot be used as a database"):
            attempt(path)


def test_missing_books_are_told_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="tapledger init"):
        engine.open_existing(tmp_path / "none.db")
