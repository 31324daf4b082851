"""Purse cards in the books: what a card itself committed, known by (UID, issue, TMC) once and for ever.

A purse keeps the highest counter that was reported and the ranges below it that were not. So whether a
counter is booked is known without a search, and what booking costs does not grow with a card's history. The
card's moves themselves hang together by `before`, the newest first.
"""

from typing import NamedTuple

from host.db.connection import Connection
from host.ledger.books import Books
from host.ledger.chart import card_owner, kiosk_owner
from host.ledger.entries import seller
from host.ledger.terms import AlreadyBooked, LedgerError, Purse, Transfer, Why

WALK_MAX = 200  # moves that are looked through for one report
TO_THE_FIRST = 1 << 40  # as far as a card goes back: for a person's question, not for a kiosk's report


class TooFar(Exception):
    """The books hold this counter of a card, but too many of its moves ago to look for it."""


class CardMove(NamedTuple):
    """One committed change of a card: change_fen below zero is a debit; tmc is the counter after it."""

    uid: bytes
    issue: int
    tmc: int
    change_fen: int
    value_after_fen: int

    @property
    def reference(self) -> str:
        """UID.issue.TMC"""
        return f"{self.uid.hex().upper()}.{self.issue}.{self.tmc}"


def find(connection: Connection, uid: bytes, issue: int) -> int | None:
    """The account of a purse, None for one that the books never heard of."""
    row = connection.execute(
        "SELECT account_id FROM purses WHERE uid = ? AND issue = ?", (uid, issue)
    ).fetchone()
    return None if row is None else int(row[0])


def open_(books: Books, uid: bytes, issue: int, known: bool) -> Purse:
    """A card's purse, opened when it is new; known: is the card ours? Of others the money is suspense."""
    number = find(books.connection, uid, issue)
    if number is None:
        number = books.open_(card_owner(uid, issue), "card" if known else "suspense")
        if number not in books.purses:  # else another worker has just opened it
            books.connection.execute(
                "INSERT INTO purses (account_id, uid, issue) VALUES (?, ?, ?)", (number, uid, issue)
            )
            books.purses[number] = Purse(number, None, uid, issue, 0, 0, 0, None)
    else:
        books.load([number])
    return books.purses[number]


def is_booked(connection: Connection, purse: Purse, tmc: int) -> bool:
    """Do the books hold this counter?"""
    return _holds(connection, purse.account_id, purse.tmc, purse.missing, tmc)


def _holds(connection: Connection, account_id: int, highest: int, missing: int, tmc: int) -> bool:
    if not 1 <= tmc <= highest:
        return False
    if not missing:
        return True
    gap = connection.execute(
        "SELECT 1 FROM purse_gaps WHERE account_id = ? AND first <= ? AND last >= ?", (account_id, tmc, tmc)
    ).fetchone()
    return gap is None


def gaps(connection: Connection, account_id: int) -> list[tuple[int, int]]:
    """Counters that nobody has reported: [(first, last)], rising."""
    rows = connection.execute(
        "SELECT first, last FROM purse_gaps WHERE account_id = ? ORDER BY first", (account_id,)
    )
    return [(row[0], row[1]) for row in rows]


def take(books: Books, purse: Purse, tmc: int, value_fen: int) -> None:
    """This counter is in the books by now; it must not have been. Opens a gap, or closes or splits one."""
    connection = books.connection
    if tmc == purse.tmc + 1:
        purse.tmc, purse.value_fen = tmc, value_fen
    elif tmc > purse.tmc:
        connection.execute(
            "INSERT INTO purse_gaps (account_id, first, last) VALUES (?, ?, ?)",
            (purse.account_id, purse.tmc + 1, tmc - 1),
        )
        purse.missing += tmc - 1 - purse.tmc
        purse.tmc, purse.value_fen = tmc, value_fen
    else:
        gap = (purse.account_id, tmc, tmc)
        first, last = connection.execute(
            "DELETE FROM purse_gaps WHERE account_id = ? AND first <= ? AND last >= ? RETURNING first, last",
            gap,
        ).fetchone()
        left = [(first, tmc - 1), (tmc + 1, last)]
        rows = [(purse.account_id, low, high) for low, high in left if low <= high]
        connection.insert("purse_gaps", "account_id, first, last", rows)
        purse.missing -= 1
    books.changed(purse)


