"""When PostgreSQL lets a transaction believe what the one before remembers: if nobody can have changed it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from host.db import engine
from host.db.connection import Connection, collisions
from host.db.engine import Database
from tests.waiting import until

BOOKS = "SELECT writer FROM chains WHERE writer = 0 FOR UPDATE"  # as everybody who books begins
WRITE = "INSERT INTO settings (name, value) VALUES (%s, 'x')"


@pytest.fixture
def database(books_url: str) -> Iterator[Database]:
    database = engine.open_existing(books_url)
    with database.write() as connection:
        connection.execute("INSERT INTO chains VALUES (0, 0, 0, 'x')")
    yield database
    database.close()


@contextmanager
def other(url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Another process, in a transaction."""
    with psycopg.connect(url) as raw:
        yield raw


def remember(database: Database, what: str) -> Connection:
    with database.write() as connection:
        connection.remembered()
        connection.execute("UPDATE chains SET last_transaction = last_transaction + 1")
        connection.remember(what)
    return connection


def remembered(database: Database) -> object:
    with database.write() as connection:
        return connection.remembered()


def settled(database: Database) -> None:
    """Until it is remembered: a vacuum of the server's own counts as somebody who wrote."""
    until(lambda: remember(database, "it") and remembered(database) == "it")


def test_it_is_known_once(database: Database) -> None:
    settled(database)
    assert remembered(database) is None


def test_who_wrote_nothing_remembers_nothing(database: Database) -> None:
    settled(database)
    with database.write() as connection:
        connection.remember("nothing was written")
    settled(database)  # what came before does not count as its own


def test_who_committed_since_makes_it_forgotten(database: Database, books_url: str) -> None:
    settled(database)
    remember(database, "it")
    with other(books_url) as raw:
        raw.execute(WRITE, ("a",))
    assert remembered(database) is None


def test_who_began_before_and_is_not_through_makes_it_forgotten(database: Database, books_url: str) -> None:
    settled(database)
    with other(books_url) as raw:
        raw.execute(WRITE, ("a",))
        remember(database, "it")
    assert remembered(database) is None


@pytest.mark.parametrize("began", ["before", "after"])
def test_who_is_through_meanwhile_makes_it_forgotten(database: Database, books_url: str, began: str) -> None:
    """What was read at the start may be old by the end."""
    settled(database)
    with other(books_url) as raw, database.write() as connection:
        if began == "before":
            raw.execute(WRITE, ("a",))
        connection.remembered()
        if began == "after":
            raw.execute(WRITE, ("a",))
        raw.commit()
        connection.execute("UPDATE chains SET last_transaction = last_transaction + 1")
        connection.remember("old")
    assert remembered(database) is None


@pytest.mark.parametrize("first", ["we", "they"])
def test_who_began_meanwhile_and_is_through_later_makes_it_forgotten(
    database: Database, books_url: str, first: str
) -> None:
    """Whichever has the lower number."""
    settled(database)
    with other(books_url) as raw:
        with database.write() as connection:
            connection.remembered()
            if first == "they":
                raw.execute(WRITE, ("a",))
            connection.execute("UPDATE chains SET last_transaction = last_transaction + 1")
            if first == "we":
                raw.execute(WRITE, ("a",))
            connection.remember("it")
        raw.commit()
    assert remembered(database) is None


def test_who_books_is_not_waited_for(database: Database, books_url: str) -> None:
    """A list of thousands of cards is taken over in one transaction: other workers go on meanwhile."""
    settled(database)
    with database.write() as connection:
        connection.execute("INSERT INTO chains VALUES (1, 0, 0, 'x')")
    remember(database, "it")
    with other(books_url) as raw, database.write() as connection:
        raw.execute(BOOKS)
        connection.execute("SET LOCAL statement_timeout = '20s'")
        assert connection.remembered() is None, "it locked a row, which is writing"
        connection.execute("SELECT writer FROM chains WHERE writer = 1 FOR UPDATE")
        connection.remember("old")
    assert remembered(database) is None


def test_nobody_books_while_it_is_used_and_anybody_reads(database: Database, books_url: str) -> None:
    settled(database)
    remember(database, "it")
    with database.write() as connection, other(books_url) as raw:
        connection.remembered()
        assert raw.execute("SELECT count(*) FROM chains").fetchone() == (1,)
        raw.execute("SET lock_timeout = '0.1s'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            raw.execute(BOOKS)
    with other(books_url) as raw:
        raw.execute(BOOKS)


def test_whoever_keeps_others_from_booking_waits_for_nobody(database: Database, books_url: str) -> None:
    """Another worker tells all kiosks something new: who is alone gives way, and waits when it is not."""
    settled(database)
    change = "UPDATE settings SET value = 'ours' WHERE name = 'a'"
    with other(books_url) as raw:
        raw.execute(WRITE, ("a",))
        raw.commit()
        settled(database)
        remember(database, "it")
        raw.execute("UPDATE settings SET value = 'theirs' WHERE name = 'a'")
        with pytest.raises(collisions()), database.write() as connection:
            assert connection.remembered() == "it"
            connection.execute("SET LOCAL statement_timeout = '20s'")
            connection.execute(change)
        assert remembered(database) is None
    with database.write() as connection:
        connection.execute(change)
        assert connection.execute("SHOW lock_timeout").fetchone() == ("0",)


def test_another_connection_begins_without_it(database: Database, books_url: str) -> None:
    settled(database)
    connection = remember(database, "it")
    (number,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    with psycopg.connect(books_url, autocommit=True) as raw:
        raw.execute("SELECT pg_terminate_backend(%s)", (number,))
    assert remembered(database) is None
