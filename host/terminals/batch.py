"""One batch of messages: open the envelopes, handle each in turn in one transaction, say what goes down."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from host import alarms
from host.cards import hotlist
from host.cards.keeper import Keeper
from host.db.engine import Database
from host.terminals import decisions, sessions
from host.terminals.kiosks import Kiosk, Kiosks
from host.terminals.rejections import Rejections
from host.terminals.report import Answer, Report, keep_suspect
from host.terminals.sessions import Down
from protocol.wire import envelope, messages, topics

_log = structlog.get_logger()
Verdicts = dict[tuple[int, int], list[list[int]]]  # (kiosk, epoch) -> [[counter, code, balance_fen]]


def _is_the_messages(error: Exception) -> bool:
    """Is it the message's fault (or ours in handling it), and not that of disk, memory or database?"""
    if isinstance(error, sqlite3.Error):
        return isinstance(error, sqlite3.IntegrityError)
    return not isinstance(error, MemoryError)


@dataclass(frozen=True)
class Opened:
    """An authentic message."""

    kiosk: Kiosk
    epoch: int
    counter: int
    kind: int
    body: dict[int, Any]


class Batches:
    """Writes batches into the books; holds nothing between two of them but what it refused."""

    def __init__(self, database: Database, keeper: Keeper, kiosks: Kiosks) -> None:
        self.rejections = Rejections()
        self._database = database
        self._keeper = keeper
        self._kiosks = kiosks
        self._mute: set[str] = set()  # kiosks for which a message could not be made

    def write(self, batch: list[tuple[str, bytes]], pushed: bool) -> list[Down]:
        """[(topic, payload)] into the books; pushed: also send every kiosk what it has not confirmed.

        sqlite3.Error when the books can't be written: then nothing of the batch happened.
        """
        opened = [self._open(topic, payload) for topic, payload in batch]
        authentic = [message for message in opened if message is not None]
        if not authentic and not pushed:
            return []
        down: list[Down] = []
        verdicts: Verdicts = {}
        with self._database.write() as connection:
            before = hotlist.version(connection)
            for message in authentic:
                down += self._guarded(connection, message, verdicts)
            by_number = {kiosk.number: kiosk for kiosk in self._kiosks.all()}
            for (kiosk_no, epoch), decided in verdicts.items():
                kiosk = by_number[kiosk_no]
                down += self._told(connection, kiosk, partial(sessions.acks, epoch=epoch, verdicts=decided))
            if pushed or hotlist.version(connection) != before:
                for kiosk in by_number.values():
                    down += self._told(connection, kiosk, lambda c, k: sessions.news(c, self._keeper, k))
        return down

    def _open(self, topic: str, payload: bytes) -> Opened | None:
        """The message if it is a kiosk's; touches nothing but a counter otherwise."""
        name = topics.kiosk_of(topic)
        kiosk = None if name is None else self._kiosks.find(name)
        if kiosk is None:
            self.rejections.add("unknown", topic, len(payload), "no kiosk of this name")
            return None
        try:
            (epoch, counter), kind, body = envelope.open_(kiosk.up_key, messages.UP, kiosk.name, payload)
        except envelope.EnvelopeError as error:
            self.rejections.add(error.code, topic, len(payload), str(error))
            return None
        if kind in messages.REPORTS and counter == 0:
            self.rejections.add("counter", topic, len(payload), "a report needs a counter above 0")
            return None
        return Opened(kiosk, epoch, counter, kind, body)

    def _guarded(
        self,
        connection: sqlite3.Connection,
        message: Opened,
        verdicts: Verdicts,
    ) -> list[Down]:
        """One message in a savepoint: what we cannot digest is kept for a person and spoils nothing else."""
        connection.execute("SAVEPOINT message")
        try:
            down = self._handle(connection, message, verdicts)
        except Exception as error:
            if not _is_the_messages(error):
                raise
            connection.execute("ROLLBACK TO message")
            _log.exception("a message could not be handled", kiosk=message.kiosk.name, kind=message.kind)
            report = Report(message.kiosk, message.epoch, message.counter, message.kind, message.body)
            answer = Answer(messages.FLAGGED, 0)
            keep_suspect(connection, report, answer, f"fault: {type(error).__name__}")
            alarms.raise_(
                connection, "fault", report.name, f"{report.name} could not be handled; it is kept apart."
            )
            if message.kind in messages.REPORTS:  # kept is held: unanswered it would come again for ever
                decisions.remember(connection, report, answer)
                self._verdict(verdicts, report, answer)
            down = []
        connection.execute("RELEASE message")
        return down

    def _told(
        self,
        connection: sqlite3.Connection,
        kiosk: Kiosk,
        make: Callable[[sqlite3.Connection, Kiosk], list[Down]],
    ) -> list[Down]:
        """What goes down to one kiosk; if it cannot be made, the others and what was booked don't suffer."""
        connection.execute("SAVEPOINT told")
        try:
            down = make(connection, kiosk)
        except Exception as error:
            if not _is_the_messages(error):
                raise
            connection.execute("ROLLBACK TO told")
            down = []
            if kiosk.name not in self._mute:  # one alarm, not one a batch
                self._mute.add(kiosk.name)
                _log.exception("a message to a kiosk could not be made", kiosk=kiosk.name)
                sentence = (
                    f"{kiosk.name} cannot be told what it should know ({type(error).__name__}); see the log."
                )
                alarms.raise_(connection, "unsendable", kiosk.name, sentence)
        connection.execute("RELEASE told")
        return down

    def _handle(
        self,
        connection: sqlite3.Connection,
        message: Opened,
        verdicts: Verdicts,
    ) -> list[Down]:
        kiosk = message.kiosk
        if message.kind == messages.HELLO:
            return sessions.hello(connection, self._keeper, kiosk, message.body)
        if message.kind == messages.APPLIED:
            sessions.applied(connection, kiosk, message.body)
            return []
        report = Report(kiosk, message.epoch, message.counter, message.kind, message.body)
        self._verdict(verdicts, report, decisions.decide(connection, self._keeper, report))
        return []

    @staticmethod
    def _verdict(verdicts: Verdicts, report: Report, answer: Answer) -> None:
        said = [report.counter, answer.code, answer.balance_fen]
        verdicts.setdefault((report.kiosk.number, report.epoch), []).append(said)
