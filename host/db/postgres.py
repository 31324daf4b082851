"""A connection to PostgreSQL through psycopg 3."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import Params
from psycopg.rows import RowMaker, tuple_row

from host.db import copied
from host.db.connection import Connection, Cursor, Parameters, Raised, raises
from host.db.rows import NamedRow, named

CONNECT_S = 10
STREAMED_ROWS = 2000  # fetched at a time
# The oldest transaction that writes and is not through, the number after the newest that is, and our own.
_SNAPSHOT = (
    "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint,"
    " pg_current_xact_id_if_assigned()::text::bigint FROM pg_current_snapshot() s"
)
# Nobody books then until our commit, so we wait for nobody long: what takes longer begins anew, not alone. A
# savepoint's failure leaves the transaction as it was.
_ALONE = (
    "SAVEPOINT alone; LOCK TABLE chains IN EXCLUSIVE MODE NOWAIT; SET LOCAL lock_timeout = '100ms';"
    " RELEASE SAVEPOINT alone"
)
_NOT_ALONE = "ROLLBACK TO SAVEPOINT alone; RELEASE SAVEPOINT alone"
_streams = count()


def named_rows(cursor: psycopg.Cursor[Any]) -> RowMaker[NamedRow]:
    """psycopg's row factory for NamedRow."""
    description = cursor.description
    return named(tuple(column.name for column in description) if description else ())


@lru_cache(maxsize=1024)
def _percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


class Postgres(Connection):
    """PostgreSQL through psycopg 3. address: connect anew when the server went between two transactions."""

    dialect = "postgresql"
    INTS = "(SELECT unnest(?::bigint[]))"
    TEXTS = "(SELECT unnest(?::text[]))"
    LOCKED = " FOR UPDATE OF a"
    _following: int | None = None  # in a transaction: of _SNAPSHOT at its start, if nobody else was writing

    def __init__(self, address: str, read_only: bool) -> None:
        self._address, self._read_only = address, read_only
        self.raw = _connect(address, read_only)

    def begin(self, writes: bool, later: bool = False) -> None:
        """See Connection."""
        self._following = None
        sql = "BEGIN" if writes else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        if not self.raw.closed:
            try:
                self.raw.execute(sql)
                return
            except psycopg.OperationalError:  # the server went since we last asked it: nothing was begun yet
                self.raw.close()
        self.forget()
        self.raw = _connect(self._address, self._read_only)
        self.raw.execute(sql)

    def roll_back(self) -> None:
        """See Connection."""
        if self.raw.closed:
            return
        try:
            self.raw.execute("ROLLBACK")
        except psycopg.Error:
            self.raw.close()  # the server went; the next transaction connects anew

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

    def insert_flat(self, table: str, columns: str, values: list[Any]) -> None:
        """See Connection. By COPY: about twice as fast as arrays."""
        if not values:
            return
        with self.raw.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            for part in copied.parts(values, columns.count(",") + 1):
                copy.write(part)

    def update_flat(self, table: str, key: str, columns: str, values: list[int | None]) -> None:
        """See Connection."""
        if not values:
            return
        names = [key, *columns.split(", ")]
        sets = ", ".join(f"{name} = v.{name}" for name in names[1:])
        arrays = ", ".join(["?::bigint[]"] * len(names))
        given = f"unnest({arrays}) AS v({', '.join(names)})"
        sql = f"UPDATE {table} t SET {sets} FROM {given} WHERE t.{key} = v.{key}"
        self.execute(sql, [self.ints(values[at :: len(names)]) for at in range(len(names))])

    def execute_many(self, sql: str, rows: Sequence[Parameters]) -> None:
        """See Connection. psycopg sends them all before it waits."""
        if rows:
            self.raw.cursor().executemany(_percent(sql), rows)

    def changes(self) -> object:
        """See Connection. At the end of one that began with remembered() and wrote: the number after its own,
        None when anybody else who writes was not through before, or is by now."""
        oldest, following, own = self.tuples(_SNAPSHOT)[0]
        return own + 1 if own is not None and own == oldest and following == self._following else None

    def remembered(self) -> Any:
        """See Connection. Nobody books meanwhile: everybody who does begins with a row of `chains`. Who has
        begun already will have written something: that is not waited for, all the others would wait behind
        us."""
        memory, self._memory = self._memory, None
        if memory is not None and memory[0] is not None and not self._is_alone():
            memory = None
        oldest, following, _ = self.tuples(_SNAPSHOT)[0]
        self._following = following if following == oldest else None
        return memory[1] if memory is not None and memory[0] == following else None

    def _is_alone(self) -> bool:
        try:
            self.raw.execute(_ALONE, prepare=False)  # one way to the server and back
        except errors.LockNotAvailable:
            self.raw.execute(_NOT_ALONE, prepare=False)
            return False
        return True

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


def _connect(address: str, read_only: bool) -> "psycopg.Connection[NamedRow]":
    raw = psycopg.connect(address, autocommit=True, row_factory=named_rows, connect_timeout=CONNECT_S)
    if read_only:
        raw.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    elif raw.execute("SHOW synchronous_commit").fetchone() == ("off",):  # a role's or a database's default
        raw.execute("SET synchronous_commit = on")
    return raw


_BREACHES = (psycopg.IntegrityError, errors.RaiseException)
_OF_THE_VALUES = (*_BREACHES, psycopg.DataError, psycopg.ProgrammingError, psycopg.NotSupportedError)
_COLLISIONS = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
raises(Raised((psycopg.Error,), _BREACHES, _OF_THE_VALUES, _COLLISIONS))
