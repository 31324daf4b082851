"""Transactions and connections, on both engines."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from host.db import engine
from host.db.connection import Connection, breaches, faults
from host.db.copied import PART
from host.db.engine import Database
from host.db.lite import INSERTED

SET = "INSERT INTO settings (name, value) VALUES (?, ?)"
ODD = ["", "\t", "a\tb\nc\rd", "\\", "\\N", "\\.", "'", '"', "%s %", "?", "会所", "\x01\x7f", "NULL", "{a,b}"]


def settings(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return {row["name"]: row["value"] for row in connection.execute("SELECT name, value FROM settings")}


def put(database: Database, name: str, value: str = "x") -> None:
    with database.write() as connection:
        connection.execute(SET, (name, value))


def aside(work: threading.Thread) -> None:
    """Run a thread to its end."""
    work.start()
    work.join(10)
    assert not work.is_alive()


def test_a_commit_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    with engine.create_or_open(tmp_path / "books.db").read() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def test_a_postgresql_commit_waits_for_its_log(postgres_url: str) -> None:
    """Also where the server, or a role, is told otherwise, as a test's is."""
    with engine.create_or_open(postgres_url).read() as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone()[0] == "on"


def test_what_was_committed_is_there_and_an_exception_takes_all_back(database: Database) -> None:
    put(database, "kept")
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(SET, ("a", "b"))
        raise ZeroDivisionError
    assert settings(database) == {"kept": "x"}
    put(database, "after", "y")
    assert settings(database) == {"kept": "x", "after": "y"}


def test_a_breach_of_a_rule_takes_all_back_and_the_next_transaction_works(database: Database) -> None:
    put(database, "a")
    with pytest.raises(breaches()), database.write() as connection:
        connection.execute(SET, ("b", "x"))
        connection.execute(SET, ("a", "again"))
    put(database, "c")
    assert settings(database) == {"a": "x", "c": "x"}


def test_a_savepoint_takes_back_only_what_happened_inside(database: Database) -> None:
    with database.write() as connection:
        connection.execute(SET, ("before", "x"))
        with pytest.raises(breaches()), connection.savepoint():
            connection.execute(SET, ("inside", "x"))
            connection.execute(SET, ("before", "again"))
        with connection.savepoint():
            connection.execute(SET, ("kept", "x"))
        with pytest.raises(ZeroDivisionError), connection.savepoint():
            connection.execute(SET, ("lost", "x"))
            raise ZeroDivisionError
    assert set(settings(database)) == {"before", "kept"}


def test_a_reader_sees_one_moment_while_another_thread_writes(database: Database) -> None:
    with database.read() as connection:
        count = "SELECT count(*) FROM settings"
        assert connection.execute(count).fetchone()[0] == 0
        aside(threading.Thread(target=put, args=(database, "a")))
        assert connection.execute(count).fetchone()[0] == 0
    assert settings(database) == {"a": "x"}


def test_a_reader_writes_nothing(place: Path | str) -> None:
    engine.create_or_open(place)
    for database in (engine.open_existing(place), engine.open_existing(place, read_only=True)):
        try:
            with database.read() as connection:
                connection.execute(SET, ("a", "b"))
        except faults():
            pass  # refused at once, or taken back at the end
        assert settings(database) == {}
        database.close()


def test_writers_of_one_process_wait_for_each_other(database: Database) -> None:
    put(database, "n", "0")

    def count() -> None:
        for _ in range(20):
            with database.write() as connection:
                (n,) = connection.execute("SELECT value FROM settings WHERE name = 'n'").fetchone()
                connection.execute("UPDATE settings SET value = ? WHERE name = 'n'", (str(int(n) + 1),))
        database.close()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert settings(database) == {"n": "80"}


def test_texts_of_any_kind_come_back(database: Database) -> None:
    rows = [(f"{at}{text}", text) for at, text in enumerate(ODD)]
    with database.write() as connection:
        connection.insert("settings", "name, value", rows[::2])
        for row in rows[1::2]:
            connection.execute(SET, row)
        found = connection.execute(
            f"SELECT name FROM settings WHERE value IN {connection.TEXTS}", (connection.texts(ODD[:4]),)
        ).fetchall()
    assert settings(database) == dict(rows)
    assert {row["name"] for row in found} == {name for name, _ in rows[:4]}


BYTES = [b"", bytes(range(256)), b"\\x", b"\\N\t\n", b"'"]


def test_bytes_nothings_and_large_numbers_come_back(database: Database) -> None:
    columns = "kiosk, epoch, counter, kind, sha256, body, code, balance_fen, transaction_id, received_s"
    rows = [
        (1, 1, at, 5, body, body, 0, sign * (2**63 - 1), None if at % 2 else 2**62, -1)
        for at, (body, sign) in enumerate(zip(BYTES, (1, -1, 1, -1, 1), strict=True))
    ]
    with database.write() as connection:
        connection.insert("reports", columns, rows)
        connection.insert("reports", columns, [])
    with database.read() as connection:
        found = [tuple(row) for row in connection.execute(f"SELECT {columns} FROM reports ORDER BY counter")]
    assert found == rows


@pytest.mark.parametrize("count", [1, INSERTED[0] - 1, INSERTED[0], INSERTED[0] + 1, 2 * PART + 3])
def test_many_rows_are_all_written_or_none(database: Database, count: int) -> None:
    rows = [(f"{at:05}", str(at)) for at in range(count)]
    with database.write() as connection:
        with pytest.raises(breaches()), connection.savepoint():
            connection.insert("settings", "name, value", [*rows, ("00000", "again")])
        assert not connection.execute("SELECT 1 FROM settings").fetchall()
        connection.insert("settings", "name, value", rows)
    assert settings(database) == dict(rows)


