"""One unit of work on the books: transactions decided in memory, written together.

    with book(database) as books:
        books.post(Why(...), [Transfer(cash, card, 5000)])

What is touched is read once, decided one after the other, and written in as few statements as there are
tables, each account once. All transfers of a transaction happen or none, and so does all that was done
within one `book`. Nothing here edits: a pending transaction is ended by a row of its own, at most once; what
was wrong is reversed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from host import clock
from host.db.connection import Connection
from host.db.engine import Database
from host.ledger import chain
from host.ledger.chart import CNY, KINDS, REPORTS, UNITS, YES

POSTED, PENDING, VOIDED, EXPIRED = "posted", "pending", "voided", "expired"
AMOUNT_MAX = 2**53
TRANSFERS_MAX = 1000  # of one transaction


class LedgerError(Exception):
    """A rule of the books refuses; str() says which."""


class AlreadyBooked(LedgerError):
    """This kind and reference is in the books."""


class Overdraft(LedgerError):
    """An account would go below zero where its kind forbids it."""


class Transfer(NamedTuple):
    """`amount` in the accounts' unit, from one account to the other."""

    debit: int
    credit: int
    amount: int


class Why(NamedTuple):
    """What a transaction belongs to; kind and reference name it once and for all. happened_s is a hint.

    purse, tmc, change_fen, value_fen: of what a card's own counter tells (see host.ledger.purse).
    """

    kind: str
    reference: str | None
    who: str
    happened_s: int
    kiosk: str | None = None
    purse: int | None = None
    tmc: int | None = None
    change_fen: int | None = None
    value_fen: int | None = None
    before: int | None = None


@dataclass(slots=True)
class Account:
    """An account and where its balance stands by now."""

    id: int
    owner: str
    unit: str
    kind: str
    below_zero: str
    balance: int
    last_transfer: int | None


@dataclass(slots=True)
class Purse:
    """A purse card as the books know it by now; see the table."""

    account_id: int
    bonus_id: int | None
    uid: bytes
    issue: int
    tmc: int
    value_fen: int
    missing: int
    last_move: int | None


_ACCOUNT = "a.id, a.owner, a.unit, a.kind, a.below_zero, a.balance, a.last_transfer"
_PURSE = "p.account_id, p.bonus_id, p.uid, p.issue, p.tmc, p.value_fen, p.missing, p.last_move"
_LOCK = "SELECT a.id FROM accounts a"
_SELECT = f"SELECT {_ACCOUNT}, {_PURSE} FROM accounts a LEFT JOIN purses p ON p.account_id = a.id"


