"""What the decisions about one batch share: the books, answers given before, what is to be remembered."""

from collections import Counter
from typing import NamedTuple

from host.cards import revision
from host.cards.facts import Fact, Facts
from host.cards.keeper import Keeper
from host.cards.proof import Proofs
from host.db.connection import Connection
from host.ledger import purse
from host.ledger.books import Books
from host.ledger.entries import seller
from host.ledger.terms import Purse
from host.terminals.fleet import locked, revoked
from host.terminals.reported import decided, sequences
from host.terminals.reported.report import Report
from host.terminals.reported.senders import Sender
from host.terminals.reported.sequences import Epoch
from host.terminals.reported.standing import Standing
from protocol.wire import messages, online

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
        self.senders: dict[Epoch, Sender] = {}
        self.unheard: list[Report] = []  # of kiosks that are revoked
        self.at = 0  # the place in the batch up to which all is decided
        self.standing: Standing = books.beside or Standing()
        books.beside = self.standing
        facts.begin(self.standing.look(self.connection, revision.of_cards))
        stand = self.standing.look(self.connection, revoked.stand)
        self.revoked: frozenset[int] = stand[0]
        self.former: frozenset[tuple[int, int]] = stand[1]

    def look_up(self, batch: list[Report], doubt: bool = False) -> None:
        """Read at once what the books know of a batch: answers given before, and the accounts it touches.

        doubt: put right first what the epochs say, from the reports themselves.
        """
        connection, standing = self.connection, self.standing
        kiosks = {report.kiosk.number: report.kiosk.name for report in batch}
        if locked.kiosks(connection, kiosks):  # workers share a kiosk's messages out of order
            standing.forget()  # it may have waited for just that
            stand = standing.look(connection, revoked.stand)
            self.revoked, self.former = stand
        reports = [report for report in batch if not self._is_former(report)] if self.former else batch
        touched, ends = self._touched(reports, doubt)
        touched |= decided.undone(connection, ends)
        new = [name for name in kiosks.values() if name not in standing.sellers]
        sales = self.facts.sales_of(connection, new)
        self.books.load({number for number in (*touched, *sales.values()) if number is not None})
        for name, number in sales.items():
            standing.sellers[name] = seller(self.books.account(number), "sale", name)
        for sender in self.senders.values():
            if sender.kiosk.number not in self.revoked:
                sender.seller = standing.sellers.get(sender.kiosk.name)

    def _touched(self, batch: list[Report], doubt: bool) -> tuple[set[int | None], list[Report]]:
        """The purses of a batch, and its reports of whole payments and entries; their senders are made."""
        facts, counters = self.facts.known, dict[Epoch, list[int]]()
        touched, new, ends = set[int | None](), set[tuple[bytes, int]](), list[Report]()
        kiosks = {}
        for report in batch:
            kind, kiosk, told = report.kind, report.kiosk, report.told
            if kind not in messages.REPORTS:
                continue
            epoch = kiosk.number, report.epoch
            asked = counters.get(epoch)
            if asked is None:
                counters[epoch] = asked = []
                kiosks[epoch] = kiosk
            asked.append(report.counter)
            if kind in online.ENDS:
                ends.append(report)
            elif told:  # uid and issue begin each report of a purse
                issues = facts.get(told[0])
                fact = issues.get(told[1]) if issues is not None else None
                if fact is None:
                    new.add(told[:2])
                else:
                    touched.add(fact.purse)
        held = self.standing.held(self.connection, counters)
        for epoch, asked in counters.items():
            self.senders[epoch] = Sender(kiosks[epoch], epoch[1], held[epoch])
            self._look_up_answers(epoch, asked, doubt)
        touched.update([self.facts.of(self.connection, *card).purse for card in new])
        return touched, ends

    def _look_up_answers(self, epoch: Epoch, asked: list[int], doubt: bool) -> None:
        """Of numbers that are held: as a rule none is."""
        held = self.senders[epoch].held
        if doubt:
            sequences.relearn(self.connection, epoch, held)
        top = held.ranges[-1][1] if held.ranges else held.upto
        if min(asked) <= top:
            self._recall(epoch, [counter for counter in asked if counter <= top and held.holds(counter)])

    def _recall(self, epoch: Epoch, counters: list[int]) -> None:
        sql = (
            "SELECT counter, sha256, code, balance_fen, transaction_id FROM reports"
            f" WHERE kiosk = ? AND epoch = ? AND counter IN {self.connection.INTS}"
        )
        given = (*epoch, self.connection.ints(counters))
        for counter, digest, *answer in self.connection.execute(sql, given):
            self.answers[*epoch, counter] = bytes(digest), Answer(*answer)

    def known(self, report: Report) -> tuple[bytes, Answer] | None:
        """The digest and the answer of what came under this number before, also in this batch."""
        epoch, counter = (report.kiosk.number, report.epoch), report.counter
        known = self.answers.get((*epoch, counter))
        if known is None and self.senders[epoch].held.holds(counter):  # answered the straight way
            self._write_reports()
            self._recall(epoch, [counter])
            known = self.answers.get((*epoch, counter))
        return known

    def _is_former(self, report: Report) -> bool:
        return bool(self.former) and (report.kiosk.number, report.kiosk.issue) in self.former

    def is_unheard(self, report: Report) -> bool:
        """Is it of a revoked kiosk and proves nothing, under a secret that was replaced, or a desk reader's
        report? It is counted."""
        of_revoked = report.kiosk.number in self.revoked
        heard = not of_revoked or revoked.may_be_a_fact(report.kind, report.values)
        if heard and not self._is_former(report) and not report.by_reader:
            return False
        self.unheard.append(report)
        return True

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
        number = self.facts.of(self.connection, uid, issue).purse or purse.find(self.connection, uid, issue)
        if number is None:
            return 0
        self.books.load([number])
        return self.shadow_of(self.books.purses[number])

    def remember(self, report: Report, answer: Answer) -> None:
        """This number was answered so, for ever."""
        number = report.kiosk.number, report.epoch, report.counter
        self.answers[number] = report.digest, answer
        sender, received_s = self.senders[number[:2]], self.books.booked_s
        sender.rows += (*number, report.kind, report.digest, report.encoded, *answer, received_s)
        sender.held.take(report.counter)

    def tell(self, report: Report, answer: Answer | None) -> None:
        """The verdict goes into its kiosk's next acknowledgement; None: there is none."""
        if answer is not None:
            self.senders[report.kiosk.number, report.epoch].verdicts.append((report.counter, *answer[:2]))

    def flush(self) -> None:
        """Write what was decided so far: for whoever asks the tables for it."""
        self.books.flush()
        self._write_reports()
        sequences.write(self.connection, {epoch: sender.held for epoch, sender in self.senders.items()})

    def _write_reports(self) -> None:
        """In the order of their numbers: half the time of any other."""
        rows: list[object] = []
        for epoch in sorted(self.senders):
            sender = self.senders[epoch]
            rows += sender.rows
            sender.rows = []
        self.connection.insert_flat(
            "reports",
            "kiosk, epoch, counter, kind, sha256, body, code, balance_fen, transaction_id, received_s",
            rows,
        )
