"""Does the checks of the parts, in this process or in some of its own.

Each process opens the books for itself, to read only. What is handed over are numbers; what comes back is
what a part showed. The processes end with the one that started them, however that ends.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import connection as pipes
from pathlib import Path

from host.db.connection import Connection
from host.db.engine import Database
from host.ledger.verify import files
from host.ledger.verify.known import Known
from host.ledger.verify.promises import Faults
from host.ledger.verify.reported import Counters, Read, read
from host.ledger.verify.walk import Part, Walked, walk

Task = Part | list[Counters] | None  # None: the file itself
Result = Walked | Read | Faults

_books: tuple[Database, Known] | None = None  # of a process of ours


def alone(connection: Connection, known: Known, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
    """One after the other, here."""
    for task in tasks:
        yield task, _do(connection, known, task)


def together(database: Database, processes: int, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
    """In so many processes; the results come in the order of the tasks."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _begin, (database.where,))
    try:
        waiting: list[tuple[Task, Future[Result]]] = [(task, pool.submit(_done, task)) for task in tasks]
        waiting.reverse()
        while waiting:  # taken off, so that no result is kept for longer than it is needed
            task, future = waiting.pop()
            yield task, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _do(connection: Connection, known: Known, task: Task) -> Result:
    if task is None:
        return files.file(connection)
    if isinstance(task, Part):
        return walk(connection, known, task)
    return read(connection, known, task)


def _begin(where: Path | str) -> None:
    global _books
    gc.disable()  # millions of rows come and go, none in a circle: looking for circles is 7 % of the time
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who started us ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    database = Database(where, read_only=True)
    with database.read() as connection:
        _books = database, Known(connection)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        pipes.wait([parent.sentinel])
        os._exit(1)


def _done(task: Task) -> Result:
    assert _books is not None
    database, known = _books
    with database.read() as connection:
        return _do(connection, known, task)
