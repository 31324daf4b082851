"""One batch of messages: open the envelopes, decide in turn in one transaction, say what goes down.

Decisions are made in memory and written together. A message that trips a fault of ours takes the whole
attempt back; the batch is done again with that message kept apart for a person, so it spoils nothing else.
"""

from collections.abc import Collection

import structlog

from host.cards import hotlist
from host.cards.facts import Facts
from host.cards.keeper import Keeper
from host.cards.proof import Proofs
from host.db.connection import breaches, of_the_values
from host.db.engine import Database
from host.ledger.books import book
from host.ledger.checkpoints import CHECKPOINT_EVERY, Checkpoints
from host.terminals.doubt.refusals import Refusal
from host.terminals.fleet.kiosks import Kiosk, Kiosks
from host.terminals.intake import in_turn
from host.terminals.intake.opening import opened
from host.terminals.line.traffic import Down
from host.terminals.reported.faults import Doubtful, Faulty, away
from host.terminals.reported.rejections import Rejections
from host.terminals.reported.report import Report
from host.terminals.reported.work import Work
from host.terminals.talk import greetings
from host.terminals.talk.telling import Telling
from protocol.wire import envelope, topics

_log = structlog.get_logger()


class Batches:
    """Opens messages and writes batches of them into the books."""

    def __init__(self, database: Database, keeper: Keeper, kiosks: Kiosks) -> None:
        self.rejections = Rejections()
        self._database = database
        self._keeper = keeper
        self._kiosks = kiosks
        self._facts = Facts()
        self.proofs = Proofs(keeper)
        self._checkpoints = Checkpoints(database, keeper.ledger_mac, database.folder)
        self._booked = 0  # the newest transaction
        self._telling = Telling(keeper)
        self._owed = False  # do kiosks have to be told something new?

    def open(self, topic: str, payload: bytes) -> list[Report]:
        """What a message holds if it is a kiosk's; touches nothing but a counter otherwise.

        One of host.db.connection.faults() when a name has to be looked up and cannot be: nothing was counted.
        """
        kiosk = self._kiosks.heard(topic)
        if kiosk is None:
            self.rejections.add("unknown", topic, len(payload), "no kiosk of this name")
            return []
        try:
            reports = self._opened(kiosk, payload)
        except envelope.EnvelopeError as error:
            self.rejections.add(error.code, topic, len(payload), str(error))
            return []
        for report in reports:
            if isinstance(report, Refusal):
                self.rejections.add(report.code, topic, len(payload), report.sentence)
        return reports

    def _opened(self, kiosk: Kiosk, payload: bytes) -> list[Report]:
        try:
            return opened(kiosk, payload)
        except envelope.EnvelopeError as error:
            now = self._kiosks.look_again(kiosk.name) if error.code == "mac" else None
            if now is None or now.issue == kiosk.issue:
                raise
            return opened(now, payload)

    def write(
        self, batch: list[Report], pushed: bool, only: Collection[int] = (), later: bool = False
    ) -> list[Down]:
        """The batch into the books; pushed: also send every kiosk, or only these, what it has not confirmed;
        later: nothing of it goes down before the books are settled.

        One of host.db.connection.faults() when the books can't be written: then nothing of it happened.
        """
        if not batch and not pushed and not only:
            return []
        faults: dict[int, Exception] = {}
        doubt = False
        while True:
            try:
                down = self._attempt(batch, faults, doubt, later)
                break
            except Doubtful:
                self._facts.clear()
                doubt = True
            except Faulty as faulty:
                self._facts.clear()
                assert isinstance(faulty.__cause__, Exception) and faulty.at not in faults
                faults[faulty.at] = faulty.__cause__
            except BaseException:
                self._facts.clear()  # what they were read from was taken back
                raise
        return down + self._news(pushed, only)

    def _news(self, pushed: bool, only: Collection[int]) -> list[Down]:
        """What kiosks have not confirmed, when it may have changed. By itself: a batch locks its own
        kiosks only. What fails is owed, and the batch stays booked."""
        self._owed = self._owed or pushed
        if not self._owed and not only:
            return []
        whole = self._owed
        self._owed = True  # until it is done
        down: list[Down] = []
        self._telling.begin()
        try:
            with self._database.write() as connection:
                if whole:
                    self._telling.follow(connection)
                self._kiosks.refresh(connection)  # what is sealed under a replaced secret is a thief's
                for kiosk in self._kiosks.all():
                    if whole or kiosk.number in only:
                        down += self._telling.news(connection, kiosk)
        except away() as error:
            _log.error("kiosks could not be told what is new; the next batch tries again", fault=str(error))
            return []
        self._telling.committed()
        self._owed = False
        return down

    def close(self) -> None:
        """Nothing more will be written: where the chain stands now is worth a checkpoint."""
        if self._booked:
            self._checkpoint(self._booked, 1)

    def _checkpoint(self, last: int, at_least: int = CHECKPOINT_EVERY) -> None:
        """The batch is in the books whatever becomes of this; the next one tries again."""
        self._booked = last
        try:
            self._checkpoints.after(last, at_least)
        except away(OSError) as error:
            _log.error("no checkpoint of the books could be taken", fault=str(error))

    def _attempt(
        self, batch: list[Report], faults: dict[int, Exception], doubt: bool, later: bool
    ) -> list[Down]:
        self._telling.begin()
        with book(self._database, later) as books:
            connection = books.connection
            work = Work(books, self._keeper, self._facts, self.proofs)
            work.look_up(batch, doubt)
            down, listed = in_turn.decided(work, batch, faults, doubt)
            self._flush(work, batch, faults, doubt)
            decided = [sender for sender in work.senders.values() if sender.verdicts]
            down += greetings.of(connection, work, batch)
            down += self._telling.acknowledge(connection, decided, work.standing)
            changed = listed is not None and hotlist.version(connection) != listed
            books.remember()
        self._owed = self._owed or changed
        for report in work.unheard:
            name, why = report.kiosk.name, "desk reader" if report.by_reader else "revoked"
            self.rejections.add(why.split()[-1], topics.up(name), len(report.encoded), f"{name} is {why}")
        self._checkpoint(books.last)
        self._telling.committed()
        return down

    @staticmethod
    def _flush(work: Work, batch: list[Report], faults: dict[int, Exception], doubt: bool) -> None:
        try:
            work.flush()
        except of_the_values() as error:  # whose it is, a batch of one can tell: the caller divides
            if isinstance(error, breaches()) and not doubt:
                raise Doubtful from error
            if len(batch) == 1 and not faults:
                raise Faulty(0) from error
            raise
