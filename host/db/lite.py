"""A connection to a SQLite file."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from host.db.connection import Connection, Cursor, Parameters

BLOCK = 25  # rows that one INSERT writes: a third less time than one row each, and more gain nothing


@lru_cache(maxsize=128)
def _inserts(table: str, columns: str, width: int) -> tuple[str, str]:
    """An INSERT of one row, and one of BLOCK rows."""
    row = f"({', '.join('?' * width)})"
    one = f"INSERT INTO {table} ({columns}) VALUES {row}"
    return one, one + f", {row}" * (BLOCK - 1)


class Lite(Connection):
    """SQLite."""

    dialect = "sqlite"
    INTS = TEXTS = "(SELECT value FROM json_each(?))"
    LOCKED = ""  # a writer has the whole file

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """See Connection."""
        return self.raw.execute(sql, parameters)

    def tuples(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """See Connection."""
        cursor = self.raw.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """See Connection."""
        yield from self.raw.execute(sql, parameters)

    def insert_flat(self, table: str, columns: str, values: list[Any]) -> None:
        """See Connection."""
        width = columns.count(",") + 1
        one, block = _inserts(table, columns, width)
        in_blocks = len(values) - len(values) % (BLOCK * width)
        for at in range(0, in_blocks, BLOCK * width):
            self.raw.execute(block, values[at : at + BLOCK * width])
        for at in range(in_blocks, len(values), width):
            self.raw.execute(one, values[at : at + width])

    def update(self, table: str, key: str, columns: str, rows: Sequence[tuple[int | None, ...]]) -> None:
        """See Connection."""
        # ?1 is the key: sqlite3 binds by position, so the rows need no turning round
        names = columns.split(", ")
        sets = ", ".join(f"{name} = ?{at}" for at, name in enumerate(names, 2))
        self.raw.executemany(f"UPDATE {table} SET {sets} WHERE {key} = ?1", rows)

    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """See Connection."""
        self.raw.executemany(sql, rows)

    def changes(self) -> object:
        """See Connection."""
        return tuple(self.raw.execute("PRAGMA data_version").fetchone()), self.raw.total_changes

    @staticmethod
    def ints(values: Iterable[int | None]) -> object:
        """See Connection."""
        return json.dumps(list(values))

    texts = ints  # type: ignore[assignment]

    def close(self) -> None:
        """See Connection."""
        self.raw.close()
