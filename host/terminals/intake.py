"""The intake: one bounded queue, one writer.

The writer takes what is there (no timer), opens the envelopes, decides one report after the other in one database
transaction, and only after its commit sends the acknowledgements and then MQTT's PUBACK. When the database cannot
be written nothing is acknowledged and the same batch is tried again.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from host import alarms
from host.cards import hotlist
from host.cards.keeper import Keeper
from host.db.engine import Database
from host.terminals import decisions, sessions
from host.terminals.decisions import Answer, Report
from host.terminals.kiosks import Kiosk, Kiosks
from host.terminals.rejections import Rejections
from host.terminals.sessions import Down
from protocol.wire import envelope, messages, topics

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


@dataclass(frozen=True)
class Opened:
    """An authentic message."""

    kiosk: Kiosk
    epoch: int
    counter: int
    kind: int
    body: dict[int, Any]


class Intake:
    """Owns the queue and its writer thread. send(down) publishes; it may drop, kiosks ask again."""

    def __init__(
        self, database: Database, keeper: Keeper, kiosks: Kiosks, send: Callable[[list[Down]], None]
    ) -> None:
        self.rejections = Rejections()
        self._database = database
        self._keeper = keeper
        self._kiosks = kiosks
        self._send = send
        self._queue: queue.Queue[Incoming | Push | None] = queue.Queue(QUEUE_MAX)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="intake")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Take nothing more, finish what is queued, and return when the last acknowledgement is handed over."""
        self._stopping.set()
        self._queue.put(None)
        self._thread.join()

    def put(self, item: Incoming | Push) -> bool:
        """Queue something; waits while the queue is full, so the broker's socket is not read meanwhile.

        False once we are stopping: the broker keeps the message.
        """
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

    def _run(self) -> None:
        while True:
            batch, last = self._take()
            if batch:
                self._until_written(batch)
            if last:
                return

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

    def _until_written(self, batch: list[Incoming | Push]) -> None:
        said = False
        while True:
            try:
                down = self._write(batch)
                break
            except sqlite3.Error as error:
                if not said:
                    _log.error(
                        "the books cannot be written; nothing is acknowledged until they can",
                        fault=str(error),
                    )
                    said = True
                if self._stopping.wait(RETRY_S):
                    return  # not acknowledged: broker and kiosk still hold it
        if said:
            _log.info("the books can be written again")
        try:
            self._send(down)
        finally:
            for item in batch:
                if isinstance(item, Incoming):
                    item.done()

    def _write(self, batch: list[Incoming | Push]) -> list[Down]:
        opened = [self._open(item) for item in batch if isinstance(item, Incoming)]
        authentic = [message for message in opened if message is not None]
        pushed = len(opened) != len(batch)
        if not authentic and not pushed:
            return []
        down: list[Down] = []
        verdicts: dict[tuple[int, int], list[list[int]]] = {}
        with self._database.write() as connection:
            before = hotlist.version(connection)
            for message in authentic:
                down += self._guarded(connection, message, verdicts)
            by_number = {kiosk.number: kiosk for kiosk in self._kiosks.all()}
            for (kiosk_no, epoch), decided in verdicts.items():
                down += sessions.acks(connection, by_number[kiosk_no], epoch, decided)
            if pushed or hotlist.version(connection) != before:
                for kiosk in by_number.values():
                    down += sessions.news(connection, self._keeper, kiosk)
        return down

    def _open(self, item: Incoming) -> Opened | None:
        """The message if it is a kiosk's; touches nothing but a counter otherwise."""
        name = topics.kiosk_of(item.topic)
        kiosk = None if name is None else self._kiosks.find(name)
        if kiosk is None:
            self.rejections.add("unknown", item.topic, len(item.payload), "no kiosk of this name")
            return None
        try:
            (epoch, counter), kind, body = envelope.open_(kiosk.up_key, messages.UP, kiosk.name, item.payload)
        except envelope.EnvelopeError as error:
            self.rejections.add(error.code, item.topic, len(item.payload), str(error))
            return None
        if kind in messages.REPORTS and counter == 0:
            self.rejections.add("counter", item.topic, len(item.payload), "a report needs a counter above 0")
            return None
        return Opened(kiosk, epoch, counter, kind, body)

    def _guarded(
        self,
        connection: sqlite3.Connection,
        message: Opened,
        verdicts: dict[tuple[int, int], list[list[int]]],
    ) -> list[Down]:
        """One message in a savepoint: what we cannot digest is kept for a person and spoils nothing else."""
        connection.execute("SAVEPOINT message")
        try:
            down = self._handle(connection, message, verdicts)
        except sqlite3.OperationalError:
            raise  # the disk, not the message
        except Exception as error:
            connection.execute("ROLLBACK TO message")
            _log.exception("a message could not be handled", kiosk=message.kiosk.name, kind=message.kind)
            report = Report(message.kiosk, message.epoch, message.counter, message.kind, message.body)
            decisions.keep_suspect(
                connection, report, Answer(messages.FLAGGED, 0), f"fault: {type(error).__name__}"
            )
            alarms.raise_(
                connection, "fault", report.name, f"{report.name} could not be handled; it is kept apart."
            )
            down = []
        connection.execute("RELEASE message")
        return down

    def _handle(
        self,
        connection: sqlite3.Connection,
        message: Opened,
        verdicts: dict[tuple[int, int], list[list[int]]],
    ) -> list[Down]:
        kiosk = message.kiosk
        if message.kind == messages.HELLO:
            return sessions.hello(connection, self._keeper, kiosk, message.body)
        if message.kind == messages.APPLIED:
            sessions.applied(connection, kiosk, message.body)
            return []
        report = Report(kiosk, message.epoch, message.counter, message.kind, message.body)
        answer = decisions.decide(connection, self._keeper, report)
        verdict = [report.counter, answer.code, answer.balance_fen]
        verdicts.setdefault((kiosk.number, report.epoch), []).append(verdict)
        return []
