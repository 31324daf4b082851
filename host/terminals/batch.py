"""One batch of messages: open the envelopes, handle each in turn in one transaction, say what goes down."""

import sqlite3
from collections.abc import Callable
from functools import partial

import structlog

from host import alarms
from host.cards import hotlist
from host.cards.keeper import Keeper
from host.cards.proof import Proofs
from host.db.engine import Database
from host.terminals import decisions, sessions
from host.terminals.kiosks import Kiosk, Kiosks
from host.terminals.opening import opened
from host.terminals.rejections import Rejections
from host.terminals.report import Answer, Report, keep_suspect
from host.terminals.sessions import Down
from protocol.wire import messages, topics
from protocol.wire.envelope import EnvelopeError

_log = structlog.get_logger()
Told = dict[tuple[str, str], bool]  # (kiosk, what it should be told) -> could that be made?
Verdicts = dict[tuple[int, int], list[list[int]]]  # (kiosk, epoch) -> [[counter, code, balance_fen]]


def _is_the_messages(error: Exception) -> bool:
    """Is it the message's fault (or ours in handling it), and not that of disk, memory or database?"""
    if isinstance(error, sqlite3.Error):
        return isinstance(error, sqlite3.IntegrityError)
    return not isinstance(error, MemoryError)


class Batches:
    """Opens messages and writes batches of them into the books."""

    def __init__(self, database: Database, keeper: Keeper, kiosks: Kiosks) -> None:
        self.rejections = Rejections()
        self._database = database
        self._keeper = keeper
        self._proofs = Proofs(keeper)
        self._kiosks = kiosks
        self._mute: set[tuple[str, str]] = set()  # (kiosk, what) of which an alarm says it cannot be made

    def open(self, topic: str, payload: bytes) -> list[Report]:
        """What a kiosk's message holds; touches nothing but a counter if it is none."""
        name = topics.kiosk_of(topic)
        kiosk = None if name is None else self._kiosks.find(name)
        if kiosk is None:
            self.rejections.add("unknown", topic, len(payload), "no kiosk of this name")
            return []
        try:
            return opened(kiosk, payload)
        except EnvelopeError as error:
            self.rejections.add(error.code, topic, len(payload), str(error))
            return []

    def write(self, batch: list[Report], pushed: bool) -> list[Down]:
        """The batch into the books; pushed: also send every kiosk what it has not confirmed.

        sqlite3.Error when the books can't be written: then nothing of the batch happened.
        """
        if not batch and not pushed:
            return []
        down: list[Down] = []
        verdicts: Verdicts = {}
        told: Told = {}
        with self._database.write() as connection:
            before = hotlist.version(connection)
            for report in batch:
                down += self._guarded(connection, report, verdicts)
            by_number = {kiosk.number: kiosk for kiosk in self._kiosks.all()}
            for (kiosk_no, epoch), decided in verdicts.items():
                make = partial(sessions.acks, epoch=epoch, verdicts=decided)
                down += self._told(connection, by_number[kiosk_no], "acks", make, told)
            if pushed or hotlist.version(connection) != before:
                for kiosk in by_number.values():
                    down += self._told(connection, kiosk, "news", self._news, told)
        for what, sent in told.items():  # after the commit: an alarm that was rolled back was not raised
            if sent:
                self._mute.discard(what)
            else:
                self._mute.add(what)
        return down

    def _news(self, connection: sqlite3.Connection, kiosk: Kiosk) -> list[Down]:
        return sessions.news(connection, self._keeper, kiosk)

    def _guarded(
        self,
        connection: sqlite3.Connection,
        report: Report,
        verdicts: Verdicts,
    ) -> list[Down]:
        """One message in a savepoint: what we cannot digest is kept for a person and spoils nothing else."""
        connection.execute("SAVEPOINT message")
        try:
            down = self._handle(connection, report, verdicts)
        except Exception as error:
            if not _is_the_messages(error):
                raise
            connection.execute("ROLLBACK TO message")
            _log.exception("a message could not be handled", kiosk=report.kiosk.name, kind=report.kind)
            answer = Answer(messages.FLAGGED, 0)
            keep_suspect(connection, report, answer, f"fault: {type(error).__name__}")
            alarms.raise_(
                connection, "fault", report.name, f"{report.name} could not be handled; it is kept apart."
            )
            if report.kind in messages.REPORTS:  # kept is held: unanswered it would come again for ever
                decisions.remember(connection, report, answer)
                self._verdict(verdicts, report, answer)
            down = []
        connection.execute("RELEASE message")
        return down

    def _told(
        self,
        connection: sqlite3.Connection,
        kiosk: Kiosk,
        what: str,
        make: Callable[[sqlite3.Connection, Kiosk], list[Down]],
        told: Told,
    ) -> list[Down]:
        """What goes down to one kiosk; if it cannot be made, the others and what was booked don't suffer."""
        key = (kiosk.name, what)
        connection.execute("SAVEPOINT told")
        try:
            down = make(connection, kiosk)
            told.setdefault(key, True)
        except Exception as error:
            if not _is_the_messages(error):
                raise
            connection.execute("ROLLBACK TO told")
            down = []
            if key not in self._mute and told.get(key, True):  # one alarm, not one a batch
                _log.exception("a message to a kiosk could not be made", kiosk=kiosk.name)
                sentence = (
                    f"{kiosk.name} cannot be told what it should know ({type(error).__name__}); see the log."
                )
                alarms.raise_(connection, "unsendable", kiosk.name, sentence)
            told[key] = False
        connection.execute("RELEASE told")
        return down

    def _handle(self, connection: sqlite3.Connection, report: Report, verdicts: Verdicts) -> list[Down]:
        if report.kind == messages.HELLO:
            return sessions.hello(connection, self._keeper, report.kiosk, report.values)
        if report.kind == messages.APPLIED:
            sessions.applied(connection, report.kiosk, report.values)
            return []
        self._verdict(verdicts, report, decisions.decide(connection, self._proofs, report))
        return []

    @staticmethod
    def _verdict(verdicts: Verdicts, report: Report, answer: Answer) -> None:
        said = [report.counter, answer.code, answer.balance_fen]
        verdicts.setdefault((report.kiosk.number, report.epoch), []).append(said)
