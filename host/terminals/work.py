"""What the decisions about one batch share: the books, answers given before, what is to be remembered."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from host.cards.facts import Fact, Facts
from host.cards.keeper import Keeper
from host.cards.proof import Proofs
from host.db.connection import Connection
from host.ledger import purse
from host.ledger.books import Books
from host.ledger.terms import Purse
from host.terminals import sequences
from host.terminals.report import Report
from host.terminals.sequences import Epoch, Held
from protocol.wire import messages

Number = tuple[int, int, int]  # kiosk, epoch, counter


class Answer(NamedTuple):
    """The verdict: what an acknowledgement says of a report. transaction_id: what the books hold of it."""

    code: int
    balance_fen: int
    transaction_id: int | None = None


class Work:
    """One batch in one transaction. Answers are never forgotten: the same report gets the same one."""

    def __init__(self, books: Books, keeper: Keeper, facts: Facts, proofs: Proofs) -> None:
        self.books = books
        self.connection: Connection = books.connection
        self.keeper = keeper
        self.facts = facts
        self.proofs = proofs
        self.answers: dict[Number, tuple[bytes, Answer]] = {}
        self.refused: dict[int, Counter[str]] = {}  # kiosk -> how many refusals of each code are kept
        self.epochs: dict[Epoch, Held] = {}
        self._rows: list[tuple[object, ...]] = []

    def look_up(self, batch: list[Report], doubt: bool = False) -> None:
        """Read at once what the books know of a batch: answers given before, and the accounts it touches.

        doubt: put right first what the epochs say, from the reports themselves.
        """
        counters: dict[tuple[int, int], list[int]] = {}
        touched, of, connection = set(), self.facts.of, self.connection
        kiosks = {report.kiosk.number: report.kiosk.name for report in batch}
        self._lock_kiosks(kiosks)
        for report in batch:
            if report.kind not in messages.REPORTS:
                continue
            counters.setdefault((report.kiosk.number, report.epoch), []).append(report.counter)
            uid = report.values.get("uid")
            if uid is not None:
                touched.add(of(connection, uid, report.values["issue"]).purse)
        self.epochs = sequences.held(connection, counters)
        self._look_up_answers(counters, doubt)
        touched |= self.facts.sales_of(connection, kiosks.values())
        self.books.load(sorted(number for number in touched if number is not None))

    def _look_up_answers(self, counters: dict[tuple[int, int], list[int]], doubt: bool) -> None:
        """Of numbers that are held: as a rule none is."""
        sql = (
            "SELECT counter, sha256, code, balance_fen, transaction_id FROM reports"
            f" WHERE kiosk = ? AND epoch = ? AND counter IN {self.connection.INTS}"
        )
        for (kiosk, epoch), asked in counters.items():
            held = self.epochs[kiosk, epoch]
            if doubt:
                sequences.relearn(self.connection, (kiosk, epoch), held)
            wanted = [counter for counter in asked if held.holds(counter)]
            if not wanted:
                continue
            given = (kiosk, epoch, self.connection.ints(wanted))
            for counter, digest, *answer in self.connection.execute(sql, given):
                self.answers[kiosk, epoch, counter] = bytes(digest), Answer(*answer)

    def _lock_kiosks(self, kiosks: Iterable[int]) -> None:
        """Workers share a kiosk's messages out of order: one at a time decides about it."""
        if self.connection.LOCKED:
            wanted = f"WHERE a.kiosk IN {self.connection.INTS} ORDER BY a.kiosk"
            sql = f"SELECT a.kiosk FROM kiosk_sessions a {wanted}"
            self.connection.execute(sql + self.connection.LOCKED, (self.connection.ints(kiosks),)).fetchall()

    def purse(self, uid: bytes, issue: int, fact: Fact) -> Purse:
        """A card's purse, opened when its first debit is reported; of a card that is not ours as suspense."""
        found = None if fact.purse is None else self.books.purses.get(fact.purse)
        return found or purse.open_(self.books, uid, issue, fact.card is not None)

    def shadow_of(self, found: Purse) -> int:
        """A purse's balance for the kiosk's screen; 0 for a card that is not ours."""
        account = self.books.account(found.account_id)
        if account.kind != "card":
            return 0
        return account.balance + (self.books.account(found.bonus_id).balance if found.bonus_id else 0)

    def shadow(self, uid: bytes, issue: int) -> int:
        """The same for any card; 0 for one without a purse."""
        number = self.facts.of(self.connection, uid, issue).purse
        if number is None:
            number = purse.find(self.connection, uid, issue)
            if number is None:
                return 0
        self.books.load([number])
        return self.shadow_of(self.books.purses[number])

    def remember(self, report: Report, answer: Answer) -> None:
        """This number was answered so, for ever."""
        kiosk, epoch, counter = report.kiosk.number, report.epoch, report.counter
        digest = report.digest
        self.answers[kiosk, epoch, counter] = digest, answer
        received_s = self.books.booked_s
        self._rows.append((kiosk, epoch, counter, report.kind, digest, report.encoded, *answer, received_s))
        self.epochs[kiosk, epoch].take(counter)

    def flush(self) -> None:
        """Write what was decided so far: for whoever asks the tables for it."""
        self.books.flush()
        self.connection.insert(
            "reports",
            "kiosk, epoch, counter, kind, sha256, body, code, balance_fen, transaction_id, received_s",
            self._rows,
        )
        self._rows = []
        sequences.write(self.connection, self.epochs)
