"""Connections and transactions over one SQLite file or one PostgreSQL database.

SQLite: WAL with synchronous=FULL, so a commit that returned is on the disk, unless it was to be so later
(host.db.log); PostgreSQL: synchronous_commit. A thread has its own connection; writers of this process queue
behind a lock and not in the database's.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from host.db import lite, schema
from host.db.bell import Bell
from host.db.connection import Connection, faults
from host.db.log import Log
from host.db.whereabouts import name_of
from host.errors import HostError


class Database:
    """The books. `write()` and `read()` give a connection inside a transaction.

    where: the file's path or the address; writer: which partition of the ledger this process books into.
    """

    def __init__(self, where: Path | str, read_only: bool = False, writer: int = 0) -> None:
        self.where = where
        self.folder = where.parent if isinstance(where, Path) else None  # the data folder, when it is known
        self.writer = writer
        self.bell = Bell()
        self._read_only = read_only
        self._local = threading.local()
        self._writer = threading.Lock()
        self._log = Log(where) if isinstance(where, Path) else None

    @property
    def can_wait(self) -> bool:
        """Can a commit leave it to settle() to wait for the disk? PostgreSQL's waits itself."""
        return self._log is not None

    @property
    def name(self) -> str:
        """For people: the path, or the address without a password."""
        return name_of(self.where)

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self.where, self._read_only)
            self._local.connection = connection
        return connection

    @contextmanager
    def write(self, later: bool = False) -> Iterator[Connection]:
        """One transaction that may write: commits at the end, rolls back on any exception.

        later: it may be on the disk only after settle(), where it can_wait; nobody is told of it before.
        """
        log = self._log
        with self._writer:
            connection = self._connection()
            connection.begin(writes=True, later=later)
            try:
                if log is not None and not later:
                    log.before(connection)  # also where it only looks, or refuses
                yield connection
                with log.later(connection) if log is not None and later else nullcontext():
                    self.commit(connection)
            except BaseException:
                connection.forget()
                connection.roll_back()
                raise
        if log is None or not later:
            self.bell.ring()

    @staticmethod
    def commit(connection: Connection) -> None:
        """Durable when it returns, if it was not to be so later."""
        connection.execute("COMMIT")

    def settle(self) -> None:
        """What was committed is on the disk when it returns. Unsynced: it cannot be known, and from here on
        this process neither reads nor writes."""
        if self._log is not None:
            self._log.sync()
            self.bell.ring()

    def take_over(self) -> None:
        """This process books, and no other: what was committed before is on the disk when it returns, even if
        another one's sync of it failed. faults(OSError)."""
        if self._log is None:
            return
        with self._writer:
            connection = self._connection()
            connection.begin(writes=True)
            try:
                self._log.take_over()
            finally:
                connection.roll_back()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that sees a single state of the database, one on the disk, and writes nothing."""
        connection = self._connection()
        connection.begin(writes=False)
        try:
            if self._log is not None:
                self._log.before(connection)
            yield connection
        finally:
            connection.roll_back()

    def close(self) -> None:
        """Close this thread's connection; those of other threads close with their thread."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None
        if self._log is not None:
            self._log.let_go()


def connect(where: Path | str, read_only: bool = False) -> Connection:
    """A connection in autocommit mode with our settings; rows by name. HostError without the driver."""
    if isinstance(where, Path):
        return lite.connect(where, read_only)
    try:
        from host.db.postgres import Postgres
    except ImportError as error:  # also where its own library is missing
        raise HostError(f"PostgreSQL's driver cannot be loaded ({error}): install psycopg[binary].") from None
    return Postgres(where, read_only)


def bring_up(where: Path | str) -> bool:
    """Make the books, or bring them to this program's schema; False when they were. HostError for those of a
    newer program."""
    try:
        if isinstance(where, Path):
            os.close(os.open(where, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite's own would be readable to all
        connection = connect(where)
        try:
            return schema.migrate(connection, name_of(where))
        finally:
            connection.close()
    except faults(OSError) as error:
        raise schema.unusable(name_of(where), error) from None


def create_or_open(where: Path | str) -> Database:
    """See bring_up."""
    bring_up(where)
    return Database(where)


def open_existing(where: Path | str, read_only: bool = False, writer: int = 0) -> Database:
    """Initialised books; HostError when there are none or their version is another."""
    init = f"tapledger init --data {where.parent if isinstance(where, Path) else 'FOLDER'}"
    if isinstance(where, Path) and not where.is_file():
        raise HostError(f"There are no books at {where}: run `{init}` first.")
    try:
        connection = connect(where, read_only=True)
        try:
            schema.check(connection, name_of(where), init)
        finally:
            connection.close()
    except faults() as error:
        raise schema.unusable(name_of(where), error) from None
    return Database(where, read_only, writer)
