"""The intake: one bounded inbox, one writer.

The writer takes what is there (no timer), opens the envelopes, decides one report after the other in one
database transaction, and only when the disk has it sends the acknowledgements and then MQTT's PUBACK; while
more waits, the next batch is booked meanwhile. When the database cannot be written, or asked for a kiosk's
name, nothing is acknowledged and the same is tried again.
"""

import threading
from collections.abc import Callable

import structlog

from host.cards.keeper import Keeper
from host.db.connection import collisions, of_the_values
from host.db.engine import Database
from host.db.log import Unsynced
from host.terminals.fleet.kiosks import Kiosks
from host.terminals.intake.ahead import Ahead
from host.terminals.intake.answers import Answers
from host.terminals.intake.batch import Batches
from host.terminals.intake.inbox import Inbox
from host.terminals.line.traffic import Down, Incoming, Push, small
from host.terminals.reported.faults import away
from host.terminals.reported.report import Report

WAITING_MAX = 5000  # messages, and what one read of the socket brings beyond
BATCH_MAX = 1000  # reports in a transaction, and at most the 63 more that its last message holds
RETRY_S = 0.5
SHARE = 1 / 3  # of the first messages after a rest, for the other process: as long as the rest takes us
_log = structlog.get_logger()
Opened = tuple[Incoming | Push | None, list[Report]]  # None: part of a message that was divided


class Intake:
    """Owns the inbox and its writer thread. send(down) publishes; it may drop, kiosks ask again.
    release(marks) lets the broker forget messages: they are in the books, or none of ours. ahead: may another
    process open messages while those before are written? most: reports in a batch."""

    def __init__(
        self,
        database: Database,
        keeper: Keeper,
        kiosks: Kiosks,
        send: Callable[[list[Down]], None],
        release: Callable[[list[object]], None],
        ahead: bool = False,
        most: int = BATCH_MAX,
    ) -> None:
        self._batches = Batches(database, keeper, kiosks)
        self._answers = Answers(database, send, release)
        self._ahead = Ahead(kiosks, self._batches.proofs, ahead)
        self.rejections = self._batches.rejections
        self._most = most
        self._inbox: Inbox[Incoming | Push] = Inbox(WAITING_MAX)
        self._stopping = threading.Event()
        self._stuck = threading.Event()  # the books cannot be written, or read
        self._thread = threading.Thread(target=self._run, name="intake")

    def start(self) -> None:
        """Begin to write."""
        self._answers.start()
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more, finish what waits, hand over the last acknowledgement."""
        self._stopping.set()
        self._inbox.close()
        self._thread.join()

    def put(self, items: list[Incoming]) -> bool:
        """Messages in order; waits while too many wait already, so the broker's socket is not read meanwhile.

        False once we are stopping: the broker keeps them. Of what is too big to be ours the place is kept.
        """
        return self._inbox.put(small(items))

    def push(self, only: int | None = None) -> None:
        """Configuration or hotlist changed; only: something of this kiosk."""
        self._inbox.put([Push(only)])

    @property
    def alive(self) -> bool:
        """Does the writer run?"""
        return self._thread.is_alive()

    @property
    def writes(self) -> bool:
        """Does the writer run, and could it write when it last had to?"""
        return self.alive and not self._stuck.is_set()

    @property
    def busy(self) -> bool:
        """Do so many wait that whoever puts something waits too?"""
        return self._inbox.full

    def _run(self) -> None:
        while items := self._inbox.take(self._most):
            begun = self._ahead.begin(items, SHARE)
            found = [self._open(item) for item in items[: begun.first]]  # nothing is booked meanwhile
            while begun.items:
                found += self._ahead.end(begun)[len(found) :]
                items, begun = begun.items, self._ahead.begin(self._inbox.take_now(self._most))
                self._book(items, found, bool(begun.items))
                found = []
            self._answers.settle()
        self._ahead.close()
        self._answers.close()
        self._batches.close()

    def _book(self, items: list[Incoming | Push], found: list[list[Report] | None], more: bool) -> None:
        """found: of each message the reports in it, as far as another process has opened it; more: do others
        wait behind these?"""
        batch: list[Opened] = []
        size = 0
        for item, seen in zip(items, found, strict=True):
            opened = self._open(item) if seen is None else seen
            if opened is None:
                break
            batch.append((item, opened))
            size += len(opened)
            if size >= self._most:
                self._until_written(batch, later=True)
                batch, size = [], 0
        if batch:
            self._until_written(batch, more)

    def _open(self, item: Incoming | Push) -> list[Report] | None:
        """Once a message, however often the books refuse to be written: what it is not is counted here. None:
        the books could not be asked whose it is, and we are stopping."""
        if isinstance(item, Push):
            return []
        if item.dropped:
            self.rejections.add("size", item.topic, item.dropped, "larger than any message of ours")
            return []
        while True:
            try:
                return self._batches.open(item.topic, item.payload)
            except away() as error:
                if not self._waited("read", error):
                    return None
            except Exception:  # a fault of ours; the kiosk keeps its report and asks again
                _log.exception("a message could not be opened", topic=item.topic[:128])
                return []

    def _waited(self, done: str, error: Exception) -> bool:
        """For the books, until it is time to try again. False: we are stopping; broker and kiosk still hold
        what was not acknowledged. What is booked is answered. Unsynced: it is for no one to try again."""
        if isinstance(error, Unsynced):
            raise error
        self._answers.settle()
        if not self._stuck.is_set():
            _log.error(
                f"the books cannot be {done}; nothing is acknowledged until they can", fault=str(error)
            )
            self._stuck.set()
        return not self._stopping.wait(RETRY_S)

    def _until_written(self, batch: list[Opened], later: bool = False) -> None:
        """later: is the next one booked while the disk takes this one in?"""
        later = later and self._answers.may_wait
        reports = [report for _, found in batch for report in found]
        pushes = {item.only for item, _ in batch if isinstance(item, Push)}
        only = {one for one in pushes if one is not None}
        while True:
            try:
                down = self._batches.write(reports, None in pushes, only, later)
                break
            except collisions():
                continue  # with another worker: its work is done, now ours
            except of_the_values():  # a fault of ours, as below
                if self._divided(batch):
                    return
                down = []
                break
            except away() as error:
                if not self._waited("written", error):
                    return
            except Exception:
                if self._divided(batch):
                    return
                down = []  # the kiosk keeps its report and asks again
                break
        if self._stuck.is_set():
            self._stuck.clear()
            _log.info("the books can be written again")
        self._answers.add(down, [item.mark for item, _ in batch if isinstance(item, Incoming)], later)

    def _divided(self, batch: list[Opened]) -> bool:
        """A fault of ours: each alone, so that one spoils no other. False for one that is alone already."""
        _log.exception("a batch could not be handled", messages=len(batch))
        parts: list[list[Opened]] = [[one] for one in batch]
        if len(batch) == 1:
            item, reports = batch[0]
            whose = [None] * (len(reports) - 1) + [item]  # the message is done with its last report
            parts = [[(one, [report])] for one, report in zip(whose, reports, strict=False)]
        for part in parts if len(parts) > 1 else ():
            self._until_written(part)
        return len(parts) > 1
