"""A connection to a SQLite file, through apsw.

apsw brings its own SQLite. No process may have a file open through two SQLites at once: when one closes it,
the system lets go of the other's locks (sqlite.org/howtocorrupt.html, 2.2). So books are opened here alone.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import apsw

from host.db.connection import Connection, Cursor, Parameters, Raised, raises
from host.db.rows import NamedRow, named

BUSY_TIMEOUT_MS = 5000
CHECKPOINT_PAGES, CACHE_KIB = 8000, 64 * 1024  # 32 MB of WAL: a page that many batches change is copied once
BLOCK = 50  # rows that one INSERT writes: a third of the time of one row each, and more gain nothing
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


class _Named(apsw.Cursor):
    """What execute() gives."""

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__(connection)
        self.row_trace = _first

    @property
    def rowcount(self) -> int:
        """Rows that the newest INSERT, UPDATE or DELETE of this connection changed."""
        return self.connection.changes()


def _first(cursor: apsw.Cursor, row: tuple[Any, ...]) -> NamedRow:
    """Those after the first have the same names."""
    make = named(tuple([column[0] for column in cursor.get_description()]))
    cursor.row_trace = lambda _, values: make(values)
    return make(row)


class Lite(Connection):
    """SQLite."""

    dialect = "sqlite"
    INTS = TEXTS = "(SELECT value FROM json_each(?))"
    LOCKED = ""  # a writer has the whole file

    def __init__(self, raw: apsw.Connection) -> None:
        self.raw = raw
        raw.cursor_factory = _Named
        self._many = apsw.Cursor(raw)  # for what is to be quick: its rows have no names

    def begin(self, writes: bool) -> None:
        """See Connection."""
        self._many.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    def roll_back(self) -> None:
        """See Connection."""
        if self.raw.in_transaction:
            self.raw.execute("ROLLBACK")

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """See Connection."""
        return self.raw.execute(sql, parameters)  # type: ignore[return-value]

    def tuples(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """See Connection."""
        return apsw.Cursor(self.raw).execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """See Connection."""
        yield from self.execute(sql, parameters)

    def insert_flat(self, table: str, columns: str, values: list[Any]) -> None:
        """See Connection."""
        width = columns.count(",") + 1
        execute = self._many.execute
        one, block = _inserts(table, columns, width)
        in_blocks = len(values) - len(values) % (BLOCK * width)
        for at in range(0, in_blocks, BLOCK * width):
            execute(block, values[at : at + BLOCK * width])
        for at in range(in_blocks, len(values), width):
            execute(one, values[at : at + width])

    def update_flat(self, table: str, key: str, columns: str, values: list[int | None]) -> None:
        """See Connection."""
        width, at = columns.count(",") + 2, 0
        execute = self._many.execute
        blocks, one = _updates(table, key, columns)
        for rows, sql in blocks:
            size = rows * width
            while len(values) - at >= size:
                execute(sql, values[at : at + size])
                at += size
        self._many.executemany(one, [values[row : row + width] for row in range(at, len(values), width)])

    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """See Connection."""
        self._many.executemany(sql, rows)

    def changes(self) -> object:
        """See Connection."""
        return self._many.execute("PRAGMA data_version").fetchall(), self.raw.total_changes()

    @staticmethod
    def ints(values: Iterable[int | None]) -> object:
        """See Connection."""
        return json.dumps(list(values))

    texts = ints  # type: ignore[assignment]

    def close(self) -> None:
        """See Connection."""
        self._many.close()  # the connection knows only of those that it made itself
        self.raw.close()


def connect(path: Path, read_only: bool) -> Lite:
    """See host.db.engine."""
    writes = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    rights = apsw.SQLITE_OPEN_READONLY if read_only else writes
    raw = apsw.Connection(str(path.resolve()), rights | apsw.SQLITE_OPEN_NOMUTEX)  # of one thread at a time
    raw.set_busy_timeout(BUSY_TIMEOUT_MS)
    raw.execute("PRAGMA foreign_keys=ON")
    raw.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    if not read_only:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        if sys.platform == "darwin":  # fsync there leaves data in the drive's cache
            raw.execute("PRAGMA fullfsync=1")
    return Lite(raw)


BROKEN = (apsw.CorruptError, apsw.NotADBError)  # the file itself, as opposed to its disk or its rights
_OF_THE_VALUES = (apsw.MismatchError, apsw.TooBigError, apsw.RangeError, apsw.BindingsError)
raises(Raised((apsw.Error,), (apsw.ConstraintError,), (apsw.ConstraintError, *_OF_THE_VALUES)))
