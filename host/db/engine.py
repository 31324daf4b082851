"""Connections and transactions over one SQLite file.

WAL with synchronous=FULL: a commit that returned is on the disk. A thread has its own connection; writers of
this process queue behind a lock, so that none waits in SQLite's busy handler.
"""

import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from host.db import schema

BUSY_TIMEOUT_MS = 5000
FILE_NAME = "tapledger.db"


class Bell:
    """Wakes whoever waits for something new in the database; rung after each commit."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._closed = False

    @property
    def count(self) -> int:
        """How often it has rung: take it before looking, so that nothing is missed while looking."""
        return self._count

    @property
    def closed(self) -> bool:
        """True once nothing more will come."""
        return self._closed

    def ring(self) -> None:
        """Something was committed."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Let all waiters go, now and later."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self, seen: int, timeout_s: float) -> bool:
        """Until it has rung after `seen`, is closed, or time is up; True when it has rung."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._count != seen, timeout_s)
            return self._count != seen


class Database:
    """One SQLite file. `write()` and `read()` give a connection inside a transaction."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.path = path
        self.bell = Bell()
        self._read_only = read_only
        self._local = threading.local()
        self._writer = threading.Lock()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self.path, self._read_only)
            self._local.connection = connection
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that may write: commits at the end, rolls back on any exception."""
        with self._writer:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        self.bell.ring()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One transaction that sees a single state of the database and writes nothing."""
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close this thread's connection; those of other threads close with their thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None


def connect(path: Path, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode with our settings; rows by name."""
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys=ON")
    if not read_only:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        if sys.platform == "darwin":  # fsync there leaves data in the drive's cache
            connection.execute("PRAGMA fullfsync=1")
    return connection


def create_or_open(path: Path) -> Database:
    """Bring the file to this program's schema; HostError for one of a newer program."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite's own would be readable to all
        connection = connect(path)
        try:
            schema.migrate(connection, path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise schema.unusable(path, error) from None
    return Database(path)


def open_existing(path: Path, read_only: bool = False) -> Database:
    """An initialised database; HostError when there is none or its version is another."""
    schema.check(path)
    return Database(path, read_only)
