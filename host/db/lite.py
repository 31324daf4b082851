"""A connection to a SQLite file."""

import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from host.db.connection import Connection, Cursor, Parameters, Raised, raises

BUSY_TIMEOUT_MS = 5000
CHECKPOINT_PAGES, CACHE_KIB = 8000, 64 * 1024  # 32 MB of WAL: a page that many batches change is copied once
BLOCK = 25  # rows that one INSERT writes: a third less time than one row each, and more gain nothing
UPDATED = (50, 25)  # rows that one UPDATE changes: of 50 each takes little more than half its time alone


@lru_cache(maxsize=128)
def _inserts(table: str, columns: str, width: int) -> tuple[str, str]:
    """An INSERT of one row, and one of BLOCK rows."""
    row = f"({', '.join('?' * width)})"
    one = f"INSERT INTO {table} ({columns}) VALUES {row}"
    return one, one + f", {row}" * (BLOCK - 1)


@lru_cache(maxsize=128)
def _updates(table: str, key: str, columns: str) -> tuple[list[tuple[int, str]], str]:
    """UPDATEs of so many rows, each its key and its values; and one of a single row."""
    names = columns.split(", ")
    row = f"({', '.join('?' * (len(names) + 1))})"
    found = []
    for rows in UPDATED:
        sets = ", ".join(f"{name} = v.column{at}" for at, name in enumerate(names, 2))
        given = f"(VALUES {', '.join([row] * rows)}) v"
        found.append((rows, f"UPDATE {table} SET {sets} FROM {given} WHERE {table}.{key} = v.column1"))
    sets = ", ".join(f"{name} = ?{at}" for at, name in enumerate(names, 2))
    return found, f"UPDATE {table} SET {sets} WHERE {key} = ?1"


class Lite(Connection):
    """SQLite."""

    dialect = "sqlite"
    INTS = TEXTS = "(SELECT value FROM json_each(?))"
    LOCKED = ""  # a writer has the whole file

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw

    def begin(self, writes: bool) -> None:
        """See Connection."""
        self.raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    def roll_back(self) -> None:
        """See Connection."""
        if self.raw.in_transaction:
            self.raw.execute("ROLLBACK")

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

    def update_flat(self, table: str, key: str, columns: str, values: list[int | None]) -> None:
        """See Connection."""
        width, at = columns.count(",") + 2, 0
        blocks, one = _updates(table, key, columns)
        for rows, sql in blocks:
            size = rows * width
            while len(values) - at >= size:
                self.raw.execute(sql, values[at : at + size])
                at += size
        self.raw.executemany(one, [values[row : row + width] for row in range(at, len(values), width)])

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


def connect(path: Path, read_only: bool) -> Lite:
    """See host.db.engine."""
    mode = "ro" if read_only else "rwc"
    raw = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    raw.row_factory = sqlite3.Row
    raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    raw.execute("PRAGMA foreign_keys=ON")
    raw.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    if not read_only:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        if sys.platform == "darwin":  # fsync there leaves data in the drive's cache
            raw.execute("PRAGMA fullfsync=1")
    return Lite(raw)


_OF_THE_VALUES = (sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)
raises(Raised((sqlite3.Error,), (sqlite3.IntegrityError,), (sqlite3.IntegrityError, *_OF_THE_VALUES)))
