"""One unit of work on the books: transactions decided in memory, written together.

    with book(database) as books:
        books.post(Why(...), [Transfer(cash, card, 5000)])

What is touched is read once, decided one after the other, and written in as few statements as there are
tables, each account once. All transfers of a transaction happen or none, and so does all that was done
within one `book`. Nothing here edits: a pending transaction is ended by a row of its own, at most once; what
was wrong is reversed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from host.db.engine import Database
from host.ledger import chain
from host.ledger.asked import state_of
from host.ledger.chart import REPORTS, YES
from host.ledger.entries import Entries
from host.ledger.terms import (
    AMOUNT_MAX,
    EXPIRED,
    PENDING,
    POSTED,
    TRANSFERS_MAX,
    VOIDED,
    AlreadyBooked,
    LedgerError,
    Overdraft,
    Transfer,
    Why,
)


class Books(Entries):
    """The work of one write transaction; `flush` writes what was decided. Made by `book`."""

    def post(self, why: Why, transfers: list[Transfer], by_report: bool = False) -> int:
        """Book a transaction now; its id. by_report: tells what a card did, so its shadow may go below zero.

        AlreadyBooked, Overdraft, LedgerError: then nothing was done.
        """
        if why.kiosk is None or why.reference is not None:  # a kiosk's own texts are the protocol's
            self.must_be_new(why)  # before the question whether there is enough: what is asked again was done
        self._admit(transfers, by_report)
        return self._enter(POSTED, None, why, transfers)

    def plan(self, why: Why, transfers: list[Transfer]) -> int:
        """Write down a transaction that waits; nothing moves yet. Its id. AlreadyBooked, LedgerError."""
        self.must_be_new(why)
        self._admit(transfers, moves=False)
        number = self._transaction + 1
        moved = "".join([chain.planned(*transfer) for transfer in transfers])
        self._write(PENDING, None, why, None, moved)
        self._plans += [(number, place, *transfer) for place, transfer in enumerate(transfers)]
        return number

    def end(self, pending: int, state: str, why: Why) -> int:
        """A pending transaction is posted, voided or expired: the id of the row that says so. LedgerError."""
        if state not in (POSTED, VOIDED, EXPIRED):
            raise LedgerError(f"a transaction is posted, voided or expired, not “{state}”")
        self.flush()
        found = state_of(self.connection, pending)
        if found != PENDING:
            raise LedgerError(f"transaction {pending} is {found}, not pending")
        self.must_be_new(why)
        if state != POSTED:
            return self._write(state, pending, why, None, "")
        rows = self.connection.execute(
            "SELECT debit_id, credit_id, amount FROM plans WHERE transaction_id = ? ORDER BY place",
            (pending,),
        )
        transfers = [Transfer(*row) for row in rows.fetchall()]
        self._admit(transfers)
        return self._enter(POSTED, pending, why, transfers)

    def _admit(self, transfers: list[Transfer], by_report: bool = False, moves: bool = True) -> None:
        """LedgerError for what no transaction may hold; when it moves, Overdraft for what is not there."""
        if not 0 < len(transfers) <= TRANSFERS_MAX:
            raise LedgerError(f"a transaction is of 1 to {TRANSFERS_MAX} transfers")
        accounts = self.accounts
        after: dict[int, int] = {}
        for debit, credit, amount in transfers:
            if type(amount) is not int or not 0 < amount < AMOUNT_MAX:
                raise LedgerError("an amount is a whole number above zero")
            if debit not in accounts or credit not in accounts:
                # all at once, so that writers who want the same lock them in the same order
                self.load({side for transfer in transfers for side in transfer[:2]})
            giver, taker = self.account(debit), self.account(credit)
            if giver is taker:
                raise LedgerError("a transfer moves between two different accounts")
            if giver.unit != taker.unit:
                raise LedgerError(f"a transfer stays in its unit: {giver.unit} is not {taker.unit}")
            if moves:
                left = after[debit] = after.get(debit, giver.balance) - amount
                after[credit] = after.get(credit, taker.balance) + amount
                if left < 0 and giver.below_zero != YES and not (by_report and giver.below_zero == REPORTS):
                    raise Overdraft(f"{giver.kind} of {giver.owner} holds {left + amount}, {amount} is asked")

    def must_be_new(self, why: Why) -> None:
        """AlreadyBooked when its kind and reference are in the books; LedgerError for texts with tabs."""
        if "\t" in f"{why.kind}{why.reference}{why.who}{why.kiosk}":
            raise LedgerError("a transaction's texts hold no tabs: they stand between them in the chain")
        if why.reference is None:
            return
        name = (why.kind, why.reference)
        known = (
            name in self._references
            or self.connection.execute(
                "SELECT 1 FROM transactions WHERE kind = ? AND reference = ?", name
            ).fetchone()
        )
        if known:
            raise AlreadyBooked(f"{why.kind} {why.reference} is in the books")


@contextmanager
def book(database: Database, later: bool = False) -> Iterator[Books]:
    """A unit of work: all of it is written and committed at the end, or nothing when it raises. later: see
    Database.write."""
    with database.write(later) as connection:
        books = Books(connection, database.writer)
        yield books
        books.flush()