class Books:
    """The work of one write transaction; `flush` writes what was decided. Made by `book`."""

    def __init__(self, connection: Connection, writer: int = 0) -> None:
        self.connection = connection
        self.booked_s = clock.now_s()
        self.accounts: dict[int, Account] = {}
        self.purses: dict[int, Purse] = {}
        self._writer = writer
        self._names: dict[tuple[str, str, str], int] = {}
        self._references: set[tuple[str, str]] = set()
        self._changed: set[int] = set()
        self._changed_purses: set[int] = set()
        self._transactions: list[tuple[object, ...]] = []
        self._transfers: list[tuple[object, ...]] = []
        self._plans: list[tuple[int, int, int, int, int]] = []
        self._transaction, self._transfer, self._link = self._stand()

    @property
    def last(self) -> int:
        """The number of the newest transaction of this partition."""
        return self._transaction

    def _stand(self) -> tuple[int, int, bytes]:
        sql = "SELECT a.last_transaction, a.last_transfer, a.link FROM chains a WHERE a.writer = ?"
        row = self.connection.execute(sql + self.connection.LOCKED, (self._writer,)).fetchone()
        if row is None:
            first = chain.first_number(self._writer)
            start = (self._writer, first, first, chain.origin(self._writer))
            self.connection.execute("INSERT INTO chains VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", start)
            row = self.connection.execute(sql + self.connection.LOCKED, (self._writer,)).fetchone()
        return row[0], row[1], bytes(row[2])

    def load(self, ids: Iterable[int]) -> None:
        """Read accounts that will be touched, and their purses; nobody else changes them until the commit."""
        wanted = [number for number in ids if number not in self.accounts]
        if not wanted:
            return
        those = f" WHERE a.id IN {self.connection.INTS} ORDER BY a.id{self.connection.LOCKED}"
        if self.connection.LOCKED:  # on its own: who waits for a lock sees the purse of before the wait
            self.connection.execute(_LOCK + those, (self.connection.ints(wanted),))
        bonuses = []
        for row in self.connection.execute(_SELECT + those, (self.connection.ints(wanted),)):
            (
                number,
                owner,
                unit,
                kind,
                below,
                balance,
                last,
                purse,
                bonus,
                uid,
                issue,
                tmc,
                value,
                missing,
                move,
            ) = row
            self.accounts[number] = Account(number, owner, unit, kind, below, balance, last)
            self._names[owner, kind, unit] = number
            if purse is not None:
                self.purses[number] = Purse(number, bonus, bytes(uid), issue, tmc, value, missing, move)
                if bonus is not None:
                    bonuses.append(bonus)
        if bonuses:
            self.load(bonuses)

    def account(self, number: int) -> Account:
        """An account of this unit of work; LedgerError when there is none of this id."""
        found = self.accounts.get(number)
        if found is None:
            self.load([number])
            found = self.accounts.get(number)
            if found is None:
                raise LedgerError(f"there is no account {number}")
        return found

    def open_(self, owner: str, kind: str, unit: str = CNY) -> int:
        """An account's id; opened when it is new. KeyError for a kind or unit that is not in the chart."""
        known = self._names.get((owner, kind, unit))
        if known is not None:
            return known
        below, _ = KINDS[kind].below_zero, UNITS[unit]
        row = (
            self.connection.execute(
                "INSERT INTO accounts (owner, unit, kind, below_zero) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (owner, kind, unit) DO NOTHING RETURNING id",
                (owner, unit, kind, below),
            ).fetchone()
            or self.connection.execute(
                "SELECT id FROM accounts WHERE owner = ? AND kind = ? AND unit = ?", (owner, kind, unit)
            ).fetchone()
        )
        self.load([row[0]])
        return int(row[0])

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
        if why.kiosk is None or why.reference is not None:  # a kiosk's own texts are the protocol's
            self.must_be_new(why)  # before the question whether there is enough: what is asked again was done
        self._admit(transfers, by_report=False, moves=False)
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
        self._admit(transfers, by_report=False)
        return self._enter(POSTED, pending, why, transfers)

    def changed(self, purse: Purse) -> None:
        """A purse's state was set: it is written with the rest."""
        self._changed_purses.add(purse.account_id)

    def flush(self) -> None:
        """Write what was decided so far; the transaction may go on."""
        connection = self.connection
        if self._transactions:
            connection.insert("transactions", f"{chain.COLUMNS}, link", self._transactions)
            connection.insert("transfers", chain.TRANSFER_COLUMNS, self._transfers)
            connection.insert("plans", "transaction_id, place, debit_id, credit_id, amount", self._plans)
            rows = [
                (number, self.accounts[number].balance, self.accounts[number].last_transfer)
                for number in sorted(self._changed)
            ]
            connection.update("accounts", "id", "balance, last_transfer", rows)  # type: ignore[arg-type]
            connection.execute(
                "UPDATE chains SET last_transaction = ?, last_transfer = ?, link = ? WHERE writer = ?",
                (self._transaction, self._transfer, self._link, self._writer),
            )
            self._transactions, self._transfers, self._plans, self._changed = [], [], [], set()
        if self._changed_purses:
            purses = [self.purses[number] for number in sorted(self._changed_purses)]
            states = [(p.account_id, p.tmc, p.value_fen, p.missing, p.last_move) for p in purses]
            connection.update("purses", "account_id", "tmc, value_fen, missing, last_move", states)  # type: ignore[arg-type]
            self._changed_purses = set()

    def _admit(self, transfers: list[Transfer], by_report: bool, moves: bool = True) -> None:
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
            giver = accounts.get(debit) or self.account(debit)
            taker = accounts.get(credit) or self.account(credit)
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

    def _enter(self, state: str, ends: int | None, why: Why, transfers: list[Transfer]) -> int:
        accounts = self.accounts
        transaction, number, moved = self._transaction + 1, self._transfer, ""
        first = number + 1
        for debit, credit, amount in transfers:
            number += 1
            giver, taker = accounts[debit], accounts[credit]
            giver.balance -= amount
            taker.balance += amount
            entered = (
                number,
                transaction,
                debit,
                credit,
                amount,
                giver.balance,
                taker.balance,
                giver.last_transfer,
                taker.last_transfer,
            )
            giver.last_transfer = taker.last_transfer = number
            self._changed.add(debit)
            self._changed.add(credit)
            self._transfers.append(entered)
            moved += chain.transfer(entered)
        self._transfer = number
        return self._write(state, ends, why, first, moved)

    def _write(self, state: str, ends: int | None, why: Why, first: int | None, moved: str) -> int:
        kind, reference, who, happened_s, kiosk, purse, tmc, change_fen, value_fen, before = why
        number = self._transaction + 1
        if reference is not None:
            self._references.add((kind, reference))  # not before: what was refused leaves its name free
        row = (
            *(number, state, ends, kind, reference, who, kiosk, purse, tmc, change_fen, value_fen, before),
            *(first, happened_s, self.booked_s),
        )
        self._link = chain.link(self._link, chain.line(row, moved))
        self._transactions.append((*row, self._link))
        self._transaction = number
        return number


@contextmanager
def book(database: Database) -> Iterator[Books]:
    """A unit of work: all of it is written and committed at the end, or nothing when it raises."""
    with database.write() as connection:
        books = Books(connection, database.writer)
        yield books
        books.flush()


def transfers_of(connection: Connection, transaction_id: int, first: int) -> list[Transfer]:
    """What a posted transaction moved; first: its first_transfer."""
    rows = connection.execute(
        "SELECT debit_id, credit_id, amount FROM transfers WHERE id BETWEEN ? AND ? AND transaction_id = ?"
        " ORDER BY id",
        (first, first + TRANSFERS_MAX, transaction_id),
    )
    return [Transfer(*row) for row in rows]


def state_of(connection: Connection, transaction_id: int) -> str:
    """pending, posted, voided or expired; LedgerError when there is no such transaction."""
    row = connection.execute(
        "SELECT state FROM transactions WHERE id = ? OR ends = ? ORDER BY ends IS NULL LIMIT 1",
        (transaction_id, transaction_id),
    ).fetchone()
    if row is None:
        raise LedgerError(f"there is no transaction {transaction_id}")
    return str(row["state"])
