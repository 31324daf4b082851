"""SQLite's write-ahead log, for commits that do not wait for the disk.

Such a commit is seen by others at once, and on the disk after the next sync(). So that nobody acts on what
the power may still take back, each other transaction syncs the log first when it sees one: before().

After a sync that failed the system counts what it could not write as written, and a later sync says nothing
of it. So the process that books says and books no more then; the next one writes the log's bytes once more
before it begins: take_over(). SQLite's locks are on its other two files; this one may be opened and closed.
"""

import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from host.db.connection import Connection, Raised, raises

PART_BYTES = 1 << 20
UNKNOWN = (errno.ENOTSUP, errno.ENOTTY, errno.EINVAL)  # of a file system that knows no F_FULLFSYNC


class Unsynced(OSError):
    """What was committed may not be on the disk, now or ever."""


class Log:
    """The log of the books at this path."""

    def __init__(self, books: Path) -> None:
        self._path = Path(f"{books.resolve()}-wal")
        self._descriptor: int | None = None  # kept: what another's sync of the file met is told here too
        self._lock = threading.Lock()
        self._alone = False  # does no process but this one commit without waiting?
        self._failed = False
        self._begun = self._ended = self._synced = 0  # commits that did not wait

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def before(self, connection: Connection) -> None:
        """What the transaction that has begun sees is on the disk when this returns. Unsynced."""
        seen = connection.pin()
        if self._begun > self._synced if self._alone else connection.synced != seen:
            self.sync()
            connection.synced = seen

    @contextmanager
    def later(self, connection: Connection) -> Iterator[None]:
        """Around a commit that does not wait."""
        self._begun += 1  # before anybody can see it
        connection.synced = None
        try:
            yield
        finally:
            self._ended = self._begun

    def sync(self) -> None:
        """What was committed before is on the disk when it returns. Unsynced."""
        wanted = self._begun
        with self._lock:
            if self._failed:
                raise Unsynced("the log of the books could not be written to the disk")
            if self._alone and self._synced >= wanted:
                return  # by another thread's
            ended = self._ended
            try:
                self._open()
                if self._descriptor is not None:
                    _sync(self._descriptor)
            except OSError as error:
                self._failed = self._alone
                raise Unsynced(error.errno, f"{error.strerror}: the log of the books") from error
            self._synced = ended

    def take_over(self) -> None:
        """Inside a transaction that writes: what was committed before, by anybody, is on the disk when it
        returns, and from here on this process alone commits without waiting. OSError."""
        with self._lock:
            self._open()
            descriptor = os.open(self._path, os.O_RDWR)
            try:
                at = 0
                while part := os.pread(descriptor, PART_BYTES, at):
                    at += os.pwrite(descriptor, part, at)
                _sync(descriptor)
            finally:
                os.close(descriptor)
            self._alone = True

    def let_go(self) -> None:
        """Of a file that has no name any more: the disk has its room back."""
        with self._lock:
            if self._descriptor is not None and os.fstat(self._descriptor).st_nlink == 0:
                os.close(self._descriptor)
                self._descriptor = None

    def _open(self) -> None:
        """The file that has the name now, if there is one: the last one who leaves the books removes it."""
        try:
            now = os.stat(self._path)
        except FileNotFoundError:
            now = None
        if self._descriptor is not None:
            if now is not None and os.path.samestat(now, os.fstat(self._descriptor)):
                return
            os.close(self._descriptor)
            self._descriptor = None
        if now is not None:
            self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)


def _sync(descriptor: int) -> None:
    if not hasattr(fcntl, "F_FULLFSYNC"):
        os.fdatasync(descriptor)
        return
    try:
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # a Mac's fsync leaves data in the drive's cache
    except OSError as error:
        if error.errno not in UNKNOWN:
            raise
        os.fsync(descriptor)  # as SQLite does there


raises(Raised((Unsynced,), (), ()))
