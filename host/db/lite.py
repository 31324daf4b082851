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
STATEMENTS = 512  # prepared ones that are kept; apsw makes room for each that is run, in turn
CHECKPOINT_PAGES, CACHE_KIB = 8000, 64 * 1024  # 32 MB of WAL: a page that many batches change is copied once
# Rows that one statement writes, the most that there are first: an INSERT's start and end cost two rows, an
# UPDATE of many rows at once makes a table of them first: fewer than fifty are as quick alone.
INSERTED, UPDATED = (50, 10, 1), (200, 100, 50)


@lru_cache(maxsize=256)
def _insert(table: str, columns: str, rows: int) -> str:
    row = f"({', '.join('?' * (columns.count(',') + 1))})"
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * rows)}"


@lru_cache(maxsize=256)
def _update(table: str, key: str, columns: str, rows: int) -> str:
    """Each row its key, then its values."""
    names = columns.split(", ")
    if rows == 1:
        sets = ", ".join(f"{name} = ?{at}" for at, name in enumerate(names, 2))
        return f"UPDATE {table} SET {sets} WHERE {key} = ?1"
    sets = ", ".join(f"{name} = v.column{at}" for at, name in enumerate(names, 2))
    given = ", ".join([f"({', '.join('?' * (len(names) + 1))})"] * rows)
    return f"UPDATE {table} SET {sets} FROM (VALUES {given}) v WHERE {table}.{key} = v.column1"


def _blocks(values: list[Any], width: int, sizes: tuple[int, ...]) -> Iterator[tuple[int, list[Any]]]:
    """(how many rows, their values), for all rows of so many values each."""
    at = 0
    for rows in sizes:
        size = rows * width
        while len(values) - at >= size:
            yield rows, values[at : at + size]
            at += size


class Counting(apsw.Cursor):
    """Knows how many rows were changed, as PEP 249 has it."""

    @property
    def rowcount(self) -> int:
        """Rows that the newest INSERT, UPDATE or DELETE of this connection changed."""
        return self.connection.changes()


class _Named(Counting):
    """What execute() gives."""

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__(connection)
        self.row_trace = _first

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except UnicodeDecodeError as error:
            raise _damaged(error) from None

    def fetchone(self) -> Any:
        """The next row, or None."""
        return next(self, None)


def _damaged(error: UnicodeDecodeError) -> apsw.CorruptError:
    """Of a text that is none: for whoever deals with messages, such an error would be a message's."""
    return apsw.CorruptError(f"a text in it is damaged ({error})")


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
        self._later = False

    def begin(self, writes: bool, later: bool = False) -> None:
        """See Connection."""
        if writes and later != self._later:  # between transactions only
            self._many.execute(f"PRAGMA synchronous={'NORMAL' if later else 'FULL'}")
            self._later = later
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
        try:
            return apsw.Cursor(self.raw).execute(sql, parameters).fetchall()
        except UnicodeDecodeError as error:
            raise _damaged(error) from None

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """See Connection."""
        yield from self.execute(sql, parameters)

    def insert_flat(self, table: str, columns: str, values: list[Any]) -> None:
        """See Connection."""
        execute = self._many.execute
        for rows, some in _blocks(values, columns.count(",") + 1, INSERTED):
            execute(_insert(table, columns, rows), some)

    def update_flat(self, table: str, key: str, columns: str, values: list[int | None]) -> None:
        """See Connection."""
        width = columns.count(",") + 2
        at = 0
        for rows, some in _blocks(values, width, UPDATED):
            at += len(some)
            self._many.execute(_update(table, key, columns, rows), some)
        alone = zip(*[iter(values[at:])] * width, strict=True)
        self._many.executemany(_update(table, key, columns, 1), alone)

    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """See Connection."""
        self._many.executemany(sql, rows)

    def changes(self) -> object:
        """See Connection."""
        return self.pin(), self.raw.total_changes()

    def pin(self) -> object:
        """See Connection."""
        return self._many.execute("PRAGMA data_version").fetchall()

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
    rights |= apsw.SQLITE_OPEN_NOMUTEX  # of one thread at a time
    # A URI holds a path's very bytes: apsw would make UTF-8 of its characters, whatever the system has.
    raw = apsw.Connection(
        path.resolve().as_uri(), rights | apsw.SQLITE_OPEN_URI, statementcachesize=STATEMENTS
    )
    raw.set_busy_timeout(BUSY_TIMEOUT_MS)
    raw.execute("PRAGMA foreign_keys=ON")
    raw.execute("PRAGMA recursive_triggers=ON")  # or REPLACE would delete rows that no DELETE may
    raw.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    if not read_only:
        raw.execute("PRAGMA temp_store=MEMORY")  # of what takes a statement back: it was a file
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        if sys.platform == "darwin":  # fsync there leaves data in the drive's cache
            raw.execute("PRAGMA fullfsync=1")
    return Lite(raw)


BROKEN = (apsw.CorruptError, apsw.NotADBError)  # the file itself, as opposed to its disk or its rights
_OF_THE_VALUES = (apsw.MismatchError, apsw.TooBigError, apsw.RangeError, apsw.BindingsError)
raises(Raised((apsw.Error,), (apsw.ConstraintError,), (apsw.ConstraintError, *_OF_THE_VALUES)))
