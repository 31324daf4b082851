"""Connections and transactions over one SQLite file or one PostgreSQL database.

SQLite: WAL with synchronous=FULL, so a commit that returned is on the disk; PostgreSQL: synchronous_commit. A
thread has its own connection; writers of this process queue behind a lock and not in the database's.
"""

import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from host.db import schema
from host.db.bell import Bell
from host.db.connection import FAULTS, Connection
from host.db.lite import Lite
from host.db.postgres import Postgres, named_rows
from host.errors import HostError

BUSY_TIMEOUT_MS, CONNECT_S = 5000, 10
CHECKPOINT_PAGES, CACHE_KIB = 8000, 64 * 1024  # 32 MB of WAL: a page that many batches change is copied once
FILE_NAME = "tapledger.db"
ADDRESS = "database"  # in the data folder: the address of a PostgreSQL database, when it is not a file
SCHEMES = ("postgresql://", "postgres://")


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

    @property
    def name(self) -> str:
        """For people: the path, or the address without a password."""
        return name_of(self.where)

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None or (isinstance(connection, Postgres) and connection.raw.closed):
            connection = connect(self.where, self._read_only)
            self._local.connection = connection
        return connection

    def _begin(self, in_sqlite: str, in_postgresql: str) -> Connection:
        connection = self._connection()
        if isinstance(connection, Lite):
            connection.execute(in_sqlite)
            return connection
        try:
            connection.execute(in_postgresql)
        except psycopg.OperationalError:  # the server went since we last asked it: nothing was begun yet
            connection.close()
            connection = self._connection()
            connection.execute(in_postgresql)
        return connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write: commits at the end, rolls back on any exception."""
        with self._writer:
            connection = self._begin("BEGIN IMMEDIATE", "BEGIN")
            try:
                yield connection
                self.commit(connection)
            except BaseException:
                connection.forget()
                _roll_back(connection)
                raise
        self.bell.ring()

    @staticmethod
    def commit(connection: Connection) -> None:
        """Durable when it returns."""
        connection.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that sees a single state of the database and writes nothing."""
        connection = self._begin("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield connection
        finally:
            _roll_back(connection)

    def close(self) -> None:
        """Close this thread's connection; those of other threads close with their thread."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None


def _roll_back(connection: Connection) -> None:
    if isinstance(connection, Lite):
        if connection.raw.in_transaction:
            connection.execute("ROLLBACK")
    elif isinstance(connection, Postgres) and not connection.raw.closed:
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()  # the server went; the next transaction connects anew


def name_of(where: Path | str) -> str:
    """What people are told of a database: never its password."""
    if isinstance(where, Path):
        return str(where)
    scheme, _, rest = where.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def connect(where: Path | str, read_only: bool = False) -> Connection:
    """A connection in autocommit mode with our settings; rows by name."""
    if isinstance(where, Path):
        return _connect_lite(where, read_only)
    raw = psycopg.connect(where, autocommit=True, row_factory=named_rows, connect_timeout=CONNECT_S)
    if read_only:
        raw.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    elif raw.execute("SHOW synchronous_commit").fetchone() == ("off",):  # a role's or a database's default
        raw.execute("SET synchronous_commit = on")
    return Postgres(raw)


def _connect_lite(path: Path, read_only: bool) -> Lite:
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


def place(data: Path) -> Path | str:
    """Where the books of a data folder are: the address in its file `database`, else a SQLite file."""
    try:
        address = (data / ADDRESS).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return data / FILE_NAME
    except (OSError, UnicodeError) as error:
        raise HostError(f"{data / ADDRESS} cannot be read: {error}.") from None
    must_be_an_address(address, str(data / ADDRESS))
    return address


def must_be_an_address(text: str, said_by: str) -> None:
    """HostError unless it looks like a PostgreSQL database's."""
    if not text.startswith(SCHEMES):
        raise HostError(f"{said_by} is no address of a PostgreSQL database: postgresql://USER@HOST/NAME.")


def create_or_open(where: Path | str) -> Database:
    """Bring the books to this program's schema; HostError for those of a newer program."""
    try:
        if isinstance(where, Path):
            os.close(os.open(where, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite's own would be readable to all
        connection = connect(where)
        try:
            schema.migrate(connection, name_of(where))
        finally:
            connection.close()
    except (*FAULTS, OSError) as error:
        raise schema.unusable(name_of(where), error) from None
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
    except FAULTS as error:
        raise schema.unusable(name_of(where), error) from None
    return Database(where, read_only, writer)
