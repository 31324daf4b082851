"""The step after which PostgreSQL empties no table whose rows are there for ever."""

import pytest

from host.db import engine
from host.db.connection import breaches
from tests.host.db.test_accounts_step import opened
from tests.host.db.test_rules import CHANGED_IN_PLACE, tables
from tests.host.db.test_schema import migrate

GUARDS = "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgtype & 32 > 0"


def guarded(address: str) -> set[str]:
    """Tables with a trigger before TRUNCATE."""
    connection = engine.connect(address)
    found = {row[0] for row in connection.tuples(GUARDS)}
    connection.close()
    return found


def test_every_table_of_what_happened_is_guarded_in_new_books_and_in_old_ones(books_url: str) -> None:
    connection = engine.connect(books_url)
    all_of_them = tables(connection) - CHANGED_IN_PLACE | {"accounts", "lots"}
    connection.close()
    assert guarded(books_url) == all_of_them
    migrate(books_url, "0031")
    assert guarded(books_url) == set()
    migrate(books_url, "head")
    assert guarded(books_url) == all_of_them


def test_a_truncate_is_refused_and_takes_nothing(books_url: str) -> None:
    opened(books_url)
    connection = engine.connect(books_url)
    with pytest.raises(breaches(), match="append-only"):
        connection.execute("TRUNCATE accounts CASCADE")
    assert connection.tuples("SELECT count(*) > 0 FROM accounts") == [(True,)]
    migrate(books_url, "0031")
    connection.execute("TRUNCATE accounts CASCADE")  # or else the step is of no use any more
    connection.close()


def test_tables_are_found_in_a_schema_whatever_its_name(postgres_url: str) -> None:
    """SQL would read a name without quotes in small letters."""
    connection = engine.connect(postgres_url)
    connection.execute('CREATE SCHEMA "Shop"')
    connection.execute(f'ALTER DATABASE {postgres_url.rsplit("/", 1)[1]} SET search_path = "Shop"')
    connection.close()
    engine.bring_up(postgres_url)
    made = guarded(postgres_url)
    assert {"transactions", "accounts", "lots"} <= made
    migrate(postgres_url, "0031")
    assert guarded(postgres_url) == set()
    migrate(postgres_url, "head")
    assert guarded(postgres_url) == made
