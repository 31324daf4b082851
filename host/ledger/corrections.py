"""Putting right what was booked: never an edit, always one more transaction."""

from dataclasses import dataclass

from host.db.connection import Connection
from host.ledger.asked import transfers_of
from host.ledger.books import Books
from host.ledger.chart import kiosk_owner
from host.ledger.lots import LOTS
from host.ledger.purse import CardMove
from host.ledger.terms import POSTED, LedgerError, Transfer, Why

REVERSAL, CORRECTION = "reversal", "correction"


@dataclass(frozen=True)
class Place:
    """Whose sale a debit is by now; inferred: on that kiosk's word alone, which proof may still correct."""

    kiosk: str | None
    inferred: bool


def infer(books: Books, transaction_id: int) -> None:
    """Mark a sale as one whose kiosk nothing proves."""
    books.flush()
    books.connection.execute("INSERT INTO inferences (transaction_id) VALUES (?)", (transaction_id,))


def place(connection: Connection, transaction_id: int, move: CardMove) -> Place:
    """Where a debit of the books, which this transaction holds, took place; no kiosk for a top-up."""
    row = connection.execute(
        "SELECT t.kiosk,"
        " (SELECT c.kiosk FROM transactions c WHERE c.kind = ? AND c.reference = ?) AS moved_to,"
        " (SELECT count(*) FROM inferences i WHERE i.transaction_id = t.id) AS inferred"
        " FROM transactions t WHERE t.id = ?",
        (CORRECTION, move.reference, transaction_id),
    ).fetchone()
    if row["moved_to"] is not None:
        return Place(row["moved_to"], False)
    return Place(row["kiosk"], bool(row["inferred"]))


def move_sale(books: Books, move: CardMove, old: str, new: str) -> int:
    """A debit's income from one kiosk's sales to another's, whose proof came later. Its id; AlreadyBooked."""
    why = Why(CORRECTION, move.reference, kiosk_owner(new), books.booked_s, kiosk=new)
    earned = books.open_(kiosk_owner(old), "sales")
    return books.post(why, [Transfer(earned, books.open_(kiosk_owner(new), "sales"), -move.change_fen)])


def reverse(books: Books, transaction_id: int, who: str) -> int:
    """Every transfer of a posted transaction the other way round. The new transaction's id.

    AlreadyBooked when it was reversed before; Overdraft when what it gave is spent; LedgerError when it moved
    nothing, or tells what a card did: a card's money changes only on the card.
    """
    books.flush()
    row = books.connection.execute(
        "SELECT state, purse, first_transfer, happened_s FROM transactions WHERE id = ?", (transaction_id,)
    ).fetchone()
    if row is None or row["state"] != POSTED:
        raise LedgerError(f"transaction {transaction_id} has moved nothing that could be reversed")
    if row["purse"] is not None:
        raise LedgerError(f"transaction {transaction_id} happened on a card: only the card can take it back")
    moved = transfers_of(books.connection, transaction_id, row["first_transfer"])
    for transfer in moved:
        if LOTS in (books.account(transfer.debit).kind, books.account(transfer.credit).kind):
            raise LedgerError(f"transaction {transaction_id} moved points: spend or earn them back")
    why = Why(REVERSAL, f"transaction:{transaction_id}", who, books.booked_s)
    return books.post(why, [Transfer(credit, debit, amount) for debit, credit, amount in reversed(moved)])
