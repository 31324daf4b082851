"""Top-ups of purse cards: planned when cash was taken, posted when the card has proved it, or voided."""

from host.db.connection import Connection
from host.ledger.books import Books
from host.ledger.chart import HOUSE, card_owner
from host.ledger.purse import CardMove, is_booked, open_, take
from host.ledger.terms import POSTED, VOIDED, AlreadyBooked, Purse, Transfer, Why


def plan_load(books: Books, move: CardMove, who: str, at_s: int, bonus_fen: int = 0) -> int:
    """Cash taken for a top-up whose commit is about to be sent: cash -> card, pending. Its id.

    bonus_fen: how much of the change is given and not paid; at most all of it.
    """
    connection = books.connection
    attempts = connection.execute(
        "SELECT count(*) AS n FROM card_loads WHERE uid = ? AND issue = ?", (move.uid, move.issue)
    ).fetchone()["n"]
    purse = open_(books, move.uid, move.issue, known=True)
    transfers = []
    if move.change_fen - bonus_fen:
        cash = books.open_(HOUSE, "cash")
        transfers.append(Transfer(cash, purse.account_id, move.change_fen - bonus_fen))
    if bonus_fen:
        given = books.open_(HOUSE, "given")
        transfers.append(Transfer(given, _bonus(books, purse), bonus_fen))
    number = books.plan(Why("load", f"{move.reference}.{attempts + 1}", who, at_s), transfers)
    books.flush()
    connection.execute(
        "INSERT INTO card_loads (transaction_id, uid, issue, tmc, amount_fen, value_after_fen)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (number, move.uid, move.issue, move.tmc, move.change_fen, move.value_after_fen),
    )
    return number


def _bonus(books: Books, purse: Purse) -> int:
    if purse.bonus_id is None:
        purse.bonus_id = books.open_(card_owner(purse.uid, purse.issue), "bonus")
        books.connection.execute(
            "UPDATE purses SET bonus_id = ? WHERE account_id = ?", (purse.bonus_id, purse.account_id)
        )
    return purse.bonus_id


def post_load(books: Books, transaction_id: int, move: CardMove, who: str) -> None:
    """The card proved the top-up: post it and take its counter into the books. LedgerError, AlreadyBooked."""
    purse = open_(books, move.uid, move.issue, known=True)
    if is_booked(books.connection, purse, move.tmc):
        raise AlreadyBooked(f"the books hold {move.reference}")
    why = Why(
        *("load", None, who, books.booked_s, None, purse.account_id, move.tmc, move.change_fen),
        *(move.value_after_fen, purse.last_move),
    )
    purse.last_move = books.end(transaction_id, POSTED, why)
    take(books, purse, move.tmc, move.value_after_fen)


def void_load(books: Books, transaction_id: int, who: str) -> None:
    """The card did not commit the top-up and never will. LedgerError."""
    books.end(transaction_id, VOIDED, Why("load", None, who, books.booked_s))


def pending_loads(connection: Connection, uid: bytes, issue: int) -> list[tuple[int, CardMove]]:
    """Top-ups of which nobody knows yet whether the card committed them: [(transaction id, move)]."""
    rows = connection.execute(
        "SELECT l.transaction_id, l.tmc, l.amount_fen, l.value_after_fen FROM card_loads l"
        " WHERE l.uid = ? AND l.issue = ? AND NOT EXISTS (SELECT 1 FROM transactions t"
        " WHERE t.ends = l.transaction_id) ORDER BY l.transaction_id",
        (uid, issue),
    )
    return [
        (row["transaction_id"], CardMove(uid, issue, row["tmc"], row["amount_fen"], row["value_after_fen"]))
        for row in rows
    ]
