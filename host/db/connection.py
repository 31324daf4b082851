"""What a connection can do, whichever engine is behind it: one dialect of SQL, and writing many rows at once.

Parameters are `?`. Rows are read by name or by position. SQL of ours keeps to what SQLite and PostgreSQL
share; where they differ, the constants below stand for it.
"""

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any, Protocol

import psycopg
from psycopg import errors
from psycopg.abc import Params
from psycopg.rows import RowMaker, tuple_row

Parameters = Sequence[Any]
STREAMED_ROWS = 2000  # fetched at a time
FAULTS = (sqlite3.Error, psycopg.Error)  # the database's, whichever it is
BREACHES = (sqlite3.IntegrityError, psycopg.IntegrityError, errors.RaiseException)  # of a rule of the schema
COLLISIONS = (errors.DeadlockDetected, errors.SerializationFailure)  # nothing is wrong: do it again

_streams = count()


class Row(Protocol):
    """One row: row["name"], row[0], dict(row), tuple(row)."""

    def __getitem__(self, key: Any, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def keys(self) -> Any: ...


class Cursor(Protocol):
    """What execute() gives."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(ABC):
    """Inside a transaction of host.db.engine."""

    dialect: str
    INTS: str  # in SQL: the list of integers that ints() packs
    TEXTS: str  # in SQL: the list of texts that texts() packs
    LOCKED: str  # behind a SELECT: nobody else may change the rows of its table `a` until the commit

    @abstractmethod
    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """One statement."""

    @abstractmethod
    def tuples(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """The rows of a SELECT without their names: half the time, where there are millions."""

    @abstractmethod
    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """The rows of a query too many to hold, as they are asked for; meanwhile others may be asked."""

    @abstractmethod
    def insert(self, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
        """Many rows; columns "a, b, c". All or an error."""

    @abstractmethod
    def update(self, table: str, key: str, columns: str, rows: list[tuple[int | None, ...]]) -> None:
        """Many rows of integers, each (key, values of columns...)."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """One statement for each row of parameters, in order."""

    @staticmethod
    @abstractmethod
    def ints(values: Iterable[int | None]) -> object:
        """The parameter for INTS."""

    @staticmethod
    @abstractmethod
    def texts(values: Iterable[str]) -> object:
        """The parameter for TEXTS."""

    @abstractmethod
    def close(self) -> None:
        """Give it back to the system."""

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is taken back when it raises."""
        self.execute("SAVEPOINT inside")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK TO SAVEPOINT inside")
            self.execute("RELEASE SAVEPOINT inside")
            raise
        self.execute("RELEASE SAVEPOINT inside")


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

    def insert(self, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
        """See Connection."""
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.raw.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def update(self, table: str, key: str, columns: str, rows: list[tuple[int | None, ...]]) -> None:
        """See Connection."""
        # ?1 is the key: sqlite3 binds by position, so the rows need no turning round
        names = columns.split(", ")
        sets = ", ".join(f"{name} = ?{at}" for at, name in enumerate(names, 2))
        self.raw.executemany(f"UPDATE {table} SET {sets} WHERE {key} = ?1", rows)

    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """See Connection."""
        self.raw.executemany(sql, rows)

    @staticmethod
    def ints(values: Iterable[int | None]) -> object:
        """See Connection."""
        return json.dumps(list(values))

    texts = ints  # type: ignore[assignment]

    def close(self) -> None:
        """See Connection."""
        self.raw.close()


class NamedRow(tuple[Any, ...]):
    """A row of PostgreSQL by name or position, as sqlite3.Row is."""

    names: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.names[key] if isinstance(key, str) else key)

    def keys(self) -> Any:
        """The columns' names."""
        return self.names.keys()


@lru_cache(maxsize=512)
def _row_class(names: tuple[str, ...]) -> type[NamedRow]:
    return type("NamedRow", (NamedRow,), {"names": {name: at for at, name in enumerate(names)}})


def named_rows(cursor: psycopg.Cursor[Any]) -> RowMaker[NamedRow]:
    """psycopg's row factory for NamedRow."""
    description = cursor.description
    return _row_class(tuple(column.name for column in description) if description else ())


@lru_cache(maxsize=1024)
def _percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


class Postgres(Connection):
    """PostgreSQL through psycopg 3."""

    dialect = "postgresql"
    INTS = "(SELECT unnest(?::bigint[]))"
    TEXTS = "(SELECT unnest(?::text[]))"
    LOCKED = " FOR UPDATE OF a"

    def __init__(self, raw: "psycopg.Connection[NamedRow]") -> None:
        self.raw = raw

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """See Connection."""
        given: Params | None = tuple(parameters) if parameters else None
        return self.raw.execute(_percent(sql) if parameters else sql, given)

    def tuples(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """See Connection. In the binary format: nothing is turned into text and back."""
        cursor = self.raw.cursor(binary=True, row_factory=tuple_row)
        return cursor.execute(_percent(sql) if parameters else sql, tuple(parameters) or None).fetchall()

    def stream(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """See Connection."""
        with self.raw.cursor(f"stream_{next(_streams)}") as cursor:  # with a name it stays at the server
            cursor.itersize = STREAMED_ROWS
            yield from cursor.execute(_percent(sql) if parameters else sql, tuple(parameters) or None)

    def insert(self, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
        """See Connection. By COPY: about twice as fast as arrays."""
        if not rows:
            return
        with self.raw.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            copied = _COPIED
            lines = ["\t".join([copied[type(value)](value) for value in row]) for row in rows]
            copy.write("\n".join(lines) + "\n")

    def update(self, table: str, key: str, columns: str, rows: list[tuple[int | None, ...]]) -> None:
        """See Connection."""
        if not rows:
            return
        names = [key, *columns.split(", ")]
        sets = ", ".join(f"{name} = v.{name}" for name in names[1:])
        arrays = ", ".join(["?::bigint[]"] * len(names))
        given = f"unnest({arrays}) AS v({', '.join(names)})"
        sql = f"UPDATE {table} t SET {sets} FROM {given} WHERE t.{key} = v.{key}"
        self.execute(sql, [self.ints(column) for column in zip(*rows, strict=True)])

    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """See Connection. psycopg sends them all before it waits."""
        if rows:
            self.raw.cursor().executemany(_percent(sql), rows)

    @staticmethod
    def ints(values: Iterable[int | None]) -> object:
        """See Connection."""
        return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"

    @staticmethod
    def texts(values: Iterable[str]) -> object:
        """See Connection."""
        return list(values)

    def close(self) -> None:
        """See Connection."""
        self.raw.close()


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


# A value in COPY's text format, by its type.
_COPIED: dict[type, Callable[[Any], str]] = {
    int: str,
    type(None): lambda _: "\\N",
    bytes: lambda value: "\\\\x" + value.hex(),
    str: lambda value: value if value.isalnum() else value.translate(_ESCAPES),
}
