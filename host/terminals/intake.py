"""The intake: one bounded queue, one writer.

The writer takes what is there (no timer), opens the envelopes, decides one report after the other in one
database transaction, and only after its commit sends the acknowledgements and then MQTT's PUBACK. When the
database cannot be written nothing is acknowledged and the same batch is tried again.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from host.cards.keeper import Keeper
from host.db.connection import BREACHES, COLLISIONS, FAULTS
from host.db.engine import Database
from host.terminals.batch import Batches
from host.terminals.kiosks import Kiosks
from host.terminals.report import Report
from host.terminals.sessions import Down
from protocol.wire import envelope

QUEUE_MAX = 5000
BATCH_MAX = 500
RETRY_S = 0.5
_log = structlog.get_logger()


@dataclass(frozen=True)
class Incoming:
    """A message from the broker; done() releases it there."""

    topic: str
    payload: bytes
    done: Callable[[], None]


class Push:
    """Something changed: send every kiosk what it has not confirmed."""


Opened = tuple[Incoming | Push, list[Report]]


class Intake:
    """Owns the queue and its writer thread. send(down) publishes; it may drop, kiosks ask again."""

    def __init__(
        self, database: Database, keeper: Keeper, kiosks: Kiosks, send: Callable[[list[Down]], None]
    ) -> None:
        self._batches = Batches(database, keeper, kiosks)
        self.rejections = self._batches.rejections
        self._send = send
        self._queue: queue.Queue[Incoming | Push | None] = queue.Queue(QUEUE_MAX)
        self._stopping = threading.Event()
        self._stuck = threading.Event()  # the books cannot be written
        self._thread = threading.Thread(target=self._run, name="intake")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more, finish what is queued, hand over the last acknowledgement."""
        self._stopping.set()
        self._queue.put(None)
        self._thread.join()

    def put(self, item: Incoming | Push) -> bool:
        """Queue something; waits while the queue is full, so the broker's socket is not read meanwhile.

        False once we are stopping: the broker keeps the message. What is too big to be ours takes no place.
        """
        if isinstance(item, Incoming) and len(item.payload) > envelope.SIZE_MAX:
            self.rejections.add("size", item.topic, len(item.payload), "larger than any message of ours")
            item.done()
            return True
        while not self._stopping.is_set():
            try:
                self._queue.put(item, timeout=RETRY_S)
                return True
            except queue.Full:
                continue
        return False

    def push(self) -> None:
        """Configuration or hotlist changed."""
        self.put(Push())

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
        """Is the queue full, so that whoever puts something has to wait?"""
        return self._queue.full()

    def _run(self) -> None:
        while True:
            batch, last = self._take()
            if batch:
                self._until_written([(item, self._open(item)) for item in batch])
            if last:
                return

    def _open(self, item: Incoming | Push) -> list[Report]:
        """Once a message, however often the books refuse to be written: what it is not is counted here."""
        if isinstance(item, Push):
            return []
        try:
            return self._batches.open(item.topic, item.payload)
        except Exception:  # a fault of ours; the kiosk keeps its report and asks again
            _log.exception("a message could not be opened", topic=item.topic[:128])
            return []

    def _take(self) -> tuple[list[Incoming | Push], bool]:
        """All there is, at most BATCH_MAX; True when the end was among it."""
        item = self._queue.get()
        batch: list[Incoming | Push] = []
        while item is not None:
            batch.append(item)
            if len(batch) == BATCH_MAX:
                return batch, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _until_written(self, batch: list[Opened]) -> None:
        reports = [report for _, found in batch for report in found]
        pushed = any(isinstance(item, Push) for item, _ in batch)
        while True:
            try:
                down = self._batches.write(reports, pushed)
                break
            except COLLISIONS:
                continue  # with another worker: its work is done, now ours
            except BREACHES:  # of a rule of the schema: a fault of ours, as below
                if self._divided(batch):
                    return
                down = []
                break
            except (*FAULTS, MemoryError) as error:
                if not self._stuck.is_set():
                    _log.error(
                        "the books cannot be written; nothing is acknowledged until they can",
                        fault=str(error),
                    )
                    self._stuck.set()
                if self._stopping.wait(RETRY_S):
                    return  # not acknowledged: broker and kiosk still hold it
            except Exception:
                if self._divided(batch):
                    return
                down = []  # the kiosk keeps its report and asks again
                break
        if self._stuck.is_set():
            self._stuck.clear()
            _log.info("the books can be written again")
        self._answer(down, [item for item, _ in batch if isinstance(item, Incoming)])

    def _divided(self, batch: list[Opened]) -> bool:
        """A fault of ours: each alone, so that one spoils no other. False for one that is alone already."""
        _log.exception("a batch could not be handled", messages=len(batch))
        if len(batch) == 1:
            return False
        for one in batch:
            self._until_written([one])
        return True

    def _answer(self, down: list[Down], items: list[Incoming]) -> None:
        """What is booked stays booked, whatever becomes of the answer: a kiosk that hears none asks again."""
        try:
            self._send(down)
            for item in items:
                item.done()
        except Exception:
            _log.exception("an answer could not be sent", messages=len(items))
