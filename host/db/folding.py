"""SQLite's write-ahead log is folded into the books' file while others write (SQLite: a checkpoint).

Left alone, SQLite does it within the commit that makes the log long enough: thousands of pages are copied and
the file is synced, 25 ms in which nothing is booked. Here a thread does most of it beside the writer, and the
commit that finds the log longer still what has come since: only when all is folded does the log begin anew.
"""

import threading
from pathlib import Path
from queue import SimpleQueue

import apsw
import structlog

from host.db import lite

# Pages of the log, of 4 KB: the thread begins at FIRST, goes on every STEP; at MOST the writer does the rest.
FIRST, STEP, MOST = lite.CHECKPOINT_PAGES, 1000, 12_000
_log = structlog.get_logger()


class Folding:
    """Of the books at this path, for connections that watch() is told of, until stop()."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._busy = False
        self._next = FIRST
        self._thread = threading.Thread(target=self._run, name="fold", daemon=True)
        self._thread.start()

    def watch(self, connection: lite.Lite) -> None:
        """Its commits fold nothing any more but what is left at MOST."""
        connection.raw.set_wal_hook(self._committed)

    def stop(self) -> None:
        """What is begun is finished. Connections that watch go on without the thread."""
        self._busy = True
        self._asked.put(False)
        self._thread.join()

    def _committed(self, raw: apsw.Connection, _name: str, pages: int) -> int:
        """Of whoever has just committed: others may wait, but commits of this process come one by one."""
        if pages < FIRST:
            self._next = FIRST
        elif pages >= MOST:
            _fold(raw)
        elif pages >= self._next and not self._busy:
            self._next = pages + STEP
            self._busy = True
            self._asked.put(True)
        return apsw.SQLITE_OK

    def _run(self) -> None:
        connection: lite.Lite | None = None
        while self._asked.get():
            try:
                connection = connection or lite.connect(self._path, read_only=False)
                _fold(connection.raw)
            except apsw.Error as error:
                _log.warning("the log of the books cannot be folded yet", fault=str(error))
            self._busy = False
        if connection is not None:
            connection.close()


def _fold(raw: apsw.Connection) -> None:
    """As far as nobody reads what is older. What fails now is done at a later commit, or by the next one who
    opens the books: the log has it all."""
    try:
        raw.wal_checkpoint("main", apsw.SQLITE_CHECKPOINT_PASSIVE)
    except apsw.Error as error:
        _log.warning("the log of the books cannot be folded yet", fault=str(error))