def open_accounts(connection: Connection, count: int) -> list[int]:
    rows = [(f"o{at}", "CNY", "cash", "yes") for at in range(count)]
    connection.insert("accounts", "owner, unit, kind, below_zero", rows)
    return [row[0] for row in connection.execute("SELECT id FROM accounts ORDER BY id")]


def test_many_rows_are_changed_each_to_its_own(database: Database) -> None:
    with database.write() as connection:
        ids = open_accounts(connection, 5)
        connection.update_flat(
            "accounts", "id", "balance, last_transfer", [ids[3], -7, None, ids[1], 2**62, 12]
        )
        connection.update_flat("accounts", "id", "balance, last_transfer", [])
        found = {
            row[0]: (row[1], row[2])
            for row in connection.execute("SELECT id, balance, last_transfer FROM accounts")
        }
        few = connection.execute(
            f"SELECT count(*) AS n FROM accounts WHERE id IN {connection.INTS}", (connection.ints(ids[:2]),)
        ).fetchone()["n"]
        none = connection.execute(
            f"SELECT count(*) AS n FROM accounts WHERE id IN {connection.INTS}", (connection.ints([]),)
        ).fetchone()["n"]
    nothing = (0, None)
    assert found == {
        ids[0]: nothing,
        ids[1]: (2**62, 12),
        ids[2]: nothing,
        ids[3]: (-7, None),
        ids[4]: nothing,
    }
    assert (few, none) == (2, 0)


@pytest.mark.parametrize("count", [1, 25, 199, 200, 201, 400, 476])
def test_rows_are_changed_however_many(database: Database, count: int) -> None:
    with database.write() as connection:
        ids = open_accounts(connection, count + 1)
        values = [value for number in ids[1:] for value in (number, number * 7, number * 3)]
        connection.update_flat("accounts", "id", "balance, last_transfer", values)
        found = connection.tuples("SELECT id, balance, last_transfer FROM accounts ORDER BY id")
    assert found == [(ids[0], 0, None), *((number, number * 7, number * 3) for number in ids[1:])]


def test_rows_are_read_by_name_and_by_place(database: Database) -> None:
    put(database, "a", "b")
    with database.read() as connection:
        row = connection.execute("SELECT name, value AS said FROM settings").fetchone()
        assert (row["said"], row[0], tuple(row), dict(row)) == (
            "b",
            "a",
            ("a", "b"),
            {"name": "a", "said": "b"},
        )
        assert connection.execute("SELECT 1 FROM settings WHERE name = ?", ("none",)).fetchone() is None


def test_a_stream_gives_all_rows_while_others_are_asked(database: Database) -> None:
    count = 4_500
    with database.write() as connection:
        connection.insert("settings", "name, value", [(f"{at:05}", "x") for at in range(count)])
    with database.read() as connection:
        seen = 0
        for row in connection.stream("SELECT name FROM settings WHERE value = ? ORDER BY name", ("x",)):
            assert row["name"] == f"{seen:05}"
            if seen % 1500 == 0:
                (other,) = connection.execute("SELECT max(name) FROM settings").fetchone()
                assert other == f"{count - 1:05}"
                assert len(list(connection.stream("SELECT name FROM settings"))) == count
            seen += 1
        left_in_the_middle = connection.stream("SELECT name FROM settings")
        assert next(left_in_the_middle)
    assert seen == count
    put(database, "after")


def test_a_server_that_ended_our_connection_is_connected_to_anew(postgres_url: str) -> None:
    database = engine.create_or_open(postgres_url)
    with database.read() as connection:
        number = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (number,))
    put(database, "a")  # nothing was begun on the old one, so nobody needs to know
    assert settings(database) == {"a": "x"}
    database.close()


def test_the_bell_wakes_who_waits_and_closing_it_lets_all_go(database: Database) -> None:
    seen = database.bell.count
    woken: list[bool] = []
    waiter = threading.Thread(target=lambda: woken.append(database.bell.wait(seen, 10)))
    waiter.start()
    with database.write():
        pass
    waiter.join(5)
    assert woken == [True]
    with pytest.raises(ZeroDivisionError), database.write():
        raise ZeroDivisionError
    assert database.bell.count == seen + 1, "nothing was committed: it does not ring"
    database.bell.close()
    began = time.monotonic()
    assert not database.bell.wait(database.bell.count, 10)
    assert time.monotonic() - began < 5


def test_an_address_is_told_without_its_password(tmp_path: Path) -> None:
    database = Database("postgresql://ann:secret@db.example/tap")
    assert database.name == "postgresql://db.example/tap"
    assert Database(tmp_path / "b.db").name == str(tmp_path / "b.db")


def test_who_may_only_read_cannot_write(place: Path | str, database: engine.Database) -> None:
    """As the web process has the books."""
    reader = engine.Database(place, read_only=True)
    with pytest.raises(faults()), reader.write() as connection:
        connection.execute("INSERT INTO settings VALUES ('a', 'b')")
    reader.close()
    with database.read() as connection:
        assert connection.execute("SELECT count(*) AS n FROM settings").fetchone()["n"] == 0


def test_without_postgresqls_driver_a_sentence_says_what_to_install() -> None:
    said = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from host.db import engine\n"
        "from host.errors import HostError\n"
        "try: engine.connect('postgresql://books@127.0.0.1/shop')\n"
        "except HostError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True)
    assert "driver cannot be loaded" in done.stdout and "install psycopg[binary]" in done.stdout, done.stderr