_OF_CARD = " FROM purses p JOIN accounts a ON a.id = p.account_id WHERE p.uid = ? AND p.issue = ?"
_WALK = (
    "WITH RECURSIVE walk (id, before, tmc, change_fen, value_fen, step) AS ("
    "SELECT id, before, tmc, change_fen, value_fen, 1 FROM transactions WHERE id = ? UNION ALL"
    " SELECT t.id, t.before, t.tmc, t.change_fen, t.value_fen, w.step + 1"
    " FROM walk w JOIN transactions t ON t.id = w.before WHERE w.tmc <> ? AND w.step < ?)"
    " SELECT id, before, tmc, change_fen, value_fen FROM walk ORDER BY step DESC LIMIT 1"
)


def moved(
    connection: Connection, uid: bytes, issue: int, tmc: int, reach: int = WALK_MAX
) -> tuple[int, CardMove] | None:
    """(transaction, move) that the books hold for this counter of this card; None when they hold none.

    Walks back from the newest, `reach` moves at most: whoever reports a counter chooses how far it lies.
    TooFar when the counter is booked, but before that. Books that are being worked on must be flushed before.
    """
    row = connection.execute(f"SELECT account_id, tmc, missing, last_move{_OF_CARD}", (uid, issue)).fetchone()
    if row is None or not _holds(connection, row["account_id"], row["tmc"], row["missing"], tmc):
        return None
    found = connection.execute(_WALK, (row["last_move"], tmc, reach)).fetchone()
    if found is None:
        return None
    if found["tmc"] == tmc:
        return found["id"], CardMove(uid, issue, tmc, found["change_fen"], found["value_fen"])
    if found["before"] is None:
        return None
    raise TooFar(f"{uid.hex().upper()}.{issue}.{tmc} lies more than {reach} moves back")


def last_move(connection: Connection, uid: bytes, issue: int) -> tuple[int, int]:
    """(TMC, value) that the card last said; (0, 0) before its first move."""
    row = connection.execute(f"SELECT tmc, value_fen{_OF_CARD}", (uid, issue)).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def has_gap(connection: Connection, uid: bytes, issue: int) -> bool:
    """Is a counter missing below the highest one?"""
    row = connection.execute(f"SELECT missing{_OF_CARD}", (uid, issue)).fetchone()
    return row is not None and row[0] > 0


def paid_from(books: Books, purse: Purse, amount_fen: int) -> list[tuple[int, int]]:
    """Which of a card's accounts pay: [(account, amount)]. What was paid in goes first, then what was given.

    The card has paid already: what neither account holds leaves the principal below zero.
    """
    if purse.bonus_id is None:
        return [(purse.account_id, amount_fen)]
    bonus_fen = books.account(purse.bonus_id).balance
    principal_fen = max(books.account(purse.account_id).balance, 0)
    from_bonus_fen = min(bonus_fen, max(amount_fen - principal_fen, 0))
    parts = [(purse.account_id, amount_fen - from_bonus_fen), (purse.bonus_id, from_bonus_fen)]
    return [part for part in parts if part[1]]


def book_sale(books: Books, kind: str, purse: Purse, move: CardMove, kiosk: str, happened_s: int) -> int:
    """A debit that the card committed at a kiosk: card -> sales. kind: "sale" or "settlement". Its id.

    AlreadyBooked when the books hold this counter; LedgerError when no card counts so.
    """
    if move.tmc <= purse.tmc:
        if move.tmc < 1:
            raise LedgerError(f"{move.reference}: a card's counters begin at 1")
        if is_booked(books.connection, purse, move.tmc):
            raise AlreadyBooked(f"the books hold {move.reference}")
    who = kiosk_owner(kiosk)
    earned = books.open_(who, "sales")
    amount_fen, by = -move.change_fen, seller(books.account(earned), kind, kiosk)
    sold = books.sell(purse, by, move.tmc, amount_fen, move.value_after_fen, happened_s)
    if sold is not None:
        return sold
    transfers = [Transfer(payer, earned, part) for payer, part in paid_from(books, purse, amount_fen)]
    why = Why(
        *(kind, None, who, happened_s, kiosk, purse.account_id, move.tmc, move.change_fen),
        *(move.value_after_fen, purse.last_move),
    )
    number = books.post(why, transfers, True)
    purse.last_move = number
    take(books, purse, move.tmc, move.value_after_fen)
    return number
