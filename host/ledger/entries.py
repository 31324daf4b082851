"""Rows of a unit of work: numbered, chained and kept until they are written together.

What may be entered is decided in host.ledger.books, but for the sale of a card that simply counts on: it
comes so often that its checks and its rows are here in one piece.
"""

from typing import Any, NamedTuple

from host import clock
from host.db.connection import Connection
from host.ledger import chain
from host.ledger.chart import KIOSK
from host.ledger.terms import Account, Purse, Transfer, Why
from host.ledger.touched import Touched

_TRANSFER = len(chain.TRANSFER_COLUMNS.split(", "))
_DEBIT, _CREDIT = 2, 3  # their places there


class Seller(NamedTuple):
    """Where a kiosk's sales go, and how a row of such a kind and its link name it."""

    earned: Account
    kind: str
    who: str
    kiosk: str
    names: bytes


def seller(earned: Account, kind: str, kiosk: str) -> Seller:
    """earned: the account of the kiosk's sales."""
    who = KIOSK + kiosk
    return Seller(earned, kind, who, kiosk, chain.names(kind, who, kiosk))


class Entries(Touched):
    """The ends of this writer's partition, and what is not written yet."""

    def __init__(self, connection: Connection, writer: int) -> None:
        super().__init__(connection)
        self.booked_s = clock.now_s()
        self._writer = writer
        self._references: set[tuple[str, str]] = set()
        self._transactions: list[tuple[object, ...]] = []
        # row after row: transactions as well, without the columns that a sale leaves; and transfers
        self._sales: list[Any] = []
        self._transfers: list[Any] = []
        self._plans: list[tuple[int, int, int, int, int]] = []
        self._transaction, self._transfer, self._link = self._ends or self._stand()

    @property
    def last(self) -> int:
        """The number of the newest transaction of this partition."""
        return self._transaction

    def remember(self) -> None:
        """See Touched: also where this partition ends."""
        self._ends = self._transaction, self._transfer, self._link
        super().remember()

    def _stand(self) -> tuple[int, int, bytes]:
        sql = "SELECT a.last_transaction, a.last_transfer, a.link FROM chains a WHERE a.writer = ?"
        row = self.connection.execute(sql + self.connection.LOCKED, (self._writer,)).fetchone()
        if row is None:
            first = chain.first_number(self._writer)
            start = (self._writer, first, first, chain.origin(self._writer))
            self.connection.execute("INSERT INTO chains VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", start)
            row = self.connection.execute(sql + self.connection.LOCKED, (self._writer,)).fetchone()
        return row[0], row[1], bytes(row[2])

    def flush(self) -> None:
        """Write what was decided so far; the transaction may go on."""
        connection = self.connection
        if self._transactions or self._sales:
            connection.insert("transactions", f"{chain.COLUMNS}, link", self._transactions)
            connection.insert_flat("transactions", chain.SALE_COLUMNS, self._sales)
            connection.insert_flat("transfers", chain.TRANSFER_COLUMNS, self._transfers)
            connection.insert("plans", "transaction_id, place, debit_id, credit_id, amount", self._plans)
            connection.execute(
                "UPDATE chains SET last_transaction = ?, last_transfer = ?, link = ? WHERE writer = ?",
                (self._transaction, self._transfer, self._link, self._writer),
            )
            self._moved.update(self._transfers[_DEBIT::_TRANSFER], self._transfers[_CREDIT::_TRANSFER])
            self._transactions, self._sales, self._transfers, self._plans = [], [], [], []
        self._write_touched()

    def sell(
        self, purse: Purse, seller: Seller, tmc: int, amount: int, value_fen: int, happened_s: int
    ) -> int | None:
        """A card's next counter, paid from its principal alone, which is enough -> the transaction. None, and
        nothing is done, for what is not just that: host.ledger.purse.book_sale knows more.

        amount and the card's value after it in fen.
        """
        earned, kind, who, kiosk, names = seller
        giver = self.accounts[purse.account_id]
        if (
            not 1 < tmc == purse.tmc + 1  # not its first
            or purse.value_fen - amount != value_fen
            or purse.missing
            or purse.bonus_id is not None
            or type(amount) is not int
            or not 0 < amount <= giver.balance
            or giver.kind != "card"
            or giver.unit != earned.unit
        ):
            return None
        self._transaction = number = self._transaction + 1
        self._transfer = first = self._transfer + 1
        debit, credit, now_s, before = giver.id, earned.id, self.booked_s, purse.last_move
        debit_before, credit_before = giver.last_transfer, earned.last_transfer
        giver.balance = left = giver.balance - amount
        earned.balance = taken = earned.balance + amount
        self._link = link = chain.sold(
            (
                self._link,
                number,
                names,
                debit,
                tmc,
                -amount,
                value_fen,
                before,
                first,
                happened_s,
                now_s,
                first,
                debit,
                credit,
                amount,
                left,
                taken,
                debit_before,
                credit_before,
            )
        )
        self._sales += (
            number,
            kind,
            who,
            kiosk,
            debit,
            tmc,
            -amount,
            value_fen,
            before,
            first,
            happened_s,
            now_s,
            link,
        )
        self._transfers += (first, number, debit, credit, amount, left, taken, debit_before, credit_before)
        giver.last_transfer = earned.last_transfer = first
        purse.tmc, purse.value_fen, purse.last_move = tmc, value_fen, number
        return number

    def _enter(self, state: str, ends: int | None, why: Why, transfers: list[Transfer]) -> int:
        accounts = self.accounts
        transaction, number, moved = self._transaction + 1, self._transfer, ""
        first = number + 1
        for debit, credit, amount in transfers:
            number += 1
            giver, taker = accounts[debit], accounts[credit]
            giver.balance -= amount
            taker.balance += amount
            after, before = (giver.balance, taker.balance), (giver.last_transfer, taker.last_transfer)
            entered = (number, transaction, debit, credit, amount, *after, *before)
            giver.last_transfer = taker.last_transfer = number
            self._transfers += entered
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
