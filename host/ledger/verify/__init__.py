"""The books' promises held against a live database: every row that does not keep one is named.

What is changed in place (balances, purses, ends of chains) is read in one moment; then the transactions up to
there are walked in parts, with their transfers and what was reported, in two processes when the books are
large; then the two are held against each other. What is booked meanwhile is left for the next run.
"""

from collections.abc import Callable, Iterator
from itertools import chain as concatenated
from pathlib import Path
from typing import Any

from host.db.connection import Connection
from host.db.engine import Database
from host.ledger import chain, checkpoints
from host.ledger.checkpoints import Mac
from host.ledger.verify import parts, promises, tables, workers
from host.ledger.verify.kept import FILE_NAME as STATE
from host.ledger.verify.kept import Kept
from host.ledger.verify.known import Known
from host.ledger.verify.promises import Faults
from host.ledger.verify.reported import Counters, Read
from host.ledger.verify.standing import Standing
from host.ledger.verify.walk import Part, Walked
from host.ledger.verify.whole import Stood, Whole
from host.ledger.verify.workers import Result, Task

__all__ = ["STATE", "verify"]

LARGE = 200_000  # transactions: from there on a second process is worth its start
Progress = Callable[[int, int], None]  # rows done, rows in all


def verify(
    database: Database,
    mac: Mac | None = None,
    processes: int = 1,
    state: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """{ok, checks: [{name, ok, detail}], cards: [{uid, issue, balance_fen, tmc}], since} of one moment.

    since: {partition: transaction} after which it was looked, empty when at everything.
    mac: the key keeper's, for the checkpoints; None: only their links are looked at. state: where to remember
    how far the books were found whole (OSError when it cannot be written); resume: go on from there.
    """
    kept = Kept(state)
    with database.read() as connection:
        whole = kept.begin(connection, resume)
        since = {writer: stood.transaction for writer, stood in sorted(whole.partitions.items())}
        known, standing = Known(connection), Standing(connection)
        faults = tables.check(connection)
        for sentence in checkpoints.faults(connection, mac, database.folder):
            faults.add(promises.CHECKPOINTS, sentence)
        cards = _cards(connection)
        ends = [(row[0], row[1], row[2]) for row in standing.chains if 0 <= row[0] < chain.WRITERS_MAX]
        tasks = _tasks(connection, whole, ends, standing)
        bar = _Bar(progress, tasks)
        large = processes > 1 and bar.all > LARGE
        if not large:
            walked = _put_together(whole, known, workers.alone(connection, known, tasks), kept, bar)
    if large:  # outside: the moment above need not last as long as this
        walked = _put_together(whole, known, workers.together(database, processes, tasks), kept, bar)
    faults.take(walked)
    faults.take(whole.left_over())
    faults.take(standing.held_against(whole, known))
    if not walked:
        kept.keep(whole, now=True)
    return {"ok": not faults, "checks": faults.checks(), "cards": cards, "since": since}


def _tasks(
    connection: Connection, whole: Whole, ends: list[tuple[int, int, int]], standing: Standing
) -> list[Task]:
    """The file first, which takes one process long; then the parts in their order."""
    walks = []
    for writer, last, last_transfer in ends:
        begin = whole.partitions.setdefault(writer, Stood.at_origin(writer))
        walks.append(parts.walks(connection, begin, last, last_transfer))
    uptos = {(kiosk, epoch): upto for kiosk, epoch, upto in standing.epochs}
    return [None, *concatenated(*walks), *parts.reads(connection, uptos, whole.reports)]


def _rows(task: Task) -> int:
    if task is None:
        return 0
    if isinstance(task, Part):
        return task.last - task.first + 1
    return sum(
        min(counters.last, max(counters.upto, counters.first)) - counters.first + 1 for counters in task
    )


class _Bar:
    def __init__(self, progress: Progress | None, tasks: list[Task]) -> None:
        self._progress = progress
        self._done = 0
        self.all = sum(_rows(task) for task in tasks)

    def add(self, task: Task) -> None:
        """This one is done."""
        self._done += _rows(task)
        if self._progress is not None:
            self._progress(self._done, self.all)


def _put_together(
    whole: Whole, known: Known, done: Iterator[tuple[Task, Result]], kept: Kept, bar: _Bar
) -> Faults:
    """The faults of the parts; while there are none, how far all is whole is kept now and then."""
    faults = Faults()
    short: dict[tuple[int, int], list[int]] = {}  # (kiosk, epoch) -> upto, held
    for task, result in done:
        if isinstance(task, Part) and isinstance(result, Walked):
            faults.take(result.faults)
            faults.take(whole.take(chain.writer_of(task.first), task, result, known))
        elif isinstance(task, list) and isinstance(result, Read):
            faults.take(result.faults)
            for counters, held in zip(task, result.held, strict=True):
                _held(whole, known, faults, short, counters, held)
        elif isinstance(result, Faults):
            faults.take(result)
        bar.add(task)
        if not faults and not short:
            kept.keep(whole)
    for (kiosk, epoch), (upto, missing) in short.items():
        name = known.kiosks.get(kiosk, str(kiosk))
        faults.add(
            promises.HELD,
            f"kiosk {name} epoch {epoch}: {upto} acknowledged in a row, {upto - missing} held",
        )
    return faults


def _held(
    whole: Whole,
    known: Known,
    faults: Faults,
    short: dict[tuple[int, int], list[int]],
    counters: Counters,
    held: int,
) -> None:
    missing = max(0, min(counters.last, counters.upto) - counters.first + 1) - held
    if missing:
        entry = short.setdefault((counters.kiosk, counters.epoch), [counters.upto, 0])
        entry[1] += missing
    else:
        whole.read(counters)


def _cards(connection: Connection) -> list[dict[str, Any]]:
    """Shadow balance and highest counter of every card with an account."""
    rows = connection.execute(
        "SELECT hex(c.uid) AS uid, c.issue, a.balance + coalesce(b.balance, 0) AS balance_fen, a.tmc"
        " FROM cards c JOIN purses p ON p.uid = c.uid AND p.issue = c.issue"
        " JOIN accounts a ON a.id = p.account_id AND a.kind = 'card'"
        " LEFT JOIN accounts b ON b.id = p.bonus_id ORDER BY a.id"
    )
    names = ("uid", "issue", "balance_fen", "tmc")
    return [dict(zip(names, row, strict=True)) for row in map(tuple, rows)]
